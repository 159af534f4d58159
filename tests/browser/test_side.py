"""The side panel of a notebook with a kernel: what it lists, what it does, and what it says where there is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from .kernel import LOAD, SCRIPTED
from .lab import Lab, Server, look, serve
from .side import command, notebook, panel, run_all, sources
from .test_looks import AXE

NARROWEST = 240
_CONNECTION = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
ARTICLES = (
    LOAD,
    SCRIPTED.format(how=""),
    "%%vtask tides\nWrite about the tides.",
    "%%vtask moons\nWrite about the moons.",
)
HELD = """import vnb
for run in vnb.runs():
    run.delete()
engine = scripts.use(scripts.held())"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab of its own, so that its store holds these runs and no other."""
    with serve(tmp_path_factory.mktemp("side")) as found:
        yield found


@pytest.fixture(scope="module")
def lab(browser: Browser, alone: Server) -> Iterator[Lab]:
    """A JupyterLab with a notebook that has run two tasks."""
    with look(browser, alone) as page:
        page.start()
        notebook(page, *ARTICLES)
        run_all(page)
        yield page
        assert page.elsewhere == [] and page.errors == []


@pytest.fixture
def side(lab: Lab) -> Locator:
    """Its panel with both runs."""
    lab.page.evaluate("() => jupyterapp.shell.activateById(jupyterapp.shell.widgets('main').next().value.id)")
    found = panel(lab)
    found.get_by_role("searchbox").fill("")
    expect(rows(found).filter(has_text="tides")).to_have_count(1)
    return found


def rows(side: Locator) -> Locator:
    return side.locator(".vnb-run-row")


def row(side: Locator, text: str) -> Locator:
    """Its row, opened."""
    found = rows(side).filter(has_text=text).first
    if found.get_attribute("aria-expanded") == "false":
        found.click()
    return found


def click(side: Locator, name: str) -> None:
    side.get_by_role("button", name=name, exact=True).click()


def test_runs_are_listed_and_searched(side: Locator) -> None:
    expect(rows(side)).to_have_count(2)
    expect(rows(side).first).to_contain_text("Write about the moons.")
    expect(rows(side).first).to_contain_text("finished")
    side.get_by_role("searchbox").fill("tid")
    expect(rows(side)).to_have_count(1)
    expect(rows(side)).to_contain_text("Write about the tides.")
    side.get_by_role("searchbox").fill("nowhere")
    expect(side).to_contain_text("No run has that")


def test_a_shortcut_opens_the_panel(side: Locator, lab: Lab) -> None:
    lab.page.evaluate("() => jupyterapp.shell.collapseRight()")
    expect(side).to_be_hidden()
    lab.page.keyboard.press("Control+Alt+v")
    expect(rows(side).first).to_be_visible()


def test_keys_go_through_the_list(side: Locator, lab: Lab) -> None:
    rows(side).first.focus()
    lab.page.keyboard.press("ArrowDown")
    expect(rows(side).nth(1)).to_be_focused()
    lab.page.keyboard.press("Home")
    expect(rows(side).first).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(side.get_by_role("button", name="Open here")).to_be_visible()
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Tab")
    expect(side.get_by_role("button", name="Export …")).to_be_focused()
    expect(side.locator(".vnb-run-actions code")).to_contain_text("%vexport")


def test_a_run_is_opened_beside_the_notebook(side: Locator, lab: Lab) -> None:
    row(side, "tides")
    click(side, "Open beside")
    run = lab.page.locator(".vnb-beside .vnb-run")
    expect(run).to_contain_text("Write about the tides.")
    run.get_by_role("treeitem", name="s1 Past").click()
    expect(run.get_by_role("tabpanel")).to_contain_text("Once there were abacuses")
    click(side, "Open beside")
    expect(run.get_by_role("tabpanel")).to_contain_text("Soon there will be something else.")
    expect(run).to_have_count(1)
    lab.page.get_by_role("tab", name="Write about the tides.").locator(".lm-TabBar-tabCloseIcon").click()
    expect(run).to_have_count(0)


