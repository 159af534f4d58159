"""Carries a small run in real processes, each killed with SIGKILL right after its n-th event. Run by test_kill.py."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.executor.conftest import Bench, engine, plan_json
from vnb.core import events as ev
from vnb.store.store import Store

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s1"]), ("s4", "d", ["s2", "s3"]))


def carry(path: Path, last: int) -> None:
    with Store(path) as store:
        bench = Bench(store)
        append = store.append

        def until_killed(event: ev.Event, *rest: object) -> None:
            append(event, *rest)  # type: ignore[arg-type]
            if event.seq == last:
                os.kill(os.getpid(), signal.SIGKILL)

        store.append = until_killed  # type: ignore[method-assign, assignment]
        bench.carry(engine(PLAN))


def main(folder: Path) -> None:
    """One process a boundary, until a run ends before it is killed."""
    for last in range(1, 1000):
        child = os.fork()
        if child == 0:
            carry(folder / f"{last}.sqlite", last)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            (folder / f"{last}.sqlite").rename(folder / "whole.sqlite")
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
