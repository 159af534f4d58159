"""Whether a text has a passage about each part that was demanded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .items import Language
from .language import HAN, lengths, sentences

_MARKER = r"(?:[-*•+]\s+|\(?\d+(?:\.\d+)*[.)、:：]\s*|[（(]?[一二三四五六七八九十]+[）)、.．]\s*)"
_CLOSE = re.compile(r"[*_#:：\s]+$")


@dataclass(frozen=True)
class Line:
    """A line of a text: under `level` 9 it is a heading, the smaller the higher; `body` is what follows in the line."""

    level: int
    heading: str
    body: str


Parts = Sequence[tuple[str, Sequence[str]]]
"""Parts, each with the words that recognise it."""


def missing(text: str, parts: Parts, language: Language, topic: str, least: int, count: int = 1) -> list[str]:
    """The demanded parts that the text has no passage about.

    A passage is what stands under a heading; or, where no heading names a part, a paragraph from its first sentence on,
    or sentences up to the next that names another part. It is about what its heading or first sentence names, up to two
    parts, which share it equally.

    Args:
        topic: Of the whole text; what it is called by recognises none of its parts.
        least: English words or Chinese characters of a part.
        count: Sentences of a part.
    """
    parts = [(part, [key for key in keys if not holds(topic, key, language)]) for part, keys in parts]
    found: set[str] = set()
    for opening, body in _passages(text, parts, language):
        named = _named(opening, parts, language)
        if 0 < len(named) <= 2:
            long = lengths(body)[language] >= least * len(named) and len(sentences(body)) >= count * len(named)
            found |= set(named) if long else set()
    return [part for part, _ in parts if part not in found]


def holds(text: str, key: str, language: Language) -> bool:
    """Whether a text holds a word; an English one as the beginning of a word."""
    pattern = re.escape(key.casefold())
    return re.search(pattern if language == "zh" else rf"\b{pattern}", text.casefold()) is not None


def _named(text: str, parts: Parts, language: Language) -> list[str]:
    return [part for part, keys in parts if any(holds(text, key, language) for key in keys)]


def _passages(text: str, parts: Parts, language: Language) -> list[tuple[str, str]]:
    """What may be about a part, as (heading or first sentence, text)."""
    lines = [_line(raw) for raw in text.splitlines() if raw.strip()]
    found: list[tuple[str, str]] = []
    covered = 0  # lines before this one stand under a heading that names a part
    for at, line in enumerate(lines):
        if line.level < 9:
            end = next((to for to in range(at + 1, len(lines)) if lines[to].level <= line.level), len(lines))
            under = [line.body, *(f"{one.heading}\n{one.body}" for one in lines[at + 1 : end])]
            found.append((line.heading, "\n".join(under)))
            covered = max(covered, end if 0 < len(_named(line.heading, parts, language)) <= 2 else 0)
        elif at >= covered:
            found += _within(line.heading, parts, language)
    return found


def _within(paragraph: str, parts: Parts, language: Language) -> list[tuple[str, str]]:
    """A paragraph's passages: from a sentence that names a part to the next that names another."""
    pieces = sentences(paragraph)
    about = [set(_named(piece, parts, language)) for piece in pieces]
    starts = [at for at in range(len(pieces)) if at == 0 or (about[at] and not about[at] <= about[at - 1])]
    ends = [*starts[1:], len(pieces)]
    found = [(pieces[start], " ".join(pieces[start:end])) for start, end in zip(starts, ends)]
    return [*found, (pieces[0], " ".join(pieces))] if pieces else []


def _line(raw: str) -> Line:
    stripped = raw.strip()
    marks = re.match(r"(#+)\s*(.+)", stripped)
    if marks:
        return Line(min(len(marks[1]), 6), _CLOSE.sub("", marks[2]), "")
    bold = re.match(rf"({_MARKER})?(?:\*\*|__)(.+?)(?:\*\*|__)\s*[:：—–-]?\s*(.*)$", stripped)
    if bold:
        return Line(8 if bold[3] or bold[1] else 7, _CLOSE.sub("", bold[2]), bold[3])
    marker = re.match(rf"{_MARKER}(.+)", stripped)
    words = marker[1] if marker else stripped
    label = re.match(r"([^:：.。!?！？]{1,60}?)[:：]\s*(.*)$", words)
    if label and (len(label[1].split()) <= 8 and len(re.findall(f"[{HAN}]", label[1])) <= 16):
        return Line(8, label[1], label[2])
    numbered = marker is not None and not stripped.startswith(("-", "*", "•", "+"))
    short = len(words.split()) <= 8 and len(words) <= 60 and len(re.findall(f"[{HAN}]", words)) <= 16
    if short and not re.search(r"[.!?。！？；;,，]$", words) and (numbered or not marker):
        return Line(7, words, "")
    return Line(9, words, "")
