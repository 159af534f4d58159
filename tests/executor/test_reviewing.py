"""A review after a failure changes something, or gives up and says why."""

from __future__ import annotations

import json

import pytest

from vnb.engines.scripted import Fail, ScriptedEngine

from .conftest import Bench, engine, role_of, script, statuses

PLAN = "s1: a\ns2: b <- s1\ns3: c <- s2"
IDLE = json.dumps({"changes": [{"op": "reword", "id": "s2", "instruction": "b", "needs": ["s1"]}]})
EMPTY = json.dumps({"changes": []})
BETTER = json.dumps({"changes": [{"op": "reword", "id": "s2", "instruction": "B", "needs": ["s1"]}]})
GIVE_UP = json.dumps({"give_up": "no step can know that"})


def reviews(played: ScriptedEngine) -> list[str]:
    return [one.prompt.text for one in played.requests if role_of(one.prompt) == "review"]


@pytest.mark.parametrize("first", [IDLE, EMPTY, "I see no problem."])
def test_an_answer_that_changes_nothing_is_asked_for_once_more_with_the_reason(bench: Bench, first: str) -> None:
    played = engine(b=Fail(0, "too hard"), review=[first, BETTER])
    log = bench.carry(played, plan=PLAN, replan=2)
    assert (log.view.status, log.view.steps["s2"].step.instruction) == ("finished", "B")
    assert [one.status for one in log.view.steps["review.1"].attempts] == ["failed", "finished"]
    one, two = reviews(played)[:2]
    assert "Problem: s2: too hard" in one and "Problem: " in two.replace("Problem: s2: too hard", "")


@pytest.mark.parametrize("answer", [IDLE, EMPTY])
def test_one_that_will_change_nothing_leaves_the_run_failed(bench: Bench, answer: str) -> None:
    played = engine(b=Fail(0, "too hard"), review=answer)
    log = bench.carry(played, plan=PLAN, replan=2)
    assert (log.view.status, statuses(log)["review.1"]) == ("failed", "failed")
    assert len(reviews(played)) == 2


def test_giving_up_is_on_record(bench: Bench) -> None:
    played = engine(b=Fail(0), review=GIVE_UP)
    log = bench.carry(played, plan=PLAN, replan=2)
    assert (log.view.status, statuses(log)["review.1"]) == ("failed", "finished")
    assert [revision.reason for revision in log.view.revisions] == ["review.1: it gives up: no step can know that"]
    assert len(reviews(played)) == 1


def test_the_schema_of_a_review_after_a_failure_has_no_empty_exit(bench: Bench) -> None:
    found: list[str] = []
    said = script(b=Fail(0), review=BETTER)

    def answer(prompt, constraint):  # type: ignore[no-untyped-def]
        if role_of(prompt) == "review":
            found.append(constraint.text)
        return said(prompt, constraint)

    bench.carry(ScriptedEngine(answer), plan=PLAN, replan=2)
    after_failure, *_ = map(json.loads, found)
    changes, give_up = after_failure["anyOf"]
    assert changes["properties"]["changes"]["minItems"] == 1
    assert give_up["required"] == ["give_up"]
    found.clear()
    bench.carry(ScriptedEngine(answer), run_id="r2", plan="s1: a\ns2: B", replan=1)
    assert json.loads(found[0])["properties"]["changes"]["minItems"] == 0


def test_dropping_what_failed_lets_the_rest_finish(bench: Bench) -> None:
    drop = json.dumps({"changes": [{"op": "drop", "id": "s2"}]})
    log = bench.carry(engine(b=Fail(0), review=drop), plan=f"{PLAN}\n-> s1, s2, s3", replan=1)
    assert log.view.status == "finished"
    assert bench.store.blob(log.view.output) == "<a>\n\n<c>"
    assert log.view.deliver == ("s1", "s3")


def test_dropping_everything_that_is_delivered_leaves_what_nothing_else_uses(bench: Bench) -> None:
    drop = json.dumps({"changes": [{"op": "drop", "id": "s3"}]})
    log = bench.carry(engine(c=Fail(0), review=drop), plan=f"{PLAN}\n-> s3", replan=1)
    assert (log.view.status, bench.store.blob(log.view.output)) == ("finished", "<b>")
