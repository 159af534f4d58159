"""What code steps write and run: the program while it streams, and what came of each attempt."""

from __future__ import annotations

import re

from ..core.types import Program
from ..core.view import StepView
from ..locale import say
from . import clean
from .rows import shown

_TRAIL = 4
"""The most attempts that are told of, the last ones."""

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*(?:\n|\Z)", re.MULTILINE)


def source_in(text: str) -> str:
    """The program in what a model has written so far: what stands in the first fence, or all where there is none.

    The twin of `sourceIn` in labextension/src/core/programs.ts.
    """
    opened = _FENCE.search(text)
    if not opened:
        return text
    rest = text[opened.end() :]
    closed = re.search(rf"^[ \t]*{opened[1]}[ \t]*$", rest, re.MULTILINE)
    return (rest[: closed.start()] if closed else rest).rstrip("\n")


def unfenced(text: str) -> str:
    """The text without the lines that fence programs in."""
    return _FENCE.sub("", text)


def around(text: str, source: str) -> bool:
    """Whether a model's answer holds more than the program: words before or behind it."""
    return bool(unfenced(text).replace(source.strip(), "", 1).strip())


def trail(step: StepView) -> list[str]:
    """What came of a code step's attempts, a line each: `attempt 1 failed: NameError: …`, `attempt 2 → 42`.

    A last attempt that failed is not among them: why a step failed is told anyway.
    """
    if step.step.kind != "code":
        return []
    attempts, last = list(step.attempts), shown(step)
    found = []
    for attempt in attempts:
        if attempt.status == "failed" and attempt is not last:
            found.append(say(f"attempt {attempt.number} failed: {clean.label(say(attempt.error), 300)}"))
        elif attempt.status == "finished" and attempt.program:
            result = clean.label(attempt.program.result, 120)
            found.append(say(f"attempt {attempt.number} → {result}") if len(attempts) > 1 else f"→ {result}")
    return found[-_TRAIL:]


def ran(program: Program) -> str:
    """How long a program ran."""
    return say(f"ran {clean.milliseconds(program.seconds)}")
