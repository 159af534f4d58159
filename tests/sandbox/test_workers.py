"""The worker processes: they are few, they end with what they serve, and vnb says so where there are none."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vnb.errors import SandboxError
from vnb.sandbox import Execution, Limits, execute, workers

from .running import ran, until

ENDLESS = "while True: pass"
LONG = Limits(seconds=60)


def busy() -> set[int]:
    """The processes in which programs run."""
    return {job.pid for job in list(workers._jobs) if job.pid}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def begun(source: str = ENDLESS, number: int = 1) -> tuple[list[asyncio.Task[Execution]], set[int]]:
    """Programs that run, and the processes that they run in."""
    tasks = [asyncio.create_task(execute(source, {}, LONG)) for _ in range(number)]
    await until(lambda: len(busy()) >= min(number, workers.MOST))
    return tasks, busy()


async def cancelled(tasks: list[asyncio.Task[Execution]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)


def test_cancelling_ends_the_worker() -> None:
    async def check() -> None:
        tasks, pids = await begun()
        await cancelled(tasks)
        assert not busy()
        await until(lambda: not any(map(is_alive, pids)))
        assert (await execute("1 + 1", {})).value == 2

    asyncio.run(check())


def test_programs_run_beside_each_other_and_a_few_at_most() -> None:
    async def check() -> None:
        tasks, pids = await begun(number=workers.MOST + 2)
        assert len(pids) == workers.MOST
        waiting = asyncio.create_task(execute("'mine'", {}, LONG))
        await cancelled(tasks)
        assert (await waiting).value == "mine"  # it had waited for a worker, and those that waited too are gone
        values = await asyncio.gather(*(execute("n * n", {"n": n}) for n in range(40)))
        assert [one.value for one in values] == [n * n for n in range(40)]

    asyncio.run(check())


def test_a_program_sees_nothing_of_the_one_before() -> None:
    assert ran("kept = 5").value == 5
    assert ran("kept").kind == "error"
    assert ran("import random\nrandom.random()").value == ran("import random\nrandom.random()").value


def test_loops_run_beside_each_other_and_closed_ones_are_forgotten() -> None:
    values: list[object] = []
    threads = [threading.Thread(target=lambda: values.append(ran("'here'").value)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values == ["here"] * 3
    assert ran("1").value == 1
    assert sum(loop.is_closed() for loop in workers._turns) == 1  # that of the last one


def test_a_worker_that_is_killed_is_a_crash() -> None:
    async def check() -> None:
        (task,), (pid,) = await begun()
        os.kill(pid, signal.SIGKILL)
        assert (await task).kind == "crash"
        assert (await execute("1 + 1", {})).value == 2

    asyncio.run(check())


def test_a_stop_button_pressed_elsewhere_does_not_fail_a_program() -> None:
    async def check() -> None:
        (task,), (pid,) = await begun("for _ in range(2_000_000): pass\n'done'")
        os.kill(pid, signal.SIGINT)  # Jupyter sends it to every process of the kernel
        await until(lambda: busy() - {pid})
        assert (await task).value == "done"

    asyncio.run(check())


SCRIPT = """
import asyncio, contextlib, threading, time
from vnb.sandbox import Limits, execute
from tests.sandbox.test_workers import busy

async def first():  # together, in a process in which nothing is loaded yet
    return sum([one.value for one in await asyncio.gather(*(execute("n", {"n": n}) for n in range(20)))])
print(asyncio.run(first()), flush=True)
def endless():
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(execute("while True: pass", {}, Limits(seconds=600)))
threading.Thread(target=endless, daemon=True).start()
while not (pids := busy()):
    time.sleep(0.01)
print(*pids, flush=True)
"""


def script(source: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", source], cwd=root, capture_output=True, text=True, check=True)


def test_no_worker_outlives_the_interpreter() -> None:
    done = script(SCRIPT)
    value, pid = done.stdout.split()
    assert value == "190" and not done.stderr
    asyncio.run(until(lambda: not is_alive(int(pid))))


FORKED = """
import asyncio, os
from vnb.errors import SandboxError
from vnb.sandbox import execute

print(asyncio.run(execute("1", {})).value, flush=True)
if child := os.fork():
    os.waitpid(child, 0)
else:
    try:
        asyncio.run(execute("2", {}))
    except SandboxError as error:
        print(error.message, flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_process_says_that_it_cannot_run_programs() -> None:
    assert script(FORKED).stdout.splitlines() == [
        "1",
        "The sandbox cannot run in a process that was forked after it had run.",
    ]


def test_a_missing_package_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_monty", None)
    with pytest.raises(SandboxError, match="cannot be imported") as found:
        ran("1")
    assert found.value.hint == "pip install pydantic-monty"


@pytest.mark.parametrize("kind", ["missing", "not executable", "another program", "one that hangs"])
def test_a_broken_package_says_what_to_type(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = tmp_path / "monty"
    if kind != "missing":
        binary.write_text("#!/bin/sh\n" + ("exec sleep 1000" if kind == "one that hangs" else "exit 3") + "\n")
        binary.chmod(0o644 if kind == "not executable" else 0o755)
    monkeypatch.setattr(workers, "GRACE", 0.5)

    async def check() -> None:
        with monkeypatch.context() as patch:
            patch.setenv("MONTY_BIN", str(binary))
            for _ in range(2):
                with pytest.raises(SandboxError, match="does not start") as found:
                    await execute("1", {}, Limits(seconds=0.5))
                assert found.value.hint == "pip install --force-reinstall pydantic-monty"
        monkeypatch.setattr(workers, "GRACE", 30)
        assert (await execute("1", {})).value == 1  # in the same loop, once it is fixed

    asyncio.run(check())
