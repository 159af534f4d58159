"""What model output and figures look like as harmless text: no terminal control, no lone surrogates, known widths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from decimal import Decimal

from ..locale import say

LONGEST = 20_000
"""The most characters of one text that a view shows; there is a mark where there are more."""

MOST = 1_000
"""The most steps that are listed as text."""

_ESCAPES = re.compile(
    r"(?:\x1b[PX^_\]]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # strings: titles, links, images
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # control sequences: colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def unicode_text(text: str) -> str:
    """The text as valid Unicode with `\\n` line ends: lone surrogates become U+FFFD."""
    if text.isascii() and "\r" not in text:  # most texts, and there are many
        return text
    return _SURROGATES.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


def terminal(text: str) -> str:
    """The text without anything that a terminal would obey: escape sequences, control and direction characters."""
    return _BIDI.sub("", _CONTROLS.sub("", _ESCAPES.sub("", unicode_text(text)))).expandtabs(4)


def visible(text: str) -> str:
    """The text with control characters as their pictures (`␛`): shown, not obeyed. For HTML and Markdown."""
    return _CONTROLS.sub(_picture, unicode_text(text))


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def more(number: int, of: str = "characters") -> str:
    """The mark at the end of what is shown in part."""
    return say(f"… {count(number)} more {of}")


def part(text: str, most: int) -> str:
    """The text if it has at most `most` characters, else so many of it and a line that says how many more there are."""
    return text if len(text) <= most else f"{text[:most]}\n{more(len(text) - most)}"


def label(text: str, limit: int = 200) -> str:
    """The text as one harmless line of at most `limit` characters, for titles and cells."""
    line = _SPACES.sub(" ", terminal(text[: limit * 8])).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def width(text: str) -> int:
    """Columns that the text takes in a terminal: wide characters two, combining ones none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """The text cut to `columns`, with `…` at the end if it was longer."""
    if width(text) <= columns:
        return text
    taken, kept = 0, []
    for char in text:
        taken += _columns(char)
        if taken > columns - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…" if columns > 0 else ""


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, broken at spaces where there are any, else (Chinese, long words) anywhere."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += _wrap_line(line, max(columns, 2))
    return lines


def _wrap_line(line: str, columns: int) -> list[str]:
    if width(line) <= columns:
        return [line]
    lines: list[str] = []
    start = taken = 0
    gap = -1
    for index, char in enumerate(line):
        wide = _columns(char)
        if taken + wide > columns and index > start:
            end = gap if start < gap and char != " " else index
            lines.append(line[start:end].rstrip())
            start = end
            while start < index and line[start] == " ":
                start += 1
            taken, gap = width(line[start:index]), -1
        if char == " ":
            gap = index
        taken += wide
    return [*lines, line[start:].lstrip(" ")]


def table(heads: Sequence[str], cells: Sequence[Sequence[str]], right: Container[int] = ()) -> str:
    """A table as text; the columns in `right` are aligned there."""
    texts = [list(map(say, heads)), *([terminal(cell) for cell in row] for row in cells)]
    widths = [max(width(row[column]) for row in texts) for column in range(len(heads))]
    lines = []
    for row in texts:
        padded = []
        for column, cell in enumerate(row):
            space = " " * (widths[column] - width(cell))
            padded.append(space + cell if column in right else cell + space)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


# ---------------------------------------------------------------- figures


def count(number: int) -> str:
    """`1204` as `1,204`."""
    return f"{number:,}"


def share(part: float | None) -> str:
    """`0.384` as `38%`; empty where unknown."""
    return "" if part is None else f"{part:.0%}"


def seconds(time: float | None) -> str:
    """`0.42 s`, `12.3 s`, `3 min 05 s`; empty where unknown."""
    if time is None:
        return ""
    if time < 9.995:
        return f"{max(time, 0.0):.2f} s"
    if time < 99.95:
        return f"{time:.1f} s"
    minutes, rest = divmod(round(time), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def milliseconds(time: float | None) -> str:
    """`0.0014` as `1.4 ms`, from a second on as `seconds`; empty where unknown."""
    return seconds(time) if time is None or time >= 1 else f"{time * 1000:.3g} ms"


def joules(energy: float | None) -> str:
    """`0.042 J`, `7.3 J`, `1,204 J`; empty where unknown."""
    if energy is None:
        return ""
    return f"{_digits(energy)} J" if energy < 99.95 else f"{energy:,.0f} J"


def price(money: float | None) -> str:
    """`0.000012`, `0.34`, `12.50`; empty where unknown. The currency is the user's."""
    if money is None:
        return ""
    return _digits(money) if money < 0.995 else f"{money:,.2f}"


def _digits(number: float) -> str:
    """Two significant digits, never with an exponent."""
    return format(Decimal(f"{number:.2g}"), "f")


def rate(per_second: float | None) -> str:
    """`7.3`, `412`; empty where unknown."""
    if per_second is None:
        return ""
    return f"{per_second:.1f}" if per_second < 99.95 else f"{per_second:,.0f}"
