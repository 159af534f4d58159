"""One step of a run in full as HTML: what it was told and shown, what it answered, what each attempt cost."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import metrics
from ..core.events import CommandAccepted, CommandRejected, ContextRef, PartRef, PlanRevised
from ..core.types import Verdict
from ..core.view import AttemptView, RunView
from ..locale import say
from . import account, clean
from .checks import checked, checks_of
from .markup import Room, aside, details, escape, heading, indented, line, strong, table
from .rows import SYMBOLS, Blobs, Row, blob, clock, outcome, reasoned, shown, text_of, warnings, why

_SAID_AGAIN = 400
"""Parts longer than this many characters are shown once; after that their first place is named."""

_REVISIONS, _CHANGES = 20, 8
"""The most plan changes that are listed, the last ones, and the most lines of each."""

_OPEN = 12
"""Up to so many steps their list is unfolded from the start."""


def title(row: Row, limit: int) -> str:
    """A step's id and title in a line; the ids of reserved steps are slanted."""
    step = row.step.step
    words = clean.label(row.title, limit)
    tag = "em" if row.reserved else "strong"
    found = f"<{tag}>{line(step.id, 40)}</{tag}>"
    return found if not words or words.casefold() == step.id.casefold() else f"{found} {line(words, limit)}"


def failure(error: str, hint: str, status: str = "failed") -> str:
    """An error that cannot be overlooked, and what to do about it."""
    lines = [strong(f"{SYMBOLS[status]} {clean.label(say(error), 1000)}", 1010)]
    lines += [line(part, 500) for part in say(hint).split("\n")[:10] if part.strip()]
    return f"<p>{'<br>'.join(lines)}</p>"


def steps(tree: list[Row], view: RunView, blobs: Blobs, now: float, room: Room, longest: int) -> str:
    """Every step in full for as long as there is room; the rest is counted."""
    found: list[str] = []
    first_shown: dict[str, str] = {}
    for index, row in enumerate(tree):
        share = room.left // (len(tree) - index)
        if share < _SAID_AGAIN:
            found.append(aside(clean.more(len(tree) - index, "steps are not shown in full")))
            break
        before = room.left
        own = Room(min(before, max(share * 2, 4 * _SAID_AGAIN)))
        body = StepPage(row, view, blobs, now, own, longest, first_shown).render()
        found.append(room.spend(details(f"{row.symbol} {title(row, 120)}", indented(body))))
    return (
        details(say("<strong>Steps in full</strong>"), indented("\n".join(found)), len(tree) <= _OPEN) if found else ""
    )


