"""Every word that vnb says to a model, in one place and versioned.

A profile turns a context into chat messages. Both profiles put what all steps share first (system, task, inputs) and what
differs last, so that the KV cache can keep the common prefix: understand, plan, every step and integrate begin alike.

`instruct` is for ordinary instruction-tuned models. `compact` is for vnb-tiny, which was trained on exactly these
characters; changing it silently breaks the model, so a test pins its digest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from ..core.types import Constraint, Context, Json, Message, Part, Role, Sampling, Segment

VERSION = 1

ProfileName = Literal["instruct", "compact"]


@dataclass(frozen=True)
class Profile:
    """How one kind of model is spoken to.

    Attributes:
        shows_brief: Whether steps are shown the brief.
        default: Sampling of every role, unless the role or the user says otherwise.
    """

    name: ProfileName
    system: str
    shows_brief: bool
    default: Sampling

    def instruction(self, role: Role, bounds: tuple[int, int] = (2, 8)) -> str:
        """The instruction of a reserved step. Work steps bring their own."""
        return (_COMPACT if self.name == "compact" else _INSTRUCT)[role].format(low=bounds[0], high=bounds[1])

    def sampling(self, role: Role) -> Sampling:
        """The role's sampling; planning, understanding and reviewing are greedy."""
        if role in ("understand", "plan", "review"):
            return Sampling(temperature=0.0).over(self.default)
        return self.default

    def constraint(self, role: Role, bounds: tuple[int, int] = (2, 8)) -> Constraint | None:
        """The JSON schema that the role's output is decoded under, or `None` for free text."""
        titled = self.name == "instruct"
        schema: dict[str, Json] | None = None
        if role == "understand":
            schema = _object(
                goal=_string(300),
                deliverable=_string(200),
                constraints=_array(_string(200), 0, 8),
                language=_string(40),
            )
        elif role == "plan":
            schema = _object(steps=_array(_step_schema(titled), *bounds))
        elif role == "review":
            change = _object(op={"enum": ["add", "drop", "reword"]}, **_step_properties(titled))
            schema = _object(changes=_array(change, 0, bounds[1]))
        if schema is None:
            return None
        # The order of the properties is the order in which they are decoded, so the keys are not sorted.
        schema = {"x-guidance": {"whitespace_flexible": False}, **schema}
        return Constraint("json_schema", json.dumps(schema, separators=(",", ":")))

    def render(self, context: Context, role: Role) -> tuple[Message, ...]:
        """A context as chat messages, with every part's place marked."""
        return _render_compact(context, role) if self.name == "compact" else _render_instruct(context, role)


# ---------------------------------------------------------------- schemas


def _string(most: int) -> Json:
    return {"type": "string", "maxLength": most}


def _array(items: Json, low: int, high: int) -> Json:
    return {"type": "array", "items": items, "minItems": low, "maxItems": high}


