"""Training samples: one task, and every call that vnb makes for it.

All calls of a task begin with the same characters (`Task: …`), so a sample is a trunk and branches. Each branch sees the
trunk and itself only (`train.model` masks the others), which is exactly the single prompt that vnb sends, at the cost of
the trunk once. The prompts are rendered by vnb's own compact profile.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vnb.core.types import Context, Part, PartKind, Role
from vnb.planner.prompts import COMPACT

from .tasks import FAMILIES, arithmetic, lists, lookup
from .tasks.base import Drill, Problem
from .tasks.review import reviews

OPEN, TURN, END = "<|user|>", "<|end|><|assistant|>", "<|end|>"


@dataclass(frozen=True)
class Branch:
    """One call: its role, what follows the trunk in the prompt, and the right answer."""

    role: Role | str
    prompt: str
    answer: str


@dataclass(frozen=True)
class Tree:
    """A task's trunk and its calls."""

    family: str
    trunk: str
    branches: tuple[Branch, ...]
    plans: float = 1.0


def compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _part(kind: PartKind, source: str, text: str) -> Part:
    return Part(kind, source, text, 0, 0, "")


def _trunk(problem: Problem) -> list[Part]:
    return [_part("input", "task", problem.text), *(_part("input", name, text) for name, text in problem.inputs)]


def _content(parts: Sequence[Part], role: Role) -> str:
    (message,) = COMPACT.render(Context(tuple(parts), 0, 0, ""), role)
    return message.content


def trunk(problem: Problem) -> str:
    """What all calls of a task begin with."""
    return _content(_trunk(problem), "work")


def prompt(
    problem: Problem,
    role: Role,
    instruction: str = "",
    results: Iterable[tuple[int, str]] = (),
    notes: Iterable[str] = (),
) -> str:
    """The user message that vnb's compact profile makes for one call."""
    parts = _trunk(problem)
    parts += [_part("result", f"s{number}", text) for number, text in results]
    parts += [_part("note", "review", text) for text in notes]
    parts.append(_part("instruction", "instruction", instruction or COMPACT.instruction(role)))
    return _content(parts, role)


def plan_answer(problem: Problem) -> str:
    return compact_json(
        {
            "steps": [
                {"id": f"s{i}", "instruction": step.instruction, "needs": [f"s{n}" for n in step.needs]}
                for i, step in enumerate(problem.work, 1)
            ]
        }
    )


def brief_answer(problem: Problem) -> str:
    return compact_json(
        {
            "goal": problem.goal,
            "deliverable": problem.deliverable,
            "constraints": list(problem.constraints),
            "language": problem.language,
        }
    )


def calls(problem: Problem) -> list[tuple[str, str, str]]:
    """Every call of a task: its role, its whole prompt and the right answer."""
    results = {i: step.output for i, step in enumerate(problem.work, 1)}
    made = [
        ("understand", prompt(problem, "understand"), brief_answer(problem)),
        ("plan", prompt(problem, "plan"), plan_answer(problem)),
    ]
    for step in problem.work:
        shown = [(n, results[n]) for n in step.needs]
        made.append(("work", prompt(problem, "work", step.instruction, shown), step.output))
    sinks = [(n, results[n]) for n in problem.sinks]
    made.append(("write", prompt(problem, "integrate", results=sinks), problem.written))
    made.append(("answer", prompt(problem, "work"), problem.direct))
    return made


