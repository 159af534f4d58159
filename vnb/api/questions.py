"""Tasks with known answers, and whether an answer is right."""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from ..core.digest import digest
from ..errors import UsageError
from ..reading.answers import most_frequent

Check = Literal["exact", "text", "number", "regex"]

_NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NEAR = 1e-9
"""How far two numbers may be apart, as a share of the larger, to be the same."""


@dataclass(frozen=True)
class Question:
    """A task with its known answer.

    Attributes:
        task: The task in plain words; with `{{name}}` for inputs if there are `inputs`, else taken as it is.
        answer: The right answer, or several of which each is right.
        id: What it is called; by default the digest of task and inputs.
        check: How an answer is compared: `exact` (apart from space around it), `text` (also apart from case, space and
            punctuation around it), `number` (the last number in it), `regex` (`answer` is a pattern for the whole of
            it). By default `number` where the answer is a number, else `text`.
        group: Tasks of one group are counted together, and those without one as `other`.
        inputs: Values for each `{{name}}` of the task.
    """

    task: str
    answer: Any
    id: str = ""
    check: Check | None = None
    group: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[Any, ...]:
        return tuple(self.answer) if isinstance(self.answer, (list, tuple)) else (self.answer,)


Judge = Callable[[str, Question], bool]
"""A user's own check: whether an answer is right."""

_FIELDS = tuple(one.name for one in fields(Question))
_HINT = '{"task": "Add 2 and 3.", "answer": 5}'


def read(tasks: str | Path | Iterable[Mapping[str, Any] | Question]) -> tuple[Question, ...]:
    """Tasks from a JSONL file, one object a line, or from values; the fields are those of `Question`, others are ignored.

    Raises:
        UsageError: The file cannot be read, a field is missing or makes no sense (the line is named), or two tasks
            have the same id.
    """
    if isinstance(tasks, (str, Path)):
        found = [_question(data, f"{Path(tasks).name}, line {line}") for line, data in _lines(Path(tasks).expanduser())]
    else:
        found = [_question(one, f"task {place}") for place, one in enumerate(tasks, 1)]
    if not found:
        raise UsageError("There are no tasks.", f"One a line: {_HINT}")
    twice = [name for name, count in Counter(one.id for one in found).items() if count > 1]
    if twice:
        raise UsageError(f"Two tasks have the id {twice[0]!r}.", 'Give each an "id" of its own.')
    if any(one.group for one in found):
        found = [replace(one, group=one.group or "other") for one in found]
    return tuple(found)


def _lines(path: Path) -> Iterable[tuple[int, object]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as text: {error}.", f"A JSONL file, one object a line: {_HINT}"
        ) from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise UsageError(
                    f"{path.name}, line {number} is no JSON: {error}.", f"One object a line: {_HINT}"
                ) from None


def _question(data: object, place: str) -> Question:
    if isinstance(data, Question):
        data = {name: value for name, value in vars(data).items() if value is not None}
    if not isinstance(data, Mapping):
        raise UsageError(f"{place}: a task is an object, not {type(data).__name__}.", _HINT)
    for name in data:
        near = difflib.get_close_matches(str(name), _FIELDS, 1, 0.8)
        if near and near[0] not in data:
            raise UsageError(f"{place}: there is no field {name!r}.", f"Did you mean {near[0]!r}?")
    task, answer, inputs = data.get("task"), data.get("answer"), data.get("inputs") or {}
    for name, value in (("task", task), ("answer", answer)):
        if value is None or value in ("", []):
            raise UsageError(f"{place} has no {name!r}.", _HINT)
    if not isinstance(task, str) or not isinstance(inputs, Mapping):
        raise UsageError(f"{place}: 'task' must be text, and 'inputs' an object.", _HINT)
    answers = tuple(answer) if isinstance(answer, (list, tuple)) else (answer,)
    if not all(isinstance(one, (str, int, float)) for one in answers):
        raise UsageError(f"{place}: 'answer' must be text, a number, or a list of them.", _HINT)
    numbers = all(isinstance(one, (int, float)) for one in answers)
    check: Any = data.get("check") or ("number" if numbers else "text")
    _refuse_bad_check(check, answers, place)
    name = str(data.get("id") or digest([task, _json(inputs, place)])[:12])
    return Question(task, answer, name, check, str(data.get("group") or ""), inputs)


def _json(value: object, place: str) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise UsageError(f"{place}: the inputs are no JSON: {error}.", _HINT) from None


def _refuse_bad_check(check: object, answers: Sequence[Any], place: str) -> None:
    if check not in get_args(Check):
        known = ", ".join(get_args(Check))
        raise UsageError(f"{place}: check must be one of {known}, not {check!r}.", '"check": "text"')
    for answer in answers:
        if check == "number" and _number(str(answer)) is None:
            raise UsageError(f"{place}: there is no number in the answer {answer!r}.", '"check": "text"')
        if check == "regex":
            try:
                re.compile(str(answer))
            except re.error as error:
                raise UsageError(f"{place}: {answer!r} is no regular expression: {error}.", '"check": "text"') from None


# ---------------------------------------------------------------- judging


def is_right(given: str, question: Question) -> bool:
    """Whether an answer is right by the question's own check."""
    return any(_matches(given, answer, question.check) for answer in question.answers)


def _matches(given: str, answer: Any, check: Check | None) -> bool:
    if check == "exact":
        return given.strip() == str(answer).strip()
    if check == "regex":
        return re.fullmatch(str(answer), given.strip(), re.DOTALL) is not None
    if check == "number":
        found, wanted = _number(given), _number(str(answer))
        return found is not None and wanted is not None and math.isclose(found, wanted, rel_tol=_NEAR)
    return plain(given) == plain(str(answer))


def plain(text: str) -> str:
    """A text apart from case, width of letters, space, and punctuation around it."""
    line = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return line.strip("".join({char for char in line if unicodedata.category(char)[0] in "PZ"} - set("-%")))


def _number(text: str) -> float | None:
    """The last number in a text; `None` if there is none."""
    found = _NUMBER.findall(unicodedata.normalize("NFKC", text))
    return float(found[-1].replace(",", "").replace("−", "-")) if found else None


def voted(outputs: Sequence[str], check: Check | None) -> str:
    """The answer that most of several outputs give, as the first of them put it; the earlier one of two as frequent.

    Outputs are the same answer if they are the same by `check`; with `number`, those without a number do not vote.
    """
    place, _ = most_frequent([_ballot(output, check) for output in outputs])
    return outputs[place] if outputs else ""


def _ballot(output: str, check: Check | None) -> str:
    if check == "number":
        number = _number(output)
        return "" if number is None else repr(number)
    return output.strip() if check == "exact" else plain(output)
