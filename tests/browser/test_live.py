"""A run in JupyterLab with its kernel: it appears, streams, ends, and does what its buttons say."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from . import kernel, lab
from .kernel import SCRIPTED, Notebook

TASK = "%%vtask article\nWrite a short article about the history of tides."
ATTEMPTS = "{step.id: len(step.attempts) for step in article}"
HELD = SCRIPTED.format(how="scripts.held()")
LET_GO = "scripts.let_go(engine)"


@pytest.fixture
def notebook(page: lab.Lab, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook in which a task has run on the embedded model."""
    with kernel.opened(page, f"{request.node.name}.ipynb", TASK) as found:
        found.run(1)
        found.done(1)
        found.is_live()
        yield found


def test_a_task_appears_streams_and_ends(page: lab.Lab) -> None:
    with kernel.opened(page, "streams.ipynb", HELD, TASK, LET_GO) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.is_live()
        for step in ("understand", "plan", "s1", "s2", "s3"):
            expect(notebook.row(step)).to_be_visible()
        notebook.row("s2").click()
        expect(notebook.panel.get_by_role("tabpanel")).to_contain_text("Now there are")
        expect(notebook.panel).to_contain_text("running")
        page.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
        notebook.done(2)
        expect(notebook.panel).to_contain_text("stopped")


def test_rerun_one_step_then_what_depends_on_it(notebook: Notebook) -> None:
    before = notebook.value(ATTEMPTS)
    notebook.row("s2").click()
    notebook.button("Rerun").click()
    expect(notebook.row("s2")).to_contain_text("#2 of 2")
    expect(notebook.row("integrate")).to_contain_text("stale")
    assert notebook.value(ATTEMPTS) == before.replace("'s2': 1", "'s2': 2")
    notebook.row("s2").click()
    notebook.button("Rerun downstream").click()
    expect(notebook.row("s2")).to_contain_text("#3 of 3")
    expect(notebook.panel.get_by_text("stale", exact=True)).to_have_count(0)
    assert notebook.value("article.stale") == "{}"


def test_edit_and_rerun(notebook: Notebook) -> None:
    notebook.row("s1").click()
    notebook.button("Edit & rerun").click()
    words = notebook.panel.get_by_role("textbox").first
    words.fill("write the future of tides")
    expect(notebook.panel).to_contain_text("--edit words")
    notebook.panel.get_by_role("button", name="Rerun", exact=True).last.click()
    expect(notebook.row("s1")).to_contain_text("edited")
    assert notebook.value("article['s1'].view.step.instruction") == "'write the future of tides'"


def test_choosing_another_attempt(notebook: Notebook) -> None:
    notebook.row("s1").click()
    notebook.button("Rerun").click()
    expect(notebook.row("s1")).to_contain_text("#2 of 2")
    notebook.panel.get_by_role("tab", name="Attempts").click()
    notebook.panel.get_by_role("button", name="Choose").first.click()
    expect(notebook.row("s1")).to_contain_text("#1 of 2")
    assert notebook.value("article['s1'].view.chosen") == "1"


def test_fork_makes_a_run_of_its_own(notebook: Notebook) -> None:
    parent = notebook.value("article.id, article.view.seq")
    notebook.row("s2").click()
    notebook.button("Fork from here").click()
    said = notebook.panel.get_by_text(re.compile("%vopen"))
    expect(said).to_be_visible()
    fork = re.search(r"%vopen (\w+)", said.inner_text())
    assert fork is not None
    assert notebook.value(f"__import__('vnb').open({fork.group(1)!r})['s2'].attempts") == "()"
    assert notebook.value("article.id, article.view.seq") == parent


def test_every_button_shows_its_magic_and_the_magic_does_the_same(notebook: Notebook) -> None:
    notebook.row("s1").click()
    notebook.button("Rerun").hover()
    magic = notebook.panel.locator("code", has_text="%vrerun s1").first.inner_text()
    notebook.value(f"get_ipython().run_cell({magic!r}).raise_error()")
    expect(notebook.row("s1")).to_contain_text("#2 of 2")


def test_stop_is_heard_while_the_cell_runs(page: lab.Lab) -> None:
    with kernel.opened(page, "stop.ipynb", HELD, TASK) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.row("s2").wait_for()
        notebook.is_live()
        notebook.button("Stop").click()
        notebook.done(2)
        expect(notebook.panel).to_contain_text("stopped")
        expect(notebook.button("Resume")).to_be_visible()
        assert notebook.value("article.status, article['s1'].view.status") == "('stopped', 'finished')"


def test_a_plan_is_edited_in_place_and_approved(page: lab.Lab) -> None:
    with kernel.opened(page, "approve.ipynb", TASK.replace("article\n", "article --approve\n", 1)) as notebook:
        notebook.run(1)
        notebook.done(1)
        notebook.is_live()
        notebook.button("Edit plan").click()
        plan = notebook.panel.get_by_role("textbox")
        whole = plan.input_value()
        plan.fill("s1: this <- s2\ns2: that <- s1")
        expect(notebook.panel).to_contain_text("The plan has a cycle")
        assert notebook.value("article.status") == "'paused'"
        steps = [line for line in whole.split("\n") if not line.startswith("->")]
        plan.fill("\n".join([*steps, "-> s9"]))
        expect(notebook.panel).to_contain_text("'s9' after '->' is not a step of the plan")
        edited = "\n".join([*steps, "-> s1"])
        plan.fill(edited.replace("s1: write the history of tides", "s1: write the present of tides"))
        notebook.panel.get_by_role("button", name=re.compile("^Approve")).last.click()
        expect(notebook.panel).to_contain_text("finished")
        assert notebook.value("article['s1'].view.step.instruction") == "'write the present of tides'"
        assert notebook.value("article.view.deliver") == "('s1',)"


