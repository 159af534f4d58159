"""What a model reaches on held-out tasks, through vnb itself: `vnb.task(…).run()`, greedy, on any engine.

    python -m train.evaluate --model tiny --n 200 --out train/runs/evaluation.json

Counts, by family and depth, with 95 % Wilson intervals:
plan     the plan equals the right one, step by step (valid: it is a plan at all)
step     a step is right, of those whose shown results were right
planned  the deliverable of the whole run is right
direct   one call, `Answer`, is right
AUROC    how well a step's mean token entropy tells wrong steps from right ones
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import vnb
from vnb.api.run import Run
from vnb.errors import VnbError

from .judge import right
from .tasks import FAMILIES
from .tasks.base import Problem

CELLS = (
    *((family, depth) for family in ("arithmetic", "list", "lookup") for depth in (2, 3, 4, 5, 6)),
    ("describe", 3),
    ("article en", 3),
    ("article zh", 3),
)


@dataclass
class Cell:
    """Counts of one family and depth, as (right, asked)."""

    family: str
    depth: int
    counts: dict[str, list[int]] = field(default_factory=dict)
    entropies: list[tuple[float, bool]] = field(default_factory=list)

    def count(self, name: str, good: bool) -> None:
        tally = self.counts.setdefault(name, [0, 0])
        tally[0] += good
        tally[1] += 1


def wilson(good: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share."""
    if not n:
        return 0.0, 1.0
    share, q = good / n, z * z / n
    middle = (share + q / 2) / (1 + q)
    half = z / (1 + q) * math.sqrt(share * (1 - share) / n + q / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def auroc(scored: Iterable[tuple[float, bool]]) -> float | None:
    """The chance that a wrong step has more entropy than a right one; ties count half."""
    wrong = [score for score, good in scored if not good]
    well = [score for score, good in scored if good]
    if not wrong or not well:
        return None
    won = sum((w > r) + 0.5 * (w == r) for w in wrong for r in well)
    return won / (len(wrong) * len(well))


def problems(cell: Cell, n: int, seed: int) -> list[Problem]:
    """Different held-out tasks of a family and depth."""
    rng = random.Random(f"{seed}:{cell.family}:{cell.depth}")
    family, _, language = cell.family.partition(" ")
    found: dict[str, Problem] = {}
    while len(found) < n:
        problem = FAMILIES[family](rng, cell.depth, True)
        if not language or problem.language == language:
            found[str((problem.text, problem.inputs))] = problem
    return list(found.values())


def _entropy(run: Run, step: str) -> float | None:
    """Mean entropy of a step's tokens over what was recorded of each distribution, the rest as one mass."""
    chosen = run[step].chosen
    seen = []
    for token in chosen.tokens if chosen else ():
        shares = [math.exp(one.logprob) for one in token.top]
        if shares:
            rest = max(0.0, 1 - sum(shares))
            seen.append(-sum(p * math.log(p) for p in (*shares, rest) if p > 0))
    return sum(seen) / len(seen) if seen else None


def carry(problem: Problem, model: str, temperature: float) -> Run:
    """The task through vnb; inputs stand on lines of their own after the text, as an attached value would."""
    text = "\n".join([problem.text, *(f"{name}: {value}" for name, value in problem.inputs)])
    try:
        return vnb.task(text, raw=True, model=model, temperature=temperature, reuse="off").run()
    except VnbError as error:
        run = getattr(error, "run", None)
        if run is None:
            raise
        return run


def judge(cell: Cell, problem: Problem, run: Run) -> None:
    planned = [(s.instruction, tuple(int(n[1:]) for n in s.needs)) for s in run.plan.steps]
    exact = planned == [(w.instruction, w.needs) for w in problem.work]
    cell.count("valid", bool(planned))
    cell.count("plan", exact)
    good: dict[int, bool] = {}
    if exact:
        for number, work in enumerate(problem.work, 1):
            output = run[f"s{number}"].output or ""
            good[number] = right(problem, "work", number - 1, work.output, output)
            if all(good[need] for need in work.needs):
                cell.count("step", good[number])
                entropy = _entropy(run, f"s{number}")
                if entropy is not None:
                    cell.entropies.append((entropy, good[number]))
    if problem.family in ("article", "describe"):
        cell.count("planned", exact and all(good.values()) and bool(run.result))
    else:
        cell.count("planned", run.result == problem.work[-1].output)


def direct(cell: Cell, problem: Problem, model: str) -> None:
    """The baseline: one call that answers the whole task."""
    if problem.family in ("article", "describe"):
        return
    text = "\n".join([problem.text, *(f"{name}: {value}" for name, value in problem.inputs)])
    run = vnb.plan("s1: Answer").run(text, raw=True, model=model, temperature=0.0, reuse="off")
    cell.count("direct", run.result == problem.direct)


def table(cells: list[Cell], names: tuple[str, ...] = ("plan", "step", "planned", "direct")) -> str:
    """The counts as a Markdown table: share, interval, n."""
    lines = [f"| family | steps | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for cell in cells:
        shown = []
        for name in names:
            good, n = cell.counts.get(name, (0, 0))
            low, high = wilson(good, n)
            shown.append(f"{100 * good / n:.1f} % ({100 * low:.0f}–{100 * high:.0f}, n={n})" if n else "–")
        lines.append(f"| {cell.family} | {cell.depth} | {' | '.join(shown)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny", help="what vnb.load takes")
    parser.add_argument("--n", type=int, default=200, help="tasks of each family and depth")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--only", default="", help="families, comma-separated")
    parser.add_argument("--depths", default="", help="depths, comma-separated")
    parser.add_argument("--no-direct", action="store_true")
    parser.add_argument("--out", type=Path, help="where the counts go as JSON")
    args = parser.parse_args()
    os.environ.setdefault("VNB_HOME", tempfile.mkdtemp(prefix="vnb-evaluate-"))
    vnb.load(args.model)
    only, depths = args.only.split(","), args.depths.split(",")
    cells = [
        Cell(f, d)
        for f, d in CELLS
        if (not args.only or f.split()[0] in only) and (not args.depths or str(d) in depths)
    ]
    for cell in cells:
        for problem in problems(cell, args.n, args.seed):
            judge(cell, problem, carry(problem, args.model, args.temperature))
            if not args.no_direct:
                direct(cell, problem, args.model)
        print(table([cell]).splitlines()[-1], flush=True)
    scored = [
        pair for cell in cells for pair in cell.entropies if cell.family.split()[0] not in ("article", "describe")
    ]
    print(table(cells))
    print("AUROC of entropy, wrong over right steps:", auroc(scored), "of", len(scored))
    if args.out:
        counted = [{"family": c.family, "depth": c.depth, **c.counts} for c in cells]
        args.out.write_text(json.dumps({"cells": counted, "auroc": auroc(scored), "args": str(vars(args))}, indent=1))


if __name__ == "__main__":
    main()
