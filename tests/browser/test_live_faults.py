"""A live panel whose page sleeps or is reloaded, whose kernel dies, and whose notebook says what is not so."""

from __future__ import annotations

import os
import signal

from playwright.sync_api import expect

from . import kernel, lab
from .kernel import SCRIPTED

TASK = "%%vtask article --reuse off\nWrite a short article about what can go wrong."
BACKGROUND = TASK.replace("article", "article --background", 1)
LET_GO = "scripts.let_go(engine)"
LINES = "{*__import__('vnb.notebook.comm', fromlist=['comm'])._open}"
SLEPT = f"[setattr(line, '_heard_at', -1e9) or line.let_go() for line in {LINES}]"
THREADS = "sum('subshell' in one.name for one in __import__('threading').enumerate())"


def plain(held: str = "") -> str:
    return SCRIPTED.format(how=held)


def test_a_page_that_slept_is_live_again(page: lab.Lab) -> None:
    with kernel.opened(page, "slept.ipynb", plain(), TASK) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.done(2)
        notebook.is_live()
        notebook.value(SLEPT)
        notebook.is_live()
        notebook.row("s1").click()
        notebook.button("Rerun").click()
        expect(notebook.row("s1")).to_contain_text("#2 of 2")


def test_a_page_that_is_reloaded_takes_the_shells_that_it_had(page: lab.Lab) -> None:
    with kernel.opened(page, "shells.ipynb", plain(), TASK) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.done(2)
        notebook.is_live()
        notebook.save()
        counted = []
        for _ in range(4):
            notebook.reload()
            notebook.is_live()
            counted.append(notebook.value(THREADS))
        assert len({*counted}) == 1 and counted[0] != "0", counted


def test_a_run_whose_kernel_was_killed_does_not_look_as_if_it_went_on(page: lab.Lab) -> None:
    with kernel.opened(page, "gone.ipynb", plain("scripts.held()"), TASK) as notebook:
        process = int(notebook.value("__import__('os').getpid()"))
        notebook.run(1)
        notebook.run(2)
        notebook.row("s2").wait_for()
        notebook.is_live()
        os.kill(process, signal.SIGKILL)
        expect(notebook.panel.locator(".vnb-head")).to_contain_text("interrupted")
        expect(notebook.panel.locator(".vnb-head")).to_contain_text("%load_ext vnb")
        expect(notebook.panel.locator(".vnb-head")).to_contain_text("%vrun")
        expect(notebook.panel).not_to_contain_text("running")
        page.page.get_by_role("button", name="Ok", exact=True).click()


def test_typing_outlives_the_stream_and_what_is_answered_meanwhile(page: lab.Lab) -> None:
    with kernel.opened(page, "typing.ipynb", plain("scripts.held()"), BACKGROUND) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.is_live()
        expect(notebook.row("s1")).to_contain_text("✓")
        notebook.row("s1").click()
        notebook.button("Edit & rerun").click()
        words = notebook.panel.get_by_role("textbox").first
        words.press("End")
        words.press_sequentially(" and")
        notebook.panel.get_by_role("button", name="Fork", exact=True).evaluate("button => button.click()")
        expect(notebook.panel).to_contain_text("%vopen")
        notebook.value(LET_GO)
        expect(notebook.row("integrate")).to_contain_text("✓")
        words.press_sequentially(" the future")
        expect(words).to_be_focused()
        expect(words).to_have_value("Write the past and the future")


def test_the_pane_keeps_its_height_while_a_run_moves_and_no_more_than_it_needs_after_that(page: lab.Lab) -> None:
    with kernel.opened(page, "calm.ipynb", plain("scripts.held()"), BACKGROUND) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.is_live()
        expect(notebook.row("s1")).to_contain_text("✓")
        pane = notebook.panel.get_by_role("tabpanel")
        height = "pane => pane.getBoundingClientRect().height"
        moving = pane.evaluate(height)
        notebook.value(LET_GO)
        expect(notebook.panel).to_have_class("vnb-run")
        ended = pane.evaluate(height)
        assert ended < moving
        notebook.panel.get_by_role("tab", name="Result").click()
        expect(notebook.panel).to_have_attribute("style", "--vnb-floor: 0px;")
        assert pane.evaluate(height) < ended
