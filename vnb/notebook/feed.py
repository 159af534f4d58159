"""The events of one run for one panel: each once, in order, in few messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..api.live import LiveRun
from ..api.runtime import Runtime
from ..core.codec import encode_event
from ..core.events import Event
from ..errors import StoreError
from ..views.snapshot import valid

INTERVAL = 0.055
"""Seconds between two messages at least: less than 20 a second."""

MOST = 1_000
"""Events in one message, at the most."""

POLL = 1.0
"""Seconds between two looks at a run that another process carries."""


class Feed:
    """Sends the events of a run as they are stored, whoever carries it and however often it is taken up.

    What happens while the run goes on happens on the runtime's loop. What is already stored is read by the caller.

    Args:
        send: Takes a batch of events as `encoded` gives it; called by one thread at a time.
    """

    def __init__(self, runtime: Runtime, run_id: str, send: Callable[[str], None]) -> None:
        self._runtime, self._run_id, self._send = runtime, run_id, send
        self._lock = threading.RLock()
        self._last = 0  # the number of the last event that was sent
        self._coming: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self._ready = self._closed = self._polling = False
        self._unlisten: Callable[[], None] = _nothing
        self._unwatch: Callable[[], None] = _nothing

    def start(self, after: int) -> None:
        """Sends what came after event `after`, and from now on what comes."""
        self._unwatch = self._runtime.watch(self._began)
        live = self._runtime.live(self._run_id)
        if live is not None and live.started:
            self._listen(live)
        self._last = after
        with self._lock:
            self._catch_up()
            self._ready = True
        self._runtime.loop.call_soon(self._resume)  # what was taken up meanwhile
        self.look()

    def look(self) -> None:
        """Follows the run also in the store, if another process has taken it up."""
        if not self._polling and self._is_elsewhere():
            self._polling = True
            self._runtime.loop.submit(self._poll())

    def close(self) -> None:
        """Sends no more."""
        with self._lock:
            self._closed = True
            self._unlisten()
            self._unwatch()

    def _is_elsewhere(self) -> bool:
        live = self._runtime.live(self._run_id)
        return (live is None or live.done) and self._runtime.store.is_live(self._run_id)

    def _catch_up(self) -> None:
        """Sends what is stored and was not sent."""
        for batch in _batches(self._runtime.store.events(self._run_id, self._last)):
            self._send(encoded(batch))
            self._last = batch[-1].seq

    def _listen(self, live: LiveRun) -> None:
        with self._lock:
            self._unlisten()
            if not self._closed:
                self._unlisten = live.log.listen(self._hear)

    def _began(self, live: LiveRun) -> None:
        """The run is taken up by this process, which has stored the first events of that already."""
        if live.log.run_id == self._run_id:
            self._listen(live)
            self._runtime.loop.call_soon(self._resume)

    def _resume(self) -> None:
        if not self._ready:
            return  # `start` reads on, which may take long, and calls this when it is done
        with self._lock:
            if not self._closed:
                self._catch_up()
        self._flush()

    def _hear(self, event: Event) -> None:
        self._coming.append(event)
        if self._ready and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._flush)

    def _flush(self) -> None:
        """Sends what has come. What was read from the store meanwhile is not sent again."""
        self._timer = None
        coming, self._coming = self._coming, []
        with self._lock:
            new = list({event.seq: event for event in coming if event.seq > self._last}.values())
            if new and not self._closed:
                self._last = new[-1].seq
                for batch in _batches(new):
                    self._send(encoded(batch))

    async def _poll(self) -> None:
        """Follows a run that another process carries, until it does not any more."""
        going = True
        while going and not self._closed:
            await asyncio.sleep(POLL)
            with contextlib.suppress(StoreError):  # a store that is locked for a moment
                going = self._is_elsewhere()
                self._resume()
        self._polling = False


def encoded(events: Iterable[Event]) -> str:
    """The events as a JSON list: as text, which goes through a kernel's messages untouched and so fast."""
    found = [encode_event(event) for event in events]
    try:
        return json.dumps(found, separators=(",", ":"), allow_nan=False)
    except ValueError:  # a log-probability that is no number
        return json.dumps([valid(event) for event in found], separators=(",", ":"))


def _batches(events: Iterable[Event]) -> Iterator[Sequence[Event]]:
    batch: list[Event] = []
    for event in events:
        batch.append(event)
        if len(batch) == MOST:
            yield batch
            batch = []
    if batch:
        yield batch


def _nothing() -> None:
    """Ends nothing."""
