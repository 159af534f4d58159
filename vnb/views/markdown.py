"""A run as Markdown, and model output as Markdown that can do no harm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..core.types import Verdict
from ..core.view import RunView
from ..locale import say
from . import account, clean, items, programs, text
from .checks import checked, checks_of, verdicts
from .plan_changes import changes
from .rows import (
    SYMBOLS,
    Blobs,
    Row,
    figures,
    result,
    rows,
    shown,
    status_of,
)

_FENCE = re.compile(r"^(?P<lead>(?:[ \t]|> ?)*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl", "math"})
"""Languages of fences that a front end would draw, not show."""

_PROGRAMS, _SOURCE = 5, 2_000
"""The most programs that are shown, and characters of each."""

_HEADS = ("step", "needs", "tokens", "tok/s", "prefix hit", "time")

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=\((?!https?://|#))", re.IGNORECASE)


def render(view: RunView, blobs: Blobs, now: float) -> str:
    """The run as Markdown: its headline, its steps as a table, its result or its error."""
    task = inline(clean.label(view.task.text) or say("Run"))
    tree = rows(view)
    blocks = [f"**{SYMBOLS[status_of(view)]} {task}**", inline(" · ".join(text.headline(view, now))), way(view)]
    blocks += [failure(view.error, view.hint), steps(tree, view, now), listed(changes(view)), *_programs(tree)]
    output = result(view, blobs)
    if output:
        blocks.append(harmless(output[: clean.LONGEST]))
    if len(output) > clean.LONGEST:
        blocks.append(inline(clean.more(len(output) - clean.LONGEST)))
    if output:
        blocks.append(demands(verdicts(view)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def way(view: RunView) -> str:
    """How the task is done and why, where vnb chose that."""
    return f"*{inline(account.way(view))}*" if view.why else ""


def _programs(tree: list[Row]) -> Iterable[str]:
    """What came of the code steps: the attempts of each in a line, and the program; not of the items of long maps."""
    listed = [row for row, under in zip(tree, items.places(tree)) if under < 0]
    found = [(row, attempt.program) for row in listed if (attempt := shown(row.step)) and attempt.program]
    for row, program in found[:_PROGRAMS]:
        tried = "; ".join([*programs.trail(row.step), *row.reasons[:1]])
        yield f"**{inline(clean.label(row.step.step.id, 40))}** {inline(tried)}".rstrip()
        yield fenced(clean.part(program.source, _SOURCE), "python")


def failure(error: str, hint: str) -> str:
    """An error and what to do about it, line by line; empty if there is none."""
    said = [clean.terminal(clean.part(one, clean.LONGEST)) for one in map(say, (error, hint)) if one]
    return "\n\n".join("\n".join(f"> {inline(line)}" for line in one.split("\n")) for one in said)


def listed(lines: Sequence[str]) -> str:
    """Lines of plain text as a list; empty if there are none."""
    return "\n".join(f"- {inline(line)}" for line in lines)


def demands(found: Sequence[Verdict]) -> str:
    """The demands that an output was checked for, met or missed; empty if there are none."""
    return f"**{inline(checks_of(found))}**\n\n{listed(checked(found))}" if found else ""


def steps(tree: list[Row], view: RunView, now: float) -> str:
    """The tree as a table; empty if there are no steps yet."""
    if not tree:
        return ""
    lines = [f"| | {' | '.join(map(say, _HEADS))} |", "|---|---|---|--:|--:|--:|--:|"]
    short = items.shortened(tree)
    lines += [_row(row, view, now) for row in short[: clean.MOST]]
    more = inline(clean.more(len(short) - clean.MOST, "steps")) if len(short) > clean.MOST else ""
    return "\n".join(lines) + (f"\n\n{more}" if more else "")


def _row(row: Row | items.Gap, view: RunView, now: float) -> str:
    if isinstance(row, items.Gap):
        return f"| | {'&emsp;' * len(row.rails)}*{inline(row.said)}* | | | | | |"
    values = figures(shown(row.step), view, now)
    said = [*text.words(row), *row.warnings]
    name = "&emsp;" * row.depth + inline(text.name(row)) + (f" ({inline(', '.join(said))})" if said else "")
    cells = (
        row.symbol,
        name,
        inline(clean.label(", ".join(row.step.step.needs))),
        "" if values.tokens is None else clean.count(values.tokens),
        clean.rate(values.rate),
        clean.share(values.hit),
        clean.seconds(values.seconds),
    )
    return f"| {' | '.join(cells)} |"


def inline(line: str) -> str:
    """One line of plain text as Markdown that shows exactly it."""
    line = clean.visible(line).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|~$>:-])", r"\\\1", line)


def fenced(said: str, language: str = "text") -> str:
    """A text as it is, whatever stands in it."""
    source = clean.visible(said)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", source)), default=0))
    return f"{ticks}{language}\n{source}\n{ticks}"


def code(line: str) -> str:
    """One line of plain text as code."""
    line = clean.label(line, 400)
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    gap = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{gap}{line}{gap}{fence}" if line else ""


def harmless(output: str) -> str:
    """Model output as Markdown without HTML, images, or links that lead anywhere but to `http(s)` or a heading.

    Code fences are written anew, each longer than any run of backticks in the text, so that what is taken for code
    here is code for every reader. Outside of them `<` before a tag, `![`, link definitions and links with other
    schemes are escaped and stay readable.
    """
    source = clean.visible(output)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", source)), default=0))
    lines: list[str] = []
    closing: re.Pattern[str] | None = None
    for line in source.split("\n"):
        if closing is not None:
            if closing.match(line):
                lines += [fence, ""]
                closing = None
            else:
                lines.append(line)
            continue
        found = _FENCE.match(line)
        if found and not (found["fence"][0] == "`" and "`" in found["info"]):
            lines += ["", fence + _language(found["info"])]
            closing = re.compile(rf"^[ \t>]*{re.escape(found['fence'][0])}{{{len(found['fence'])},}}[ \t]*$")
        else:
            lines.append(_prose(line))
    if closing is not None:
        lines.append(fence)
    return "\n".join(lines)


def _language(info: str) -> str:
    word = info.strip().split(" ")[0]
    return word if re.fullmatch(r"[A-Za-z0-9+#-]{1,20}", word) and word.lower() not in _DRAWN else ""


def _prose(line: str) -> str:
    line = _TAG.sub("&lt;", line).replace("![", "!\\[").replace("]:", "]\\:")
    return _LINK.sub("]\\\\", line)
