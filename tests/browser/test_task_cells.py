"""Cells with tasks and plans are not shown as Python that is broken."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .lab import Lab
from .side import notebook

TASK = "%%vtask tides --seed 7 -m tiny\nWrite for {{who.name[0]}} and explain why, in a class from 1 to 10, it's 'so."
PLAN = '%%vplan p\n# none\ns1 [temperature=0.9 title="A, b"]: Write \\<- for\n    class <- s0, s0.1\ns2: is <- s1\n-> s2, s1'
BOLD = "word => [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .cm-line span')].filter("
BOLD += "e => e.textContent.trim() === word).map(e => getComputedStyle(e).fontWeight)"


def cell(page: Lab, number: int) -> Locator:
    return page.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content").nth(number)


def marked(cell: Locator) -> list[str]:
    return cell.locator(".cm-line span").all_inner_texts()


def test_a_task_is_text_with_names_in_braces(page: Lab) -> None:
    notebook(page, TASK, TASK.replace("--seed 7", "--raw"), kernel=True)
    expect(cell(page, 0)).to_have_attribute("data-language", "vnb")
    assert marked(cell(page, 0)) == ["%%vtask", "tides", "--seed", "7", "-m", "tiny", "{{who.name[0]}}"]
    expect(cell(page, 1)).to_have_attribute("data-language", "vnb")
    assert "{{who.name[0]}}" not in marked(cell(page, 1))


def test_a_plan_is_ids_options_and_needs(page: Lab) -> None:
    notebook(page, PLAN, kernel=False)
    expect(cell(page, 0)).to_have_attribute("data-language", "vnb")
    texts = ["%%vplan", "p", "# none", "s1", "[", "temperature", "=", "0.9", "title", "=", '"A, b"', "]", ":"]
    assert marked(cell(page, 0)) == [*texts, "<-", "s0", "s0.1", "s2", ":", "<-", "s1", "->", "s2", "s1"]


def test_python_stays_python_and_a_cell_may_change_its_mind(page: Lab) -> None:
    notebook(page, "for x in []:\n    '%%vtask'", "%vplan p", "\n%%vtask?\n", "text = 1", kernel=True)
    for number in range(4):
        expect(cell(page, number)).to_have_attribute("data-language", "python")
    source = "source => { jupyterapp.shell.currentWidget.content.widgets[3].model.sharedModel.setSource(source) }"
    page.page.evaluate(source, "\n\n%%vtask\nfor you")
    expect(cell(page, 3)).to_have_attribute("data-language", "vnb")
    assert page.page.evaluate(BOLD, "for") == ["700"], "only the loop's"
    page.page.evaluate(source, "for you in []: pass")
    expect(cell(page, 3)).to_have_attribute("data-language", "python")


def test_the_colours_can_be_turned_off(page: Lab) -> None:
    name = notebook(page, TASK)
    expect(cell(page, 0)).to_have_attribute("data-language", "vnb")
    page.page.evaluate("() => { void jupyterapp.commands.execute('settingeditor:open', {query: 'vnb'}) }")
    switch = page.page.get_by_label("Colour cells of tasks and plans")
    switch.uncheck()
    page.page.get_by_role("tab", name=name).click()
    expect(cell(page, 0)).to_have_attribute("data-language", "python")
    page.page.get_by_role("tab", name="Settings").click()
    switch.check()
    page.page.get_by_role("tab", name=name).click()
    expect(cell(page, 0)).to_have_attribute("data-language", "vnb")
