"""How a run is shown while it runs and when it has ended: one display of a notebook, or lines of a terminal."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from ..api.loop import POLL
from ..api.run import Run
from ..api.runtime import Runtime
from ..errors import UsageError
from ..locale import say
from ..views import clean, html, items, rows, text
from ..views.bundle import MIME, document
from .run_panel import is_followed

if TYPE_CHECKING:
    from .widget import RunWidget

Form = Literal["tree", "text", "none"]

INTERVAL = 0.25
"""Seconds between two updates of a display, at least."""

FOLLOWED = 5.0
"""The same where a panel follows the run's events anyway: what a notebook holds that is saved meanwhile."""

SHARE = 0.05
"""The most of the waiting thread's time that goes into updates: a long run is shown less often, not at its expense."""

GRACE = 0.6
"""Seconds that a stopped run gets to end before the cell returns."""

_log = logging.getLogger(__name__)


class Screen(Protocol):
    """Where one run is shown."""

    def paint(self, run: Run) -> None:
        """Shows the run as it is now."""

    def end(self, run: Run) -> None:
        """Shows the run as it stays."""


class NotebookScreen:
    """One display of a notebook, updated in place."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._id = uuid.uuid4().hex
        self._opened = False
        self._widget: RunWidget | None = None

    def paint(self, run: Run) -> None:
        """Shows what a front end needs now; Markdown comes at the end."""
        if self._widget is not None:
            self._widget.update()
            return
        view, now = run.shown(), time.time()
        bundle: dict[str, Any] = {"text/plain": text.render(view, run.blob, now)}
        if self._form == "tree":
            bundle |= {MIME: document(view, run.blob, now), "text/html": html.render(view, run.blob, now)}
            self._widget = _widget(run)
        live, metadata = self._widget.shown() if self._widget is not None else ({}, {})
        self._show(bundle | live, metadata)

    def end(self, run: Run) -> None:
        """Shows the bundle that the notebook keeps."""
        bundle = run.bundle()
        self._show(bundle if self._form == "tree" else {"text/plain": bundle["text/plain"]})
        if self._widget is not None:
            self._widget.close()
            self._widget = None

    def _show(self, bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        opened, self._opened = self._opened, True
        display(bundle, metadata=metadata, raw=True, display_id=self._id, update=opened)  # type: ignore[no-untyped-call]


def _widget(run: Run) -> RunWidget | None:
    """The run as a widget, where the front end shows widgets and cannot have vnb's part of JupyterLab."""
    if "VSCODE_PID" not in os.environ and "google.colab" not in sys.modules:
        return None
    from .widget import RunWidget  # which brings ipywidgets

    try:
        return RunWidget(run)
    except UsageError:  # it was not built
        return None


_ENDED = ("finished", "warned", "reused", "failed", "skipped", "cancelled")


class TerminalScreen:
    """Lines of a terminal: one for each step that ends from now on, and the tree at the end.

    Of a long map's items those that finished are counted only, a line for each tenth.

    Args:
        returned: The run becomes the value of what was typed, so that IPython prints the tree if all goes well.
    """

    def __init__(self, returned: bool) -> None:
        self._returned = returned
        self._since = time.time()
        self._told: set[tuple[str, int, str]] = set()

    def paint(self, run: Run) -> None:
        """Prints the steps that have ended since the last time."""
        view = run.view
        tree = rows.rows(view)
        for row, under in zip(tree, items.places(tree)):
            if items.folds(row) and row.status not in _ENDED:
                self._count(row)
            told = (row.step.step.id, len(row.step.attempts), row.status)
            if row.status not in _ENDED or told in self._told or (under >= 0 and row.status in ("finished", "reused")):
                continue
            self._told.add(told)
            attempt = rows.shown(row.step)
            if attempt and attempt.ended_at < self._since:
                continue
            values = rows.figures(attempt, view, time.time())
            said = [text.name(row), *([say(row.status)] if row.status not in ("finished", "warned") else [])]
            said += [say(f"{values.tokens} tokens")] if values.tokens is not None else []
            said += [clean.seconds(values.seconds)] if values.seconds is not None else []
            said += [say(attempt.error)] if attempt and row.status == "failed" else []
            said += rows.warnings(attempt) if attempt and row.status == "warned" else []
            print(clean.fit(f"{row.symbol} {clean.label(' · '.join(said), 400)}", _columns()), flush=True)

    def _count(self, row: rows.Row) -> None:
        tenth = 10 * sum(item.status == "finished" for item in row.items) // len(row.items)
        if tenth and (told := (row.step.step.id, tenth, "items")) not in self._told:
            self._told.add(told)
            print(clean.fit(f"{row.symbol} {text.name(row)} · {items.tally(row)}", _columns()), flush=True)

    def end(self, run: Run) -> None:
        """Prints the last steps, and the tree with the result."""
        self.paint(run)
        if not self._returned or run.status not in ("finished", "paused"):
            print(tree(run), flush=True)


