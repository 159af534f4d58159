"""What to ask an engine before, between and after the steps of a plan, and how to read its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core import dag
from ..core.types import Change, Constraint, Json, Plan, Role, Step
from ..core.view import RunView, StepView
from ..errors import PlanError
from .brief import read_object
from .parse import is_id, print_plan
from .prompts import Profile
from .stream import read_step

OPEN = ("waiting", "queued", "failed", "skipped", "cancelled")
"""A step in one of these statuses can still be changed by a review."""

TITLES: dict[Role, str] = {
    "understand": "Understand the task",
    "plan": "Plan the steps",
    "review": "Review the plan",
    "integrate": "Integrate the results",
}
"""How the reserved steps are shown; no model sees these words."""


def understand_step(profile: Profile) -> Step:
    """The step that makes the brief."""
    return _reserved("understand", "understand", profile)


def plan_step(profile: Profile, bounds: tuple[int, int]) -> Step:
    """The step that makes the plan."""
    return _reserved("plan", "plan", profile, bounds)


def review_step(profile: Profile, view: RunView, bounds: tuple[int, int]) -> Step:
    """The next review: it is shown the results of all finished steps."""
    number = 1 + sum(1 for step in view.steps.values() if step.step.role == "review")
    finished = tuple(step.id for step in view.plan if view.steps[step.id].chosen)
    return replace(_reserved(f"review.{number}", "review", profile, bounds), role="review", needs=finished)


def integrate_step(profile: Profile, view: RunView) -> Step:
    """The step that makes the deliverable from the results that no other step needs."""
    options = view.task.options
    schema = Constraint("json_schema", options.schema) if options.schema else None
    step = Step(
        "integrate",
        profile.instruction("integrate"),
        needs=dag.sinks(view.plan),
        title=TITLES["integrate"],
        role="integrate",
        sampling=options.sampling,
    )
    return replace(step, constraint=schema)


def _reserved(step_id: str, role: str, profile: Profile, bounds: tuple[int, int] = (2, 8)) -> Step:
    for known in ("understand", "plan", "review"):
        if role == known:
            instruction = profile.instruction(known, bounds)
            constraint = profile.constraint(known, bounds)
            return Step(step_id, instruction, title=TITLES[known], role=known, constraint=constraint)
    raise ValueError(role)


# ---------------------------------------------------------------- plans


def plan_notes(error: str) -> tuple[tuple[str, str], ...]:
    """What a second attempt of the plan is shown about the first."""
    return (("Problem", f"Problem: {error}"),) if error else ()


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
    dag.validate(plan.steps)
    top, most = sum(1 for step in plan.steps if not step.parent), _most(view)
    if top > most and not view.given:  # what was written by hand from the first was never bounded
        raise PlanError(
            f"The plan has {top} steps; at most {most} are allowed in this run.",
            "Make some of them parts of another (s2.1), or run it as a task of its own: %vrun PLAN",
        )
    return revise(view, plan.steps)


def _most(view: RunView) -> int:
    """The most steps that the plan may have, sub-steps aside: never fewer than it has."""
    return max(view.task.options.steps[1], sum(1 for step in view.plan if not step.parent))


# ---------------------------------------------------------------- reviews


def review_notes(view: RunView) -> tuple[tuple[str, str], ...]:
    """What a review is shown beside the results: the steps that are open, and what went wrong."""
    still = [step for step in view.plan if view.steps[step.id].status in (*OPEN, "running")]
    notes = []
    if still:
        notes.append(("Steps that have not finished", print_plan(still)))
    problems = [f"Problem: {step.step.id}: {problem}" for step in view.steps.values() if (problem := _problem(step))]
    if problems:
        notes.append(("Problems", "\n".join(problems)))
    return tuple(notes)


def _problem(step: StepView) -> str:
    if step.status != "failed" or not step.attempts:
        return ""
    return step.attempts[-1].error


def read_changes(text: str, view: RunView) -> tuple[tuple[Change, ...], str]:
    """The changes that a review asks for, checked against the run, and what had to be mended in them.

    A dropped step is also dropped from the needs of those that wait for it.

    Raises:
        PlanError: An answer that is no list of changes, a change of a step that is finished or unknown, or changes
            after which the plan would be none or longer than allowed.
    """
    listed = read_object(text).get("changes")
    if not isinstance(listed, list) or not all(isinstance(data, dict) for data in listed):
        raise PlanError("The review's answer is no list of changes.")
    asked = [data for data in listed if isinstance(data, dict)]
    plan = {step.id: step for step in view.plan}
    known = {*plan, *(str(data.get("id", "")) for data in asked if data.get("op") == "add")}
    touched: dict[str, Change] = {}
    repairs: list[str] = []
    for data in asked:
        kind, step_id = data.get("op"), str(data.get("id", ""))
        if kind == "drop":
            _must_be_open(step_id, view)
            plan.pop(step_id, None)
            touched[step_id] = Change("drop", step_id)
        elif kind in ("add", "reword"):
            _check_change(str(kind), step_id, plan, view)
            after = _changed(data, step_id, known, view, repairs)
            plan[step_id] = after
            touched[step_id] = Change("add" if kind == "add" else "reword", step_id, after)
        else:
            raise PlanError(f"The review asks to {kind!r} a step; it can add, reword or drop one.")
    for step_id, step in list(plan.items()):
        kept = tuple(need for need in step.needs if need in plan)
        if kept != step.needs:
            plan[step_id] = replace(step, needs=kept)
            if view.steps.get(step_id) is None or view.steps[step_id].status in OPEN:
                kind_now = touched[step_id].kind if step_id in touched else "reword"
                touched[step_id] = Change(kind_now, step_id, plan[step_id])
    dag.validate(plan.values())
    if sum(1 for step in plan.values() if not step.parent) > _most(view):
        raise PlanError(f"The review would make more than the {_most(view)} steps that are allowed.")
    return tuple(touched.values()), "; ".join(repairs)


def _must_be_open(step_id: str, view: RunView) -> None:
    found = view.steps.get(step_id)
    if found is None or found.step.role != "work":
        raise PlanError(f"The review changes the step {step_id!r}, which is not in the plan.")
    if found.status not in OPEN:
        raise PlanError(f"The review changes the step {step_id!r}, which is {found.status}.")


def _check_change(kind: str, step_id: str, plan: dict[str, Step], view: RunView) -> None:
    if kind == "reword":
        _must_be_open(step_id, view)
        return
    if not is_id(step_id):
        raise PlanError(f"The review adds a step {step_id[:40]!r}, which is no id.")
    if step_id in view.steps:
        raise PlanError(f"The review adds the step {step_id!r}, which is there already.")
    above = step_id.rpartition(".")[0]
    if above:
        if above not in plan:
            raise PlanError(f"The review adds {step_id!r} as a part of {above!r}, which is not in the plan.")
        if above in view.steps:
            _must_be_open(above, view)


def _changed(data: dict[str, Json], step_id: str, known: set[str], view: RunView, repairs: list[str]) -> Step:
    planned = read_step(data, known - {step_id}, step_id)
    if planned is None:
        raise PlanError(f"The review gives the step {step_id!r} no instruction.")
    if planned.repair:
        repairs.append(planned.repair)
    found, step = view.steps.get(step_id), planned.step
    before = found.step if found is not None else Step(step_id, "", parent=step_id.rpartition(".")[0])
    needs = step.needs if "needs" in data else before.needs
    return replace(before, instruction=step.instruction, needs=needs, title=step.title or before.title)
