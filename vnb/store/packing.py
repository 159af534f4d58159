"""How contents get small: zlib for most, and for a large text that is nearly another one, the difference to it.

Twenty steps over one long document are twenty prompts that differ in a few words; each is stored as a few hundred bytes.
Texts are cut at places that depend on their content alone, so an insertion moves no other cut, and equal chunks can be found.
"""

from __future__ import annotations

import json
import re
import zlib
from itertools import pairwise

RAW, ZLIB, DELTA = range(3)

LARGE = 8192
"""Bytes from which on a content may be stored as a delta."""

_SMALL = 128
_WINDOW = 1024
_SHORTEST = 24
_MARKS = 8
_CANDIDATE = re.compile(rb"[\x05\x15\x25\x35\x45\x55\x65\x75\x85\x95\xa5\xb5\xc5\xd5\xe5\xf5]")


def pack(content: bytes) -> tuple[int, bytes]:
    """`content` as (packing, bytes), compressed where that helps."""
    if len(content) > _SMALL:
        small = _deflated(content)
        if len(small) < len(content):
            return ZLIB, small
    return RAW, content


def _deflated(content: bytes) -> bytes:
    """zlib's format. Its usual window of 32 kB costs ten times as much to set up as a short content to compress."""
    if len(content) > _WINDOW:
        return zlib.compress(content)
    stream = zlib.compressobj(wbits=10, memLevel=4)
    return stream.compress(content) + stream.flush()


def unpack(packing: int, content: bytes, base: bytes = b"") -> bytes:
    """What `pack` or `delta` was given.

    Raises:
        ValueError, zlib.error: `content` is damaged.
    """
    if packing == RAW:
        return content
    content = zlib.decompress(content)
    return content if packing == ZLIB else _undelta(content, base)


def marks(content: bytes) -> list[int]:
    """A few numbers that stand for `content`: contents that share much text share many of them."""
    return sorted({zlib.crc32(content[start:end]) for start, end in _chunks(content)})[:_MARKS]


def delta(content: bytes, base: bytes) -> bytes:
    """`content` as copies from `base` and the bytes between them."""
    places: dict[bytes, int] = {}
    for start, end in _chunks(base):
        places.setdefault(base[start:end], start)
    copies: list[tuple[int, int, int]] = []
    between: list[bytes] = []
    done = 0
    for start, end in _chunks(content):
        place = places.get(content[start:end]) if start >= done else None
        if place is None:
            continue
        back = _agreeing(content[done:start][::-1], 0, base[max(0, place - start + done) : place][::-1], 0)
        length = back + _agreeing(content, start, base, place)
        between.append(content[done : start - back])
        copies.append((len(between[-1]), place - back, length))
        done = start - back + length
    between.append(content[done:])
    return zlib.compress(b"\n".join([json.dumps(copies).encode(), b"".join(between)]))


def _undelta(content: bytes, base: bytes) -> bytes:
    head, _, between = content.partition(b"\n")
    parts: list[bytes] = []
    read = 0
    for literal, place, length in json.loads(head):
        parts += between[read : read + literal], base[place : place + length]
        read += literal
    return b"".join([*parts, between[read:]])


def _chunks(content: bytes) -> list[tuple[int, int]]:
    """Pieces of about 150 bytes, cut where the bytes before the cut say so."""
    cuts = [0]
    for match in _CANDIDATE.finditer(content):
        end = match.end()
        if not zlib.crc32(content[end - 16 : end]) & 7 and end - cuts[-1] >= _SHORTEST:
            cuts.append(end)
    if cuts[-1] < len(content):
        cuts.append(len(content))
    return list(pairwise(cuts))


def _agreeing(a: bytes, i: int, b: bytes, j: int) -> int:
    """How many bytes of `a` from `i` on equal those of `b` from `j` on."""
    count, step, most = 0, 4096, min(len(a) - i, len(b) - j)
    while step:
        while count + step <= most and a[i + count : i + count + step] == b[j + count : j + count + step]:
            count += step
        step //= 2
    return count
