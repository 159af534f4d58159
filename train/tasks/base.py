"""What a task of any family is made of, and which ones are kept out of training."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Work:
    """One step of the right plan: `needs` are numbers of earlier steps, from 1; `output` is its right result."""

    instruction: str
    needs: tuple[int, ...]
    output: str


@dataclass(frozen=True)
class Drill:
    """A single step outside of the plan, for more answers over the same task: results shown, instruction, output."""

    results: tuple[tuple[int, str], ...]
    instruction: str
    output: str


@dataclass(frozen=True)
class Problem:
    """A task with everything that is right about it.

    Attributes:
        key: What is composed, without the instance: operations, relations, fields. Its digest picks its side of the split.
        text: The task's text; `inputs` are the attached inputs (name, text).
        written: What `Write` makes of the results.
        direct: What `Answer` gives.
    """

    family: str
    key: tuple[str, ...]
    text: str
    work: tuple[Work, ...]
    written: str
    direct: str
    goal: str
    deliverable: str
    language: str = "en"
    inputs: tuple[tuple[str, str], ...] = ()
    constraints: tuple[str, ...] = ()
    drills: tuple[Drill, ...] = ()
    topic: str = field(default="")

    @property
    def sinks(self) -> tuple[int, ...]:
        """Numbers of the steps that no other step needs."""
        needed = {need for step in self.work for need in step.needs}
        return tuple(i for i in range(1, len(self.work) + 1) if i not in needed)


def side_of(family: str, key: tuple[str, ...]) -> str:
    """The side of the split that a composition is on, by its digest: two in ten `held` (the claims), one `dev` (watching)."""
    text = family + "\x1f" + "\x1f".join(key)
    place = int(hashlib.blake2b(text.encode(), digest_size=8).hexdigest(), 16) % 10
    return {0: "held", 5: "held", 1: "dev"}.get(place, "train")


def on_side(side: str | None, family: str, key: tuple[str, ...]) -> bool:
    """Whether a composition is on the asked side; every one is where none is asked."""
    return side is None or side_of(family, key) == side


CONSTRAINTS = {
    "en": (
        "Use plain words.",
        "Keep it short.",
        "Show no work.",
        "Use only the facts.",
        "Answer in one line.",
        "Be exact.",
        "Do not guess.",
    ),
    "zh": ("语言要简单。", "不超过一百字。", "内容要准确。", "不要重复。", "写得简短。"),
}


def constrained(rng: random.Random, language: str = "en") -> tuple[str, tuple[str, ...]]:
    """The end of a task's text that makes demands, and the demands as the brief lists them."""
    count = rng.choices((0, 1, 2), (0.75, 0.18, 0.07))[0]
    chosen = rng.sample(CONSTRAINTS[language], count)
    space = "" if language == "zh" else " "
    return "".join(space + c for c in chosen), tuple(c.rstrip(".。") for c in chosen)
