"""A run as JSON lines: a header, the texts that its events name, then its events, each with a chained digest.

The digests find what was damaged or changed by accident or carelessness. They are no signature: who recomputes all of them
can say anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, cast

from .. import __version__
from ..core.codec import decode_event, encode_event
from ..core.digest import chained, text_digest
from ..core.events import Event
from ..core.types import Json
from ..errors import CodecError, StoreError
from .blobs import to_bytes
from .store import Store

FORMAT = 1
"""The number of the format that this version writes, and the newest that it reads."""

_DAMAGED = "Export the run again where it came from: %vexport RUN FILE.jsonl"


def export_jsonl(store: Store, run_id: str, path: str | Path, upto: int | None = None) -> None:
    """Writes a run, or its first `upto` events, to `path`, complete or not at all. A fork takes its parent's along.

    Raises:
        StoreError: There is no such run, a part of it is damaged, or the file cannot be written.
    """
    last = store.last_seq(run_id) if upto is None else min(upto, store.last_seq(run_id))
    texts = store.references(run_id, last)
    header: dict[str, Json] = {
        "vnb": __version__,
        "format": FORMAT,
        "run_id": run_id,
        "events": last,
        "texts": len(texts),
    }
    with complete_file(path) as file:
        file.write(_line(header))
        link = chained("", header)
        for digest in texts:
            file.write(_line({"digest": digest, "text": store.blob(digest)}))
            link = chained(link, digest)
        for event in store.events(run_id, upto=last):
            said = encode_event(event)
            link = chained(link, said)
            file.write(_line({"event": said, "digest": link}))


@contextmanager
def complete_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` once it is complete, or never.

    Raises:
        StoreError: It cannot be written.
    """
    unfinished = Path(f"{path}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another file: %vexport RUN FILE"
        ) from error
    finally:
        if unfinished.is_file():
            unfinished.unlink()


def holds_export(store: Store, run_id: str, path: str | Path) -> bool:
    """Whether `path` is an undamaged export of that run, with no event that the store lacks."""
    try:
        file = _File(path)
        return file.run_id == run_id and sum(1 for _ in file.events()) <= store.last_seq(run_id)
    except StoreError:
        return False


def import_jsonl(store: Store, path: str | Path) -> str:
    """Reads a run from `path` into the store and returns its id. All digests are checked before anything is stored.

    A run that the store has already is completed if the file goes on where it ends; it stays as it is if it goes further.

    Raises:
        StoreError: The file is damaged or was changed (the first bad event is named), is of a newer format, or holds
            another run of the same id.
    """
    file = _File(path)
    for _ in file.events():
        pass
    with store.lease(file.run_id):
        stored = store.events(file.run_id) if store.has_run(file.run_id) else iter(())
        for ours, theirs in zip_longest(stored, file.events()):
            if theirs is None:
                break
            if ours is None:
                store.append(theirs, file.texts, into=file.run_id)
                file.texts = {}
            elif ours != theirs:
                raise StoreError(
                    f"The store has another run {file.run_id}: event {theirs.seq} differs.",
                    "Import it into another store: %env VNB_HOME=~/vnb-imported",
                )
    return file.run_id


class _File:
    """A file of a run, read from the beginning at each call of `events`, checked line by line."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._header: dict[str, Json] = {}
        self.texts: dict[str, str] = {}
        header = next(self._lines(), None)
        if header is None or not isinstance(header.get("format"), int) or not isinstance(header.get("run_id"), str):
            raise StoreError(f"{path} is not a run that vnb exported.", "%vexport RUN FILE.jsonl writes such a file.")
        if cast(int, header["format"]) > FORMAT:
            raise StoreError(
                f"{path} has format {header['format']}; this vnb knows formats up to {FORMAT}.", "pip install -U vnb"
            )
        self._header = header
        self.run_id = cast(str, header["run_id"])

    def events(self) -> Iterator[Event]:
        """The events in order; `texts` is complete with the first of them.

        Raises:
            StoreError: What was read last is not what was exported.
        """
        texts: dict[str, str] = {}
        link, seq = chained("", self._header), 0
        lines = self._lines()
        next(lines)
        for line in lines:
            text, digest = line.get("text"), line.get("digest")
            if "event" in line:
                link, seq = chained(link, line["event"]), seq + 1
                if link != digest or len(texts) != self._header.get("texts"):
                    raise self._bad(f"event {seq} was changed, or what stands before it")
                if seq == 1:
                    self.texts = texts
                yield self._event(line["event"], seq)
            elif isinstance(text, str) and isinstance(digest, str) and not seq:
                if text_digest(text) != digest:
                    raise self._bad(f"the text {digest} was changed")
                texts[digest] = text
                link = chained(link, digest)
            else:
                raise self._bad(f"after event {seq} stands a line that is none")
        if not seq or seq != self._header.get("events"):
            raise self._bad(f"it ends after event {seq} of {self._header.get('events')}")

    def _event(self, said: Json, seq: int) -> Event:
        try:
            event = decode_event(said)
        except CodecError as error:
            raise self._bad(f"event {seq} cannot be read ({error.message})", error.hint) from error
        if event.seq != seq:
            raise self._bad(f"event {seq} says that it is number {event.seq}")
        return event

    def _lines(self) -> Iterator[dict[str, Json]]:
        number = 0
        try:
            with self._path.open("rb") as file:
                for line in file:
                    number += 1
                    yield _object(line)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read: {error}.", "Check the name of the file.") from error
        except ValueError as error:
            raise self._bad(f"line {number}{self._place(number)} is not JSON ({error})") from error

    def _place(self, number: int) -> str:
        texts = self._header.get("texts")
        return f" (event {number - 1 - texts})" if isinstance(texts, int) and number - 1 > texts else ""

    def _bad(self, why: str, hint: str = "") -> StoreError:
        return StoreError(f"{self._path} is refused: {why}.", hint or _DAMAGED)


def _object(line: bytes) -> dict[str, Json]:
    try:
        value = json.loads(line.decode("utf-8", "surrogatepass"), parse_constant=_refuse)
    except RecursionError:
        value = None
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _line(value: Json) -> bytes:
    return to_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
