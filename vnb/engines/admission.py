"""Who may decode now: slots and KV cells, first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque

from ..errors import EngineError


class Admission:
    """Hands out `slots` places and `cells` KV cells; whoever waits longest is next, so that none starves.

    Not thread-safe: it belongs to one event loop at a time.
    """

    def __init__(self, slots: int, cells: int) -> None:
        self.slots, self.cells = slots, cells
        self.free_slots, self.free_cells = slots, cells
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._closed: EngineError | None = None

    @property
    def waiting(self) -> int:
        """How many are queued."""
        return sum(not future.done() for _, future in self._queue)

    async def enter(self, cells: int) -> None:
        """Waits until a slot and `cells` cells are free and takes them; give them back by `leave(cells)`.

        Raises:
            EngineError: The engine was closed, before or while this waited.
        """
        if self._closed:
            raise self._closed
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((cells, future))
        self._admit()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.leave(cells)
            else:
                future.cancel()
                self._admit()
            raise

    def leave(self, cells: int) -> None:
        """Gives a slot and `cells` cells back."""
        self.free_slots += 1
        self.free_cells += cells
        self._admit()

    def close(self, error: EngineError) -> None:
        """Fails everyone who waits, and everyone who comes later."""
        self._closed = error
        while self._queue:
            future = self._queue.popleft()[1]
            if not future.done():
                future.set_exception(EngineError(error.message, error.hint))

    def _admit(self) -> None:
        while self._queue:
            cells, future = self._queue[0]
            if not future.done():
                if not self.free_slots or cells > self.free_cells:
                    return
                self.free_slots -= 1
                self.free_cells -= cells
                future.set_result(None)
            self._queue.popleft()
