"""The movements around the work: understand, plan, review. Each is an attempt of a reserved step like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ..core import events as ev
from ..core.types import Brief, Change, Step, Strategy
from ..core.view import AttemptView
from ..errors import PlanError, RepeatsError, RunError
from ..planner import review
from ..planner.asking import is_in_own_words
from ..planner.brief import read_brief, read_task
from ..planner.notes import plan_notes
from ..planner.revise import revise
from ..planner.stream import Planned, PlanStream
from ..planner.table import TablePlan
from .attempt import Attempt
from .commands import AboutSteps, Choose
from .log import Log
from .mapping import too_long
from .outcome import penalized
from .scope import Scope

REORDERED = "its steps come in another order"

PLAN_ATTEMPTS = 2
"""An answer that is no plan is shown to the planner once more, with what was wrong."""


class Planning:
    """Asks the engine for the brief, the plan and its revisions, and announces what comes of it.

    Args:
        change: Revises the plan of a run that may be running already.
        wake: Says that a step was announced.
    """

    def __init__(
        self,
        scope: Scope,
        change: Callable[[str, tuple[Change, ...], tuple[str, ...] | None], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        self.scope = scope
        self.log, self.view = scope.log, scope.log.view
        self.change, self.wake = change, wake

    def announce(self, step: Step) -> None:
        """Announces a step, unless it was."""
        if step.id not in self.view.steps:
            self.log.append(ev.StepPlanned(step))

    async def read(self) -> Brief:
        """What the task says without a model: `BriefMade` for ordinary models, unless there is a brief."""
        brief = read_task(self.view.task.text)
        if self.view.brief is None and self.view.task.text.strip() and not (await self.scope.asking()).is_compact:
            self.log.append(ev.BriefMade(brief))
        return brief

    async def choose(self) -> Strategy:
        """How the task is done: as its options say, or else by what it says itself, which the log then says."""
        if self.view.strategy is None:
            task, engine = self.view.task, await self.scope.engine("")
            unread = too_long(task, engine.count, task.options.budget or engine.info.context_length // 2)
            choice = (await self.scope.asking()).strategy(task, read_task(task.text), unread)
            if choice is not None:
                self.log.append(ev.StrategyChosen(choice.strategy, choice.reason))
        return self.view.strategy or "plan"

    async def settle(self, *steps: Step) -> None:
        """Makes these steps the plan, without a planner. The answers of a vote are all delivered: one of them wins."""
        await self.read()
        for step in steps:
            self.announce(step)
        ids = tuple(step.id for step in steps)
        self.log.append(ev.PlanFinished(ids, ids if self.view.strategy == "vote" else ()))
        self.wake()

    async def is_one_step(self) -> bool:
        """Whether the task's own words say that there is nothing to plan; not once planning has begun."""
        asking = await self.scope.asking()
        return "understand" not in self.view.steps and asking.is_one_step(
            self.view.task, read_task(self.view.task.text)
        )

    async def understand(self) -> None:
        """Makes the brief. If the model's answer is not one, it is what can be read without a model.

        Raises:
            RunError: The engine failed.
        """
        if self.view.brief is not None:
            return
        asking = await self.scope.asking()
        step = asking.understand()
        self.announce(step)
        attempt = Attempt(self.scope, step, accept=self._accept_brief)
        if not await attempt.run() and not isinstance(attempt.error, (PlanError, RepeatsError)):
            last = self._last(step)
            raise RunError(f"The task could not be read: {last.error}", last.hint)
        settle_brief(self.log)
        if self.view.brief is None:
            text = self.view.task.text
            self.log.append(ev.BriefMade(Brief(text) if asking.is_compact else read_task(text)))

    async def plan(self) -> None:
        """Makes the plan. Steps are announced as they decode; where there are some already, the new plan revises them.

        Raises:
            PlanError: No attempt gave a plan.
        """
        step = (await self.scope.asking()).plan(self.view)
        self.announce(step)
        if self.view.steps[step.id].output:  # it had finished when the process was killed
            await self._read_plan()
        else:
            await self._make_plan(self.view.steps[step.id].step)

    async def again(self, step: Step, command: AboutSteps | None) -> bool:
        """One more attempt of a step around the work, and what follows from it. Whether it ended well.

        Without a good answer everything stays as it is.
        """
        if isinstance(command, Choose):
            await self._read_plan()
            return True
        reuse = ""
        if command is not None:
            step, reuse = command.changed(step), command.reuse or ""
        if step.role == "understand":
            good = await Attempt(self.scope, step, accept=self._accept_brief, reuse=reuse).run()
            settle_brief(self.log)
            return good
        if step.role == "plan":
            try:
                await self._make_plan(step, reuse)
            except PlanError:
                return False
            return True
        return await self._review(step, reuse)

    async def _read_plan(self) -> None:
        """Makes the plan that the chosen attempt wrote the run's."""
        stream = (await self.scope.asking()).stream(self.view)
        stream.feed(self.log.store.blob(self.view.steps["plan"].output))
        stream.finish()
        await self._take_over("the plan was read again", stream.steps)
        self._finish(stream)

    async def _take_over(self, reason: str, steps: Sequence[Step], goes_on: bool = False) -> None:
        """Makes these steps the plan of a run that has one.

        Args:
            goes_on: The run never had a whole plan, as after a kill or in a fork; what its user edited meanwhile stays.
        """
        if goes_on:
            edited = {name: found.step for name, found in self.view.steps.items() if found.edited}
            steps = [edited.get(step.id, step) for step in steps]
        changes = revise(self.view, steps)
        if not changes and tuple(steps) != self.view.plan:
            self.log.append(ev.PlanRevised(f"{reason}: {REORDERED}", ()))
        await self.change(reason, changes, None)

    async def _make_plan(self, step: Step, reuse: str = "") -> None:
        asking, problem = await self.scope.asking(), ""
        goes_on = not self.view.planned
        for _ in range(PLAN_ATTEMPTS):
            stream = asking.stream(self.view)
            attempt = await self._plan_once(step, stream, problem, goes_on, reuse)
            if attempt.error is None and self._last(step).status != "failed":
                self._finish(stream)
                return
            problem = self._last(step).error
            if isinstance(attempt.error, RepeatsError):
                step = penalized(step, self._last(step))
            elif not isinstance(attempt.error, PlanError):  # the engine failed, not the plan
                break
        failed = isinstance(attempt.error, (PlanError, RepeatsError))
        if not failed or not asking.tabulates(self.view) or self.view.plan:
            raise PlanError(problem, self._last(step).hint)
        whole = asking.whole_task(self.view)
        self.announce(whole)
        self.log.append(ev.PlanRevised("repaired: no table could be planned; the task is done in one step", ()))
        self.log.append(ev.PlanFinished((whole.id,)))

    async def _plan_once(
        self, step: Step, stream: PlanStream | TablePlan, problem: str, goes_on: bool, reuse: str
    ) -> Attempt:
        fresh = not self.view.plan

        def announce(found: Sequence[Planned]) -> None:
            for planned in found:
                if fresh:
                    self._announce_planned(planned)

        def accept(_: str) -> None:
            announce(stream.finish())

        def hear(text: str) -> None:
            announce(stream.feed(text))

        attempt = Attempt(self.scope, step, plan_notes(problem), hear, accept, reuse=reuse)
        if not await attempt.run():
            return attempt
        if not fresh:
            await self._take_over("the plan was made again", stream.steps, goes_on)
        for reason in stream.left_out:
            self.log.append(ev.PlanRevised(f"repaired: {reason}", ()))
        return attempt

    def _finish(self, stream: PlanStream | TablePlan) -> None:
        low = self.view.task.options.steps[0]
        if len(stream.steps) < low:
            self.log.append(ev.PlanRevised(f"the plan has {len(stream.steps)} steps, fewer than {low}", ()))
        self.log.append(ev.PlanFinished(tuple(step.id for step in stream.steps), stream.deliver))

    def _announce_planned(self, planned: Planned) -> None:
        self.announce(planned.step)
        if planned.repair:
            change = Change("reword", planned.step.id, planned.step)
            self.log.append(ev.PlanRevised(f"repaired: {planned.repair}", (change,)))
        self.wake()

    async def review(self) -> bool:
        """Lets the planner change what has not run; whether it did. An answer that will not do changes nothing."""
        return await self._review()

    async def _review(self, asked: Step | None = None, reuse: str = "") -> bool:
        """The next review, or one more attempt of one that was asked before.

        An answer that cannot be taken is shown to the reviewer once, with what was wrong.
        """
        found: tuple[tuple[Change, ...], str] | None = None

        def accept(text: str) -> None:
            nonlocal found
            found = review.read_changes(text, self.view)

        async with self.scope.slots:  # first, so that the review sees the run as it is when it is sent
            asking = await self.scope.asking()
            step = asking.review(self.view)
            if asked is None:
                self.announce(step)
            else:
                self.log.append(ev.StepEdited(replace(self.view.steps[asked.id].step, needs=step.needs)))
                step = replace(asked, needs=step.needs)
            problem = ""
            for _ in range(PLAN_ATTEMPTS):
                notes = (*review.review_notes(self.view), *plan_notes(problem))
                attempt = Attempt(self.scope, step, notes, accept=accept, holds_slot=True, reuse=reuse)
                if await attempt.run() or not isinstance(attempt.error, PlanError):
                    break
                problem = attempt.error.message
        if found is None:
            return False
        changes, remark = found
        reason = f"{step.id}: {remark}" if remark else step.id
        if not changes:
            if remark:
                self.log.append(ev.PlanRevised(reason, ()))
            return False
        deliver = None if asking.is_compact else review.delivered_after(self.view, changes)
        await self.change(reason, changes, deliver)
        return True

    def _accept_brief(self, text: str) -> None:
        read_brief(text, self.view.task.text)

    def _last(self, step: Step) -> AttemptView:
        return self.view.steps[step.id].attempts[-1]


def settle_brief(log: Log) -> None:
    """Makes the brief that the chosen attempt of `understand` wrote the run's, if it is not."""
    found = log.view.steps.get("understand")
    if found is None or not found.output:
        return
    text = log.store.blob(found.output)
    brief = read_brief(text, log.view.task.text, is_in_own_words(found.step))
    if brief != log.view.brief:
        log.append(ev.BriefMade(brief))
