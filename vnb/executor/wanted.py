"""Which steps are still to run in an episode, and which of them may start now."""

from __future__ import annotations

from ..core import dag
from ..core.view import RunView
from .commands import Command, Rerun

PLANNING = ("understand", "plan")
"""Nothing starts while one of these is asked again: what is to be done may change."""


class Wanted:
    """What is to run: the whole run, what a command asks for, and what a command makes stale.

    Attributes:
        whole: Whether the episode goes on with everything that has not finished.
        again: Steps that run with the whole though they have failed, or were skipped or cancelled, before.
        asked: For each step, the commands that are about it and come next.
        down: Steps that run again once they are stale, each once.
        blocked: Steps that are being changed and must not start.
        under_way: Steps of which an attempt is under way.
    """

    def __init__(self, view: RunView, whole: bool) -> None:
        self._view = view
        self.whole = whole
        self.again: set[str] = set()
        self.asked: dict[str, list[Command]] = {}
        self.down: set[str] = set()
        self.blocked: set[str] = set()
        self.under_way: set[str] = set()
        self._graph: dict[str, tuple[str, ...]] = {}
        self._graph_of = (-1, -1)  # how many steps and revisions there were when the graph was made

    @property
    def graph(self) -> dict[str, tuple[str, ...]]:
        """What each step of the plan waits for; made anew only when the plan has changed."""
        now = (len(self._view.steps), len(self._view.revisions))
        if now != self._graph_of:
            self._graph, self._graph_of = dag.edges(self._view.plan), now
        return self._graph

    def needs(self, step: str) -> tuple[str, ...]:
        """The steps whose results a step is shown, in the order of the run."""
        waits_for = self.graph.get(step)
        wanted = set(self._view.steps[step].step.needs if waits_for is None else waits_for)
        if len(wanted) < 2:
            return tuple(wanted & self._view.steps.keys())
        return tuple(known for known in self._view.steps if known in wanted)

    def ask(self, command: Rerun) -> None:
        """Takes a command: its steps run again, and with `down` what becomes stale by that."""
        for step in command.steps:
            self.asked.setdefault(step, []).append(command)
        if command.down:
            self.down |= self._below(command.steps)

    def _below(self, steps: tuple[str, ...]) -> set[str]:
        """What may become stale by `steps`: everything, if none is named or the planning is among them."""
        if not steps or set(steps) & {*PLANNING}:
            return {name for name, found in self._view.steps.items() if found.step.role != "review"} - {*steps}
        return (dag.descendants(self.graph, steps) | {"integrate"}) & self._view.steps.keys()

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
        graph = self.graph
        wanted = {step for step in graph if step not in self.under_way and self.is_wanted(step)}
        unsettled: set[str] = set()
        if self.down:  # what may yet become stale, and run again, is no result to go on with
            unsettled = dag.descendants(graph, wanted | self.under_way) & self.down
        busy = wanted | unsettled | self.under_way | self.blocked
        return [
            step
            for step in graph
            if step in wanted
            and step not in self.blocked
            and all(need not in busy and self._finished(need) for need in graph[step])
        ]

    def _finished(self, step: str) -> bool:
        found = self._view.steps.get(step)
        return found is not None and found.status == "finished"

    def start(self, step: str) -> Command | None:
        """Says that an attempt of the step starts; returns the command that asked for it, if one did."""
        self.again.discard(step)
        self.down.discard(step)
        self.under_way.add(step)
        waiting = self.asked.get(step)
        return waiting.pop(0) if waiting else None

    def forget(self) -> None:
        """Drops what was asked for and could not start, and what need not run again."""
        self.asked.clear()
        self.down.clear()
