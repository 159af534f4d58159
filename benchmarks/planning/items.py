"""A task of the bench with what a right answer is, and how a family's tasks are drawn."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Language = Literal["en", "zh"]
Side = Literal["dev", "held"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True)
class Question:
    """A task's text and what its grader is given."""

    text: str
    expected: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One task.

    Attributes:
        index: Its place in the sequence that `seed` draws; the same whatever number of tasks is asked for.
    """

    family: str
    language: Language
    side: Side
    seed: int
    index: int
    text: str
    expected: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.family}/{self.language}/{self.side}/{self.seed}/{self.index}"


Generator = Callable[[Language, Side, int, random.Random], Question]
"""Draws the task at a place of the sequence; the place chooses the template, so that all kinds occur equally often."""


def draw(family: str, generate: Generator, language: Language, side: Side, seed: int, n: int) -> list[Item]:
    """The first `n` tasks of the sequence, no two alike."""
    chance = random.Random(f"{family} {language} {side} {seed}")
    found: dict[str, Item] = {}
    while len(found) < n:
        index = len(found)
        question = generate(language, side, index, chance)
        if question.text not in found:
            found[question.text] = Item(family, language, side, seed, index, question.text, question.expected)
    return list(found.values())
