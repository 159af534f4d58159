"""What is done with a run when nothing more can run, and how its episode ends."""

from __future__ import annotations

from collections.abc import Mapping

from ..core import dag
from ..core import events as ev
from ..core.view import AttemptView, RunView
from .log import Log


def skip_rest(log: Log, graph: Mapping[str, tuple[str, ...]]) -> None:
    """Skips every step that waits for one which did not finish."""
    steps = log.view.steps
    for step_id in dag.order(graph):
        missing = [need for need in graph[step_id] if steps[need].status != "finished"]
        if missing and steps[step_id].status in ("waiting", "cancelled", "skipped"):
            log.append(ev.StepSkipped(step_id, f"{missing[0]} {steps[missing[0]].status}"))


def abandoned(step: str, attempt: AttemptView, reason: str) -> ev.StepCancelled:
    """The end of an attempt that nobody carries any more: it lasted until it was last heard of."""
    return ev.StepCancelled(step, attempt.number, reason, attempt.usage, attempt.last_heard)


def conclusion(view: RunView, whole: bool) -> ev.RunFinished:
    """How a run stands when nothing more is to be done in an episode; `whole` if everything was to be done."""
    go_on = f"%vrun {view.run_id}"
    for found in view.steps.values():
        if found.status == "failed" and found.step.role in ("work", "integrate"):
            last = found.attempts[-1]
            error, hint = f"Step {found.step.id} failed: {last.error}", last.hint or f"{go_on} tries it again."
            return ev.RunFinished("failed", error=error, hint=hint)
    integrated = view.steps.get("integrate")
    unfinished = [step.id for step in view.plan if view.steps[step.id].status != "finished"]
    if integrated is not None and integrated.status == "finished" and not unfinished:
        return ev.RunFinished("finished", integrated.output, warnings=len(view.warnings))
    if whole and integrated is not None:
        return ev.RunFinished("failed", error=f"integrate was {integrated.status}: {integrated.note}.", hint=go_on)
    named = ", ".join(unfinished) or "integrate"
    return ev.RunFinished("stopped", error=f"{named} did not run", hint=f"Go on with the whole run: {go_on}")
