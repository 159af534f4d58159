"""What a model reaches on held-out tasks, through vnb itself: `vnb.task(…).run()`, greedy, on any engine.

    python -m train.evaluate --model tiny --n 200 --out train/runs/evaluation
    python -m train.report train/runs/evaluation

Each cell (a family and a number of steps) becomes a file in the folder; cells that are there are not counted again, so
that an evaluation can be stopped, and shared between processes by `--cells`.

Counts (`report` adds 95 % Wilson intervals):
brief    the brief equals the right one
plan     the plan equals the right one, step by step (valid: it is a plan at all)
step     a step is right, of those whose shown results were right
part     the same of an article's parts: on the asked part of the topic by the grammar
planned  the deliverable of the whole run is right
write    `--integrate write` says it right, where all steps were right (the steps' stored outputs are reused)
direct   one call, `Answer`, is right
review   of a plan with one spoiled step, whose check fails, the review rewords that step to the right one and no other
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import vnb
from vnb.api.run import Run
from vnb.api.task import TaskDraft
from vnb.core.types import Constraint, Plan, Step
from vnb.errors import VnbError

from .generate import brief_answer
from .judge import right
from .tasks import FAMILIES
from .tasks.base import Problem
from .tasks.review import spoiled

CHAINS = ("arithmetic", "list", "lookup")
CELLS = (
    *((family, depth) for depth in (2, 3, 4, 5, 6, 7, 8) for family in CHAINS),
    ("describe", 3),
    ("article en", 3),
    ("article zh", 3),
    *((f"review {family}", 3) for family in CHAINS),
)
NEVER = ".{60,}"
"""A check that no right output of the chains meets."""


@dataclass
class Cell:
    """Counts of one family and depth, as [right, asked]; `entropies` are of steps: mean entropy, and whether it is right."""

    family: str
    depth: int
    counts: dict[str, list[int]] = field(default_factory=dict)
    entropies: list[tuple[float, bool]] = field(default_factory=list)
    seconds: float = 0.0
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.family.replace(' ', '-')}-{self.depth}"

    def count(self, name: str, good: bool) -> None:
        tally = self.counts.setdefault(name, [0, 0])
        tally[0] += good
        tally[1] += 1


def problems(cell: Cell, n: int, seed: int, side: str = "held") -> list[Problem]:
    """Different tasks of a family and depth from one side of the split."""
    rng = random.Random(f"{seed}:{cell.family}:{cell.depth}")
    *_, family = [word for word in cell.family.split() if word in FAMILIES]
    language = cell.family.removeprefix("article").strip() if family == "article" else ""
    found: dict[str, Problem] = {}
    while len(found) < n:
        problem = FAMILIES[family](rng, cell.depth, side)
        if not language or problem.language == language:
            found[str((problem.text, problem.inputs))] = problem
    return list(found.values())


def entropy_of(run: Run, step: str) -> float | None:
    """Mean entropy of a step's tokens over what was recorded of each distribution, the rest as one mass."""
    chosen = run[step].chosen
    seen = []
    for token in chosen.tokens if chosen else ():
        shares = [math.exp(one.logprob) for one in token.top]
        if shares:
            rest = max(0.0, 1 - sum(shares))
            seen.append(-sum(p * math.log(p) for p in (*shares, rest) if p > 0))
    return sum(seen) / len(seen) if seen else None


def text_of(problem: Problem) -> str:
    """The task as vnb is given it; inputs stand on lines of their own after the text, as an attached value would."""
    return "\n".join([problem.text, *(f"{name}: {value}" for name, value in problem.inputs)])


def carried(draft: TaskDraft) -> Run:
    """A run, also one that failed."""
    try:
        return draft.run()
    except VnbError as error:
        run = getattr(error, "run", None)
        if run is None:
            raise
        return run


