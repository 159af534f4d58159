"""Plans that were written or edited by hand become the run's."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import dag
from ..core import events as ev
from ..core.types import Plan, Step
from ..planner.revise import edit
from .log import Log
from .planning import REORDERED


def announce_given(log: Log, plan: Sequence[Step], deliver: Sequence[str] = ()) -> None:
    """Announces the steps of a plan that was written by hand, each after those that it waits for."""
    dag.validate(plan, deliver=deliver)
    by_id = {step.id: step for step in plan}
    graph = {step.id: (*step.needs, *((step.parent,) if step.parent else ())) for step in plan}
    for step_id in dag.order(graph):
        if step_id not in log.view.steps:
            log.append(ev.StepPlanned(by_id[step_id]))
    log.append(ev.PlanFinished(tuple(by_id), tuple(deliver)))


def take_edited(log: Log, plan: Plan) -> None:
    """Makes a plan that was edited by hand the run's; what is the same in it stays, and nothing changes if all of it is.

    Raises:
        PlanError: It will not do; nothing was changed.
    """
    view = log.view
    if (plan.steps, plan.deliver) == (view.plan, view.deliver):
        return
    changes = edit(view, plan)
    what = "" if changes else f": {REORDERED}" if plan.steps != view.plan else ": it delivers other results"
    log.append(ev.PlanRevised(f"the plan was edited{what}", changes, plan.deliver))
    log.append(ev.PlanFinished(tuple(step.id for step in plan.steps), plan.deliver))
