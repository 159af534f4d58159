"""An evaluation counts through vnb, goes on where it stopped, and its figures are the right ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from train.evaluate import Cell, judge, problems, text_of
from train.report import auroc, read, table, wilson
from train.tasks.base import side_of

ROOT = Path(__file__).parents[2]


def evaluate(out: Path, home: Path, *more: str) -> str:
    command = [sys.executable, "-m", "train.evaluate", "--n", "2", "--out", str(out), *more]
    environment = {**os.environ, "VNB_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def test_a_stopped_evaluation_goes_on_with_the_next_cell(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    cells = ("--cells", "lookup-2,review-list-3")
    assert "lookup-2" in evaluate(tmp_path / "out", tmp_path, "--cells", "lookup-2")
    second = evaluate(tmp_path / "out", tmp_path, *cells)
    assert "review-list-3" in second and "lookup-2" not in second
    lookup, review = read(tmp_path / "out")
    assert lookup["counts"]["planned"][1] == lookup["counts"]["direct"][1] == 2
    assert lookup["counts"]["brief"][1] == 2
    assert review["counts"].keys() <= {"review"}
    assert "| lookup | 2 |" in table([lookup], ("plan", "planned"))


def test_evaluated_tasks_are_held_out_and_different() -> None:
    found = problems(Cell("list", 7), 20, seed=1)
    assert len({text_of(problem) for problem in found}) == 20
    assert all(side_of("list", problem.key) == "held" and len(problem.work) == 7 for problem in found)
    assert {problem.language for problem in problems(Cell("article zh", 3), 5, seed=1)} == {"zh"}


def test_a_run_is_judged_by_its_plan_its_steps_and_its_result() -> None:
    (problem,) = problems(Cell("arithmetic", 3), 1, seed=1)
    steps = [SimpleNamespace(instruction=w.instruction, needs=[f"s{n}" for n in w.needs]) for w in problem.work]

    class Run(dict[str, SimpleNamespace]):
        brief, plan = None, SimpleNamespace(steps=steps)

        def __init__(self, outputs: list[str]) -> None:
            super().__init__({f"s{i}": SimpleNamespace(output=o, chosen=None) for i, o in enumerate(outputs, 1)})
            self.result = outputs[-1]

    right = [work.output for work in problem.work]
    well, badly = Cell("arithmetic", 3), Cell("arithmetic", 3)
    assert judge(well, problem, Run(right))
    assert well.counts == {"valid": [1, 1], "plan": [1, 1], "step": [3, 3], "planned": [1, 1]}
    assert not judge(badly, problem, Run(["no", *right[1:]]))
    assert badly.counts["planned"] == [1, 1] and badly.counts["step"][0] == badly.counts["step"][1] - 1


def test_intervals_and_areas_are_those_of_the_textbook() -> None:
    low, high = wilson(81, 100)
    assert (round(low, 3), round(high, 3)) == (0.722, 0.875)
    assert wilson(0, 0) == (0.0, 1.0)
    assert auroc([(0.9, False), (0.2, True), (0.1, True)]) == 1.0
    assert auroc([(0.2, False), (0.2, True)]) == 0.5
    assert auroc([(0.2, True)]) is None


def test_counts_are_kept_as_json(tmp_path: Path) -> None:
    cell = {"family": "lookup", "depth": 2, "counts": {"plan": [1, 2]}, "entropies": [], "seconds": 1, "settings": {}}
    (tmp_path / "lookup-2.json").write_text(json.dumps(cell))
    assert read(tmp_path) == [cell]
