"""What differs between two runs, two steps, or two attempts of a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from ..context import diff as contexts
from ..context.diff import ContextDiff, Diff
from ..core import cost_diff, plan_diff, text_diff
from ..core.cost_diff import CostDiff
from ..core.plan_diff import PlanDiff
from ..core.types import Plan
from ..errors import UsageError

if TYPE_CHECKING:
    from .run import Run
    from .steps import Attempt, RunStep

Aspect = Literal["context", "output", "plan", "cost"]
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)

OF_RUNS: tuple[Aspect, ...] = ("plan", "output", "cost")
"""What is compared of two runs unless something else is asked for."""

OF_STEPS: tuple[Aspect, ...] = ("context", "output")
"""What is compared of two steps or attempts unless something else is asked for."""


@dataclass(frozen=True, repr=False)
class Comparison(Diff):
    """What was compared, as values; prints as text, and shows itself as HTML in notebooks."""

    def records(self) -> Iterator[dict[str, Any]]:
        """Every fact that was compared as `what`, `name`, `measure`, `change`, `before`, `after`, `difference`."""
        if self.context is not None:
            yield from _context_records(self.context)
        if self.output is not None:
            change = "same" if self.output.same else "changed"
            yield _record("output", "", "text", change, self.output.before, self.output.after)
            yield _record("output", "", "similarity", change, None, self.output.similarity)
        if self.plan is not None:
            yield from _plan_records(self.plan)
        if self.cost is not None:
            for row in (*self.cost.rows, *([self.cost.total] if self.cost.total else [])):
                before, after = asdict(row.before), asdict(row.after)
                for name, difference in asdict(row.difference).items():
                    yield _record("cost", row.name or "total", name, "", before[name], after[name], difference)

    def to_pandas(self) -> Any:
        """`records` as a data frame.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            raise UsageError("A data frame needs pandas, which is not installed.", "pip install pandas") from None
        return pandas.DataFrame(list(self.records()), columns=list(_record("", "", "", "", None, None)))

    def _repr_html_(self) -> str:
        from ..views import diff_html

        return diff_html.render(self)

    def __str__(self) -> str:
        from ..views import diff_text

        return diff_text.render(self)

    __repr__ = __str__


# ---------------------------------------------------------------- the methods `diff` of runs, steps and attempts


def of_run(self: Run, other: Run | None = None, *, what: str | Sequence[str] = (), step: str = "") -> Comparison:
    """What differs from this run to `other`.

    Args:
        other: Another run. Without it, the step's chosen attempt is compared with the one before it.
        what: Any of `context`, `output`, `plan`, `cost`. Of runs `plan`, `output` and `cost` unless said otherwise, of
            steps `context` and `output`.
        step: Compare this step of both runs.

    Raises:
        UsageError: There is nothing to compare, or no such step.
    """
    if step:
        return of_step(self[step], other[step] if other is not None else None, what=what)
    if other is None:
        rerun = next((one.id for one in self.steps if len(one.attempts) > 1), "s1")
        raise UsageError("There is nothing to compare with.", f'run.diff(other_run), or run["{rerun}"].diff()')
    return runs(self, other, what)


def of_step(
    self: RunStep, other: int | RunStep | None = None, after: int | None = None, *, what: str | Sequence[str] = ()
) -> Comparison:
    """What differs between two attempts of this step, or from its chosen attempt to another step's.

    Args:
        other: The number of the attempt before, or another step. Without it, the attempt before `after` that was sent.
        after: The number of the attempt after; without it, the chosen one.
        what: As in `Run.diff`.

    Raises:
        UsageError: There is no such attempt, or nothing to compare.
    """
    if other is not None and not isinstance(other, int):
        return attempts(attempt_of(self), attempt_of(other), what)
    now = attempt_of(self, after)
    return attempts(earlier(self, now) if other is None else attempt_of(self, other), now, what)


def of_attempt(self: Attempt, other: Attempt, *, what: str | Sequence[str] = ()) -> Comparison:
    """What differs from this attempt to `other`; `what` as in `Run.diff`.

    Raises:
        UsageError: A context is asked for of an attempt that was never sent.
    """
    return attempts(self, other, what)


# ---------------------------------------------------------------- comparing


def runs(before: Run, after: Run, what: str | Sequence[str] = (), names: tuple[str, str] | None = None) -> Comparison:
    """What differs between two runs; `names` is what they are called, their ids unless given.

    Raises:
        UsageError: Contexts are asked for, which only steps have.
    """
    wanted = _wanted(what, OF_RUNS)
    if "context" in wanted:
        raise UsageError("Only steps have contexts.", 'run.diff(other, what="context", step="s1")')
    return Comparison(
        *(names or (before.id, after.id)),
        output=text_diff.diff(before.result or "", after.result or "") if "output" in wanted else None,
        plan=plan_diff.diff(before.view, after.view) if "plan" in wanted else None,
        cost=cost_diff.diff(before.view, after.view) if "cost" in wanted else None,
    )


def plans(before: Plan, after: Plan) -> Comparison:
    """What differs between a plan and the same plan as it was edited."""
    return Comparison("the plan", "the plan as edited", plan=plan_diff.plans(before, after))


