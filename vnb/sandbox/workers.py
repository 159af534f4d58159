"""The worker processes of the sandbox: one for each program, and none that waits between programs.

There is a pool for each event loop. `pydantic_monty` is imported when the first program runs.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ..errors import SandboxError
from .execution import Limits

if TYPE_CHECKING:
    from pydantic_monty import AsyncMonty, AsyncMontySession

MOST = max(2, min(8, os.cpu_count() or 1))
"""Programs that run at once; others wait."""

START = 30.0
"""Seconds within which the first worker must have started."""

_pools: dict[asyncio.AbstractEventLoop, asyncio.Task[AsyncMonty]] = {}
_busy: set[int] = set()
"""Workers that run a program, by process id."""


@asynccontextmanager
async def worker(limits: Limits) -> AsyncIterator[AsyncMontySession]:
    """A fresh worker for one program; at the end it is gone, whatever it was doing.

    Raises:
        SandboxError: If there is none to be had.
    """
    pool = await _pool()
    try:
        session = pool.checkout(
            limits={
                "max_feed_duration_secs": limits.seconds,
                "max_memory": limits.memory,
                "max_recursion_depth": limits.recursion,
            },
            os_policy={"sleep": "zero", "random_start": {"seed": 0}},  # the same program gives the same value
        )
        await session.__aenter__()
    except Exception as error:
        raise _broken(error) from error
    pid = session.worker_pid or 0
    _busy.add(pid)
    try:
        yield session
    finally:
        await session.__aexit__(None, None, None)
        _busy.discard(pid)


async def _pool() -> AsyncMonty:
    """The pool of the loop that runs; started by whoever comes first."""
    for other in [loop for loop in list(_pools) if loop.is_closed()]:
        _pools.pop(other, None)
    loop = asyncio.get_running_loop()
    starting = _pools.get(loop)
    if starting is None or (starting.done() and (starting.cancelled() or starting.exception())):
        starting = _pools[loop] = loop.create_task(_start())
    return await asyncio.shield(starting)


async def _start() -> AsyncMonty:
    try:
        from pydantic_monty import AsyncMonty
    except ImportError as error:
        message = f"Programs run in the package pydantic-monty, which cannot be imported: {error}."
        raise SandboxError(message, "pip install pydantic-monty") from error
    try:
        # A worker serves one program: nothing is left of it for the next.
        pool = AsyncMonty(min_processes=0, max_processes=MOST, max_checkouts_per_worker=1)
        await asyncio.wait_for(pool.__aenter__(), START)
        await asyncio.wait_for(_try(pool), START)
    except Exception as error:
        raise _broken(error) from error
    return pool


async def _try(pool: AsyncMonty) -> None:
    async with pool.checkout():
        pass


def _broken(error: Exception) -> SandboxError:
    reason = str(error) or type(error).__name__
    return SandboxError(f"The sandbox does not start: {reason}.", "pip install --force-reinstall pydantic-monty")


@atexit.register
def _end() -> None:
    """Ends what still runs, so that no worker outlives this process."""
    for pid in list(_busy):
        with suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
