"""A saved notebook without a kernel: all of a run can be looked into, by mouse and by keyboard."""

from __future__ import annotations

import itertools
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, expect

from tests.fixtures import load, moments
from vnb.views.bundle import MIME, document

from . import saved
from .lab import Lab, Server, look

TABS = ("Output", "Context", "Diff", "Tokens", "Timing", "Attempts")


PAINT_AGAIN = """async () => {
    const { model } = jupyterapp.shell.currentWidget.content.widgets[0].outputArea;
    const outputs = model.toJSON();
    model.clear();
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const began = performance.now();
    model.fromJSON(outputs);
    while (!document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .vnb-run [role=treeitem]")) await frame();
    await frame();
    return performance.now() - began;
}"""

_names = itertools.count()


def opened(page: Lab, *bundles: dict[str, Any]) -> Lab:
    """JupyterLab with a new notebook that holds these bundles."""
    page.open(saved.notebook(page.server.root / f"saved-{next(_names)}.ipynb", *bundles))
    return page


def choose(page: Lab, step: str, *tab: str) -> None:
    page.run.get_by_role("treeitem", name=step).click()
    for name in tab:
        page.run.get_by_role("tab", name=name, exact=True).click()


def panel(page: Lab) -> Any:
    return page.run.get_by_role("tabpanel")


def test_every_tab_by_mouse(page: Lab) -> None:
    opened(page, saved.fixture("article"))
    expect(panel(page)).to_contain_text("Artificial intelligence began as a question.")
    page.run.get_by_role("tab", name="Timeline").click()
    page.run.get_by_role("button", name="s3#1").click()
    expect(page.run.locator(".vnb-step-head")).to_contain_text("s3 Future 未来")
    choose(page, "Run", "About")
    expect(panel(page)).to_contain_text("An article in three parts")
    choose(page, "s1 History", "Output")
    expect(panel(page)).to_contain_text("a summer workshop at Dartmouth")
    choose(page, "s3 Future", "Context")
    panel(page).get_by_role("button", name="result").first.click()
    expect(panel(page)).to_contain_text("a summer workshop at Dartmouth")
    choose(page, "s1 History", "Tokens")
    panel(page).get_by_role("option").nth(5).hover()
    expect(panel(page)).to_contain_text("token 6 of 78")
    expect(panel(page)).to_contain_text("Entropy ≥")
    choose(page, "s1 History", "Timing")
    expect(panel(page)).to_contain_text("First token after (TTFT)")
    choose(page, "s1 History", "Attempts")
    expect(panel(page)).to_contain_text("seed")
    assert page.server.get("sessions") == []


def test_every_tab_by_keyboard(page: Lab) -> None:
    opened(page, saved.fixture("article"))
    keys = page.page.keyboard
    page.run.get_by_role("treeitem").first.focus()
    for _ in range(3):
        keys.press("ArrowDown")
    expect(page.run.get_by_role("treeitem", name="s1 History")).to_be_focused()
    keys.press("Enter")
    for name in TABS:
        expect(page.run.get_by_role("tab", name=name, exact=True)).to_be_focused()
        assert panel(page).inner_text()
        keys.press("ArrowRight")
    expect(page.run.get_by_role("tab", name="Output")).to_be_focused()
    keys.press("End")
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    expect(page.run.get_by_role("tab", name="Tokens")).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    expect(page.run.get_by_role("listbox")).to_be_focused()
    keys.press("ArrowRight")
    expect(panel(page)).to_contain_text("token 2 of 78")
    keys.press("Escape")
    expect(page.run.get_by_role("treeitem", name="s1 History")).to_be_focused()
    keys.press("End")
    expect(page.run.get_by_role("treeitem", name="integrate")).to_be_focused()
    keys.press("Home")
    expect(page.run.get_by_role("treeitem", name="Run")).to_be_focused()


def test_sub_steps_fold(page: Lab) -> None:
    opened(page, saved.fixture("nested"))
    keys, rows = page.page.keyboard, page.run.get_by_role("treeitem")
    page.run.get_by_role("treeitem", name="s1 Describe the city").click()
    before = rows.count()
    keys.press("ArrowLeft")
    expect(rows).to_have_count(before - 4)
    keys.press("ArrowRight")
    expect(rows).to_have_count(before)
    keys.press("ArrowRight")
    expect(page.run.get_by_role("treeitem", name="s1.1")).to_be_focused()
    keys.press("ArrowLeft")
    expect(page.run.get_by_role("treeitem", name="s1 Describe the city")).to_be_focused()


