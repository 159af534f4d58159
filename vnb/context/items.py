"""A text as the list that it is: what a map step goes over."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence

from ..core.types import Document, Json
from .passages import split

_MARKED = re.compile(r"[ \t]*(?:[-*•+]|\(?\d{1,4}[.)、]|（?[一二三四五六七八九十]+[）、])[ \t]*(\S.*)")


def value_of(text: str) -> Json:
    """The JSON list, object or number that a text is, also as Python writes it; or else the text itself."""
    stripped = text.strip()
    if stripped[:1] not in "[{-0123456789" or not stripped:
        return text
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(stripped)
            json.dumps(value)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, (list, dict, int, float)) and not isinstance(value, bool) else text
    return text


def items(text: str, size: int) -> tuple[str, ...]:
    """The items of a text: of a list in JSON or Python its elements, of lines with marks in front each one, or else
    passages of about `size` characters.
    """
    value = value_of(text)
    if isinstance(value, list):
        return tuple(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value)
    lines = [line for line in text.splitlines() if line.strip()]
    marked = [match[1].strip() for line in lines if (match := _MARKED.match(line))]
    if len(marked) > 1 and len(marked) == len(lines):
        return tuple(marked)
    return tuple(passage.text for passage in split((Document("", text),), size))


def passages_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """The passages of documents as items, each under its title."""
    return tuple(f"{passage.title}\n{passage.text}" for passage in split(tuple(documents)))
