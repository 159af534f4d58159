"""A notebook with a kernel, as a user has it: cells that are run, and the live panels in their outputs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
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

    def restart(self) -> None:
        """Restarts the kernel, whatever it does, and waits for that."""
        self.lab.page.evaluate(_RESTART)

    def reload(self) -> None:
        """Loads the page anew, with this notebook in front."""
        self.lab.page.goto(f"{self.lab.server.base}/lab/tree/{self.name}?token={self.lab.server.token}&reset")
        self.lab.page.get_by_role("tab", name=self.name).wait_for()
        self.panel.wait_for()

    def until_holds(self, condition: str) -> None:
        """Waits until the JSON of the first run in the notebook is such (JavaScript with `run`), and saves it."""
        self.lab.page.wait_for_function(f"() => (run => {condition})({_DOCUMENT})")
        self.save()

    def close(self) -> None:
        """Closes the notebook and ends its kernel."""
        self.lab.page.evaluate(_CLOSE)


def start(lab: Lab, name: str, *cells: str) -> Notebook:
    """A new notebook in front with a kernel that has vnb loaded; `cells` are its other cells, from 1 on."""
    write(lab.server.root / name, LOAD, *cells)
    found = reopened(lab, name)
    found.run(0)
    found.done(0)
    return found


def reopened(lab: Lab, name: str) -> Notebook:
    """A notebook that is there, in front and with a kernel."""
    lab.page.evaluate(_OPEN, name)
    return Notebook(lab, name)


@contextlib.contextmanager
def opened(lab: Lab, name: str, *cells: str) -> Iterator[Notebook]:
    """`start`, and closed at the end."""
    found = start(lab, name, *cells)
    try:
        yield found
    finally:
        found.close()


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
_DOCUMENT = f"""[...{_FRONT}.content.widgets].flatMap(cell => cell.model.outputs?.toJSON() ?? [])
    .map(output => output.data?.["application/vnd.vnb.run+json"]).find(Boolean)"""
_RESTART = f"""async () => {{
    const context = {_FRONT}.sessionContext;
    await context.session.kernel.restart();
    await context.session.kernel.info;
}}"""
_CLOSE = f"""async () => {{
    const panel = {_FRONT};
    const manager = panel?.sessionContext;
    if (!manager?.session) return;
    await manager.shutdown();
    panel.context.model.dirty = false;
    panel.close();
}}"""
_VALUE = f"""async expression => {{
    const kernel = {_FRONT}.sessionContext.session.kernel;
    const asked = kernel.requestExecute({{code: "", user_expressions: {{value: expression}}, silent: true}});
    const {{content}} = await asked.done;
    const value = content.user_expressions.value;
    return value.status === "ok" ? value.data["text/plain"] : value.ename + ": " + value.evalue;
}}"""
