"""Whether a planned step makes sense beside the task, the planner's own words, and the steps before it."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from ..core.types import Step
from .wording import Words

COPIED = 6
"""So many words in a row, or twice as many Chinese characters, that stand in the prompt but not in the task are copied."""

ALIKE = 0.85
"""From this similarity on, an instruction is the whole task."""

_UNIT = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff]")


class Soundness:
    """Finds what small models do instead of planning: copying the prompt, repeating a step, repeating the task.

    Args:
        task: The task's text.
        words: The words that the planner was asked with.
    """

    def __init__(self, task: str, words: Words) -> None:
        self._task = " ".join(_units(task))
        shown = [words.instruction["plan"], *(part for example in words.examples for part in example)]
        self._prompt = "\n".join(" ".join(_units(text)) for text in shown)

    def fault(self, step: Step) -> str:
        """Why a step cannot be used, as the rest of a sentence about it; empty if it can."""
        units = _units(step.instruction)
        if self._copied(units):
            return "repeats words of the planner's prompt"
        return ""

    def is_whole_task(self, step: Step) -> bool:
        """Whether the step asks for all of the task again."""
        said = " ".join(_units(step.instruction))
        if not said or not self._task:
            return False
        return said == self._task or (
            len(said) > ALIKE * len(self._task) and SequenceMatcher(None, said, self._task).ratio() >= ALIKE
        )

    def _copied(self, units: list[str]) -> bool:
        size = COPIED * 2 if sum(map(len, units)) == len(units) else COPIED
        runs = (" ".join(units[place : place + size]) for place in range(len(units) - size + 1))
        return any(run in self._prompt and run not in self._task for run in runs)


def same(one: Step, other: Step) -> bool:
    """Whether two steps ask for the same."""
    return _units(one.instruction) == _units(other.instruction)


def _units(text: str) -> list[str]:
    """Words in lower case; each Chinese character is one."""
    found: list[str] = []
    for word in _UNIT.findall(text.casefold()):
        if _HAN.search(word):
            found += word
        else:
            found.append(word)
    return found
