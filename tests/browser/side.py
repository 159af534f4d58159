"""Notebooks with a kernel, and the side panel beside them."""

from __future__ import annotations

import itertools

from playwright.sync_api import Locator

from .kernel import write
from .lab import Lab

_OPEN = """async ([path, kernel]) => {
    await jupyterapp.restored;
    void jupyterapp.commands.execute("docmanager:open", {
        path, factory: "Notebook", kernel: kernel ? {name: "python3"} : {shouldStart: false, canStart: false},
        kernelPreference: kernel ? undefined : {shouldStart: false, canStart: false, autoStartDefault: false},
    });
}"""
_KERNEL = """path => {
    const panel = jupyterapp.shell.currentWidget;
    return panel?.context?.path === path && panel.sessionContext.session?.kernel?.status === "idle";
}"""
_RAN = """() => [...jupyterapp.shell.currentWidget.content.widgets].every(
    cell => cell.model.type !== "code" || !cell.model.sharedModel.source || cell.model.executionCount)"""

_names = itertools.count()


def notebook(page: Lab, *cells: str, kernel: bool = True) -> str:
    """Opens a new notebook with these cells in the page, with or without a kernel, and returns its name."""
    name = f"side-{next(_names)}.ipynb"
    write(page.server.root / name, *cells)
    page.page.evaluate(_OPEN, [name, kernel])
    page.page.get_by_role("tab", name=name).wait_for()
    if kernel:
        page.page.wait_for_function(_KERNEL, arg=name)
    return name


def run_all(page: Lab, wait: bool = True) -> None:
    """Runs the cells of the notebook in front, and waits until all of them have."""
    page.page.evaluate("() => { void jupyterapp.commands.execute('notebook:run-all-cells') }")
    if wait:
        page.page.wait_for_function(_RAN)


def command(page: Lab, name: str) -> None:
    """Executes one of JupyterLab's commands, and does not wait for its end."""
    page.page.evaluate("name => { void jupyterapp.commands.execute(name) }", name)


def panel(page: Lab) -> Locator:
    """The side panel, opened if it is not."""
    found = page.page.locator("#vnb-side-panel")
    if not found.is_visible():
        command(page, "vnb:show-panel")
        found.wait_for()
    return found


def sources(page: Lab) -> list[str]:
    """What the cells of the notebook in front say."""
    found: list[str] = page.page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.sharedModel.source)"
    )
    return found
