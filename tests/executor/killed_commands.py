"""Carries commands in real processes, each killed with SIGKILL right after its n-th event. Run by test_kill_commands.py."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.executor.conftest import engine, plan_json
from vnb.api.opening import runs
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core import events as ev
from vnb.core.types import Constraint, Prompt
from vnb.engines.scripted import ScriptedEngine

FIRST = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s1"]), ("s4", "d", ["s2", "s3"]))
SECOND = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s5", "e", ["s2"]))

EDITED = "s0: z\ns1: a <- s0\ns4: d <- s1\ns3: c <- s1"
"""The first plan as a user may edit it: a step before the others, one dropped, other needs, another order."""


def played(seed: int, later: bool, plan: str = FIRST) -> ScriptedEngine:
    """An engine whose answers differ by seed and by what they are shown; `later`, the first step says something else."""
    first = engine(plan)._answers
    assert callable(first)

    def answer(prompt: Prompt, constraint: Constraint | None) -> object:
        said = first(prompt, constraint)
        if not (isinstance(said, str) and said.startswith("<")):
            return said
        shown = prompt.text.partition("# Result of")[2].rpartition("# Your step")[0]
        heard = sum(map(ord, shown)) * (seed + 1) % 97 if said != "<c>" or seed % 2 else 0
        return f"{said} {heard}{' later' if later and said == '<a>' else ''}"

    return ScriptedEngine(answer)  # type: ignore[arg-type]


def prepared(runtime: Runtime, scene: str, seed: int) -> Run:
    """The run that the command is about, before it."""
    runtime.use(played(seed, later=False))
    run = draft(runtime, "the task", seed=seed, approve=scene == "approve").run()
    if scene == "choose":
        runtime.use(played(seed, later=True))
        run.rerun("s1", down=True)
    elif scene == "choose plan":
        runtime.use(played(seed, later=False, plan=SECOND))
        run.rerun("plan")
    return run


def command(runtime: Runtime, run: Run, scene: str, seed: int) -> None:
    """What is cut short by the kill, and may be said again."""
    runtime.use(played(seed, later=True, plan=SECOND if scene == "plan" else FIRST))
    if scene == "down":
        run.rerun("s1", down=True)
    elif scene == "plan":
        run.rerun("plan")
    elif scene == "choose":
        run.choose("s1", 1)
    elif scene == "choose plan":
        run.choose("plan", 1)
    elif scene == "approve":
        run.approve(EDITED)
    elif scene == "fork":
        middle = next(e.seq for e in run.events if isinstance(e.body, ev.StepPrefilled) and e.body.step == "s3")
        run.fork(middle).resume()


def in_child(work: Callable[[], None]) -> bool:
    """Does something in a process of its own; whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a child failed")
    return os.WIFEXITED(status)


def killed_after(path: Path, scene: str, seed: int, last: int) -> None:
    runtime = Runtime(path)
    run = runs(runtime)[0]
    append, left = runtime.store.append, [last]

    def until_killed(event: ev.Event, *rest: object) -> None:
        append(event, *rest)  # type: ignore[arg-type]
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    runtime.store.append = until_killed  # type: ignore[method-assign, assignment]
    command(runtime, run, scene, seed)


def prepare(path: Path, scene: str, seed: int) -> None:
    runtime = Runtime(path)
    prepared(runtime, scene, seed)
    runtime.close()


def main(folder: Path, scene: str, seed: int, first: int, stride: int) -> None:
    """One process a boundary, until a command ends before it is killed."""
    base = folder / "base.sqlite"
    in_child(lambda: prepare(base, scene, seed))
    for last in range(first, 1000, stride):
        path = folder / f"{last}.sqlite"
        shutil.copy(base, path)
        if in_child(lambda path=path, last=last: killed_after(path, scene, seed, last)):  # type: ignore[misc]
            path.rename(folder / "whole.sqlite")
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6]))
