"""A run as one page for any browser: whole, to be read only, without script, and without a request to anywhere."""

from __future__ import annotations

from ..core.view import RunView
from ..locale import language, say
from . import account, cells, clean, html, html_facts, html_step, report_step, text
from .checks import verdicts
from .markup import Room, aside, escape, line, table
from .report_style import STYLE
from .rows import SYMBOLS, Blobs, result, rows, status_of, summary, word

LIMIT = 8_000_000
"""About the most bytes of a page."""

LONGEST = 200_000
"""The most characters of one text."""

_WARNINGS = 10
"""The most warnings that stand at the top."""

_LANES = 1_000
"""The most attempts on the timeline."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_MORE = "Every token with its probabilities, the documents, and the prompts as they were sent:"


def render(view: RunView, blobs: Blobs, now: float, *, plan: str, made: str, seal: str) -> str:
    """The page: result, task, plan, steps with all their attempts, timeline, cost, provenance.

    Args:
        view: The run; it may change meanwhile.
        blobs: Where texts lie.
        now: Seconds since the epoch, until which running attempts last.
        plan: The text of the run's plan.
        made: When and how the page was made.
        seal: A line that the page shall hold before anything that a model said.
    """
    room, tree = Room(LIMIT), rows(view)
    output = result(view, blobs)
    first = {
        "Result": room.text(output, LONGEST) + html_step.demands(verdicts(view)) if output else "",
        "Task": _task(view, room),
        "Plan": _plan(view, plan, room),
    }
    last = {
        "Timeline": room.spend(_timeline(view, now)),
        "Cost": _wide(table(say("What each role cost"), account.COSTS, account.costs(view), left=(0,)), "full plain"),
        "Provenance": _facts(say("Where this comes from"), account.provenance(view, made), "facts plain"),
    }
    overview = room.left // 5
    room.left -= overview
    full = report_step.sections(tree, view, blobs, now, room, LONGEST)
    steps = {
        "Steps": _wide(html.steps(tree, view, now, overview, linked=full), "full tree plain") if tree else "",
        "Steps in full": "\n".join(html_step.nested(tree, full)),
    }
    sections = {name: body for name, body in {**first, **steps, **last}.items() if body}
    return "\n".join(
        [
            *_opening(view, seal),
            "<header>",
            _head(view, now),
            _notice(view, room.cut, len(tree) - len(full)),
            f'<nav aria-label="{say("Parts of this page")}">{"".join(_link(name) for name in sections)}</nav>',
            "</header>",
            "<main>",
            *(
                f'<section id="{_anchor(name)}">\n<h2>{say(name)}</h2>\n{body}\n</section>'
                for name, body in sections.items()
            ),
            "</main>",
            f"<footer>{say(_MORE)} {_all_of(view)}</footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _opening(view: RunView, seal: str) -> list[str]:
    return [
        "<!doctype html>",
        f'<html lang="{language().replace("_", "-")}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f'<meta name="generator" content="{escape(seal)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{line(text.title(view), 120)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
    ]


def _head(view: RunView, now: float) -> str:
    total = summary(view, now)
    status = status_of(view)
    status = f'<span class="status {status}">{SYMBOLS[status]} {word(status)}</span>'
    reason = f" ({line(say(view.reason))})" if view.status == "paused" and view.reason else ""
    tiles = {
        "steps": say(f"{total.done} of {total.planned}") if total.planned else "",
        "tokens in": clean.count(total.prompt_tokens),
        "tokens out": clean.count(total.new_tokens),
        "tokens/s": clean.rate(total.rate),
        "prefix hits": clean.share(total.hit),
        "at work": clean.seconds(total.seconds),
    }
    shown = "".join(f"<li><b>{value}</b><span>{say(name)}</span></li>" for name, value in tiles.items() if value)
    blocks = [
        f'<p class="soft">{status}{reason} · {say(f"run {line(view.run_id, 40)}")} · {account.moment(view.started_at)}</p>',
        f"<h1>{line(text.title(view), 300)}</h1>",
        f'<p class="soft">{line(account.way(view), 400)}</p>' if view.why else "",
        f'<div class="failure">{html_step.failure(view.error, view.hint, view.status)}</div>' if view.error else "",
        _warnings(view),
        f'<ul class="tiles">{shown}</ul>',
    ]
    return "\n".join(block for block in blocks if block)


def _warnings(view: RunView) -> str:
    """What is wrong with a run that finished."""
    said = [f"{SYMBOLS['warned']} {line(step, 40)}: {line(say(warning))}" for step, warning in view.warnings]
    if status_of(view) != "warned":
        return ""
    more = [clean.more(len(said) - _WARNINGS, "warnings")] if len(said) > _WARNINGS else []
    return f'<p class="notice">{"<br>".join([*said[:_WARNINGS], *more])}</p>'


def _notice(view: RunView, cut: int, hidden: int) -> str:
    said = [say(f"long texts shown in part: {clean.count(cut)}")] if cut else []
    said += [say(f"steps not shown in full: {clean.count(hidden)}")] if hidden else []
    if not said:
        return ""
    notice = say(f"This page is large; {', '.join(said)}. All of it: {_all_of(view)}")
    return f'<p class="notice">{notice}</p>'


def _all_of(view: RunView) -> str:
    return f"<code>%vexport {line(view.run_id, 40)} FILE.jsonl</code>"


# ---------------------------------------------------------------- the parts of the page


def _task(view: RunView, room: Room) -> str:
    task = view.task
    blocks = [room.text(task.text, LONGEST)] if task.text.strip() else []
    for name, value in task.inputs.items():
        blocks.append(room.spend(f"<h4>{say(f'Input {line(name)}')}</h4>") + room.text(value, LONGEST // 4))
    blocks.append(_facts(say("As it was understood"), account.told(view)))
    cell = clean.part(cells.task_cell(view, cells.Names(view)), LONGEST)
    blocks.append(
        room.spend(
            f"<details><summary>{say('The cell that asks for it')}</summary>\n<pre>{escape(cell)}</pre></details>"
        )
    )
    return "\n".join(block for block in blocks if block)


def _plan(view: RunView, plan: str, room: Room) -> str:
    shown = f'<pre class="plan" dir="auto">{escape(clean.part(plan, LONGEST))}</pre>' if plan else ""
    return room.spend("\n".join(block for block in (shown, _wide(html_facts.changes(view))) if block))


def _timeline(view: RunView, now: float) -> str:
    """Every attempt on one axis of time; empty if nothing was sent yet."""
    spans = html.spans(view, now)
    if not spans:
        return ""
    first, last = spans[0][1].queued_at, max(end for _, _, end in spans)
    lanes = []
    for name, attempt, end in spans[:_LANES]:
        times = html_step.phases(attempt, end)
        start, bar = attempt.queued_at - first, ""
        at = start
        for phase, seconds in zip(("queue", "prefill", "decode"), times):
            left, width = (100 * part / (last - first) for part in (at, seconds))
            bar += f'<i class="{phase}" style="left:{left:.2f}%;width:{width:.2f}%"></i>' if seconds else ""
            at += seconds
        seconds_of = (clean.seconds(time).replace(" ", "&nbsp;") for time in (start, *times))
        lanes.append((line(name, 60), f'<div class="lane">{bar}</div>', *seconds_of))
    heads = ("Attempt", "From the first to the last", "Starts at", "Queue", "Prefill", "Decode")
    key = "".join(f'<i class="{phase}"></i>{say(phase)}' for phase in ("queue", "prefill", "decode"))
    found = _wide(table(say(f"Attempts over {clean.seconds(last - first)}"), heads, lanes, left=(0, 1)), "full lanes")
    more = aside(clean.more(len(spans) - _LANES, "attempts")) if len(spans) > _LANES else ""
    return f'<p class="soft key">{key}</p>\n{found}{more}'


def _facts(caption: str, found: list[account.Fact], kind: str = "facts") -> str:
    return _wide(html_facts.facts_table(caption, found), kind) if found else ""


def _wide(content: str, kind: str = "") -> str:
    return f'<div class="{f"wide {kind}".strip()}">{content}</div>' if content else ""


def _anchor(name: str) -> str:
    return name.casefold().replace(" ", "-")


def _link(name: str) -> str:
    return f'<a href="#{_anchor(name)}">{say(name)}</a>'
