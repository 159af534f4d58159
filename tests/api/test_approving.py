"""Plans that wait for approval, approved as they are or as they were edited; and runs that go on along an edited plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.executor.conftest import engine, plan_json
from vnb.api.opening import open_run
from vnb.api.plan import WrittenPlan
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.fold import Fold
from vnb.core.types import Plan
from vnb.engines.base import Engine
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.errors import EngineError, PlanError, RunError, UsageError, VnbError
from vnb.planner.parse import parse_plan

from .moments import asked, decodes, let_go, reached
from .test_rerun import counts

PLANNED = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s1"]))
TEXT = "s1: a\ns2: b <- s1\ns3: c <- s1"


def gated(runtime: Runtime, plan: Any = PLANNED, **said: Any) -> tuple[Run, ScriptedEngine]:
    """A run that waits for approval; replies that are lists are used up one by one."""
    options = {name: said.pop(name) for name in ("plan_only", "steps", "integrate") if name in said}
    played = engine(plan, **said)
    runtime.use(played)
    return draft(runtime, "x", approve="plan_only" not in options, **options).run(), played


def changes(run: Run) -> list[tuple[str, str]]:
    return [(one.kind, one.step) for revision in run.view.revisions for one in revision.changes]


def test_an_edited_plan_is_a_visible_revision_and_what_runs(runtime: Runtime) -> None:
    run, played = gated(runtime, **{"a, longer [1999]": "<longer>"})
    assert str(run.plan) == TEXT
    assert (
        run.approve("s0: z\ns1: a, longer [1999] <- s0\ns2 [temperature=0.2]: b <- s0\ns4: d <- s2").status
        == "finished"
    )
    assert changes(run) == [("drop", "s3"), ("add", "s0"), ("reword", "s1"), ("reword", "s2"), ("add", "s4")]
    assert [revision.reason for revision in run.view.revisions] == ["the plan was edited"]
    assert asked(played, 2) == ["a, longer [1999]", "b", "d", "z"]
    assert (run["s3"].status, counts(run)["s3"]) == ("superseded", 0)
    assert run["s2"].attempts[0].view.sampling.temperature == 0.2
    assert [step.id for step in run.plan.steps] == ["s0", "s1", "s2", "s4"]
    assert run.result == "<longer>\n\n<d>"
    assert (run.stale, run["s1"].view.edited) == ({}, False)
    assert open_run(runtime, run.id).view == Fold.of(run.events).view == run.view


def test_the_plan_as_it_is_needs_no_revision(runtime: Runtime) -> None:
    for plan in (None, TEXT, TEXT.replace("\n", "\r\n\r\n") + "\n# done\n", parse_plan(TEXT)):
        run, _ = gated(runtime)
        assert run.approve(plan).status == "finished"
        assert (run.view.revisions, run.view.approved) == ([], True)
        assert [said.name for said in run.view.commands] == ["approve"]


def test_a_run_that_ended_after_planning_is_approved_too(runtime: Runtime) -> None:
    run, _ = gated(runtime, plan_only=True)
    assert (run.status, run.result) == ("finished", None)
    assert run.approve(TEXT.replace("c", "C")).result == "<b>\n\n<C>"


def test_other_plans_than_texts_are_taken(runtime: Runtime) -> None:
    other = draft(runtime, "y", plan="s1: a\ns9: i <- s1")
    written = WrittenPlan(runtime, parse_plan("s1: a\ns9: i <- s1"))
    runtime.use(engine())
    for plan in (written, written.plan, other.run()):
        run, _ = gated(runtime)
        assert run.approve(plan).result == "<i>"
    run, _ = gated(runtime)
    with pytest.raises(UsageError, match="int is not a plan"):
        run.approve(3)


REFUSED = [
    ("", "no steps", "s1: what to do"),
    ("s1: a <- s2\ns2: b <- s1", "cycle: s1 -> s2 -> s1", "Remove"),
    ("s1: a\ns2: b <- s7", "needs 's7'", "s1, s2"),
    ("s1: a\ns1: b", "used twice", "of its own"),
    ("plan: a", "'plan' is reserved", "s1, s2"),
    ("review.1: a", "reserved", "s1, s2"),
    ("s1: a\n  b\ns2 b", "Line 3 is not a step", "s1: what to do"),
    ("s1 [temperature=900]: a", "temperature must be", "temperature="),
    ("s1 [temprature=1]: a", "no option 'temprature'", "temperature"),
    ("s1:", "no instruction", "s1: what to do"),
    ("\n".join(f"s{number}: a" for number in range(1, 6)), "5 steps; at most 4", "s2.1"),
]


@pytest.mark.parametrize(("text", "said", "hint"), REFUSED)
def test_a_plan_that_will_not_do_is_refused_as_it_is_typed_and_changes_nothing(
    runtime: Runtime, text: str, said: str, hint: str
) -> None:
    run, _ = gated(runtime, steps=(2, 4))
    before = run.events
    for do in (run.check_plan, run.approve):
        with pytest.raises(PlanError) as refused:
            do(text)
        assert said in refused.value.message
        assert hint in refused.value.hint
    assert (run.events, run.status) == (before, "paused")
    assert run.approve().status == "finished"


def test_sub_steps_do_not_count_and_a_plan_by_hand_has_no_bounds(runtime: Runtime) -> None:
    run, _ = gated(runtime, steps=(2, 4))
    parts = TEXT.replace("b <- s1", "b <- s1\ns2.1: p\ns2.2: q\ns2.3: r <- s2.1, s2.2")
    assert run.approve(parts).result == "<r>\n\n<c>"
    runtime.use(engine())
    mine = draft(runtime, "x", plan="s1: a", steps=(1, 2), approve=True).run()
    assert mine.approve("s1: a\ns2: b\ns3: c").result == "<a>\n\n<b>\n\n<c>"


def test_what_would_change_is_told_and_nothing_is_done(runtime: Runtime) -> None:
    run, _ = gated(runtime)
    before = run.events
    found = run.check_plan("s3: c <- s1\ns1 [model=big]: a\ns2: B\ns4: d")
    assert found.plan is not None
    assert {step.id: step.changes for step in found.plan.steps} == {
        "s3": ("moved",), "s1": ("options",), "s2": ("reworded", "needs"), "s4": ("added",),
    }  # fmt: skip
    assert "s2 · reworded, needs s1 → none" in str(found)
    assert found.plan.same is False
    same = run.check_plan(TEXT)
    assert same.plan is not None
    assert same.plan.same
    assert run.events == before


def test_another_order_alone_is_the_order_of_the_results(runtime: Runtime) -> None:
    run, _ = gated(runtime, integrate="concat")
    run.approve("s1: a\ns3: c <- s1\ns2: b <- s1")
    assert run.result == "<c>\n\n<b>"
    (revision,) = run.view.revisions
    assert (revision.reason, revision.changes) == ("the plan was edited: its steps come in another order", ())
    assert list(run.view.steps) == ["understand", "plan", "s1", "s3", "s2", "integrate"]
    assert [step.id for step in open_run(runtime, run.id).plan.steps] == ["s1", "s3", "s2"]


def test_a_model_that_plans_in_another_order_makes_the_result_stale(runtime: Runtime) -> None:
    turned = plan_json(("s1", "a", []), ("s3", "c", ["s1"]), ("s2", "b", ["s1"]))
    played = engine([PLANNED, turned])  # type: ignore[arg-type]
    runtime.use(played)
    run = draft(runtime, "x").run()
    run.rerun("plan")
    assert run.stale == {"integrate": "its needs come in another order"}
    assert run.view.revisions[0].reason == "the plan was made again: its steps come in another order"
    assert run.rerun_stale().result == "<c>\n\n<b>"
    assert asked(played) == ["[plan]", "[plan]", "[understand]", "a", "b", "c"]


def test_a_plan_that_is_made_again_is_approved_only_then(runtime: Runtime) -> None:
    run, played = gated(runtime, [PLANNED, Answer(PLANNED, hold_after=1), "no plan"])
    again = run.start_rerun("plan")
    reached(run, decodes(run, "plan"))
    refuses: list[Callable[[], object]] = [lambda: run.check_plan(TEXT), lambda: run.approve(TEXT), run.approve]
    for refused in refuses:
        with pytest.raises(UsageError, match="made again"):
            refused()
    with pytest.raises(PlanError, match="no steps"):
        run.check_plan("")
    let_go(runtime, played)
    again.wait()
    assert run.status == "paused"
    assert run.approve(TEXT.replace("c", "C")).result == "<b>\n\n<C>"
    assert run["plan"].choose(1).result == "<b>\n\n<c>"  # what the planner wrote can be gone back to


def test_a_step_that_fails_is_told_and_the_approval_stands(runtime: Runtime) -> None:
    run, _ = gated(runtime, B=[Fail(0, "too hard"), "done"])
    with pytest.raises(RunError, match="s2 failed: too hard"):
        run.approve(TEXT.replace("b", "B"))
    assert (run.status, run.view.approved) == ("failed", True)
    assert [type(said).__name__ for said in run.view.commands] == ["CommandAccepted"]
    assert run.resume().result == "done\n\n<c>"


def test_an_engine_that_cannot_be_had_leaves_the_approved_plan_to_be_gone_on_with(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = gated(runtime)

    async def missing(spec: str) -> Engine:
        raise EngineError("no engine")

    with monkeypatch.context() as patch:
        patch.setattr(runtime, "engine", missing)
        with pytest.raises(RunError, match="no engine"):
            run.approve(TEXT.replace("c", "C"))
    assert (run.status, changes(run)) == ("failed", [("reword", "s3")])
    assert run.resume().result == "<b>\n\n<C>"


def test_stopping_after_an_approval_leaves_a_stopped_run(runtime: Runtime) -> None:
    run, _ = gated(runtime, b=[Answer("one two three", hold_after=1), "b2"])
    wanted = run.start_approve()
    reached(run, decodes(run, "s2"))
    run.stop(20)
    assert run.status == "stopped"
    with pytest.raises(RunError, match="s2 was stopped"):
        wanted.wait()
    assert run.resume().result == "b2\n\n<c>"


# ---------------------------------------------------------------- runs that wait for nothing


def test_a_stopped_run_goes_on_along_an_edited_plan(runtime: Runtime) -> None:
    played = engine(b=Answer("one two three", hold_after=1))
    runtime.use(played)
    run = draft(runtime, "x", plan=TEXT).start()
    reached(run, decodes(run, "s2"))
    with pytest.raises(UsageError, match="under way") as refused:
        run.approve("s1: a\ns2: B")
    assert refused.value.hint == f"Stop it first: %vstop {run.id}"
    reached(run, lambda: run.view.steps["s3"].status == "finished")
    run.stop(20)
    before = len(played.requests)
    assert run.approve("s1: a\ns2: B <- s1\ns3: c <- s1\ns4: d <- s2").result == "<c>\n\n<d>"
    assert asked(played, before) == ["B", "d"]
    assert counts(run) == {"s1": 1, "s2": 2, "s3": 1, "s4": 1, "integrate": 1}


def test_a_finished_run_runs_what_its_edited_plan_changes(runtime: Runtime) -> None:
    played = engine()
    runtime.use(played)
    run = draft(runtime, "x", plan="s1: a\ns2: b <- s1\ns3: c <- s2\ns4: d").run()
    with pytest.raises(UsageError, match="does not wait for approval") as refused:
        run.approve()
    assert run.id in refused.value.hint
    before = len(played.requests)
    assert run.approve("s1: a\ns2: B <- s1\ns3: c <- s2\ns4: d").result == "<c>\n\n<d>"
    assert asked(played, before) == ["B", "c"]
    assert (run.status, run.stale) == ("finished", {})


def test_before_there_is_a_plan_there_is_none_to_be_edited(runtime: Runtime) -> None:
    runtime.use(engine("no plan"))
    run = draft(runtime, "x", approve=True).start().awaited()
    with pytest.raises(UsageError, match="no plan yet"):
        run.approve(TEXT)
    assert run.status == "failed"


def test_the_past_and_forks(runtime: Runtime) -> None:
    run, _ = gated(runtime)
    waiting = run.view.seq
    fork = run.fork()
    run.approve()
    with pytest.raises(UsageError, match="past"):
        run.at(waiting).approve(TEXT)
    assert run.at(waiting).check_plan("s1: a").before == "the plan"
    assert fork.approve(TEXT.replace("c", "C")).result == "<b>\n\n<C>"
    assert run.result == "<b>\n\n<c>"


def test_a_plan_of_objects_is_checked_as_its_text_is(runtime: Runtime) -> None:
    run, _ = gated(runtime)
    with pytest.raises(VnbError, match="no steps"):
        run.approve(Plan(()))
    assert run.status == "paused"
