"""A run as pandas tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core import metrics
from ..core.codec import encode_event
from ..core.events import Event
from ..core.view import AttemptView, RunView, StepView
from ..errors import VnbError
from ..views.rows import clock

if TYPE_CHECKING:
    from pandas import DataFrame

STEPS = {
    "step": "id",
    "title": "its title",
    "role": "understand, plan, work, review or integrate",
    "needs": "ids of the steps whose results it is shown, with commas between",
    "parent": "id of the step that it is a part of",
    "status": "where it stands",
    "stale": "why it is stale; empty if it is not",
    "attempts": "how many there are",
    "chosen": "number of the attempt that counts; 0 if none does",
}
ATTEMPTS = {
    "step": "id of its step",
    "role": "role of its step",
    "attempt": "its number, from 1",
    "status": "where it stands",
    "chosen": "whether it is the one that counts",
    "reason": "why decoding ended: stop, length or repeats",
    "error": "why it failed",
    "warnings": "what is wrong with its output though it finished, with semicolons between",
    "seed": "seed of the draw",
    "temperature": "sampling temperature",
    "prompt_tokens": "tokens of the prompt",
    "cached_tokens": "those of them that were in the KV cache",
    "prefix_hit": "cached_tokens / prompt_tokens, 0 to 1",
    "new_tokens": "decoded tokens",
    "reasoning_tokens": "those of them that are reasoning before the answer",
    "start": "when it was queued, in seconds from the run's start",
    "queue": "seconds from queueing to the start of prefill",
    "prefill": "seconds of prefill",
    "ttft": "seconds from queueing to the first token, by arrival",
    "decode": "seconds from the first token to the last",
    "seconds": "seconds from queueing to the end",
    "prefill_rate": "uncached prompt tokens a second",
    "decode_rate": "decoded tokens a second after the first, 1 / TPOT",
    "timing": "whose clock prefill, decode and the rates are by: engine, or arrival of the tokens",
    "joules": "its part of the energy of the device that computed it; missing where that cannot be read",
    "price": "what it cost by vnb.prices; missing where they do not say",
    "engine": "fingerprint of the engine that it was sent to",
    "spec": "what that engine was loaded from",
}
TOKENS = {
    "step": "id of its step",
    "attempt": "number of its attempt",
    "place": "its place among the decoded ones, from 0",
    "id": "its number in the vocabulary; -1 where the engine does not tell",
    "text": "its text",
    "reasoning": "whether it is reasoning before the answer, and no part of the output",
    "logprob": "natural log-probability",
    "at": "when it came, in seconds from the run's start",
    "gap": "seconds since the token before it; missing for the first",
}
EVENTS = {
    "seq": "its number, from 1",
    "at": "when it was appended, in seconds from the run's start",
    "type": "what happened",
    "step": "the step that it is about, if one",
    "attempt": "the attempt that it is about, if one",
    "body": "all of it, as JSON",
}

_WHOLE = ("attempt", "place", "id", "seed", "prompt_tokens", "cached_tokens", "new_tokens", "reasoning_tokens")
_NUMBERS = (
    *("temperature", "prefix_hit", "queue", "prefill", "ttft", "decode", "seconds", "prefill_rate", "decode_rate"),
    *("joules", "price", "logprob", "at", "gap", "decode_each"),
)
"""Columns in which rows may lack a value: pandas is told what they hold, since it could not always tell."""


@dataclass(frozen=True)
class Tables:
    """A run's tables: `run.to_pandas().tokens`. What cannot be said is missing (NaN or None), not zero.

    Attributes:
        steps: A row for each step; columns as in `STEPS`.
        attempts: A row for each attempt, reused ones too; columns as in `ATTEMPTS`.
        tokens: A row for each decoded token; columns as in `TOKENS`.
        events: A row for each event; columns as in `EVENTS`.
    """

    steps: DataFrame
    attempts: DataFrame
    tokens: DataFrame
    events: DataFrame

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(table)} rows" for name, table in vars(self).items())
        return f"<tables of a run: {sizes}>"


def tables(view: RunView, events: Sequence[Event], now: float) -> Tables:
    """The tables of a run.

    Args:
        now: Seconds since the epoch, until which running attempts last.

    Raises:
        VnbError: pandas is not installed.
    """
    steps = list(view.steps.values())
    attempts = [(step, attempt) for step in steps for attempt in list(step.attempts)]
    until = clock(view, now)
    return Tables(
        frame(STEPS, map(_step, steps)),
        frame(ATTEMPTS, (_attempt(step, attempt, view.started_at, until) for step, attempt in attempts)),
        frame(TOKENS, (row for step, attempt in attempts for row in _tokens(step, attempt, view.started_at))),
        frame(EVENTS, (_event(event, view.started_at) for event in events)),
    )


def frame(columns: Mapping[str, str], rows: Iterator[Sequence[Any]]) -> DataFrame:
    """A pandas table with these columns, also if it has no row.

    Raises:
        VnbError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise VnbError("Tables need pandas, which is not installed.", "pip install pandas") from None
    found = pandas.DataFrame(list(rows), columns=list(columns))
    kinds = {**dict.fromkeys(_WHOLE, "Int64"), **dict.fromkeys(_NUMBERS, "float64")}
    return found.astype({name: kind for name, kind in kinds.items() if name in columns})


def _step(found: StepView) -> Sequence[Any]:
    step = found.step
    return (
        step.id,
        step.title,
        step.role,
        ", ".join(step.needs),
        step.parent,
        found.status,
        found.stale,
        len(found.attempts),
        found.chosen,
    )


def _attempt(step: StepView, attempt: AttemptView, started: float, until: float) -> Sequence[Any]:
    usage, gap = attempt.usage, metrics.tpot(attempt)
    called = usage.prompt_tokens > 0
    new = max(usage.new_tokens, len(attempt.tokens))
    return (
        step.step.id,
        step.step.role,
        attempt.number,
        attempt.status,
        attempt.number == step.chosen,
        attempt.reason,
        attempt.error,
        "; ".join(attempt.warnings),
        attempt.sampling.seed,
        attempt.sampling.temperature,
        usage.prompt_tokens if called else None,
        usage.cached_tokens if called else None,
        metrics.prefix_hit(usage),
        new if called or new else None,
        attempt.thought if called or new else None,
        attempt.queued_at - started,
        metrics.queue_time(attempt),
        usage.t_prefill if called else None,
        metrics.ttft(attempt),
        gap * (new - 1) if gap is not None else None,
        metrics.seconds(attempt, until),
        metrics.prefill_rate(usage),
        metrics.decode_rate(attempt),
        usage.timing_source if called else None,
        usage.joules,
        usage.price,
        attempt.engine or None,
        attempt.spec or None,
    )


def _tokens(step: StepView, attempt: AttemptView, started: float) -> Iterator[Sequence[Any]]:
    before: float | None = None
    for place, token in enumerate(list(attempt.tokens)):
        gap = token.dt - before if before is not None else None
        at = attempt.started_at + token.dt - started
        thought = place < attempt.thought
        yield step.step.id, attempt.number, place, token.id, token.text, thought, token.logprob, at, gap
        before = token.dt


def _event(event: Event, started: float) -> Sequence[Any]:
    written: Any = encode_event(event)
    body = event.body
    step: Any = getattr(body, "step", None)
    text = json.dumps(written, ensure_ascii=False)
    return (
        event.seq,
        event.at - started,
        type(body).__name__,
        getattr(step, "id", step),
        getattr(body, "attempt", None),
        text,
    )
