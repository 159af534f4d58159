"""The store of runs: append and read events, texts by digest, outputs by key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..core.events import Event
from ..core.types import StopReason
from ..errors import StoreError
from . import blobs, journal, lease, listing, removal
from .database import Database
from .lease import Lease
from .listing import RunRow

_PAGE = 256
"""Events that are read at once."""


@dataclass(frozen=True)
class StoredOutput:
    """The output of a finished attempt, found by the attempt's key; its text lies in the blob `output`."""

    key: str
    output: str
    run_id: str
    step: str
    attempt: int
    at: float
    reason: StopReason = "stop"

    @property
    def source(self) -> str:
        """`run_id:step#attempt`."""
        return f"{self.run_id}:{self.step}#{self.attempt}"


class Store:
    """Runs in one SQLite file. Every method may be called from any thread, and by several processes at once.

    Args:
        path: The file; it and its folder are made if missing. `:memory:` keeps everything in memory.
        wait: Seconds to wait for another process that is writing.

    Raises:
        StoreError: From any method, with the cause and what to type: the file cannot be opened, is not a store, is of
            a newer schema, is locked or read-only, or the disk is full.
    """

    def __init__(self, path: str | Path, wait: float = 10.0) -> None:
        self._database = Database(path, wait)
        self._heads: dict[str, tuple[int, int, float]] = {}  # row, last event, when the lease was last renewed

    @property
    def path(self) -> str:
        """The store's file."""
        return self._database.path

    # ---------------------------------------------------------------- events

    def append(self, event: Event, texts: Mapping[str, str] | None = None, *, into: str = "") -> None:
        """Stores `event` and the texts that it names, all or nothing; when it returns, they survive a `kill -9`.

        Args:
            event: The next event of its run.
            texts: Texts by digest.
            into: The run that the event is stored in, if that is not the one that it names (an imported fork).

        Raises:
            StoreError: Another process wrote that event, a text is not what its digest says, or the store failed.
        """
        run_id = into or event.run_id
        row, last, at = self._heads.get(run_id, (0, -1, 0.0))
        plain = isinstance(event.body, journal.STREAMED) and not (into or texts)
        if plain and event.seq == last + 1 and event.at < at + lease.BEAT:
            with self._database.reading() as connection:  # one statement is a transaction of its own
                journal.append_streamed(connection, event, row)
            self._heads[run_id] = (row, event.seq, at)
            return
        with self._database.writing() as connection:
            for digest, text in (texts or {}).items():
                if blobs.put(connection, text) != digest:
                    raise StoreError(f"A text of event {event.seq} has not the digest {digest}.")
            row = journal.append(connection, event, run_id)
            lease.beat(connection, run_id)
        self._heads[run_id] = (row, event.seq, event.at)

    def events(self, run_id: str, after: int = 0, upto: int | None = None) -> Iterator[Event]:
        """The events of a run in order, from number `after + 1` to `upto`; a fork's begin with its parent's.

        Raises:
            StoreError: There is no such run, or an event cannot be read.
        """
        with self._database.reading() as connection:
            stretches = journal.lineage(connection, run_id, after, upto)
        return self._pages(stretches)

    def _pages(self, stretches: list[journal.Stretch]) -> Iterator[Event]:
        for stretch in stretches:
            last = stretch.after
            while last < stretch.upto:
                with self._database.reading() as connection:
                    rest = journal.Stretch(stretch.run_id, stretch.row, last, stretch.upto)
                    found = journal.page(connection, rest, _PAGE)
                if not found or found[0].seq != last + 1 or found[-1].seq != last + len(found):
                    raise StoreError(
                        f"The run {stretch.run_id} lacks events after number {last}.",
                        "It was deleted or damaged: %vruns",
                    )
                yield from found
                last = found[-1].seq

    # ---------------------------------------------------------------- texts

    def put_blob(self, text: str) -> str:
        """Stores a text and returns its digest. Until an event names it, `vacuum` removes it."""
        with self._database.writing() as connection:
            return blobs.put(connection, text)

    def blob(self, digest: str) -> str:
        """The text with that digest.

        Raises:
            StoreError: The store has none, or its content does not have that digest any more.
        """
        with self._database.reading() as connection:
            return blobs.to_text(blobs.get(connection, digest))

    def blobs(self, digests: Iterable[str]) -> dict[str, str]:
        """The texts with these digests.

        Raises:
            StoreError: One is missing or damaged.
        """
        with self._database.reading() as connection:
            return {digest: blobs.to_text(blobs.get(connection, digest)) for digest in digests}

    def has_blob(self, digest: str) -> bool:
        """Whether the store has a text with that digest."""
        with self._database.reading() as connection:
            return bool(connection.execute("SELECT 1 FROM blobs WHERE digest = ?", (digest,)).fetchone())

    def references(self, run_id: str, upto: int | None = None) -> list[str]:
        """Digests of all texts that the run's events name, in the order of their first mention."""
        found: dict[str, None] = {}
        with self._database.reading() as connection:
            for stretch in journal.lineage(connection, run_id, 0, upto):
                bodies = connection.execute(
                    "SELECT packing, body, blob FROM events WHERE run = ? AND seq > ? AND seq <= ? ORDER BY seq",
                    (stretch.row, stretch.after, stretch.upto),
                )
                for row in bodies:
                    found.update(dict.fromkeys(removal.DIGEST.findall(journal.body_text(connection, *row))))
            return [digest for digest in found if self.has_blob(digest)]

    def output_for(self, key: str) -> StoredOutput | None:
        """The newest stored output of an attempt with that key."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT a.key, a.output, runs.run_id, a.step, a.attempt, a.at, a.reason FROM attempts a"
                " JOIN runs ON runs.id = a.run JOIN blobs ON blobs.digest = a.output"
                " WHERE a.key = ? AND a.output IS NOT NULL ORDER BY a.at DESC, a.run DESC, a.attempt DESC LIMIT 1",
                (key,),
            ).fetchone()
        return StoredOutput(*row) if row else None

    # ---------------------------------------------------------------- runs

    def has_run(self, run_id: str) -> bool:
        """Whether the store holds that run."""
        with self._database.reading() as connection:
            return listing.find(connection, run_id) is not None

    def last_seq(self, run_id: str) -> int:
        """The number of the run's last event.

        Raises:
            StoreError: There is no such run.
        """
        with self._database.reading() as connection:
            return listing.require(connection, run_id).seq

    def runs(self, limit: int = 50, search: str = "") -> list[RunRow]:
        """The newest runs first; with `search`, those whose id, title or engine contains it."""
        with self._database.reading() as connection:
            return listing.rows(connection, limit, search)

    def resolve(self, prefix: str) -> str:
        """The id of the one run whose id is `prefix` or begins with it.

        Raises:
            StoreError: None does, or several do; these are named.
        """
        with self._database.reading() as connection:
            return listing.resolve(connection, prefix)

    def delete_run(self, run_id: str) -> None:
        """Deletes a run and the texts that no other run names.

        Where a run is being written meanwhile, and of a damaged run, texts may stay until `vacuum`. The file becomes
        smaller once a quarter of it lies free.

        Raises:
            StoreError: It has forks, or it is being written.
        """
        self._heads.pop(run_id, None)
        with self._database.writing() as connection:
            texts = removal.delete(connection, run_id)
        with contextlib.suppress(StoreError):  # the run is gone; room that cannot be given back now is no failure
            with self._database.writing() as connection:
                removal.release(connection, texts)
            with self._database.reading() as connection:
                if removal.spare(connection) > removal.SPARE:
                    removal.shrink(connection)

    def lease(self, run_id: str) -> Lease:
        """The right to write a run, to be released; ends with the process at the latest.

        Raises:
            StoreError: A living process has it; the message names it.
        """
        return lease.take(self._database, run_id)

    def is_live(self, run_id: str) -> bool:
        """Whether a living process has the lease of that run."""
        with self._database.reading() as connection:
            return lease.living_holder(connection, run_id) is not None

    # ---------------------------------------------------------------- the file

    def vacuum(self) -> int:
        """Removes the texts that no event names, and returns how many bytes smaller the store is.

        Raises:
            StoreError: A run is being written: what its next event names may be stored already.
        """
        before = self.size()
        with self._database.writing() as connection:
            removal.release(connection)
        with self._database.reading() as connection:
            removal.shrink(connection)
        return before - self.size()

    def size(self) -> int:
        """Bytes that the store takes on disk."""
        return self._database.size()

    def close(self) -> None:
        """Closes the file; a second call does nothing."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
