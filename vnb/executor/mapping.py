"""What a map step goes over, and the sub-steps that go over it: made when the list is there, changed when it changes."""

from __future__ import annotations

from dataclasses import replace

from ..context.budget import Counter
from ..context.items import items, list_in, passages_of
from ..core.types import Change, Step, Task
from ..errors import PlanError, listed
from ..planner.table import TASK, filled_from, is_table
from .log import Log

DOCS = "docs"
"""What a map goes over that goes over the passages of the task's documents."""

MOST = 5000
"""The most items of a map."""

LARGEST = 800
"""The most tokens of a passage that an input is cut into."""

TITLE = 60
"""Characters of an item that name its sub-step."""


def too_long(task: Task, count: Counter, room: int) -> str:
    """Name of the first input of more tokens than there is room for; empty if there is none."""
    return next((name for name in task.attached if count(task.inputs[name]) > room), "")


def longest(task: Task) -> str:
    """What a map goes over that its user does not name: the longest input, or else the documents; empty without any."""
    return max(
        task.attached or task.inputs, key=lambda name: len(task.inputs[name]), default=DOCS if task.documents else ""
    )


def sub_steps(log: Log, step: Step, count: Counter, room: int) -> tuple[Step, ...]:
    """The sub-steps of a map, one for each item of what it goes over.

    Args:
        count: Tokens of a text.
        room: Tokens of a prompt.

    Raises:
        PlanError: There is nothing of that name, or it has no items, or too many.
    """
    found = _items(log, step, count, room)
    if not found:
        raise PlanError(f"{step.over!r}, which {step.id} goes over, is empty.", "Give it at least one item.")
    if len(found) > MOST:
        raise PlanError(
            f"{step.over!r}, which {step.id} goes over, has {len(found)} items; at most {MOST} are allowed.",
            "Divide the list, or give larger pieces.",
        )
    bare = replace(step, kind="write", needs=(), parent=step.id, over="", title="")
    parts = [
        replace(bare, id=f"{step.id}.{number}", item=item, title=_title(item)) for number, item in enumerate(found, 1)
    ]
    if step.constraint is None or not is_table(step):
        return tuple(parts)
    return tuple(replace(part, constraint=filled_from(part.item, step.constraint)) for part in parts)


def changes(log: Log, step: Step, wanted: tuple[Step, ...]) -> tuple[Change, ...]:
    """What has to change for a map to have these sub-steps."""
    now = {one.id: one for one in log.view.plan if one.parent == step.id}
    ids = {one.id for one in wanted}
    dropped = [Change("drop", name) for name in now if name not in ids]
    added = [Change("add", one.id, one) for one in wanted if one.id not in now]
    reworded = [Change("reword", one.id, one) for one in wanted if one.id in now and now[one.id] != one]
    return (*dropped, *added, *reworded)


def _items(log: Log, step: Step, count: Counter, room: int) -> tuple[str, ...]:
    task, source = log.view.task, log.view.steps.get(step.over)
    if step.over == DOCS and task.documents:
        return passages_of(task.documents)
    by_line = log.view.strategy != "map" or step.constraint is not None  # a long text is read in passages
    if step.over in task.inputs:
        return _cut(task.inputs[step.over], count, room, by_line)
    if step.over == TASK and (found := list_in(task.text)):
        return found.items
    if source is not None and source.output:
        return _cut(log.store.blob(source.output), count, room)
    known = [*task.inputs, *(["docs"] if task.documents else []), *step.needs]
    raise PlanError(
        f"{step.id} goes over {step.over!r}, which is not an input, not a step that it needs, and not docs.",
        f"{step.id} [kind=map over={known[0]}]: …" if known else f"There is nothing to go over: {listed(known)}",
    )


def _cut(text: str, count: Counter, room: int, by_line: bool = True) -> tuple[str, ...]:
    """The items of a text: passages are of at most half a prompt."""
    tokens = min(room // 2, LARGEST)
    return items(text, max(100, len(text) * tokens // max(count(text), 1)), by_line)


def _title(item: str) -> str:
    line = " ".join(item.split())
    return line if len(line) <= TITLE else f"{line[: TITLE - 1]}…"