class NoScreen:
    """Nowhere."""

    def paint(self, run: Run) -> None:
        """Shows nothing."""

    def end(self, run: Run) -> None:
        """Shows nothing."""


class Progress:
    """One line that says what takes a while now, and at the end how long it took."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._terminal = in_terminal(shell)
        self._id = uuid.uuid4().hex
        self._opened = False
        self._began = time.monotonic()
        self._context = contextvars.copy_context()

    def say(self, words: str) -> None:
        """Shows the words in the cell that made this, whichever thread calls."""
        self._context.run(self._show, f"{say(words)} …")

    def end(self, words: str) -> None:
        """Shows the words with the seconds since this was made."""
        self._show(say(words) + say(f" in {clean.seconds(time.monotonic() - self._began)}"))

    def _show(self, line: str) -> None:
        if self._terminal:
            print(line, flush=True)
            return
        opened, self._opened = self._opened, True
        display({"text/plain": line}, raw=True, display_id=self._id, update=opened)  # type: ignore[no-untyped-call]


class ShownRun(Run):
    """A run that a line magic has shown in a notebook: as the value of that same cell it is not shown a second time."""

    def __init__(self, runtime: Runtime, run_id: str, shell: InteractiveShell) -> None:
        super().__init__(runtime, run_id)
        self._shell = shell
        self._shown_in = shell.execution_count

    def _ipython_display_(self) -> None:
        if self._shell.execution_count != self._shown_in:
            display(self.bundle(), raw=True)  # type: ignore[no-untyped-call]


def tree(run: Run) -> str:
    """The run as text, as wide as the terminal."""
    return text.render(run.shown(), run.blob, time.time(), _columns())


def show(value: object) -> None:
    """Shows a value as a cell's own output."""
    display(value)  # type: ignore[no-untyped-call]


def screen_for(shell: InteractiveShell, form: Form, returned: bool = False) -> Screen:
    """Where this shell shows a run; `returned` if it then becomes the value of what was typed."""
    if form == "none":
        return NoScreen()
    return TerminalScreen(returned) if in_terminal(shell) else NotebookScreen(form)


def in_terminal(shell: InteractiveShell) -> bool:
    """Whether the shell is IPython in a terminal. If it is, its module was imported; a kernel need not import it."""
    module = sys.modules.get("IPython.terminal.interactiveshell")
    return module is not None and isinstance(shell, module.TerminalInteractiveShell)


def follow(run: Run, screen: Screen) -> None:
    """Shows the run until it ends, as often as that is worth it. The last thing shown is always how it ended.

    Raises:
        KeyboardInterrupt: As it came; the run goes on and the screen is as it was.
    """
    pause = _timed(run, screen)
    seen = run.view.seq
    while not _ended_within(run, pause):
        if run.view.seq != seen:
            seen = run.view.seq
            pause = _timed(run, screen)
    _try(screen.end, run)


def _try(show: Callable[[Run], None], run: Run) -> None:
    """What goes wrong while a run is shown must not take the run with it."""
    try:
        show(run)
    except Exception:
        _log.exception("the run %s could not be shown", run.id)


def _ended_within(run: Run, seconds: float) -> bool:
    """Waits in short stretches, since not every platform interrupts a wait."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if run.settle(min(left, POLL)):
            return True
    return False


def _timed(run: Run, screen: Screen) -> float:
    """Paints, and returns for how long that should do."""
    began = time.thread_time()
    _try(screen.paint, run)
    return max(FOLLOWED if is_followed(run.id) else INTERVAL, (time.thread_time() - began) / SHARE)


def follow_in_background(run: Run, screen: Screen) -> None:
    """`follow` in a thread of its own, after a first look. What it shows belongs to the cell that is running now."""
    _try(screen.paint, run)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(follow, run, screen), name=f"vnb show {run.id}", daemon=True).start()


def stop(run: Run, screen: Screen) -> None:
    """Stops the run and shows how it ended, after `GRACE` at the latest; an end that comes later is shown then."""
    with contextlib.suppress(KeyboardInterrupt):  # of a button that was pressed twice
        run.stop(GRACE)
    if run.settle(0):
        _try(screen.end, run)
    else:
        follow_in_background(run, screen)


def _columns() -> int:
    return shutil.get_terminal_size((100, 24)).columns
