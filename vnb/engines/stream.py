"""From an engine's own thread to the event loop: events in batches, and an end that can be waited for."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Hear = Callable[[float, T | None], None]
"""Is told `(seconds, event)` in the engine's thread; `None` is the end, always said, once."""
Cancel = Callable[[], None]


def rest(requests: int) -> float:
    """Seconds that decoded tokens may wait for each other, so that every request is heard of 5 to 20 times a second, and
    all together about 40 times at most."""
    return 0.05 * min(4, max(1, requests // 2))


class Beat:
    """When the loop looks at the requests of one engine: at all of them together, the less often the more they are."""

    def __init__(self) -> None:
        self.requests = 0

    def after(self, now: float) -> float:
        """The next time from `now` on."""
        seconds = rest(self.requests)
        return (now // seconds + 1) * seconds


CLOSE = 10
"""Seconds that an engine gets to end a request that was cancelled."""

_log = logging.getLogger(__name__)


async def closed(stream: object) -> None:
    """Closes an engine's generator; one that hangs is left behind after `CLOSE` seconds."""
    close = getattr(stream, "aclose", None)
    if close is None:
        return
    try:
        await asyncio.wait_for(close(), CLOSE)
    except asyncio.TimeoutError:
        _log.warning("an engine did not end a request within %d seconds", CLOSE)


async def settled(future: asyncio.Future[Any]) -> None:
    """Waits until `future` is done, however often the waiting task is cancelled meanwhile."""
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue


class Stream(Generic[T]):
    """One call's events, in batches: the thread wakes the loop for the first, then the loop looks on the engine's beat.

    The times of the events are taken in the thread, so resting blurs none of them; the end is told at once.

    Args:
        start: Starts the call, which tells its events to what it is given, and returns what cancels it.
        beat: Of the engine.
    """

    def __init__(self, start: Callable[[Hear[T]], Cancel], beat: Beat) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: deque[tuple[float, T | None]] = deque()
        self._quiet = False  # the loop will look by itself
        self._news = asyncio.Event()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._beat = beat
        self._cancel = start(self._hear)
        beat.requests += 1

    async def batches(self) -> AsyncIterator[list[tuple[float, T | None]]]:
        """All events that came since the last batch, until the end."""
        while True:
            await self._news.wait()
            self._news.clear()
            batch = list(self._items)
            for _ in batch:
                self._items.popleft()
            if batch:
                yield batch
            if self._ended.done() and not self._items:
                return
            self._loop.call_at(self._beat.after(self._loop.time()), self._look)

    async def end(self) -> None:
        """Cancels the call if it still runs, and waits until it has ended."""
        self._cancel()
        await settled(self._ended)

    def cancel(self) -> None:
        """Cancels the call without waiting; `batches` then ends."""
        self._cancel()

    def _hear(self, at: float, event: T | None) -> None:
        self._items.append((at, event))
        if event is None or not self._quiet:
            self._quiet = True
            try:
                self._loop.call_soon_threadsafe(self._finish if event is None else self._news.set)
            except RuntimeError:  # the loop is gone, so nobody listens
                self._cancel()

    def _look(self) -> None:
        self._quiet = False
        if self._items:  # also what came while `_quiet` was being cleared
            self._quiet = True
            self._news.set()

    def _finish(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
            self._beat.requests -= 1
        self._news.set()
