"""A live panel whose page sleeps or is reloaded, whose kernel dies, and whose notebook says what is not so."""

from __future__ import annotations

import os
import signal

from playwright.sync_api import Browser, expect

from vnb.views.bundle import MIME

from . import kernel, lab, saved
from .kernel import SCRIPTED
from .test_hostile import DANGER, OVER, harmed

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
        expect(page.page.locator(".vnb-status")).not_to_contain_text("running")  # nor does the status bar say so


def test_what_a_model_says_while_it_says_it_is_text(page: lab.Lab) -> None:
    answers = f"{{'Write the past': {saved.EVIL!r}, 'Write the present': Answer({saved.EVIL!r}, hold_after=200)}}"
    task = BACKGROUND.replace("what can go wrong", f"{saved.EVIL!r}")
    with kernel.opened(page, "says.ipynb", plain(answers), task) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.is_live()
        expect(notebook.row("s1")).to_contain_text("✓")
        expect(notebook.panel.get_by_role("tabpanel")).to_contain_text("CANARY")
        for step in ("Run", "s2", "s1"):
            notebook.row(step).click()
            for tab in notebook.panel.get_by_role("tab").all():
                tab.click()
                notebook.panel.evaluate(OVER)
                assert notebook.panel.locator(DANGER).count() == 0
        notebook.button("Edit & rerun").click()
        notebook.panel.get_by_role("textbox").first.fill(saved.EVIL)
        notebook.panel.get_by_role("button", name="Rerun", exact=True).last.click()
        expect(notebook.row("s1")).to_contain_text("edited")
        assert notebook.panel.locator(DANGER).count() == 0
        notebook.value(LET_GO)
        expect(notebook.panel.locator(".vnb-head")).to_contain_text("finished")
        assert harmed(page) is None


def test_a_document_that_names_another_run_is_not_mixed_with_it(page: lab.Lab) -> None:
    """A notebook that somebody changed and the user trusts: it says that it is a run which the kernel has."""
    with kernel.opened(page, "named.ipynb", plain(), TASK, "show()") as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.done(2)
        run = notebook.value("article.id").strip("'")
        for seq in (3, 100_000):
            found = saved.fixture("nested")
            found[MIME]["run_id"] = found[MIME]["view"]["run_id"] = run
            found[MIME]["seq"] = found[MIME]["view"]["seq"] = seq
            notebook.value(
                f"setattr(__import__('builtins'), 'show', lambda: get_ipython().display_pub.publish({found!r}))"
            )
            notebook.run(3)
            notebook.done(3)
            panel = page.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .vnb-run").nth(1)
            expect(panel.get_by_role("treeitem", name="s1.2.1")).to_be_visible()
            expect(panel).to_have_attribute("data-follows", "false")
            expect(notebook.panel).to_have_attribute("data-follows", "true")


def test_notebook_7_is_live_too(browser: Browser, server: lab.Server) -> None:
    kernel.write(server.root / "seven.ipynb", kernel.LOAD, plain(), TASK)
    with lab.look(browser, server) as shown:
        shown.page.goto(f"{server.base}/notebooks/seven.ipynb?token={server.token}")
        shown.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
        )
        notebook = kernel.Notebook(shown, "seven.ipynb")
        for cell in range(3):
            notebook.run(cell)
            notebook.done(cell)
        notebook.is_live()
        notebook.row("s1").click()
        notebook.button("Rerun").click()
        expect(notebook.row("s1")).to_contain_text("#2 of 2")
        notebook.save()
        shown.page.reload()
        shown.run.wait_for()
        notebook.is_live()
        expect(notebook.row("s1")).to_contain_text("#2 of 2")
        assert shown.errors == []
        notebook.close()
