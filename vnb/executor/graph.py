"""What the steps of a run wait for, made anew only when the plan has changed."""

from __future__ import annotations

from collections.abc import Iterable

from ..core import dag
from ..core.types import Step
from ..core.view import RunView


class PlanGraph:
    """The plan of a view as a graph. A plan changes by announcing steps, by revisions, and by its order alone."""

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._made_of = (-1, -1)
        self._steps: object = None  # the view's own, which is another one once its order has changed
        self._plan: tuple[Step, ...] = ()
        self._edges: dict[str, tuple[str, ...]] = {}
        self._places: dict[str, int] = {}
        self._split: set[str] = set()
        self._dependants: dict[str, list[str]] = {}

    def _current(self) -> PlanGraph:
        made_of = len(self._view.steps), len(self._view.revisions)
        if made_of != self._made_of or self._steps is not self._view.steps:
            plan, self._steps = self._view.plan, self._view.steps
            self._edges, self._made_of, self._plan = dag.edges(plan), made_of, plan
            self._places = {step: place for place, step in enumerate(self._view.steps)}
            self._split = {step.parent for step in plan if step.parent}
            self._dependants = {}
            for step, needs in self._edges.items():
                for need in needs:
                    self._dependants.setdefault(need, []).append(step)
        return self

    @property
    def edges(self) -> dict[str, tuple[str, ...]]:
        """What each step of the plan waits for."""
        return self._current()._edges

    @property
    def version(self) -> tuple[int, int]:
        """Another value whenever the plan may have changed."""
        return self._current()._made_of

    def dependants(self, step: str) -> list[str]:
        """The steps of the plan that wait for a step."""
        return self._current()._dependants.get(step, [])

    def in_order(self, steps: Iterable[str]) -> list[str]:
        """Those of these steps that are known, in the order of the run."""
        places = self._current()._places
        return sorted((step for step in steps if step in places), key=places.__getitem__)

    def is_split(self, step: str) -> bool:
        """Whether the step has sub-steps, whose results are its own."""
        return step in self._current()._split

    def needs(self, step: str) -> tuple[str, ...]:
        """The steps whose results a step is shown; a reserved step may be asked about too.

        They come in the order of the run, but where they are joined, in the order in which they are delivered. A map's
        sub-step is shown its item in place of what the map goes over.
        """
        if self.is_split(step):
            return dag.delivered(self._plan, self._view.deliver, step)
        found = self._view.steps[step].step
        if found.role == "integrate":
            return tuple(name for name in found.needs if name in self._view.steps)
        needs = self.in_order(dict.fromkeys(self.edges.get(step, found.needs)))
        mapped = self._view.steps[found.parent].step.over if found.item and found.parent else ""
        return tuple(need for need in needs if need != mapped)
