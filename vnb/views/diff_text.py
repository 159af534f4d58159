"""A comparison as text. What was dropped stands in `[-…-]`, what was added in `{+…+}`, as `git diff --word-diff` does."""

from __future__ import annotations

from collections.abc import Iterator

from ..context.diff import ContextDiff, Diff
from ..core.plan_diff import PlanDiff
from ..core.text_diff import TextDiff
from ..locale import say
from . import clean, diff_rows
from .diff_rows import SIGNS

_MARKS = {"kept": ("", ""), "dropped": ("[-", "-]"), "added": ("{+", "+}"), "note": ("⟨", "⟩")}
_INDENT = "    "


def render(found: Diff, columns: int = 100) -> str:
    """What was compared, one aspect after the other; no line is wider than `columns`."""
    blocks = [f"{clean.label(found.before, 80)} → {clean.label(found.after, 80)}"]
    if found.plan is not None:
        blocks.append("\n".join(_plan(found.plan, columns)))
    if found.context is not None:
        blocks.append("\n".join(_context(found.context, columns)))
    if found.output is not None:
        blocks.append("\n".join([say(f"Output · {diff_rows.alike(found.output)}"), *_words(found.output, columns)]))
    if found.cost is not None:
        heads, rows = diff_rows.cost_table(found.cost)
        blocks.append(f"{say('Cost')}\n{clean.table(heads, rows, right=range(2, len(heads)))}")
    lines = "\n\n".join(blocks).split("\n")
    return "\n".join(clean.fit(line, columns).rstrip() for line in lines)


def _context(context: ContextDiff, columns: int) -> Iterator[str]:
    yield say(f"Context · {diff_rows.sizes(context)}")
    rows = [
        (
            f"{SIGNS[part.change]} {say(part.change)}",
            diff_rows.part_name(part.kind, part.source),
            *diff_rows.part_tokens(part),
            "; ".join(diff_rows.part_notes(part, context)),
        )
        for part in context.parts
    ]
    yield from clean.table(("", "Part", "Before", "After", "", ""), rows, right=(2, 3, 4)).split("\n")
    for line in diff_rows.prefix_lines(context):
        yield from clean.wrap(line, columns)
    for part in context.parts:
        if part.text is not None:
            yield from (
                "",
                f"{SIGNS[part.change]} {say(part.change)} · {diff_rows.part_name(part.kind, part.source)}",
            )
            yield from _words(part.text, columns)


def _plan(plan: PlanDiff, columns: int) -> Iterator[str]:
    yield say("Plan · the same" if plan.same else "Plan")
    if plan.task is not None and not plan.task.same:
        yield say(f"{SIGNS['changed']} task was reworded")
        yield from _words(plan.task, columns)
    for option in plan.options:
        yield f"{SIGNS['changed']} {diff_rows.option_words(option)}"
    for step in plan.steps:
        said = ", ".join(diff_rows.step_words(step))
        yield f"{diff_rows.step_sign(step)} {clean.label(step.id, 40)}" + (f" · {said}" if said else "")
        if step.changes and not step.instruction.same:
            yield from _words(step.instruction, columns)


def _words(text: TextDiff, columns: int) -> list[str]:
    """The text with its changes in marks, indented."""
    if text.same:
        return []
    said = ""
    for kind, words in diff_rows.folded(text.pieces, clean.LONGEST):
        opening, closing = _MARKS[kind]
        words = words if kind == "kept" else diff_rows.blank(words)
        said += f"{opening}{clean.terminal(words)}{closing}"
    return [_INDENT + line for line in clean.wrap(said, columns - len(_INDENT))]
