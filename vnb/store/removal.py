"""Deleting runs, and giving back the room of texts that no run names any more."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from ..errors import StoreError
from . import journal, lease, listing

SPARE = 0.25
"""The share of the file that may lie free: once a deletion leaves more, the file is written anew without it."""

DIGEST = re.compile(r'"([0-9a-f]{32})"')
_NAMING = f"type NOT IN ({', '.join(repr(kind.__name__) for kind in journal.STREAMED)})"


def delete(connection: sqlite3.Connection, run_id: str) -> set[str]:
    """Deletes a run; returns the digests of the texts that it named, which others may name too.

    Raises:
        StoreError: It has forks, or it is being written.
    """
    found = listing.require(connection, run_id)
    forks = [fork for (fork,) in connection.execute("SELECT run_id FROM runs WHERE parent = ?", (found.row,))]
    if forks:
        named = ", ".join(forks[:8]) + (", …" if len(forks) > 8 else "")
        raise StoreError(
            f"The run {run_id} has forks that share its events: {named}.",
            f"Delete the forks first: %vruns --delete {forks[0]}",
        )
    if lease.living_holder(connection, run_id):
        raise StoreError(f"The run {run_id} is being written.", f"Wait until it ends, or stop it: %vstop {run_id}")
    try:
        texts = _named(connection, f"WHERE run = {found.row} AND")
    except StoreError:  # damaged: to be rid of it is what is left to do
        texts = set()
    connection.execute("DELETE FROM runs WHERE id = ?", (found.row,))
    connection.execute("DELETE FROM leases WHERE run_id = ?", (run_id,))
    return texts


def release(connection: sqlite3.Connection, digests: Iterable[str] | None = None) -> None:
    """Removes those of the texts (by default of all there are) that no event names and no other text is stored upon.

    Raises:
        StoreError: A run is being written: what its next event names may be stored already.
    """
    for (run_id,) in connection.execute("SELECT run_id FROM leases").fetchall():
        if lease.living_holder(connection, run_id):
            raise StoreError(f"The run {run_id} is being written.", "Wait until it ends or interrupt it.")
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS unnamed (digest TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM unnamed")
    if digests is None:
        connection.execute("INSERT INTO unnamed SELECT digest FROM blobs")
    else:
        connection.executemany("INSERT OR IGNORE INTO unnamed VALUES (?)", [(digest,) for digest in digests])
        connection.execute(
            "WITH RECURSIVE under (digest) AS (SELECT digest FROM unnamed UNION"
            " SELECT base FROM blobs JOIN under USING (digest) WHERE base IS NOT NULL)"
            " INSERT OR IGNORE INTO unnamed SELECT digest FROM under"
        )
    connection.executemany("DELETE FROM unnamed WHERE digest = ?", [(digest,) for digest in _named(connection)])
    deepest_first = connection.execute("SELECT digest FROM blobs JOIN unnamed USING (digest) ORDER BY depth DESC")
    connection.executemany(
        "DELETE FROM blobs WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM blobs WHERE base = ?1)",
        deepest_first.fetchall(),
    )


def _named(connection: sqlite3.Connection, where: str = "WHERE") -> set[str]:
    """Digests of all texts that events name, or that hold their bodies.

    Raises:
        StoreError: An event is damaged.
    """
    found: set[str] = set()
    for body in connection.execute(f"SELECT packing, body, blob FROM events {where} ({_NAMING} OR blob IS NOT NULL)"):
        found.update(DIGEST.findall(journal.body_text(connection, *body)))
        if body[2]:
            found.add(body[2])
    return found


def spare(connection: sqlite3.Connection) -> float:
    """The share of the file that lies free."""
    free, pages = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_count"))
    return free / max(pages, 1)


def shrink(connection: sqlite3.Connection) -> None:
    """Writes the file anew without what lies free in it."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
