"""What a user can ask of a run: new attempts of steps, another choice among those that there are, or to go by a plan.

A command is checked against the run as it stands when it is taken; whether it was accepted is an event of the run.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal, Union

from ..core import dag
from ..core.types import Plan, Sampling, Step
from ..core.view import RunView, StepView
from ..errors import UsageError, listed
from ..planner.parse import print_plan
from ..planner.revise import edit

Reuse = Literal["use", "refresh", "off"]


def _new_id() -> str:
    return uuid.uuid4().hex[:8]


@dataclass(frozen=True)
class Rerun:
    """New attempts of steps, or of everything that is stale if no step is named.

    Attributes:
        steps: The steps; each runs once more, after those of them that it needs.
        down: Whether the steps that are stale afterwards run again too, in the order of the plan, until none is left.
        sampling: What these attempts draw otherwise; without a seed each draws a new one.
        model: Spec of the engine for these attempts; empty is the step's own.
        instruction: New words of the (one) step, kept from then on; empty keeps its own.
        reuse: Whether a stored output of the same key is taken; `None` is as the run's options say.
    """

    steps: tuple[str, ...] = ()
    down: bool = False
    sampling: Sampling = Sampling()
    model: str = ""
    instruction: str = ""
    reuse: Reuse | None = None
    id: str = field(default_factory=_new_id)
    name = "rerun"

    @property
    def args(self) -> dict[str, str]:
        """What was asked, as text."""
        said = {name: str(value) for name, value in vars(self.sampling).items() if value is not None}
        said |= {"steps": " ".join(self.steps), "model": self.model, "instruction": self.instruction}
        said |= {"reuse": self.reuse or "", "down": "yes" if self.down else ""}
        return {name: value for name, value in said.items() if value}

    def changed(self, step: Step) -> Step:
        """The step as these attempts carry it. A seed that the plan fixed is not drawn again unless it is said."""
        sampling = self.sampling.over(replace(step.sampling, seed=None))
        return replace(step, sampling=sampling, engine=self.model or step.engine)


@dataclass(frozen=True)
class Choose:
    """Another attempt of a step is the one that counts."""

    step: str
    attempt: int
    id: str = field(default_factory=_new_id)
    name = "choose"

    @property
    def args(self) -> dict[str, str]:
        """What was asked, as text."""
        return {"step": self.step, "attempt": str(self.attempt)}


@dataclass(frozen=True)
class Approve:
    """The plan may run: the one that waits for approval, or the run's own as it was edited.

    Attributes:
        plan: The plan as it is to be; `None` leaves it as it is.
    """

    plan: Plan | None = None
    id: str = field(default_factory=_new_id)
    name = "approve"

    @property
    def args(self) -> dict[str, str]:
        """What was asked, as text."""
        return {"plan": print_plan(self.plan)} if self.plan is not None else {}


AboutSteps = Union[Rerun, Choose]
Command = Union[AboutSteps, Approve]


def check(view: RunView, command: Command, coming: Collection[str] = ()) -> None:
    """Says whether a run can take a command as it stands.

    Args:
        view: The run.
        command: The command.
        coming: Steps that are under way or will run anyway.

    Raises:
        UsageError: It cannot; the message says why.
        PlanError: The plan that it brings will not do.
    """
    if isinstance(command, Choose):
        _check_choice(view, command, coming)
        return
    if isinstance(command, Approve):
        _check_plan(view, command.plan, coming)
        return
    for step in command.steps:
        _check_rerun(view, step, command.steps, coming)
    if command.instruction and len(command.steps) != 1:
        raise UsageError("Only one step can be given new words at a time.", "%vrerun s2 --edit VAR")


def _check_rerun(view: RunView, step: str, together: Collection[str], coming: Collection[str]) -> None:
    found = _known(view, step)
    if found.step.role in ("understand", "plan", "review"):
        if not found.attempts:
            raise UsageError(f"{step} has not run yet.", f"%vrun {view.run_id}")
        return
    if is_gated(view):
        raise UsageError(f"{step} has not run: the plan waits for approval.", f"%vrun {view.run_id}")
    if step in coming and not found.attempts:
        raise UsageError(f"{step} has not run yet; it will.", "Rerun it when it has ended.")
    needs = [one.id for one in view.plan] if step == "integrate" else dag.edges(view.plan)[step]
    for need in needs:
        # not its status: a process that was killed may have left another attempt of it open
        if not view.steps[need].chosen and need not in together and need not in coming:
            raise UsageError(
                f"{step} needs {need}, which is {view.steps[need].status}.",
                f"%vrerun {need} {step}    or go on with the whole run: %vrun {view.run_id}",
            )


def _check_choice(view: RunView, command: Choose, coming: Collection[str]) -> None:
    found = _known(view, command.step)
    if found.step.role == "review":
        raise UsageError(
            f"What {command.step} changed was changed when it answered; there is nothing to choose.",
            f"%vrerun {command.step} asks it again.",
        )
    good = [attempt.number for attempt in found.attempts if attempt.status in ("finished", "reused")]
    if command.attempt not in good:
        known = f"its finished attempts: {', '.join(map(str, good))}" if good else "none of its attempts has finished"
        raise UsageError(f"{command.step} has no finished attempt {command.attempt}.", f"{command.step}: {known}")
    if found.attempts[-1].active and command.step in coming:
        raise UsageError(f"An attempt of {command.step} is under way.", "Choose when it has ended, or stop the run.")


def _check_plan(view: RunView, plan: Plan | None, coming: Collection[str]) -> None:
    if not view.planned:
        raise UsageError("The run has no plan yet.", f"%vrun {view.run_id} makes one.")
    if not {"understand", "plan"}.isdisjoint(coming):
        raise UsageError("The plan is being made again.", "Approve it when that has ended.")
    if plan is not None:
        edit(view, plan)
    if is_gated(view):
        return
    if coming:
        raise UsageError("The run is under way.", f"Stop it first: %vstop {view.run_id}")
    if plan is None or (plan.steps, plan.deliver) == (view.plan, view.deliver):
        raise UsageError(
            "The run does not wait for approval, and its plan is this one.", f"%vrun {view.run_id} goes on."
        )


def _known(view: RunView, step: str) -> StepView:
    found = view.steps.get(step)
    if found is None:
        raise UsageError(f"The run has no step {step!r}.", f"Its steps: {listed(view.steps)}")
    if found.status == "superseded":
        raise UsageError(
            f"{step} is no longer part of the plan: {found.note}.",
            f"%vfork {view.run_id}:{step} NAME goes back to where it was.",
        )
    return found


def is_gated(view: RunView) -> bool:
    """Whether nothing of the plan may run yet: it waits for approval."""
    options = view.task.options
    return (options.plan_only or options.approve) and not view.approved
