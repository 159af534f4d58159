import asyncio
import json
import random

import pytest

from vnb.core import dag
from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Step
from vnb.engines.scripted import Answer, Fail
from vnb.executor.commands import Approve, Rerun
from vnb.planner.parse import parse_plan

from ..planner.test_stream import mutated
from .conftest import Bench, engine, plan_json, role_of, statuses, until

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s2"]))


def changes(*items: dict[str, object]) -> str:
    return json.dumps({"changes": list(items)})


def test_a_plan_that_is_none_is_asked_for_once_more_with_the_reason(bench: Bench) -> None:
    played = engine(plan=["I had rather not.", PLAN])
    log = bench.carry(played)
    assert log.view.status == "finished"
    assert [attempt.status for attempt in log.view.steps["plan"].attempts] == ["failed", "finished"]
    assert "Problem: The planner's answer is not a plan: 'I had rather not.'" in played.requests[2].prompt.text


def test_two_bad_plans_are_a_plan_error_that_can_be_resumed(bench: Bench) -> None:
    log = bench.carry(engine(plan="no"))
    assert log.view.status == "failed"
    assert "is not a plan" in log.view.error
    again = bench.reopened(log)
    again.append(ev.RunResumed("failed"))
    bench.carry(engine(PLAN), again)
    assert again.view.status == "finished"


def test_a_cut_plan_keeps_what_it_finished_and_is_revised_by_the_next_one(bench: Bench) -> None:
    cut = PLAN[: PLAN.index('"s3"')]
    log = bench.carry(engine(plan=[cut, PLAN]))
    assert log.view.status == "finished"
    assert [len(log.view.steps[step].attempts) for step in ("s1", "s2", "s3")] == [1, 1, 1]
    other = plan_json(("s1", "a", []), ("s2", "other", ["s1"]))
    log = bench.carry(engine(plan=[cut, other]), run_id="r2", seed=5)
    assert log.view.status == "finished"
    assert bench.store.blob(log.view.output) == "<other>"


def test_repairs_are_visible_revisions(bench: Bench) -> None:
    plan = plan_json(("s1", "a", ["s7"]), ("s1", "b", []))
    log = bench.carry(engine(plan))
    reasons = "; ".join(revision.reason for revision in log.view.revisions)
    assert "needed 's7'" in reasons and "'s1' is used twice; the step is s2 now" in reasons
    assert log.view.status == "finished"


def test_an_engine_that_fails_while_planning_ends_the_run_with_its_error(bench: Bench) -> None:
    log = bench.carry(engine(plan=Fail(2, "the engine is gone")))
    assert (log.view.status, log.view.error) == ("failed", "the engine is gone")
    assert len(log.view.steps["plan"].attempts) == 1
    log = bench.carry(engine(PLAN, understand=Fail(0, "gone")), run_id="r2", seed=1)
    assert "gone" in log.view.error


def test_a_brief_that_is_none_is_the_task_itself(bench: Bench) -> None:
    log = bench.carry(engine(PLAN, understand="pardon?"))
    assert log.view.brief is not None
    assert log.view.brief.goal == "the task"
    assert (statuses(log)["understand"], log.view.status) == ("failed", "finished")


def test_a_review_rewords_the_failed_step_and_the_run_goes_on(bench: Bench) -> None:
    reword = changes({"op": "reword", "id": "s2", "instruction": "b, simpler", "needs": ["s1"]})
    played = engine(PLAN, b=Fail(0, "too hard"), review=reword, **{"b, simpler": "done"})
    log = bench.carry(played, replan=2)
    assert log.view.status == "finished"
    assert [attempt.status for attempt in log.view.steps["s2"].attempts] == ["failed", "finished"]
    assert log.view.steps["s2"].step.instruction == "b, simpler"
    assert statuses(log)["review.1"] == "finished"
    review = next(request.prompt.text for request in played.requests if role_of(request.prompt) == "review")
    assert "Problem: s2: too hard" in review and "s3: c <- s2" in review and "Result of s1" in review


