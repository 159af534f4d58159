"""How engines are asked: one profile for each kind of model.

Everything that steers a model stands in `instruct.py`, `schemas.py` and here, as values. Parts that all steps share come
first (system, task, inputs) and what differs last, so that the KV cache can keep the common prefix. The planner of
ordinary models is the exception: it reads its rules and examples first, which are the same in every run.

`instruct` is for ordinary instruction-tuned models. `compact` is for vnb-tiny, which was trained on exactly these
characters; changing it silently breaks the model, so a test pins its digest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..context.build import ITEM
from ..core.types import Constraint, Context, Message, Part, Role, Sampling, Segment, StepKind
from . import schemas
from .instruct import NAMES_IN_CHINESE, words
from .wording import Words

VERSION = 2
COMPACT_VERSION = 1
"""Version of the compact prompts, which vnb-tiny's file names: those that it was trained on."""

ProfileName = Literal["instruct", "compact"]

PROBLEM, PROGRAM = "problem", "program"
"""Sources of notes that come last: what was wrong with the first try, and that a program or a verdict is to be written."""


@dataclass(frozen=True)
class Profile:
    """How one kind of model is asked.

    Methods take the `language` of the task, by its English name, since prompts are in Chinese for Chinese tasks.

    Attributes:
        shows_brief: The roles that are shown the brief.
        retries: How often a step is asked again, at most, when its answer does not validate or misses a demand.
        default: Sampling of every role, unless the model's own, the role or the user says otherwise.
    """

    name: ProfileName
    shows_brief: frozenset[Role]
    retries: int
    default: Sampling

    def system(self, role: Role, language: str = "", answer: str = "", kind: StepKind = "write") -> str:
        """What a step is told first; empty where there is nothing. `answer` is the language of the deliverable."""
        if self.name == "compact" or role in ("understand", "plan", "review"):
            return ""
        if kind in ("code", "check"):
            return ""
        said = words(language)
        name = NAMES_IN_CHINESE.get(answer, answer) if language == "Chinese" else answer
        return said.system + (said.language.format(name) if answer else said.same_language)

    def instruction(self, role: Role, bounds: tuple[int, int] = (1, 8), language: str = "") -> str:
        """The instruction of a reserved step. Work steps bring their own."""
        found = _COMPACT if self.name == "compact" else words(language).instruction
        return found[role].format(low=bounds[0], high=bounds[1])

    def sampling(self, role: Role, own: Sampling | None = None) -> Sampling:
        """The role's sampling over the model's `own`; planning, understanding and reviewing are greedy."""
        if role in ("understand", "plan", "review"):
            return Sampling(temperature=0.0).over(self.default)
        return own.over(self.default) if own is not None else self.default

    def constraint(
        self,
        role: Role,
        bounds: tuple[int, int] = (1, 8),
        language: str = "",
        *,
        strict: bool = False,
        fix: bool = False,
        independent: bool = False,
    ) -> Constraint | None:
        """The JSON schema that the role's output is decoded under, or `None` for free text.

        Args:
            strict: Whether the engine holds a schema to the letter.
            fix: A review comes after a failure, so that it must not leave things as they are.
            independent: No step of the plan may need another.
        """
        ordinary = self.name == "instruct"
        if role == "understand":
            return schemas.constraint(schemas.brief() if ordinary else schemas.compact_brief())
        if role == "plan":
            return schemas.constraint(schemas.plan(bounds, words(language) if ordinary else None, strict, independent))
        if role == "review":
            return schemas.constraint(schemas.review(bounds[1], ordinary, ordinary and fix))
        return None

    def render(self, context: Context, role: Role, language: str = "") -> tuple[Message, ...]:
        """A context as chat messages, with every part's place marked."""
        if self.name == "compact":
            return _render_compact(context, role)
        return _render_instruct(context, role, words(language))


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


def _render_instruct(context: Context, role: Role, said: Words) -> tuple[Message, ...]:
    """System, then one user message; that a program is wanted, and what was wrong with an earlier answer, come last.

    The earlier answer itself is not shown: small models write it again. A task that is asked as a whole stands alone, as
    its user would ask it. The planner's rules are its system message, before examples and task.
    """
    system: list[Segment] = []
    user: list[Segment] = []
    problem: list[Segment] = []
    alone = all(part.source != "task" for part in context.parts)
    bare = role == "plan" or (alone and role == "work")
    for index, part in enumerate(context.parts):
        if part.kind == "system" or (role == "plan" and part.kind == "instruction"):
            system.append(Segment(part.text, index))
        elif part.kind == "note" and part.source in (PROBLEM, PROGRAM):
            problem += [Segment("\n\n"), Segment(part.text, index)]
        else:
            if user:
                user.append(Segment("\n\n"))
            heading = (
                "" if bare and (part.source == "task" or part.kind == "instruction") else _heading(part, role, said)
            )
            user.append(Segment(heading + part.text, index, part.media))
    messages = [Message("system", tuple(system))] if system else []
    if role == "plan":
        tabulates = any(part.kind == "instruction" and part.text == said.table for part in context.parts)
        for task, plan in said.tables if tabulates else said.examples:
            messages += [Message("user", (Segment(task),)), Message("assistant", (Segment(plan),))]
    return (*messages, Message("user", (*user, *problem)))


def _heading(part: Part, role: Role, said: Words) -> str:
    if part.kind == "input":
        name = part.source if part.source in ("task", ITEM) else "input"
    elif part.kind == "instruction":
        name = "work" if role == "work" else "other"
    else:
        name = part.kind if part.kind in said.headings else "note"
    return said.headings[name].format(part.source) + "\n"


COMPACT = Profile(
    name="compact",
    shows_brief=frozenset(),
    retries=0,
    default=Sampling(temperature=0.3, top_p=1.0, top_k=0, min_p=0.05, max_tokens=256, stop=(), logprobs=4),
)
INSTRUCT = Profile(
    name="instruct",
    shows_brief=frozenset({"integrate", "review"}),
    retries=3,
    default=Sampling(temperature=0.7, top_p=0.95, top_k=40, min_p=0.05, max_tokens=1024, stop=(), logprobs=4),
)
PROFILES: dict[ProfileName, Profile] = {"compact": COMPACT, "instruct": INSTRUCT}
