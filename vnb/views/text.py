"""A run as a tree of text: what a terminal shows, and the `text/plain` of a notebook's output."""

from __future__ import annotations

from ..core.view import RunView
from ..locale import say
from . import account, clean, items, programs
from .checks import checked, checks_of, verdicts
from .plan_changes import changes
from .rows import (
    SYMBOLS,
    Blobs,
    Figures,
    Row,
    clock,
    figures,
    reasons_still,
    result,
    rows,
    shown,
    status_of,
    summary,
    word,
)

_COLUMNS = (("tokens", 7), ("tok/s", 7), ("prefix", 7), ("time", 11))
"""Figures on the right with their widths; the rightmost are the last to go when the terminal is narrow."""

_NOTE_LINES = 3
"""The most lines of one note under a step."""

_LIVE_LINES = 2
"""Lines of streaming text that are shown under a step that decodes."""


def render(view: RunView, blobs: Blobs, now: float, columns: int = 100) -> str:
    """The tree of the run, then its result or its error.

    Args:
        view: The run; it may change meanwhile.
        blobs: Where texts lie.
        now: Seconds since the epoch, until which running attempts last.
        columns: The most columns of a line; wide characters count two.
    """
    columns = max(columns, 20)
    room = max(columns - 36, min(columns, 40))
    shown_columns = _columns_that_fit(columns - room)
    lines = _head(view, now, columns)
    found = rows(view)
    if all(row.step.step.role != "plan" for row in found):  # under which they stand else
        lines += [clean.fit(f"  {change}", columns) for change in changes(view)]
    if found and shown_columns:
        lines.append(_place("", " ".join(_right(say(name), size) for name, size in shown_columns), columns))
    listed = items.shortened(found)
    for row in listed[: clean.MOST]:
        if isinstance(row, items.Gap):
            lines.append(clean.fit(f"{_rails(row.rails)}│  {row.said}", columns))
        else:
            lines += _row(row, view, now, columns, shown_columns)
    if len(listed) > clean.MOST:
        lines.append(clean.more(len(listed) - clean.MOST, "steps"))
    lines += _tail(view, blobs, columns)
    return "\n".join(line.rstrip() for line in lines)


def _columns_that_fit(room: int) -> tuple[tuple[str, int], ...]:
    for first in range(len(_COLUMNS)):
        if sum(size + 1 for _, size in _COLUMNS[first:]) <= room:
            return _COLUMNS[first:]
    return ()


def _place(left: str, right: str, columns: int) -> str:
    """`left`, cut if need be, with `right` at the end of the line."""
    if not right:
        return clean.fit(left, columns)
    left = clean.fit(left, columns - clean.width(right) - 1)
    return left + " " * (columns - clean.width(left) - clean.width(right)) + right


def _head(view: RunView, now: float, columns: int) -> list[str]:
    lines = [clean.fit(f"{SYMBOLS[status_of(view)]} {title(view)}", columns)]
    line = "\u00a0· ".join(word.replace(" ", "\u00a0") for word in headline(view, now))
    lines += ["  " + line.replace("\u00a0", " ") for line in clean.wrap(line, columns - 2)]
    return [*lines, *("  " + line for line in clean.wrap(account.way(view), columns - 2) if view.why)]


def title(view: RunView) -> str:
    """What the run is about: its task, or the first step of a plan that was given without one."""
    first = view.plan or view.given
    return clean.label(view.task.text) or say(f"Plan: {clean.label(first[0].instruction)}" if first else "Run")


def headline(view: RunView, now: float) -> list[str]:
    """The run's status and figures, in words."""
    total = summary(view, now)
    said: list[str] = [
        word(status_of(view)) + (f" ({clean.label(say(view.reason), 80)})" if view.status == "paused" else "")
    ]
    if total.planned:
        said.append(say(f"{total.done}/{total.planned} steps"))
        stale = sum(1 for step in list(view.steps.values()) if step.stale)
        said += [say(f"{stale} stale")] if stale else []
    elif view.status == "running":
        said.append(say("planning"))
    if total.new_tokens or total.prompt_tokens:
        said.append(say(f"{clean.count(total.prompt_tokens)} tokens in, {clean.count(total.new_tokens)} out"))
    if total.rate is not None:
        said.append(f"{clean.rate(total.rate)} tok/s")
    if total.hit is not None:
        said.append(say(f"{clean.share(total.hit)} prefix hits"))
    if total.seconds is not None:
        said.append(clean.seconds(total.seconds))
    if view.run_id:
        said.append(say(f"run {clean.label(view.run_id, 40)}"))
    return said