def _object(**properties: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _step_properties(titled: bool) -> dict[str, Json]:
    step_id: Json = {"type": "string", "pattern": r"^s[0-9]{1,2}(\.[0-9]{1,2})*$"}
    title: dict[str, Json] = {"title": _string(60)} if titled else {}
    return {"id": step_id, **title, "instruction": _string(400), "needs": _array(step_id, 0, 12)}


def _step_schema(titled: bool) -> Json:
    return _object(**_step_properties(titled))


# ---------------------------------------------------------------- compact (vnb-tiny)

_COMPACT: dict[Role, str] = {
    "understand": "Brief",
    "plan": "Plan",
    "review": "Review",
    "integrate": "Write",
    "work": "Answer",
}


def result_name(step: str) -> str:
    """How a step's result is named in compact prompts: `#3` for `s3`, `#3.1` for `s3.1`, `#intro` for `intro`."""
    return "#" + (step[1:] if re.fullmatch(r"s\d+(\.\d+)*", step) else step)


def _render_compact(context: Context, role: Role) -> tuple[Message, ...]:
    segments: list[Segment] = []
    for index, part in enumerate(context.parts):
        text = _compact_part(part, role)
        segments.append(Segment(("\n" if segments else "") + text, index, part.media))
    return (Message("user", tuple(segments)),)


def _compact_part(part: Part, role: Role) -> str:
    if part.kind == "input":
        return f"Task: {part.text}" if part.source == "task" else f"{part.source}: {part.text}"
    if part.kind == "doc":
        return f"[{part.source}] {part.text}"
    if part.kind == "result":
        return f"{result_name(part.source)} = {part.text}"
    if part.kind == "instruction" and role == "work" and part.text != _COMPACT["work"]:
        return f"Step: {part.text}"
    return part.text


# ---------------------------------------------------------------- instruct

_SYSTEM = (
    "You carry out one step of a larger task, together with other steps that you do not see. "
    "You are given the task, what it needs, and the results that your step builds on. "
    "Do exactly what the last section asks and nothing more. Answer in the language of the task "
    "unless it asks for another. Give the content itself, without preamble."
)

_INSTRUCT: dict[Role, str] = {
    "understand": (
        "Read the task and say what is wanted, as JSON: `goal` (what is to be reached, one sentence), "
        "`deliverable` (what the user will hold in hands), `constraints` (each demand that the task makes, "
        "in its own words; none if there are none), `language` (of the deliverable)."
    ),
    "plan": (
        "Split the task into {low} to {high} steps, as JSON. Each step has an `id` (s1, s2, … in order), a short `title`, "
        "an `instruction` that can be carried out without seeing the other steps' instructions, and `needs`: the ids of "
        "the earlier steps whose results it must read. Steps that do not need each other run at the same time, so name "
        "only needs that are real. Use as few steps as the task allows. The results of the steps that no other step "
        "needs are the deliverable, in the order of the plan."
    ),
    "review": (
        "Look at the results and problems above and at the steps that have not run. If they still lead to the goal, answer "
        "with no changes. Otherwise change them, as JSON: `add` a step (a new id; an id such as s2.1 makes it a part of s2, "
        "whose result is then made of its parts), `reword` a step that has not run or failed (its id, with its new "
        "instruction and needs), or `drop` one (its id). Steps that have finished cannot be changed."
    ),
    "integrate": (
        "Put the results above together into the deliverable: complete, coherent, without repetition, "
        "and without adding facts that they do not hold."
    ),
    "work": "Do the whole task now and give the deliverable.",
}


def _render_instruct(context: Context, role: Role) -> tuple[Message, ...]:
    system: list[Segment] = []
    user: list[Segment] = []
    for index, part in enumerate(context.parts):
        if part.kind == "system":
            system.append(Segment(part.text, index))
            continue
        if user:
            user.append(Segment("\n\n"))
        user.append(Segment(_instruct_part(part, role), index, part.media))
    messages = [Message("system", tuple(system))] if system else []
    return (*messages, Message("user", tuple(user)))


def _instruct_part(part: Part, role: Role) -> str:
    if part.kind == "input":
        return f"# Task\n{part.text}" if part.source == "task" else f"# Input: {part.source}\n{part.text}"
    heading = {
        "brief": "# Brief",
        "doc": f"# Passage: {part.source}",
        "result": f"# Result of {part.source}",
        "note": f"# {part.source}",
        "instruction": "# Your step" if role == "work" else "# What to do now",
    }.get(part.kind, f"# {part.source}")
    return f"{heading}\n{part.text}"


COMPACT = Profile(
    name="compact",
    system="",
    shows_brief=False,
    default=Sampling(temperature=0.3, top_p=1.0, top_k=0, min_p=0.05, max_tokens=256, stop=(), logprobs=4),
)
INSTRUCT = Profile(
    name="instruct",
    system=_SYSTEM,
    shows_brief=True,
    default=Sampling(temperature=0.7, top_p=0.95, top_k=40, min_p=0.05, max_tokens=1024, stop=(), logprobs=4),
)
PROFILES: dict[ProfileName, Profile] = {"compact": COMPACT, "instruct": INSTRUCT}
