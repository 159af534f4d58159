"""Reviews: a plan that is right, or that went wrong in one place, and the changes that mend it."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

from vnb.core.types import Constraint, Step
from vnb.planner.parse import print_plan

from .base import Problem, Work

Review = tuple[list[tuple[int, str]], list[str], list[dict[str, Any]]]
"""Results so far, the notes (steps that have not finished, problems), and the right changes."""

PROBLEMS = ("the output does not match its check", "the step failed", "the result is empty")
"""Words of problems in the tokenizer's corpus."""


CHECKS = (r"\d+", r"[a-z]( [a-z])*", r"\w+", r".{20,}", "[A-Z].*", r".{30,}", "[a-z]+", r"\w+ \w+: \w+")


def problem_line(rng: random.Random, number: int, check: str = "", output: str = "") -> str:
    """What a review is told of a failed step, as the executor words it."""
    if not check:
        return f"Problem: s{number}: The output is empty."
    wrong = rng.choice((output, output, "", "0", "it", "none", "The answer is 7.", "a b c", "7 7", "写"))
    return f"Problem: s{number}: The output {wrong!r} does not match its check, {check!r}."


def _change(op: str, number: int, step: Work) -> dict[str, Any]:
    return {"op": op, "id": f"s{number}", "instruction": step.instruction, "needs": [f"s{n}" for n in step.needs]}


def line(number: int, step: Work, check: str = "") -> str:
    """An unfinished step as a review is shown it."""
    tested = Constraint("regex", check) if check else None
    needs = tuple(f"s{n}" for n in step.needs)
    return print_plan([Step(f"s{number}", step.instruction, needs, check=tested)])


def spoiled(rng: random.Random, step: Work) -> Work:
    """The step with one word of its instruction wrong."""
    words = step.instruction.split(" ")
    numbers = [i for i, w in enumerate(words) if re.fullmatch(r"\d+|[a-z]", w)]
    others = [i for i, w in enumerate(words) if i and not w.startswith("#")]
    place = rng.choice(numbers or others or [0])
    wrong = str(rng.randint(1, 30)) if words[place].isdigit() else rng.choice(("it", "that", "all", "none"))
    return replace(step, instruction=" ".join([*words[:place], wrong, *words[place + 1 :]]))


def reviews(rng: random.Random, problem: Problem) -> list[Review]:
    """One review of a task: nothing to change, or one step to reword, add or drop."""
    work = problem.work
    at = rng.randint(1, len(work))  # the step that the review is about; those before it have finished
    results = [(i, work[i - 1].output) for i in range(1, at)]
    rest = [(i, work[i - 1]) for i in range(at, len(work) + 1)]
    kind = rng.choice(("none", "reword", "reword", "add", "drop"))
    notes = [line(i, step) for i, step in rest]
    if kind == "reword":
        check = rng.choice(("", *CHECKS))
        notes[0] = line(at, spoiled(rng, work[at - 1]), check)
        problems = [problem_line(rng, at, check, work[at - 1].output)]
        return [(results, notes + problems, [_change("reword", at, work[at - 1])])]
    if kind == "add" and len(rest) > 1:
        return [(results, notes[:-1], [_change("add", len(work), work[-1])])]
    if kind == "drop":
        extra = len(work) + 1
        double = Work(work[-1].instruction, work[-1].needs, "")
        return [(results, [*notes, line(extra, double)], [_change("drop", extra, double)])]
    return [(results, notes, [])]
