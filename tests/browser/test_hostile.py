"""What a model, a document or a notebook's author may write is shown, never run, and never keeps the page busy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from vnb.views.bundle import MIME

from . import saved
from .lab import Lab

DANGER = (
    "img, script, iframe, object, svg:not(.vnb-chart svg), style, link, "
    "[onerror], [onload], [onmouseover], a:not([href^='http'])"
)
"""What no text may become; the curve of tokens per second is vnb's own."""
OVER = """panel => panel.querySelectorAll("*").forEach(
    element => element.dispatchEvent(new MouseEvent("mouseover", {bubbles: true})))"""


def harmed(page: Lab) -> object:
    return page.page.evaluate("() => window.CANARY")


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
def test_nothing_runs_in_any_tab(page: Lab, trusted: bool) -> None:
    page.open(saved.notebook(page.server.root / f"hostile-{trusted}.ipynb", saved.hostile()))
    if trusted:
        page.page.evaluate(
            "() => { jupyterapp.shell.currentWidget.content.widgets.forEach(cell => { cell.model.trusted = true; }) }"
        )
        page.run.wait_for()
    for row in ("Run", "s1"):
        page.run.get_by_role("treeitem", name=row).click()
        for tab in page.run.get_by_role("tab").all():
            tab.click()
            closed = page.run.locator("[role=tabpanel] [aria-expanded=false]")
            while closed.count():
                closed.first.click()
            page.run.get_by_role("tabpanel").evaluate(OVER)
            assert page.run.locator(DANGER).count() == 0
            assert harmed(page) is None
    page.run.get_by_role("tab", name="Output").click()
    said = page.run.get_by_role("tabpanel")
    expect(said).to_contain_text("window.CANARY = (window.CANARY || 0) + 1")
    assert page.run.locator("a").evaluate_all("links => links.map(link => link.href)") == ["https://example.org/page"]
    expect(said.locator("strong")).to_have_text("bold")
    expect(said.locator("pre").first).to_contain_text("<script>")


def test_a_line_of_a_megabyte(page: Lab) -> None:
    page.open(saved.notebook(page.server.root / "long.ipynb", saved.hostile()))
    page.run.get_by_role("treeitem", name="s2").click()
    said = page.run.get_by_role("tabpanel")
    assert len(said.inner_text()) < 30_000
    page.run.get_by_role("button", name="Show all 1,000,000 characters").click()
    expect(page.run.get_by_role("button", name="Show all")).to_have_count(0)
    page.page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert len(said.inner_text()) > 1_000_000
    page.run.get_by_role("treeitem", name="s1").click()
    expect(page.run.locator(".vnb-step-head")).to_contain_text("s1")


def test_html_of_a_newer_version_is_copied_without_what_could_run(page: Lab) -> None:
    found = saved.fixture("article")
    found[MIME] = {"version": 2}
    found["text/html"] = f"<p style='color:red' onclick='x'>kept</p><script>kept</script>{saved.EVIL}"
    page.open(saved.notebook(page.server.root / "newer.ipynb", found))
    expect(page.run.locator("p", has_text="kept")).to_be_visible()
    assert page.run.locator(DANGER).count() == 0
    assert page.run.locator("[style], [onclick]").count() == 0
    assert harmed(page) is None
