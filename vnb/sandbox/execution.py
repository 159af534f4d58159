"""What a program may use, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..core.types import Json

Kind = Literal["", "syntax", "error", "timeout", "memory", "recursion", "output", "crash", "forbidden", "empty"]


@dataclass(frozen=True)
class Limits:
    """What one program may use.

    Attributes:
        seconds: Time that it runs. Waiting for a free worker does not count.
        memory: Bytes.
        printed: The most characters that it prints; a program that prints more is stopped.
        value: The most characters of its value as JSON.
        recursion: The most calls inside each other.
    """

    seconds: float = 5.0
    memory: int = 64 * 2**20
    printed: int = 64 * 2**10
    value: int = 2**20
    recursion: int = 1000


@dataclass(frozen=True)
class Execution:
    """What came of a program.

    Attributes:
        value: Its value as JSON: that of the last expression, or of what `program.execute` takes where there is none.
        text: The value as a text; what was printed where there is no value; empty after an error.
        printed: What was printed, with a mark at its end if that was cut.
        error: What went wrong, in one line that a model can act on; empty if nothing did.
        kind: The kind of the error: `syntax` (also syntax that Monty does not support), `error` (an exception), `timeout`,
            `memory`, `recursion`, `output` (too much was printed, or the value is too large), `crash` (the worker died),
            `forbidden` (files, network, processes), `empty` (it ran, and there is no result).
        seconds: How long it ran.
    """

    value: Json = None
    text: str = ""
    printed: str = ""
    error: str = ""
    kind: Kind = ""
    seconds: float = 0.0
