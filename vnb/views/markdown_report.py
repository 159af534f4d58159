"""A whole run as Markdown, without HTML. What a model, a user or a document said stands in quotes and fences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..core.events import ContextRef, PartRef
from ..core.types import Program
from ..core.view import AttemptView, RunView
from ..locale import say
from . import account, admission, clean, html, html_facts, html_step, items, markdown, programs, report_step, text
from .checks import verdicts
from .markdown import code, inline
from .plan_changes import why
from .rows import (
    SYMBOLS,
    Blobs,
    Row,
    blob,
    clock,
    reasoned,
    result,
    rows,
    status_of,
    text_of,
    warnings,
    word,
)

LIMIT = 5_000_000
"""About the most characters of a report."""

LONGEST = 200_000
"""The most characters of one text."""

_LEAST, _ROOMY = 2_000, 4_000
"""Characters that a step needs for a section of its own, and that are kept for each step to come where one is long."""

_REVISIONS, _LANES = 50, 1_000
"""The most changes of the plan and commands, the last ones, and attempts on the timeline."""


def render(view: RunView, blobs: Blobs, now: float, *, plan: str, made: str, seal: str) -> str:
    """The report: result, task, plan, steps with all their attempts, timeline, cost, provenance.

    Args:
        view: The run; it may change meanwhile.
        blobs: Where texts lie.
        now: Seconds since the epoch, until which running attempts last.
        plan: The text of the run's plan.
        made: When and how the report was made.
        seal: A line that the report shall hold before anything that a model said.
    """
    tree, room = rows(view), _Room(LIMIT)
    output = result(view, blobs)
    sections = {
        "Result": _joined([room.quote(output), markdown.demands(verdicts(view))]) if output else "",
        "Task": _task(view, room),
        "Plan": _plan(view, plan, room),
        "Steps": markdown.steps(tree, view, now),
        "Steps in full": _steps(tree, view, blobs, now, room),
        "Timeline": _timeline(view, now),
        "Cost": _table(account.COSTS, account.costs(view)),
        "Provenance": _facts(account.provenance(view, made), code),
    }
    blocks = [
        f"[//]: # ({seal})",
        f"# {inline(text.title(view))}",
        inline(f"{SYMBOLS[status_of(view)]} " + " · ".join(text.headline(view, now))),
        markdown.way(view),
        markdown.failure(view.error, view.hint),
        say(f"**Some texts are shown in part**; all of it: {_all_of(view)}") if room.cut else "",
    ]
    for name, body in sections.items():
        blocks += [f"## {say(name)}", body] if body else []
    blocks.append(
        say(f"Every token with its probabilities, the documents and the prompts as they were sent: {_all_of(view)}")
    )
    return clean.unicode_text(_joined(blocks) + "\n")


class _Room:
    """How many characters of texts may still be shown; `cut` says whether something was left out."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.cut = False

    def quote(self, said: str, most: int = LONGEST) -> str:
        """A text as a quotation, so that its headings are not those of the report."""
        kept, more = self._kept(said, most)
        source = markdown.harmless(kept.strip("\n"))
        return "\n".join(f"> {line}".rstrip() for line in source.split("\n")) + more

    def fence(self, said: str, most: int = LONGEST, language: str = "text") -> str:
        """A text as it is."""
        kept, more = self._kept(said, most)
        return markdown.fenced(kept, language) + more

    def _kept(self, said: str, most: int) -> tuple[str, str]:
        kept = said[: max(0, min(most, self.left))]
        self.left -= len(kept)
        if len(kept) == len(said):
            return kept, ""
        self.cut = True
        return kept, f"\n\n*{inline(clean.more(len(said) - len(kept)))}*"


