"""One step of a run in full as HTML: what it was told and shown, what it answered, what each attempt cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core import metrics
from ..core.events import ContextRef, PartRef
from ..core.types import Program, Verdict
from ..core.view import AttemptView, RunView
from ..locale import say
from . import clean, items, programs
from .checks import checked, checks_of
from .markup import Room, aside, details, heading, indented, line, strong, table
from .rows import SYMBOLS, Blobs, Row, blob, clock, outcome, reasoned, shown, text_of, warnings

_SAID_AGAIN = 400
"""Parts longer than this many characters are shown once; after that their first place is named."""

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
    pages: dict[int, str] = {}
    first_shown: dict[str, str] = {}
    for index, place in enumerate(items.order(tree)):
        share = room.left // (len(tree) - index)
        if share < _SAID_AGAIN:
            break
        row, before = tree[place], room.left
        own = Room(min(before, max(share * 2, 4 * _SAID_AGAIN)))
        body = StepPage(row, view, blobs, now, own, longest, first_shown).render()
        pages[place] = room.spend(details(f"{row.symbol} {title(row, 120)}", indented(body)))
    found = nested(tree, pages)
    few = len(found) <= _OPEN
    if len(pages) < len(tree):
        found.append(aside(clean.more(len(tree) - len(pages), "steps are not shown in full")))
    return details(say("<strong>Steps in full</strong>"), indented("\n".join(found)), few) if found else ""


def nested(tree: list[Row], pages: Mapping[int, str]) -> list[str]:
    """What was written of the steps, by their places in the tree; the items of long maps are folded away."""
    under = items.places(tree)
    found: dict[int, list[str]] = {}
    for place in sorted(pages):
        if under[place] < 0:
            found[place] = [pages[place]]
        else:
            found.setdefault(under[place], []).append(pages[place])
    return [
        head + (f"\n{details(items_title(tree[place]), indented(chr(10).join(rest)))}" if rest else "")
        for place, (head, *rest) in sorted(found.items())
    ]


def items_title(row: Row) -> str:
    """What stands before the items of a long map, which are folded away."""
    return say(f"Items of {title(row, 60)}") + f" · {line(items.tally(row))}"


class StepPage:
    """The parts of one step's page, all written from the same room."""

    def __init__(
        self, row: Row, view: RunView, blobs: Blobs, now: float, room: Room, longest: int, first_shown: dict[str, str]
    ) -> None:
        self.row, self.view, self.blobs, self.room = row, view, blobs, room
        self.until, self.longest, self.first_shown = clock(view, now), longest, first_shown

    def render(self) -> str:
        attempt = shown(self.row.step)
        blocks = [self._state(attempt), self.instruction(), self.item(), self.output(attempt)]
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

    def item(self) -> str:
        """What a sub-step of a map is about; empty for other steps."""
        item = self.row.step.step.item
        return f"{heading(say('Item'))}\n{self.room.text(item, self.longest // 4)}" if item.strip() else ""

    def output(self, attempt: AttemptView | None) -> str:
        """What an attempt put out, behind what it reasoned before or what it ran; empty if it did nothing yet."""
        if attempt is None:
            return ""
        blocks = [self._reasoning(attempt)]
        text, program = text_of(attempt, self.blobs), attempt.program
        if program:
            blocks.append(self._ran(program, attempt))
        elif text and not attempt.output and self.row.step.step.kind == "code":
            name = say("Program so far" if attempt.active else "Program")
            return "\n".join([*filter(None, blocks), self._code(name, programs.source_in(text))])
        if not program.error if program else text or attempt.output:
            name = say("Result" if program else "Output so far" if attempt.active else "Output")
            wrong = [say(attempt.status)] if attempt.status in ("failed", "cancelled") else []
            wrong += warnings(attempt)
            blocks.append(heading(name + (f" ({line(', '.join(wrong), 400)})" if wrong else "")))
            if text:
                blocks.append(self.room.text(text, self.longest))
            elif blob(self.blobs, attempt.output) is None:
                blocks.append(aside(say("not kept here")))
        blocks.append(self.room.spend(demands(attempt.verdicts)))
        return "\n".join(filter(None, blocks))

    def _ran(self, program: Program, attempt: AttemptView) -> str:
        blocks = [self._code(f"{say('Program')} · {programs.ran(program)}", program.source)]
        if programs.around(attempt.text, program.source):
            answer = indented(self.room.text(attempt.text, self.longest // 4))
            blocks.append(details(say("The whole answer, with the words around the program"), answer))
        blocks.append(self._code(say("Printed"), program.printed) if program.printed else "")
        return "\n".join(filter(None, blocks))

    def _code(self, name: str, source: str) -> str:
        return f"{heading(name)}\n{self.room.code(source, self.longest)}"

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
            if other is attempt:
                continue
            if other.program:
                body = (failure(other.error, other.hint) if other.error else "") + self.output(other)
                blocks.append(details(say(f"Program of attempt #{other.number} · {other.status}"), indented(body)))
            elif text := text_of(other, self.blobs):
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


def demands(found: Sequence[Verdict]) -> str:
    """The demands that an output was checked for, met or missed; empty if there are none."""
    lines = [f"{line(one)}" if verdict.met else strong(one) for one, verdict in zip(checked(found), found)]
    return f"{heading(checks_of(found))}\n<p>{'<br>'.join(lines)}</p>" if found else ""
