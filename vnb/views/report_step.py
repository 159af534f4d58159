"""One step on a run's page: what it was told, and every attempt with what it was shown, said and cost."""

from __future__ import annotations

from ..core import metrics
from ..core.view import AttemptView, RunView, StepView
from ..locale import say
from . import account, admission, clean, html_facts, html_step, items
from .html_step import StepPage
from .markup import Room, aside, details, indented, line
from .rows import Blobs, Row, outcome, shown, word

_LEAST, _ROOMY = 3_000, 6_000
"""Bytes that a step needs for a section of its own, and that are kept for each step to come where one is long."""

_ATTEMPTS = 50
"""The most attempts of one step, the last ones, beside the one that counts."""


def sections(tree: list[Row], view: RunView, blobs: Blobs, now: float, room: Room, longest: int) -> dict[int, str]:
    """A section for each step for as long as there is room, by its place in the tree."""
    found: dict[int, str] = {}
    first_shown: dict[str, str] = {}
    for index, place in enumerate(items.order(tree)):
        row, share = tree[place], room.left // (len(tree) - index)
        if share < _LEAST:
            break
        own = Room(max(share - _LEAST, room.left - _ROOMY * (len(tree) - index)))
        page = StepPage(row, view, blobs, now, own, longest, first_shown)
        kind = f"step {'reserved ' if row.reserved else ''}{row.status}"
        found[place] = room.spend(f'<article class="{kind}" id="step-{place}">\n{_step(page)}\n</article>')
        room.cut += own.cut
    return found


def listed(step: StepView) -> list[AttemptView]:
    """The attempts of a step that a report holds."""
    attempts, counted = list(step.attempts), shown(step)
    return [one for one in attempts if one.number > len(attempts) - _ATTEMPTS or one is counted]


def _step(page: StepPage) -> str:
    row = page.row
    step, counted = row.step, shown(row.step)
    marks = "".join(f' <span class="mark">{line(mark)}</span>' for mark in [*row.marks, *row.warnings])
    status = f'<span class="status {row.status}">{row.symbol} {row.progress or word(row.status)}</span>'
    needs = say(f"needs {line(', '.join(step.step.needs), 200)}") if step.step.needs and not row.reserved else ""
    said = "".join(f" · {word}" for word in (row.kind, line(items.tally(row)), needs) if word)
    notes = [(step.status, step.note), ("stale", step.stale)]
    attempts = listed(step)
    hidden = len(step.attempts) - len(attempts)
    blocks = [
        f"<h3>{html_step.title(row, 120)}</h3>",
        f'<p class="soft">{status}{said}{marks}</p>',
        *(aside(line(f"{say(name)}: {say(note)}", 500)) for name, note in notes if note),
        page.instruction() if account.says_more(step.step) else "",
        page.item(),
        aside(say(f"{clean.count(hidden)} earlier attempts are not shown")) if hidden else "",
        *(_attempt(page, attempt, alone=len(attempts) == 1, open=attempt is counted) for attempt in attempts),
    ]
    return "\n".join(block for block in blocks if block)


def _attempt(page: StepPage, attempt: AttemptView, alone: bool, open: bool) -> str:
    blocks = [
        f'<p class="soft">{cost}</p>' if (cost := figures(attempt, page.until)) else "",
        f'<p class="soft">{line(order, 400)}</p>' if (order := admission.words(page.view, attempt)) else "",
        f'<div class="failure">{html_step.failure(attempt.error or "failed", attempt.hint)}</div>'
        if attempt.status == "failed"
        else "",
        aside(line(f"{say(attempt.status)}: {say(attempt.error)}"))
        if attempt.error and attempt.status != "failed"
        else "",
        page.output(attempt),
        page.context(attempt.context) if attempt.context else "",
    ]
    sent = account.sent(attempt)
    if sent:
        table = page.room.spend(html_facts.facts_table(say("What the engine was sent with"), sent))
        blocks.append(details(say("<strong>Sampling and keys</strong>"), f'<div class="facts plain">{table}</div>'))
    body = "\n".join(block for block in blocks if block)
    if alone:
        return body
    chosen = f' <span class="mark">{say("chosen")}</span>' if page.row.step.chosen == attempt.number else ""
    summary = (
        f"<strong>{say(f'Attempt #{attempt.number}')}</strong> · "
        f'<span class="status {outcome(attempt)}">{word(outcome(attempt))}</span>'
        + (f" · {line(say(attempt.error), 120)}" if attempt.status == "failed" else "")
    )
    return details(f"{summary}{chosen}", indented(body), open=open)


def figures(attempt: AttemptView, until: float) -> str:
    """What an attempt cost, in a line."""
    usage, tokens = attempt.usage, max(attempt.usage.new_tokens, len(attempt.tokens))
    if attempt.status == "reused":
        return say("reused: no model call")
    said = []
    if usage.prompt_tokens:
        cached = f", {clean.count(usage.cached_tokens)} of them from the KV cache" if usage.cached_tokens else ""
        said.append(say(f"{clean.count(usage.prompt_tokens)} tokens in{cached}"))
    if tokens:
        said.append(say(f"{clean.count(tokens)} out"))
    rate, ttft = metrics.decode_rate(attempt), metrics.ttft(attempt)
    if rate is not None:
        said.append(f"{clean.rate(rate)} tok/s")
    if said:
        times = html_step.phases(attempt, attempt.ended_at or until)
        said += [f"{say(name)} {clean.seconds(time)}" for name, time in zip(("queue", "prefill", "decode"), times)]
    if ttft is not None:
        said.append(f"TTFT {clean.seconds(ttft)}")
    if usage.joules is not None:
        said.append(f"{say('energy')} {clean.joules(usage.joules)}")
    if usage.price is not None:
        said.append(f"{say('price')} {clean.price(usage.price)}")
    if usage.estimated:
        said.append(say("tokens are estimated"))
    if usage.ignored:
        said.append(f"{say('not taken by the server')}: {clean.label(', '.join(usage.ignored), 80)}")
    return " · ".join(said)
