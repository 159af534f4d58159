"""Questions over a list: a table with a row for each item, and a program that computes the answer from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from ..context.items import items, list_in, value_of
from ..core.types import Constraint, Json, Step, Task
from ..errors import PlanError
from ..reading.shape import computes_over, figures
from .instruct import CHINESE, ENGLISH
from .schemas import constraint
from .stream import Planned
from .wording import Words

ROWS, ANSWER = "rows", "answer"
"""Ids of the two steps; the first is the name of the program's variable, too."""

FEWEST = 2
"""A table has so many columns of different names."""

SAMPLE = 12
"""The most items that the planner of a table is shown."""

LONGEST = 60
"""The most characters of a text in a row."""

_NUMBER: dict[str, Json] = {"type": ["number", "null"]}
_DIGITS = re.compile(r"\d{1,15}(?:,\d{3})*(?:\.\d{1,6})?|\d+(?::\d+)+")

TASK = "task"
"""What the map goes over where the list stands in the task's text."""


def lists_of(task: Task) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lists that a task brings, as (what a map goes over, items)."""
    found = list_in(task.text)
    if found is not None and TASK not in task.inputs:
        yield TASK, found.items
    for name, text in task.inputs.items():
        value = value_of(text)
        if all(isinstance(one, str) for one in value) if isinstance(value, list) else list_in(text):
            yield name, items(text, len(text) + 1)


def table_of(task: Task) -> str:
    """What a map goes over to answer the task from a table; empty if its answer is not computed from a list."""
    return next((name for name, items in lists_of(task) if len(items) > 1 and computes_over(task.text, items)), "")


def is_table(step: Step) -> bool:
    """Whether a map makes the rows of a table."""
    return step.constraint is not None and step.instruction in (ENGLISH.fill, CHINESE.fill)


def has_data(task: Task) -> bool:
    """Whether the answer is computed from an input that is a list or a table already."""
    values = (value_of(text) for text in task.inputs.values())
    return any(isinstance(one, (list, dict)) for one in values) and computes_over(task.text, ())


def question_of(task: Task, words: Words) -> str:
    """The task's text with its list taken out, where that stands in it."""
    over = table_of(task)
    if over == TASK and (found := list_in(task.text)):
        count = words.list.format(len(found.items))
        return "\n".join(part for part in (found.before.rstrip("\n"), count, found.after) if part)
    text = task.text
    if written := task.inputs.get(over, ""):
        text = text.replace(written, words.list.format(len(items(written, len(written) + 1))))
    return text.strip()


def shown_to(step: Step, task: Task) -> Task:
    """The task as a step is shown it: the one that names columns sees the first items of a list, which are enough."""
    if step.instruction not in (ENGLISH.table, CHINESE.table):
        return task
    over = table_of(task)
    if over == TASK and (found := list_in(task.text)) and len(found.items) > SAMPLE:
        lines = [found.before, *(f"- {item}" for item in found.items[:SAMPLE]), found.after]
        return replace(task, text="\n".join(lines).strip("\n"))
    written = task.inputs.get(over, "")
    some = items(written, len(written) + 1)
    if len(some) <= SAMPLE:
        return task
    return replace(task, inputs={**task.inputs, over: "\n".join(f"- {item}" for item in some[:SAMPLE])})


class TablePlan:
    """Reads the columns that a model names for a table, and makes the steps of them.

    Args:
        over: What the map goes over.
        question: The instruction of the program.

    Attributes:
        steps: The steps, once it is finished.
        left_out: Nothing; `PlanStream` has it.
        deliver: The same.
    """

    deliver: tuple[str, ...] = ()

    def __init__(self, over: str, question: str, words: Words) -> None:
        self.steps: list[Step] = []
        self.left_out: list[str] = []
        self._over, self._question, self._words = over, question, words
        self._text = ""

    def feed(self, text: str) -> list[Planned]:
        """Takes more of the model's answer; there are no steps before its end."""
        self._text += text
        return []

    def finish(self) -> list[Planned]:
        """The steps.

        Raises:
            PlanError: The answer names no columns.
        """
        columns = _columns(self._text)
        if len(columns) < FEWEST:
            raise PlanError(
                f"The planner named no columns for a table: {self._text[:80]!r}.", "--strategy direct asks without one."
            )
        rows = Step(ROWS, self._words.fill, kind="map", over=self._over, constraint=_row(columns))
        answer = Step(ANSWER, self._question, (ROWS,), kind="code")
        self.steps = [rows, answer]
        return [Planned(step) for step in self.steps]


def _columns(text: str) -> dict[str, str]:
    """The type of each column by its name."""
    try:
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])["columns"]
        return {str(one["name"]).strip(): str(one["type"]) for one in found if str(one["name"]).strip()}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def filled_from(item: str, row: Constraint) -> Constraint:
    """The schema of the row of one item: its numbers are those that stand in the item, unless that has some in words."""
    found = figures(item)
    if not found or not all(_DIGITS.fullmatch(one) for one in found):
        return row
    schema = json.loads(row.text)
    plain = [one.replace(",", "") for one in found if ":" not in one]  # a time of day is not a number
    numbers = [float(one) if "." in one else int(one) for one in plain]
    for name, kind in schema["properties"].items():
        if kind == _NUMBER:
            schema["properties"][name] = {"enum": [*dict.fromkeys(numbers), None]}
    return Constraint(row.kind, json.dumps(schema, ensure_ascii=False, separators=(",", ":")))


def _row(columns: dict[str, str]) -> Constraint:
    """The schema of a row. A text may be empty, but not null: small models take that way out too often."""
    text: Json = {"type": "string", "maxLength": LONGEST}
    kinds: dict[str, Json] = {name: _NUMBER if kind == "number" else text for name, kind in columns.items()}
    return constraint({"type": "object", "properties": kinds, "required": list(columns), "additionalProperties": False})
