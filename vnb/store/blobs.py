"""Texts by the digest of their content; equal texts are stored once, and nearly equal large ones nearly so."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass

from ..core.digest import digest_bytes
from ..errors import StoreError
from .packing import DELTA, LARGE, delta, marks, pack, unpack

CANDIDATES = 32
"""Texts that are looked at for each mark: what thousands of texts have in common does not tell which of them is near."""

DEEPEST = 4
"""The most contents that must be read to read one."""

DAMAGED = "The file is damaged: delete the run (%vruns --delete RUN) or restore the store from a copy."
"""What to do about a damaged file."""


def to_bytes(text: str) -> bytes:
    """UTF-8, with lone surrogates kept."""
    return text.encode("utf-8", "surrogatepass")


def to_text(content: bytes) -> str:
    """The text that `to_bytes` was given."""
    return content.decode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class _Packed:
    """A content as it is stored; a delta names its base, and how many bases lie under it."""

    packing: int
    content: bytes
    base: str | None = None
    depth: int = 0


def put(connection: sqlite3.Connection, text: str) -> str:
    """Stores `text` unless it is there, and returns its digest."""
    content = to_bytes(text)
    digest = digest_bytes(content)
    if connection.execute("SELECT 1 FROM blobs WHERE digest = ?", (digest,)).fetchone():
        return digest
    packed = _pack(connection, content)
    connection.execute(
        "INSERT INTO blobs (digest, size, packing, base, depth, content) VALUES (?, ?, ?, ?, ?, ?)",
        (digest, len(content), packed.packing, packed.base, packed.depth, packed.content),
    )
    if len(content) >= LARGE and not _tiny(packed, content):
        connection.executemany("INSERT INTO marks (mark, digest) VALUES (?, ?)", [(m, digest) for m in marks(content)])
    return digest


def _pack(connection: sqlite3.Connection, content: bytes) -> _Packed:
    near = _near(connection, content) if len(content) >= LARGE else None
    if near and _tiny(near, content):
        return near
    whole = _Packed(*pack(content))
    return near if near and 3 * len(near.content) < 2 * len(whole.content) else whole


def _tiny(packed: _Packed, content: bytes) -> bool:
    """A delta so small that compressing the whole need not be tried, nor this text be a base: its own base serves."""
    return packed.base is not None and 24 * len(packed.content) < len(content)


def _near(connection: sqlite3.Connection, content: bytes) -> _Packed | None:
    wanted = marks(content)
    some = f"SELECT * FROM (SELECT digest FROM marks WHERE mark = ? LIMIT {CANDIDATES})"
    found = connection.execute(
        f"SELECT digest, depth FROM ({' UNION ALL '.join([some] * len(wanted))}) JOIN blobs USING (digest)"
        " WHERE depth < ? GROUP BY digest ORDER BY count(*) DESC, depth LIMIT 1",
        (*wanted, DEEPEST),
    ).fetchone()
    return _Packed(DELTA, delta(content, get(connection, found[0])), found[0], found[1] + 1) if found else None


def get(connection: sqlite3.Connection, digest: str, deepest: int = DEEPEST) -> bytes:
    """The content with that digest.

    Raises:
        StoreError: There is none, or it was changed since.
    """
    row = connection.execute("SELECT packing, base, content FROM blobs WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        raise StoreError(f"The store has no text with the digest {digest}.", DAMAGED)
    packing, base, packed = row
    try:
        content = unpack(packing, packed, get(connection, base, deepest - 1) if base and deepest else b"")
    except (ValueError, TypeError, zlib.error) as error:
        raise StoreError(f"The text with the digest {digest} cannot be read: {error}.", DAMAGED) from error
    if digest_bytes(content) != digest:
        raise StoreError(f"The text with the digest {digest} was changed.", DAMAGED)
    return content
