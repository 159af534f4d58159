"""How a task is done, chosen by what its own words say: no model is asked."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.types import Brief, Options, Strategy, Task
from ..reading.shape import computes, is_one_text, is_short, parts_of
from .table import has_data, table_of

SECTIONS = 3
"""A task that names so many parts gets a section for each; two may as well be what is to be compared."""


@dataclass(frozen=True)
class Choice:
    """A strategy and why it was chosen."""

    strategy: Strategy
    reason: str


def choose(task: Task, brief: Brief, too_long: str = "") -> Choice:
    """The strategy of a task whose user leaves it open.

    Args:
        too_long: Name of an input that does not fit into a step; empty if all do.
    """
    low, high = task.options.steps
    parts, one_text = parts_of(brief.demands), is_one_text(task.text, brief.demands)
    if low > 1:
        return Choice("plan", f"at least {low} steps are wanted")
    if too_long:
        return Choice("map", f"{too_long} is longer than one step can read")
    if high == 1:
        return Choice("direct", "one step is wanted")
    if (task.options.steps, task.options.replan) != (Options.steps, Options.replan) or task.options.schema:
        return _by_length(task, brief)
    if table_of(task):
        return Choice("map", "the answer has to be computed from a list")
    if computes(task.text) or has_data(task):
        return Choice("code", "the answer has to be computed")
    if len(parts) >= (2 if any(demand.each for demand in brief.demands) else SECTIONS) and not one_text:
        return Choice("outline", f"the task names {len(parts)} parts")
    return _by_length(task, brief)


def _by_length(task: Task, brief: Brief) -> Choice:
    if is_short(task.text, brief.demands):
        return Choice("direct", "the task asks for one short answer")
    return Choice("plan", "the task has to be divided")
