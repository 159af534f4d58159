"""The tutorial on reruns shows what its words say, on the embedded model."""

from __future__ import annotations

import ast
from typing import Any

from .conftest import RUN, cell, notebooks, shown, text

notebook = notebooks("02_rerun_and_compare.ipynb")


def attempts(notebook: Any, beginning: str) -> dict[str, int]:
    steps = shown(notebook, beginning)[RUN]["view"]["steps"].values()
    return {
        step["step"]["id"]: len(step.get("attempts", ()))
        for step in steps
        if step["step"].get("role", "work") == "work"
    }


def stale(notebook: Any, beginning: str) -> dict[str, str]:
    steps = shown(notebook, beginning)[RUN]["view"]["steps"].values()
    return {step["step"]["id"]: step["stale"] for step in steps if step.get("stale")}


def test_reruns_edits_and_choices_mark_exactly_what_they_touch(notebook: Any) -> None:
    assert attempts(notebook, "%vrerun s1 --run chain") == {"s1": 2, "s2": 1, "s3": 1}
    assert stale(notebook, "%vrerun s1 --run chain") == {}, "the same answer again"
    assert set(stale(notebook, "%vrerun s1 --edit words --run chain")) == {"s2"}
    assert attempts(notebook, "%vrerun --down --run chain") == {"s1": 3, "s2": 2, "s3": 2}
    assert stale(notebook, "%vrerun --down --run chain") == {}
    assert set(stale(notebook, "%vchoose s1#1 --run chain")) == {"s1", "s2"}
    assert set(ast.literal_eval(text(notebook, 'chain["s2"].choose(1)'))) >= {"s1"}


def test_comparisons_name_what_changed(notebook: Any) -> None:
    said = text(notebook, "%vdiff chain:s2")
    assert "result s1" in said and "changed" in said and "Shared prefix: the first" in said
    assert "[-" in text(notebook, "%vdiff essay:s1#1") and "{+" in text(notebook, "%vdiff essay:s1#1")
    assert "~ s2 · reworded" in text(notebook, "%vdiff essay other")


def test_reruns_at_a_high_temperature_differ(notebook: Any) -> None:
    answers = [line.split(" ", 2) for line in text(notebook, "for _ in range(3)").strip().split("\n")]
    assert [number for number, _, _ in answers] == ["1", "2", "3", "4"]
    assert len({seed for _, seed, _ in answers}) == 4 and len({said for _, _, said in answers}) > 1


def test_a_fork_a_pause_and_an_export_go_on(notebook: Any) -> None:
    assert shown(notebook, "%vfork essay:s2 other")[RUN]["status"] == "paused"
    assert shown(notebook, "%vrun other")[RUN]["status"] == "finished"
    assert "running" in text(notebook, "print(len(essay.events)")
    assert shown(notebook, "%%vtask careful")[RUN]["status"] == "paused"
    assert shown(notebook, "%vrun careful")[RUN]["status"] == "finished"
    assert "careful.jsonl" in text(notebook, "import os, tempfile")
    (refused,) = cell(notebook, "import pathlib").outputs
    assert refused.output_type == "error" and "was changed" in refused.evalue and "/" not in refused.evalue
