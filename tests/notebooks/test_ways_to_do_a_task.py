"""The notebook on ways to do a task, as it is committed: its runs are those that its words speak of. It takes a real model."""

from __future__ import annotations

import nbformat
import pytest

from .conftest import RUN, committed, shown, text

NOTEBOOK = committed("06_ways_to_do_a_task.ipynb")


@pytest.mark.parametrize(
    ("name", "way", "status"),
    [
        ("sheets_direct", "direct", "finished"),
        ("sheets_code", "code", "finished"),
        ("sea_code", "code", "failed"),
        ("sea_direct", "direct", "finished"),
        ("lamps_direct", "direct", "finished"),
        ("lamps_map", "map", "finished"),
        ("wednesday", "direct", "finished"),
        ("guide_direct", "direct", "finished"),
        ("guide_outline", "outline", "finished"),
    ],
)
def test_each_run_was_done_in_the_way_that_the_text_names(name: str, way: str, status: str) -> None:
    bundle = shown(NOTEBOOK, f"%%vtask {name} ")
    assert bundle[RUN]["status"] == status
    assert f"| {name} | {way} | {status} |" in _side_by_side()


def test_the_answers_are_those_that_the_text_names() -> None:
    results = {
        name: shown(NOTEBOOK, f"%%vtask {name} ")["text/plain"] for name in ("sheets_code", "lamps_direct", "lamps_map")
    }
    assert "→ 23580" in results["sheets_code"]
    assert "39" in results["lamps_direct"] and "→ 34" in results["lamps_map"]
    assert '"lamps": true' in text(NOTEBOOK, "print(lamps_map")
    nbformat.validate(NOTEBOOK)


def _side_by_side() -> str:
    (cell,) = [one for one in NOTEBOOK.cells if one.source.startswith("from IPython.display")]
    return str(cell.outputs[0]["data"]["text/markdown"])
