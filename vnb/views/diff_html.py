"""A comparison as HTML without script: `<del>` and `<ins>` for what was dropped and added, also told by line and colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..context.diff import ContextDiff, Diff
from ..core.plan_diff import PlanDiff
from ..core.text_diff import TextDiff
from ..locale import say
from . import clean, diff_rows, markup
from .diff_rows import SIGNS
from .markup import aside, details, heading, line, strong, table

LIMIT = 450_000
"""About the most bytes of the whole HTML."""

_TAGS = {
    "kept": ("", ""),
    "dropped": ('<del style="background-color:rgba(248,81,73,0.22)">', "</del>"),
    "added": ('<ins style="background-color:rgba(46,160,67,0.25)">', "</ins>"),
    "note": ("<em>", "</em>"),
}

_ROW = 300
"""About the bytes of the tags of a table's row."""


def render(found: Diff) -> str:
    """What was compared, one aspect after the other."""
    room = markup.Room(LIMIT)
    blocks = [f"<p>{strong(found.before, 80)} → {strong(found.after, 80)}</p>"]
    if found.plan is not None:
        blocks += _plan(found.plan, room)
    if found.context is not None:
        blocks += _context(found.context, room)
    if found.output is not None:
        blocks += [heading(say(f"Output · {diff_rows.alike(found.output)}")), _words(found.output, room)]
    if found.cost is not None:
        heads, cells = diff_rows.cost_table(found.cost)
        rows = ([line(cell).replace(" ", "&nbsp;") for cell in row] for row in cells)
        caption = say("All attempts of each step" if found.cost.total else "The attempts that were compared")
        blocks += [heading(say("Cost")), _table(caption, heads, rows, (0, 1), room)]
    return "<div>\n" + "\n".join(filter(None, blocks)) + "\n</div>\n"


def _context(context: ContextDiff, room: markup.Room) -> Iterator[str]:
    yield heading(say(f"Context · {diff_rows.sizes(context)}"))
    rows = (
        (
            _sign(part.change),
            line(diff_rows.part_name(part.kind, part.source)),
            *diff_rows.part_tokens(part),
            line("; ".join(diff_rows.part_notes(part, context))),
        )
        for part in context.parts
    )
    yield _table(say("Its parts"), ("", "Part", "Before", "After", "Difference", "Note"), rows, (0, 1, 5), room)
    yield from (aside(line(said, 400)) for said in diff_rows.prefix_lines(context))
    for part in context.parts:
        if part.text is not None:
            name = line(diff_rows.part_name(part.kind, part.source))
            yield details(f"{_sign(part.change)} · {name}", _words(part.text, room), open=True)


def _plan(plan: PlanDiff, room: markup.Room) -> Iterator[str]:
    yield heading(say("Plan · the same" if plan.same else "Plan"))
    if plan.task is not None and not plan.task.same:
        yield details(f"{_sign('changed')} · {say('task')}", _words(plan.task, room), open=True)
    if plan.options:
        options = (
            [line(one.name), line(one.before or say("default")), line(one.after or say("default"))]
            for one in plan.options
        )
        yield _table(say("Options"), ("Option", "Before", "After"), options, (0, 1, 2), room)
    rows = (
        (
            f"{diff_rows.step_sign(step)}&nbsp;{say(step.changes[0] if step.changes else 'same')}",
            strong(step.id, 40),
            _marked(step.instruction, room),
            line("; ".join(diff_rows.step_words(step)[1:]), 400),
        )
        for step in plan.steps
    )
    yield _table(say("Steps"), ("", "Step", "Instruction", "Changes"), rows, (0, 1, 2, 3), room)


def _sign(change: str) -> str:
    return f"{SIGNS[change]}&nbsp;{say(change)}"


def _table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int], room: markup.Room
) -> str:
    """A table of as many rows as there is room for."""
    every = list(rows)
    shown = []
    for row in every:
        if room.left < _ROW:
            break
        room.spend("".join(row))
        room.left -= _ROW
        shown.append(row)
    note = aside(clean.more(len(every) - len(shown), "rows")) if len(shown) < len(every) else ""
    return table(caption, heads, shown, left) + note


def _words(text: TextDiff, room: markup.Room) -> str:
    """A text with what was dropped and what was added; empty if nothing was."""
    if text.same:
        return ""
    spaced = markup.has_columns(text.after) or markup.has_columns(text.before)
    return markup.quoted((markup.columns if spaced else markup.paragraph)(_marked(text, room)))


def _marked(text: TextDiff, room: markup.Room) -> str:
    shown: list[str] = []
    own = markup.Room(min(room.left, LIMIT // 4))
    for kind, piece in diff_rows.folded(text.pieces, min(clean.LONGEST, own.left // 8)):
        if own.left <= 0:
            shown.append("<em>…</em>")
            break
        opening, closing = _TAGS[kind]
        shown.append(own.spend(opening + markup.escape(piece if kind == "kept" else diff_rows.blank(piece)) + closing))
    return room.spend("".join(shown))