def test_a_page_that_is_reloaded_is_live_again_while_the_cell_runs(page: lab.Lab) -> None:
    with kernel.opened(page, "reload.ipynb", HELD, TASK) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.row("s2").wait_for()
        notebook.is_live()
        notebook.save()
        notebook.reload()
        notebook.is_live()
        expect(notebook.panel).to_contain_text("running")
        notebook.button("Stop").click()
        expect(notebook.panel).to_contain_text("stopped")
        notebook.until_holds('run.status === "stopped"')


def test_a_second_view_shows_the_same(notebook: Notebook, page: lab.Lab) -> None:
    page.page.evaluate("() => void jupyterapp.commands.execute('notebook:create-output-view')")
    views = page.page.locator(".vnb-run[data-follows=true]:visible")
    expect(views).to_have_count(2)
    notebook.row("s1").click()
    notebook.button("Rerun").click()
    for view in views.all():
        expect(view.get_by_role("treeitem", name="s1")).to_contain_text("#2 of 2")


def test_a_rerun_is_in_the_saved_notebook(notebook: Notebook, page: lab.Lab) -> None:
    notebook.row("s1").click()
    notebook.button("Rerun").click()
    expect(notebook.row("s1")).to_contain_text("#2 of 2")
    notebook.until_holds("run.view.steps.s1.attempts.length === 2")
    notebook.close()
    page.open(notebook.name)
    expect(notebook.row("s1")).to_contain_text("#2 of 2")
    expect(notebook.panel).to_have_attribute("data-follows", "false")


def test_a_restarted_kernel_leaves_the_run_as_it_was_stored(notebook: Notebook, page: lab.Lab) -> None:
    notebook.restart()
    expect(notebook.panel).to_have_attribute("data-follows", "false")
    expect(notebook.row("s3")).to_be_visible()
    expect(notebook.panel.get_by_role("button", name="Rerun")).to_have_count(0)
    notebook.run(0)
    notebook.is_live()
    notebook.row("s1").click()
    notebook.button("Rerun").click()
    expect(notebook.row("s1")).to_contain_text("#2 of 2")


def test_a_killed_kernel_leaves_an_interrupted_run_that_can_be_resumed(page: lab.Lab) -> None:
    with kernel.opened(page, "killed.ipynb", HELD, TASK, SCRIPTED.format(how="")) as notebook:
        process = int(notebook.value("__import__('os').getpid()"))
        notebook.run(1)
        notebook.run(2)
        notebook.row("s2").wait_for()
        notebook.is_live()
        os.kill(process, signal.SIGKILL)
        expect(notebook.panel).to_have_attribute("data-follows", "false")
        page.page.get_by_role("button", name="Ok", exact=True).click()  # JupyterLab says that it restarted the kernel
        notebook.run(0)
        notebook.is_live()
        expect(notebook.panel).to_contain_text("interrupted")
        notebook.run(3)
        notebook.done(3)
        notebook.button("Resume").click()
        expect(notebook.panel).to_contain_text("finished")


def test_an_untrusted_notebook_is_shown_and_asks_nothing_of_the_kernel(notebook: Notebook, page: lab.Lab) -> None:
    notebook.save()
    notebook.close()
    path = page.server.root / notebook.name
    found = json.loads(path.read_text())
    found["cells"][1]["source"] = "%%vtask article\nAnother task."  # no longer what was signed
    found["cells"][1]["outputs"][0]["data"]["text/plain"] = "changed"
    path.write_text(json.dumps(found))
    again = kernel.reopened(page, notebook.name)
    expect(again.row("s3")).to_be_visible()
    again.run(0)
    again.done(0)
    assert again.value("1 + 1") == "2"
    expect(again.panel).to_have_attribute("data-follows", "false")
    again.close()


def test_a_step_is_compared_with_the_same_step_of_another_run(notebook: Notebook) -> None:
    notebook.value("get_ipython().run_cell_magic('vtask', '--seed 9 --view none', 'Write about the moon.')")
    notebook.row("s1").click()
    notebook.button("Rerun").click()
    expect(notebook.row("s1")).to_contain_text("#2 of 2")
    notebook.panel.get_by_role("tab", name="Diff").click()
    other = notebook.panel.get_by_role("tabpanel").get_by_role("combobox").first
    expect(other.locator("option", has_text="Write about the moon.")).to_have_count(1)
    other.select_option(label="Write about the moon.")
    expect(notebook.panel.get_by_role("tabpanel")).to_contain_text("instruction")
    expect(notebook.panel.get_by_role("tabpanel")).to_contain_text("Shared prefix")
