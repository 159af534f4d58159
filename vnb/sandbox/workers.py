"""The worker processes of the sandbox: one for each program, and none that waits between programs.

A worker is served by a thread that blocks. Monty's own asyncio interface leaves threads behind that may abort the interpreter
when it ends. `pydantic_monty` is imported when the first program runs.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import SandboxError
from .execution import Limits
from .faults import is_interrupted

if TYPE_CHECKING:
    from pydantic_monty import Monty, MontySession

T = TypeVar("T")

MOST = max(2, min(8, os.cpu_count() or 1))
"""Programs of one event loop that run at once; others wait."""

GRACE = 5.0
"""Seconds after its limit in which a program must have ended, the start of its worker included; then it is killed."""

END = 2.0
"""Seconds that the interpreter, when it ends, waits for a worker."""

_turns: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}
_jobs: set[_Job[Any]] = set()
_lock = threading.Lock()
_is_ending = threading.Event()
_is_forked = threading.Event()


async def in_worker(limits: Limits, work: Callable[[MontySession, Callable[[], None]], T]) -> T:
    """Does something with a fresh worker, in a thread. Cancelling this kills the worker.

    Args:
        limits: Those of the program.
        work: Takes the worker, and what kills it.

    Raises:
        SandboxError: If no worker starts.
        TimeoutError: If it was killed because it did not stop at its limit.
        CancelledError: Also if the interpreter ends.
    """
    if _is_forked.is_set():
        message = "The sandbox cannot run in a process that was forked after it had run."
        raise SandboxError(message, 'multiprocessing.set_start_method("spawn")')
    async with _turn():
        if _is_ending.is_set():
            raise asyncio.CancelledError
        job = _Job(limits, work)
        ended = asyncio.wrap_future(job.ended)
        job.thread.start()
        try:
            done, _ = await asyncio.wait({ended}, timeout=limits.seconds + GRACE)
        finally:
            job.stop()
            await asyncio.wait({ended})
            error = ended.exception()
    if _is_ending.is_set():
        raise asyncio.CancelledError
    if not done and not isinstance(error, SandboxError):
        raise TimeoutError
    return ended.result()


def _turn() -> asyncio.Semaphore:
    """What a program waits for until others have ended."""
    for loop in [loop for loop in list(_turns) if loop.is_closed()]:
        _turns.pop(loop, None)
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST))


class _Job(Generic[T]):
    """A worker with the thread that serves it."""

    def __init__(self, limits: Limits, work: Callable[[MontySession, Callable[[], None]], T]) -> None:
        self.ended: Future[T] = Future()
        self.pid = 0
        self.thread = threading.Thread(target=self._run, name="vnb-sandbox", daemon=True)
        self._limits = limits
        self._work = work
        self._lock = threading.Lock()
        self._is_stopped = False

    def stop(self) -> None:
        """Kills the worker; what runs in it raises an error."""
        with self._lock:
            self._is_stopped = True
            if self.pid:
                with suppress(OSError):
                    os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _run(self) -> None:
        self.ended.set_running_or_notify_cancel()
        _jobs.add(self)
        try:
            result = self._serve()
        except Exception as error:
            self.ended.set_exception(error)
        except BaseException as error:  # a fault of Monty's own
            self.ended.set_exception(RuntimeError(str(error)))
        else:
            self.ended.set_result(result)
        finally:
            _jobs.discard(self)

    def _serve(self) -> T:
        limits = self._limits
        started = False
        try:
            with (
                _monty(limits) as pool,
                pool.checkout(
                    limits={
                        "max_feed_duration_secs": limits.seconds,
                        "max_memory": limits.memory,
                        "max_recursion_depth": limits.recursion,
                    },
                    os_policy={"sleep": "zero", "random_start": {"seed": 0}},  # the same program gives the same value
                ) as session,
            ):
                started = True
                with self._lock:
                    if self._is_stopped:
                        raise InterruptedError
                    self.pid = session.worker_pid or 0
                try:
                    return self._work(session, self.stop)
                finally:
                    with self._lock:
                        self.pid = 0
        except Exception as error:
            if started or is_interrupted(error) or isinstance(error, SandboxError):
                raise
            reason = str(error) or type(error).__name__
            hint = "pip install --force-reinstall pydantic-monty"
            raise SandboxError(f"The sandbox does not start: {reason}.", hint) from error


def _monty(limits: Limits) -> Monty:
    """A pool of one worker, not started."""
    with _lock:  # it looks for its binary by sysconfig, which threads must not use for the first time together
        try:
            from pydantic_monty import Monty
        except ImportError as error:
            message = f"Programs run in the package pydantic-monty, which cannot be imported: {error}."
            raise SandboxError(message, "pip install pydantic-monty") from error
        return Monty(min_processes=1, max_processes=1, request_timeout=limits.seconds + GRACE)


def _leave_parent() -> None:
    """In a forked process: the workers are the parent's, and the threads that Monty needs did not come along."""
    _jobs.clear()
    if "pydantic_monty" in sys.modules:
        _is_forked.set()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_parent)


@atexit.register
def _end() -> None:
    """Ends what still runs: no worker outlives the interpreter, and no thread serves one while it comes apart."""
    _is_ending.set()
    jobs = list(_jobs)
    for job in jobs:
        job.stop()
    for job in jobs:
        job.thread.join(END)
