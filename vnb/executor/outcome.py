"""How an answer turned out: what it misses, what is wrong with it, and whether the step should try once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..core.types import Context, Demand, Step, StopReason, Verdict
from ..core.view import AttemptView
from ..errors import ProgramError, RepeatsError, VnbError
from ..planner.asking import Asking
from ..planner.instruct import words
from ..reading.checking import feedback, judge
from .repeats import repeats_itself
from .sending import Notes
from .validate import MismatchError

PENALTY = 1.15
"""The repeat penalty of a second try after an answer that looped, unless a higher one is set."""

HIGHER = 1.3
"""That of the try after."""

LOOPS = 2
"""How often an answer that looped is asked for again."""

LIVELY = 0.7
"""The least temperature from the second retry on, and where a program failed: what was most probable was wrong."""

TELLING = 8
"""An instruction of fewer bytes of UTF-8, such as one name, may well stand in its answer."""

ECHOES = "the answer repeats the instruction"
EMPTY = "the answer is empty"
REPEATS = "the answer repeats itself"

LONG = 400
"""An answer of more tokens is asked for again only once."""


def judged(demands: Sequence[Demand], text: str) -> tuple[Verdict, ...]:
    """Which of the demands an answer meets."""
    return judge(demands, text) if demands else ()


def warnings_of(text: str, reason: StopReason, verdicts: Sequence[Verdict], instruction: str = "") -> tuple[str, ...]:
    """What is wrong with an answer that came to its end."""
    found = ["cut at the most tokens"] if reason == "length" else []
    if not text.strip():
        return (*found, EMPTY)
    if _echoes(text, instruction):
        found.append(ECHOES)
    if repeats_itself(text):
        found.append(REPEATS)
    missed = [_missed(verdict) for verdict in verdicts if not verdict.met]
    return (*found, *missed)


def trimmed(context: Context) -> tuple[str, ...]:
    """What the step was not shown all of, though it should have been; passages of documents are chosen on purpose."""
    cut = [part.source for part in context.parts if part.kind in ("input", "result") and part.tokens < part.full_tokens]
    return tuple(f"{source} was cut to fit" for source in dict.fromkeys(cut))


def _echoes(text: str, instruction: str) -> bool:
    """Whether an answer is its instruction and nothing else, headings aside."""
    if len(instruction.encode(errors="replace")) < TELLING or instruction not in text:
        return False
    rest = re.sub(r"^#.*$", "", text.replace(instruction, ""), flags=re.MULTILINE)
    return not any(map(str.isalnum, rest))


def _missed(verdict: Verdict) -> str:
    said = f"misses: {verdict.demand.text or verdict.demand.value}"
    return f"{said} ({verdict.found})" if verdict.found else said


def again(
    asking: Asking, step: Step, attempt: AttemptView, error: VnbError | None, text: str, tried: int
) -> tuple[Step, Notes] | None:
    """The step as it tries once more, and what it is shown about this attempt; `None` if that stands.

    An answer that looped is asked for again with a penalty on repeating, an empty one once more as it is, and one that
    does not validate or misses a demand with what was wrong.

    Args:
        step: As the attempt had it, with what was changed for it.
        error: Why the attempt failed, if it did.
        text: Its output.
        tried: How many tries came before it.
    """
    if attempt.status not in ("finished", "reused", "failed") or (tried and attempt.usage.new_tokens > LONG):
        return None
    if isinstance(error, RepeatsError) or REPEATS in attempt.warnings:
        return None if tried >= LOOPS else (penalized(lively(step, attempt) if tried else step, attempt), ())
    if tried and not text.strip():
        return None
    if attempt.status == "failed":
        if isinstance(error, ProgramError):
            return lively(step, attempt), (asking.repair_note(error.message),)
        if not isinstance(error, MismatchError) or not text.strip():
            return None
        wrong = error.message
    elif not text.strip():
        return step, ()
    else:
        missed = [one for one in attempt.verdicts if not one.met]
        if attempt.reason == "length" or not (missed or ECHOES in attempt.warnings):
            return None
        wrong = words(asking.language).echo if ECHOES in attempt.warnings else feedback(missed, asking.language)
    if tried or ECHOES in attempt.warnings:
        step = lively(step, attempt)
    return step, (asking.retry_note(wrong),) if wrong else ()


def lively(step: Step, attempt: AttemptView) -> Step:
    """The step as it tries again after an attempt that was most probably the same each time."""
    return replace(step, sampling=replace(step.sampling, temperature=max(attempt.sampling.temperature or 0, LIVELY)))


def penalized(step: Step, looped: AttemptView) -> Step:
    """The step as it tries again after an attempt that looped: with a penalty, and a higher one after that."""
    before = looped.sampling.repeat_penalty or 0
    penalty = max(before, PENALTY) if before < PENALTY else max(before, HIGHER)
    return replace(step, sampling=replace(step.sampling, repeat_penalty=penalty))


def best(attempts: Sequence[AttemptView]) -> int:
    """The number of the attempt that counts; 0 if none came to its end.

    It is a whole answer if there is one, with the fewest warnings, the latest of several.
    """
    ended = [one for one in attempts if one.status in ("finished", "reused")]
    return min(ended, key=lambda one: (_is_no_answer(one), len(one.warnings), -one.number)).number if ended else 0


def _is_no_answer(attempt: AttemptView) -> bool:
    return attempt.reason == "length" or not {EMPTY, ECHOES}.isdisjoint(attempt.warnings)