def judge(cell: Cell, problem: Problem, run: Run) -> bool:
    """Counts a run; returns whether all of its steps are right."""
    if run.brief is not None:
        goal, deliverable, constraints, language = json.loads(brief_answer(problem)).values()
        brief = (run.brief.goal, run.brief.deliverable, list(run.brief.constraints), run.brief.language)
        cell.count("brief", brief == (goal, deliverable, constraints, language))
    planned = [(s.instruction, tuple(s.needs)) for s in run.plan.steps]
    wanted = [(w.instruction, tuple(f"s{n}" for n in w.needs)) for w in problem.work]
    cell.count("valid", bool(planned))
    cell.count("plan", planned == wanted)
    good: dict[int, bool] = {}
    for number, work in enumerate(problem.work, 1) if planned == wanted else ():
        good[number] = right(problem, "work", number - 1, work.output, run[f"s{number}"].output or "")
        if all(good[need] for need in work.needs):
            cell.count("part" if problem.family == "article" else "step", good[number])
            entropy = entropy_of(run, f"s{number}")
            if entropy is not None:
                cell.entropies.append((round(entropy, 5), good[number]))
    every = bool(good) and all(good.values())
    sentences = problem.family in ("article", "describe")
    cell.count("planned", every and bool(run.result) if sentences else run.result == problem.work[-1].output)
    return every


def count(cell: Cell, problem: Problem, model: str, temperature: float, more: bool) -> None:
    """One task: its run and, with `more`, what is written of it and the direct answer."""
    text, said = text_of(problem), {"raw": True, "model": model, "temperature": temperature}
    run = carried(vnb.task(text, reuse="refresh", **said))
    every = judge(cell, problem, run)
    if not more:
        return
    if every:
        outputs = [run[f"s{n}"].output or "" for n in problem.sinks]
        sentences = {"article": "\n", "describe": " "}.get(problem.family)
        wanted = problem.written if sentences is None else sentences.join(outputs)
        cell.count("write", carried(vnb.task(text, integrate="write", **said)).result == wanted)
    if problem.family not in ("article", "describe"):
        answer = carried(vnb.plan("s1: Answer").task(text, reuse="off", **said))
        cell.count("direct", answer.result == problem.direct)


def review(cell: Cell, problem: Problem, model: str, rng: random.Random) -> None:
    """A plan with one spoiled step, whose check fails: what the review makes of it."""
    at = rng.randrange(len(problem.work))
    steps = []
    for number, work in enumerate(problem.work):
        wrong = spoiled(rng, work) if number == at else work
        check = Constraint("regex", NEVER) if number == at else None
        steps.append(Step(f"s{number + 1}", wrong.instruction, tuple(f"s{n}" for n in work.needs), check=check))
    plan = Plan(tuple(steps))
    run = carried(vnb.task(text_of(problem), plan=plan, raw=True, model=model, temperature=0.0, replan=1, reuse="off"))
    if "review.1" in run.view.steps:
        now = [(s.instruction, tuple(s.needs)) for s in run.plan.steps]
        cell.count("review", now == [(w.instruction, tuple(f"s{n}" for n in w.needs)) for w in problem.work])


def evaluate(cell: Cell, args: argparse.Namespace) -> None:
    began, rng = time.time(), random.Random(args.seed)
    for problem in problems(cell, args.n, args.seed, args.side):
        if cell.family.startswith("review"):
            review(cell, problem, args.model, rng)
        else:
            count(cell, problem, args.model, args.temperature, not args.only_planned)
    cell.seconds = round(time.time() - began, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny", help="what vnb.load takes")
    parser.add_argument("--n", type=int, default=200, help="tasks a cell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--side", default="held", help="held (for claims) or dev (for watching)")
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--cells", default="", help="names such as lookup-3,article-zh-3, in their order; all if empty")
    parser.add_argument("--only-planned", action="store_true", help="no direct answers, nothing written")
    parser.add_argument("--out", type=Path, required=True, help="folder, one JSON file a cell")
    args = parser.parse_args()
    os.environ.setdefault("VNB_HOME", tempfile.mkdtemp(prefix="vnb-evaluate-"))
    engine = vnb.load(args.model)
    args.out.mkdir(parents=True, exist_ok=True)
    cells = {cell.name: cell for cell in (Cell(family, depth) for family, depth in CELLS)}
    for name in args.cells.split(",") if args.cells else cells:
        cell, path = cells[name], args.out / f"{name}.json"
        cell.settings = {key: str(value) for key, value in vars(args).items() if key not in ("out", "cells")}
        if path.exists():
            continue
        evaluate(cell, args)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(cell)), encoding="utf-8")
        partial.replace(path)
        print(f"{cell.name:16} {cell.seconds:6.1f} s  {cell.counts}", flush=True)
    del engine


if __name__ == "__main__":
    main()
