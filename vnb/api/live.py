"""A run that this process carries."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING

from ..core.prices import NONE, Price
from ..executor.commands import Command
from ..executor.executor import Executor
from ..executor.log import Log
from .loop import wait

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..store.lease import Lease
    from ..store.store import StoredOutput
    from .runtime import Runtime


SETTLE = 5.0
"""Seconds that a run which takes no more commands gets to end."""


class LiveRun:
    """A run that this process carries: its log, and the task that carries it.

    Attributes:
        future: Done when this episode has ended.
        started: Whether it goes on by itself; until then whoever takes the run up stores its first events.
    """

    def __init__(
        self,
        runtime: Runtime,
        log: Log,
        lease: Lease,
        command: Command | None = None,
        paused: str = "",
        prices: Mapping[str, Price] = NONE,
    ) -> None:
        self.log = log
        self._lease = lease
        self._runtime = runtime
        self._executor = Executor(log, self._engine, self._find, command, paused, prices)
        self._task: asyncio.Task[None] | None = None
        self._stopping = self._cancelled = self.started = False
        self.future: concurrent.futures.Future[None] = concurrent.futures.Future()

    def start(self) -> None:
        """Goes on, once; a `stop` that came before is heard now."""
        self.started = True
        self._runtime.began(self)
        self._runtime.loop.submit(self._run()).add_done_callback(self._over)

    def abandon(self) -> None:
        """Says that it will not go on, in place of `start`; nobody waits for it then."""
        self.future.set_result(None)

    def _over(self, episode: concurrent.futures.Future[None]) -> None:
        error = None if episode.cancelled() else episode.exception()
        if error is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(error)

    async def _run(self) -> None:
        try:
            self._task = asyncio.current_task()
            if self._stopping:
                self._cancel()
            await self._executor.run()  # hears of a cancel where it first waits, and says so in the log
        finally:
            self._lease.release()
            self._runtime.ended(self)

    def _engine(self, spec: str) -> Awaitable[Engine]:
        return self._runtime.engine(spec or self.log.view.engine)

    def _find(self, key: str) -> StoredOutput | None:
        return self._runtime.store.output_for(key)

    @property
    def done(self) -> bool:
        """Whether this episode has ended."""
        return self.future.done()

    def submit(self, command: Command) -> bool:
        """Hands a command to this episode; whether it still took one. If not, the episode has ended by then.

        Raises:
            UsageError: It was refused.
        """
        if not self.done and self._runtime.loop.call(self._take(command)):
            return True
        self.settle(SETTLE)
        return False

    def check(self, command: Command) -> bool:
        """Says whether this episode could take a command now; whether it is still under way at all.

        Raises:
            VnbError: It is, and could not.
        """
        return not self.done and self._runtime.loop.call(self._check(command))

    async def _check(self, command: Command) -> bool:
        if not self._executor.ended:
            self._executor.check(command)
        return not self._executor.ended

    async def _take(self, command: Command) -> bool:
        if not self._executor.ended:
            self._executor.take(command)
        return not self._executor.ended

    def wait(self) -> None:
        """Waits for the end of this episode.

        Raises:
            VnbError: The log could not be written any more.
            KeyboardInterrupt: As it came; the run goes on until `stop`.
        """
        wait(self.future)

    async def await_end(self) -> None:
        """Waits for the end of this episode on the caller's own loop; cancelling stops the run."""
        try:
            await asyncio.shield(asyncio.wrap_future(self.future))
        except asyncio.CancelledError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the run; returns at once."""
        self._stopping = True
        if not self.future.done():
            self._runtime.loop.call_soon(self._cancel)

    def _cancel(self) -> None:
        """Cancels the task, once: a second cancel would interrupt the tidying up after the first."""
        if self._task is not None and not self._cancelled:
            self._cancelled = True
            self._task.cancel()

    def settle(self, seconds: float) -> bool:
        """Waits up to `seconds` for the end of this episode; whether it came."""
        try:
            self.future.result(seconds)
        except concurrent.futures.TimeoutError:
            return False
        except Exception:  # whoever waited for the run was told
            return self.future.done()
        return True
