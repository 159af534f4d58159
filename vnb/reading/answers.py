"""What several answers to one task agree on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SHORT = 80
"""An answer of at most so many characters is compared as it is."""

_NUMBER = re.compile(r"[-−]?\d+(?:[,，]\d{3})*(?:\.\d+)?%?")
_CHOICE = re.compile(r"^\W*\(?([A-H])\)?(?:[.):、]|$)", re.MULTILINE)


def answer_of(text: str, number: bool) -> str:
    """What an answer comes to, for comparison: its last number if one is wanted, its letter, or its words if it is short.

    Empty for a longer text: no two are the same.
    """
    if number:
        found = _NUMBER.findall(text)
        return _plain(found[-1]) if found else ""
    if chosen := _CHOICE.search(text):
        return chosen[1]
    words = re.sub(r"[\W_]+", " ", text).strip().casefold()
    return words if len(words) <= SHORT else ""


def majority(texts: Sequence[str], number: bool) -> tuple[int, int]:
    """The place of the first answer that most of them agree with, and how many do; `(0, 0)` if none can be compared."""
    return most_frequent([answer_of(text, number) for text in texts])


def most_frequent(ballots: Sequence[str]) -> tuple[int, int]:
    """The place of the first ballot that is given most often, the earlier of two as frequent, and how often it is given.

    Empty ballots do not count; `(0, 0)` if all are empty.
    """
    counted = Counter(ballot for ballot in ballots if ballot)
    if not counted:
        return 0, 0
    [(ballot, votes)] = counted.most_common(1)
    return ballots.index(ballot), votes


def _plain(number: str) -> str:
    plain = number.replace(",", "").replace("，", "").replace("−", "-")
    whole, point, rest = plain.rstrip("%").partition(".")
    rest = rest.rstrip("0")
    return whole + (point + rest if rest else "")
