"""The one way by which anything happens in a run: number, check, store, fold, publish."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from ..core.checks import check
from ..core.digest import text_digest
from ..core.events import Body, Event
from ..core.fold import Fold
from ..core.view import RunView
from ..errors import StoreError
from .graph import PlanGraph

Listener = Callable[[Event], None]
_log = logging.getLogger(__name__)


class Outputs(Protocol):
    """What the executor needs of a store."""

    def append(self, event: Event, texts: Mapping[str, str] | None = None) -> None: ...

    def blob(self, digest: str) -> str: ...


class Log:
    """The only writer of a run. An event is on disk before the view shows it and before anybody hears of it.

    Attributes:
        graph: What the steps of the run wait for.
        broken: Why an event could not be stored; the run cannot go on then.
    """

    def __init__(self, store: Outputs, run_id: str, fold: Fold) -> None:
        self.store = store
        self.run_id = run_id
        self.fold = fold
        self.graph = PlanGraph(fold.view)
        self.broken: StoreError | None = None
        self._listeners: list[Listener] = []

    @property
    def view(self) -> RunView:
        return self.fold.view

    def append(self, body: Body, *texts: str) -> Event:
        """Appends one event with the texts whose digests it names.

        Raises:
            FoldError: It does not fit; nothing was written.
            StoreError: It could not be stored; the view is as it was.
        """
        event = Event(self.run_id, self.view.seq + 1, time.time(), body)
        check(self.view, event)
        try:
            self.store.append(event, {text_digest(text): text for text in texts})
        except StoreError as error:
            self.broken = error
            raise
        self.fold.apply(event, checked=True)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # whoever shows a run must not break it
                _log.exception("a listener failed on event %d of %s", event.seq, self.run_id)
        return event

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with every event from now on, on the executor's thread; returns how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None