def attempts(
    before: Attempt, after: Attempt, what: str | Sequence[str] = (), names: tuple[str, str] | None = None
) -> Comparison:
    """What differs between two attempts; `names` is what they are called, as in `9f2c41:s2#1` unless given.

    Raises:
        UsageError: A context is asked for of an attempt that was never sent.
    """
    wanted, names = _wanted(what, OF_STEPS), names or (name_of(before), name_of(after))
    step, step_after = before.step, after.step
    costs = (cost_diff.cost([attempt.view]) for attempt in (before, after))
    label = step.id if step.id == step_after.id else f"{step.id} → {step_after.id}"
    return Comparison(
        *names,
        context=_contexts(before, after, names) if "context" in wanted else None,
        output=text_diff.diff(before.output, after.output) if "output" in wanted else None,
        plan=PlanDiff((plan_diff.step_diff(step, step_after),)) if "plan" in wanted else None,
        cost=CostDiff((cost_diff.CostRow(label, *costs),)) if "cost" in wanted else None,
    )


def name_of(attempt: Attempt) -> str:
    """What an attempt is called outside of its run: `9f2c41:s2#1`."""
    return f"{attempt._run.id}:{attempt.step.id}#{attempt.number}"


def attempt_of(step: RunStep, number: int | None = None) -> Attempt:
    """Attempt `number` of a step; without one, the chosen attempt or else the last.

    Raises:
        UsageError: There is none.
    """
    made = step.attempts
    found = step.chosen if number is None else made[number - 1] if 1 <= number <= len(made) else None
    if found is None:
        said = f"no attempt #{number}" if number is not None else "no attempt yet"
        there = ", ".join(f"#{attempt.number}" for attempt in made)
        hint = f"Its attempts: {there}" if made else "It is compared once it has run."
        raise UsageError(f"Step {step.id!r} has {said}.", hint)
    return found


def earlier(step: RunStep, attempt: Attempt) -> Attempt:
    """The last attempt before `attempt` that was sent.

    Raises:
        UsageError: There is none.
    """
    for one in reversed(step.attempts[: attempt.number - 1]):
        if one.view.context is not None:
            return one
    name, later = name_of(attempt), [one.number for one in step.attempts if one.number > attempt.number]
    raise UsageError(
        f"Step {step.id!r} has no attempt before #{attempt.number} that was sent.",
        f'run["{step.id}"].diff({attempt.number}, {later[-1]}), or %vdiff {name} #{later[-1]}'
        if later
        else f'run.diff(other_run, step="{step.id}"), or %vdiff {name} OTHER_RUN',
    )


def _wanted(what: str | Sequence[str], default: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    asked = (what,) if isinstance(what, str) else tuple(what)
    for one in asked:
        if one not in ASPECTS:
            raise UsageError(f"There is no {one!r} to compare.", f"what= any of {', '.join(ASPECTS)}")
    return cast("tuple[Aspect, ...]", asked) or default


def _contexts(before: Attempt, after: Attempt, names: tuple[str, str]) -> ContextDiff:
    found = []
    for attempt, name in zip((before, after), names):
        if attempt.context is None:
            raise UsageError(f"{name} was never sent, so it has no context.", 'what="output", or --what output')
        found.append(attempt.context)
    return contexts.diff(found[0], found[1], (before.prompt, after.prompt), (_cached(before), _cached(after)))


def _cached(attempt: Attempt) -> int | None:
    """Tokens that the engine had in its KV cache; `None` if it has not said so, or was not asked."""
    return attempt.usage.cached_tokens if attempt.usage.prompt_tokens else None


# ---------------------------------------------------------------- as records


def _record(
    what: str, name: str, measure: str, change: str, before: object, after: object, difference: object = None
) -> dict[str, object]:
    values = (what, name, measure, change, before, after, difference)
    return dict(zip(("what", "name", "measure", "change", "before", "after", "difference"), values))


def _context_records(context: ContextDiff) -> Iterator[dict[str, object]]:
    for part in context.parts:
        before, after = (one.tokens if one else None for one in (part.before, part.after))
        more = after - before if before is not None and after is not None else None
        yield _record("context", f"{part.kind} {part.source}", "tokens", part.change, before, after, more)
    if context.prefix is not None:
        cause = context.prefix.cause
        where = f"{cause.kind} {cause.source}" if cause else ""
        yield _record("context", where, "shared_prefix", "", context.prefix.tokens, context.prefix.tokens, 0)
    places = context.before_cached, context.after_cached
    cached, now = (place.tokens if place else None for place in places)
    more = now - cached if cached is not None and now is not None else None
    yield _record("context", "", "cached_tokens", "", cached, now, more)


def _plan_records(plan: PlanDiff) -> Iterator[dict[str, object]]:
    if plan.task is not None:
        change = "same" if plan.task.same else "reworded"
        yield _record("plan", "task", "text", change, plan.task.before, plan.task.after)
    for option in plan.options:
        yield _record("plan", "task", option.name, "options", option.before, option.after)
    for step in plan.steps:
        said = [one.instruction if one else None for one in (step.before, step.after)]
        yield _record("plan", step.id, "instruction", ", ".join(step.changes) or "same", *said)
        needs = [", ".join(one.needs) if one else None for one in (step.before, step.after)]
        if "needs" in step.changes:
            yield _record("plan", step.id, "needs", "needs", *needs)
        for option in step.options:
            yield _record("plan", step.id, option.name, "options", option.before, option.after)
