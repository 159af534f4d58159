"""The fold: events in, view out. An event that does not fit is refused before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from . import dag
from . import events as ev
from .checks import check
from .types import AttemptStatus, Step
from .view import AttemptView, RunView, StepView


class Fold:
    """Owns the view of one run. `apply` is the only thing that changes it; its cost does not grow with the run."""

    def __init__(self) -> None:
        self.view = RunView()

    @classmethod
    def of(cls, events: Iterable[ev.Event]) -> Fold:
        """The fold of these events, from the first on."""
        fold = cls()
        for event in events:
            fold.apply(event)
        return fold

    def apply(self, event: ev.Event, checked: bool = False) -> str:
        """Checks `event`, applies it, and returns the id of the step that it changed (empty: the run itself).

        Args:
            checked: `check` has been asked already.

        Raises:
            FoldError: It does not fit; the view is as it was.
        """
        if not checked:
            check(self.view, event)
        self.view.seq = event.seq
        _APPLIES[type(event.body)](self.view, event, event.body)
        step: object = getattr(event.body, "step", "")
        return step.id if isinstance(step, Step) else str(step)


# ---------------------------------------------------------------- applications


def _apply_started(view: RunView, event: ev.Event, body: ev.RunStarted) -> None:
    view.run_id, view.task, view.vnb, view.engine = event.run_id, body.task, body.vnb, body.engine
    view.given, view.deliver, view.started_at = body.plan, body.deliver, event.at
    view.strategy = None if body.task.options.strategy == "auto" else body.task.options.strategy


def _apply_forked(view: RunView, event: ev.Event, body: ev.RunForked) -> None:
    view.run_id, view.parent, view.parent_seq = event.run_id, body.parent, body.parent_seq


def _apply_resumed(view: RunView, event: ev.Event, body: ev.RunResumed) -> None:
    view.status, view.reason, view.error, view.hint, view.ended_at = "running", body.reason, "", "", 0.0


def _apply_paused(view: RunView, event: ev.Event, body: ev.RunPaused) -> None:
    view.status, view.reason = "paused", body.reason


def _apply_brief(view: RunView, event: ev.Event, body: ev.BriefMade) -> None:
    view.brief = body.brief


def _apply_strategy(view: RunView, event: ev.Event, body: ev.StrategyChosen) -> None:
    view.strategy, view.why = body.strategy, body.reason


def _apply_planned(view: RunView, event: ev.Event, body: ev.StepPlanned) -> None:
    view.steps[body.step.id] = StepView(body.step)


def _apply_plan_finished(view: RunView, event: ev.Event, body: ev.PlanFinished) -> None:
    """The steps of the plan change places among themselves, if they were announced in another order."""
    view.planned, view.deliver = True, body.deliver
    order = [step for step in dict.fromkeys(body.steps) if step in view.steps]
    named = set(order)
    if order != [step for step in view.steps if step in named]:
        turn = iter(order)
        view.steps = {name: view.steps[name] for name in (next(turn) if one in named else one for one in view.steps)}


def _apply_approved(view: RunView, event: ev.Event, body: ev.PlanApproved) -> None:
    view.approved = True


def _apply_revised(view: RunView, event: ev.Event, body: ev.PlanRevised) -> None:
    view.revisions.append(body)
    if body.deliver is not None and body.deliver != view.deliver:
        view.deliver = body.deliver
        if "integrate" in view.steps:
            _wait_again(view.steps["integrate"])
    touched: set[str] = set()
    before = dag.edges(view.plan)
    for change in body.changes:
        found = view.steps.get(change.step)
        if change.kind == "drop" and found is not None:
            _supersede(view, found, body.reason)
            touched.add(change.step)
        elif change.after is not None and (found is None or found.step != change.after or found.status != "waiting"):
            found = view.steps.setdefault(change.step, StepView(change.after))
            found.step, found.status, found.edited = change.after, "waiting", False
            touched.add(change.step)
    if touched:
        touched |= dag.descendants(before, touched)
        for step in touched | dag.descendants(dag.edges(view.plan), touched):
            _wait_again(view.steps[step])
        if "integrate" in view.steps:
            _wait_again(view.steps["integrate"])


def _wait_again(found: StepView) -> None:
    """A step whose words or needs have changed has no answer any more; its attempts stay visible."""
    if found.status != "superseded":
        found.status, found.chosen, found.note, found.stale = "waiting", 0, "", ""


def _supersede(view: RunView, found: StepView, reason: str) -> None:
    """The step is no longer part of the plan, nor of what it delivers."""
    found.status, found.note, found.stale = "superseded", reason, ""
    view.deliver = tuple(step for step in view.deliver if step != found.step.id)


def _apply_superseded(view: RunView, event: ev.Event, body: ev.StepSuperseded) -> None:
    _supersede(view, view.steps[body.step], body.reason)


def _apply_edited(view: RunView, event: ev.Event, body: ev.StepEdited) -> None:
    found = view.steps[body.step.id]
    found.edited = found.edited or replace(body.step, needs=found.step.needs) != found.step
    found.step = body.step


def _apply_queued(view: RunView, event: ev.Event, body: ev.StepQueued) -> None:
    found = view.steps[body.step]
    found.attempts.append(AttemptView(body.attempt, queued_at=event.at))
    found.status, found.note = "queued", ""


def _choose(view: RunView, found: StepView, attempt: int) -> None:
    """The attempt counts from now on. What a planner wrote is the run's plan only once PlanFinished says so."""
    found.chosen, found.status = attempt, "finished"
    if found.step.role == "plan":
        view.planned = False


