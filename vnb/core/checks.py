"""Whether an event fits onto a view: the rules that `vnb.core.fold` asks before it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import FoldError, PlanError
from . import dag
from . import events as ev
from .types import AttemptStatus
from .view import RunView, StepView


def check(view: RunView, event: ev.Event) -> None:
    """Says whether `event` fits as the next one, and changes nothing.

    Raises:
        FoldError: It does not; the message says why.
    """
    body = event.body
    if event.seq != view.seq + 1:
        raise _refused(event, f"it should be number {view.seq + 1}")
    first = isinstance(body, ev.RunStarted)
    if first != (view.seq == 0):
        raise _refused(event, "a run starts once, with RunStarted")
    if not (first or isinstance(body, ev.RunForked) or event.run_id == view.run_id):
        raise _refused(event, f"it belongs to the run {event.run_id}")
    if type(body) in _CHECKS:
        _CHECKS[type(body)](view, event, body)


def _refused(event: ev.Event, why: str) -> FoldError:
    return FoldError(f"Event {event.seq} ({type(event.body).__name__}) does not fit: {why}.")


def _check_forked(view: RunView, event: ev.Event, body: ev.RunForked) -> None:
    if body.parent != view.run_id or body.parent_seq != view.seq:
        raise _refused(event, f"it forks {body.parent}@{body.parent_seq}, but {view.run_id}@{view.seq} came before it")


def _check_planned(view: RunView, event: ev.Event, body: ev.StepPlanned) -> None:
    if body.step.id in view.steps:
        raise _refused(event, f"there is a step {body.step.id!r} already")
    for need in (*body.step.needs, *((body.step.parent,) if body.step.parent else ())):
        if need not in view.steps:
            raise _refused(event, f"it needs the unknown step {need!r}")


def _check_revised(view: RunView, event: ev.Event, body: ev.PlanRevised) -> None:
    plan = {step.id: step for step in view.plan}
    for change in body.changes:
        known = change.step in view.steps
        if change.kind == "add" and known and view.steps[change.step].status != "superseded":
            raise _refused(event, f"there is a step {change.step!r} already")
        if change.kind != "add" and not known:
            raise _refused(event, f"there is no step {change.step!r}")
        if known and view.steps[change.step].attempts and view.steps[change.step].attempts[-1].active:
            raise _refused(event, f"an attempt of {change.step!r} is under way")
        if change.kind == "drop":
            plan.pop(change.step, None)
        elif change.after is None or change.after.id != change.step:
            raise _refused(event, f"the change of {change.step!r} does not say what the step is now")
        else:
            plan[change.step] = change.after
    if plan:
        try:
            dag.validate(plan.values())
        except PlanError as error:
            raise _refused(event, error.message) from None


def _check_approved(view: RunView, event: ev.Event, body: ev.PlanApproved) -> None:
    if not view.planned:
        raise _refused(event, "there is no plan yet")


def _step(view: RunView, event: ev.Event, step: str) -> StepView:
    found = view.steps.get(step)
    if found is None:
        raise _refused(event, f"there is no step {step!r}")
    return found


def _check_step(view: RunView, event: ev.Event, body: Any) -> None:
    _step(view, event, body.step)


def _check_idle(view: RunView, event: ev.Event, body: Any) -> None:
    found = _step(view, event, body.step)
    if found.attempts and found.attempts[-1].active:
        raise _refused(event, f"an attempt of {body.step!r} is under way")


def _check_edited(view: RunView, event: ev.Event, body: ev.StepEdited) -> None:
    _step(view, event, body.step.id)


def _check_queued(view: RunView, event: ev.Event, body: ev.StepQueued) -> None:
    _check_idle(view, event, body)
    if body.attempt != len(view.steps[body.step].attempts) + 1:
        raise _refused(event, f"the next attempt of {body.step!r} is {len(view.steps[body.step].attempts) + 1}")


def _attempt_in(*allowed: AttemptStatus) -> Callable[[RunView, ev.Event, Any], None]:
    def check_status(view: RunView, event: ev.Event, body: Any) -> None:
        found = _step(view, event, body.step)
        if not 1 <= body.attempt <= len(found.attempts):
            raise _refused(event, f"{body.step!r} has no attempt {body.attempt}")
        status = found.attempts[body.attempt - 1].status
        if status not in allowed:
            raise _refused(event, f"attempt {body.attempt} of {body.step!r} is {status}")

    return check_status


def _check_finished(view: RunView, event: ev.Event, body: ev.RunFinished) -> None:
    for found in view.steps.values():
        if found.attempts and found.attempts[-1].active:
            raise _refused(event, f"an attempt of {found.step.id!r} is under way")


def _check_stale(view: RunView, event: ev.Event, body: ev.StaleSet) -> None:
    for step in body.steps:
        _step(view, event, step)


_CHECKS: dict[type, Callable[[RunView, ev.Event, Any], None]] = {
    ev.RunForked: _check_forked,
    ev.StepPlanned: _check_planned,
    ev.PlanRevised: _check_revised,
    ev.PlanApproved: _check_approved,
    ev.StepSuperseded: _check_idle,
    ev.StepEdited: _check_edited,
    ev.StepQueued: _check_queued,
    ev.StepStarted: _attempt_in("queued"),
    ev.StepPrefilling: _attempt_in("prefilling"),
    ev.StepPrefilled: _attempt_in("prefilling"),
    ev.StepDecoded: _attempt_in("decoding"),
    ev.StepExecuted: _attempt_in("prefilling", "decoding"),
    ev.StepFinished: _attempt_in("prefilling", "decoding"),
    ev.StepReused: _attempt_in("queued"),
    ev.StepFailed: _attempt_in("queued", "prefilling", "decoding"),
    ev.StepSkipped: _check_idle,
    ev.StepCancelled: _attempt_in("queued", "prefilling", "decoding"),
    ev.AttemptChosen: _attempt_in("finished", "reused"),
    ev.StaleSet: _check_stale,
    ev.RunFinished: _check_finished,
}
