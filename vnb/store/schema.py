"""The tables, as numbered migrations. A migration that was released is never edited: add the next one."""

from __future__ import annotations

import sqlite3

from ..errors import StoreError

APPLICATION_ID = 0x766E6231
"""Marks the SQLite file as ours ("vnb1")."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # 1. `seq` is the number of the last event; `parent` and `parent_seq` say what a fork shares.
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
            created REAL NOT NULL, updated REAL NOT NULL,
            title TEXT NOT NULL, status TEXT NOT NULL, engine TEXT NOT NULL,
            parent INTEGER REFERENCES runs (id), parent_seq INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX runs_by_parent ON runs (parent) WHERE parent IS NOT NULL",
        # A large body lies in `blobs` like any other large text; then `body` is null.
        """CREATE TABLE events (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, seq INTEGER NOT NULL,
            at REAL NOT NULL, type TEXT NOT NULL, packing INTEGER NOT NULL, body BLOB, blob TEXT,
            PRIMARY KEY (run, seq))""",
        # `base`: the blob that `content` is a delta of (vnb.store.packing); `depth`: how many bases lie under it.
        """CREATE TABLE blobs (
            digest TEXT PRIMARY KEY, size INTEGER NOT NULL, packing INTEGER NOT NULL,
            base TEXT REFERENCES blobs (digest), depth INTEGER NOT NULL, content BLOB NOT NULL)""",
        "CREATE INDEX blobs_by_base ON blobs (base) WHERE base IS NOT NULL",
        """CREATE TABLE marks (
            mark INTEGER NOT NULL, digest TEXT NOT NULL REFERENCES blobs (digest) ON DELETE CASCADE,
            PRIMARY KEY (mark, digest)) WITHOUT ROWID""",
        "CREATE INDEX marks_by_digest ON marks (digest)",
        # Outputs by key: `output` is null until the attempt finished.
        """CREATE TABLE attempts (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step TEXT NOT NULL, attempt INTEGER NOT NULL,
            key TEXT NOT NULL, at REAL NOT NULL, output TEXT,
            PRIMARY KEY (run, step, attempt)) WITHOUT ROWID""",
        "CREATE INDEX attempts_by_key ON attempts (key, at) WHERE output IS NOT NULL",
        """CREATE TABLE leases (
            run_id TEXT PRIMARY KEY, token TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
            started TEXT NOT NULL, beat REAL NOT NULL)""",
    ),
    (
        # 2. Why decoding ended: an output that was cut is still a cut one when it is reused.
        "ALTER TABLE attempts ADD COLUMN reason TEXT NOT NULL DEFAULT 'stop'",
    ),
)

VERSION = len(MIGRATIONS)
"""The schema that this version of vnb reads and writes."""


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Brings the store at `path` to the current schema, all of it or nothing.

    Raises:
        StoreError: It is another program's SQLite file, or has a newer schema.
    """
    if version(connection, path) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version(connection, path), VERSION):  # asked again: another process may have been first
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def version(connection: sqlite3.Connection, path: str) -> int:
    """The schema of the store at `path`, 0 if it is empty. Changes nothing.

    Raises:
        StoreError: It is another program's SQLite file, or has a newer schema.
    """
    # In this order: another process may make the store in between, and its tables come with its mark.
    filled = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if owner != APPLICATION_ID:
        if owner or filled:
            raise StoreError(
                f"{path} is an SQLite file of another program.",
                "Choose another folder for the store, for example: %env VNB_HOME=~/vnb",
            )
        return 0
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise StoreError(
            f"The store {path} has schema {version}; this vnb knows schemas up to {VERSION}.",
            "Upgrade with `pip install -U vnb`, or use another store: %env VNB_HOME=~/vnb",
        )
    return version
