"""A plan parsed while it still decodes: each step is handed on as soon as its closing brace is there.

A step may only name needs that came before it, so that a step which has started can never be part of a cycle. What
can be mended is mended, each time with a reason that becomes a visible revision; the rest is a `PlanError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from ..core.types import RESERVED_IDS, Json, Step
from ..errors import PlanError
from .parse import clean

_OPENING = re.compile(r"\"steps\"\s*:\s*\[|^\s*(?:```(?:json)?\s*)?\[")
_ID = re.compile(r"[^\W\d_][\w-]{0,31}")


@dataclass(frozen=True)
class Planned:
    """A step of a plan, with what had to be mended in it (empty: nothing)."""

    step: Step
    repair: str = ""


class PlanStream:
    """Feed it the model's text as it comes; it answers with the steps that are complete.

    Args:
        most: The most steps; further ones are left out, as a repair.
    """

    def __init__(self, most: int) -> None:
        self.steps: list[Step] = []
        self.left_out: list[str] = []
        self._most = most
        self._text = ""
        self._at = -1  # where to go on reading; -1 before the array has opened
        self._start = -1  # where the object under way began; -1 between objects
        self._depth = 0
        self._in_string = self._escaped = self._closed = False

    def feed(self, text: str) -> list[Planned]:
        """The steps that became complete with `text`.

        Raises:
            PlanError: What stands there is no list of steps.
        """
        self._text += text
        if self._at < 0:
            opening = _OPENING.search(self._text)
            if opening is None:
                return []
            self._at = opening.end()
        found: list[Planned] = []
        while self._at < len(self._text) and not self._closed:
            written = self._read(self._text[self._at])
            self._at += 1
            planned = self._planned(written) if written else None
            if planned is not None:
                found.append(planned)
        return found

    def finish(self) -> None:
        """Says that no more text comes.

        Raises:
            PlanError: The plan is cut off or has no steps.
        """
        if self._at < 0:
            raise PlanError(f"The planner answered with something that is no plan: {self._text[:80]!r}.", _HINT)
        if not self._closed:
            raise PlanError(
                f"The plan was cut off after {len(self.steps)} complete steps.",
                "Let the planner write more or plan less: --steps 2..4, or write the plan by hand: %%vplan",
            )
        if not self.steps:
            raise PlanError("The planner made a plan without steps.", _HINT)

    def _read(self, char: str) -> str:
        """Takes one character; the text of an object when it closes one."""
        if self._start < 0:
            if char == "{":
                self._start, self._depth = self._at, 1
            elif char == "]":
                self._closed = True
            elif char not in " \t\r\n,":
                raise PlanError(f"A step of the plan is no JSON object: {self._text[self._at :][:60]!r}.", _HINT)
        elif self._escaped:
            self._escaped = False
        elif self._in_string:
            self._escaped = char == "\\"
            self._in_string = char != '"'
        elif char == '"':
            self._in_string = True
        elif char in "{[":
            self._depth += 1
        elif char in "}]":
            self._depth -= 1
            if self._depth == 0:
                written = self._text[self._start : self._at + 1]
                self._start = -1
                return written
        return ""

    def _planned(self, written: str) -> Planned | None:
        try:
            data = json.loads(written)
        except (ValueError, RecursionError):
            raise PlanError(f"A step of the plan is no JSON object: {written[:60]!r}.", _HINT) from None
        if len(self.steps) >= self._most:
            self.left_out.append(f"only {self._most} steps are allowed; {_named(data)} was left out")
            return None
        planned = read_step(data, {step.id for step in self.steps})
        if planned is None:
            self.left_out.append(f"{_named(data)} has no instruction and was left out")
            return None
        self.steps.append(planned.step)
        return planned


_HINT = "Run it again with another --seed, write the plan by hand (%%vplan), or use a larger model."


def read_step(data: dict[str, Json], known: Collection[str], step_id: str = "") -> Planned | None:
    """The step that a JSON object describes after the steps `known`; `None` if it has no instruction.

    A missing, doubled or reserved id is replaced by a free one, unless `step_id` says what it is; needs that are not
    known are dropped.
    """
    instruction = data.get("instruction")
    if not isinstance(instruction, str) or not clean(instruction):
        return None
    repairs: list[str] = []
    said = str(data.get("id", ""))
    if step_id:
        pass
    elif not _ID.fullmatch(said) or said in known or said in RESERVED_IDS or said == "review":
        step_id = next(name for number in range(1, len(known) + 2) if (name := f"s{number}") not in known)
        why = "is used twice" if said in known else "is not a step's id"
        repairs.append(f"the id {said[:32]!r} {why}; the step is {step_id} now")
    else:
        step_id = said
    needs: list[str] = []
    wanted = data.get("needs")
    for need in wanted if isinstance(wanted, list) else []:
        name = str(need)
        if name not in known:
            repairs.append(f"{step_id} needed {name[:32]!r}, which does not come before it; that need was dropped")
        elif name not in needs:
            needs.append(name)
    title = data.get("title")
    step = Step(step_id, clean(instruction), tuple(needs), title=title.strip() if isinstance(title, str) else "")
    return Planned(step, "; ".join(repairs))


def _named(data: dict[str, Json]) -> str:
    return f"step {str(data.get('id', '?'))[:32]!r}"
