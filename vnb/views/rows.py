"""What every view shows of a run: its steps in the order of the tree, the figures of each, and the texts behind them.

A view is often read while another thread folds into it: collections are copied before they are walked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..core import metrics
from ..core.events import ContextRef
from ..core.types import RESERVED_IDS
from ..core.view import AttemptView, RunView, StepView
from ..errors import VnbError
from ..locale import say
from . import clean

Blobs = Callable[[str], str] | Mapping[str, str]
"""Where texts lie: digest to text."""

SYMBOLS: Mapping[str, str] = {
    "waiting": "○",
    "queued": "◔",
    "prefilling": "◑",
    "decoding": "▶",
    "running": "▶",
    "paused": "‖",
    "finished": "✓",
    "warned": "⚠",
    "reused": "↺",
    "failed": "✗",
    "interrupted": "✗",
    "skipped": "⊘",
    "cancelled": "■",
    "stopped": "■",
    "superseded": "~",
}
"""A sign for every status of runs, steps and attempts; the word always stands beside or under it.

`warned` is none that events know: finished, but with warnings.
"""


def word(status: str) -> str:
    """A status in the user's language."""
    return say("finished with warnings" if status == "warned" else status)


def status_of(view: RunView) -> str:
    """The run's status as it is shown: `warned` where it finished with warnings."""
    return "warned" if view.status == "finished" and view.warnings else view.status


def blob(blobs: Blobs, digest: str) -> str | None:
    """The text behind a digest; `None` if there is none or it is not kept."""
    if not digest:
        return None
    try:
        return blobs(digest) if callable(blobs) else blobs[digest]
    except (LookupError, VnbError):
        return None


def text_of(attempt: AttemptView | None, blobs: Blobs) -> str:
    """What an attempt put out: its stored output if it has one, else what was streamed of it so far."""
    if attempt is None:
        return ""
    stored = blob(blobs, attempt.output)
    return attempt.text if stored is None else stored


def warnings(attempt: AttemptView) -> list[str]:
    """What is wrong with what an attempt put out, though it finished."""
    cut = ("cut at max tokens",) if attempt.reason == "length" else ()
    return [clean.label(say(warning), 300) for warning in attempt.warnings or cut]


def outcome(attempt: AttemptView) -> str:
    """An attempt's status as it is shown: `warned` where it finished with warnings."""
    return "warned" if attempt.warnings and attempt.status in ("finished", "reused") else attempt.status


def reasons_still(attempt: AttemptView) -> bool:
    """Whether a model reasons, and has not begun to answer."""
    return attempt.status == "decoding" and 0 < len(attempt.tokens) <= attempt.thought


def reasoned(attempt: AttemptView) -> str:
    """How long a model reasoned before it answered, as `812 tokens, 12.3 s`; empty if it did not."""
    if not attempt.thought:
        return ""
    time = metrics.reasoning_seconds(attempt)
    tokens = say(f"{clean.count(attempt.thought)} tokens")
    return tokens if time is None else f"{tokens}, {clean.seconds(time)}"


def shown(step: StepView) -> AttemptView | None:
    """The attempt that a step's row is about: the one under way, else the chosen one, else the last."""
    attempts = list(step.attempts)
    return attempts[-1] if attempts and attempts[-1].active else step.attempt


def result(view: RunView, blobs: Blobs) -> str:
    """The run's result; empty while there is none."""
    return blob(blobs, view.output) or ""


# ---------------------------------------------------------------- the tree


@dataclass(frozen=True)
class Row:
    """One step in the tree. `rails` says for each level above whether more siblings follow there; `last`: none here.

    `items` are the sub-steps of a map.
    """

    step: StepView
    rails: tuple[bool, ...] = ()
    last: bool = False
    items: tuple[StepView, ...] = ()

    @property
    def depth(self) -> int:
        return len(self.rails)

    @property
    def reserved(self) -> bool:
        return self.step.step.role != "work"

    @property
    def title(self) -> str:
        """What the step is about; the reserved ones have titles of vnb's own."""
        step = self.step.step
        return (say(step.title) if self.reserved else step.title or step.item) or step.instruction

    @property
    def kind(self) -> str:
        """`code` or `map`, where the step is not done by writing alone."""
        kind = self.step.step.kind
        return "" if kind == "write" else say(kind)

    @property
    def status(self) -> str:
        """The step's status, finer where its attempt knows more: `prefilling`, `decoding`, `reused`, `warned`.

        A map is running while its items are, though it waits for them.
        """
        if self.step.status == "waiting" and any(item.status in ("queued", "running") for item in self.items):
            return "running"
        attempt = shown(self.step)
        return outcome(attempt) if attempt and self.step.status in ("running", "finished") else self.step.status

    @property
    def symbol(self) -> str:
        return SYMBOLS[self.status]

    @property
    def progress(self) -> str:
        """How far it is with what it does before it answers, as `prefilling 38%`, `reasoning …`; empty elsewhere."""
        attempt = shown(self.step)
        if attempt and reasons_still(attempt):
            return say("reasoning …")
        if self.status != "prefilling" or attempt is None or not attempt.prefill_total:
            return ""
        return say(f"prefilling {attempt.prefill_done / attempt.prefill_total:.0%}")

    @property
    def marks(self) -> list[str]:
        """What is out of the ordinary beside the status, in words."""
        step, attempt = self.step, shown(self.step)
        said = [say(word) for word, true in (("stale", step.stale), ("edited", step.edited)) if true]
        if attempt and len(step.attempts) > 1:
            said.append(say(f"attempt {attempt.number} of {len(step.attempts)}"))
        if attempt and attempt.thought and not reasons_still(attempt):
            said.append(say(f"reasoned {clean.count(attempt.thought)} tokens"))
        if attempt and attempt.context and _is_trimmed(attempt.context):
            said.append(say("context trimmed"))
        return said

    @property
    def warnings(self) -> list[str]:
        """What is wrong with what the step put out, each with its sign."""
        attempt = shown(self.step)
        return [f"{SYMBOLS['warned']} {warning}" for warning in warnings(attempt)] if attempt else []

    @property
    def reasons(self) -> list[str]:
        """Why the step failed, was skipped, superseded or is stale, each in a line, with what to do about a failure."""
        step, attempt = self.step, shown(self.step)
        said = [say(step.note), say(f"stale: {step.stale}") if step.stale else ""]
        if attempt and attempt.status == "failed" and step.status != "superseded":
            said += [say(attempt.error), *say(attempt.hint).split("\n")[:4]]
        return [clean.label(reason, 1000) for reason in said if reason.strip()]


