"""What the figure of a run shows, and why it leaves a panel out; no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core import metrics, timeline
from ..core.types import Usage
from ..core.view import AttemptView, RunView
from ..errors import UsageError
from . import clean
from .rows import Row, clock, rows, shown
from .text import headline, title

PANELS = ("timeline", "rate", "itl", "kv", "prefix")
"""The panels of the figure, by the names that `what` takes."""

_TITLES = {
    "timeline": "step timeline",
    "rate": "tok/s over time",
    "itl": "gaps between tokens",
    "kv": "KV cache",
    "prefix": "prefix hits",
}


@dataclass(frozen=True)
class Plotted:
    """One run of a figure, at one moment. Its times are seconds in which anything was under way.

    Args:
        view: The run; it may change meanwhile.
        now: Seconds since the epoch, until which running attempts last.
    """

    view: RunView
    now: float

    @cached_property
    def rows(self) -> list[Row]:
        """The steps, in the order of the tree."""
        return rows(self.view)

    @cached_property
    def until(self) -> float:
        """Until when attempts under way last; 0 once nothing runs."""
        return clock(self.view, self.now)

    @cached_property
    def attempts(self) -> list[AttemptView]:
        return [attempt for row in self.rows for attempt in list(row.step.attempts)]

    @cached_property
    def clock(self) -> timeline.BusyClock:
        """Where a pause of more than a tenth of the time takes none."""
        spans = [
            (attempt.queued_at, max(attempt.queued_at, attempt.ended_at or self.until)) for attempt in self.attempts
        ]
        busy = timeline.BusyClock(spans, 0.0).total
        return timeline.BusyClock(spans, max(0.5, busy / 10))

    def tokens(self, *attempts: AttemptView) -> list[float]:
        """When the tokens of these attempts came, on the clock."""
        return [self.clock.at(time) for attempt in attempts for time in timeline.token_times(attempt)]

    @cached_property
    def window(self) -> float:
        """Seconds of one window of the rates."""
        spans = [(times[0], times[-1]) for attempt in self.attempts if (times := self.tokens(attempt))]
        tokens = sum(len(attempt.tokens) for attempt in self.attempts)
        return timeline.window(self.clock.total, timeline.BusyClock(spans, 0.0).total, tokens)

    @cached_property
    def gaps(self) -> list[float]:
        """Seconds between tokens of the same attempt, all attempts together."""
        return sorted(gap for attempt in self.attempts for gap in metrics.itl(attempt))

    @cached_property
    def kv(self) -> list[tuple[float, int, int, int]]:
        """`(time on the clock, used, cached, all)` of the KV cache, in its own units."""
        return [
            (self.clock.at(at), usage.used, usage.cached, usage.used + usage.cached + usage.free)
            for at, usage in list(self.view.kv)
        ]

    @cached_property
    def batch(self) -> int:
        """The most attempts that decoded together."""
        return max((size for _, size in timeline.batch_size(self.view, self.until)), default=0)

    @cached_property
    def name(self) -> str:
        """What tells the run from others: its id, and what it is about."""
        return f"{self.view.run_id} {clean.label(title(self.view), 50)}"

    @cached_property
    def figures(self) -> str:
        """The run's status and figures in a line."""
        return " · ".join(said for said in headline(self.view, self.now) if said != f"run {self.view.run_id}")

    def lacks(self, panel: str) -> str:
        """Why the run has nothing for a panel; empty if it has."""
        if panel == "timeline":
            return "" if self.attempts else "no step has begun"
        if panel == "rate":
            return "" if any(attempt.tokens for attempt in self.attempts) else "no token was decoded"
        if panel == "itl":
            return "" if len(self.gaps) > 1 and self.gaps[-1] > 0 else "too few tokens were decoded"
        if panel == "kv":
            if not self.kv:
                return "nothing says how full it was"
            return "" if self.kv[-1][0] > self.kv[0][0] else "it was looked at once only"
        return "" if any(sent(row) for row in self.rows) else "no prompt was sent to the model"


def sent(row: Row) -> Usage | None:
    """What the attempt that counts sent to the model; `None` if it sent nothing."""
    attempt = shown(row.step)
    return attempt.usage if attempt and attempt.usage.prompt_tokens else None


def chosen_panels(what: str | Sequence[str] | None, runs: Sequence[Plotted]) -> tuple[list[str], list[str]]:
    """The panels that are drawn, and for each that is not, which one and why.

    Raises:
        UsageError: `what` names something else, or nothing would be drawn.
    """
    named = [word.strip() for word in what.split(",") if word.strip()] if isinstance(what, str) else list(what or ())
    for word in named:
        if word not in PANELS:
            raise UsageError(f"There is no panel {word!r}.", f"what: {', '.join(PANELS)}")
    lacking = {panel: [reason for run in runs if (reason := run.lacks(panel))] for panel in PANELS}
    wanted = [panel for panel in PANELS if not named or panel in named]
    drawn = [panel for panel in wanted if len(lacking[panel]) < len(runs)]
    omitted = [f"{_TITLES[panel]} ({lacking[panel][0]})" for panel in wanted if panel not in drawn]
    if not drawn:
        raise UsageError(f"There is nothing to plot: {'; '.join(omitted)}.", "%vplot article    %vruns lists the runs")
    return drawn, omitted


def alt_text(runs: Sequence[Plotted], drawn: Sequence[str], omitted: Sequence[str]) -> str:
    """The figure in words, for who cannot see it, a line for each run."""
    said = []
    for run in runs:
        parts = [_SAID[panel](run) for panel in drawn if not run.lacks(panel)]
        said.append(f"Plot of run {run.name} ({run.view.status}). {' '.join(parts)}")
    return "\n".join(said + ([f"Not shown: {'; '.join(omitted)}."] if omitted else []))


def _say_timeline(run: Plotted) -> str:
    counts = {
        status: sum(attempt.status == status for attempt in run.attempts)
        for status in ("reused", "failed", "cancelled")
    }
    marked = "".join(f", {count} {status}" for status, count in counts.items() if count)
    return (
        f"Queue, prefill and decode of every attempt ({len(run.attempts)}) of every step ({len(run.rows)}) "
        f"within {clean.seconds(run.clock.total)}{marked}."
    )


def _say_rate(run: Plotted) -> str:
    times = run.tokens(*run.attempts)
    most = max(timeline.rates(times, run.clock.total, run.window))
    together = f", at most {run.batch} attempts decoding together" if run.batch > 1 else ""
    return f"{len(times):,} tokens, up to {clean.rate(most)} tok/s in {clean.milliseconds(run.window)}{together}."


def _say_itl(run: Plotted) -> str:
    median, p95, p99 = (clean.milliseconds(metrics.percentile(run.gaps, share) or 0.0) for share in (0.5, 0.95, 0.99))
    return f"Gaps between tokens: median {median}, 95th percentile {p95}, 99th {p99}."


def _say_kv(run: Plotted) -> str:
    unit = run.view.kv[-1][1].unit
    return f"KV cache: at most {max(used for _, used, _, _ in run.kv):,} of {run.kv[-1][3]:,} {unit}s in use."


def _say_prefix(run: Plotted) -> str:
    found = [usage for row in run.rows if (usage := sent(row))]
    prompt, cached = (sum(getattr(usage, name) for usage in found) for name in ("prompt_tokens", "cached_tokens"))
    return f"Of {prompt:,} prompt tokens {clean.share(cached / prompt)} were in the KV cache already."


_SAID = {"timeline": _say_timeline, "rate": _say_rate, "itl": _say_itl, "kv": _say_kv, "prefix": _say_prefix}
