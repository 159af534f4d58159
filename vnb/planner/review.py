"""A review between the steps: what it is shown, and the changes of the plan that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core import dag
from ..core.types import Change, Json, Step
from ..core.view import RunView, StepView
from ..errors import PlanError
from .brief import read_object
from .parse import is_id, print_plan
from .revise import most
from .stream import read_step

OPEN = ("waiting", "queued", "failed", "skipped", "cancelled")
"""A step in one of these statuses can still be changed by a review."""


def review_notes(view: RunView) -> tuple[tuple[str, str], ...]:
    """What a review is shown beside the results: the steps that are open, and what went wrong."""
    still = [step for step in view.plan if view.steps[step.id].status in (*OPEN, "running")]
    notes = []
    if still:
        notes.append(("Steps that have not finished", print_plan(still)))
    problems = [f"Problem: {step.step.id}: {problem}" for step in view.steps.values() if (problem := problem_of(step))]
    if problems:
        notes.append(("Problems", "\n".join(problems)))
    return tuple(notes)


def delivered_after(view: RunView, changes: Sequence[Change]) -> tuple[str, ...] | None:
    """What the plan delivers after a review: also what it adds and nothing else uses, and all parts of a step that it
    splits. `None` where that stays as it is.
    """
    plan = {step.id: step for step in view.plan}
    for change in changes:
        plan.pop(change.step, None)
        if change.after is not None:
            plan[change.step] = change.after
    used = {need for step in plan.values() for need in step.needs}
    new = [change.after for change in changes if change.kind == "add" and change.after is not None]
    parts = [step.id for step in new if step.parent]
    added = [step.id for step in new if view.deliver and not step.parent and step.id not in used]
    found = tuple(dict.fromkeys(name for name in (*view.deliver, *added, *parts) if name in plan))
    return found if found != view.deliver else None


def problem_of(step: StepView) -> str:
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
    answer = read_object(text)
    given_up = answer.get("give_up")
    if isinstance(given_up, str) and given_up.strip():
        return (), f"it gives up: {given_up.strip()}"
    listed = answer.get("changes")
    if not isinstance(listed, list) or not all(isinstance(data, dict) for data in listed):
        raise PlanError("The review's answer is not a list of changes.")
    asked = [data for data in listed if isinstance(data, dict)]
    if not asked and any(map(problem_of, view.steps.values())):
        raise PlanError(
            "The review changes nothing, though a step failed.", "Change what failed, or give up and say why."
        )
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
    if sum(1 for step in plan.values() if not step.parent) > most(view):
        raise PlanError(f"The review would make more than the {most(view)} steps that are allowed.")
    changes = tuple(change for change in touched.values() if not _is_idle(change, view))
    if touched and not changes:
        raise PlanError("The review leaves everything as it is.", "Change what failed, or give up and say why.")
    return changes, "\n".join(repairs)


def _is_idle(change: Change, view: RunView) -> bool:
    """Whether a change leaves a step as it is."""
    found = view.steps.get(change.step)
    return change.kind == "reword" and found is not None and found.step == change.after


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
        raise PlanError(f"The review adds a step {step_id[:40]!r}, which is not an id.")
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
