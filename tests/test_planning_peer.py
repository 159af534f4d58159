"""LangGraph's recipe as a way of the planning bench: a script stands for the server, no model is asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import langgraph_peer
from benchmarks.planning import __main__ as command
from benchmarks.planning import report
from benchmarks.planning.grade import grade
from benchmarks.planning.items import Item
from benchmarks.planning.plan_and_execute import RECURSION_LIMIT
from benchmarks.planning.ways import Model

ITEM = Item("word", "en", "dev", 0, 0, "How many pens are in 6 packs of 7?", {"number": 42, "story": "pencils"})
needs_langgraph = pytest.mark.skipif(not langgraph_peer.is_here(), reason="pip install -r benchmarks/requirements.txt")


class Server:
    """Answers chat completions by a script: called with a request, it gives text, a finish reason, or a whole answer."""

    def __init__(self, reply: Callable[[dict[str, Any]], str | dict[str, Any]]) -> None:
        self._reply, self.requests = reply, list[dict[str, Any]]()

    def handle_chat_completions(self, body: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(body)
        reply = self._reply(body)
        if isinstance(reply, dict):
            return reply
        choice = {"message": {"content": reply}, "finish_reason": "stop"}
        return {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 3}}


def in_turn(*replies: str | dict[str, Any]) -> Server:
    left = iter(replies)
    return Server(lambda _: next(left))


def outcomes(server: Server, end: float = float("inf")) -> list[dict[str, Any]]:
    model = Model(Path("none.gguf"), max_tokens=64)
    model._server = server
    return [outcome for _, outcome in model.outcomes("langgraph", [ITEM], end)]


def plan(*steps: str) -> str:
    return json.dumps({"steps": steps})


def act(**action: Any) -> str:
    return json.dumps({"action": action})


@needs_langgraph
def test_a_plan_of_two_steps_is_executed_and_answered() -> None:
    first, second = "Multiply 6 packs by 7.", "State the product, 42."
    server = in_turn(plan(first, second), "6 * 7 = 42", act(steps=[second]), "It is 42.", act(response="42 pens"))
    (found,) = outcomes(server)
    assert found["status"] == "finished" and found["result"] == "42 pens" and grade(ITEM, found["result"]).right
    assert (found["calls"], found["steps"], found["tokens_in"], found["tokens_out"]) == (5, 2, 50, 15)
    assert found["faults"] == [] and found["seconds"] > 0 and "agent: It is 42." in found["replies"]
    prompts = [request["messages"][-1]["content"] for request in server.requests]
    assert prompts[0] == ITEM.text and f"1. {first}\n2. {second}" in prompts[1]
    assert f"1. {second}" in prompts[3] and first not in prompts[3], "a step is shown the plan that is left"
    assert all(word in prompts[4] for word in (ITEM.text, "6 * 7 = 42", "It is 42."))


@needs_langgraph
def test_the_peer_samples_as_raw_does_and_asks_for_json_where_the_tutorial_does() -> None:
    server = in_turn(plan("Add."), "42", act(response="42"), "42")
    outcomes(server)
    model = Model(Path("none.gguf"), max_tokens=64)
    model._server = server
    assert len(list(model.outcomes("raw", [ITEM]))) == 1
    planner, agent, replan, raw = server.requests
    for request in (planner, agent, replan):
        assert {name: value for name, value in request.items() if name not in ("messages", "response_format")} == {
            name: value for name, value in raw.items() if name != "messages"
        }
    schemas = [request["response_format"]["json_schema"]["schema"] for request in (planner, replan)]
    assert schemas[0]["required"] == ["steps"] and schemas[1]["required"] == ["action"]
    assert "response_format" not in agent


@needs_langgraph
def test_a_plan_that_never_ends_is_bounded_and_failed() -> None:
    def endless(request: dict[str, Any]) -> str:
        wanted = request.get("response_format")
        if wanted is None:
            return "Done."
        return plan("Go.") if "steps" in wanted["json_schema"]["schema"]["properties"] else act(steps=["Go on."])

    server = Server(endless)
    (found,) = outcomes(server)
    assert (found["status"], found["result"]) == ("failed", "") and str(RECURSION_LIMIT) in found["error"]
    assert found["calls"] == len(server.requests) == RECURSION_LIMIT


@needs_langgraph
@pytest.mark.parametrize("answer", ["1. Multiply", '{"steps": ["Multi', "[]", '{"steps": []}', '{"steps": [1]}', ""])
def test_a_plan_that_cannot_be_read_fails_the_task(answer: str) -> None:
    (found,) = outcomes(in_turn(answer))
    assert (found["status"], found["result"], found["calls"]) == ("failed", "", 1) and found["error"]
    assert found["tokens_out"] == 3, "what it cost counts all the same"
    assert not grade(ITEM, found["result"]).right


@needs_langgraph
@pytest.mark.parametrize("answer", ["42", act(), act(steps=[]), '{"action": "42"}', act(response=42)])
def test_a_replan_that_cannot_be_read_fails_the_task(answer: str) -> None:
    (found,) = outcomes(in_turn(plan("Multiply."), "42", answer))
    assert (found["status"], found["result"], found["calls"]) == ("failed", "", 3) and found["error"]


@needs_langgraph
def test_an_error_of_the_server_fails_the_task_with_its_words() -> None:
    (found,) = outcomes(in_turn(plan("Multiply."), {"error": {"message": "the context is full"}}))
    assert found["status"] == "failed" and "the context is full" in found["error"] and found["calls"] == 1


@needs_langgraph
def test_a_step_that_is_cut_is_a_fault() -> None:
    cut = {"choices": [{"message": {"content": "6 * 7 ="}, "finish_reason": "length"}]}
    (found,) = outcomes(in_turn(plan("Multiply."), cut, act(response="42")))
    assert found["faults"] == ["agent: length"] and found["status"] == "finished"


@needs_langgraph
def test_a_task_that_the_end_interrupts_is_left_for_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def late(_: dict[str, Any]) -> str:
        now[0] = 11.0
        return plan("Multiply.")

    server = Server(late)
    assert outcomes(server, end=10.0) == [] and len(server.requests) == 1


def test_without_langgraph_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VNB_HOME", "")
    monkeypatch.setattr(command, "is_here", lambda: False)
    file = tmp_path / "a.gguf"
    file.touch()
    assert command.main([str(file), "--ways", "raw,langgraph", "--out", str(tmp_path)]) == 2
    assert "pip install -r benchmarks/requirements.txt" in capsys.readouterr().err


def test_the_tables_compare_with_the_peer_and_hold_vnb_alone_to_what_is_wanted() -> None:
    base = {
        "model": "m",
        "family": "word",
        "language": "en",
        "details": {},
        "in_language": True,
        "seconds": 1,
        "code": "c",
    }
    right = {"auto": True, "raw": False, "langgraph": False}
    records = [
        {**base, "item": f"word/en/held/0/{n}", "way": way, "right": right[way], "status": "finished", "faults": []}
        for n in range(6)
        for way in right
    ]
    records[2] |= {"status": "failed"}
    records[5] |= {"faults": ["agent: loop"], "steps": 2}
    answers, _, sound, held = report.tables(records)
    row = dict(zip(answers.heads, answers.rows[0]))
    assert row["p, auto : langgraph"] == row["p, auto : raw"] == "0.031 (+6 −0)"
    assert row["p, langgraph : raw"] == "1.000 (+0 −0)"
    peer = dict(zip(sound.heads, next(row for row in sound.rows if "langgraph" in row)))
    assert (peer["plain with a fault"], peer["with warnings"], peer["steps"]) == ("1/6", "1/6", 2)
    assert all(claim.holds for claim in held.claims), "the peer's loop is no fault of vnb's"
