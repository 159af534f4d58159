"""Notebooks as they are committed, and as they come out when they are executed here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
RUN = "application/vnd.vnb.run+json"


def committed(name: str) -> Any:
    """The notebook with the outputs that a reader sees."""
    return nbformat.read(FOLDER / name, as_version=4)  # type: ignore[no-untyped-call]


def execute(name: str, folder: Path) -> Any:
    """The notebook, executed in a folder and a store of its own."""
    env = {**os.environ, "VNB_HOME": str(folder / "home")}
    client = NotebookClient(committed(name), timeout=120, resources={"metadata": {"path": str(folder)}})
    return client.execute(env=env)


def cell(notebook: Any, beginning: str) -> Any:
    """The one code cell whose source begins so."""
    found = [one for one in notebook.cells if one.cell_type == "code" and one.source.startswith(beginning)]
    assert len(found) == 1, beginning
    return found[0]


def text(notebook: Any, beginning: str) -> str:
    """What a cell shows or prints, as text."""
    outputs = cell(notebook, beginning).outputs
    return "\n".join(one["text"] if "text" in one else one["data"]["text/plain"] for one in outputs)


def shown(notebook: Any, beginning: str) -> dict[str, Any]:
    """The MIME bundle of the run that a cell shows."""
    bundles = [output.data for output in cell(notebook, beginning).outputs if RUN in output.get("data", {})]
    assert len(bundles) == 1, beginning
    return dict(bundles[0])


def notebooks(*names: str) -> Any:
    """A fixture with each of them twice: executed once, and as it is committed."""

    @pytest.fixture(scope="module", params=[(name, kind) for name in names for kind in ("executed", "committed")])
    def notebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
        name, kind = request.param
        found = execute(name, tmp_path_factory.mktemp("notebook")) if kind == "executed" else committed(name)
        nbformat.validate(found)
        return found

    return notebook
