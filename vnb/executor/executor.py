"""Carries a run: every step whose needs are met runs at once, while the plan still decodes, without a barrier."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ..core import dag
from ..core import events as ev
from ..core.types import Change, Step
from ..core.view import RunView
from ..engines.base import Engine
from ..errors import RunError, StoreError, VnbError
from ..planner import planner
from ..planner.prompts import PROFILES
from .attempt import Attempt
from .joining import join
from .log import Log
from .planning import Planning
from .scope import Scope

_log = logging.getLogger(__name__)


class Executor:
    """One episode of a run: from where its view stands to a pause or an end.

    A new run, a resumed one and an approved one are the same thing here: what has finished is not done again.

    Args:
        log: The run; `RunStarted` has been appended.
        engine: Gives the engine of a spec; empty is the run's own.
        find: The digest of a stored output of a key with its source, or `None`.
    """

    def __init__(
        self,
        log: Log,
        engine: Callable[[str], Awaitable[Engine]],
        find: Callable[[str], tuple[str, str] | None],
    ) -> None:
        self.log = log
        self._engine = engine
        self._find = find
        self._wake = asyncio.Event()
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._again: set[str] = set()  # steps that may run though they have ended before
        self._blocked: set[str] = set()  # steps that are being changed and must not start
        self._worked = False  # whether a step was started in this episode
        self._graph: dict[str, tuple[str, ...]] = {}
        self._graph_of = (-1, -1)  # how many steps and revisions there were when the graph was made

    @property
    def view(self) -> RunView:
        return self.log.view

    async def run(self) -> None:
        """Runs until the run is finished, failed, stopped or paused, which the log then says.

        Cancelling this is how a run is stopped: everything under way is cancelled, what was decoded is kept.

        Raises:
            StoreError: The log cannot be written any more.
        """
        try:
            await asyncio.sleep(0)  # a stop that came before the beginning is heard here
            self._tidy()
            await self._episode()
        except asyncio.CancelledError:
            self.log.append(ev.RunFinished("stopped", error="stopped", hint=f"Go on with it: %vrun {self.log.run_id}"))
        except StoreError:
            raise
        except VnbError as error:
            self.log.append(ev.RunFinished("failed", error=error.message, hint=error.hint))
        except Exception as error:  # a fault must end the run, not leave it open
            _log.exception("the run %s failed", self.log.run_id)
            hint = f"Go on with it: %vrun {self.log.run_id}"
            self.log.append(ev.RunFinished("failed", error=f"{type(error).__name__}: {error}", hint=hint))

    def _tidy(self) -> None:
        """Ends the attempts that a killed process left open, and lets what did not finish run again."""
        for found in list(self.view.steps.values()):
            if found.attempts and found.attempts[-1].active:
                attempt = found.attempts[-1]
                self.log.append(ev.StepCancelled(found.step.id, attempt.number, "interrupted", attempt.usage))
            if found.status in ("failed", "skipped", "cancelled"):
                self._again.add(found.step.id)

    async def _episode(self) -> None:
        engine = await self._engine("")
        options = self.view.task.options
        slots = asyncio.Semaphore(options.parallel or max(engine.info.slots, 1))
        self._scope = Scope(self.log, self._engine, self._find, slots)
        self._planning = Planning(self._scope, PROFILES[engine.info.profile], self._change, self._wake.set)
        planning: asyncio.Task[None] | None = None
        if not self.view.planned:
            if self.view.given:
                self._announce_given(self.view.given)
            else:
                await self._planning.understand()
                planning = asyncio.create_task(self._planning.plan())
        if (options.plan_only or options.approve) and not self.view.approved:
            if planning is not None:
                await _finish(planning)
            if options.plan_only:
                self.log.append(ev.RunFinished("finished"))
            else:
                self.log.append(ev.RunPaused(f"the plan waits for approval: %vrun {self.log.run_id}"))
            return
        await self._work(planning)
        self._skip_rest()
        await self._integrate()
        self._conclude()

    def _announce_given(self, plan: Sequence[Step]) -> None:
        dag.validate(plan)
        by_id = {step.id: step for step in plan}
        graph = {step.id: (*step.needs, *((step.parent,) if step.parent else ())) for step in plan}
        for step_id in dag.order(graph):
            if step_id not in self.view.steps:
                self.log.append(ev.StepPlanned(by_id[step_id]))
        self.log.append(ev.PlanFinished(tuple(by_id)))

    # ---------------------------------------------------------------- work

    async def _work(self, planning: asyncio.Task[None] | None) -> None:
        """Runs what is ready until nothing is, reviewing where the options allow it."""
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
                self._collect()
                self._start_ready()
                quiet = not self._running and planning is None
                if review is None and planning is None and self._may_review():
                    failed_now, ended_now = self._ends()
                    if failed_now > failures or (quiet and ended_now > ended):
                        failures, ended = failed_now, ended_now
                        review = asyncio.create_task(self._planning.review())
                if quiet and review is None:
                    return
                await self._until_something(planning, review)
        finally:
            others: list[asyncio.Task[Any]] = [task for task in (planning, review) if task is not None]
            await _cancel([*self._running.values(), *others])
            self._running.clear()

    def _collect(self) -> None:
        for step_id, task in list(self._running.items()):
            if task.done():
                del self._running[step_id]
                if not task.cancelled():
                    task.result()

    def _start_ready(self) -> None:
        graph = self._edges()
        for step_id in graph:
            if step_id in self._running or step_id in self._blocked:
                continue
            found = self.view.steps[step_id]
            step = found.step
            if found.status != "waiting" and step.id not in self._again:
                continue
            if all(self._done(need) for need in graph[step.id]):
                self._again.discard(step.id)
                self._worked = True
                task = asyncio.create_task(self._carry(step, graph[step.id]))
                task.add_done_callback(lambda _: self._wake.set())
                self._running[step.id] = task

    def _done(self, step_id: str) -> bool:
        found = self.view.steps.get(step_id)
        waits = step_id in self._running or step_id in self._again or step_id in self._blocked
        return found is not None and found.status == "finished" and not waits

    async def _carry(self, step: Step, waits_for: Sequence[str]) -> bool:
        if any(other.parent == step.id for other in self.view.plan) and self.view.task.options.integrate == "concat":
            return join(self.log, step, waits_for)
        return await Attempt(self._scope, step).carry()

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

    def _edges(self) -> dict[str, tuple[str, ...]]:
        """What each step of the plan waits for; made anew only when the plan has changed."""
        now = (len(self.view.steps), len(self.view.revisions))
        if now != self._graph_of:
            self._graph, self._graph_of = dag.edges(self.view.plan), now
        return self._graph

    def _may_review(self) -> bool:
        made = sum(1 for revision in self.view.revisions if revision.reason.startswith("review."))
        return made < self.view.task.options.replan

    def _ends(self) -> tuple[int, int]:
        """How many attempts of the plan's steps have failed, and how many have ended."""
        ended = [one for step in self._edges() for one in self.view.steps[step].attempts if not one.active]
        return sum(1 for one in ended if one.status == "failed"), len(ended)

    async def _change(self, reason: str, changes: tuple[Change, ...]) -> None:
        """Revises the plan: what is under way in a changed step, or waits for one, is cancelled and runs again."""
        if not changes:
            return
        touched = {change.step for change in changes}
        touched |= dag.descendants(self._edges(), touched)
        self._blocked |= touched
        try:
            under_way = [self._running[step] for step in touched if step in self._running]
            await _cancel(under_way)
            self.log.append(ev.PlanRevised(reason, changes))
        finally:
            self._blocked -= touched
        self._wake.set()

    # ---------------------------------------------------------------- integrate and end

    def _skip_rest(self) -> None:
        """Skips every step that waits for one which did not finish."""
        graph = self._edges()
        for step_id in dag.order(graph):
            found = self.view.steps[step_id]
            missing = [need for need in graph[step_id] if self.view.steps[need].status != "finished"]
            if missing and found.status in ("waiting", "cancelled", "skipped"):
                self.log.append(ev.StepSkipped(step_id, f"{missing[0]} {self.view.steps[missing[0]].status}"))

    async def _integrate(self) -> None:
        step = planner.integrate_step(self._planning.profile, self.view)
        self._planning.announce(step)
        same = self.view.steps[step.id].step == step
        if not same:  # the plan has other results now than when it was announced
            self.log.append(ev.StepEdited(step))
        if self.view.steps[step.id].status == "finished" and same and not self._worked:
            return
        missing = [found for found in self.view.plan if self.view.steps[found.id].status != "finished"]
        if missing:
            self.log.append(ev.StepSkipped(step.id, f"{missing[0].id} {self.view.steps[missing[0].id].status}"))
            return
        options = self.view.task.options
        if options.integrate == "concat" and not options.schema:
            join(self.log, step, step.needs)
        else:
            await Attempt(self._scope, step).carry()

    def _conclude(self) -> None:
        for found in list(self.view.steps.values()):
            if found.status == "failed" and found.step.role in ("work", "integrate"):
                raise self._failed(found.step.id)
        integrated = self.view.steps["integrate"]
        if integrated.status != "finished":
            raise RunError(f"integrate was {integrated.status}: {integrated.note}.", f"%vrun {self.log.run_id}")
        self.log.append(ev.RunFinished("finished", integrated.output))

    def _failed(self, step_id: str) -> RunError:
        last = self.view.steps[step_id].attempts[-1]
        return RunError(f"Step {step_id} failed: {last.error}", last.hint or f"%vrun {self.log.run_id} tries it again.")


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancels tasks and waits until each has really ended; whatever else they raise is theirs."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)


async def _finish(task: asyncio.Task[None]) -> None:
    """Waits for a task; if this is cancelled meanwhile, so is the task, to its end."""
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await _cancel([task])
        raise
