"""What can be read of a run. All of it is read from the events; nothing is kept twice."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core import events as ev
from ..core.fold import Fold
from ..core.types import Brief, RunStatus, Strategy, Task, Verdict
from ..core.view import RunView
from .live import LiveRun
from .plan import WrittenPlan
from .runtime import Runtime

if TYPE_CHECKING:
    from ..views.run_figure import RunFigure
    from .tables import Tables


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Holds the garbage collector back while a long run is read: half of the time would go into walking its tokens."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class StoredRun:
    """What can be read of a run, carried by this process or lying in the store."""

    def __init__(self, runtime: Runtime, run_id: str) -> None:
        self._runtime = runtime
        self.id = run_id
        self._read: Fold | None = None
        self._carried = runtime.live(run_id)  # kept, so that what this run decoded need not be read again

    # ---------------------------------------------------------------- what it is

    @property
    def _live(self) -> LiveRun | None:
        self._carried = self._runtime.live(self.id)
        return self._carried

    @property
    def view(self) -> RunView:
        """The fold of the run's events: live if this process carries it, else as it stands in the store."""
        live = self._live
        if live is not None:
            return live.log.view
        if self._read is None or self._read.view.seq != self._runtime.store.last_seq(self.id):
            with _uncollected():
                self._read = Fold.of(self._runtime.store.events(self.id))
        return self._read.view

    def shown(self) -> RunView:
        """The view with the status that a reader should see: `interrupted` if nobody carries the run any more."""
        view = self.view
        return view if view.status == self.status else replace(view, status=self.status)

    def blob(self, digest: str) -> str:
        """A text of the run by its digest."""
        return self._runtime.store.blob(digest)

    @property
    def status(self) -> RunStatus:
        status = self.view.status
        if status != "running" or (self._live is not None and not self._live.done):
            return status
        return "running" if self._runtime.store.is_live(self.id) else "interrupted"

    @property
    def task(self) -> Task:
        return self.view.task

    @property
    def brief(self) -> Brief | None:
        return self.view.brief

    @property
    def plan(self) -> WrittenPlan:
        """The plan as it stands; prints as the text that `%%vplan` takes."""
        return WrittenPlan(self._runtime, self.view.whole_plan)

    @property
    def strategy(self) -> Strategy | None:
        """How the task is done; `None` before that is chosen, and for vnb-tiny."""
        return self.view.strategy

    @property
    def why(self) -> str:
        """Why it is done so; empty if its user said how."""
        return self.view.why

    @property
    def result(self) -> str | None:
        """The deliverable; `None` before there is one."""
        return self.blob(self.view.output) if self.view.output else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the outputs that count, each with its step; a run with any is finished with warnings."""
        return tuple(f"{step}: {warning}" for step, warning in self.view.warnings)

    @property
    def checks(self) -> tuple[Verdict, ...]:
        """The demands of the task that the result was checked for, and whether it meets each."""
        from ..views.checks import verdicts

        return verdicts(self.view)

    @property
    def events(self) -> tuple[ev.Event, ...]:
        return tuple(self._runtime.store.events(self.id))

    # ---------------------------------------------------------------- its figures

    def plot(self, *others: StoredRun, what: str | Sequence[str] | None = None, dark: bool | None = None) -> RunFigure:
        """A matplotlib figure of the run, which a notebook shows and `figure.save("a.pdf")` writes.

        Args:
            others: Runs to compare with, laid over this one.
            what: Panels: `timeline`, `rate`, `itl`, `kv`, `prefix`, as a list or with commas between; all by default.
            dark: Light on dark; by default as matplotlib's own style is.

        Raises:
            UsageError: There is no such panel, or nothing to show.
        """
        from ..views.plots import figure

        return figure([run.shown() for run in (self, *others)], self._now(), what, dark)

    def to_pandas(self) -> Tables:
        """The run's steps, attempts, tokens and events as pandas tables; `vnb.api.tables` says what each column holds.

        Raises:
            VnbError: pandas is not installed.
        """
        from .tables import tables

        return tables(self.shown(), self.events, self._now())

    # ---------------------------------------------------------------- how it shows itself

    def _now(self) -> float:
        """The moment until which attempts under way last."""
        return time.time()

    def bundle(self) -> dict[str, Any]:
        """The run as a Jupyter MIME bundle: vnb's JSON, HTML without script, Markdown, text."""
        from ..views.bundle import bundle

        with _uncollected():
            return bundle(self.shown(), self.blob, self._now())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.bundle()

    def __str__(self) -> str:
        from ..views.text import render

        return render(self.shown(), self.blob, self._now())

    def __repr__(self) -> str:
        view = self.view
        done = sum(1 for step in view.plan if view.steps[step.id].status == "finished")
        warned = f", warnings: {len(view.warnings)}" if view.warnings else ""
        return f"<run {self.id}: {self.status}, {done}/{len(view.plan)} steps{warned}>"
