"""Commands while a run is under way, stopped, paused, killed, or carried by somebody else: each has one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import engine, plan_json
from vnb.api.opening import open_run
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.engines.base import Engine
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.errors import EngineError, RunError, StoreError, UsageError
from vnb.executor.commands import Choose

from .moments import asked, decodes, let_go, reached
from .test_rerun import DIAMOND, counts, diamond

HELD = Answer("one two three", hold_after=1)


def begun(runtime: Runtime, plan: str = DIAMOND, holds: str = "s3", **said: Any) -> tuple[Run, ScriptedEngine]:
    """A run under way, of which a step decodes until the engine is let go."""
    played = engine(**said)
    runtime.use(played)
    run = draft(runtime, "x", plan=plan).start()
    reached(run, decodes(run, holds))
    return run, played


def lost(run: Run, step: str) -> None:
    """Leaves a finished run as a process leaves it that is killed in a further attempt of a step."""
    store = run._runtime.store
    number, seq = len(run[step].attempts) + 1, run.view.seq
    bodies: tuple[ev.Body, ...] = (
        ev.RunResumed("rerun"),
        ev.CommandAccepted("c", "rerun", {"steps": step}),
        ev.StepQueued(step, number),
    )
    for place, body in enumerate(bodies, seq + 1):
        store.append(ev.Event(run.id, place, 2e9, body))


def test_a_rerun_while_the_run_goes_on_is_carried_by_it(runtime: Runtime) -> None:
    run, played = begun(runtime, a=["a1", "a2"], c=[HELD, "c2"])
    asked_for = run.start_rerun("s1")
    reached(run, lambda: len(run.view.steps["s1"].attempts) == 2 and not run.view.steps["s1"].attempts[1].active)
    let_go(runtime, played)
    asked_for.wait()
    assert run["s1"].output == "a2"
    assert set(run.stale) == {"s2", "s3"}
    assert (run.status, counts(run)["s4"]) == ("finished", 1)
    assert sum(isinstance(event.body, ev.RunFinished) for event in run.events) == 1


def test_a_rerun_of_a_step_whose_needs_run_waits_for_them(runtime: Runtime) -> None:
    run, played = diamond(runtime, b=["b1", HELD], d=["d1", "d2"])
    first = run.start_rerun("s2")
    reached(run, decodes(run, "s2"))
    second = run.start_rerun("s4")
    assert len(run["s4"].attempts) == 1
    let_go(runtime, played)
    first.wait()
    second.wait()
    assert run["s4"].context is not None
    assert [part.text for part in run["s4"].context.parts if part.kind == "result"] == ["one two three", "<c>"]
    assert (run["s4"].output, run.stale) == ("d2", {"integrate": "s4 changed"})


def test_two_reruns_of_one_step_give_two_attempts_one_after_the_other(runtime: Runtime) -> None:
    run, played = diamond(runtime, b=["b1", HELD, "b3"])
    one = run.start_rerun("s2")
    reached(run, decodes(run, "s2"))
    two = run.start_rerun("s2", temperature=0.9)
    assert len(run["s2"].attempts) == 2
    let_go(runtime, played)
    one.wait()
    two.wait()
    assert [attempt.output for attempt in run["s2"].attempts] == ["b1", "one two three", "b3"]
    assert [attempt.view.sampling.temperature for attempt in run["s2"].attempts[1:]] == [0.7, 0.9]
    assert [type(said).__name__ for said in run.view.commands] == ["CommandAccepted", "CommandAccepted"]


def test_each_rerun_carries_its_own_words(runtime: Runtime) -> None:
    run, played = diamond(runtime, b=["b1", HELD])
    run.start_rerun("s2")
    reached(run, decodes(run, "s2"))
    run.start_rerun("s2", instruction="first words")
    last = run.start_rerun("s2", instruction="last words")
    let_go(runtime, played)
    last.wait()
    assert [attempt.output for attempt in run["s2"].attempts[2:]] == ["<first words>", "<last words>"]
    assert run["s2"].step.instruction == "last words"
    assert "s2" not in run.stale


def test_what_will_run_anyway_need_not_be_asked_for(runtime: Runtime) -> None:
    run, played = begun(runtime, c=HELD)
    with pytest.raises(UsageError, match="s4 has not run yet; it will"):
        run.start_rerun("s4")
    with pytest.raises(UsageError, match="s3 has no finished attempt 1"):
        run.choose("s3", 1)
    let_go(runtime, played)
    assert run.wait().status == "finished"
    assert [type(one).__name__ for one in run.view.commands] == ["CommandRejected", "CommandRejected"]


def test_a_choice_while_the_run_goes_on_is_what_later_steps_are_shown(runtime: Runtime) -> None:
    run, played = begun(runtime, a=["a1", "a2"], c=[HELD, "c2"], b="b")
    run.start_rerun("s1")
    reached(run, lambda: run.view.steps["s1"].chosen == 2)
    played_before = len(played.requests)
    run.ask(Choose("s1", 1))
    assert run.view.steps["s1"].chosen == 1
    let_go(runtime, played)
    run.wait()
    assert run.stale == {}
    assert asked(played, played_before) == ["d"]


def test_two_runtimes_on_one_store_never_carry_one_run_together(runtime: Runtime, tmp_path: Path) -> None:
    run, played = begun(runtime, c=HELD)
    other = Runtime(tmp_path / "runs.sqlite")
    other.use(engine())
    there = open_run(other, run.id)
    assert there.status == "running"
    refused: list[Callable[[], object]] = [lambda: there.rerun("s1"), lambda: there.choose("s1", 1), there.resume]
    for do in refused:
        with pytest.raises(StoreError, match="is being written"):
            do()
    let_go(runtime, played)
    run.wait()
    assert open_run(other, run.id).status == "finished"
    assert there.rerun("s1").stale == {}
    assert counts(run)["s1"] == 2
    run.rerun("s1")
    assert counts(there)["s1"] == 3
    assert Fold.of(there.events).view == there.view == run.view
    other.close()


def test_two_notebooks_carry_two_runs_of_one_store_at_once(runtime: Runtime, tmp_path: Path) -> None:
    run, played = begun(runtime, c=HELD)
    other = Runtime(tmp_path / "runs.sqlite")
    other.use(engine())
    assert draft(other, "another", plan=DIAMOND).run().result == "<d>"
    fork = open_run(other, run.id).fork()
    assert fork.resume().result == "<d>"
    let_go(runtime, played)
    assert run.wait().status == "finished"
    assert run["s3"].output == "one two three"
    other.close()


def test_stopping_a_rerun_leaves_the_run_finished(runtime: Runtime) -> None:
    run, played = diamond(runtime, a=["a1", "a2"], b=["b1", HELD])
    wanted = run.start_rerun("s1", down=True)
    reached(run, decodes(run, "s2"))
    run.stop(20)
    with pytest.raises(RunError, match="stopped"):
        wanted.wait()
    assert (run.status, run["s2"].output, run["s2"].attempts[1].status) == ("finished", "b1", "cancelled")
    assert "s2" in run.stale
    let_go(runtime, played)
    assert run.rerun_stale().stale == {}
    assert counts(run)["s1"] == 2


def test_an_engine_that_cannot_be_had_leaves_a_finished_run_as_it_was(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = diamond(runtime)

    async def missing(spec: str) -> Engine:
        raise EngineError(f"no {spec}", "%vmodel tiny")

    monkeypatch.setattr(runtime, "engine", missing)
    with pytest.raises(RunError, match="no scripted"):
        run.rerun("s2", instruction="other words")
    assert (run.status, run.stale, counts(run)["s2"]) == ("finished", {}, 1)
    assert run["s2"].step.instruction == "b"


def test_what_cannot_be_done_leaves_a_paused_run_paused(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.use(engine(plan_json(("s1", "a", []), ("s2", "b", ["s1"]))))
    run = draft(runtime, "x").plan()

    async def missing(spec: str) -> Engine:
        raise EngineError("no engine")

    with monkeypatch.context() as patch:
        patch.setattr(runtime, "engine", missing)
        with pytest.raises(RunError, match="no engine"):
            run.rerun("plan")
    assert (run.status, counts(run)["plan"]) == ("paused", 1)
    assert run.resume().result == "<b>"


def test_a_paused_fork_waits_on_whatever_a_command_could_or_could_not_do(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, played = diamond(runtime, b=["b1", HELD, "b3"])
    fork = run.fork(at="s4")
    waits = fork.view.reason
    assert (fork.status, waits) == ("paused", f"forked from {run.id}@{fork.view.parent_seq}: %vrun {fork.id}")

    async def missing(spec: str) -> Engine:
        raise EngineError("no engine")

    with monkeypatch.context() as patch:
        patch.setattr(runtime, "engine", missing)
        with pytest.raises(RunError, match="no engine"):
            fork.rerun("s2")
    assert (fork.status, fork.view.reason) == ("paused", waits)
    stopped = fork.start_rerun("s2")
    reached(fork, decodes(fork, "s2"))
    fork.stop(20)
    with pytest.raises(RunError, match="stopped"):
        stopped.wait()
    assert (fork.status, fork.view.reason) == ("paused", waits)
    let_go(runtime, played)
    assert fork.rerun("s2").status == "paused"
    assert fork.choose("s2", 1).status == "paused"
    assert fork.resume().status == "finished"


def test_commands_that_a_stopped_run_did_not_come_to_are_refused_in_the_end(runtime: Runtime) -> None:
    run, _ = diamond(runtime, a=["a1", HELD], b=["b1", "b2"])
    first = run.start_rerun("s1")
    reached(run, decodes(run, "s1"))
    waiting = [run.start_rerun("s1", temperature=0.9), run.start_rerun("s2", down=True), run.start_rerun(down=True)]
    run.stop(20)
    for asked_for in (first, *waiting):
        with pytest.raises(RunError, match="stopped"):
            asked_for.wait()
    refused = [said.command_id for said in run.view.commands if isinstance(said, ev.CommandRejected)]
    assert sorted(refused) == sorted(one.command.id for one in (first, *waiting))
    assert (run.status, counts(run)["s1"], counts(run)["s2"]) == ("finished", 2, 1)


def test_another_model_for_a_rerun_does_not_need_the_runs_own(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines: dict[str, Engine] = {"own": engine(), "other": engine(b="b by another"), "third": engine(b="b by a third")}
    loaded: list[str] = []

    async def had(spec: str) -> Engine:
        loaded.append(spec)
        if spec not in engines:
            raise EngineError(f"{spec} is gone")
        return engines[spec]

    monkeypatch.setattr(runtime, "engine", had)
    run = draft(runtime, "x", plan="s1: a\ns2 [model=third]: b <- s1\ns3: c <- s2", model="own").run()
    del engines["own"], loaded[:]
    assert run.rerun("s2", model="other")["s2"].output == "b by another"
    assert run.rerun("s2")["s2"].output == "b by a third"
    assert set(loaded) == {"other", "third"}
    with pytest.raises(RunError, match="own is gone"):
        run.rerun("s3")
    assert (run.status, counts(run)) == ("finished", {"s1": 1, "s2": 3, "s3": 1, "integrate": 1})


def test_a_run_whose_process_died_in_a_rerun_takes_any_command(runtime: Runtime, tmp_path: Path) -> None:
    ways: list[tuple[Callable[[Run], Run], int]] = [
        (lambda run: run.rerun("s2"), 3),
        (lambda run: run.rerun("s4"), 2),
        (lambda run: run.choose("s2", 1), 2),
        (lambda run: run.resume(), 2),
        (lambda run: run.rerun_stale(), 2),
    ]
    for do, attempts in ways:
        run, _ = diamond(runtime)
        lost(run, "s2")
        again = open_run(runtime, run.id)
        assert again.status == "interrupted"
        assert do(again).status == "finished"
        assert again["s2"].attempts[1].status == "cancelled"
        assert counts(again)["s2"] == attempts


@pytest.mark.parametrize("way", ["resume", "down", "stale"])
def test_what_became_stale_as_the_process_died_is_found_again(runtime: Runtime, way: str) -> None:
    run, played = diamond(runtime, a=["a1", "a2"], b=["b1", "b2"])
    run.rerun("s1")
    last = next(event.seq for event in run.events if isinstance(event.body, ev.StaleSet))
    fork = run.fork(last - 1)  # the new attempt has ended, and nobody has said yet what it makes stale
    assert (fork.stale, fork.status) == ({}, "paused")
    if way == "resume":
        assert set(fork.resume().stale) == {"s2", "s3"}
        return
    before = len(played.requests)
    fork.start_rerun(*(["s3"] if way == "down" else []), down=True).wait()
    assert asked(played, before) == (["c"] if way == "down" else ["b", "c", "d"])
    assert set(fork.stale) == ({"s2"} if way == "down" else set())


def test_cancelling_a_rerun_before_it_began_is_heard(runtime: Runtime) -> None:
    run, _ = diamond(runtime, b=["b1", HELD])

    async def rerun() -> None:
        wanted = run.start_rerun("s2")
        await asyncio.sleep(0)
        run.stop(20)
        assert wanted.run.status == "finished"

    asyncio.run(rerun())
    assert run["s2"].output == "b1"
    assert Fold.of(run.events).view == run.view


def test_a_failure_elsewhere_is_told_too(runtime: Runtime) -> None:
    run, played = begun(runtime, c=HELD, d=Fail(0, "d broke"))
    wanted = run.start_rerun("s1")
    let_go(runtime, played)
    with pytest.raises(RunError, match="s4 failed: d broke"):
        wanted.wait()
