"""The work of an episode: every step that is wanted and whose needs are met runs at once, without a barrier."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from ..core import dag
from ..core import events as ev
from ..core.types import Change, Step
from ..core.view import RunView
from ..errors import PlanError, VnbError
from ..planner.asking import Asking, as_check
from .attempt import Attempt
from .commands import AboutSteps, Rerun, is_gated
from .ending import skip_rest
from .joining import elect, fail, join
from .mapping import changes, sub_steps
from .outcome import again, best
from .planning import Planning
from .scope import Scope
from .sending import Notes
from .stale import Staleness
from .validate import FaultError
from .wanted import Wanted


class Work:
    """Runs what is wanted of one run.

    Args:
        scope: What its attempts share.
        wanted: What is to run; commands add to it while this works.
        staleness: The marks of stale steps.
        wake: Set when there may be something new to start.

    Attributes:
        planning: What is asked around the work.
    """

    def __init__(self, scope: Scope, wanted: Wanted, staleness: Staleness, wake: asyncio.Event) -> None:
        self.log = scope.log
        self.planning = Planning(scope, self._change, wake.set)
        self._scope, self._wanted, self._staleness, self._wake = scope, wanted, staleness, wake
        self._running: dict[str, asyncio.Task[bool]] = {}

    @property
    def view(self) -> RunView:
        return self.log.view

    async def asking(self) -> Asking:
        """How the run's own engine is asked."""
        return await self._scope.asking()

    async def run(self, planner: Coroutine[Any, Any, None] | None) -> None:
        """Runs what is wanted until nothing is, reviewing where the options allow it, and integrates.

        While the plan waits for approval, only what is around the work runs.

        Args:
            planner: Makes the first plan, while its steps run.
        """
        planning = asyncio.create_task(planner) if planner is not None else None
        review: asyncio.Task[bool] | None = None
        failures = ended = 0  # how many attempts had failed, and ended, when the last review began
        try:
            while True:
                if planning is not None and planning.done():
                    planning.result()
                    planning = None
                if review is not None and review.done():
                    review.result()
                    review = None
                await self._collect()
                self._start_what_may(planning is None and review is None)
                quiet = not self._running and planning is None
                if review is None and planning is None and self._may_review():
                    failed_now, ended_now = self._ends()
                    if failed_now > failures or (quiet and ended_now > ended):
                        failures, ended = failed_now, ended_now
                        review = asyncio.create_task(self.planning.review())
                if quiet and review is None and not await self._start_integrating():
                    return
                await self._until_something(planning, review)
        finally:
            others: list[asyncio.Task[Any]] = [task for task in (planning, review) if task is not None]
            await _cancel([*self._running.values(), *others])
            self._running.clear()

    async def _collect(self) -> None:
        """Takes note of what has ended, and of what became stale by it."""
        for step_id, task in list(self._running.items()):
            if task.done():
                del self._running[step_id]
                self._wanted.end(step_id)
                self._staleness.touch(step_id)
                if not task.cancelled():
                    task.result()
        if self.view.commands:  # else nothing that has run can have become stale
            await self._staleness.mark_touched()

    def _start_what_may(self, planned: bool) -> None:
        """Starts all that is wanted and may start; what is around the work only while nobody else plans."""
        again = self._wanted.replanning() if planned else None
        if again is not None:
            self._start(again)
        for step_id in () if is_gated(self.view) else self._wanted.startable():
            self._start(step_id)

    def _start(self, step_id: str) -> None:
        command = self._wanted.start(step_id)
        if isinstance(command, Rerun) and command.instruction:
            edited = replace(self.view.steps[step_id].step, instruction=command.instruction)
            self.log.append(ev.StepEdited(edited))
        task = asyncio.create_task(self._run_step(self.view.steps[step_id].step, command))
        task.add_done_callback(lambda _: self._wake.set())
        self._running[step_id] = task

    async def _run_step(self, step: Step, command: AboutSteps | None) -> bool:
        if step.role not in ("work", "integrate"):
            good = await self.planning.again(step, command)
            if good and step.role != "understand":
                self._wanted.go_on()  # a new plan is there to be run
            return good
        if step.role == "integrate":
            asking = await self._scope.asking()
            if asking.integration(self.view) == "concat":
                put = elect if self.view.strategy == "vote" else join
                return await put(self.log, step, self.log.graph.needs(step.id), asking.demands(self.view, step))
        elif step.kind == "map":
            return await self._map(step, command)
        elif self.log.graph.is_split(step.id) and self.view.task.options.integrate != "write":
            return await join(self.log, step, self.log.graph.needs(step.id))
        if step.kind == "check":
            step = as_check(step, self.view.task.options.judge)
        if not isinstance(command, Rerun):
            return await (self._verify(step) if step.kind == "check" else self._try(step))
        changed = command.changed(step)
        try:
            demands = (await self._scope.asking(changed.engine)).demands(self.view, step)
        except VnbError:  # the attempt says so itself
            demands = ()
        return await Attempt(self._scope, changed, reuse=command.reuse or "", demands=demands).run()

    async def _map(self, step: Step, command: AboutSteps | None) -> bool:
        """Makes the sub-steps of a map what its list asks for; where they are, puts their results together."""
        engine = await self._scope.engine(step.engine)
        options = self.view.task.options
        room = step.budget or options.budget or engine.info.context_length - engine.info.context_length // 4
        try:
            wanted = sub_steps(self.log, step, engine.count, room)
        except PlanError as error:
            fail(self.log, step, error)
            return False
        changed = changes(self.log, step, wanted)
        if not changed:
            quoted = (await self._scope.asking(step.engine)).quotes(step)
            return await join(self.log, step, self.log.graph.needs(step.id), quoted=quoted)
        await self._change(f"{step.id}: {len(wanted)} items", changed, by=step.id)
        if not self._wanted.whole:
            again = command if isinstance(command, Rerun) else Rerun()
            for name in (*(change.step for change in changed if change.kind != "drop"), step.id):
                self._wanted.asked.setdefault(name, []).append(again)
        return True

    async def _verify(self, step: Step) -> bool:
        """Judges results. Where a fault is found, they are asked for once more with it, and judged again."""
        first = Attempt(self._scope, step)
        if await first.run():
            return True
        if not isinstance(first.error, FaultError) or self.view.task.options.retries == 0:
            return False
        asking = await self._scope.asking()
        notes = (asking.retry_note(first.error.message),)
        judged = [self.view.steps[need].step for need in step.needs]
        again = [one for one in judged if one.kind in ("write", "code") and not self.log.graph.is_split(one.id)]
        attempts = [Attempt(self._scope, one, notes, demands=asking.demands(self.view, one)) for one in again]
        self._wanted.under_way |= {one.id for one in again}  # what needs them waits
        try:
            await asyncio.gather(*(attempt.run() for attempt in attempts))
        finally:
            for one in again:
                self._wanted.end(one.id)
                self._staleness.touch(one.id)
        return bool(attempts) and await Attempt(self._scope, step).run()

    async def _try(self, step: Step) -> bool:
        """Attempts of a step until one is good, or no more may be made; the best of them counts."""
        try:
            asking = await self._scope.asking(step.engine)
        except VnbError:  # the attempt says so itself
            return await Attempt(self._scope, step).run()
        before = len(self.view.steps[step.id].attempts)
        options = self.view.task.options
        allowed = options.repairs if step.kind == "code" else options.retries
        next_try: tuple[Step, Notes] = step, ()
        for number in range((asking.profile.retries if allowed is None else allowed) + 1):
            trying, notes = next_try
            attempt = Attempt(self._scope, trying, notes, demands=asking.demands(self.view, step))
            await attempt.run()
            ended = self.view.steps[step.id].attempts[-1]
            text = self.log.store.blob(ended.output) if ended.output else ""
            found = again(asking, trying, ended, attempt.error, text, number)
            if found is None:
                break
            next_try = found
        chosen = best(self.view.steps[step.id].attempts[before:])
        if not chosen and step.kind == "code" and self.view.why:  # vnb chose to compute it; so it may do it another way
            await Attempt(self._scope, replace(step, kind="write"), demands=asking.demands(self.view, step)).run()
            chosen = best(self.view.steps[step.id].attempts[before:])
        if chosen and chosen != self.view.steps[step.id].chosen:
            self.log.append(ev.AttemptChosen(step.id, chosen))
        return bool(chosen)

    async def _until_something(self, *others: asyncio.Task[None] | asyncio.Task[bool] | None) -> None:
        wake = asyncio.create_task(self._wake.wait())
        try:
            tasks: list[asyncio.Task[Any]] = [
                wake,
                *self._running.values(),
                *(task for task in others if task is not None),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wake.cancel()
            self._wake.clear()

    def _may_review(self) -> bool:
        made = sum(1 for revision in self.view.revisions if revision.reason.startswith("review."))
        allowed = self._wanted.whole and not (is_gated(self.view) or self._wanted.plans_again)
        return allowed and made < self.view.task.options.replan

    def _ends(self) -> tuple[int, int]:
        """How many attempts of the plan's steps have failed, and how many have ended."""
        ended = [one for step in self.log.graph.edges for one in self.view.steps[step].attempts if not one.active]
        return sum(1 for one in ended if one.status == "failed"), len(ended)

    async def _change(
        self, reason: str, changes: tuple[Change, ...], deliver: tuple[str, ...] | None = None, by: str = ""
    ) -> None:
        """Revises the plan: what is under way in a changed step, or waits for one, is cancelled and runs again.

        Args:
            by: The step that changes the plan itself, which goes on.
        """
        if not changes:
            return
        plan = {step.id: step for step in self.view.plan}
        for change in changes:
            plan.pop(change.step, None)
            if change.after is not None:
                plan[change.step] = change.after
        touched = {change.step for change in changes}
        below = (dag.descendants(graph, touched) for graph in (self.log.graph.edges, dag.edges(plan.values())))
        touched = touched.union(*below, {"integrate"})
        self._wanted.blocked |= touched
        try:
            under_way = [self._running[step] for step in touched if step in self._running and step != by]
            await _cancel(under_way)
            self.log.append(ev.PlanRevised(reason, changes, deliver))
        finally:
            self._wanted.unblock(touched)
        self._staleness.touch("plan")
        self._wake.set()

    async def _start_integrating(self) -> bool:
        """Starts the integration, which comes when nothing else is to run; whether it is wanted and can be had."""
        if is_gated(self.view):
            return False
        if self._wanted.whole:
            skip_rest(self.log, self.log.graph.edges)
            step = (await self._scope.asking()).integrate(self.view)
            self.planning.announce(step)
            known = self.view.steps[step.id].step
            if known.needs != step.needs:  # the plan has other results now than when it was announced
                self.log.append(ev.StepEdited(replace(known, needs=step.needs)))
        found = self.view.steps.get("integrate")
        if found is None or not self._wanted.is_wanted("integrate"):
            return False
        missing = [step.id for step in self.view.plan if self.view.steps[step.id].status != "finished"]
        if not missing:
            self._start("integrate")
            return True
        self._wanted.start("integrate")
        self._wanted.end("integrate")
        if not found.chosen:
            self.log.append(ev.StepSkipped("integrate", f"{missing[0]} {self.view.steps[missing[0]].status}"))
        return False


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancels tasks and waits until each has really ended; whatever else they raise is theirs."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)
