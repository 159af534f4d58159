"""Whether a rerun at temperature 1 is worth looking at: how often it is still right, and how much it varies.

python -m train.variety --model tiny

Lookups of three steps are run whole at temperature 1. Parts of articles are drawn many times: how many draws differ, and
how many are still that part of that topic by the grammar.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

import vnb

from .evaluate import Cell, carried, judge, problems, text_of
from .report import share
from .tasks import articles
from .tasks.base import Problem


def drawn(problem: Problem, model: str, draws: int) -> tuple[int, int]:
    """Draws of an article's first part at temperature 1: how many differ, and how many are on their topic."""
    plan = vnb.plan(f"s1: {problem.work[0].instruction}")
    runs = [
        carried(plan.task(text_of(problem), raw=True, model=model, temperature=1.0, seed=seed, reuse="off"))
        for seed in range(draws)
    ]
    outputs = [run["s1"].output or "" for run in runs]
    name = problem.key[1]
    good = sum(articles.on_topic(problem.language, name, problem.topic, text) for text in outputs)
    return len(set(outputs)), good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--n", type=int, default=200, help="lookups")
    parser.add_argument("--articles", type=int, default=10, help="articles of each language")
    parser.add_argument("--draws", type=int, default=20, help="draws of each article's first part")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    os.environ.setdefault("VNB_HOME", tempfile.mkdtemp(prefix="vnb-variety-"))
    engine = vnb.load(args.model)
    cell = Cell("lookup", 3)
    for problem in problems(cell, args.n, seed=2):
        judge(cell, problem, carried(vnb.task(text_of(problem), raw=True, temperature=1.0, reuse="off")))
    found: dict[str, object] = {"lookup": cell.counts}
    for name in ("planned", "step"):
        good, n = cell.counts[name]
        print(f"lookup of three steps at temperature 1, {name}: {share((good, n))}")
    for language in ("en", "zh"):
        asked = problems(Cell(f"article {language}", 3), args.articles, seed=2)
        pairs = [drawn(problem, args.model, args.draws) for problem in asked]
        different, good, of = sum(d for d, _ in pairs), sum(g for _, g in pairs), args.articles * args.draws
        print(f"article {language}: {different} of {of} draws differ, on topic {share((good, of))}")
        found[language] = {"different": different, "on topic": good, "draws": of}
    if args.out:
        args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    del engine


if __name__ == "__main__":
    main()
