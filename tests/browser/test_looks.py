"""Accessible in light and dark, usable in a narrow column, calm for who wants it calm."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from . import saved
from .lab import NARROW, Lab, Server, look

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
CHECK = """() => axe.run(
    document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .vnb-run"),
    {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
)"""


def violations(page: Lab) -> list[str]:
    if not page.page.evaluate("() => 'axe' in window"):
        page.page.evaluate(f"() => {{ {AXE} }}")
    found: dict[str, Any] = page.page.evaluate(CHECK)
    return [
        f"{violation['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:300]}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_any_tab(page: Lab, theme: str) -> None:
    page.theme(theme)
    for fixture, steps in {
        "rerun": ("s1 ", "s2 "),
        "failed": ("s5 ",),
        "trimmed": ("s1 ",),
        "running": ("s3 ",),
        "warned": ("s1 ", "integrate"),
    }.items():
        page.open(saved.notebook(page.server.root / f"{fixture}-{theme[-4:]}.ipynb", saved.fixture(fixture)))
        for step in ("Run", *steps):
            page.run.get_by_role("treeitem", name=step).first.click()
            for tab in page.run.get_by_role("tab").all():
                tab.click()
                assert violations(page) == [], (fixture, step, tab.inner_text())
    page.theme("JupyterLab Light")


def test_a_narrow_column_needs_no_scrolling_sideways(browser: Browser, server: Server) -> None:
    with look(browser, server, NARROW) as page:
        page.start()
        page.open(saved.notebook(server.root / "narrow.ipynb", saved.fixture("rerun")))
        for step in ("Run", "s1 "):
            page.run.get_by_role("treeitem", name=step).first.click()
            for tab in page.run.get_by_role("tab").all():
                tab.click()
                assert page.run.evaluate("run => run.scrollWidth <= run.clientWidth"), tab.inner_text()
        expect(page.run.get_by_role("treeitem", name="s1 ").first).to_be_visible()


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_who_wants_less_motion(browser: Browser, server: Server, wish: Any) -> None:
    with look(browser, server, reduced_motion=wish) as page:
        page.start()
        page.open(saved.notebook(server.root / "calm.ipynb", saved.fixture("article")))
        moving = "run => [...run.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration)).length"
        assert (page.run.evaluate(moving) == 0) == (wish == "reduce")
