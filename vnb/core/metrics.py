"""Figures of a run, in the field's definitions, as pure functions of a view. `None` where nothing can be said.

TTFT is from queueing to the first token; ITL is each gap between tokens; TPOT = (t_last - t_first) / (n - 1);
decode tok/s = 1 / TPOT; prefill tok/s counts uncached tokens only; prefix hit = cached / prompt tokens.

Whose clock: TTFT and ITL are by the tokens' arrival, since no engine knows what a request waited for before it came, or
gives every gap. Prefill time, t_last - t_first and what follows from them are the engine's own where it timed itself,
else by arrival; `Usage.timing_source` says which. What changes over time is in `vnb.core.timeline`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .types import Role, Usage
from .view import AttemptView, RunView


def ttft(attempt: AttemptView) -> float | None:
    """Seconds from queueing to the first token, by the tokens' arrival."""
    if not attempt.tokens:
        return None
    return attempt.started_at - attempt.queued_at + attempt.tokens[0].dt


def itl(attempt: AttemptView) -> tuple[float, ...]:
    """Seconds between each token and the one before it."""
    times = [token.dt for token in attempt.tokens]
    return tuple(after - before for before, after in zip(times, times[1:]))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the values lie, between two of them by a straight line."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def reasoning_seconds(attempt: AttemptView) -> float | None:
    """Seconds from the end of prefill to the last token of reasoning; `None` where its tokens are not known."""
    if not 0 < attempt.thought <= len(attempt.tokens) or not attempt.prefilled_at:
        return None
    return attempt.started_at + attempt.tokens[attempt.thought - 1].dt - attempt.prefilled_at


def queue_time(attempt: AttemptView) -> float | None:
    """Seconds from queueing to the start of prefill: in vnb, then in the engine."""
    if not attempt.started_at or not attempt.usage.prompt_tokens:
        return None
    return attempt.started_at - attempt.queued_at + attempt.usage.t_queue


def tpot(attempt: AttemptView) -> float | None:
    """Seconds per output token after the first."""
    usage, tokens = attempt.usage, attempt.tokens
    if usage.timing_source == "engine" and usage.t_decode > 0 and usage.new_tokens > 1:
        return usage.t_decode / (usage.new_tokens - 1)
    return (tokens[-1].dt - tokens[0].dt) / (len(tokens) - 1) if len(tokens) > 1 else None


def decode_rate(attempt: AttemptView) -> float | None:
    """Decoded tokens per second after the first one."""
    gap = tpot(attempt)
    return 1 / gap if gap else None


def prefill_rate(usage: Usage) -> float | None:
    """Prompt tokens per second that had to be computed."""
    new = usage.prompt_tokens - usage.cached_tokens
    return new / usage.t_prefill if new > 0 and usage.t_prefill > 0 else None


def prefix_hit(usage: Usage) -> float | None:
    """Share of the prompt that was in the KV cache, 0 to 1."""
    return usage.cached_tokens / usage.prompt_tokens if usage.prompt_tokens else None


def seconds(attempt: AttemptView, now: float = 0.0) -> float | None:
    """Seconds from queueing to the end, or to `now` while it runs."""
    end = attempt.ended_at or now
    return end - attempt.queued_at if end and attempt.queued_at else None


def total(view: RunView) -> Usage:
    """What all attempts of the run cost together. The times are sums, not wall time."""
    return summed(attempt.usage for step in list(view.steps.values()) for attempt in list(step.attempts))


def summed(usages: Iterable[Usage]) -> Usage:
    """What several attempts cost together. The times are sums, not wall time; energy and price are known if all are."""
    used = list(usages)
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in used),
        cached_tokens=sum(usage.cached_tokens for usage in used),
        new_tokens=sum(usage.new_tokens for usage in used),
        t_queue=sum(usage.t_queue for usage in used),
        t_prefill=sum(usage.t_prefill for usage in used),
        t_decode=sum(usage.t_decode for usage in used),
        joules=_all_known(used, "joules"),
        price=_all_known(used, "price"),
        estimated=any(usage.estimated for usage in used),
    )


def _all_known(usages: Iterable[Usage], name: str) -> float | None:
    """The sum over the usages of a model; `None` if one of them does not know, or there are none."""
    known = [getattr(usage, name) for usage in usages if usage.prompt_tokens or usage.new_tokens]
    return sum(known) if known and None not in known else None


def busy(attempts: Iterable[AttemptView], now: float = 0.0) -> float:
    """Seconds in which at least one attempt was under way: waiting for approval or a resume does not count."""
    spans = sorted((attempt.queued_at, attempt.ended_at or now) for attempt in attempts if attempt.queued_at)
    total = reached = 0.0
    for start, end in spans:
        if end > max(start, reached):
            total += end - max(start, reached)
            reached = end
    return total


def aggregate_rate(view: RunView, now: float = 0.0) -> float | None:
    """Decoded tokens of the whole run per second of wall time."""
    wall = (view.ended_at or now) - view.started_at
    tokens = sum(len(attempt.tokens) for step in list(view.steps.values()) for attempt in list(step.attempts))
    return tokens / wall if tokens and wall > 0 else None


@dataclass
class RoleCost:
    """What the attempts of one role cost together; `seconds` is summed from queueing to the end of each."""

    attempts: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0


def by_role(view: RunView, now: float = 0.0) -> dict[Role, RoleCost]:
    """Tokens and seconds of each role that had attempts, in the order of its first step. Reused attempts cost nothing."""
    found: dict[Role, RoleCost] = {}
    for step in list(view.steps.values()):
        for attempt in list(step.attempts):
            cost = found.setdefault(step.step.role, RoleCost())
            cost.attempts += 1
            cost.prompt_tokens += attempt.usage.prompt_tokens
            cost.cached_tokens += attempt.usage.cached_tokens
            cost.new_tokens += max(attempt.usage.new_tokens, len(attempt.tokens))
            cost.seconds += (seconds(attempt, now) or 0.0) if attempt.status != "reused" else 0.0
    return found
