"""A plan as users hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core import dag
from ..core.types import Plan, Step
from ..errors import UsageError
from ..planner.parse import parse_plan, print_plan
from .runtime import Runtime

if TYPE_CHECKING:
    from .run import Run
    from .task import TaskDraft


def read_plan(said: object) -> Plan:
    """The plan that was meant: one itself, its text, or that of a run.

    Raises:
        PlanError: The text is no plan; names the line.
        UsageError: It is something else.
    """
    if isinstance(said, str):
        return parse_plan(said)
    found = getattr(said, "plan", said)  # a run's is a `WrittenPlan`, whose is a `Plan`
    found = getattr(found, "plan", found)
    if not isinstance(found, Plan):
        raise UsageError(f"{type(said).__name__} is not a plan.", "Give a plan's text, a vnb.plan(…), or a run.")
    return found


class WrittenPlan:
    """A plan, written by hand or taken from a run. Prints as its text, and can be run."""

    def __init__(self, runtime: Runtime, plan: Plan) -> None:
        self._runtime = runtime
        self.plan = plan

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.plan.steps

    @property
    def deliver(self) -> tuple[str, ...]:
        """Ids of the steps whose results make the deliverable, in its order: those that it names, else its last ones."""
        return dag.delivered(self.plan.steps, self.plan.deliver)

    def task(self, text: str = "", **named: Any) -> TaskDraft:
        """The task of carrying this plan; takes what `vnb.task` takes."""
        from .task import draft  # which knows this class

        return draft(self._runtime, text, plan=self.plan, **named)

    def run(self, text: str = "", **named: Any) -> Run:
        """Carries the plan. `text` is the task that its steps are told they belong to."""
        return self.task(text, **named).run()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WrittenPlan) and self.plan == other.plan

    def __hash__(self) -> int:
        return hash(self.plan.steps)

    def __str__(self) -> str:
        return print_plan(self.plan)

    def __repr__(self) -> str:
        return str(self)
