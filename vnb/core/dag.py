"""The plan as a directed acyclic graph of steps: is it one, what is ready, what depends on what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ..errors import PlanError, listed
from .types import RESERVED_IDS, Step

Edges = Mapping[str, tuple[str, ...]]
"""For every step the steps that must have finished before it."""


def edges(steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    """What each step waits for.

    A step with sub-steps waits for those of them that no other sub-step needs: they are its result. A sub-step
    waits for its own needs and for those of its parent. Names that are no step are kept, so that they can be refused.
    """
    by_id = {step.id: step for step in steps}
    parts: dict[str, list[Step]] = defaultdict(list)
    for step in by_id.values():
        if step.parent:
            parts[step.parent].append(step)
    found: dict[str, tuple[str, ...]] = {}
    for step in by_id.values():
        if step.id in parts:
            found[step.id] = sinks(parts[step.id])
            continue
        needs = list(step.needs)
        above, seen = step.parent, {step.id}
        while above and above in by_id and above not in seen:
            seen.add(above)
            needs += [need for need in by_id[above].needs if need not in needs]
            above = by_id[above].parent
        found[step.id] = tuple(needs)
    return found


def sinks(steps: Iterable[Step]) -> tuple[str, ...]:
    """The steps that no other of these steps needs, in order. Neither a sub-step beside its parent nor a check is one."""
    given = [step for step in steps if step.kind != "check"]
    ids = {step.id for step in given}
    needed = {need for step in given for need in step.needs}
    return tuple(step.id for step in given if step.id not in needed and step.parent not in ids)


def delivered(steps: Iterable[Step], deliver: Iterable[str], parent: str = "") -> tuple[str, ...]:
    """The steps whose results make the deliverable, in its order; with `parent`, those that make the result of that step.

    They are the ones that `deliver` names among the steps of that level, or else those that no other of them needs.
    """
    level = [step for step in steps if step.parent == parent]
    ids = {step.id for step in level}
    return tuple(dict.fromkeys(name for name in deliver if name in ids)) or sinks(level)


def validate(steps: Iterable[Step], most: int | None = None, deliver: Iterable[str] = ()) -> None:
    """Checks that steps form a plan: at least one, ids unique and not reserved, needs and parents known, no cycle.

    Args:
        most: The most steps.
        deliver: The steps that the plan delivers, which must be in it.

    Raises:
        PlanError: Names the duplicate id, the unknown need, the cycle, or what else is wrong.
    """
    plan = list(steps)
    if not plan:
        raise PlanError("The plan has no steps.", "Write at least one line: s1: what to do")
    if most is not None and len(plan) > most:
        raise PlanError(f"The plan has {len(plan)} steps; at most {most} are allowed.", f"--steps 1..{len(plan)}")
    known: dict[str, None] = {}
    for step in plan:
        if not step.id:
            raise PlanError("A step has no id.", "Give each step an id: s1, s2, …")
        if step.id in RESERVED_IDS or step.id.startswith("review."):
            raise PlanError(f"The id {step.id!r} is reserved.", "Use s1, s2, … or a name of your own.")
        if step.id in known:
            raise PlanError(f"The id {step.id!r} is used twice.", "Give each step an id of its own.")
        if not step.instruction.strip():
            raise PlanError(f"Step {step.id!r} has no instruction.", f"{step.id}: what to do")
        known[step.id] = None
    for step in plan:
        if step.kind == "check" and not step.needs:
            raise PlanError(f"Step {step.id!r} checks nothing.", f"{step.id} [kind=check]: … <- s1")
        for need in step.needs:
            if need not in known:
                hint = f"Steps of the plan: {listed(known)}"
                raise PlanError(f"Step {step.id!r} needs {need!r}, which is not in the plan.", hint)
        if step.parent and step.parent not in known:
            raise PlanError(f"Step {step.id!r} is part of {step.parent!r}, which is not in the plan.")
    for name in deliver:
        if name not in known:
            hint = f"Steps of the plan: {listed(known)}"
            raise PlanError(f"The plan delivers {name!r}, which is not in it.", hint)
    cycle = find_cycle(edges(plan))
    if cycle:
        raise PlanError(f"The plan has a cycle: {' -> '.join(cycle)}.", "Remove one of these needs.")


def find_cycle(graph: Edges) -> tuple[str, ...]:
    """One cycle as `(a, b, …, a)` where each needs the next; empty if there is none."""
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            step, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(step)
            elif step in on_path:
                return (*path[path.index(step) :], step)
            elif step not in done:
                path.append(step)
                on_path.add(step)
                stack.append((step, True))
                stack.extend((need, False) for need in graph.get(step, ()))
    return ()


def order(graph: Edges) -> tuple[str, ...]:
    """All steps, each after those that it waits for, otherwise in the order given.

    Raises:
        PlanError: There is a cycle.
    """
    cycle = find_cycle(graph)
    if cycle:
        raise PlanError(f"The plan has a cycle: {' -> '.join(cycle)}.", "Remove one of these needs.")
    placed: dict[str, None] = {}
    for start in graph:
        stack = [(start, False)]
        while stack:
            step, leaving = stack.pop()
            if step in placed or step not in graph:
                continue
            if leaving:
                placed[step] = None
            else:
                stack.append((step, True))
                stack.extend((need, False) for need in reversed(graph[step]))
    return tuple(placed)


def descendants(graph: Edges, of: Iterable[str]) -> set[str]:
    """Every step that waits, directly or not, for one of `of`; not those themselves unless they do."""
    dependants: dict[str, list[str]] = defaultdict(list)
    for step, needs in graph.items():
        for need in needs:
            dependants[need].append(step)
    found: set[str] = set()
    todo = [dependant for step in of for dependant in dependants[step]]
    while todo:
        step = todo.pop()
        if step not in found:
            found.add(step)
            todo += dependants[step]
    return found
