"""Events in and out of the tables, in order; a fork's stream begins with its parent's."""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import dataclass
from typing import cast

from ..core import events as ev
from ..core.codec import BODIES, decode, encode
from ..core.types import Json
from ..errors import StoreError, VnbError
from . import blobs
from .listing import SEQ, Found, ListedStatus, find, require
from .packing import LARGE, RAW, pack, unpack

TITLE = 200
"""The most characters of a task's text that the list keeps; a search looks at these."""

_OTHER_RUN = "of run"
_FAULT = "This is a fault in vnb; please report it."
_TURNS = ("RunStarted", "RunResumed", "RunPaused", "RunFinished")
"""The events that change a run's status."""


@dataclass(frozen=True)
class Stretch:
    """Events `after + 1` to `upto` of the run in row `row`."""

    run_id: str
    row: int
    after: int
    upto: int


STREAMED = (ev.StepDecoded, ev.StepPrefilling, ev.KVCacheSampled)
"""Events that come many times a second and that the list and the outputs by key know nothing from."""


def append_streamed(connection: sqlite3.Connection, event: ev.Event, row: int) -> None:
    """Writes a streamed event in one statement; `event` must follow the one that was written last.

    Raises:
        StoreError: Another process wrote that event.
    """
    packing, body, blob = _packed(connection, event, event.run_id)
    try:
        _insert(connection, event, row, packing, body, blob)
    except sqlite3.IntegrityError:
        raise _written_elsewhere(event, event.run_id) from None


def _insert(
    connection: sqlite3.Connection, event: ev.Event, row: int, packing: int, body: bytes | None, blob: str | None
) -> None:
    connection.execute(
        "INSERT INTO events (run, seq, at, type, packing, body, blob) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (row, event.seq, event.at, type(event.body).__name__, packing, body, blob),
    )


def _written_elsewhere(event: ev.Event, run_id: str) -> StoreError:
    return StoreError(
        f"Event {event.seq} of the run {run_id} was already written, by another process.",
        f"Open what is stored now: %vopen {run_id}",
    )


def append(connection: sqlite3.Connection, event: ev.Event, run_id: str) -> int:
    """Writes `event` as the next one of `run_id`, and what the list and the outputs by key know from it.

    Returns:
        The run's row.

    Raises:
        StoreError: It is not the next one, a run cannot begin with it, or it forks what is not there.
    """
    found = find(connection, run_id) or _begin(connection, event, run_id)
    if event.seq <= found.seq:
        raise _written_elsewhere(event, run_id)
    if event.seq > found.seq + 1:
        raise StoreError(f"Event {event.seq} of the run {run_id} cannot follow event {found.seq}.", _FAULT)
    packing, body, blob = _packed(connection, event, run_id)
    _insert(connection, event, found.row, packing, body, blob)
    connection.execute(
        "UPDATE runs SET seq = ?, updated = ?, status = coalesce(?, status) WHERE id = ?",
        (event.seq, event.at, _status(event.body), found.row),
    )
    _record_attempt(connection, event, found.row)
    return found.row


def _begin(connection: sqlite3.Connection, event: ev.Event, run_id: str) -> Found:
    body = event.body
    title, status, engine, parent, parent_seq = "", "running", "", None, 0
    if isinstance(body, ev.RunForked):
        origin = require(connection, body.parent)
        if not 1 <= body.parent_seq <= origin.seq:
            raise StoreError(
                f"The run {body.parent} has events 1 to {origin.seq}: it cannot be forked at {body.parent_seq}.",
                f"See its events: %vopen {body.parent}",
            )
        title, engine = connection.execute("SELECT title, engine FROM runs WHERE id = ?", (origin.row,)).fetchone()
        status, parent, parent_seq = _status_at(connection, body.parent, body.parent_seq), origin.row, body.parent_seq
    elif isinstance(body, ev.RunStarted):
        said = body.task.text or (f"Plan: {body.plan[0].instruction}" if body.plan else "")
        title, engine = _plain(" ".join(said[: 4 * TITLE].split())[:TITLE]), _plain(body.engine)
    else:
        raise StoreError(f"The run {run_id} cannot begin with {type(body).__name__}.", _FAULT)
    cursor = connection.execute(
        "INSERT INTO runs (run_id, seq, created, updated, title, status, engine, parent, parent_seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (run_id, parent_seq, event.at, event.at, title, status, engine, parent, parent_seq),
    )
    return Found(cast(int, cursor.lastrowid), parent_seq)


def _packed(connection: sqlite3.Connection, event: ev.Event, run_id: str) -> tuple[int, bytes | None, str | None]:
    said = cast("dict[str, Json]", encode(event.body))
    if event.run_id != run_id:
        said = {_OTHER_RUN: event.run_id, "body": said}
    try:
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise StoreError(
            f"Event {event.seq} ({type(event.body).__name__}) has no JSON form: {error}.", _FAULT
        ) from None
    if len(text) >= LARGE and not isinstance(event.body, STREAMED):  # no tokens are nearly others: their times differ
        return RAW, None, blobs.put(connection, text)
    return *pack(blobs.to_bytes(text)), None


