"""Digests: canonical JSON and BLAKE2b, the same in every process, on every platform, in every Python version."""

from __future__ import annotations

import hashlib
import json

from .types import Json


def canonical(value: Json) -> str:
    """JSON text that is the same for equal values: sorted keys, no spaces, shortest floats, no NaN."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Json) -> str:
    """Digest of a JSON value: 32 hex characters (BLAKE2b, 128 bits) of its canonical form."""
    return digest_bytes(canonical(value).encode("utf-8", "surrogatepass"))


def digest_bytes(content: bytes) -> str:
    """Digest of raw bytes: 32 hex characters (BLAKE2b, 128 bits)."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def text_digest(text: str) -> str:
    """The digest under which the store keeps a text."""
    return digest_bytes(text.encode("utf-8", "surrogatepass"))


def chained(previous: str, value: Json) -> str:
    """Digest of `value` and of everything that `previous` stands for."""
    return digest([previous, value])


def seed_for(run_seed: int, step: str, attempt: int = 1) -> int:
    """The seed of an attempt that was given none: 31 bits from the run's seed, the step and the attempt."""
    return int(digest([run_seed, step, attempt])[:8], 16) & 0x7FFFFFFF
