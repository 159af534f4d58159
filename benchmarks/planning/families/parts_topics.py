"""Topics with seven parts each. A line is a part and, after `=`, the words by which a passage about it is recognised.

A part is always recognised by its own words as well. Words are compared without case, and English ones as beginnings
of words, so `harvest` also finds `Harvesting`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..items import Language, Side
from . import parts_en, parts_zh


@dataclass(frozen=True)
class Topic:
    """A topic and its parts, as (words of the task, words that recognise a passage about it)."""

    name: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]


def _read(text: str) -> tuple[Topic, ...]:
    topics: list[Topic] = []
    for block in text.strip().split("# ")[1:]:
        name, *lines = block.strip().splitlines()
        parts = []
        for line in lines:
            part, _, words = line.partition(" = ")
            parts.append((part, (part, *words.split(", "))))
        topics.append(Topic(name, tuple(parts)))
    return tuple(topics)


TOPICS: dict[Language, dict[Side, tuple[Topic, ...]]] = {
    "en": {"dev": _read(parts_en.DEV), "held": _read(parts_en.HELD)},
    "zh": {"dev": _read(parts_zh.DEV), "held": _read(parts_zh.HELD)},
}