def test_the_attempts_of_a_step(page: Lab) -> None:
    opened(page, saved.fixture("rerun"))
    choose(page, "s1 History", "Output")
    expect(panel(page)).to_contain_text("one of winters and springs")
    page.run.get_by_role("combobox").select_option("1")
    expect(panel(page)).to_contain_text("a summer workshop at Dartmouth")
    choose(page, "s1 History", "Attempts")
    expect(panel(page)).to_contain_text("The connection was lost.")
    expect(panel(page)).to_contain_text("%vrerun s1")
    panel(page).get_by_role("button", name="#3").click()
    page.run.get_by_role("tab", name="Output").click()
    expect(panel(page)).to_contain_text("Once upon")
    choose(page, "s2 Present")
    expect(page.run.locator(".vnb-step-head")).to_contain_text("Stale: its instruction was edited")


def test_context_parts_that_were_trimmed_or_left_out(page: Lab) -> None:
    opened(page, saved.fixture("trimmed"))
    choose(page, "s1 Summarise", "Context")
    expect(panel(page)).to_contain_text("7 parts · 1 trimmed · 2 omitted")
    expect(panel(page)).to_contain_text("trimmed from 225")
    expect(panel(page).locator(".vnb-part-omitted")).to_have_count(2)


def test_what_was_left_out_for_size_is_said_with_what_to_type(page: Lab) -> None:
    fixture = load("article")
    *_, view = moments("article")
    small = {**saved.fixture("article"), MIME: document(view, fixture["blobs"], fixture["now"], limit=9_000)}
    assert small[MIME]["omitted"] == ["alternatives", "tokens", "contexts"]
    opened(page, small)
    for tab, python in (("Tokens", "tokens"), ("Context", "context")):
        choose(page, "s1 History", tab)
        expect(panel(page)).to_contain_text("not kept in this notebook")
        expect(panel(page)).to_contain_text(f'vnb.open("article")["s1"].attempts[0].{python}')


def test_warnings_demands_and_reasoning(page: Lab) -> None:
    opened(page, saved.fixture("warned"))
    expect(page.run.locator("header")).to_contain_text("finished with warnings")
    expect(page.run.locator("header")).to_contain_text("integrate: misses: exactly three sentences (5 sentences)")
    expect(panel(page)).to_contain_text("Demands of the task: 1 of 3 met")
    expect(panel(page)).to_contain_text("Do not mention the price: found")
    choose(page, "integrate", "Output")
    reasoning = panel(page).get_by_text("<b>No price.</b>")
    expect(reasoning).to_be_hidden()
    panel(page).get_by_text("Reasoning").click()
    expect(reasoning).to_be_visible()
    choose(page, "s3 ", "Output")
    expect(page.run.locator(".vnb-step-head")).to_contain_text("the answer is empty")
    choose(page, "s1 ", "Tokens")
    expect(panel(page).locator(".vnb-token.vnb-reasoned")).to_have_count(8)


def test_a_model_that_still_reasons(page: Lab) -> None:
    opened(page, saved.fixture("reasoning"))
    expect(page.run.get_by_role("treeitem", name="s1 Count")).to_contain_text("reasoning …")
    expect(panel(page)).to_contain_text("4x + 2(10 - x) = 28, so")
    expect(panel(page)).to_contain_text("There are six")
    expect(panel(page)).not_to_contain_text("Six are left")
    choose(page, "s2 ", "Output")
    expect(panel(page).get_by_text("Six are left.")).to_be_hidden()


def test_a_program_that_was_repaired(page: Lab) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, saved.fixture("computed"))
    expect(page.run.locator("header")).to_contain_text("code: the answer has to be computed")
    choose(page, "s1 ", "Output")
    expect(panel(page)).to_contain_text("failed: NameError: name 'totals' is not defined")
    expect(panel(page)).to_contain_text("Program · ran 4.2 ms")
    panel(page).get_by_role("button", name="Copy").first.click()
    expect(panel(page).get_by_role("button", name="Copied")).to_be_visible()
    assert page.page.evaluate("() => navigator.clipboard.readText()").startswith("hours = {}\nfor line in timesheet")
    panel(page).get_by_role("button", name="Attempt 1").click()
    expect(page.run.locator(".vnb-failure")).to_contain_text("NameError")
    expect(panel(page).locator("pre").first).to_contain_text("totals")


