"""One SQLite connection that any thread may use, and SQLite's failures in a user's words."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import StoreError
from .schema import migrate, version

MEMORY = ":memory:"
"""The path of a store that lives as long as its `Store`."""

_ELSEWHERE = "use another folder for the store: %env VNB_HOME=~/vnb"
_CAUSES = (
    ("is locked", "is locked by another process", f"Close what holds it and try again, or {_ELSEWHERE}"),
    ("disk is full", "cannot grow: the disk is full", f"Free some space and resume with `%vrun RUN`, or {_ELSEWHERE}"),
    ("not a database", "is not a vnb store", f"Move that file away, or {_ELSEWHERE}"),
    ("malformed", "is damaged", f"Move that file away, or {_ELSEWHERE}"),
    ("readonly", "cannot be written", f"Make the file and its folder writable, or {_ELSEWHERE}"),
    ("unable to open", "cannot be opened", f"Check that the folder exists and is yours, or {_ELSEWHERE}"),
    ("closed database", "is closed", "Restart the kernel, or load the extension again: %reload_ext vnb"),
)


class Database:
    """A connection in WAL mode, guarded by a lock. What was committed survives the death of the process.

    Args:
        path: The file; it and its folder are made if missing. `:memory:` keeps everything in memory.
        wait: Seconds to wait for another process that is writing.

    Raises:
        StoreError: The file cannot be opened, is not a store, or is of a newer schema.
    """

    def __init__(self, path: str | Path, wait: float = 10.0) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        try:
            if self.path != MEMORY:
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=wait, isolation_level=None, check_same_thread=False, cached_statements=256
            )
        except (OSError, sqlite3.Error) as error:
            raise explained(error, self.path) from error
        try:
            self._set_up(wait)
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.Error):
                raise explained(error, self.path) from error
            raise

    def _set_up(self, wait: float) -> None:
        deadline = time.monotonic() + wait
        while True:
            try:
                version(self._connection, self.path)  # before anything in a file of others is changed
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                # SQLite does not wait by itself while another process turns a new file to WAL.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "wal_autocheckpoint = 256"):
            self._connection.execute(f"PRAGMA {pragma}")
        migrate(self._connection, self.path)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading.

        Raises:
            StoreError: SQLite failed, with the cause.
        """
        with self._lock:
            try:
                yield self._connection
            except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
                raise explained(error, self.path) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection within one transaction: all of the block is stored, or nothing.

        Raises:
            StoreError: SQLite failed, with the cause; nothing was stored.
        """
        with self.reading() as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself rolls back when the disk is full
                    connection.execute("ROLLBACK")
                raise

    def size(self) -> int:
        """Bytes that the store takes on disk, its write-ahead log included."""
        with self.reading() as connection:
            if self.path == MEMORY:
                pages, page = (
                    connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
                )
                return int(pages) * int(page)
        files = (Path(self.path + suffix) for suffix in ("", "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Ends the connection; a second call does nothing."""
        with self._lock:
            self._connection.close()


def explained(error: Exception, path: str) -> StoreError:
    """The failure of SQLite or of the file system as an error that says what to do."""
    said = str(error)
    for words, cause, hint in _CAUSES:
        if words in said:
            return StoreError(f"The store {path} {cause} ({said}).", hint)
    return StoreError(f"The store {path} failed: {said}.", f"Try again, or {_ELSEWHERE}")