def _is_trimmed(context: ContextRef) -> bool:
    return bool(context.omitted) or any(part.full_tokens > part.tokens for part in context.parts)


def rows(view: RunView) -> list[Row]:
    """Every step, parents before their sub-steps, otherwise as announced; `integrate` comes last."""
    steps = list(view.steps.values())
    known = {step.step.id for step in steps}
    below: dict[str, list[StepView]] = defaultdict(list)
    for step in steps:
        below[step.step.parent if step.step.parent in known else ""].append(step)
    below[""].sort(key=lambda step: (step.step.role == "integrate", step.step.id not in RESERVED_IDS[:2]))
    found: list[Row] = []
    todo: list[Row] = _level(below, "", ())
    while todo:
        row = todo.pop()
        found.append(row)
        todo += _level(below, row.step.step.id, (*row.rails, not row.last))
    return found


def _level(below: dict[str, list[StepView]], parent: str, rails: tuple[bool, ...]) -> list[Row]:
    """Rows of siblings, the first one at the end: a stack."""
    steps = below.pop(parent, [])
    items = [tuple(below.get(step.step.id, ())) if step.step.kind == "map" else () for step in steps]
    return [Row(step, rails, step is steps[-1], of) for step, of in zip(steps, items)][::-1]


# ---------------------------------------------------------------- figures


@dataclass(frozen=True)
class Figures:
    """What one attempt measured; `None` where nothing can be said."""

    tokens: int | None = None
    rate: float | None = None
    hit: float | None = None
    seconds: float | None = None


def figures(attempt: AttemptView | None, view: RunView, now: float) -> Figures:
    """Tokens decoded, decode tokens per second, prefix hit and seconds from queueing on, of one attempt."""
    if attempt is None:
        return Figures()
    tokens = max(attempt.usage.new_tokens, len(attempt.tokens))
    return Figures(
        tokens if tokens or attempt.status == "finished" else None,
        metrics.decode_rate(attempt),
        metrics.prefix_hit(attempt.usage),
        metrics.seconds(attempt, clock(view, now)) if attempt.status != "reused" else None,
    )


def clock(view: RunView, now: float) -> float:
    """The moment until which active attempts of this run last: 0 (unknown) once nothing runs any more."""
    return now if view.status in ("running", "paused") else 0.0


@dataclass(frozen=True)
class Summary:
    """The run in one line: `done` of `planned` steps of the plan, `seconds` in which any attempt was under way."""

    done: int
    planned: int
    prompt_tokens: int
    new_tokens: int
    hit: float | None
    rate: float | None
    seconds: float | None


def summary(view: RunView, now: float) -> Summary:
    """Figures of the whole run, all attempts together."""
    steps = list(view.steps.values())
    attempts = [attempt for step in steps for attempt in list(step.attempts)]
    plan = [step for step in steps if step.step.role == "work" and step.status != "superseded"]
    prompt = sum(attempt.usage.prompt_tokens for attempt in attempts)
    cached = sum(attempt.usage.cached_tokens for attempt in attempts)
    new = sum(max(attempt.usage.new_tokens, len(attempt.tokens)) for attempt in attempts)
    busy = metrics.busy(attempts, clock(view, now))
    return Summary(
        done=sum(step.status == "finished" for step in plan),
        planned=len(plan),
        prompt_tokens=prompt,
        new_tokens=new,
        hit=cached / prompt if prompt else None,
        rate=new / busy if new and busy else None,
        seconds=busy or None,
    )
