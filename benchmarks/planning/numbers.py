"""The number, or the choice, that a result gives as its answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|(?<![\d.])[-−]?\d+(?:\.\d+)?")
_BOXED = re.compile(r"\\boxed\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_ANSWER = re.compile(
    r"(?:final answer|the answer|answer|答案|答)\s*\**\s*(?:is|are|was|是|为|[:：])[:：]?\s*(.+)", re.IGNORECASE
)
_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve".split()
_CHINESE = {"两": 2, **{word: n for n, word in enumerate("零一二三四五六七八九十")}}


def numbers(text: str) -> list[float]:
    """The numbers of a text, in its order; those that only count its lines and its words' subscripts are left out."""
    text = unicodedata.normalize("NFKC", text).replace("{,}", ",").replace("\\,", "")
    text = re.sub(r"(?m)^\s*(?:[#*\s]*)(?:step\s*)?\d+[.)、:]\s+(?=\S)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"第\s*\d+\s*[步条项天周站]|\b(?:step|s)\s*\d+\b", " ", text, flags=re.IGNORECASE)
    return [float(found.replace(",", "").replace("−", "-")) for found in _NUMBER.findall(text)]


def answer(result: str, task: str, in_task: bool = False) -> float | None:
    """The number that a result answers with; `None` if there is none.

    That of the last `\\boxed{}`, else of the last "the answer is …", else of the last sentence with a number. There the
    last number counts; one that stands in the task already is passed over, unless the answer is one of these.
    """
    known = set() if in_task else set(numbers(task))
    for pattern in (_BOXED, _ANSWER):
        named = [found for match in pattern.findall(result) if (found := _last(match, known)) is not None]
        if named:
            return named[-1]
    for piece in reversed(_pieces(result)):
        found = _last(piece, known)
        if found is not None:
            return found
    return None


def choice(result: str, choices: Sequence[str]) -> str | None:
    """The one choice that the last sentence with any of them names; `None` where it names several or there is none."""
    for piece in reversed(_pieces(result)):
        named = [one for one in choices if one.casefold() in piece.casefold()]
        if named:
            return named[0] if len(named) == 1 else None
    return None


def _last(piece: str, known: Iterable[float]) -> float | None:
    """The number of a sentence: after its last `=`, in bold, or the last; words such as "three" where no digits are."""
    after = piece.rpartition("=")[2]
    bold = " ".join(re.findall(r"\*\*(.+?)\*\*", piece))
    for part in (after if after != piece else "", bold, piece):
        found = numbers(part)
        new = [number for number in found if number not in known]
        if new:
            return new[-1]
        if found and part is piece:
            return found[-1]
    words = re.findall(r"[a-z]+", piece.lower())
    spelled = [_ENGLISH.index(word) for word in words if word in _ENGLISH and word != "one"]
    spelled += [_CHINESE[word] for word in re.findall(r"([零两二三四五六七八九十])[个次条场份项]", piece)]
    return float(spelled[-1]) if spelled else None


def _pieces(result: str) -> list[str]:
    """Lines, parted into sentences where a point is none of a number."""
    lines = [line for line in result.splitlines() if line.strip()]
    return [
        piece for line in lines for piece in re.split(r"(?<=[.!?])\s+(?=\D)|(?<=[。！？；])", line) if piece.strip()
    ]