class StepPage:
    """The parts of one step's page, all written from the same room."""

    def __init__(
        self, row: Row, view: RunView, blobs: Blobs, now: float, room: Room, longest: int, first_shown: dict[str, str]
    ) -> None:
        self.row, self.view, self.blobs, self.room = row, view, blobs, room
        self.until, self.longest, self.first_shown = clock(view, now), longest, first_shown

    def render(self) -> str:
        attempt = shown(self.row.step)
        blocks = [self._state(attempt), self.instruction(), self.output(attempt)]
        if attempt and attempt.context:
            blocks.append(self.context(attempt.context))
        blocks += [self._attempts(), self._others(attempt)]
        return "\n".join(block for block in blocks if block)

    def _state(self, attempt: AttemptView | None) -> str:
        step = self.row.step
        blocks = [failure(attempt.error or "failed", attempt.hint)] if attempt and attempt.status == "failed" else []
        notes = [(step.status, step.note), ("stale", step.stale)]
        blocks += [aside(line(f"{say(word)}: {say(note)}", 500)) for word, note in notes if note]
        if attempt and attempt.source:
            blocks.append(aside(say(f"reused: stored output of {line(attempt.source)}")))
        return "\n".join(blocks)

    def instruction(self) -> str:
        """What the step is told; empty for a reserved step that is told no more than its title."""
        step = self.row.step.step
        if not step.instruction.strip() or (self.row.reserved and step.instruction == step.title):
            return ""
        name = say("Instruction (edited)" if self.row.step.edited else "Instruction")
        return f"{heading(name)}\n{self.room.text(step.instruction, self.longest // 4)}"

    def output(self, attempt: AttemptView | None) -> str:
        """What an attempt put out, behind what it reasoned before; empty if it did neither."""
        if attempt is None:
            return ""
        blocks, text = [self._reasoning(attempt)], text_of(attempt, self.blobs)
        if text or attempt.output:
            name = say("Output so far" if attempt.active else "Output")
            wrong = [say(attempt.status)] if attempt.status in ("failed", "cancelled") else []
            wrong += warnings(attempt)
            blocks.append(heading(name + (f" ({line(', '.join(wrong), 400)})" if wrong else "")))
            if text:
                blocks.append(self.room.text(text, self.longest))
            elif blob(self.blobs, attempt.output) is None:
                blocks.append(aside(say("not kept here")))
        blocks.append(self.room.spend(demands(attempt.verdicts)))
        return "\n".join(filter(None, blocks))

    def _reasoning(self, attempt: AttemptView) -> str:
        if not attempt.thought:
            return ""
        body = self.room.text(attempt.reasoning, self.longest) if attempt.tokens else aside(say("not kept here"))
        return details(say(f"<strong>Reasoning</strong> · {reasoned(attempt)}"), indented(body))

    def context(self, context: ContextRef) -> str:
        """What an attempt was shown: its parts with their sizes, then as text."""
        heads = ("Kind", "Source", "Tokens", "Note")
        rows = [
            (line(say(part.kind)), line(part.source, 80), clean.count(part.tokens), _note(part))
            for part in context.parts
        ]
        rows += [
            (line(say(left.kind)), line(left.source, 80), clean.count(left.tokens), say("<strong>omitted</strong>"))
            for left in context.omitted
        ]
        size = say(f"{clean.count(context.tokens)} of {clean.count(context.budget)} tokens")
        said = [size, say(f"{len(context.parts)} part{'s' * (len(context.parts) != 1)}")]
        trimmed = sum(part.full_tokens > part.tokens for part in context.parts)
        said += [say(f"{trimmed} trimmed")] if trimmed else []
        said += [say(f"{len(context.omitted)} omitted")] if context.omitted else []
        found = self.room.spend(table(say("What the step was shown"), heads, rows, left=(0, 1, 3)))
        texts = "\n".join(self._part(part) for part in context.parts)
        body = f"{found}\n{details(say('Its parts as text'), indented(texts))}"
        return details(say(f"<strong>Context</strong> · {' · '.join(said)}"), indented(body))

    def _part(self, part: PartRef) -> str:
        text, here = blob(self.blobs, part.digest), self.row.step.step.id
        if text is None:
            body = aside(say("not kept here"))
        elif len(text) > _SAID_AGAIN and self.first_shown.setdefault(part.digest, here) != here:
            body = aside(say(f"as in {line(self.first_shown[part.digest], 40)}"))
        else:
            body = self.room.text(text, self.longest // 2)
        source = f" {line(part.source, 80)}" if part.source != part.kind else ""
        return (
            self.room.spend(f'<p style="margin:8px 0 2px"><strong>{line(say(part.kind))}</strong>{source}</p>\n') + body
        )

    def _attempts(self) -> str:
        attempts = list(self.row.step.attempts)
        if not attempts:
            return ""
        heads = (
            "Attempt",
            "Status",
            "Seed",
            "Temp.",
            "Prompt",
            "Cached",
            "Output",
            "Queue",
            "Prefill",
            "Decode",
            "TTFT",
        )
        spent = [_spent(attempt) for attempt in attempts[-50:]]
        known = [name for name in ("Energy", "Price") if any(name in one for one in spent)]
        rows = (
            [*self._attempt(attempt), *(one.get(name, "") for name in known)]
            for attempt, one in zip(attempts[-50:], spent)
        )
        found = table(say("Attempts"), (*heads, *known), rows, left=(0, 1))
        hidden = len(attempts) - 50
        note = "\n" + aside(say(f"{clean.count(hidden)} earlier attempts")) if hidden > 0 else ""
        return self.room.spend(found + note)

    def _attempt(self, attempt: AttemptView) -> Sequence[str]:
        usage, sampling = attempt.usage, attempt.sampling
        chosen = say(" <strong>chosen</strong>") if self.row.step.chosen == attempt.number else ""
        status = f"{SYMBOLS[outcome(attempt)]}&nbsp;{say(attempt.status)}"
        times = phases(attempt, attempt.ended_at or self.until) if attempt.status != "reused" else ()
        ttft = metrics.ttft(attempt)
        return (
            f"#{attempt.number}{chosen}",
            status + (f"<br>{line(say(attempt.error), 300)}" if attempt.error else ""),
            "" if sampling.seed is None else str(sampling.seed),
            "" if sampling.temperature is None else f"{sampling.temperature:g}",
            clean.count(usage.prompt_tokens) if usage.prompt_tokens else "",
            clean.count(usage.cached_tokens) if usage.prompt_tokens else "",
            clean.count(max(usage.new_tokens, len(attempt.tokens))) if attempt.tokens or usage.new_tokens else "",
            *([clean.seconds(time).replace(" ", "&nbsp;") for time in times] or [""] * 3),
            clean.seconds(ttft).replace(" ", "&nbsp;"),
        )

    def _others(self, attempt: AttemptView | None) -> str:
        blocks = []
        for other in list(self.row.step.attempts)[-20:]:
            text = text_of(other, self.blobs) if other is not attempt else ""
            if text:
                body = indented(self.room.text(text, self.longest // 4))
                blocks.append(details(say(f"Output of attempt #{other.number} · {other.status}"), body))
        return "\n".join(blocks)


def _spent(attempt: AttemptView) -> dict[str, str]:
    """Energy and price, where they are known."""
    usage = attempt.usage
    found = {"Energy": clean.joules(usage.joules), "Price": clean.price(usage.price)}
    return {name: said.replace(" ", "&nbsp;") for name, said in found.items() if said}


def _note(part: PartRef) -> str:
    if part.full_tokens <= part.tokens:
        return ""
    return say(f"<strong>trimmed</strong> from {clean.count(part.full_tokens)}")


def phases(attempt: AttemptView, end: float) -> tuple[float, float, float]:
    """Seconds of queueing, prefill and decoding: the engine's own figures, else by the events' times."""
    whole = max(0.0, end - attempt.queued_at) if end else 0.0
    usage = attempt.usage
    sent = max(0.0, attempt.started_at - attempt.queued_at) if attempt.started_at else whole
    queue = min(whole, sent + usage.t_queue)
    if attempt.prefilled_at:
        prefill = min(whole - queue, usage.t_prefill or max(0.0, attempt.prefilled_at - attempt.queued_at - queue))
        return queue, prefill, usage.t_decode or max(0.0, whole - queue - prefill)
    return queue, max(0.0, whole - queue), 0.0


# ---------------------------------------------------------------- the run's facts


def demands(found: Sequence[Verdict]) -> str:
    """The demands that an output was checked for, met or missed; empty if there are none."""
    lines = [f"{line(one)}" if verdict.met else strong(one) for one, verdict in zip(checked(found), found)]
    return f"{heading(checks_of(found))}\n<p>{'<br>'.join(lines)}</p>" if found else ""


def facts(view: RunView, longest: int) -> str:
    """What is known of the run beside its steps: brief, options, plan changes, commands, KV cache."""
    blocks = [_about(view), changes(view)]
    if len(view.task.text) > 200 or "\n" in view.task.text.strip():
        blocks.append(f"{heading(say('Task'))}\n{Room(longest * 4).text(view.task.text, longest)}")
    return details(say("<strong>About this run</strong>"), indented("\n".join(block for block in blocks if block)))


def changes(view: RunView) -> str:
    """How the plan was changed, and what was commanded; empty if nothing was."""
    found = [_revisions(list(view.revisions))]
    commands = [
        (
            line(command.name, 40),
            line(answer(command)),
        )
        for command in list(view.commands)[-50:]
    ]
    if commands:
        found.append(table(say("Commands"), ("Command", "Answer"), commands, left=(0, 1)))
    return "\n".join(block for block in found if block)


def answer(command: CommandAccepted | CommandRejected) -> str:
    """What came of a command, in words."""
    return say("accepted" if isinstance(command, CommandAccepted) else f"rejected: {command.reason}")


def _about(view: RunView) -> str:
    return facts_table(say("The run"), [*account.told(view), *account.origin(view)])


def facts_table(caption: str, found: list[account.Fact]) -> str:
    """Names and what there is to say, a row each."""
    return table(
        caption, ("Fact", "Value"), [(escape(say(name)), line(value, 400)) for name, value in found], left=(0, 1)
    )


def _revisions(revisions: list[PlanRevised]) -> str:
    rows = []
    for number, revision in list(enumerate(revisions, 1))[-_REVISIONS:]:
        changes = [
            f"{say(change.kind)} {strong(change.step, 40)}"
            + (f" {line(change.after.title or change.after.instruction, 80)}" if change.after else "")
            for change in revision.changes[:_CHANGES]
        ]
        if len(revision.changes) > _CHANGES:
            changes.append(clean.more(len(revision.changes) - _CHANGES, "changes"))
        rows.append((str(number), line(why(revision), 300), "<br>".join(changes)))
    return table(say("Plan changes"), ("No.", "Reason", "Changes"), rows, left=(1, 2)) if rows else ""
