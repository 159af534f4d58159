"""Texts by the digest of their content; equal texts are stored once, and nearly equal large ones nearly so."""

from __future__ import annotations

import sqlite3
import zlib

from ..core.digest import digest_bytes
from ..errors import StoreError
from .packing import DELTA, LARGE, RAW, ZLIB, delta, marks, pack, unpack

DAMAGED = "The file is damaged: delete the run (%vruns lists them) or restore the store from a copy."
"""What to do about a damaged file."""


def to_bytes(text: str) -> bytes:
    """UTF-8, with lone surrogates kept."""
    return text.encode("utf-8", "surrogatepass")


def to_text(content: bytes) -> str:
    """The text that `to_bytes` was given."""
    return content.decode("utf-8", "surrogatepass")


def put(connection: sqlite3.Connection, text: str) -> str:
    """Stores `text` unless it is there, and returns its digest."""
    content = to_bytes(text)
    digest = digest_bytes(content)
    if connection.execute("SELECT 1 FROM blobs WHERE digest = ?", (digest,)).fetchone():
        return digest
    packing, base, packed = _packed(connection, content)
    connection.execute(
        "INSERT INTO blobs (digest, size, packing, base, content) VALUES (?, ?, ?, ?, ?)",
        (digest, len(content), packing, base, packed),
    )
    if packing != DELTA and len(content) >= LARGE:
        connection.executemany("INSERT INTO marks (mark, digest) VALUES (?, ?)", [(m, digest) for m in marks(content)])
    return digest


def _packed(connection: sqlite3.Connection, content: bytes) -> tuple[int, str | None, bytes]:
    if len(content) >= LARGE:
        wanted = marks(content)
        nearest = connection.execute(
            f"SELECT digest FROM marks WHERE mark IN ({','.join('?' * len(wanted))})"
            " GROUP BY digest ORDER BY count(*) DESC LIMIT 1",
            wanted,
        ).fetchone()
        difference = delta(content, get(connection, nearest[0])) if nearest else None
        if difference is not None:
            return DELTA, nearest[0], difference
    packing, packed = pack(content)
    return packing, None, packed


def get(connection: sqlite3.Connection, digest: str) -> bytes:
    """The content with that digest.

    Raises:
        StoreError: There is none, or it was changed since.
    """
    row = connection.execute(
        "SELECT b.packing, b.content, base.packing, base.content FROM blobs b"
        " LEFT JOIN blobs base ON base.digest = b.base WHERE b.digest = ?",
        (digest,),
    ).fetchone()
    if row is None:
        raise StoreError(f"The store has no text with the digest {digest}.", DAMAGED)
    packing, packed, base_packing, base_packed = row
    try:
        base = unpack(base_packing, base_packed) if packing == DELTA and base_packing in (RAW, ZLIB) else b""
        content = unpack(packing, packed, base)
    except (ValueError, TypeError, zlib.error) as error:
        raise StoreError(f"The text with the digest {digest} cannot be read: {error}.", DAMAGED) from error
    if digest_bytes(content) != digest:
        raise StoreError(f"The text with the digest {digest} was changed.", DAMAGED)
    return content