def _drills(rng: random.Random, problem: Problem, count: int) -> list[Drill]:
    if problem.family == "arithmetic":
        return [arithmetic.drill(rng) for _ in range(count)]
    if problem.family == "list":
        return [lists.drill(rng) for _ in range(count)]
    return list(problem.drills[: count * 3 // 4])


@dataclass(frozen=True)
class Mix:
    """Shares of families, chance of each role's branch, how many drills, how many facts more.

    `sentences` is what the chance of a role is multiplied by in articles and descriptions, whose texts are long; `plans`
    what their plans' weight is multiplied by; `again` the chance that an easy task is drawn again (with `english`, Chinese is
    one); `sums` the chance that arithmetic is two sums joined.
    """

    families: dict[str, float]
    roles: dict[str, float]
    drills: int
    crowd: int = 0
    sentences: dict[str, float] = field(default_factory=dict)
    again: float = 0.0
    english: bool = False
    sums: float = 0.0
    plans: float = 1.0


DEPTHS = {2: 0.25, 3: 0.25, 4: 0.2, 5: 0.15, 6: 0.15}
DRILL = Mix({"arithmetic": 0.3, "list": 0.4, "lookup": 0.3}, {"work": 0.6, "plan": 0.2, "answer": 0.2}, 14)
ROLES = {"plan": 1.0, "work": 1.0, "answer": 1.0, "understand": 0.3, "write": 0.3, "review": 0.25}
FULL = Mix(
    {"arithmetic": 0.2, "list": 0.24, "lookup": 0.18, "describe": 0.1, "article": 0.28},
    ROLES,
    10,
    sentences={"work": 0.7, "write": 0.35, "answer": 0.1},
)
EVEN = Mix(  # when parts and lookups are right: more of the plans that are not, by fewer of the long texts
    {"arithmetic": 0.2, "list": 0.2, "lookup": 0.08, "describe": 0.18, "article": 0.34},
    ROLES,
    10,
    sentences={"work": 0.25, "write": 0.3, "answer": 0.1},
)
LAST = Mix(  # lists of things to name one after the other are what is learnt last
    {"arithmetic": 0.2, "list": 0.18, "lookup": 0.06, "describe": 0.21, "article": 0.35},
    ROLES,
    8,
    sentences={"work": 0.2, "write": 0.3, "answer": 0.1},
    again=0.6,
    plans=2.0,
)
PARTS = Mix(
    {"arithmetic": 0.22, "list": 0.14, "lookup": 0.05, "describe": 0.12, "article": 0.47},
    ROLES,
    7,
    sentences={"work": 0.2, "write": 0.3, "answer": 0.1},
    again=0.7,
    english=True,
    plans=2.0,
)
SUMS = Mix(
    {"arithmetic": 0.52, "list": 0.14, "lookup": 0.06, "describe": 0.08, "article": 0.2},
    ROLES,
    4,
    sentences={"work": 0.3, "write": 0.3, "answer": 0.1},
    sums=0.7,
)
LONG = Mix({"lookup": 1.0}, {"plan": 1.0, "work": 1.0, "answer": 1.0}, 30, crowd=60)
MIXES = {"drill": DRILL, "full": FULL, "even": EVEN, "last": LAST, "parts": PARTS, "sums": SUMS, "long": LONG}


def _easy(problem: Problem, english: bool) -> bool:
    """An article whose parts are not named; three operations in a row where two sums could be."""
    if problem.family == "article":
        return (english and problem.language != "en") or not all(part in problem.text for part in problem.key[1:])
    return problem.family == "arithmetic" and len(problem.work) == 3 and problem.key[0] != "tree"


def tree(rng: random.Random, mix: Mix, side: str = "train") -> Tree:
    """One sample of a mix, from one side of the split."""
    family = rng.choices(list(mix.families), list(mix.families.values()))[0]
    depth = rng.choices(list(DEPTHS), list(DEPTHS.values()))[0]
    if mix.crowd:
        problem = lookup.problem(rng, depth, side, rng.randint(mix.crowd // 2, mix.crowd))
    else:
        problem = FAMILIES[family](rng, depth, side)
    while mix.again and _easy(problem, mix.english) and rng.random() < mix.again:
        problem = FAMILIES[family](rng, depth, side)
    if mix.sums and family == "arithmetic" and rng.random() < mix.sums:
        while problem.key[0] != "tree":
            problem = FAMILIES[family](rng, 3, side)
    start = trunk(problem)
    branches = []
    for role, whole, answer in calls(problem):
        chance = mix.roles.get(role, 0.0)
        if family in ("article", "describe"):
            chance *= mix.sentences.get(role, 1.0)
        if rng.random() < chance:
            branches.append(Branch(role, whole, answer))
    if rng.random() < mix.roles.get("review", 0.0):
        for results, notes, changes in reviews(rng, problem):
            whole = prompt(problem, "review", results=results, notes=notes)
            branches.append(Branch("review", whole, compact_json({"changes": changes})))
    for drill in _drills(rng, problem, mix.drills):
        branches.append(Branch("work", prompt(problem, "work", drill.instruction, drill.results), drill.output))
    if not branches:
        return tree(rng, mix, side)
    rng.shuffle(branches)
    branches.sort(key=lambda branch: branch.role != "plan")  # what does not fit is left out, the plan last of all
    for branch in branches:
        if not branch.prompt.startswith(start + "\n"):
            raise ValueError("a call does not begin with its task's trunk")
    cut = tuple(Branch(b.role, b.prompt[len(start) :], b.answer) for b in branches)
    return Tree(family, start, cut, mix.plans if family in ("article", "describe") else 1.0)
