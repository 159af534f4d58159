"""A plan parsed while it still decodes: each step is passed on as soon as its closing brace is there.

A step starts after the steps that it needs, so one that names a later step waits here until that one is complete; a
step that has started can never be part of a cycle. What can be repaired is repaired, each time with a reason that
becomes a visible revision; the rest is a `PlanError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import cast

from ..core.types import RESERVED_IDS, Json, Step
from ..errors import PlanError
from .parse import clean
from .sound import Soundness, same

_OPENING = re.compile(r"\"steps\"\s*:\s*\[|^\s*(?:```(?:json)?\s*)?\[")
_ID = re.compile(r"[^\W\d_][\w-]{0,31}")
_HINT = "Run it again with another --seed, write the plan by hand (%%vplan), or use a larger model."

Data = dict[str, Json]


@dataclass(frozen=True)
class Planned:
    """A step of a plan, with what had to be repaired in it (empty: nothing)."""

    step: Step
    repair: str = ""


class PlanStream:
    """Feed it the model's text as it comes; it answers with the steps that are complete and may start.

    Args:
        most: The most steps; further ones are left out, as a repair.
        sound: Judges the steps of ordinary models; `None` takes them as they are.
        whole: Makes the one step that does the whole task. A plan of one step becomes that, and so does one of which
            nothing can be used.

    Attributes:
        steps: The steps so far, in the order in which they may start.
        left_out: What was left out, for a visible revision.
    """

    def __init__(self, most: int, sound: Soundness | None = None, whole: Callable[[str], Step] | None = None) -> None:
        self.steps: list[Step] = []
        self.left_out: list[str] = []
        self._most, self._sound, self._whole = most, sound, whole
        self._text = ""
        self._at = -1  # where to go on reading; -1 before the array has opened
        self._start = -1  # where the object under way began; -1 between objects
        self._depth = 0
        self._in_string = self._escaped = self._closed = False
        self._count = 0
        self._waiting: list[Data] = []  # steps that need one which has not come
        self._first: Planned | None = None  # kept back until a second step shows that there are several
        self._aliases: dict[str, str] = {}  # ids of steps that were left out, and what stands for them

    def feed(self, text: str) -> list[Planned]:
        """The steps that became complete with `text`.

        Raises:
            PlanError: What stands there is not a list of steps.
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
            if written:
                found += self._taken(written)
        return found

    def finish(self) -> list[Planned]:
        """Says that no more text comes; returns the steps that were still kept back.

        Raises:
            PlanError: The plan is cut off, has no steps, or has a cycle.
        """
        if self._at < 0:
            raise PlanError(f"The planner's answer is not a plan: {self._text[:80]!r}.", _HINT)
        if not self._closed:
            raise PlanError(
                f"The plan was cut off after {len(self.steps)} complete steps.",
                "Let the planner write more or plan less: --steps 2..4, or write the plan by hand: %%vplan",
            )
        found = self._rest()
        if self._first is not None:
            found = [self._only(self._first)]
        elif not self.steps and self._whole is not None and self._count:
            self.steps = [self._whole("")]
            found = [Planned(self.steps[0], "no step of the plan could be used; the task is done in one step")]
        if not self.steps:
            raise PlanError("The planner made a plan without steps.", _HINT)
        return found

    @property
    def deliver(self) -> tuple[str, ...]:
        """The steps that the plan delivers, once it is finished: those that it names, and those that nothing else uses."""
        try:
            data = json.loads(self._text[self._text.index("{") : self._text.rindex("}") + 1])
        except (ValueError, RecursionError):
            return ()
        named = data.get("deliver") if isinstance(data, dict) else None
        ids = {step.id for step in self.steps}
        known = [self._aliases.get(str(name), str(name)) for name in named] if isinstance(named, list) else []
        found = [name for name in known if name in ids]
        if not found:
            return ()
        used = {need for step in self.steps for need in step.needs}
        return tuple(dict.fromkeys([*found, *(step.id for step in self.steps if step.id not in used)]))

    def _read(self, char: str) -> str:
        """Takes one character; the text of an object when it closes one."""
        if self._start < 0:
            if char == "{":
                self._start, self._depth = self._at, 1
            elif char == "]":
                self._closed = True
            elif char not in " \t\r\n,":
                raise PlanError(f"A step of the plan is not a JSON object: {self._text[self._at :][:60]!r}.", _HINT)
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

    # ---------------------------------------------------------------- what becomes of a step

    def _taken(self, written: str) -> list[Planned]:
        try:
            data = cast(Data, json.loads(written))
        except (ValueError, RecursionError):
            raise PlanError(f"A step of the plan is not a JSON object: {written[:60]!r}.", _HINT) from None
        self._count += 1
        if len(self.steps) + len(self._waiting) >= self._most:
            self.left_out.append(f"only {self._most} steps are allowed; {_named(data)} was left out")
            return []
        data = self._renamed(data)
        if self._needs_later(data):
            self._waiting.append(data)
            return []
        found = self._placed(data)
        while later := next((one for one in self._waiting if not self._needs_later(one)), None):
            self._waiting.remove(later)
            found += self._placed(later, moved=True)
        return found

    def _renamed(self, data: Data) -> Data:
        """The step with the ids that stand for those which were left out."""
        needs = data.get("needs")
        if not isinstance(needs, list):
            return data
        return {**data, "needs": [self._aliases.get(str(need), str(need)) for need in needs]}

    def _needs_later(self, data: Data) -> bool:
        """Whether the step names one that has not come, but may."""
        needs, known = data.get("needs"), {step.id for step in self.steps}
        wanted = {str(need) for need in needs} if isinstance(needs, list) else set()
        return any(_ID.fullmatch(need) and need != data.get("id") for need in wanted - known)

    def _placed(self, data: Data, moved: bool = False) -> list[Planned]:
        planned = read_step(data, {step.id for step in self.steps})
        if planned is None:
            self.left_out.append(f"{_named(data)} has no instruction and was left out")
            return []
        if moved:
            needs = ", ".join(planned.step.needs)
            said = f"{planned.step.id} needs {needs}, which were planned after it; it comes after them now"
            planned = replace(planned, repair="\n".join(filter(None, (planned.repair, said))))
        if self._sound is not None:
            kept = self._judged(planned, self._sound)
            if kept is None:
                return []
            planned = kept
        self.steps.append(planned.step)
        if self._whole is None:
            return [planned]
        if len(self.steps) == 1:
            self._first = planned
            return []
        first, self._first = self._first, None
        return [planned] if first is None else [first, planned]

    def _judged(self, planned: Planned, sound: Soundness) -> Planned | None:
        """The step if it can be used, with a title of its own."""
        step = planned.step
        twin = next((other for other in self.steps if same(step, other)), None)
        fault = f"asks for the same as {twin.id}" if twin else sound.fault(step)
        if fault:
            self._leave_out(step, fault, twin.id if twin else "")
            return None
        if self._first is not None and sound.is_whole_task(self._first.step):
            self._leave_out(self._first.step, "asks for the whole task", "")
            self.steps.remove(self._first.step)
            self._first = None
            step = replace(step, needs=tuple(need for need in step.needs if need not in self._aliases))
        elif self.steps and sound.is_whole_task(step):
            self._leave_out(step, "asks for the whole task", "")
            return None
        if any(step.title == other.title for other in self.steps):
            step = replace(step, title="")
        return replace(planned, step=step)

    def _leave_out(self, step: Step, fault: str, stands_for: str) -> None:
        self._aliases[step.id] = stands_for
        self.left_out.append(f"{step.id} {fault} and was left out")

    def _only(self, first: Planned) -> Planned:
        """The one step of a plan that has no other: the task itself, asked as its user asked it."""
        assert self._whole is not None
        self._first = None
        self.steps = [replace(self._whole(first.step.title), id=first.step.id)]
        return Planned(self.steps[0], first.repair)

    def _rest(self) -> list[Planned]:
        """The steps that wait for others in vain: needs that never came are dropped, and a cycle cannot be repaired."""
        ids = {str(data.get("id")) for data in self._waiting}
        found: list[Planned] = []
        while self._waiting:
            ready = next((data for data in self._waiting if not self._open_needs(data, ids)), None)
            if ready is None:
                raise PlanError(f"The plan has a cycle: {' and '.join(sorted(ids))} need each other.", _HINT)
            self._waiting.remove(ready)
            ids.discard(str(ready.get("id")))
            found += self._placed(ready)
        return found

    def _open_needs(self, data: Mapping[str, Json], ids: set[str]) -> set[str]:
        needs = data.get("needs")
        return ({str(need) for need in needs} if isinstance(needs, list) else set()) & ids - {str(data.get("id"))}


def read_step(data: Data, known: Collection[str], step_id: str = "") -> Planned | None:
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
        if name and name not in known:
            repairs.append(f"{step_id} needed {name[:32]!r}, which is not a step before it; that need was dropped")
        elif name and name not in needs:
            needs.append(name)
    title = data.get("title")
    step = Step(step_id, clean(instruction), tuple(needs), title=title.strip() if isinstance(title, str) else "")
    return Planned(step, "\n".join(repairs))


def _named(data: Data) -> str:
    return f"step {str(data.get('id', '?'))[:32]!r}"
