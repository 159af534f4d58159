"""The quickstart runs on the embedded model, and what is committed shows what a reader is promised."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"
RUN = "application/vnd.vnb.run+json"


def cell(notebook: Any, beginning: str) -> Any:
    """The one code cell whose source begins so."""
    found = [one for one in notebook.cells if one.cell_type == "code" and one.source.startswith(beginning)]
    assert len(found) == 1, beginning
    return found[0]


def shown(notebook: Any, beginning: str) -> dict[str, Any]:
    """The MIME bundle of the run that a cell shows."""
    bundles = [output.data for output in cell(notebook, beginning).outputs if RUN in output.get("data", {})]
    assert len(bundles) == 1, beginning
    return dict(bundles[0])


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("quickstart")
    notebook = nbformat.read(QUICKSTART, as_version=4)  # type: ignore[no-untyped-call]
    env = {**os.environ, "VNB_HOME": str(folder / "home")}
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    return client.execute(env=env)


@pytest.fixture(scope="module")
def committed() -> Any:
    return nbformat.read(QUICKSTART, as_version=4)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("which", ["executed", "committed"])
def test_it_shows_what_it_promises(which: str, request: pytest.FixtureRequest) -> None:
    notebook = request.getfixturevalue(which)
    nbformat.validate(notebook)
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


def test_the_article_is_in_parts_and_in_its_language(executed: Any) -> None:
    text = shown(executed, "%%vtask article")["text/plain"]
    assert "人工智能" in text
    assert sum("\u4e00" <= char <= "\u9fff" for char in text) > 60
