"""A notebook with a kernel, as a user has it: cells that are run, and the live panels in their outputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, expect

from .lab import Lab

LOAD = "%load_ext vnb"
SCRIPTED = """from tests.notebook import scripts
from vnb.engines.scripted import Answer, Fail
engine = scripts.use({how})"""


def write(path: Path, *cells: str) -> str:
    """Writes a notebook of code cells that have not run; returns its name."""
    found = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{n}",
                "source": source,
                "metadata": {},
                "execution_count": None,
                "outputs": [],
            }
            for n, source in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(found), encoding="utf-8")
    return path.name


@dataclass
class Notebook:
    """The notebook in front, with its kernel."""

    lab: Lab
    name: str

    @property
    def panel(self) -> Locator:
        """The first run."""
        return self.lab.run

    def run(self, cell: int) -> None:
        """Runs a cell; returns while it runs."""
        self.lab.page.evaluate(_RUN, cell)

    def done(self, cell: int) -> None:
        """Waits until a cell has ended."""
        self.lab.page.wait_for_function(_DONE, arg=cell)

    def button(self, name: str) -> Locator:
        """A button of the run's panel."""
        return self.panel.get_by_role("button", name=name, exact=True)

    def row(self, step: str) -> Locator:
        """A step's row in the tree."""
        return self.panel.get_by_role("treeitem", name=step)

    def is_live(self) -> None:
        """Waits until the panel follows its kernel."""
        expect(self.panel).to_have_attribute("data-follows", "true")

    def save(self) -> None:
        """Saves the notebook and waits for that."""
        self.lab.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    def value(self, expression: str) -> str:
        """The text of a Python expression in the kernel; waits behind a cell that runs."""
        found: str = self.lab.page.evaluate(_VALUE, expression)
        return found


def start(lab: Lab, name: str, *cells: str) -> Notebook:
    """A new notebook in front with a kernel that has vnb loaded; `cells` are its other cells, from 1 on."""
    write(lab.server.root / name, LOAD, *cells)
    lab.page.evaluate(_OPEN, name)
    found = Notebook(lab, name)
    found.run(0)
    found.done(0)
    return found


_FRONT = "jupyterapp.shell.currentWidget"
_OPEN = """async name => {
    await jupyterapp.restored;
    const panel = await jupyterapp.commands.execute("docmanager:open", {path: name, factory: "Notebook"});
    await panel.revealed;
    await panel.sessionContext.ready;
}"""
_RUN = f"""cell => {{
    const notebook = {_FRONT}.content;
    notebook.activeCellIndex = cell;
    void jupyterapp.commands.execute("notebook:run-cell");
}}"""
_DONE = f"""cell => {{
    const model = {_FRONT}.content.widgets[cell].model;
    return model.executionCount !== null && model.executionState !== "running";
}}"""
_VALUE = f"""async expression => {{
    const kernel = {_FRONT}.sessionContext.session.kernel;
    const asked = kernel.requestExecute({{code: "", user_expressions: {{value: expression}}, silent: true}});
    const {{content}} = await asked.done;
    const value = content.user_expressions.value;
    return value.status === "ok" ? value.data["text/plain"] : value.ename + ": " + value.evalue;
}}"""
