"""The runs of a store as rows: what a list shows without reading a single event."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal, Union, cast

from ..core.types import RunStatus
from ..errors import StoreError
from .lease import living_holder

SEQ = "max(runs.seq, coalesce((SELECT max(seq) FROM events WHERE run = runs.id), 0))"
"""The number of a run's last event: streamed ones are not noted in the run's row."""

_LISTED = (
    f"SELECT runs.run_id, runs.title, runs.status, runs.engine, runs.created, runs.updated, {SEQ},"
    " coalesce(parents.run_id, ''), runs.parent_seq FROM runs LEFT JOIN runs parents ON parents.id = runs.parent"
)


ListedStatus = Union[RunStatus, Literal["warned"]]


@dataclass(frozen=True)
class RunRow:
    """One run of the list.

    Attributes:
        title: The beginning of the task's text, in one line.
        status: As its events say; `interrupted` if they say `running` but no living process writes it; `warned` if it
            finished with warnings.
        created, updated: Seconds since the epoch of its first own event and of its last one.
        seq: The number of its last event.
        parent, parent_seq: What it was forked from; empty and 0 for other runs.
        live: A living process is writing it now.
    """

    run_id: str
    title: str
    status: ListedStatus
    engine: str
    created: float
    updated: float
    seq: int
    parent: str
    parent_seq: int
    live: bool


@dataclass(frozen=True)
class Found:
    """A run's row in the table, and the number of its last event."""

    row: int
    seq: int


def find(connection: sqlite3.Connection, run_id: str) -> Found | None:
    """The row of `run_id`, if the store holds it."""
    row = connection.execute(f"SELECT id, {SEQ} FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    return Found(*row) if row else None


def require(connection: sqlite3.Connection, run_id: str) -> Found:
    """The row of `run_id`.

    Raises:
        StoreError: The store does not hold it.
    """
    found = find(connection, run_id)
    if found is None:
        raise StoreError(f"There is no run {run_id!r} in the store.", "List the runs that there are: %vruns")
    return found


def rows(connection: sqlite3.Connection, limit: int, search: str) -> list[RunRow]:
    """The newest runs first; with `search`, those whose id, title or engine contains it."""
    like = "%" + "".join("\\" + c if c in "%_\\" else c for c in search) + "%"
    listed = connection.execute(
        f"{_LISTED} WHERE ? = '%%' OR runs.run_id LIKE ? ESCAPE '\\' OR runs.title LIKE ? ESCAPE '\\'"
        " OR runs.engine LIKE ? ESCAPE '\\' ORDER BY runs.created DESC, runs.id DESC LIMIT ?",
        (like, like, like, like, limit),
    ).fetchall()
    return [_row(connection, row) for row in listed]


def _row(connection: sqlite3.Connection, listed: tuple[object, ...]) -> RunRow:
    row = RunRow(*cast("tuple[str, str, ListedStatus, str, float, float, int, str, int]", listed), live=False)
    if living_holder(connection, row.run_id):
        return RunRow(**{**vars(row), "live": True})
    return RunRow(**{**vars(row), "status": "interrupted"}) if row.status == "running" else row


def resolve(connection: sqlite3.Connection, prefix: str) -> str:
    """The id of the one run whose id is `prefix`, or begins with it.

    Raises:
        StoreError: None does, or several do (the newest are named).
    """
    if find(connection, prefix):
        return prefix
    begins = connection.execute(
        "SELECT run_id FROM runs WHERE substr(run_id, 1, ?) = ? ORDER BY created DESC, id DESC",
        (len(prefix), prefix),
    ).fetchall()
    if not prefix or not begins:
        raise StoreError(f"There is no run {prefix!r} in the store.", "List the runs that there are: %vruns")
    if len(begins) > 1:
        named = ", ".join(run_id for (run_id,) in begins[:8]) + (", …" if len(begins) > 8 else "")
        raise StoreError(f"{len(begins)} runs begin with {prefix!r}: {named}.", "Type more of the id.")
    return str(begins[0][0])