def _plain(text: str) -> str:
    """Text for a column: SQLite has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _status(body: ev.Body) -> ListedStatus | None:
    if isinstance(body, (ev.RunStarted, ev.RunResumed)):
        return "running"
    if isinstance(body, ev.RunPaused):
        return "paused"
    if isinstance(body, ev.RunFinished):
        return "warned" if body.status == "finished" and body.warnings else body.status
    return None


def _status_at(connection: sqlite3.Connection, run_id: str, seq: int) -> ListedStatus:
    for stretch in reversed(lineage(connection, run_id, 0, seq)):
        turns = page(connection, stretch, 1, _TURNS)
        if turns:
            return _status(turns[0].body) or "running"
    return "running"


def _record_attempt(connection: sqlite3.Connection, event: ev.Event, row: int) -> None:
    body = event.body
    if isinstance(body, ev.StepStarted) and body.key:
        connection.execute(
            "INSERT OR REPLACE INTO attempts (run, step, attempt, key, at) VALUES (?, ?, ?, ?, ?)",
            (row, _plain(body.step), body.attempt, body.key, event.at),
        )
    elif isinstance(body, ev.StepFinished):
        connection.execute(
            "UPDATE attempts SET output = ?, reason = ?, at = ? WHERE run = ? AND step = ? AND attempt = ?",
            (body.output, body.reason, event.at, row, _plain(body.step), body.attempt),
        )


def lineage(connection: sqlite3.Connection, run_id: str, after: int, upto: int | None) -> list[Stretch]:
    """The stretches of the runs that make up `run_id`'s stream, the oldest first.

    Raises:
        StoreError: The store does not hold the run.
    """
    row, most = require(connection, run_id).row, upto
    found: list[Stretch] = []
    while True:
        run_id, seq, parent, parent_seq = connection.execute(
            f"SELECT run_id, {SEQ}, parent, parent_seq FROM runs WHERE id = ?", (row,)
        ).fetchone()
        most = seq if most is None else min(most, seq)
        found.append(Stretch(run_id, row, max(after, parent_seq), most))
        if parent is None or after >= parent_seq:
            return found[::-1]
        row, most = parent, min(most, parent_seq)


def page(connection: sqlite3.Connection, stretch: Stretch, limit: int, latest: tuple[str, ...] = ()) -> list[ev.Event]:
    """The first `limit` events of the stretch; with `latest`, the last ones of these types, the newest first.

    Raises:
        StoreError: An event cannot be read; it is named.
    """
    wanted = f"AND type IN ({','.join('?' * len(latest))}) ORDER BY seq DESC" if latest else "ORDER BY seq"
    listed = connection.execute(
        "SELECT seq, at, type, packing, body, blob FROM events"
        f" WHERE run = ? AND seq > ? AND seq <= ? {wanted} LIMIT ?",
        (stretch.row, stretch.after, stretch.upto, *latest, limit),
    ).fetchall()
    return [_unpacked(connection, stretch.run_id, row) for row in listed]


def body_text(connection: sqlite3.Connection, packing: int, body: bytes | None, blob: str | None) -> str:
    """The JSON text of a stored body.

    Raises:
        StoreError: It is damaged.
    """
    try:
        return blobs.to_text(blobs.get(connection, blob) if blob else unpack(packing, body or b""))
    except (ValueError, zlib.error) as error:
        raise StoreError(f"The body of an event is damaged: {error}.", blobs.DAMAGED) from error


def _unpacked(
    connection: sqlite3.Connection, run_id: str, row: tuple[int, float, str, int, bytes | None, str | None]
) -> ev.Event:
    seq, at, kind, packing, body, blob = row
    try:
        said: dict[str, Json] = json.loads(body_text(connection, packing, body, blob))
        if _OTHER_RUN in said:
            run_id, said = cast(str, said[_OTHER_RUN]), cast("dict[str, Json]", said["body"])
        if kind not in BODIES:
            raise StoreError("this vnb does not know such events.", "A newer vnb wrote it: pip install -U vnb")
        return ev.Event(run_id, seq, at, cast(ev.Body, decode(BODIES[kind], cast(Json, said))))
    except (VnbError, ValueError, TypeError) as error:
        hint = error.hint if isinstance(error, VnbError) else ""
        cause = error.message if isinstance(error, VnbError) else f"{error}."
        raise StoreError(
            f"Event {seq} ({kind}) of the run {run_id} cannot be read: {cause}",
            hint or f"What came before it can: %vfork {run_id}@{seq - 1} NAME",
        ) from error
