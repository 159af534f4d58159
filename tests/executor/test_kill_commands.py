"""`kill -9` in the middle of commands: everything up to there is shown, and going on repeats no finished step."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vnb.api.loop import LoopThread
from vnb.api.opening import open_run, runs
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.core.fold import Fold
from vnb.core.view import RunView
from vnb.store.store import Store

from .killed_commands import EDITED, FIRST, SECOND, command, played

ROOT = Path(__file__).parents[2]
STRIDE = 6
"""A seed is killed at every sixth event, each at other ones: so many seeds meet every boundary."""

SEEDS = range(int(os.environ.get("VNB_KILL_SEEDS", STRIDE)))
"""Further ones meet the same boundaries with other answers."""

LOOP = LoopThread()
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@contextmanager
def opened(path: Path, seed: int, plan: str = FIRST) -> Iterator[Runtime]:
    """The store in another process's hands."""
    runtime = Runtime(path)
    runtime.loop = LOOP
    runtime.use(played(seed, later=True, plan=plan))
    try:
        yield runtime
    finally:
        runtime.close()


def killed(folder: Path, scene: str, seed: int, stride: int = STRIDE) -> tuple[str, list[Path]]:
    """The run's id, and the stores that the killed processes left."""
    say = [sys.executable, "-m", "tests.executor.killed_commands", str(folder), scene]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*say, str(seed), str(1 + seed % stride), str(stride)], env=env, cwd=ROOT, check=True)
    with Store(folder / "base.sqlite") as store:
        (row,) = store.runs()
    return row.run_id, sorted(folder.glob("[0-9]*.sqlite"), key=lambda path: int(path.stem))


def kept(before: RunView, now: RunView) -> None:
    """Nothing that had ended was lost or made otherwise."""
    for name, found in before.steps.items():
        for one, again in zip(found.attempts, now.steps[name].attempts, strict=False):
            assert one.active or one == again
        assert len(found.attempts) <= len(now.steps[name].attempts)


def left(folder: Path, path: Path, run_id: str) -> RunView:
    """What a reader finds who opens the store, all of it, however it was left."""
    with Store(folder / "base.sqlite") as store:
        base = list(store.events(run_id))
    with Store(path) as store:
        events = list(store.events(run_id))
        assert events[: len(base)] == base
        return Fold.of(events).view


def finished(run: Run, since: RunView) -> None:
    """The run is whole: nothing stale, the result made of what counts, and no step that had finished was asked again."""
    assert (run.status, run.stale) == ("finished", {})
    kept(since, run.view)
    assert Fold.of(run.events).view == run.view
    needs = run["integrate"].step.needs
    assert run.result == "\n\n".join(run[step].output or "" for step in needs)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_in_a_rerun_with_down(tmp_path: Path, seed: int) -> None:
    run_id, paths = killed(tmp_path, "down", seed)
    assert paths
    for path in paths:
        before = left(tmp_path, path, run_id)
        with opened(path, seed) as runtime:
            run = open_run(runtime, run_id)
            assert run.status in ("interrupted", "finished")  # it may have been killed right after the end
            run.resume()
            run.rerun_stale()
            finished(run, before)
            for step in ("s1", "s2", "s3", "s4"):
                again = [one for one in before.steps[step].attempts[1:] if one.status == "finished"]
                ended = [one for one in run.view.steps[step].attempts[1:] if one.status == "finished"]
                assert not again or ended == again
            command(runtime, run, "down", seed)
            assert run.stale == {}
            assert run["s1"].output == "<a> 0 later"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_while_the_plan_is_made_again(tmp_path: Path, seed: int) -> None:
    run_id, paths = killed(tmp_path, "plan", seed)
    assert paths
    for path in paths:
        before = left(tmp_path, path, run_id)
        with opened(path, seed, SECOND) as runtime:
            run = open_run(runtime, run_id)
            run.resume()
            finished(run, before)
            revised = before.steps["plan"].chosen == 2
            assert [step.id for step in run.plan.steps][2:] == (["s5"] if revised else ["s3", "s4"])
            command(runtime, run, "plan", seed)
            finished(run, before)
            assert [step.id for step in run.plan.steps] == ["s1", "s2", "s5"]
            assert [len(run[step].attempts) for step in ("s1", "s2", "s3", "s4")] == [1, 1, 1, 1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_in_a_fork_and_its_resumption(tmp_path: Path, seed: int) -> None:
    run_id, paths = killed(tmp_path, "fork", seed)
    assert paths
    for path in paths:
        whole = left(tmp_path, path, run_id)
        with opened(path, seed) as runtime:
            parent = open_run(runtime, run_id)
            events = parent.events
            (fork,) = [run for run in runs(runtime) if run.id != run_id]
            before = Fold.of(fork.events).view
            done = [step for step, found in before.steps.items() if found.chosen]
            fork.resume()
            finished(fork, before)
            assert [len(fork[step].attempts) for step in done] == [len(before.steps[step].attempts) for step in done]
            assert fork.result == parent.result  # the same seeds, so what the parent says is reused
            assert (parent.events, parent.view) == (events, whole)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("scene", "step", "stride"), [("choose", "s1", 1), ("choose plan", "plan", STRIDE)])
def test_a_kill_in_a_choice(tmp_path: Path, scene: str, step: str, stride: int, seed: int) -> None:
    run_id, paths = killed(tmp_path, scene, seed, stride)
    assert paths
    for path in paths:
        before = left(tmp_path, path, run_id)
        with opened(path, seed) as runtime:
            run = open_run(runtime, run_id)
            run.resume()
            assert run.status == "finished"
            assert run.view.steps[step].chosen == before.steps[step].chosen
            kept(before, run.view)
            command(runtime, run, scene, seed)
            assert run.view.steps[step].chosen == 1
            if scene == "choose":
                assert set(run.stale) == {"s2", "s3"}
                run.rerun_stale()
            else:
                assert [one.id for one in run.plan.steps] == ["s1", "s2", "s3", "s4"]
            finished(run, before)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_in_the_approval_of_an_edited_plan(tmp_path: Path, seed: int) -> None:
    run_id, paths = killed(tmp_path, "approve", seed)
    assert paths
    for path in paths:
        before = left(tmp_path, path, run_id)
        with opened(path, seed) as runtime:
            run = open_run(runtime, run_id)
            if before.approved:
                assert str(run.plan) == EDITED
                run.resume()
            else:  # whatever came of it, the run still waits, and takes the plan now
                command(runtime, run, "approve", seed)
            finished(run, before)
            assert [one.id for one in run.plan.steps] == ["s0", "s1", "s4", "s3"]
            assert run["s2"].status == "superseded"
