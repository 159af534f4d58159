"""A run at a past moment."""

from __future__ import annotations

from ..core import events as ev
from ..core.fold import Fold
from ..core.types import RunStatus
from ..core.view import RunView
from ..errors import StoreError, UsageError
from ..executor.commands import Command
from .asked import Asked
from .live import LiveRun
from .run import Run
from .runtime import Runtime


class PastRun(Run):
    """A run as it was after some of its events."""

    def __init__(self, runtime: Runtime, run_id: str, seq: int) -> None:
        super().__init__(runtime, run_id)
        events = list(runtime.store.events(run_id, upto=seq))
        if not 1 <= seq <= len(events):
            raise StoreError(
                f"The run {run_id} has no event {seq}.", f"It has {runtime.store.last_seq(run_id)} events."
            )
        self._past, self._moment = Fold.of(events).view, events[-1].at

    @property
    def _live(self) -> LiveRun | None:
        """Nobody carries the past: what stops or awaits the run as it is now has nothing to do with it."""
        return None

    @property
    def view(self) -> RunView:
        return self._past

    @property
    def status(self) -> RunStatus:
        return self._past.status

    @property
    def events(self) -> tuple[ev.Event, ...]:
        return tuple(self._runtime.store.events(self.id, upto=self._past.seq))

    def _now(self) -> float:
        return self._moment

    def stop(self, seconds: float = 1.0) -> Run:
        """Leaves the run alone."""
        return self

    def ask(self, command: Command) -> Asked:
        """Refuses: the past does not change."""
        raise self._unchangeable()

    def start_again(self) -> Run:
        """Refuses: the past does not change."""
        raise self._unchangeable()

    def _unchangeable(self) -> UsageError:
        place = f"{self.id}@{self._past.seq}"
        return UsageError(f"{place} is past and cannot be changed.", f"Go on from there in a fork: %vfork {place} NAME")
