"""Which steps are still to run in an episode, and which of them may start now."""

from __future__ import annotations

from ..core import dag
from .commands import AboutSteps, Rerun
from .log import Log

PLANNING = ("understand", "plan")
"""Nothing starts while one of these is asked again: what is to be done may change."""


_NEVER = (-1, -1)


class Wanted:
    """What is to run: the whole run, what a command asks for, and what a command makes stale.

    Attributes:
        whole: Whether the episode goes on with everything that has not finished.
        again: Steps that run with the whole though they have failed, or were skipped or cancelled, before.
        asked: For each step, the commands that are about it and come next.
        down: Steps that run again once they are stale, each once, with the command that wants it.
        blocked: Steps that are being changed and must not start.
        under_way: Steps of which an attempt is under way.
    """

    def __init__(self, log: Log, whole: bool) -> None:
        self._view = log.view
        self._graph = log.graph
        self.whole = whole
        self.again: set[str] = set()
        self.asked: dict[str, list[AboutSteps]] = {}
        self.down: dict[str, Rerun] = {}
        self.blocked: set[str] = set()
        self.under_way: set[str] = set()
        self._look: set[str] = set()  # steps that may have become startable since the last look
        self._looked_at = _NEVER  # the graph's version at that time

    def ask(self, command: Rerun) -> None:
        """Takes a command: its steps run again, and with `down` what becomes stale by that."""
        for step in command.steps:
            self.asked.setdefault(step, []).append(command)
        if command.down:
            self.down |= dict.fromkeys(self._below(command.steps), command)

    @property
    def open(self) -> list[AboutSteps]:
        """The commands of which something has still to start, if only to find out that it need not."""
        return [*(one for waiting in self.asked.values() for one in waiting), *self.down.values()]

    def _below(self, steps: tuple[str, ...]) -> set[str]:
        """What may become stale by `steps`: everything, if none is named or the planning is among them."""
        if not steps or set(steps) & {*PLANNING}:
            return {name for name, found in self._view.steps.items() if found.step.role != "review"} - {*steps}
        return (dag.descendants(self._graph.edges, steps) | {"integrate"}) & self._view.steps.keys()

    def is_wanted(self, step: str) -> bool:
        """Whether an attempt of the step is still to come."""
        found = self._view.steps[step]
        if self.asked.get(step):
            return True
        if self.whole and (found.status == "waiting" or step in self.again):
            return True
        return step in self.down and (found.status != "finished" or bool(found.stale))

    @property
    def plans_again(self) -> bool:
        """Whether a step around the work is being asked again."""
        return any(step in PLANNING or step.startswith("review.") for step in self.under_way)

    def replanning(self) -> str | None:
        """The step around the work that was asked for again and comes next; they go one by one, the brief first."""
        if self.plans_again:
            return None
        for step in (*PLANNING, *self.asked):
            found = self._view.steps.get(step)
            around = found is not None and found.step.role not in ("work", "integrate")
            if found is not None and around and (self.asked.get(step) or (step in self.down and found.stale)):
                return step
        return None

    def startable(self) -> list[str]:
        """The steps of the plan that may start now."""
        if any(self.asked.get(step) or step in self.under_way for step in PLANNING):
            return []
        graph, version = self._graph.edges, self._graph.version
        unsettled: set[str] = set()
        if self.down:  # what may yet become stale, and run again, is no result to go on with
            coming = {step for step in graph if self.is_wanted(step)} | self.under_way
            unsettled = dag.descendants(graph, coming) & self.down.keys()
        everywhere = bool(self.asked or self.down) or version != self._looked_at
        steps = list(graph) if everywhere else self._graph.in_order(self._look)
        self._look, self._looked_at = set(), version
        return [step for step in steps if step in graph and self._may_start(step, graph[step], unsettled)]

    def _may_start(self, step: str, needs: tuple[str, ...], unsettled: set[str]) -> bool:
        if step in self.under_way or step in self.blocked or not self.is_wanted(step):
            return False
        return all(self._is_settled(need) and need not in unsettled for need in needs)

    def _is_settled(self, step: str) -> bool:
        """Whether the step has its result, and no attempt of it is under way or to come."""
        found = self._view.steps.get(step)
        done = found is not None and found.status == "finished"
        return done and step not in self.under_way and step not in self.blocked and not self.is_wanted(step)

    def start(self, step: str) -> AboutSteps | None:
        """Says that an attempt of the step starts; returns the command that asked for it, if one did."""
        self.again.discard(step)
        self.down.pop(step, None)
        self.under_way.add(step)
        waiting = self.asked.pop(step, [])
        if len(waiting) > 1:
            self.asked[step] = waiting[1:]
        return waiting[0] if waiting else None

    def go_on(self) -> None:
        """Wants the whole run from now on."""
        self.whole, self._looked_at = True, _NEVER

    @property
    def is_new(self) -> bool:
        """Whether the whole run is wanted, and `startable` has not been asked since it is."""
        return self.whole and self._looked_at == _NEVER

    def end(self, step: str) -> None:
        """Says that an attempt of the step has ended; what waits for it is looked at again."""
        self.under_way.discard(step)
        self._look |= {step, *self._graph.dependants(step)}

    def unblock(self, steps: set[str]) -> None:
        """Says that what was being changed stands."""
        self.blocked -= steps
        self._look |= steps

    def forget(self) -> None:
        """Drops what was asked for and could not start, and what need not run again."""
        self.asked.clear()
        self.down.clear()
