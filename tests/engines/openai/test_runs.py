"""Whole runs on servers, by the Python API and the magics; and no key in anything that is kept of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import vnb
from vnb.api import runtime as runtimes
from vnb.api.runtime import Runtime
from vnb.errors import EngineError, RunError
from vnb.models import TINY
from vnb.views import report_step

from . import llama_server
from .fake import CUT, DONE, Asked, Fake, Reply, chunk, refuse, says, usage

KEY = "sk-0123456789abcdef"
PLAN = {
    "steps": [
        {"id": "s1", "title": "Rise", "instruction": "say why it rises", "needs": []},
        {"id": "s2", "title": "Fall", "instruction": "say why it falls", "needs": ["s1"]},
    ]
}


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setenv("VNB_API_KEY", KEY)
    runtime = Runtime(tmp_path / "runs.sqlite")
    monkeypatch.setattr(runtimes, "_runtime", runtime)
    yield runtime
    runtime.close()


def carries(asked: Asked) -> Reply:
    """What a model would answer to the roles of a run."""
    if asked.headers.get("Authorization") != f"Bearer {KEY}":
        return refuse(401, "no key")
    if "top_k" in asked.body:
        return refuse(400, "Unrecognized request argument supplied: top_k")
    schema = asked.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    text = f"Because of the Moon ({len(asked.body['messages'][-1]['content'])})."
    if "steps" in schema.get("properties", {}):
        text = json.dumps(PLAN)
    elif schema:
        text = json.dumps({name: [] if name == "constraints" else "tides" for name in schema["properties"]})
    pieces = [chunk(text[at : at + 5]) for at in range(0, len(text), 5)]
    return says(*pieces, chunk(finish="stop"), usage(100, len(pieces), 60), DONE)


def test_a_task_is_planned_and_carried_by_a_server(runtime: Runtime, tmp_path: Path) -> None:
    with Fake({"/v1/chat/completions": carries}) as fake:
        run = vnb.task("Explain the tides", model=fake.spec, temperature=0.5).run()
        assert run.status == "finished"
        assert [step.id for step in run.plan.steps] == ["s1", "s2"]
        assert "Because of the Moon" in (run["s2"].output or "") and "Because of the Moon" in (run.result or "")
        assert {body["model"] for body in fake.bodies()} == {"fake"}
        assert {body["temperature"] for body in fake.bodies() if "response_format" not in body} == {0.5}
        used = run["s2"].attempts[0].usage
        assert (used.prompt_tokens, used.cached_tokens, used.timing_source) == (100, 60, "arrival")
        calls = len(fake.bodies())
        again = vnb.task("Explain the tides", model=fake.spec, temperature=0.5).run()
        assert again.result == run.result and len(fake.bodies()) == calls  # all of it was found again
        said = report_step.figures(run.view.steps["s1"].attempts[0], 0)
        assert "not taken by the server: top_k" in said and "estimated" not in said
        run.export(str(tmp_path / "run.html"))
        run.export(str(tmp_path / "run.jsonl"))
    runtime.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert fake.spec.encode() in kept and KEY.encode() not in kept


def test_a_server_that_breaks_off_fails_its_step_alone_and_the_run_goes_on_later(runtime: Runtime) -> None:
    broken = ["s1"]

    def reply(asked: Asked) -> Reply:
        if broken and "say why it rises" in asked.body["messages"][-1]["content"]:
            return says(chunk("Bec"), CUT)
        return says(chunk("fine"), chunk(finish="stop"), DONE)

    with Fake({"/v1/chat/completions": reply}) as fake:
        vnb.load(fake.spec, timeout=5)
        with pytest.raises(RunError, match="cut the connection") as caught:
            vnb.plan("s1: say why it rises\ns2: say hello").run()
        run = caught.value.run
        assert isinstance(run, vnb.api.run.Run)
        assert run["s1"].attempts[0].status == "failed" and run["s1"].attempts[0].output == "Bec"
        assert run["s2"].output == "fine"
        assert "tokens are estimated" in report_step.figures(run.view.steps["s2"].attempts[0], 0)
        broken.clear()
        assert run.resume()["s1"].output == "fine"


def test_vnb_tiny_plans_and_works_through_a_real_server(runtime: Runtime) -> None:
    server = llama_server.start(TINY, ctx=1024, slots=4, key=KEY)
    spec = f"{server.listening_address}/v1"
    task = "Take 36: halve it, then halve it."
    run = vnb.task(task, model=spec, seed=1).run()
    here = vnb.task(task, model="tiny", seed=1).run()
    assert run.status == here.status == "finished"
    assert run.result
    sent, same = (one["plan"].attempts[0] for one in (run, here))
    assert (
        sent.prompt is not None and sent.prompt == same.prompt and sent.prompt.spans
    )  # token by token what the engine in this process is sent
    assert sent.usage.prompt_tokens == len(sent.prompt.token_ids) and not sent.usage.estimated
    with pytest.raises(EngineError, match="has no model tiny"):
        vnb.load(f"{spec}#tiny")
    runtime.unload()
