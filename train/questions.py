"""Held-out tasks with their answers, as `vnb.evaluate` reads them: `vnb/models/held_out.jsonl`, which comes with vnb.

    python -m train.questions

They are the first tasks of each cell that `train.evaluate` measured, so that nothing further of the held side is looked at.
Only families whose result is short: what vnb-tiny says in sentences is judged by a grammar, which vnb does not know.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .evaluate import CHAINS, Cell, problems, text_of
from .tasks.base import Problem

OUT = Path(__file__).parents[1] / "vnb" / "models" / "held_out.jsonl"
DEPTHS = range(2, 9)
EACH = 40


def question(problem: Problem, depth: int, place: int) -> dict[str, object]:
    """A task as an object for `vnb.evaluate`."""
    found = {"id": f"{problem.family}-{depth}-{place}", "group": f"{problem.family} {depth}", "task": text_of(problem)}
    if problem.family == "arithmetic":
        return {**found, "answer": int(problem.direct)}
    answers = [problem.direct]
    if problem.family == "lookup":  # its last step says the whole fact, the direct answer the value alone
        answers.append(problem.work[-1].output)
    return {**found, "check": "exact", "answer": answers}


def text(each: int = EACH, seed: int = 1) -> str:
    """The file's text."""
    lines = []
    for family in CHAINS:
        for depth in DEPTHS:
            for place, problem in enumerate(problems(Cell(family, depth), each, seed), 1):
                lines.append(json.dumps(question(problem, depth, place), ensure_ascii=False))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=EACH, help="tasks of each family and number of steps")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    args.out.write_text(text(args.each), encoding="utf-8")


if __name__ == "__main__":
    main()
