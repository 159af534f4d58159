"""What is known of a run beside its steps: what it was told, what it cost, where it comes from. Plain text, not escaped."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..core import dag
from ..core.codec import encode
from ..core.types import Json, Step
from ..core.view import AttemptView, RunView
from ..locale import say
from . import clean

Fact = tuple[str, str]
"""A name and what there is to say; empty where there is nothing."""

NOT_AN_ENGINE = "concat"
"""What attempts name as their engine where results were joined without a model call."""

COSTS = ("Role", "Model calls", "Reused", "Prompt tokens", "Cached", "Computed", "Output tokens", "Prefill", "Decode")
"""What the rows of `costs` are."""

_TITLES = 20
"""The most documents that are named."""


def told(view: RunView) -> list[Fact]:
    """What the run was asked for, as it was understood, and with which options."""
    facts: list[Fact] = [("Strategy", way(view))]
    if view.brief:
        facts += [("Goal", view.brief.goal), ("Deliverable", view.brief.deliverable)]
        facts += [("Constraints", "; ".join(view.brief.constraints)), ("Language", view.brief.language)]
        facts.append(("Checked", "; ".join(demand.text for demand in view.brief.demands)))
    facts.append(("Delivered", ", ".join(dag.delivered(view.plan, view.deliver))))
    titles = [document.title for document in view.task.documents]
    if len(titles) > _TITLES:
        titles[_TITLES:] = [clean.more(len(titles) - _TITLES, "documents")]
    facts += [
        ("Inputs", ", ".join(view.task.inputs)),
        ("Documents", ", ".join(titles)),
        ("Options", ", ".join(settings(encode(view.task.options)))),
    ]
    return [fact for fact in facts if fact[1].strip()]


def way(view: RunView) -> str:
    """How the task is done; where vnb chose that, also why, and what does it another way. Empty while it is not known."""
    if view.strategy is None or not view.why:
        return say(view.strategy or "")
    other = say(f"--strategy {'direct' if view.strategy == 'plan' else 'plan'} does it another way")
    return f"{say(view.strategy)}: {clean.label(say(view.why))} · {other}"


def origin(view: RunView) -> list[Fact]:
    """Which run it is, what carried it, and what it came from."""
    facts = [("Engine", view.engine), ("Forked from", f"{view.parent}@{view.parent_seq}" if view.parent else "")]
    kv = list(view.kv)
    if kv:
        usage, most = kv[-1][1], max(usage.used for _, usage in kv)
        size = usage.used + usage.cached + usage.free
        used = say(f"{usage.used:,} of {size:,} {usage.unit}s in use, {usage.cached:,} cached; at most {most:,}")
        facts.append(("KV cache", used))
    facts += [("Run", say(f"{view.run_id}, {view.seq:,} events")), ("vnb", view.vnb)]
    return [fact for fact in facts if fact[1].strip()]


def provenance(view: RunView, made: str) -> list[Fact]:
    """`origin`, with times, the fingerprints of the engines, and how the report was made."""
    engines = {attempt.engine for attempt in _attempts(view)} - {"", NOT_AN_ENGINE}
    facts = [
        *origin(view),
        ("Engine fingerprints" if len(engines) > 1 else "Engine fingerprint", ", ".join(sorted(engines))),
        ("Began", moment(view.started_at)),
        ("Ended", moment(view.ended_at)),
        ("Exported", made),
    ]
    return [fact for fact in facts if fact[1]]


def says_more(step: Step) -> bool:
    """Whether a step's instruction says more than the line that names the step."""
    instruction = step.instruction.strip()
    return bool(instruction) and (step.title or step.item or clean.label(instruction, 120)) != instruction


def moment(at: float) -> str:
    """Seconds since the epoch as `2026-11-24 20:29:37 UTC`; empty where unknown."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at)) if at else ""


def settings(options: Json) -> list[str]:
    """`parallel 2`, `temperature 0.5`: the settings that are not as they always are."""
    found: list[str] = []
    for name, value in options.items() if isinstance(options, dict) else ():
        if isinstance(value, dict):
            found += settings(value)
        elif isinstance(value, list):
            found += [f"{name} {'..'.join(map(str, value))}"] if value else []
        else:
            found.append(name if value is True else f"{name} {value}")
    return found


def sent(attempt: AttemptView) -> list[Fact]:
    """How an attempt's tokens were drawn, and what it is found by."""
    limits = attempt.constraint
    engine = ", ".join(filter(None, (attempt.spec, attempt.engine)))
    facts = [
        ("Sampling", ", ".join(settings(encode(attempt.sampling)))),
        ("Held to", f"{limits.kind.replace('_', ' ')} {clean.label(limits.text, 200)}" if limits else ""),
        ("Engine", engine if attempt.engine != NOT_AN_ENGINE else say("none: results were joined")),
        ("Key", attempt.key),
        ("Context", attempt.context.digest if attempt.context and attempt.key else ""),
        ("Prompt", attempt.prompt),
        ("Reused from", attempt.source),
    ]
    return [fact for fact in facts if fact[1]]


def costs(view: RunView) -> list[tuple[str, ...]]:
    """What each role's attempts cost together, then all of them; times are sums, not wall time."""
    roles = list(dict.fromkeys(step.step.role for step in list(view.steps.values())))
    rows = [_cost(say(role), [attempt for one, attempt in _with_roles(view) if one == role]) for role in roles]
    return [*rows, _cost(say("all"), _attempts(view))] if rows else []


def _cost(name: str, attempts: list[AttemptView]) -> tuple[str, ...]:
    used = [attempt.usage for attempt in attempts]
    called = sum(bool(one.prompt and one.started_at) and one.status != "reused" for one in attempts)
    prompt, cached = sum(usage.prompt_tokens for usage in used), sum(usage.cached_tokens for usage in used)
    output = sum(max(one.usage.new_tokens, len(one.tokens)) for one in attempts)
    counts = (called, sum(one.status == "reused" for one in attempts), prompt, cached, prompt - cached, output)
    times = (sum(usage.t_prefill for usage in used), sum(usage.t_decode for usage in used))
    return (name, *map(clean.count, counts), *map(clean.seconds, times))


def _with_roles(view: RunView) -> Iterator[tuple[str, AttemptView]]:
    for step in list(view.steps.values()):
        for attempt in list(step.attempts):
            yield step.step.role, attempt


def _attempts(view: RunView) -> list[AttemptView]:
    return [attempt for _, attempt in _with_roles(view)]