def _attempt(view: RunView, body: Any) -> AttemptView:
    attempt: AttemptView = view.steps[body.step].attempts[body.attempt - 1]
    return attempt


def _sent(attempt: AttemptView, body: ev.StepStarted | ev.StepReused) -> None:
    attempt.context, attempt.prompt, attempt.sampling = body.context, body.prompt, body.sampling
    attempt.constraint, attempt.engine, attempt.key, attempt.spec = body.constraint, body.engine, body.key, body.spec


def _apply_step_started(view: RunView, event: ev.Event, body: ev.StepStarted) -> None:
    attempt = _attempt(view, body)
    _sent(attempt, body)
    attempt.status, attempt.started_at = "prefilling", event.at
    view.steps[body.step].status = "running"


def _apply_prefilling(view: RunView, event: ev.Event, body: ev.StepPrefilling) -> None:
    attempt = _attempt(view, body)
    attempt.prefill_done, attempt.prefill_total = body.done, body.total


def _apply_prefilled(view: RunView, event: ev.Event, body: ev.StepPrefilled) -> None:
    attempt = _attempt(view, body)
    attempt.status, attempt.prefilled_at = "decoding", event.at
    attempt.prefill_done = attempt.prefill_total = body.prompt_tokens
    attempt.admission = body.admission
    attempt.usage = replace(
        attempt.usage,
        prompt_tokens=body.prompt_tokens,
        cached_tokens=body.cached_tokens,
        t_queue=body.t_queue,
        t_prefill=body.t_prefill,
    )


def _apply_decoded(view: RunView, event: ev.Event, body: ev.StepDecoded) -> None:
    attempt = _attempt(view, body)
    attempt.tokens.extend(body.tokens)
    attempt.thought = body.thought


def _apply_executed(view: RunView, event: ev.Event, body: ev.StepExecuted) -> None:
    _attempt(view, body).program = body.program


def _ended(view: RunView, event: ev.Event, body: Any, status: AttemptStatus) -> AttemptView:
    found: StepView = view.steps[body.step]
    attempt = _attempt(view, body)
    attempt.status, attempt.ended_at = status, event.at
    if status in ("finished", "reused"):
        _choose(view, found, body.attempt)
        found.stale = ""
    elif found.chosen:
        found.status = "finished"
    else:
        found.status = "failed" if status == "failed" else "cancelled"
    return attempt


