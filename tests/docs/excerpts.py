"""The code that README and documentation show, as it stands there.

A comment before an excerpt says how it is checked, where that is not "it runs":

    <!-- check: read only -->          it needs a GPU or a file that is not here; it is only parsed
    <!-- check: raises UsageError -->  running it raises that
    <!-- check: prints -->             text: the excerpt before it prints these lines, in this order
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(
    r"(?:^<!-- check: (?P<check>[^\n]+?) -->\n)?^(?P<fence>`{3,})(?P<language>[\w{}-]*)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Excerpt:
    """A fenced block of a page; `line` is where its text begins."""

    page: Path
    line: int
    language: str
    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Everything that a reader is shown."""
    return [ROOT / "README.md", *sorted(ROOT.glob("README.*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def excerpts(page: Path) -> Iterator[Excerpt]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        yield Excerpt(page, line, found["language"], found["check"] or "", found["text"])


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))
