"""How a store's file is, found out without making, migrating or changing anything."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .database import explained
from .lease import living_holder
from .schema import version

_STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock."""


@dataclass(frozen=True)
class Health:
    """What is known of a store that can be read and written.

    Attributes:
        size: Bytes on disk, the write-ahead log included.
        schema: The schema's number; 0 of an empty file.
        runs: How many there are.
        writing: How many of them a living process writes now.
        checked: Whether SQLite's quick check came to its end in the time that it had.
    """

    size: int
    schema: int
    runs: int
    writing: int
    checked: bool


def health(path: Path, wait: float = 1.0, check: float = 3.0) -> Health:
    """Looks at the store at `path`, which must exist.

    Args:
        wait: Seconds to wait for another process that is writing.
        check: Seconds that looking for damage may take.

    Raises:
        StoreError: It cannot be used: damaged, locked, read-only, of a newer schema, or another program's.
    """
    try:
        address = path.absolute().as_uri() + "?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None)) as connection:
            schema = version(connection, str(path))
            checked = _undamaged(connection, check)
            runs, writing = _counted(connection) if schema else (0, 0)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except (OSError, sqlite3.Error) as error:
        raise explained(error, str(path)) from error
    files = (path.with_name(path.name + suffix) for suffix in ("", "-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    return Health(size, schema, runs, writing, checked)


def _counted(connection: sqlite3.Connection) -> tuple[int, int]:
    (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    leased = [str(row[0]) for row in connection.execute("SELECT run_id FROM leases")]
    return int(runs), sum(living_holder(connection, run_id) is not None for run_id in leased)


def _undamaged(connection: sqlite3.Connection, seconds: float) -> bool:
    """Whether the check came to its end; `DatabaseError` where it found something."""
    ends = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return False
    finally:
        connection.set_progress_handler(None, 0)
    if said != "ok":
        raise sqlite3.DatabaseError(f"malformed: {said.strip()}")
    return True