def _apply_step_finished(view: RunView, event: ev.Event, body: ev.StepFinished) -> None:
    attempt = _ended(view, event, body, "finished")
    attempt.output, attempt.reason, attempt.usage = body.output, body.reason, body.usage
    attempt.warnings, attempt.verdicts = body.warnings, body.verdicts


def _apply_reused(view: RunView, event: ev.Event, body: ev.StepReused) -> None:
    attempt = _ended(view, event, body, "reused")
    _sent(attempt, body)
    attempt.output, attempt.source, attempt.reason = body.output, body.source, body.reason
    attempt.warnings, attempt.verdicts = body.warnings, body.verdicts


def _apply_failed(view: RunView, event: ev.Event, body: ev.StepFailed) -> None:
    attempt = _ended(view, event, body, "failed")
    attempt.error, attempt.hint, attempt.output, attempt.usage = body.error, body.hint, body.output, body.usage
    attempt.reason = body.reason


def _apply_cancelled(view: RunView, event: ev.Event, body: ev.StepCancelled) -> None:
    attempt = _ended(view, event, body, "cancelled")
    attempt.usage, attempt.error, attempt.ended_at = body.usage, body.reason, body.until or event.at


def _apply_skipped(view: RunView, event: ev.Event, body: ev.StepSkipped) -> None:
    found = view.steps[body.step]
    found.status, found.note = "skipped", body.reason


def _apply_chosen(view: RunView, event: ev.Event, body: ev.AttemptChosen) -> None:
    _choose(view, view.steps[body.step], body.attempt)


def _apply_stale(view: RunView, event: ev.Event, body: ev.StaleSet) -> None:
    for found in view.steps.values():
        found.stale = body.steps.get(found.step.id, "")


def _apply_command(view: RunView, event: ev.Event, body: ev.CommandAccepted | ev.CommandRejected) -> None:
    view.commands.append(body)


def _apply_kv(view: RunView, event: ev.Event, body: ev.KVCacheSampled) -> None:
    view.kv.append((event.at, body.usage))


def _apply_run_finished(view: RunView, event: ev.Event, body: ev.RunFinished) -> None:
    view.status, view.error, view.hint, view.ended_at = body.status, body.error, body.hint, event.at
    view.output = body.output or view.output


_APPLIES: dict[type, Callable[[RunView, ev.Event, Any], None]] = {
    ev.RunStarted: _apply_started,
    ev.RunForked: _apply_forked,
    ev.RunResumed: _apply_resumed,
    ev.RunPaused: _apply_paused,
    ev.BriefMade: _apply_brief,
    ev.StrategyChosen: _apply_strategy,
    ev.StepPlanned: _apply_planned,
    ev.PlanFinished: _apply_plan_finished,
    ev.PlanApproved: _apply_approved,
    ev.PlanRevised: _apply_revised,
    ev.StepSuperseded: _apply_superseded,
    ev.StepEdited: _apply_edited,
    ev.StepQueued: _apply_queued,
    ev.StepStarted: _apply_step_started,
    ev.StepPrefilling: _apply_prefilling,
    ev.StepPrefilled: _apply_prefilled,
    ev.StepDecoded: _apply_decoded,
    ev.StepExecuted: _apply_executed,
    ev.StepFinished: _apply_step_finished,
    ev.StepReused: _apply_reused,
    ev.StepFailed: _apply_failed,
    ev.StepSkipped: _apply_skipped,
    ev.StepCancelled: _apply_cancelled,
    ev.AttemptChosen: _apply_chosen,
    ev.StaleSet: _apply_stale,
    ev.CommandAccepted: _apply_command,
    ev.CommandRejected: _apply_command,
    ev.KVCacheSampled: _apply_kv,
    ev.RunFinished: _apply_run_finished,
}
