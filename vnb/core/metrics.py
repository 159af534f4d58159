"""Figures of a run, in the field's definitions, as pure functions of a view. `None` where nothing can be said.

TTFT is from queueing to the first token; ITL is each gap between tokens; TPOT = (t_last - t_first) / (n - 1);
decode tok/s = 1 / TPOT; prefill tok/s counts uncached tokens only; prefix hit = cached / prompt tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

from .types import Usage
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


def tpot(attempt: AttemptView) -> float | None:
    """Seconds per output token after the first."""
    gaps = len(attempt.tokens) - 1
    return (attempt.tokens[-1].dt - attempt.tokens[0].dt) / gaps if gaps > 0 else None


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
    """What several attempts cost together. The times are sums, not wall time."""
    used = list(usages)
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in used),
        cached_tokens=sum(usage.cached_tokens for usage in used),
        new_tokens=sum(usage.new_tokens for usage in used),
        t_queue=sum(usage.t_queue for usage in used),
        t_prefill=sum(usage.t_prefill for usage in used),
        t_decode=sum(usage.t_decode for usage in used),
    )


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
