"""Forks and past moments: what is shared, what stays as it was, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.executor.conftest import engine
from tests.store.test_size import on_disk, prose
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.engines.scripted import Answer
from vnb.errors import StoreError, UsageError

from .moments import asked, decodes, let_go, reached
from .test_rerun import DIAMOND, counts, diamond


def rows(run: Run) -> list[tuple[object, ...]]:
    """A run's own events as they lie in the store."""
    with run._runtime.store._database.reading() as connection:
        return connection.execute(
            "SELECT seq, at, type, packing, body, blob FROM events WHERE run = (SELECT id FROM runs WHERE run_id = ?)"
            " ORDER BY seq",
            (run.id,),
        ).fetchall()


def test_a_fork_goes_its_own_way_and_the_parent_stays_byte_identical(runtime: Runtime) -> None:
    run, played = diamond(runtime, b=["b1", "b2"], d=["d1", "d2"])
    before = rows(run)
    fork = run.fork()
    assert (fork.status, fork.result, fork.view.parent, fork.view.parent_seq) == ("finished", "d1", run.id, len(before))
    fork.rerun("s2", down=True)
    assert (fork.result, run.result) == ("d2", "d1")
    assert rows(run) == before
    assert len(rows(fork)) == fork.view.seq - len(before)
    assert Fold.of(fork.events).view == fork.view
    assert asked(played, 4) == ["b", "d"]


def test_a_fork_before_a_step_has_all_that_came_before_its_first_attempt(runtime: Runtime) -> None:
    run, played = diamond(runtime)
    fork = run.fork("s4")
    assert (fork.status, counts(fork)) == ("paused", {"s1": 1, "s2": 1, "s3": 1, "s4": 0})
    assert fork.resume().result == "<d>"
    assert len(played.requests) == 4  # the seeds are the same, so s4's answer is reused
    assert fork["s4"].attempts[0].view.source == f"{run.id}:s4#1"
    assert run.fork("s1").resume().result == "<d>"
    assert len(played.requests) == 4


def test_a_fork_of_a_run_under_way_cancels_what_decodes_in_the_fork_only(runtime: Runtime) -> None:
    played = engine(c=Answer("one two three", hold_after=1))
    runtime.use(played)
    run = draft(runtime, "x", plan=DIAMOND).start()
    reached(run, decodes(run, "s3"))
    fork = run.fork()
    assert (fork.status, fork["s3"].status, run["s3"].status) == ("paused", "cancelled", "running")
    let_go(runtime, played)
    assert run.wait().status == "finished"
    assert fork.resume().status == "finished"
    assert [one.status for one in fork["s3"].attempts] == ["cancelled", "reused"]
    assert (counts(fork)["s1"], counts(run)["s3"]) == (1, 1)


def test_a_fork_can_be_forked_also_before_it_was_forked_itself(runtime: Runtime) -> None:
    run, _ = diamond(runtime)
    fork = run.fork()
    fork.rerun("s2")
    again = fork.fork("s3")
    assert (again.view.parent, counts(again)["s3"]) == (run.id, 0)
    assert again.resume().result == "<d>"
    later = fork.fork()
    assert (later.view.parent, counts(later)["s2"]) == (fork.id, 2)
    assert Fold.of(later.events).view == later.view


def test_what_there_is_not_cannot_be_forked(runtime: Runtime) -> None:
    run, _ = diamond(runtime)
    before = len(runtime.store.runs())
    for seq in (0, -1, run.view.seq + 1):
        with pytest.raises(StoreError, match=f"no event {seq}"):
            run.fork(seq)
        with pytest.raises(StoreError, match=f"no event {seq}"):
            run.at(seq)
    with pytest.raises(UsageError, match="no step 's9'"):
        run.fork("s9")
    with pytest.raises(UsageError, match="s4 has not run"):
        run.fork("s4").fork("s4")
    assert len(runtime.store.runs()) == before + 1


def test_a_past_moment_is_shown_as_it_was_and_cannot_be_changed(runtime: Runtime) -> None:
    run, _ = diamond(runtime)
    run.rerun("s2")
    events = run.events
    for seq in range(1, len(events) + 1, 7):
        past = run.at(seq)
        assert past.view == Fold.of(events[:seq]).view
        assert (past.events, len(past.bundle())) == (events[:seq], len(run.bundle()))
    middle = next(event.seq for event in events if isinstance(event.body, ev.StepStarted) and event.body.step == "s4")
    past = run.at(middle)
    refused: list[Callable[[], object]] = [lambda: past.rerun("s1"), lambda: past.choose("s1", 1), past.resume]
    for do in refused:
        with pytest.raises(UsageError, match="is past and cannot be changed") as error:
            do()
        assert f"%vfork {run.id}@{middle} NAME" in error.value.hint
    assert past.fork().resume().result == "<d>"
    assert run.events == events


def test_stopping_a_past_moment_does_not_stop_the_run(runtime: Runtime) -> None:
    played = engine(c=Answer("one two three", hold_after=1))
    runtime.use(played)
    run = draft(runtime, "x", plan=DIAMOND).start()
    reached(run, decodes(run, "s3"))
    past = run.at(3)
    assert past.stop(20).status == "running"
    assert past.awaited() is past
    let_go(runtime, played)
    assert run.wait().status == "finished"


def test_fifty_forks_and_what_they_do_take_little_room(runtime: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "sizes"
    own = Runtime(folder / "runs.sqlite")
    own.use(engine(context_length=200_000))
    run = draft(own, "Summarise {{doc}}", doc=prose(100_000), plan=DIAMOND).run()
    own.close()
    before = on_disk(folder / "runs.sqlite")
    forks = [run.fork("s2" if number % 2 else None) for number in range(50)]
    own.close()
    assert on_disk(folder / "runs.sqlite") < 1.1 * before
    own.use(engine(context_length=200_000))
    for fork in forks[:2]:
        assert fork.rerun("s4" if fork.status == "finished" else "s2", instruction="e").status in (
            "finished",
            "paused",
        )
    own.close()
    assert on_disk(folder / "runs.sqlite") < 1.2 * before


def test_twenty_steps_over_one_long_input_stay_small(tmp_path: Path) -> None:
    folder = tmp_path / "sizes"
    own = Runtime(folder / "runs.sqlite")
    own.use(engine(context_length=200_000, **{f"part {n}": prose(100, n) for n in range(20)}))
    plan = "\n".join(f"s{number}: part {number}" for number in range(20))
    draft(own, "Summarise {{doc}}", doc=prose(100_000), plan=plan).run()
    own.close()
    assert on_disk(folder / "runs.sqlite") < 300_000
