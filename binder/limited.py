"""Runs a command with a limit of memory, and says how much it took: `python binder/limited.py 1000 COMMAND…` (in MB).

The limit is a cgroup of its own where this user may make one (cgroup v2, delegated). Elsewhere every process is given
RLIMIT_DATA, and the sum over all of them (PSS, which counts shared pages once) is watched and ends the command.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
LOOK = 0.2
"""Seconds between two looks."""


def family(root: int) -> set[int]:
    """A process and all that come from it."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def memory(pids: set[int]) -> int:
    """Bytes that these processes have in memory together."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in said.splitlines() if line.startswith("Pss:")) * 1024
    return total


@contextlib.contextmanager
def cgroup(limit: int) -> Iterator[Path | None]:
    """A cgroup with that limit; `None` where none can be made."""
    own = [line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")]
    made = CGROUPS / own[0].lstrip("/") / f"vnb-{os.getpid()}" if own else CGROUPS
    try:
        if "memory" not in (made.parent / "cgroup.subtree_control").read_text():
            raise OSError
        made.mkdir()
        (made / "memory.max").write_text(str(limit))
        (made / "memory.swap.max").write_text("0")
    except OSError:
        yield None
        return
    try:
        yield made
    finally:
        made.rmdir()


def main(limit: int, command: list[str]) -> int:
    """Runs it; returns its exit status, 137 if it took too much."""
    with cgroup(limit) as made:

        def enter() -> None:
            if made is not None:
                (made / "cgroup.procs").write_text(str(os.getpid()))
            else:
                resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

        process = subprocess.Popen(command, preexec_fn=enter, start_new_session=True)
        most, killed, over = 0, False, threading.Event()

        def watch() -> None:
            nonlocal most, killed
            while not over.wait(LOOK):
                pids = family(process.pid)
                most = max(most, memory(pids))
                if most > limit and not killed:
                    killed = True
                    for pid in pids:
                        with contextlib.suppress(OSError):
                            os.kill(pid, signal.SIGKILL)

        watcher = threading.Thread(target=watch)
        watcher.start()
        status = process.wait()
        over.set()
        watcher.join()
    how = "a cgroup" if made is not None else "RLIMIT_DATA for each process, and a watch over their sum"
    print(f"memory: at most {most / 1e6:.0f} of {limit / 1e6:.0f} MB, by {how}")
    return 137 if killed else status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) * 1_000_000, sys.argv[2:]))
