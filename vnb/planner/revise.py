"""Changes that turn one plan into another."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import dag
from ..core.types import Change, Plan, Step
from ..core.view import RunView
from ..errors import PlanError


def revise(view: RunView, steps: Sequence[Step]) -> tuple[Change, ...]:
    """The changes that turn the run's plan into `steps`: what is the same stays."""
    now = {step.id: step for step in view.plan}
    wanted = {step.id: step for step in steps}
    changes = [Change("drop", step) for step in now if step not in wanted]
    for step in steps:
        if step.id not in now:
            changes.append(Change("add", step.id, step))
        elif now[step.id] != step:
            changes.append(Change("reword", step.id, step))
    return tuple(changes)


def edit(view: RunView, plan: Plan) -> tuple[Change, ...]:
    """The changes that make a plan which was edited by hand the run's.

    Raises:
        PlanError: It is no plan, or has more steps than the run's options allow.
    """
    dag.validate(plan.steps, deliver=plan.deliver)
    top, allowed = sum(1 for step in plan.steps if not step.parent), most(view)
    if top > allowed and not view.given:  # what was written by hand from the first was never bounded
        raise PlanError(
            f"The plan has {top} steps; at most {allowed} are allowed in this run.",
            "Make some of them parts of another (s2.1), or run it as a task of its own: %vrun PLAN",
        )
    return revise(view, plan.steps)


def most(view: RunView) -> int:
    """The most steps that the plan may have, sub-steps aside: never fewer than it has."""
    return max(view.task.options.steps[1], sum(1 for step in view.plan if not step.parent))