def name(row: Row) -> str:
    """How a step is called in a line: `s1 History`, or `[plan] …` where it is not a step of the plan."""
    step = row.step.step
    title = clean.label(row.title)
    head = clean.label(step.id, 40)
    head = f"[{head}]" if row.reserved else head
    return f"{head} {title}" if title and title.casefold() != step.id.casefold() else head


def words(row: Row) -> list[str]:
    """A step's kind, its status where its sign does not say it all, and what is out of the ordinary about it."""
    attempt = shown(row.step)
    status = "reused" if attempt and attempt.status == "reused" else row.status  # of those with warnings too
    said = row.progress or ("" if status in ("finished", "warned", "waiting", "decoding") else say(status))
    return [word for word in (row.kind, items.tally(row), said, *row.marks) if word]


def _row(row: Row, view: RunView, now: float, columns: int, shown_columns: tuple[tuple[str, int], ...]) -> list[str]:
    rails = _rails(row.rails)
    needs = f" ← {', '.join(row.step.step.needs)}" if row.step.step.needs and not row.reserved else ""
    said = words(row)
    left = f"{rails}{'└─' if row.last else '├─'} {row.symbol} {name(row)}"
    extra = clean.label(needs, 60) + (f" ({', '.join(said)})" if said else "")
    numbers = _numbers(figures(shown(row.step), view, now), shown_columns)
    room = columns - clean.width(numbers) - bool(numbers)
    extra = clean.fit(" " + extra.strip(), max(room // 2, room - clean.width(left))) if extra else ""
    lines = [_place(clean.fit(left, room - clean.width(extra)) + extra, numbers, columns)]
    under = rails + ("   " if row.last else "│  ") + "  "
    for note in _notes(row, view, now):
        folded = clean.wrap(note, columns - clean.width(under))
        lines += [under + line for line in folded[:_NOTE_LINES]]
        if len(folded) > _NOTE_LINES:
            lines[-1] = clean.fit(lines[-1], columns - 2) + " …"
    return lines


def _rails(rails: tuple[bool, ...]) -> str:
    return "".join("│  " if more else "   " for more in rails)


def _numbers(values: Figures, shown_columns: tuple[tuple[str, int], ...]) -> str:
    texts = {
        "tokens": "" if values.tokens is None else clean.count(values.tokens),
        "tok/s": clean.rate(values.rate),
        "prefix": clean.share(values.hit),
        "time": clean.seconds(values.seconds),
    }
    line = " ".join(_right(texts[title], size) for title, size in shown_columns)
    return line if line.strip() else ""


def _right(word: str, columns: int) -> str:
    return " " * (columns - clean.width(word)) + word


def _notes(row: Row, view: RunView, now: float) -> list[str]:
    """Lines under a step: what came of its programs, what is wrong with it and why, or the end of what it decodes."""
    changed = changes(view) if row.step.step.role == "plan" else []
    return programs.trail(row.step) + row.warnings + row.reasons + changed + live(row, view, now)


def live(row: Row, view: RunView, now: float) -> list[str]:
    """The last lines of what a step decodes now: of the answer, or of the reasoning before it."""
    attempt = shown(row.step)
    if attempt is None or attempt.status != "decoding" or not clock(view, now):
        return []
    first = 0 if reasons_still(attempt) else attempt.thought
    tail = clean.terminal("".join(token.text for token in attempt.tokens[first:][-80:]))
    lines = (programs.unfenced(tail) if row.step.step.kind == "code" else tail).split("\n")
    return [clean.fit(line, 120) for line in lines if line.strip()][-_LIVE_LINES:]


def _tail(view: RunView, blobs: Blobs, columns: int) -> list[str]:
    lines: list[str] = []
    if view.error or view.hint:
        lines.append("")
    for line in map(say, (view.error, view.hint)):
        if line:
            lines += clean.wrap(clean.terminal(clean.part(line, clean.LONGEST)), columns)
    text = clean.terminal(clean.part(result(view, blobs), clean.LONGEST)).strip("\n")
    if text:
        lines += ["", "─" * columns, *clean.wrap(text, columns)]
    found = verdicts(view) if text else ()
    if found:
        lines += ["", *(line for said in (checks_of(found), *checked(found)) for line in clean.wrap(said, columns))]
    return lines
