"""Documents split into titled passages and ranked for a step by BM25 (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from dataclasses import dataclass

from ..core.types import Document

SIZE = 1200
"""Characters of a passage, about; paragraphs are not torn apart unless one alone is longer."""

_K1, _B = 1.2, 0.75  # the usual BM25 constants
_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|\w+")


@dataclass(frozen=True)
class Passage:
    """A piece of a document; `title` names the document, its heading if it has one, and its place."""

    title: str
    text: str


@functools.lru_cache(maxsize=8)
def split(documents: tuple[Document, ...], size: int = SIZE) -> tuple[Passage, ...]:
    """Passages of about `size` characters, in order; a Markdown heading begins a new one.

    Kept for the documents that were split last, since every step of a run asks for the same ones.
    """
    found: list[Passage] = []
    for document in documents:
        heading, pieces = "", [("", "")]
        for paragraph in re.split(r"\n\s*\n", document.text.strip()):
            marked = re.match(r"#{1,6} +(.+)", paragraph)
            heading = marked.group(1).strip() if marked else heading
            for start in range(0, len(paragraph), size):
                piece = paragraph[start : start + size]
                if marked or not pieces[-1][1] or len(pieces[-1][1]) + len(piece) > size:
                    pieces.append((heading, piece))
                else:
                    pieces[-1] = (pieces[-1][0], pieces[-1][1] + "\n\n" + piece)
        filled = [piece for piece in pieces if piece[1].strip()]
        for number, (title, text) in enumerate(filled, 1):
            place = f" ({number}/{len(filled)})" if len(filled) > 1 else ""
            found.append(Passage(f"{document.title}{': ' + title if title else ''}{place}", text))
    return tuple(found)


@functools.lru_cache(maxsize=8)
def _counted(passages: tuple[Passage, ...]) -> tuple[list[Counter[str]], list[int]]:
    """How often each passage holds each word, and its length in words."""
    terms = [Counter(_terms(passage.title + "\n" + passage.text)) for passage in passages]
    return terms, [sum(counts.values()) for counts in terms]


def rank(passages: tuple[Passage, ...], query: str) -> tuple[Passage, ...]:
    """All passages, the best for `query` first; equal ones keep their order."""
    terms, lengths = _counted(passages)
    mean = sum(lengths) / len(lengths) if lengths else 1.0
    scores = [0.0] * len(passages)
    for word in dict.fromkeys(_terms(query)):
        holding = sum(1 for counts in terms if word in counts)
        weight = math.log(1 + (len(passages) - holding + 0.5) / (holding + 0.5))
        for index, counts in enumerate(terms):
            if word in counts:
                norm = _K1 * (1 - _B + _B * lengths[index] / (mean or 1.0))
                scores[index] += weight * counts[word] * (_K1 + 1) / (counts[word] + norm)
    best = sorted(range(len(passages)), key=lambda index: (-scores[index], index))
    return tuple(passages[index] for index in best)


def _terms(text: str) -> list[str]:
    """Words in lower case; in scripts without spaces, single characters."""
    return [word.casefold() for word in _WORD.findall(text)]
