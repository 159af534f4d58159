"""Whether a text meets a constraint. Written apart from vnb's own checks, which it is held against."""

from __future__ import annotations

import json
import re
from typing import Any

from .items import Language
from .language import language_of, lengths, sentences

_ITEM = re.compile(r"^(\s*)(?:[-*•+–]|\(?\d+[.)、．]|[（(]\d+[）)]|[（(]?[一二三四五六七八九十]+[、）).．])\s*\S")


def is_met(limit: dict[str, Any], result: str, language: Language) -> bool:
    """Whether `result`, an answer to a task in `language`, meets the constraint."""
    kind, text, n = limit["kind"], result.strip(), int(limit.get("n", 0))
    if kind == "sentences":
        count = len(sentences(text))
        return count == n if limit["exactly"] else 1 <= count <= n
    if kind == "length":
        return 1 <= lengths(text)[language] <= n
    if kind == "items":
        return items(text) == n
    if kind == "contain":
        return holds(text, limit["word"])
    if kind == "avoid":
        return bool(text) and not holds(text, limit["word"])
    if kind == "end":
        return re.sub(r"[\W_]+$", "", text).casefold().endswith(limit["word"].casefold()) and holds(text, limit["word"])
    if kind == "json":
        return keys(text) == set(limit["keys"])
    if kind == "language":
        return language_of(text) == str(limit["language"])
    raise ValueError(f"There is no constraint {kind!r}.")


def holds(text: str, word: str) -> bool:
    """Whether a word stands in a text, as a whole word where its script parts words."""
    edge = r"\b" if word.isascii() else ""
    return re.search(f"{edge}{re.escape(word)}{edge}", text, re.IGNORECASE) is not None


def items(text: str) -> int:
    """The items of a list: lines with a mark in front, those that are least indented; without marks, all lines."""
    marked = [match for line in text.splitlines() if (match := _ITEM.match(line))]
    if not marked:
        return sum(bool(line.strip()) for line in text.splitlines())
    least = min(len(match[1]) for match in marked)
    return sum(len(match[1]) == least for match in marked)


def keys(text: str) -> set[str] | None:
    """The keys of a text that is one JSON object, in a code fence or not; `None` if it is something else."""
    fenced = re.fullmatch(r"```\w*\s*\n(.*?)\n?```", text, re.DOTALL)
    try:
        found = json.loads(fenced[1] if fenced else text)
    except ValueError:
        return None
    return set(found) if isinstance(found, dict) else None
