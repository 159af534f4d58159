"""What a run did when: phases of attempts, tokens, batch size, rates. Pure functions of a view; times are seconds.

Tokens are placed by their arrival, since no engine says when each was drawn.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .view import AttemptView, RunView


@dataclass(frozen=True)
class Phase:
    """What an attempt did from `start` to `end` (seconds since the epoch)."""

    kind: Literal["queue", "prefill", "decode"]
    start: float
    end: float


def token_times(attempt: AttemptView) -> list[float]:
    """When each token arrived, in seconds since the epoch."""
    return [attempt.started_at + token.dt for token in list(attempt.tokens)]


def phases(attempt: AttemptView, now: float = 0.0) -> tuple[Phase, ...]:
    """Queue, prefill and decode of an attempt, as far as it came; none where no model was called.

    Prefill begins when the engine said so and ends with the first token. `now` is the end of what is still under way.
    """
    times, usage = token_times(attempt), attempt.usage
    end = attempt.ended_at or now
    called = bool(times or attempt.prefilled_at or attempt.prefill_total)
    if not end or attempt.status == "reused" or (attempt.status == "finished" and not called):
        return ()
    begun = min(attempt.started_at + usage.t_queue, end) if called else end
    first = times[0] if times else attempt.prefilled_at or end
    last = end if attempt.active or not times else times[-1]
    begun = min(begun, first)
    spans: tuple[Phase, ...] = (
        Phase("queue", attempt.queued_at, begun),
        Phase("prefill", begun, first),
        Phase("decode", first, max(first, last)),
    )
    return tuple(span for span in spans if span.end > span.start)


def batch_size(view: RunView, now: float = 0.0) -> list[tuple[float, int]]:
    """How many attempts decoded together: `(time, size)` at every change, size 0 at the end."""
    changes: dict[float, int] = {}
    for step in list(view.steps.values()):
        for attempt in list(step.attempts):
            for phase in phases(attempt, now):
                if phase.kind == "decode":
                    changes[phase.start] = changes.get(phase.start, 0) + 1
                    changes[phase.end] = changes.get(phase.end, 0) - 1
    found: list[tuple[float, int]] = []
    size = 0
    for time, change in sorted(changes.items()):
        if change:
            size += change
            found.append((time, size))
    return found


class BusyClock:
    """Seconds in which anything was under way: waiting for approval, a resume or the next rerun takes no time on it.

    Args:
        spans: `(start, end)` of everything that was under way, in seconds since the epoch.
        shortest: A pause of fewer seconds is none.

    Attributes:
        total: Seconds on this clock from the first start to the last end.
        cuts: `(time on this clock, seconds left out there)` for every pause.
    """

    def __init__(self, spans: Iterable[tuple[float, float]], shortest: float = 0.5) -> None:
        self._starts: list[float] = []
        self._gone: list[float] = []
        self.cuts: list[tuple[float, float]] = []
        reached = gone = 0.0
        for start, end in sorted(spans):
            if not self._starts or start - reached >= shortest:
                pause = start - reached if self._starts else start
                if self._starts:
                    self.cuts.append((reached - gone, pause))
                gone += pause
                self._starts.append(start)
                self._gone.append(gone)
                reached = max(reached, start)
            reached = max(reached, end)
        self._end = reached
        self.total = reached - gone if self._starts else 0.0

    def at(self, time: float) -> float:
        """A moment on this clock; one that lies in a pause or outside is moved to the nearest busy one before it."""
        place = bisect_right(self._starts, time) - 1
        if place < 0:
            return 0.0
        limit = self.cuts[place][0] if place < len(self.cuts) else self.total
        return min(time - self._gone[place], limit)


def window(total: float, decoding: float, tokens: int, most: int = 60) -> float:
    """Seconds of one window for rates: 1, 2 or 5 times a power of ten.

    Args:
        total: Seconds to be covered, by at most about `most` windows.
        decoding: Seconds of them in which `tokens` tokens came: a window then has about four or more.
    """
    wanted = max(total / most, 4 * decoding / max(tokens, 1)) or 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * 0.999)


def rates(times: Sequence[float], total: float, size: float) -> list[float]:
    """Tokens per second in each window of `size` seconds from 0 on until `total` is covered.

    Args:
        times: When tokens came, in seconds from 0.
    """
    windows = max(1, math.ceil(total / size - 1e-9))
    counts = [0] * windows
    for time in times:
        counts[min(max(int(time / size), 0), windows - 1)] += 1
    return [count / size for count in counts]
