"""The quickstart runs on the embedded model, and what is committed shows what a reader is promised."""

from __future__ import annotations

import ast
from typing import Any

from .conftest import RUN, cell, committed, notebooks, shown, text

notebook = notebooks("01_quickstart.ipynb", "01_quickstart.zh-CN.ipynb")


def test_it_shows_what_it_promises(notebook: Any) -> None:
    for beginning in ("%%vtask article", "%%vtask essay", "%%vtask chain", "%%vtask other"):
        bundle = shown(notebook, beginning)
        assert set(bundle) >= {RUN, "text/html", "text/markdown", "text/plain"}
        assert "application/vnd.jupyter.widget-view+json" not in bundle
        view = bundle[RUN]
        assert view["status"] == "finished", beginning
        work = [step for step in view["view"]["steps"].values() if step["step"].get("role", "work") == "work"]
        assert len(work) >= 2
        assert all(step["status"] == "finished" for step in work)
    statuses = ast.literal_eval(cell(notebook, "[attempt.status").outputs[0]["data"]["text/plain"])
    assert set(statuses[:-1]) == {"reused"}  # all but the joining of the results, which calls no model
    (error,) = cell(notebook, "%%vtask\n").outputs
    assert error.output_type == "error"
    assert "topik" in error.evalue and "{{topic}}" in error.evalue


def test_the_article_is_in_parts_and_in_its_language(notebook: Any) -> None:
    article = shown(notebook, "%%vtask article")["text/plain"]
    assert "人工智能" in article
    assert sum("\u4e00" <= char <= "\u9fff" for char in article) > 60


def test_the_twins_show_the_same_things() -> None:
    twins = [committed(name).cells for name in ("01_quickstart.ipynb", "01_quickstart.zh-CN.ipynb")]
    kinds = [
        [(one.cell_type, one.source.split()[:1] if one.source.startswith("%") else "") for one in cells]
        for cells in twins
    ]
    assert kinds[0] == kinds[1]
    assert all(max(one.source) >= "\u4e00" for one in twins[1] if one.cell_type == "markdown")


def test_a_line_says_what_is_delivered(notebook: Any) -> None:
    parts = text(notebook, "import vnb\n\nchosen").strip().split("\n\n")
    every = shown(notebook, "%vrun mine")["text/plain"]
    assert len(parts) == 2
    assert every.index(parts[1]) < every.index(parts[0]), "what comes first in the plan is delivered last"
