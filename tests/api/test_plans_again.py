"""The plan, the brief and the reviews asked again, and other answers of theirs chosen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.executor.conftest import engine, plan_json
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core import events as ev
from vnb.engines.scripted import Fail, ScriptedEngine
from vnb.errors import RunError, UsageError

from .moments import asked
from .test_rerun import counts

FIRST = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s1"]), ("s4", "d", ["s2", "s3"]))
SECOND = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s5", "e", ["s2"]))
TASK = "Compare two kinds of tea, taste and price, for a reader in a hurry."
ONE = json.dumps({"goal": "Compare two kinds of tea", "deliverable": "", "constraints": []})
OTHER = json.dumps({"goal": "taste and price", "deliverable": "", "constraints": ["for a reader in a hurry"]})


def planned(runtime: Runtime, plan: Any, **said: Any) -> tuple[Run, ScriptedEngine]:
    """A finished run that planned itself; replies that are lists are used up one by one."""
    options = {name: said.pop(name) for name in ("replan", "approve", "steps") if name in said}
    played = engine(plan, **said)
    runtime.use(played)
    return draft(runtime, "x", **options).run(), played


def status_of(run: Run) -> dict[str, str]:
    return {step.id: step.status for step in run}


def test_a_new_plan_keeps_the_answers_of_what_it_keeps(runtime: Runtime) -> None:
    run, played = planned(runtime, [FIRST, SECOND])
    before = len(played.requests)
    assert run.rerun("plan").result == "<e>"
    assert asked(played, before) == ["[plan]", "e"]
    assert counts(run) == {
        "understand": 1, "plan": 2, "s1": 1, "s2": 1, "s3": 1, "s4": 1, "integrate": 2, "s5": 1,
    }  # fmt: skip
    assert (status_of(run)["s3"], status_of(run)["s4"]) == ("superseded", "superseded")
    assert run["s4"].output == "<d>"
    assert (run.status, run.stale, [step.id for step in run.plan.steps]) == ("finished", {}, ["s1", "s2", "s5"])


def test_the_same_plan_again_changes_nothing(runtime: Runtime) -> None:
    run, played = planned(runtime, FIRST)
    before = len(played.requests)
    run.rerun("plan", down=True)
    assert asked(played, before) == ["[plan]"]
    assert (counts(run)["integrate"], run.status, run.view.revisions) == (1, "finished", [])


def test_another_choice_of_the_plan_is_carried_and_can_be_taken_back(runtime: Runtime) -> None:
    run, played = planned(runtime, [FIRST, SECOND])
    run.rerun("plan")
    before = len(played.requests)
    assert run["plan"].choose(1).result == "<d>"
    assert asked(played, before) == []  # what was dropped and is back is asked the same thing: its answers are there
    assert [run[step].attempts[-1].status for step in ("s3", "s4")] == ["reused", "reused"]
    assert status_of(run)["s5"] == "superseded"
    assert run["plan"].choose(2).result == "<e>"
    assert run["plan"].choose(2).result == "<e>"
    assert run.rerun("s5").status == "finished"
    assert asked(played, before) == ["e"]  # a rerun draws anew


def test_a_plan_that_fails_leaves_everything_as_it_was(runtime: Runtime) -> None:
    run, _ = planned(runtime, [FIRST, "no plan", "no plan", Fail(1, "gone")])
    for error in ("no plan", "gone"):
        with pytest.raises(RunError, match=error):
            run.rerun("plan")
        assert (run.status, run.result, run.stale) == ("finished", "<d>", {})
        assert [step.id for step in run.plan.steps] == ["s1", "s2", "s3", "s4"]


def test_a_plan_that_fails_does_not_take_up_a_failed_run(runtime: Runtime) -> None:
    played = engine([FIRST, "no plan", "no plan"], b=[Fail(0, "b broke"), "b2"])  # type: ignore[arg-type]
    runtime.use(played)
    run = draft(runtime, "x").start().awaited()
    with pytest.raises(RunError, match="no plan"):
        run.rerun("plan")
    assert (counts(run)["s2"], run.status, run.view.error) == (1, "failed", "Step s2 failed: b broke")


def test_a_plan_of_a_run_that_waits_for_approval_can_be_made_again(runtime: Runtime) -> None:
    played = engine([FIRST, SECOND, "no plan"])  # type: ignore[arg-type]
    runtime.use(played)
    run = draft(runtime, "x").plan()
    assert run.rerun("plan").status == "paused"
    assert [step.id for step in run.plan.steps] == ["s1", "s2", "s5"]
    with pytest.raises(RunError):
        run.rerun("plan")
    assert run.status == "paused"
    with pytest.raises(UsageError, match="waits for approval"):
        run.rerun("s1")
    assert run.choose("plan", 1).status == "paused"
    assert asked(played, 2) == ["[plan]", "[plan]", "[plan]"]
    assert run.resume().result == "<d>"


def test_another_brief_makes_stale_what_was_shown_it(runtime: Runtime) -> None:
    played = engine(FIRST, understand=[OTHER, ONE])
    runtime.use(played)
    run = draft(runtime, TASK, integrate="write", retries=0).run()
    run.rerun("understand")
    assert run.brief is not None
    assert (run.brief.goal, run.brief.constraints) == ("Compare two kinds of tea", ())
    assert run.stale == {"integrate": "the brief changed"}
    before = len(played.requests)
    assert run.rerun_stale().stale == {}
    assert asked(played, before) == ["[integrate]"]
    run["understand"].choose(1)
    assert run.brief.goal == "taste and price"
    assert run.stale == {"integrate": "the brief changed"}


def test_the_same_brief_again_is_one_call(runtime: Runtime) -> None:
    run, played = planned(runtime, FIRST)
    before = len(played.requests)
    run.rerun("understand", down=True)
    assert (asked(played, before), run.stale) == (["[understand]"], {})


def test_a_review_asked_again_may_change_the_plan_and_is_never_chosen(runtime: Runtime) -> None:
    more = json.dumps({"changes": [{"op": "add", "id": "s5", "instruction": "e", "needs": ["s4"]}]})
    nothing = json.dumps({"changes": []})
    run, played = planned(runtime, FIRST, review=[nothing, more, nothing], replan=1)
    assert (run.result, counts(run)["review.1"]) == ("<d>", 1)
    with pytest.raises(UsageError, match="nothing to choose"):
        run["review.1"].choose(1)
    before = len(played.requests)
    assert run.rerun("review.1").result == "<e>"
    assert asked(played, before) == ["[review]", "e"]
    assert counts(run)["integrate"] == 2
    run.rerun("review.1")
    assert (run.result, run.status) == ("<e>", "finished")


def test_a_review_that_splits_a_step_makes_it_run_again_of_its_parts(runtime: Runtime) -> None:
    split = json.dumps({"changes": [{"op": "add", "id": "s4.1", "instruction": "half", "needs": []}]})
    played = engine(FIRST, d=Fail(0, "too hard"), review=split)
    runtime.use(played)
    run = draft(runtime, "x", replan=1).run()
    assert (run.result, run.stale) == ("<half>", {})
    before = len(played.requests)
    run.rerun("s4.1", down=True)
    assert asked(played, before) == ["half"]


def test_edits_of_a_plan_that_is_made_again_are_undone_visibly(runtime: Runtime) -> None:
    run, played = planned(runtime, FIRST)
    run.rerun("s4", instruction="d, edited")
    assert run["s4"].output == "<d, edited>"
    before = len(played.requests)
    assert run.rerun("plan").result == "<d>"
    assert asked(played, before) == ["[plan]", "d"]
    (revision,) = run.view.revisions
    assert [(change.kind, change.step) for change in revision.changes] == [("reword", "s4")]


def test_what_a_killed_process_left_of_a_new_plan_is_read(runtime: Runtime) -> None:
    run, played = planned(runtime, [FIRST, SECOND])
    run.rerun("plan")
    chosen = [
        event.seq for event in run.events if isinstance(event.body, ev.StepFinished) and event.body.step == "plan"
    ]
    fork = run.fork(chosen[1])
    before = len(played.requests)
    assert fork.resume().result == "<e>"
    assert (asked(played, before), counts(fork)["plan"]) == ([], 2)
