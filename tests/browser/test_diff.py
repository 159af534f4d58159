"""What differs between two attempts, in a saved notebook without a kernel: by mouse, by keyboard, whatever the texts say."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.fixtures import load, moments
from tests.fixtures.scenes import parts
from tests.fixtures.writer import Writer
from vnb.core.types import Step, Task
from vnb.views.bundle import MIME, bundle, document

from . import saved
from .lab import NARROW, Lab, Server, look
from .test_hostile import DANGER, OVER, harmed
from .test_looks import violations

_names = itertools.count()
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


def opened(page: Lab, found: dict[str, Any], step: str = "s1 ") -> Locator:
    """The Diff tab of a step of a new notebook with this bundle."""
    page.open(saved.notebook(page.server.root / f"diff-{next(_names)}.ipynb", found))
    page.run.get_by_role("treeitem", name=step).click()
    page.run.get_by_role("tab", name="Diff", exact=True).click()
    return page.run.get_by_role("tabpanel")


def against(panel: Locator, value: str) -> None:
    panel.get_by_role("combobox", name="Compare with").select_option(value)


def attempt(page: Lab, number: int) -> None:
    page.run.locator(".vnb-step-head").get_by_role("combobox").select_option(str(number))


def rows(panel: Locator) -> list[str]:
    """The parts and the line between them, as they are read."""
    return [" ".join(text.split()) for text in panel.locator(".vnb-diff > li").all_inner_texts()]


def again(first: str, second: str, parts_of: tuple[Any, Any] | None = None) -> Writer:
    """A run with two attempts of one step, which put these texts out."""
    w = Writer("again", Task("t", "Say it twice."))
    w.plan(Step("s1", "Say it."))
    shown = parts_of or (parts("Say it."), parts("Say it again."))
    for text, context in zip((first, second), shown, strict=True):
        w.start("s1", context)
        w.prefill("s1")
        w.decode("s1", "x")
        w.finish("s1")
        w.view.steps["s1"].attempts[-1].output = w.keep(text)
    return w


def test_parts_are_marked_and_the_end_of_the_kv_prefix_stands_between_them(page: Lab) -> None:
    panel = opened(page, saved.fixture("compared"))
    expect(panel).to_contain_text("s1#2 → s1#3")
    assert [row.split()[1] for row in rows(panel)[:-1]] == ["kept"] * 6
    attempt(page, 2)
    expect(panel).to_contain_text("s1#3 → s1#2")
    against(panel, "#1")
    expect(panel).to_contain_text("159 → 123 tokens · 3 kept, 1 changed, 1 compacted, 1 added, 1 dropped, 1 moved")
    assert rows(panel) == [
        "= kept system 18 → 18",
        "= kept brief 20 → 20",
        "= kept doc moon.md · moved; the shared prefix ends here 20 → 20",
        "KV prefix ended here, 17 tokens into doc moon.md: prefix hit 55 of 123 tokens",
        "≈ compacted ▸doc longshore.md · before: trimmed from 204; after: trimmed from 126 68 → 42 −26",
        "− dropped ▸doc harbour.md · did not fit 22",
        "+ added ▸note check 9",
        "~ changed ▸instruction s1 11 → 14 +3",
    ]
    expect(panel).to_contain_text("Shared prefix: the first 38 tokens of 159 and 123.")
    expect(panel.locator("code")).to_have_text("%vdiff compared:s1#1 compared:s1#2")


def test_the_words_of_a_part_are_compared_when_it_is_unfolded(page: Lab) -> None:
    panel = opened(page, saved.fixture("compared"))
    against(panel, "#1")
    expect(panel.locator("ins, del")).to_have_count(0)
    for name, dropped, added in (
        ("instruction", [], [", by the hour"]),
        ("note check", [], ["Name the hour, not only the tide."]),
        (
            "doc harbour.md",
            ["The harbour mouth dries out two hours before low water; the pilot answers on channel 12."],
            [],
        ),
    ):
        button = panel.get_by_role("button", name=name)
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        assert (panel.locator("del").all_inner_texts(), panel.locator("ins").all_inner_texts()) == (dropped, added)
        button.click()
        expect(panel.locator("ins, del")).to_have_count(0)


def test_outputs_and_costs_are_compared(page: Lab) -> None:
    panel = opened(page, saved.fixture("compared"))
    panel.get_by_role("button", name="Output", exact=True).click()
    expect(panel).to_contain_text("513 → 513 characters, 97% alike")
    assert panel.locator("del").all_inner_texts() == ["leave", "within the"]
    assert panel.locator("ins").all_inner_texts()[:2] == ["sail", "in one"]
    expect(panel).not_to_contain_text("Springs come with the new and the full moon")
    fold = panel.get_by_role("button", name="… 199 characters unchanged …")
    fold.click()
    expect(panel).to_contain_text("Springs come with the new and the full moon")
    expect(fold).to_have_count(0)
    expect(panel.locator("pre")).to_be_focused()
    table = panel.get_by_role("table", name="Cost")
    assert table.get_by_role("row").nth(2).inner_text().split("\t") == ["Cached prompt tokens", "55", "122", "+67"]


def test_another_step_is_compared_and_one_without_other_attempts_begins_with_it(page: Lab) -> None:
    panel = opened(page, saved.fixture("compared"))
    assert panel.locator("optgroup").evaluate_all("groups => groups.map(group => group.label)") == [
        "Attempts of this step",
        "Other steps",
    ]
    against(panel, ":s3")
    expect(panel).to_contain_text("s3#1 → s1#3")
    assert "− dropped ▸result s2 105" in rows(panel)
    page.run.get_by_role("treeitem", name="s2 ").click()
    expect(panel).to_contain_text("s1#3 → s2#1")


def test_what_cannot_be_compared_is_said(page: Lab) -> None:
    panel = opened(page, saved.fixture("trimmed"))
    expect(panel).to_have_text("There is nothing to compare with: no other attempt of this run was made yet.")
    panel = opened(page, saved.fixture("running"), "s4 ")
    expect(panel).to_contain_text("s4#1 was never sent, so it has no context.")
    panel.get_by_role("button", name="Output", exact=True).click()
    expect(panel).to_contain_text("Outputs are compared when both attempts have ended.")


def test_what_is_not_kept_is_said_with_what_to_type(page: Lab) -> None:
    fixture = load("compared")
    *_, view = moments("compared")
    found = saved.fixture("compared")
    small = document(view, fixture["blobs"], fixture["now"], limit=9_000)
    assert "contexts" in small["omitted"]  # type: ignore[operator]
    panel = opened(page, {**found, MIME: small})
    expect(panel).to_contain_text("The parts of this context: not kept in this notebook")
    expect(panel.locator("code").first).to_have_text("%vdiff compared:s1#2 compared:s1#3")
    found[MIME]["blobs"] = {}
    for one in found[MIME]["view"]["steps"]["s1"]["attempts"]:
        one["tokens"] = []
    panel = opened(page, found)
    against(panel, "#1")
    expect(panel).to_contain_text("Which tokens both prompts share: not kept in this notebook")
    panel.get_by_role("button", name="instruction").click()
    expect(panel).to_contain_text("instruction s1: not kept in this notebook")
    panel.get_by_role("button", name="Output", exact=True).click()
    expect(panel).to_contain_text("Output: not kept in this notebook")


def test_long_texts_are_compared_in_part_and_keep_the_page_alive(page: Lab) -> None:
    long = " ".join(f"word{number * 7 % 1000}" for number in range(8_000))
    w = again(long, long.replace("word7 ", "EDIT "))
    panel = opened(page, bundle(w.view, w.blobs, w.now))
    panel.get_by_role("button", name="Output", exact=True).click()
    expect(panel).to_contain_text("Compared are the first 20,000 characters.")
    expect(panel.locator("ins").first).to_have_text("EDIT")
    huge = again("x y " * 250_000, "y x " * 250_000 + "z")
    found = bundle(huge.view, huge.blobs, huge.now)
    found[MIME]["blobs"].update(huge.blobs)  # as somebody else may have made it
    found[MIME]["cut"] = {}
    panel = opened(page, found)
    began = page.page.evaluate("() => performance.now()")
    panel.get_by_role("button", name="Output", exact=True).click()
    more = panel.get_by_role("button", name="more characters").first
    expect(more).to_be_visible()
    expect(panel).to_contain_text("Compared are the first 200,000 characters.")
    page.page.evaluate(_PAINTED)
    print(f"2 MB compared and painted in {page.page.evaluate('() => performance.now()') - began:.0f} ms")
    shown = len(panel.inner_text())
    assert shown < 30_000
    more.click()
    page.page.evaluate(_PAINTED)
    assert shown + 15_000 < len(panel.inner_text()) < 60_000


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
def test_nothing_of_a_hostile_text_runs(page: Lab, trusted: bool) -> None:
    evil, other = saved.EVIL, saved.EVIL.replace("red", "<img src=x onerror='x'>blue")
    shown = ([("input", evil, evil), ("doc", "long " + evil, evil)], [("input", evil, other), ("note", evil, evil)])
    w = again(evil, other, shown)
    panel = opened(page, bundle(w.view, w.blobs, w.now))
    if trusted:
        cells = "jupyterapp.shell.currentWidget.content.widgets"
        page.page.evaluate(f"() => {{ {cells}.forEach(cell => {{ cell.model.trusted = true; }}) }}")
        page.run.get_by_role("treeitem", name="s1").click()
        page.run.get_by_role("tab", name="Diff", exact=True).click()
    for what in ("Context", "Output"):
        panel.get_by_role("button", name=what, exact=True).click()
        closed = panel.locator("[aria-expanded=false]")
        while closed.count():
            closed.first.click()
        panel.evaluate(OVER)
        expect(panel.locator("ins", has_text="<img src=x onerror='x'>blue").first).to_be_visible()
        assert page.run.locator(DANGER).count() == 0
        assert harmed(page) is None


def test_by_keyboard(page: Lab) -> None:
    panel = opened(page, saved.fixture("compared"))
    keys = page.page.keyboard
    page.run.get_by_role("tab", name="Diff", exact=True).focus()
    keys.press("Tab")
    expect(panel).to_be_focused()
    keys.press("Tab")
    expect(panel.get_by_role("combobox")).to_be_focused()
    keys.type("#1")
    expect(panel).to_contain_text("s1#1 → s1#3")
    expect(panel.get_by_role("combobox")).to_be_focused()
    keys.press("Tab")
    expect(panel.get_by_role("button", name="Context", exact=True)).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    expect(panel.get_by_role("button", name="doc longshore.md")).to_be_focused()
    keys.press("Enter")
    expect(panel.locator("del")).to_have_count(1)
    expect(panel.get_by_role("button", name="doc longshore.md")).to_be_focused()
    keys.press("Escape")
    expect(page.run.get_by_role("treeitem", name="s1 ")).to_be_focused()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_what_is_unfolded(page: Lab, theme: str) -> None:
    page.theme(theme)
    panel = opened(page, saved.fixture("compared"))
    against(panel, "#1")
    for closed in panel.locator("[aria-expanded=false]").all()[::-1]:
        closed.click()
    assert violations(page) == []
    panel.get_by_role("button", name="Output", exact=True).click()
    assert violations(page) == []
    page.theme("JupyterLab Light")


def test_a_narrow_column_needs_no_scrolling_sideways(browser: Browser, server: Server) -> None:
    with look(browser, server, NARROW) as page:
        page.start()
        panel = opened(page, saved.fixture("compared"))
        against(panel, "#1")
        for closed in panel.locator("[aria-expanded=false]").all()[::-1]:
            closed.click()
        for what in ("Context", "Output"):
            panel.get_by_role("button", name=what, exact=True).click()
            assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
