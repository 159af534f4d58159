"""The families of tasks, by name."""

from __future__ import annotations

from ..items import Generator, Item, Language, Side, draw
from . import limits, notes, parts, word

FAMILIES: dict[str, Generator] = {
    "word": word.generate,
    "notes": notes.generate,
    "parts": parts.generate,
    "limits": limits.generate,
}


def tasks(family: str, language: Language, side: Side, seed: int = 0, n: int = 48) -> list[Item]:
    """The first `n` tasks of a family."""
    return draw(family, FAMILIES[family], language, side, seed, n)