def test_a_review_may_split_add_and_drop(bench: Bench) -> None:
    split = changes(
        {"op": "add", "id": "s2.1", "instruction": "half", "needs": []},
        {"op": "add", "id": "s2.2", "instruction": "other half", "needs": ["s2.1"]},
        {"op": "add", "id": "s4", "instruction": "extra", "needs": []},
        {"op": "drop", "id": "s3"},
    )
    log = bench.carry(engine(PLAN, b=Fail(0), review=split), replan=1)
    assert log.view.status == "finished"
    assert bench.store.blob(log.view.steps["s2"].output) == "<half>\n\n<other half>"
    assert statuses(log)["s3"] == "superseded"
    assert bench.store.blob(log.view.output) == "<half>\n\n<other half>\n\n<extra>"


def test_reviews_stop_at_the_limit_and_without_changes(bench: Bench) -> None:
    rewords = [changes({"op": "reword", "id": "s2", "instruction": text, "needs": ["s1"]}) for text in ("B", "b", "B")]
    log = bench.carry(engine(PLAN, b=Fail(0), B=Fail(0), review=rewords), replan=3)
    assert log.view.status == "failed"
    assert len(log.view.steps["s2"].attempts) == 4
    quiet = bench.carry(engine(PLAN, review=changes()), run_id="r2", replan=5, seed=3)
    assert quiet.view.status == "finished"
    assert [step for step in quiet.view.steps if step.startswith("review")] == ["review.1"]


def test_a_reworded_step_has_no_answer_until_it_gives_one(bench: Bench) -> None:
    cut = PLAN[: PLAN.index('"s3"')]
    other = plan_json(("s1", "A2", []), ("s2", "b", ["s1"]))
    log = bench.carry(engine(plan=[cut, other], A2=Fail(0, "not this one")))
    assert (statuses(log)["s1"], statuses(log)["s2"], log.view.status) == ("failed", "skipped", "failed")
    again = bench.reopened(log)
    again.append(ev.RunResumed("failed"))
    played = engine()
    bench.carry(played, again)
    assert again.view.status == "finished"
    assert "Result of s1\n<A2>" in played.requests[-1].prompt.text


def test_a_review_is_not_asked_again_for_every_step_that_ends(bench: Bench) -> None:
    plan = "s1: a\n" + "\n".join(f"s{n}: step {n}" for n in range(2, 9))
    log = bench.carry(engine(a=Fail(0), review=changes()), plan=plan, replan=1)
    assert [step for step in log.view.steps if step.startswith("review")] == ["review.1", "review.2"]


def test_a_review_sees_the_run_as_it_is_when_it_is_sent_and_may_change_what_is_queued(bench: Bench) -> None:
    reword = changes({"op": "reword", "id": "s3", "instruction": "c, other", "needs": []}, {"op": "drop", "id": "s1"})
    played = engine(a=Fail(0), review=[reword, changes()], slots=1)
    log = bench.carry(played, plan="s1: a\ns2: b\ns3: c", replan=1)
    review = next(request.prompt.text for request in played.requests if role_of(request.prompt) == "review")
    finished = [step for step in ("s2", "s3") if f"Result of {step}" in review]
    assert all(f"\n{step}: " not in review for step in finished)
    assert log.view.steps["review.1"].status in ("finished", "failed")


def test_the_limit_of_plan_changes_holds_across_resumes(bench: Bench) -> None:
    reword = changes({"op": "reword", "id": "s2", "instruction": "B", "needs": ["s1"]})
    log = bench.carry(engine(PLAN, b=Fail(0), B=Fail(0), review=reword), replan=1)
    for _ in range(2):
        log = bench.reopened(log)
        log.append(ev.RunResumed("failed"))
        bench.carry(engine(PLAN, b=Fail(0), B=Fail(0), review=reword), log)
    assert sum(1 for revision in log.view.revisions if revision.reason.startswith("review.")) == 1


def test_a_review_that_will_not_do_changes_nothing(bench: Bench) -> None:
    log = bench.carry(engine(PLAN, review=changes({"op": "drop", "id": "s1"})), replan=1)
    assert statuses(log)["review.1"] == "failed"
    assert log.view.status == "finished"


