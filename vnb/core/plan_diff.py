"""What differs between the plans of two runs, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from .align import align_names
from .codec import encode
from .digest import canonical
from .text_diff import TextDiff
from .text_diff import diff as diff_texts
from .types import Options, Plan, Step
from .view import RunView

StepChange = Literal["added", "dropped", "reworded", "needs", "options", "moved"]


@dataclass(frozen=True)
class OptionDiff:
    """An option that is not the same; `None` where it is not set."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class StepDiff:
    """A step in two plans; `changes` is empty if it is the same.

    Attributes:
        before, after: The step; `None` where the plan does not have it.
        instruction: What differs between the instructions.
        options: Whatever else differs: title, model, sampling, budget, what the output must match.
    """

    id: str
    changes: tuple[StepChange, ...]
    before: Step | None
    after: Step | None
    instruction: TextDiff
    options: tuple[OptionDiff, ...] = ()


@dataclass(frozen=True)
class PlanDiff:
    """Two plans.

    Attributes:
        steps: All steps, in the order of the plan after; what it lacks stands where it stood before.
        task: What differs between the tasks' texts; `None` if single steps were compared.
        options: What differs between the runs' models and options, and between what the plans deliver.
    """

    steps: tuple[StepDiff, ...]
    task: TextDiff | None = None
    options: tuple[OptionDiff, ...] = ()

    @property
    def same(self) -> bool:
        return not self.options and (self.task is None or self.task.same) and not any(s.changes for s in self.steps)


def diff(before: RunView, after: RunView) -> PlanDiff:
    """What differs between two runs' plans, as they are now, and between the tasks that led to them."""
    options = _differing(
        {"model": before.engine} | _options(before.task.options), {"model": after.engine} | _options(after.task.options)
    )
    found = plans(before.whole_plan, after.whole_plan)
    return replace(found, task=diff_texts(before.task.text, after.task.text), options=(*options, *found.options))


def plans(before: Plan, after: Plan) -> PlanDiff:
    """What differs between two plans."""
    deliver = _differing(*({"deliver": ", ".join(plan.deliver)} for plan in (before, after)))
    return PlanDiff(step_diffs(before.steps, after.steps), options=deliver)


def step_diffs(before: Iterable[Step], after: Iterable[Step]) -> tuple[StepDiff, ...]:
    """What differs between the steps of two plans, as `PlanDiff.steps`."""
    plans = ({step.id: step for step in plan} for plan in (before, after))
    return tuple(step_diff(row.before, row.after, row.moved) for _, row in align_names(*plans))


def step_diff(before: Step | None, after: Step | None, moved: bool = False) -> StepDiff:
    """What differs between two steps, of which one may be missing."""
    step = after or before
    assert step is not None, "a step is in one of the plans"
    instruction = diff_texts(before.instruction if before else "", after.instruction if after else "")
    if before is None or after is None:
        return StepDiff(step.id, ("added" if before is None else "dropped",), before, after, instruction)
    options = _differing(_options(before), _options(after))
    found: tuple[tuple[StepChange, bool], ...] = (
        ("reworded", not instruction.same),
        ("needs", before.needs != after.needs),
        ("options", bool(options)),
        ("moved", moved),
    )
    return StepDiff(step.id, tuple(name for name, true in found if true), before, after, instruction, options)


def _differing(before: dict[str, str], after: dict[str, str]) -> tuple[OptionDiff, ...]:
    names = dict.fromkeys([*before, *after])
    found = (OptionDiff(name, before.get(name) or None, after.get(name) or None) for name in names)
    return tuple(one for one in found if one.before != one.after)


def _options(value: Step | Options) -> dict[str, str]:
    """Every option that is set, by the name that is typed for it."""
    encoded = encode(value)
    assert isinstance(encoded, dict)
    sampling = encoded.pop("sampling", {})
    assert isinstance(sampling, dict)
    found = {"model" if name == "engine" else name: item for name, item in {**encoded, **sampling}.items()}
    for name in ("id", "instruction", "needs") if isinstance(value, Step) else ():
        found.pop(name, None)
    return {name: item if isinstance(item, str) else canonical(item) for name, item in found.items()}