def test_a_run_is_opened_in_the_notebook(side: Locator, lab: Lab) -> None:
    row(side, "tides")
    magic = side.locator(".vnb-run-actions code").inner_text()
    before = sources(lab)
    click(side, "Open here")
    cell = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", has_text=magic)
    expect(cell.locator(".vnb-run")).to_contain_text("Write about the tides.")
    assert sorted(sources(lab)) == sorted([*before, magic])


def test_a_run_is_exported(side: Locator, lab: Lab) -> None:
    row(side, "tides")
    dialog = lab.page.locator(".jp-Dialog")
    click(side, "Export …")
    dialog.locator("input[type=text]").fill("tides.md")
    dialog.get_by_role("button", name="Export").click()
    expect(lab.page.locator(".Toastify")).to_contain_text("Written: tides.md")
    written = lab.server.root / "tides.md"
    assert "Once there were abacuses" in written.read_text(encoding="utf-8")
    written.write_text("mine", encoding="utf-8")
    click(side, "Export …")
    dialog.locator("input[type=text]").fill("tides.md")
    dialog.get_by_role("button", name="Export").click()
    expect(side.get_by_role("alert")).to_contain_text("--force")
    assert written.read_text(encoding="utf-8") == "mine"
    click(side, "Export …")
    dialog.locator("input[type=text]").fill("tides.md")
    dialog.get_by_label("Replace a file of that name").check()
    dialog.get_by_role("button", name="Export").click()
    expect(side.get_by_role("alert")).to_have_count(0)
    expect(lab.page.locator(".Toastify")).to_contain_text("Written: tides.md")
    assert written.read_text(encoding="utf-8") != "mine"


