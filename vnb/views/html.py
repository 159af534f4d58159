"""A run as HTML without script: readable in JupyterLab, trusted or not, light or dark, on GitHub and by nbconvert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence

from ..core.view import AttemptView, RunView
from ..locale import say
from . import account, admission, clean, html_facts, html_step, items, programs, text
from .checks import verdicts
from .markup import Room, aside, details, line, strong, table
from .rows import SYMBOLS, Blobs, Row, clock, figures, result, rows, shown, status_of, word

LIMIT = 450_000
"""About the most bytes of the whole HTML."""

_FRAME = 200
"""Bytes of the tags around one row of the steps' table."""

_BARS = 200
_BAR = 36


def render(view: RunView, blobs: Blobs, now: float) -> str:
    """The run: headline, error, steps as a table, the result, then each step in full, the timeline, the run's facts.

    Args:
        view: The run; it may change meanwhile.
        blobs: Where texts lie.
        now: Seconds since the epoch, until which running attempts last.
    """
    tree, room, output = rows(view), Room(LIMIT), result(view, blobs)
    head = room.spend(_head(view, now))
    tail = [room.spend(block) for block in (_timeline(view, now), html_facts.facts(view, clean.LONGEST // 10)) if block]
    text_of_result = room.spend(_result(view, output)) if output else ""
    table_of_steps = room.spend(steps(tree, view, now, room.left * 9 // 10)) if tree else ""
    full = html_step.steps(tree, view, blobs, now, room, clean.LONGEST)
    blocks = [head, table_of_steps, text_of_result, full, *tail]
    return "<div>\n" + "\n".join(block for block in blocks if block) + "\n</div>\n"


def _result(view: RunView, output: str) -> str:
    summary = say(f"<strong>Result</strong> · {clean.count(len(output))} characters")
    body = Room(LIMIT // 4).text(output, clean.LONGEST)
    return details(summary, f"{body}\n{html_step.demands(verdicts(view))}", open=True)


def _head(view: RunView, now: float) -> str:
    words = " · ".join(line(said) for said in text.headline(view, now))
    way = f"<br><em>{line(account.way(view), 400)}</em>" if view.why else ""
    blocks = [f"<p>{strong(f'{SYMBOLS[status_of(view)]} ' + text.title(view))}<br>{words}{way}</p>"]
    if view.error:
        blocks.append(html_step.failure(view.error, view.hint, view.status))
    return "\n".join(blocks)


def steps(tree: list[Row], view: RunView, now: float, left: int, linked: Container[int] = ()) -> str:
    """The tree as a table of at most about `left` bytes, the items of long maps as tables of their own, folded away.

    The rows at the places `linked` lead to `#step-0`, `#step-1`, …
    """
    heads = ("Status", "Step", "Needs", "Tokens", "Tok/s", "Prefix hit", "Time")
    under, hidden = items.places(tree), len(tree)
    shown_rows: dict[int, list[Sequence[str]]] = defaultdict(list)
    for place in items.order(tree):
        depth = tree[place].depth - (tree[under[place]].depth + 1 if under[place] >= 0 else 0)
        cells = _step(tree[place], depth, view, now, f"#step-{place}" if place in linked else "")
        left -= sum(len(cell.encode()) for cell in cells) + _FRAME
        if left < 0:
            break
        shown_rows[under[place]].append(cells)
        hidden -= 1
    found = [table(say("Steps"), heads, shown_rows.pop(-1, []), left=(0, 1, 2))]
    for place, listed in shown_rows.items():
        body = table(say("Items"), heads, listed, left=(0, 1, 2))
        found.append(details(html_step.items_title(tree[place]), body))
    return "\n".join([*found, *([aside(clean.more(hidden, "steps"))] if hidden else [])])


def _step(row: Row, depth: int, view: RunView, now: float, address: str) -> Sequence[str]:
    values = figures(shown(row.step), view, now)
    step = row.step.step
    status = (row.progress or word(row.status)).replace(" ", "\u00a0")
    marks = [mark for mark in (row.kind, items.tally(row), *row.marks) if mark]
    indent = "&nbsp;" * 4 * depth + ("└ " if depth else "")
    title = html_step.title(row, 120)
    title = f'<a href="{address}">{title}</a>' if address else title
    name = indent + title + (f" <em>({line(', '.join(marks))})</em>" if marks else "")
    return (
        f"{row.symbol}&nbsp;" + (strong(status) if row.status in ("failed", "warned") else line(status)),
        name
        + "".join(f"<br>{line(said)}" for said in programs.trail(row.step))
        + "".join(f"<br>{strong(warning)}" for warning in row.warnings)
        + "".join(f"<br><em>{line(note)}</em>" for note in row.reasons[:1])
        + "".join(f"<br>{line(words)}" for words in text.live(row, view, now)),
        "" if row.reserved else line(", ".join(step.needs), 80),
        "" if values.tokens is None else clean.count(values.tokens),
        clean.rate(values.rate),
        clean.share(values.hit),
        clean.seconds(values.seconds).replace(" ", "&nbsp;"),
    )


# ---------------------------------------------------------------- timeline


def _timeline(view: RunView, now: float) -> str:
    """Every attempt on one axis of time; empty if nothing was sent yet."""
    found_spans = spans(view, now)
    if not found_spans:
        return ""
    first, last = found_spans[0][1].queued_at, max(end for _, _, end in found_spans)
    heads = ("Attempt", "Starts at", "Queue", "Prefill", "Decode", "░ queue ▒ prefill █ decode")
    bars = (_bar_row(name, attempt, end, first, last) for name, attempt, end in found_spans[:_BARS])
    found = table(say(f"Attempts over {clean.seconds(last - first)}"), heads, bars, left=(0, 5))
    hidden = len(found_spans) - _BARS
    note = "\n" + aside(clean.more(hidden, "attempts")) if hidden > 0 else ""
    order = [
        (line(name, 60), line(admission.words(view, one), 400)) for name, one, _ in found_spans[:_BARS] if one.admission
    ]
    if order:
        note += "\n" + table(say("The order of the requests"), ("Attempt", "How it was let in"), order, left=(0, 1))
    return details(say("<strong>Timeline</strong>"), found + note)


def spans(view: RunView, now: float) -> list[tuple[str, AttemptView, float]]:
    """Every attempt that took time, in the order of queueing: `step#number`, itself, and when it ended."""
    until = clock(view, now)
    found: list[tuple[str, AttemptView, float]] = []
    for step in list(view.steps.values()):
        for attempt in list(step.attempts):
            end = attempt.ended_at or until
            if attempt.queued_at and end > attempt.queued_at:
                found.append((f"{step.step.id}#{attempt.number}", attempt, end))
    return sorted(found, key=lambda span: span[1].queued_at)


def _bar_row(name: str, attempt: AttemptView, end: float, first: float, last: float) -> Sequence[str]:
    queue, prefill, decode = html_step.phases(attempt, end)
    cell = (last - first) / _BAR or 1.0
    marks = [attempt.queued_at, attempt.queued_at + queue, attempt.queued_at + queue + prefill, end]
    edges = [min(_BAR, max(0, round((mark - first) / cell))) for mark in marks]
    if edges[0] == edges[3]:
        edges[0] = min(edges[0], _BAR - 1)
        edges[3] = edges[0] + 1
    bar = "\u00a0" * edges[0]
    for sign, start, stop in zip("░▒█", edges, edges[1:]):
        bar += sign * max(0, stop - max(start, len(bar)))
    times = (attempt.queued_at - first, queue, prefill, decode)
    return (
        line(name, 60),
        *(clean.seconds(time).replace(" ", "&nbsp;") for time in times),
        f"<code>{bar.ljust(_BAR, chr(0xA0))}</code>",
    )
