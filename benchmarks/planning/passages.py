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


def missing(
    text: str, parts: Sequence[tuple[str, Sequence[str]]], language: Language, least: int, count: int
) -> list[str]:
    """The demanded parts that the text has no passage about.

    A passage is what stands under a heading, or a paragraph from its first sentence on, or sentences within one up to
    the next that names another part. It is about the parts that its heading or its first sentence names, and it is
    theirs in equal shares, each of which must reach the lengths.

    Args:
        parts: Each with the words that recognise it.
        least: English words or Chinese characters of a part.
        count: Sentences of a part.
    """
    found: set[str] = set()
    for opening, body in _passages(text, parts, language):
        named = [part for part, keys in parts if names(opening, keys, language)]
        if 0 < len(named) <= 2:
            long = lengths(body)[language] >= least * len(named) and len(sentences(body)) >= count * len(named)
            found |= set(named) if long else set()
    return [part for part, _ in parts if part not in found]


def names(text: str, keys: Sequence[str], language: Language) -> bool:
    """Whether a text holds one of the words; English ones as beginnings of words."""
    text = text.casefold()
    if language == "zh":
        return any(key in text for key in keys)
    return any(re.search(rf"\b{re.escape(key.casefold())}", text) for key in keys)


def _passages(text: str, parts: Sequence[tuple[str, Sequence[str]]], language: Language) -> list[tuple[str, str]]:
    """What may be about a part, as (heading or first sentence, text)."""
    lines = [_line(raw) for raw in text.splitlines() if raw.strip()]
    found: list[tuple[str, str]] = []
    for at, line in enumerate(lines):
        if line.level < 9:
            end = next((to for to in range(at + 1, len(lines)) if lines[to].level <= line.level), len(lines))
            under = [line.body, *(f"{one.heading}\n{one.body}" for one in lines[at + 1 : end])]
            found.append((line.heading, "\n".join(under)))
        body = line.body if line.level < 9 else line.heading
        pieces = sentences(body)
        about = [any(names(piece, keys, language) for _, keys in parts) for piece in pieces]
        for start, piece in enumerate(pieces):
            if about[start] or start == 0:
                here = [part for part, keys in parts if names(piece, keys, language)]
                to = start + 1
                while to < len(pieces) and (not about[to] or _same(pieces[to], here, parts, language)):
                    to += 1
                found.append((piece, " ".join(pieces[start:to])))
    return found


def _same(piece: str, here: list[str], parts: Sequence[tuple[str, Sequence[str]]], language: Language) -> bool:
    """Whether a sentence names only what the passage is about anyway."""
    return all(part in here for part, keys in parts if names(piece, keys, language))


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
