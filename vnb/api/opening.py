"""Runs that are stored, or lie in a file of events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from .run import Run
from .runtime import Runtime

EVENTS = ".jsonl"
"""The suffix of files that hold a run's events, and can be opened."""


def stored_run(runtime: Runtime, run: str) -> Run:
    """The stored run whose id is `run` or begins with it.

    Raises:
        StoreError: No run has that id, or several do.
    """
    return Run(runtime, runtime.store.resolve(run))


def runs(runtime: Runtime, limit: int = 50, search: str = "") -> Sequence[Run]:
    """The newest runs of the store."""
    return [Run(runtime, row.run_id) for row in runtime.store.runs(limit, search)]


def open_run(runtime: Runtime, run: str | Path) -> Run:
    """A stored run by its id or the beginning of it, or the run of a `.jsonl` file, which is then stored.

    Raises:
        StoreError: No run has that id, or several do; or the file is damaged, was changed, or is of a newer format.
        UsageError: The file holds no events.
    """
    suffix = Path(run).suffix.lower()
    if suffix == EVENTS:
        from ..store.export import import_jsonl

        return Run(runtime, import_jsonl(runtime.store, Path(run).expanduser()))
    if suffix in (".html", ".md", ".ipynb"):
        raise UsageError(f"{run} is made to be read; a run is opened from its events.", "%vexport RUN FILE.jsonl")
    return stored_run(runtime, str(run))
