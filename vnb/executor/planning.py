"""The movements around the work: understand, plan, review. Each is an attempt of a reserved step like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..core import events as ev
from ..core.types import Brief, Change, Step
from ..core.view import AttemptView
from ..errors import PlanError, RunError
from ..planner import planner
from ..planner.brief import read_brief
from ..planner.prompts import Profile
from ..planner.stream import Planned, PlanStream
from .attempt import Attempt
from .scope import Scope

PLAN_ATTEMPTS = 2
"""An answer that is no plan is shown to the planner once more, with what was wrong."""


class Planning:
    """Asks the engine for the brief, the plan and its revisions, and announces what comes of it.

    Args:
        change: Revises the plan of a run that may already be carrying it.
        wake: Says that a step was announced.
    """

    def __init__(
        self,
        scope: Scope,
        profile: Profile,
        change: Callable[[str, tuple[Change, ...]], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        self.scope, self.profile = scope, profile
        self.log, self.view = scope.log, scope.log.view
        self.change, self.wake = change, wake

    def announce(self, step: Step) -> None:
        """Announces a step, unless it was."""
        if step.id not in self.view.steps:
            self.log.append(ev.StepPlanned(step))

    async def understand(self) -> None:
        """Makes the brief. If the model's answer is none, the task's own words are the brief.

        Raises:
            RunError: The engine failed.
        """
        if self.view.brief is not None:
            return
        briefs: list[Brief] = []

        def accept(text: str) -> None:
            briefs.append(read_brief(text))

        step = planner.understand_step(self.profile)
        self.announce(step)
        if output := self.view.steps[step.id].output:  # it had finished when the process was killed
            self.log.append(ev.BriefMade(read_brief(self.log.store.blob(output))))
            return
        attempt = Attempt(self.scope, step, accept=accept)
        if not await attempt.carry() and not isinstance(attempt.error, PlanError):
            last = self._last(step)
            raise RunError(f"The task could not be read: {last.error}", last.hint)
        self.log.append(ev.BriefMade(briefs[-1] if briefs else Brief(self.view.task.text)))

    async def plan(self) -> None:
        """Makes the plan. Steps are announced as they decode; where there are some already, the new plan revises them.

        Raises:
            PlanError: No attempt gave a plan.
        """
        low, high = self.view.task.options.steps
        step = planner.plan_step(self.profile, (low, high))
        self.announce(step)
        if output := self.view.steps[step.id].output:  # it had finished when the process was killed
            stream = PlanStream(high)
            stream.feed(self.log.store.blob(output))
            await self.change("the plan was read again", planner.revise(self.view, stream.steps))
            self._finish(low)
            return
        problem = ""
        for _ in range(PLAN_ATTEMPTS):
            stream = PlanStream(high)
            attempt = await self._plan_once(step, stream, problem, fresh=not self.view.plan)
            if attempt.error is None and self._last(step).status != "failed":
                self._finish(low)
                return
            problem = self._last(step).error
            if not isinstance(attempt.error, PlanError):  # the engine failed, not the plan
                break
        raise PlanError(problem, self._last(step).hint)

    async def _plan_once(self, step: Step, stream: PlanStream, problem: str, fresh: bool) -> Attempt:
        def hear(text: str) -> None:
            for planned in stream.feed(text):
                if fresh:
                    self._announce_planned(planned)

        def accept(_: str) -> None:
            stream.finish()

        attempt = Attempt(self.scope, step, planner.plan_notes(problem), hear, accept)
        if not await attempt.carry():
            return attempt
        if not fresh:
            await self.change("the plan was made again", planner.revise(self.view, stream.steps))
        if stream.left_out:
            self.log.append(ev.PlanRevised(f"repaired: {'; '.join(stream.left_out)}", ()))
        return attempt

    def _finish(self, low: int) -> None:
        plan = tuple(step.id for step in self.view.plan)
        if len(plan) < low:
            self.log.append(ev.PlanRevised(f"the plan has {len(plan)} steps, fewer than {low}", ()))
        self.log.append(ev.PlanFinished(plan))

    def _announce_planned(self, planned: Planned) -> None:
        self.announce(planned.step)
        if planned.repair:
            change = Change("reword", planned.step.id, planned.step)
            self.log.append(ev.PlanRevised(f"repaired: {planned.repair}", (change,)))
        self.wake()

    async def review(self) -> bool:
        """Lets the planner change what has not run; whether it did. An answer that will not do changes nothing."""
        changes: list[tuple[tuple[Change, ...], str]] = []

        def accept(text: str) -> None:
            changes.append(planner.read_changes(text, self.view))

        async with self.scope.slots:  # first, so that the review sees the run as it is when it is sent
            step = planner.review_step(self.profile, self.view, self.view.task.options.steps)
            self.announce(step)
            notes = planner.review_notes(self.view)
            await Attempt(self.scope, step, notes, accept=accept, holds_slot=True).carry()
        if not changes or not changes[-1][0]:
            return False
        found, repairs = changes[-1]
        await self.change(f"{step.id}: {repairs}" if repairs else step.id, found)
        return True

    def _last(self, step: Step) -> AttemptView:
        return self.view.steps[step.id].attempts[-1]
