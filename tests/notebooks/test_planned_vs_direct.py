"""The notebook on planning shows what its words say, on the embedded model."""

from __future__ import annotations

import re
from typing import Any

from .conftest import RUN, cell, notebooks, shown, text

notebook = notebooks("03_planned_vs_direct.ipynb")

ROW = re.compile(
    r"^(?P<group>\w+ \d|all)? *(?P<way>planned|direct|self-consistency) +(?P<right>\d+) of (?P<asked>\d+)", re.M
)


def right(notebook: Any, beginning: str) -> dict[tuple[str, str], float]:
    """The accuracies of a table by group and way."""
    found: dict[tuple[str, str], float] = {}
    group = ""
    for row in ROW.finditer(text(notebook, beginning)):
        group = row["group"] or group
        found[group, row["way"]] = int(row["right"]) / int(row["asked"])
    return found


def test_planning_helps_with_sums(notebook: Any) -> None:
    found = right(notebook, "sums = ")
    assert len(found) == 4 * 3
    for group in ("arithmetic 2", "arithmetic 4", "arithmetic 6", "all"):
        assert found[group, "planned"] > found[group, "direct"] + 0.4
        assert abs(found[group, "self-consistency"] - found[group, "direct"]) < 0.3, "the vote does not help"


def test_planning_hurts_where_plans_end_too_early(notebook: Any) -> None:
    found = right(notebook, "facts = ")
    for group in ("lookup 2", "lookup 4"):
        assert found[group, "planned"] > found[group, "direct"]
    assert found["lookup 8", "planned"] < found["lookup 8", "direct"]
    plan = text(notebook, "wrong = ")
    assert "wrong; the first answered" in plan and 1 <= len(re.findall(r"^s\d+:", plan, re.M)) < 8
    assert shown(notebook, "run")[RUN]["status"] == "finished"


def test_the_figures_have_words(notebook: Any) -> None:
    for beginning in ("sums.plot()", "facts.plot()"):
        (output,) = cell(notebook, beginning).outputs
        assert output.data["image/png"] and "planned on" in output.data["text/plain"]


def test_the_same_call_asks_nothing_again(notebook: Any) -> None:
    assert "True" in text(notebook, "%%time")


def test_ways_and_checks_of_ones_own_have_their_rows(notebook: Any) -> None:
    said = text(notebook, "def knows")
    assert all(f"\n{way} " in said for way in ("planned", "planned warm", "three votes"))
