"""The brief: what the task was understood to be. For ordinary models every word of it stands in the task itself."""

from __future__ import annotations

import functools
import json
import re

from ..core.types import Brief, Json
from ..errors import PlanError
from ..reading.constraints import constraints
from ..reading.demands import demands
from ..reading.language import language_of

_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_LONGEST = 300
"""The most characters of a goal."""


@functools.lru_cache(maxsize=32)
def read_task(text: str) -> Brief:
    """What can be known of a task without a model: its language, its constraints, and what of them can be checked."""
    language = language_of(text)
    return Brief(_ask(text), "", constraints(text), language, demands(text, language))


def read_brief(text: str, task: str, own_words: bool = False) -> Brief:
    """The brief of a task with what the model copied from it; whatever does not stand in the task is left out.

    Args:
        own_words: The model writes its brief in its own words, as vnb-tiny does.

    Raises:
        PlanError: The answer is not a JSON object, or states no goal.
    """
    data = read_object(text)
    goal = _string(data, "goal")
    if not goal:
        raise PlanError("The brief states no goal.", "Say in one sentence what is to be reached.")
    listed = data.get("constraints")
    said = tuple(str(item).strip() for item in listed) if isinstance(listed, list) else ()
    if own_words:
        return Brief(goal, _string(data, "deliverable"), said, _string(data, "language"))
    known = read_task(task)
    return Brief(
        find_span(goal, task) or known.goal,
        find_span(_string(data, "deliverable"), task),
        _merged(task, known.constraints, [span for item in said if (span := find_span(item, task))]),
        known.language,
        known.demands,
    )


def find_span(said: str, text: str) -> str:
    """The words of `text` that say the same, but for case, blanks and marks around them; empty if there are none."""
    words = said.strip(" \t\r\n\"'“”‘’.,;:!?。，；：！？").split()
    if not words:
        return ""
    before, after = (r"(?<![a-z0-9])" * words[0][0].isascii(), r"(?![a-z0-9])" * words[-1][-1].isascii())
    found = re.search(before + r"\s+".join(map(re.escape, words)) + after, text, re.IGNORECASE)
    return found.group() if found else ""


def _merged(task: str, known: tuple[str, ...], quoted: list[str]) -> tuple[str, ...]:
    """Both, in the order of the task, without those that stand in another one."""
    every = [*known, *(span for span in quoted if span.strip() != task.strip())]
    kept = [one for one in every if not any(one in other and one != other for other in every)]
    return tuple(sorted(dict.fromkeys(kept), key=task.find))


def _ask(text: str) -> str:
    """The sentence that says what to do: the last question, or else the first sentence."""
    sentences = [found.group().strip() for found in _SENTENCE.finditer(text) if found.group().strip()]
    asked = [sentence for sentence in sentences if sentence.endswith(("?", "？"))]
    return (asked[-1] if asked else sentences[0] if sentences else text)[:_LONGEST]


def read_object(text: str) -> dict[str, Json]:
    """The JSON object in a model's answer, also inside a code fence.

    Raises:
        PlanError: There is none.
    """
    fenced = re.search(r"```(?:json)?\s*(\{.*\})\s*```", text, re.DOTALL)
    try:
        data = json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise PlanError(f"The model's answer is not a JSON object: {text[:80]!r}.")
    return data


def _string(data: dict[str, Json], name: str) -> str:
    value = data.get(name)
    return value.strip() if isinstance(value, str) else ""
