"""Which finished steps are stale: the context that would be built for them now is not the one that they ran with.

What a context is built of is recorded by digest, so no text is read and no token counted. Only where a text was
trimmed, two texts may give one context; then the context itself has to be built (`Difference.trimmed`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from ..context.build import brief_text
from ..core import events as ev
from ..core.digest import text_digest
from ..core.view import RunView, StepView
from ..engines.base import Engine
from ..errors import VnbError
from .log import Log
from .sending import prepare
from .wanted import PLANNING


@dataclass(frozen=True)
class Difference:
    """Why a context would be another one; `trimmed` if the parts that differ were cut when it ran."""

    reason: str
    trimmed: bool = False


def difference(view: RunView, found: StepView, waits_for: tuple[str, ...]) -> Difference | None:
    """What changed since the chosen attempt of a step was sent, or `None`.

    A review is never stale: it is about the moment in which it was asked.

    Args:
        view: The run.
        found: The step.
        waits_for: The steps whose results it is shown.
    """
    ran_with = found.attempts[found.chosen - 1].context if found.chosen else None
    if ran_with is None or found.step.role == "review" or found.status == "superseded":
        return None
    by_kind: dict[str, list[ev.PartRef]] = {}
    for part in ran_with.parts:
        by_kind.setdefault(part.kind, []).append(part)
    if any(part.digest != text_digest(found.step.instruction) for part in by_kind.get("instruction", ())):
        return Difference("its instruction was edited")
    if found.step.kind == "map" and found.step.over in view.steps:
        waits_for = (*waits_for, found.step.over)
    brief = brief_text(view.brief) if view.brief is not None else ""
    shown = by_kind.get("brief", ())
    # Without constraints there was no brief to show to the one that writes the result; vnb-tiny, which has no system
    # text, is never shown any.
    missing = bool(brief) and not shown and found.step.role == "integrate" and "system" in by_kind
    if missing or any(part.digest != text_digest(brief) for part in shown):
        return Difference("the brief changed")
    differs = _results(view, by_kind.get("result", []), waits_for)
    if differs is not None and found.step.kind == "code":  # its program reads what its prompt leaves out
        return replace(differs, trimmed=False)
    return differs


def _results(view: RunView, shown: list[ev.PartRef], waits_for: tuple[str, ...]) -> Difference | None:
    """What differs in the results that a step was shown; their ids are no part of a context."""
    now = {step: output for step in waits_for if (output := view.steps[step].output)}
    if [_whole(part) for part in shown] == list(now.values()):
        return None
    before = {part.source: part for part in shown}
    changed = [step for step, output in now.items() if step not in before or output != _whole(before[step])]
    gone = [step for step in before if step not in now]
    reasons = [f"{step} changed" for step in changed] + [f"{step} is not needed any more" for step in gone]
    trimmed = bool(changed) and not gone and all(step in before and before[step].whole for step in changed)
    return Difference("; ".join(reasons) or "its needs come in another order", trimmed)


def _whole(part: ev.PartRef) -> str:
    return part.whole or part.digest


class Staleness:
    """Keeps the marks of stale steps as they should be.

    Args:
        log: The run.
        engine: Gives the engine of a spec; asked only where a context has to be built.
    """

    def __init__(self, log: Log, engine: Callable[[str], Awaitable[Engine]]) -> None:
        self._log, self._engine = log, engine
        self._touched: set[str] = set()

    def touch(self, step: str) -> None:
        """Says that another attempt of the step may count now, or that its words have changed."""
        self._touched.add(step)

    async def mark_touched(self) -> None:
        """`mark` for what was touched since the last time, and what waits for it."""
        touched, self._touched = self._touched, set()
        if touched & {*PLANNING}:
            await self.mark()
        elif touched:
            below = {step for step, needs in self._log.graph.edges.items() if not touched.isdisjoint(needs)}
            below |= {step.id for step in self._log.view.plan if step.over in touched}
            await self.mark((touched | below | {"integrate"}) & self._log.view.steps.keys())

    async def mark(self, steps: Iterable[str] | None = None, build: bool = True) -> None:
        """Appends which steps are stale, if that has changed.

        Args:
            steps: The steps to look at; by default all of them.
            build: Whether a context may be built where it was trimmed; else such a step is taken for stale.
        """
        view = self._log.view
        marks = {name: found.stale for name, found in view.steps.items() if found.stale}
        now = dict(marks)
        for name in list(view.steps) if steps is None else steps:
            now.pop(name, None)
            found = view.steps[name]
            differs = difference(view, found, self._log.graph.needs(name))
            if differs is not None and not (differs.trimmed and build and await self._builds_the_same(found)):
                now[name] = differs.reason
        if now != marks:
            self._log.append(ev.StaleSet(now))

    async def _builds_the_same(self, found: StepView) -> bool:
        """Whether the step's context comes out the same after trimming."""
        ran_with = found.attempts[found.chosen - 1].context
        try:
            engine = await self._engine(found.step.engine)
            now = (await prepare(self._log, found.step, engine)).context
            return ran_with is not None and now.digest == ran_with.digest
        except VnbError:  # no engine to ask, or it does not fit any more
            return False