def test_the_model_is_told_unloaded_and_loaded(side: Locator, lab: Lab) -> None:
    model = side.get_by_role("article", name="scripted")
    expect(model).to_contain_text("context 4,096 · 4 at once")
    gauge = model.get_by_role("meter", name="KV cache")
    expect(gauge).to_have_attribute("aria-valuetext", re.compile(r"0 used, [1-9][\d,]* cached of 16,384 cells"))
    expect(side).to_contain_text(re.compile(r"This kernel has \d+ MB in memory"))
    expect(lab.page.locator(".vnb-status")).to_have_text("vnb · scripted")
    click(model, "Unload")
    expect(side).to_contain_text("No model is loaded")
    side.get_by_text("Could be loaded").click()
    side.get_by_role("button", name="Load tiny").click()
    expect(side.get_by_role("article").get_by_role("meter")).to_be_visible()
    assert "%vmodel tiny" in sources(lab)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(side: Locator, lab: Lab, theme: str) -> None:
    lab.theme(theme)
    row(side, "tides")
    lab.page.evaluate(f"() => {{ if (!window.axe) {{ {AXE} }} }}")
    found: dict[str, Any] = side.evaluate(
        "side => axe.run(side, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    told = [(one["id"], node["html"][:120]) for one in found["violations"] for node in one["nodes"]]
    lab.theme("JupyterLab Light")
    assert told == []


def test_a_narrow_panel_needs_no_scrolling_sideways(side: Locator) -> None:
    row(side, "tides")
    too_wide = side.evaluate(
        """(side, width) => {
            const shown = side.querySelector(".vnb-side");
            side.style.minWidth = "0";
            shown.style.width = `${width}px`;
            const found = [...shown.querySelectorAll("*")].filter(
                e => e.getBoundingClientRect().right > shown.getBoundingClientRect().right + 1 && !e.closest("[hidden]"));
            shown.style.width = "";
            return found.map(e => e.className);
        }""",
        NARROWEST,
    )
    assert too_wide == []


def test_a_run_is_deleted_once_that_is_confirmed(side: Locator, lab: Lab) -> None:
    dialog = lab.page.locator(".jp-Dialog")
    row(side, "moons")
    click(side, "Delete …")
    expect(dialog).to_contain_text("Write about the moons.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    expect(rows(side)).to_have_count(2)
    click(side, "Delete …")
    dialog.get_by_role("button", name="Delete").click()
    expect(rows(side)).to_have_count(1)
    expect(rows(side)).to_contain_text("Write about the tides.")
    expect(rows(side)).to_be_focused()


def test_a_run_under_way_is_told_while_its_cell_runs(lab: Lab) -> None:
    notebook(lab, LOAD, SCRIPTED.format(how=""), HELD, "%%vtask held\nWrite an article.")
    side = panel(lab)
    run_all(lab, wait=False)
    expect(rows(side)).to_contain_text("running")
    expect(lab.page.locator(".vnb-status")).to_contain_text("1 running")
    expect(side.get_by_role("meter", name="KV cache")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    row(side, "Write an article.")
    click(side, "Delete …")
    lab.page.locator(".jp-Dialog").get_by_role("button", name="Delete").click()
    expect(side.get_by_role("alert")).to_contain_text("is being written")
    command(lab, "notebook:interrupt-kernel")
    expect(rows(side)).to_contain_text("stopped")


def test_a_kernel_without_vnb_is_told_how_to_get_it(page: Lab) -> None:
    notebook(page, "1 + 1")
    side = panel(page)
    expect(side).to_contain_text("vnb is not loaded in this notebook's kernel")
    expect(side.locator("code")).to_have_text(LOAD)
    click(side, "Load vnb")
    expect(side.get_by_role("searchbox")).to_be_visible()
    assert sources(page) == [LOAD, "1 + 1"]
    command(page, "notebook:restart-kernel")
    page.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    expect(side).to_contain_text("vnb is not loaded")
    run_all(page, wait=False)
    expect(side.get_by_role("searchbox")).to_be_visible()


def test_what_was_asked_over_a_connection_that_is_lost_is_asked_again(page: Lab) -> None:
    notebook(page, LOAD)
    run_all(page)
    side = panel(page)
    expect(side.get_by_role("searchbox")).to_be_visible()
    page.page.evaluate(f"() => {{ {_CONNECTION}._ws.send = () => {{}} }}")
    click(side, "Refresh")
    expect(side).to_contain_text("The kernel is busy")
    page.page.evaluate(f"() => {{ void {_CONNECTION}.reconnect() }}")
    expect(side).not_to_contain_text("The kernel is busy")
    expect(side.get_by_role("searchbox")).to_be_visible()


def test_a_notebook_without_a_kernel_is_told_so(page: Lab) -> None:
    notebook(page, "%%vtask\nWrite.", kernel=False)
    side = panel(page)
    expect(side).to_contain_text("This notebook has no kernel")
    click(side, "Choose a kernel")
    expect(page.page.locator(".jp-Dialog")).to_contain_text("Select Kernel")
    page.page.keyboard.press("Escape")
    expect(page.page.locator(".jp-Dialog")).to_have_count(0)
    expect(side.get_by_role("button", name="Refresh")).to_be_disabled()


def test_the_palette_begins_a_task(page: Lab) -> None:
    notebook(page, "1", kernel=False)
    command(page, "vnb:new-task")
    page.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").nth(1).locator(".cm-focused").wait_for()
    page.page.keyboard.type("Write about tides.")
    assert sources(page) == ["1", "%%vtask\nWrite about tides."]
    command(page, "apputils:activate-command-palette")
    page.page.get_by_role("searchbox", name="Command Palette").or_(
        page.page.locator(".lm-CommandPalette-input")
    ).first.fill("runs and models")
    expect(page.page.locator(".lm-CommandPalette-itemLabel", has_text="Show runs and models")).to_be_visible()
    page.page.keyboard.press("Escape")


def test_in_notebook_7_it_is_there_too(browser: Browser, alone: Server, lab: Lab) -> None:
    name = notebook(lab, *ARTICLES[:3])
    command(lab, "docmanager:save")
    with look(browser, alone) as page:
        page.page.goto(f"{alone.base}/notebooks/{name}?token={alone.token}")
        page.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel")
        run_all(page, wait=False)
        side = panel(page)
        expect(rows(side).filter(has_text="Write about the tides.").first).to_be_visible()
        row(side, "tides")
        expect(side.get_by_role("button", name="Open here")).to_be_visible()
        expect(side.get_by_role("button", name="Open beside")).to_have_count(0)
        assert page.errors == []
