"""A text as the list that it is or that it brings: what a map step goes over, and how a program's prompt shows it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.types import Document, Json
from .passages import split

FEWEST = 4
"""A text with so many items in it brings a list."""

LINE = 200
"""An item without a mark in front is of at most so many characters."""

VALUES = 12
"""The most different values that are shown of a column."""

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


def items(text: str, size: int, by_line: bool = True) -> tuple[str, ...]:
    """The items of a text: of a list in JSON or Python its elements, of short lines each one, without the mark in front,
    or else passages of about `size` characters.

    Args:
        by_line: Whether short lines without marks are items.
    """
    value = value_of(text)
    if isinstance(value, list):
        return tuple(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value)
    lines = [line.strip() for line in _joined(text) if line.strip()]
    if len(lines) > 2 and lines[0].endswith((":", "：")) and not _MARKED.match(lines[0]):
        lines = lines[1:]  # it introduces them
    marked = [match[1].strip() for line in lines if (match := _MARKED.match(line))]
    if len(marked) > 1 and len(marked) == len(lines):
        return tuple(marked)
    if by_line and len(lines) > 1 and max(map(len, lines)) <= LINE and not _is_wrapped(lines):
        return tuple(lines)
    return tuple(passage.text for passage in split((Document("", text),), size))


def passages_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """The passages of documents as items, each under its title."""
    return tuple(f"{passage.title}\n{passage.text}" for passage in split(tuple(documents)))


@dataclass(frozen=True)
class Listed:
    """A text that brings a list, and what stands before and after it."""

    before: str
    items: tuple[str, ...]
    after: str


def list_in(text: str) -> Listed | None:
    """The longest list in a text: lines with marks in front, or else lines with figures in one paragraph.

    `None` if it has fewer than `FEWEST` items.
    """
    lines = _joined(text)
    for runs in (_marked_runs(lines), _record_runs(lines)):
        start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
        found = [line.strip() for line in lines[start:end] if line.strip()]
        if len(found) >= FEWEST:
            items = tuple(match[1].strip() if (match := _MARKED.match(line)) else line for line in found)
            return Listed("\n".join(lines[:start]), items, "\n".join(lines[end:]))
    return None


def outline(name: str, value: Json) -> str:
    """What a prompt shows of a variable that a program finds: of a list of dictionaries their keys, and values of each."""
    if isinstance(value, dict):
        return f"{name}: dictionary with {', '.join(value)[:200]}"
    if not isinstance(value, list):
        return f"{name}: {type(value).__name__}"
    if not value:
        return f"{name}: empty list"
    rows = [row for row in value if isinstance(row, dict)]
    if len(rows) < len(value):
        return f"{name}: list of {len(value)}, the first: {_short(value[0])}"
    keys = dict.fromkeys(key for row in rows for key in row)
    columns = [f'row["{key}"]: {_column([row.get(key) for row in rows])}' for key in keys]
    return "\n".join([f"{name}: list of {len(rows)} dictionaries (row)", *columns])


def _column(values: Sequence[Json]) -> str:
    if all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values):
        return "number or None" if None in values else "number"
    if all(isinstance(value, bool) for value in values):
        return "True or False"
    different = list(dict.fromkeys("None" if value is None else _short(value, 60) for value in values))
    some = ", ".join(different[:VALUES])
    return f"one of {some}" if len(different) <= VALUES else f"such as {some}"


def _short(value: Json, characters: int = 200) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= characters else f"{written[: characters - 1]}…"


def _joined(text: str) -> list[str]:
    """The lines of a text; one that is indented below a line with a mark goes on with it."""
    lines: list[str] = []
    for line in text.split("\n"):
        goes_on = bool(lines) and line.startswith((" ", "\t")) and _MARKED.match(lines[-1]) and not _MARKED.match(line)
        if goes_on and line.strip():
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return lines


def _marked_runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of lines with marks in front, blank ones between them included."""
    runs: list[tuple[int, int]] = []
    for place, line in enumerate(lines):
        if not _MARKED.match(line):
            continue
        if runs and not any(one.strip() for one in lines[runs[-1][1] : place]):
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _record_runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Paragraphs of short lines of which most have a figure; the line that introduces them and the question set aside."""
    runs: list[tuple[int, int]] = []
    start = 0
    for place in range(len(lines) + 1):
        if place < len(lines) and lines[place].strip():
            continue
        first, end = start, place
        start = place + 1
        while end > first and lines[end - 1].rstrip().endswith(("?", "？")):
            end -= 1
        while end > first and lines[first].rstrip().endswith((":", "：", "?", "？")):
            first += 1
        found = lines[first:end]
        figures = sum(any(map(str.isdigit, line)) for line in found)
        if (
            found
            and 4 * figures >= 3 * len(found)
            and not _is_delimited(found)
            and all(len(line) <= LINE for line in found)
        ):
            runs.append((first, end))
    return runs


def _is_delimited(lines: Sequence[str]) -> bool:
    """Whether lines are the rows of a table, whose first one may name the columns."""
    headed = not any(map(str.isdigit, lines[0])) and all(any(map(str.isdigit, line)) for line in lines[1:])
    return any(len({line.count(mark) for line in lines}) == 1 and mark in lines[0] for mark in "\t|;") or (
        len({line.count(",") for line in lines}) == 1 and lines[0].count(",") > (0 if headed else 1)
    )


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines are prose that was broken at a width: most are about as long as the longest."""
    longest = max(map(len, lines))
    return longest >= 50 and sum(len(line) >= longest - 15 for line in lines) * 2 > len(lines)
