"""The few HTML elements that views are written with: no script, no style sheet, no image, no address, all text escaped.

Text cells are aligned by a `div` of their own, since notebooks align cells to the right and sanitisers drop styles.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence

from ..locale import say
from . import clean

_PLAIN = re.compile(r"^(?:[ \t]{2,}\S|```|~~~|\|)|[^\n] {3,}[^\n]", re.MULTILINE)
"""What makes spaces carry meaning: indented code, fences, tables, columns."""

_JSON = re.compile(r'\s*(?:\{|\[\s*[{"\[\d-])')

_BAR = "border-left:3px solid rgba(128,128,128,0.35)"
_QUOTE = f'style="margin:2px 0 10px;padding:2px 0 2px 12px;overflow-wrap:anywhere;{_BAR}"'
"""A quiet bar at the left of everything that a model, a user or a document said; grey on light and on dark."""

_PARAGRAPH = 'dir="auto" style="margin:4px 0 8px"'


def escape(text: str) -> str:
    """Any text as HTML that shows it."""
    return html.escape(clean.visible(text), quote=True)


def line(text: str, limit: int = 200) -> str:
    """A text as one escaped line of at most `limit` characters."""
    return escape(clean.label(text, limit))


def strong(text: str, limit: int = 200) -> str:
    """One escaped line in bold."""
    return f"<strong>{line(text, limit)}</strong>"


def details(summary: str, body: str, open: bool = False) -> str:
    """A part that unfolds. Both are HTML."""
    shown = ' open=""' if open else ""
    return f'<details{shown} style="margin:6px 0"><summary>{summary}</summary>\n{body}\n</details>'


def indented(body: str) -> str:
    """HTML set apart from what is around it."""
    return f'<div style="margin:6px 0 14px 18px">{body}</div>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], left: Iterable[int] = ()) -> str:
    """A table of HTML cells; the columns in `left` hold text, the others figures."""
    texts = frozenset(left)
    head = "".join(_cell('th scope="col"', "th", say(name), index in texts) for index, name in enumerate(heads))
    body = "\n".join(
        "<tr>" + "".join(_cell("td", "td", cell, index in texts) for index, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<table cellpadding="4">\n'
        f"<caption>{left_div(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def _cell(opened: str, closed: str, content: str, text: bool) -> str:
    if text and content:
        return f"<{opened}>{left_div(content)}</{closed}>"
    return f'<{opened} align="right">{content}</{closed}>'


def left_div(content: str) -> str:
    """HTML aligned to the left whatever is around it."""
    return f'<div align="left">{content}</div>'


def heading(name: str) -> str:
    """The name of what follows, in bold. HTML; no heading element, which would enter a notebook's table of contents."""
    return f'<p style="margin:8px 0 2px"><strong>{name}</strong></p>'


def aside(note: str) -> str:
    """A remark of the view itself, set apart from what it shows. HTML."""
    return f'<p style="margin:4px 0"><em>{note}</em></p>'


def prose(text: str) -> str:
    """Escaped text to be read: paragraphs with their line breaks, or as it is where its spaces carry meaning."""
    if has_columns(text):
        return columns(escape(text))
    paragraphs = [part for part in re.split(r"\n[ \t]*\n", text.strip("\n")) if part.strip()]
    return "\n".join(paragraph(escape(part)) for part in paragraphs)


def has_columns(text: str) -> bool:
    """Whether the text's spaces carry meaning: code, tables, JSON."""
    return bool(_PLAIN.search(text) or _JSON.match(text))


def columns(body: str) -> str:
    """HTML whose spaces are kept."""
    return f'<pre dir="auto" style="white-space:pre-wrap"><code>{body}</code></pre>'


def paragraph(body: str) -> str:
    """HTML whose line ends are kept."""
    return f"<p {_PARAGRAPH}>{body.replace(chr(10), '<br>')}</p>"


def quoted(body: str) -> str:
    """HTML of what a model, a user or a document said."""
    return f"<blockquote {_QUOTE}>{body}</blockquote>"


class Room:
    """How much text may still be shown, in bytes of HTML, so that a page stays readable and small.

    `cut` counts the texts that were not shown to their end.
    """

    def __init__(self, left: int) -> None:
        self.left = left
        self.cut = 0

    def text(self, text: str, most: int) -> str:
        """The text as `prose`, at most `most` characters of it, with a mark of how many are not shown."""
        return self._part(text, most, prose)

    def code(self, text: str, most: int) -> str:
        """The same of a program, or of what one printed."""
        return self._part(text, most, lambda kept: columns(escape(kept.strip("\n"))))

    def _part(self, text: str, most: int, written: Callable[[str], str]) -> str:
        kept = text[: max(0, min(most, self.left // 2))]
        shown = written(kept) if kept.strip() else ""
        while kept and len(shown.encode("utf-8", "replace")) > self.left:
            kept = kept[: len(kept) // 2]
            shown = written(kept)
        self.spend(shown)
        hidden = len(text) - len(kept)
        self.cut += hidden > 0
        mark = aside(clean.more(hidden)) if hidden else ""
        return quoted(f"{shown}{mark}")

    def spend(self, markup: str) -> str:
        """Counts HTML that was written, and returns it."""
        self.left -= len(markup.encode("utf-8", "replace"))
        return markup