def _task(view: RunView, room: _Room) -> str:
    blocks = [room.quote(view.task.text) if view.task.text.strip() else ""]
    for name, value in view.task.inputs.items():
        blocks += [say(f"**Input {inline(clean.label(name))}**"), room.fence(value, LONGEST // 4)]
    return _joined([*blocks, _facts(account.told(view))])


def _plan(view: RunView, plan: str, room: _Room) -> str:
    blocks = [room.fence(plan) if plan else ""]
    said = []
    for number, revision in list(enumerate(list(view.revisions), 1))[-_REVISIONS:]:
        changed = ", ".join(f"{say(change.kind)} {change.step}" for change in revision.changes)
        said.append(say(f"Change {number}: {clean.label(why(revision), 300)} ({clean.label(changed, 400) or '–'})"))
    for command in list(view.commands)[-_REVISIONS:]:
        answer = clean.label(html_facts.answer(command))
        said.append(say(f"Command {clean.label(command.name, 40)}: {answer}"))
    return _joined([*blocks, "\n".join(f"- {inline(line)}" for line in said)])


# ---------------------------------------------------------------- steps


def _steps(tree: list[Row], view: RunView, blobs: Blobs, now: float, room: _Room) -> str:
    pages: list[str] = []
    first_shown: dict[str, str] = {}
    for index, row in enumerate(tree):
        share = room.left // (len(tree) - index)
        if share < _LEAST:
            room.cut = True
            pages.append(f"*{inline(clean.more(len(tree) - index, 'steps are not shown in full'))}*")
            break
        own = _Room(max(share - _LEAST, room.left - _ROOMY * (len(tree) - index)))
        page = _Step(row, view, blobs, clock(view, now), own, first_shown).render()
        room.left -= len(page)
        room.cut |= own.cut
        pages.append(page)
    return _joined(pages)


class _Step:
    """One step in full."""

    def __init__(
        self, row: Row, view: RunView, blobs: Blobs, until: float, room: _Room, first_shown: dict[str, str]
    ) -> None:
        self.row, self.view, self.blobs, self.room = row, view, blobs, room
        self.until, self.first_shown = until, first_shown

    def render(self) -> str:
        step, row = self.row.step, self.row
        attempts = report_step.listed(step)
        needs = say(f"needs {', '.join(step.step.needs)}") if step.step.needs and not row.reserved else ""
        said = [row.progress or word(row.status), row.kind, items.tally(row), needs, *row.marks, *row.warnings]
        notes = [(step.status, step.note), ("stale", step.stale)]
        blocks = [
            f"### {row.symbol} {inline(clean.label(text.name(row), 120))}",
            inline(clean.label(" · ".join(filter(None, said)), 400)),
            *(f"*{inline(clean.label(f'{say(name)}: {say(note)}', 500))}*" for name, note in notes if note),
        ]
        if account.says_more(step.step):
            blocks += [say("**Instruction**"), self.room.quote(step.step.instruction, LONGEST // 4)]
        if step.step.item:
            blocks += [say("**Item**"), self.room.quote(step.step.item, LONGEST // 4)]
        if len(step.attempts) > len(attempts):
            hidden = clean.count(len(step.attempts) - len(attempts))
            blocks.append(say(f"*{hidden} earlier attempts are not shown*"))
        for attempt in attempts:
            blocks += self._attempt(attempt, len(attempts) > 1)
        return _joined(blocks)

    def _attempt(self, attempt: AttemptView, several: bool) -> Iterable[str]:
        counted = say(" · chosen") if self.row.step.chosen == attempt.number else ""
        if several:
            yield say(f"#### Attempt {attempt.number} · {attempt.status}") + counted
        yield inline(report_step.figures(attempt, self.until))
        yield inline(admission.words(self.view, attempt))
        if attempt.status == "failed":
            yield markdown.failure(attempt.error or "failed", attempt.hint)
        elif attempt.error:
            yield f"*{inline(clean.label(f'{say(attempt.status)}: {say(attempt.error)}'))}*"
        if attempt.thought:
            yield f"{say('**Reasoning**')} ({inline(reasoned(attempt))})"
            yield self.room.quote(attempt.reasoning) if attempt.tokens else say("not kept here")
        if attempt.program:
            yield from self._program(attempt.program, attempt.text)
        output = "" if attempt.program and attempt.program.error else text_of(attempt, self.blobs)
        wrong = f" ({inline(', '.join(warnings(attempt)))})" if warnings(attempt) else ""
        if output or wrong:
            yield say("**Result**" if attempt.program else "**Output**") + wrong
            yield self.room.quote(output) if output else ""
        yield markdown.demands(attempt.verdicts)
        if attempt.context and attempt.context.parts:
            yield from self._context(attempt.context)
        yield _facts(account.sent(attempt), code)

    def _program(self, program: Program, answer: str) -> Iterable[str]:
        yield f"{say('**Program**')} ({inline(programs.ran(program))})"
        yield self.room.fence(program.source, language="python")
        if programs.around(answer, program.source):
            yield f"*{inline(say('The whole answer, with the words around the program'))}*"
            yield self.room.quote(answer, LONGEST // 4)
        if program.printed:
            yield say("**Printed**")
            yield self.room.fence(program.printed)

    def _context(self, context: ContextRef) -> Iterable[str]:
        size = say(f"{clean.count(context.tokens)} of {clean.count(context.budget)} tokens") if context.budget else ""
        yield f"{say('**Context**')} {size}".strip()
        parts = [(say(part.kind), part.source, clean.count(part.tokens), _trimmed(part)) for part in context.parts]
        parts += [(say(left.kind), left.source, clean.count(left.tokens), say("omitted")) for left in context.omitted]
        yield _table(("Kind", "Source", "Tokens", "Note"), parts)
        here = self.row.step.step.id
        for part in context.parts:
            found = blob(self.blobs, part.digest)
            first = self.first_shown.setdefault(part.digest, here)
            yield f"*{say(part.kind)} {inline(clean.label(part.source, 80))}*"
            if found is None:
                yield say("not kept here")
            else:
                yield self.room.fence(found, LONGEST // 2) if first == here else say(f"as in {code(first)}")


def _trimmed(part: PartRef) -> str:
    return say(f"trimmed from {clean.count(part.full_tokens)}") if part.full_tokens > part.tokens else ""


# ---------------------------------------------------------------- tables


def _timeline(view: RunView, now: float) -> str:
    spans = html.spans(view, now)
    lanes = [
        (name, *map(clean.seconds, (attempt.queued_at - spans[0][1].queued_at, *html_step.phases(attempt, end))))
        for name, attempt, end in spans[:_LANES]
    ]
    more = inline(clean.more(len(spans) - _LANES, "attempts")) if len(spans) > _LANES else ""
    return _joined([_table(("Attempt", "Starts at", "Queue", "Prefill", "Decode"), lanes), more])


def _table(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    if not cells:
        return ""
    lines = [
        list(map(say, heads)),
        ["---"] * len(heads),
        *([inline(clean.label(cell, 100)) for cell in row] for row in cells),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _facts(found: list[account.Fact], show: Callable[[str], str] = inline) -> str:
    return "\n".join(f"- {inline(say(name))}: {show(clean.label(value, 400))}" for name, value in found)


def _all_of(view: RunView) -> str:
    return code(f"%vexport {clean.label(view.run_id, 40)} FILE.jsonl")


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block)
