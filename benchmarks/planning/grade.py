"""What a result is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import demands, numbers, passages
from .items import Item, Language
from .language import language_of


@dataclass(frozen=True)
class Grade:
    """A result's grade.

    Attributes:
        score: The share of what was demanded that is there; 0 or 1 where only the whole counts.
        details: What was found, missing or missed.
        language: That of the result, where it can be told, and `wanted` the one that it should have.
    """

    right: bool
    score: float
    details: dict[str, Any] = field(default_factory=dict)
    language: Language | None = None
    wanted: Language = "en"

    @property
    def in_language(self) -> bool | None:
        return None if self.language is None else self.language == self.wanted


def grade(item: Item, result: str) -> Grade:
    expected = item.expected
    language = language_of(result)
    wanted = next((one["language"] for one in expected.get("limits", ()) if one["kind"] == "language"), item.language)
    if "choice" in expected:
        chosen = numbers.choice(result, expected["choices"])
        right = chosen == expected["choice"]
        return Grade(right, float(right), {"found": chosen}, language, wanted)
    if "number" in expected:
        found = numbers.answer(result, item.text, bool(expected.get("in_task")))
        right = found == expected["number"]
        return Grade(right, float(right), {"found": found}, language, wanted)
    if "parts" in expected:
        parts = [(part, keys) for part, keys in expected["parts"]]
        lacking = passages.missing(
            result, parts, item.language, expected["topic"], expected["least"], expected["sentences"]
        )
        details = {"missing": lacking, "parts": len(parts)}
        return Grade(not lacking, 1 - len(lacking) / len(parts), details, language, wanted)
    missed = [limit for limit in expected["limits"] if not demands.is_met(limit, result, item.language)]
    count = len(expected["limits"])
    return Grade(not missed, 1 - len(missed) / count, {"missed": missed, "limits": count}, language, wanted)