@pytest.mark.parametrize("seed", range(4))
def test_broken_plans_end_in_a_valid_dag_or_a_plan_error_and_no_step_runs_before_its_needs(
    bench: Bench, seed: int
) -> None:
    rng = random.Random(seed)
    whole = plan_json(*[(f"s{n}", f"do {n}", [f"s{m}" for m in range(1, n)]) for n in range(1, 5)])
    for number in range(60):
        log = bench.begin(run_id=f"r{number}", seed=number)
        done: set[str] = set()

        def watch(event: ev.Event, log: object = log, done: set[str] = done) -> None:
            if isinstance(event.body, (ev.StepFinished, ev.StepReused)):
                done.add(event.body.step)
            if isinstance(event.body, ev.StepStarted) and event.body.step.startswith("s"):
                assert set(log.view.steps[event.body.step].step.needs) <= done  # type: ignore[attr-defined]

        log.listen(watch)
        broken = mutated(whole, rng).encode("utf-8", "replace").decode()
        bench.carry(engine(plan=[broken, mutated(whole, rng).encode("utf-8", "replace").decode()]), log)
        assert Fold.of(bench.store.events(log.run_id)).view == log.view
        if log.view.status == "finished":
            dag.validate(log.view.plan)
        else:
            assert log.view.status == "failed"
            assert log.view.error


def test_a_step_that_waits_for_a_slot_is_not_carried_whole_once_a_review_has_split_it(bench: Bench) -> None:
    split = changes({"op": "add", "id": "s5.1", "instruction": "half", "needs": []})
    long = " ".join(f"word{number}" for number in range(400))
    held = Answer(long, hold_after=1)
    played = engine(a=Fail(0), c=held, d=held, review=Answer(split, hold_after=1), slots=3)
    log = bench.begin(plan="s1: a\ns2: b\ns3: c\ns4: d\ns5: e <- s2\ns6: f <- s2", replan=1, seed=9)

    async def carry() -> None:
        task = asyncio.create_task(bench.executor(log, played).run())
        await until(lambda: statuses(log).get("review.1") == "running" and statuses(log)["s5"] == "queued")
        played.let_go()
        await task

    asyncio.run(carry())
    assert bench.store.blob(log.view.steps["s5"].output) == "<half>"
    assert [one.status for one in log.view.steps["s5"].attempts] == ["cancelled", "finished"]


@pytest.mark.parametrize("moment", ["as it is made", "as the episode ends"])
def test_an_approval_that_comes_while_the_episode_still_lasts_is_carried_by_it(bench: Bench, moment: str) -> None:
    log = bench.begin(approve=True)
    executor = bench.executor(log, engine(PLAN))
    edited = Approve(parse_plan("s1: a\ns2: b <- s1\ns3: C <- s2"))
    if moment == "as it is made":

        def hear(event: ev.Event) -> None:
            if isinstance(event.body, ev.PlanFinished):
                stop()
                executor.take(edited)

        stop = log.listen(hear)
    else:
        mark = executor._staleness.mark

        async def late() -> None:
            executor._staleness.mark = mark  # type: ignore[method-assign]
            executor.take(edited)
            await mark()

        executor._staleness.mark = late  # type: ignore[method-assign, assignment]
    asyncio.run(executor.run())
    assert (log.view.status, bench.store.blob(log.view.output)) == ("finished", "<C>")
    assert Fold.of(bench.store.events(log.run_id)).view == log.view
    assert [type(said) for said in log.view.commands] == [ev.CommandAccepted]


def test_planning_that_goes_on_keeps_what_its_user_edited(bench: Bench) -> None:
    plan = plan_json(("s1", "history", []), ("s2", "future", ["s1"]))
    log = bench.begin(strategy="plan")
    for step in (Step("s1", "history"), Step("s2", "future", ("s1",))):
        log.append(ev.StepPlanned(step))
    log.append(ev.StepEdited(Step("s2", "the future of tides", ("s1",))))
    bench.carry(engine(plan), log)
    assert [step.instruction for step in log.view.plan] == ["history", "the future of tides"]
    assert log.view.status == "finished"
    log = bench.command(engine(plan), log, Rerun(("plan",), reuse="refresh"))
    assert [step.instruction for step in log.view.plan] == ["history", "future"]
