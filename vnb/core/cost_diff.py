"""What two runs, or two of their steps, cost. The figures are those of `metrics`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from . import metrics
from .align import align_names
from .view import AttemptView, RunView


@dataclass(frozen=True)
class Cost:
    """What some attempts cost together; `None` where nothing can be said.

    Attributes:
        attempts: How many.
        prompt_tokens: Tokens of all prompts; `cached_tokens` of them were in the KV cache.
        new_tokens: Decoded tokens.
        prefix_hit: `cached_tokens / prompt_tokens`.
        seconds: Seconds in which at least one of them was under way.
        rate: Decoded tokens per second: while they decoded for a step, over `seconds` for a run.
        joules, price: Energy and money, as in `Usage`.
    """

    attempts: int | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    new_tokens: int | None = None
    prefix_hit: float | None = None
    seconds: float | None = None
    rate: float | None = None
    joules: float | None = None
    price: float | None = None

    def difference(self, after: Cost) -> Cost:
        """How much more `after` is; `None` where one of the two is."""
        found = {f.name: _minus(getattr(after, f.name), getattr(self, f.name)) for f in fields(Cost)}
        return Cost(**found)


@dataclass(frozen=True)
class CostRow:
    """What one step, one attempt, or (`name` is empty) everything cost before and after."""

    name: str
    before: Cost
    after: Cost

    @property
    def difference(self) -> Cost:
        return self.before.difference(self.after)


@dataclass(frozen=True)
class CostDiff:
    """Every step in the order of the run after, then `total` if whole runs were compared."""

    rows: tuple[CostRow, ...]
    total: CostRow | None = None


def diff(before: RunView, after: RunView) -> CostDiff:
    """What each step of two runs cost, all its attempts together, and what the runs cost."""
    rows = tuple(
        CostRow(name, *(cost(list(step.attempts)) if step else Cost() for step in (row.before, row.after)))
        for name, row in align_names(dict(before.steps), dict(after.steps))
    )
    return CostDiff(rows, CostRow("", _whole(before), _whole(after)))


def cost(attempts: Sequence[AttemptView]) -> Cost:
    """What these attempts of one step cost together."""
    used = metrics.summed(attempt.usage for attempt in attempts)
    new = sum(max(attempt.usage.new_tokens, len(attempt.tokens)) for attempt in attempts)
    sent = [attempt for attempt in attempts if attempt.prompt and attempt.status != "reused"]
    known = used.prompt_tokens or not sent  # where no model was asked the cost is known: none
    gaps = [gap for attempt in attempts for gap in metrics.itl(attempt)]
    return Cost(
        attempts=len(attempts),
        prompt_tokens=used.prompt_tokens if known else None,
        cached_tokens=used.cached_tokens if known else None,
        new_tokens=new if known or new else None,
        prefix_hit=metrics.prefix_hit(used),
        seconds=metrics.busy(attempt for attempt in attempts if attempt.status != "reused") or None,
        rate=len(gaps) / sum(gaps) if sum(gaps) else None,
        joules=used.joules,
        price=used.price,
    )


def _whole(view: RunView) -> Cost:
    found = cost([attempt for step in list(view.steps.values()) for attempt in list(step.attempts)])
    rate = found.new_tokens / found.seconds if found.new_tokens and found.seconds else None
    return replace(found, rate=rate)


N = TypeVar("N", int, float)


def _minus(after: N | None, before: N | None) -> N | None:
    return None if after is None or before is None else after - before
