"""Runs a plan: every step whose needs are met runs at once, while the plan still decodes, without a barrier."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal

from ..core import events as ev
from ..core.prices import NONE, Price
from ..core.view import RunView
from ..engines.base import Engine
from ..errors import PlanError, StoreError, UsageError, VnbError
from .by_hand import announce_given, take_edited
from .commands import Approve, Choose, Command, Rerun, check, is_gated
from .ending import abandoned, conclusion
from .log import Log
from .mapping import longest
from .planning import Planning, settle_brief
from .scope import Find, Scope
from .stale import Staleness
from .wanted import PLANNING, Wanted
from .work import Work

_log = logging.getLogger(__name__)


class Executor:
    """One episode of a run: from where its view stands to a pause or an end.

    A new run, a resumed one and an approved one are the same thing here: what has finished is not done again. With a
    `command`, only what it asks for is done. Further commands may come while the episode lasts.

    Args:
        log: The run; `RunStarted` has been appended.
        engine: Gives the engine of a spec; empty is the run's own.
        find: Gives the stored output of a key, or `None`.
        command: What is asked for; `None` goes on with the whole run.
        paused: What the run waited for until now; a command that leaves it unfinished leaves it waiting.
        prices: What tokens cost, by the engine's spec.

    Attributes:
        ended: Whether the episode takes no more commands.
    """

    def __init__(
        self,
        log: Log,
        engine: Callable[[str], Awaitable[Engine]],
        find: Find,
        command: Command | None = None,
        paused: str = "",
        prices: Mapping[str, Price] = NONE,
    ) -> None:
        self.log = log
        self._prices = prices
        self.ended = False
        self._engine = engine
        self._find = find
        self._command = command
        self._paused = paused
        self._wake = asyncio.Event()
        self._wanted = Wanted(log, whole=command is None)
        self._staleness = Staleness(log, engine)
        self._work: Work | None = None

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
            end = await self._episode()
        except asyncio.CancelledError:
            end = await self._cut_short("stopped", "stopped", self._go_on)
        except StoreError:
            raise
        except VnbError as error:
            end = await self._cut_short("failed", error.message, error.hint)
        except Exception as error:  # a fault must end the run, not leave it open
            _log.exception("the run %s failed", self.log.run_id)
            end = await self._cut_short("failed", f"{type(error).__name__}: {error}", self._go_on)
        finally:
            self.ended = True
        self.log.append(end)

    @property
    def _go_on(self) -> str:
        return f"Go on with it: %vrun {self.log.run_id}"

    async def _cut_short(self, status: Literal["failed", "stopped"], error: str, hint: str) -> ev.Body:
        """How the episode ends before its time: what a command could not do leaves the run as it is."""
        self.ended = True
        unheard = {one.id: one for one in (self._command, *self._wanted.open) if one is not None}
        for one in unheard.values():
            self.log.append(ev.CommandRejected(one.id, one.name, error, hint))
        await self._staleness.mark(build=self._work is not None)  # an engine that is not there is not loaded for this
        stands = self._end(whole=False)
        done = isinstance(stands, ev.RunFinished) and stands.status == "finished"
        return stands if done or self._command is not None else ev.RunFinished(status, error=error, hint=hint)

    def _tidy(self) -> None:
        """Ends the attempts that a killed process left open, and lets what did not finish run again."""
        for found in list(self.view.steps.values()):
            if found.attempts and found.attempts[-1].active:
                attempt = found.attempts[-1]
                self.log.append(abandoned(found.step.id, attempt, "interrupted"))
            if found.status in ("failed", "skipped", "cancelled"):
                self._wanted.again.add(found.step.id)
        settle_brief(self.log)

    # ---------------------------------------------------------------- commands

    def take(self, command: Command) -> None:
        """Accepts a command or refuses it, which the log then says. To be called on the loop.

        Raises:
            UsageError: It was refused; the message says why.
            PlanError: It brings a plan that will not do.
        """
        try:
            self._accept(command)
        except (UsageError, PlanError) as error:
            self.log.append(ev.CommandRejected(command.id, command.name, error.message, error.hint))
            raise

    def check(self, command: Command) -> None:
        """Says whether the run can take a command as it stands. To be called on the loop.

        Raises:
            UsageError: It cannot; the message says why.
            PlanError: It brings a plan that will not do.
        """
        coming = {step for step in self.log.graph.edges if self._wanted.is_wanted(step)} | self._wanted.under_way
        coming |= self._wanted.asked.keys() & {*PLANNING}
        check(self.view, command, coming)

    def _accept(self, command: Command) -> None:
        self.check(command)
        self.log.append(ev.CommandAccepted(command.id, command.name, command.args))
        if isinstance(command, Choose):
            self.log.append(ev.AttemptChosen(command.step, command.attempt))
            settle_brief(self.log)
            self._staleness.touch(command.step)
            if command.step == "plan":  # the plan that it wrote is to be the run's
                self._wanted.asked.setdefault("plan", []).append(command)
        elif isinstance(command, Approve):
            if command.plan is not None:
                take_edited(self.log, command.plan)
            if is_gated(self.view):
                self.log.append(ev.PlanApproved())
            self._command = None  # it is done; what follows is the run's own
            self._wanted.go_on()
        else:
            self._wanted.ask(command)
        self._wake.set()

    # ---------------------------------------------------------------- the episode

    async def _episode(self) -> ev.Body:
        """Does what is to be done; returns how the episode ends."""
        if self.view.commands:
            await self._staleness.mark()  # a process that was killed may not have come to it
        if self._command is not None:
            self._accept(self._command)
        while self._wanted.whole or self._wanted.asked or self._wanted.down:
            await self._go_on_with_work()
            await self._staleness.mark()
            if not (self._wanted.asked or self._wanted.down or self._is_let_go):  # no command has come meanwhile
                break
        else:
            await self._staleness.mark()
        return self._end(self._wanted.whole)

    @property
    def _is_let_go(self) -> bool:
        """Whether the plan may run, and nobody has looked yet what of it can."""
        return self._wanted.is_new and not is_gated(self.view)

    def _end(self, whole: bool) -> ev.Body:
        """How the run stands at the end of the episode."""
        if is_gated(self.view) and self.view.planned:
            if self.view.task.options.plan_only:
                return ev.RunFinished("finished")
            return ev.RunPaused(f"the plan waits for approval: %vrun {self.log.run_id}")
        end = conclusion(self.view, whole)
        waits = bool(self._paused) and not whole and end.status == "stopped"
        return ev.RunPaused(self._paused) if waits else end

    @property
    def _first_engine(self) -> str:
        """Spec of an engine that is needed in any case: steps that another one carries do not need the run's own."""
        command = self._command
        if not isinstance(command, Rerun):
            return ""
        return next((command.changed(self.view.steps[step].step).engine for step in command.steps), "")

    async def _go_on_with_work(self) -> None:
        if self._work is None:
            engine = await self._engine(self._first_engine)
            slots = asyncio.Semaphore(self.view.task.options.parallel or max(engine.info.slots, 1))
            scope = Scope(self.log, self._engine, self._find, slots, self._prices)
            self._work = Work(scope, self._wanted, self._staleness, self._wake)
        planning: Coroutine[Any, Any, None] | None = None
        if self._wanted.whole and not self.view.planned:
            if self.view.given:
                await self._work.planning.read()
                announce_given(self.log, self.view.given, self.view.deliver)
            else:
                planning = await self._planner(self._work.planning)
        await self._work.run(planning)
        self._wanted.forget()

    async def _planner(self, planning: Planning) -> Coroutine[Any, Any, None] | None:
        """What makes the plan; `None` where the task needs no planner, and its steps are announced now."""
        assert self._work is not None
        asking, strategy = await self._work.asking(), await planning.choose()
        if strategy in ("direct", "code") or (strategy == "plan" and await planning.is_one_step()):
            await planning.settle(asking.whole_task(self.view))
        elif strategy == "vote":
            await planning.settle(*asking.samples(self.view))
        elif strategy == "map" and asking.tabulates(self.view):
            await planning.read()
            return planning.plan()
        elif strategy == "map" and (name := longest(self.view.task)):
            await planning.settle(*asking.mapped(self.view, name))
        elif strategy == "outline" and (sections := asking.sections(self.view)):
            await planning.settle(*sections)
        else:
            await planning.understand()
            return planning.plan()
        return None
