"""The words that a question asks about, looked for in the items of a list and in the rows made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..core.types import Json

MOST = 3
"""The most columns that are added."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_VERB = re.compile(r".*(?:ed|ing)")
_COMMON = frozenset(
    "the and for from with into onto that this these those all any each every how many much what when where which who whom "
    "whose why did does was were are had has have been his her its their our your than then them they you not more most less "
    "least total altogether number amount sum average there here one two three sold bought took made went got gave paid "
    "brought drove came ate saw ran wrote read sent won lost left met use notes list items".split()
)
_COMMON_HAN = re.compile(
    "[了的在是一共总多少几去往和与有被由从到给把这那上下里中出卖买送收摘种吃做写读看跑走来回拿带装运发借还付花用]"
)


def with_asked(question: str, items: Sequence[str], rows: Sequence[Json]) -> list[Json]:
    """The rows, with a column for each word of the question that some items have and their rows leave out.

    It is true or false. A planner that names no column for what the question asks about would else have its program
    count everything.
    """
    asked = _uncovered(question, items, rows)[:MOST]
    return [
        {**row, **{word: _holds(word, item) for word in asked}} if isinstance(row, dict) else row
        for item, row in zip(items, rows, strict=True)
    ]


def _uncovered(question: str, items: Sequence[str], rows: Sequence[Json]) -> list[str]:
    """Words of a question that stand in some of the items, but not in all, and are left out of their rows.

    Chinese is not divided into words: of the pieces that overlap, the one that stands in most items counts, and one that
    the rows have tells enough.
    """
    counts = {span: sum(_holds(question[slice(*span)], item) for item in items) for span in _spans(question)}
    some = {span: count for span, count in counts.items() if 0 < count < len(items)}
    covered = [span for span in some if _is_covered(question[slice(*span)], items, rows)]
    taken: list[tuple[int, int]] = []
    for span in sorted(some, key=lambda span: (-some[span], span[0] - span[1])):
        if not any(_overlap(span, other) for other in (*covered, *taken)):
            taken.append(span)
    return list(dict.fromkeys(question[slice(*span)] for span in taken))


def _spans(question: str) -> list[tuple[int, int]]:
    """Where names and nouns may stand in a question."""
    found = [
        match.span()
        for match in _WORD.finditer(question)
        if not (_HAN.search(match[0]) or _VERB.fullmatch(match[0]) or match[0].casefold() in _COMMON)
    ]
    for run in _HAN.finditer(question):
        pieces = [(start, start + size) for size in (2, 3, 4) for start in range(run.start(), run.end() - size + 1)]
        found += [piece for piece in pieces if not _COMMON_HAN.search(question[slice(*piece)])]
    return found


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _holds(word: str, text: str) -> bool:
    if _HAN.search(word):
        return word in text
    return re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) is not None


def _is_covered(word: str, items: Sequence[str], rows: Sequence[Json]) -> bool:
    """Whether the rows tell which items have the word: by a column of its name, or in what they say."""
    pairs = [(item, row) for item, row in zip(items, rows, strict=True) if isinstance(row, Mapping)]
    return all(_in_row(word, row) for item, row in pairs if _holds(word, item))


def _in_row(word: str, row: Mapping[str, Json]) -> bool:
    if any(word.casefold() == name.casefold() for name in row):
        return True
    return any(isinstance(value, str) and word.casefold() in value.casefold() for value in row.values())