def test_a_map_unfolds_to_its_items(page: Lab) -> None:
    opened(page, saved.fixture("mapped"))
    rows = page.run.get_by_role("treeitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("49 of 50 done, 1 failed")
    rows.nth(1).click()
    page.run.locator(".vnb-step-head").get_by_role("button", name="m.17").click()
    expect(page.run.locator(".vnb-step-head")).to_contain_text("Item: Note 17: the lamp went dark")
    expect(rows.nth(2)).to_contain_text("m.17")
    rows.nth(2).focus()
    page.page.keyboard.press("End")
    expect(page.run.get_by_role("treeitem", name="s2 ")).to_be_focused()
    page.page.keyboard.press("ArrowUp")
    expect(page.run.get_by_role("treeitem", name="m.50 ")).to_be_focused()


def test_copying(page: Lab) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, saved.fixture("diamond"))
    panel(page).get_by_role("button", name="Copy").click()
    expect(panel(page).get_by_role("button", name="Copied")).to_be_visible()
    assert "merge sort is stable" in page.page.evaluate("() => navigator.clipboard.readText()")


def test_a_page_that_is_loaded_again_shows_it_again(browser: Browser, server: Server) -> None:
    with look(browser, server) as page:
        page.start()
        name = saved.notebook(server.root / "again.ipynb", saved.fixture("failed"))
        page.page.goto(f"{server.base}/lab/tree/{name}")
        page.run.wait_for()
        page.page.reload()
        page.run.wait_for()
        expect(page.run).to_contain_text("Step s5 failed: the engine stopped answering.")


def test_notebook_7(browser: Browser, server: Server) -> None:
    with look(browser, server) as page:
        page.open_in_notebook(saved.notebook(server.root / "seven.ipynb", saved.fixture("article")))
        choose(page, "s2 Present", "Output")
        expect(panel(page)).to_contain_text("language models draft letters")
        assert page.elsewhere == []


def test_trusted_and_untrusted_look_the_same(page: Lab) -> None:
    opened(page, saved.fixture("article"))
    cells = "jupyterapp.shell.currentWidget.content.widgets"
    assert page.page.evaluate(f"() => {cells}.map(cell => cell.model.trusted)") == [False]
    before = page.run.inner_text()
    page.page.evaluate(f"() => {{ {cells}.forEach(cell => {{ cell.model.trusted = true; }}) }}")
    expect(page.run).to_be_visible()
    assert page.run.inner_text() == before


def test_a_newer_version_falls_back_to_the_html(page: Lab) -> None:
    found = saved.fixture("article")
    found[MIME] = {"version": 2, "what": "nobody knows yet"}
    opened(page, found)
    expect(page.run).to_contain_text("saved by a newer vnb")
    expect(page.run.locator("table").first).to_contain_text("History 历史")


@pytest.mark.parametrize("broken", [{"version": 1}, {"version": 1, "view": {"steps": {"s1": {}}}}, ["x"]])
def test_what_cannot_be_read_is_said(page: Lab, broken: Any) -> None:
    opened(page, {**saved.fixture("article"), MIME: broken})
    expect(page.run).to_contain_text("This run cannot be read: ")
    expect(page.run.locator("table").first).to_contain_text("History 历史")


def test_a_thousand_steps(page: Lab) -> None:
    opened(page, saved.many(1_000))
    print(f"1,000 steps: painted {page.page.evaluate(PAINT_AGAIN):.0f} ms after their JSON was given")
    rows = page.run.get_by_role("treeitem")
    assert rows.count() < 60
    rows.first.focus()
    page.page.keyboard.press("End")
    expect(page.run.get_by_role("treeitem", name="s999 ")).to_be_focused()
    page.run.get_by_role("tree").evaluate("tree => { tree.scrollTop = 0; }")
    expect(page.run.get_by_role("treeitem", name="s3 ")).to_be_visible()
    expect(page.run.get_by_role("treeitem", name="s999 ")).to_be_focused()
    page.page.keyboard.press("ArrowUp")
    expect(page.run.get_by_role("treeitem", name="s998 ")).to_be_focused()
    expect(panel(page)).to_contain_text("Thing 998 is done.")


@pytest.fixture(scope="session")
def executed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A notebook that was run on the tiny model and saved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VNB_HOME", str(tmp_path_factory.mktemp("home")))
        task = "%load_ext vnb\n", "%%vtask article\nWrite an article about tides: history, present, future."
        found = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            cells=[nbformat.v4.new_code_cell(source) for source in task]  # type: ignore[no-untyped-call]
        )
        NotebookClient(found, timeout=120).execute()
        nbformat.write(found, server.root / "executed.ipynb")  # type: ignore[no-untyped-call]
    return "executed.ipynb"


def test_a_run_on_the_tiny_model(page: Lab, executed: str) -> None:
    page.open(executed)
    expect(page.run).to_contain_text("finished")
    expect(panel(page)).to_contain_text("tides")
    steps = page.run.get_by_role("treeitem")
    for index in range(steps.count()):
        steps.nth(index).click()
        for tab in page.run.get_by_role("tab").all():
            tab.click()
            assert panel(page).inner_text()
