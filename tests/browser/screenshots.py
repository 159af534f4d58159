"""Pictures of what a user sees: `python -m tests.browser.screenshots FOLDER [NAME…]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import kernel, lab, saved


def _tab(step: str, tab: str) -> Callable[[lab.Lab], None]:
    def choose(shown: lab.Lab) -> None:
        shown.run.get_by_role("treeitem", name=step).click()
        shown.run.get_by_role("tab", name=tab, exact=True).click()

    return choose


def _tokens(shown: lab.Lab) -> None:
    _tab("s1", "Tokens")(shown)
    shown.run.get_by_role("option").nth(12).hover()


def _part(shown: lab.Lab) -> None:
    _tab("s1", "Context")(shown)
    shown.run.get_by_role("button", name="doc").first.click()


def _diff(shown: lab.Lab) -> None:
    _tab("s1", "Diff")(shown)
    shown.run.locator(".vnb-step-head").get_by_role("combobox").select_option("2")
    shown.run.get_by_role("combobox", name="Compare with").select_option("#1")
    shown.run.get_by_role("button", name="instruction").click()


def _diff_output(shown: lab.Lab) -> None:
    _tab("s1", "Diff")(shown)
    shown.run.get_by_role("tabpanel").get_by_role("button", name="Output", exact=True).click()


def _reasoning(shown: lab.Lab) -> None:
    _tab("integrate", "Output")(shown)
    shown.run.get_by_text("Reasoning").click()


def _items(shown: lab.Lab) -> None:
    shown.run.get_by_role("treeitem", name="m Each").click()
    shown.page.keyboard.press("ArrowRight")


def _as_it_opens(shown: lab.Lab) -> None:
    """Nothing is done."""


PICTURES: dict[str, tuple[str, Callable[[lab.Lab], None]]] = {
    "finished": ("article", _as_it_opens),
    "output": ("article", _tab("s1", "Output")),
    "tokens": ("article", _tokens),
    "context": ("trimmed", _part),
    "diff": ("compared", _diff),
    "diff-output": ("compared", _diff_output),
    "timing": ("article", _tab("s3", "Timing")),
    "timeline": ("article", lambda shown: shown.run.get_by_role("tab", name="Timeline").click()),
    "about": ("failed", lambda shown: shown.run.get_by_role("tab", name="About").click()),
    "failed": ("failed", _tab("s5", "Output")),
    "running": ("running", _tab("s2", "Output")),
    "stale": ("rerun", _tab("s2", "Output")),
    "attempts": ("rerun", _tab("s1", "Attempts")),
    "nested": ("nested", _tab("s1.2.1", "Output")),
    "hostile": ("hostile", _tab("s1", "Output")),
    "warned": ("warned", _as_it_opens),
    "warned-step": ("warned", _reasoning),
    "reasoning": ("reasoning", _tab("s1", "Output")),
    "code": ("computed", _tab("s1", "Output")),
    "map": ("mapped", _as_it_opens),
    "map-items": ("mapped", _items),
}


WORDS = """
from tests.notebook import scripts
past = "Before there were clocks there were tides. Fishermen at the coast of Zeeland knew them by the moon, and cut their " \
    "knowledge into the door posts of their houses: high water, low water, and the days of the month between."
present = "A tide gauge today is a radar above a still well. It measures every second, and forgets nothing: the series of " \
    "Vlissingen reaches back to 1862, and from it alone one can tell how much the sea has risen."
scripts.use({"Write the past": past, "Write the present": present}, delay=0.06); None"""
TASK = "%%vtask article --reuse off\nWrite an article about the tides of Zeeland."


def _streaming(notebook: kernel.Notebook) -> None:
    notebook.run(1)
    notebook.run(2)
    notebook.is_live()
    notebook.panel.get_by_text("still well").first.wait_for()


def _ended(notebook: kernel.Notebook) -> None:
    notebook.run(2)
    notebook.done(2)
    notebook.is_live()
    notebook.row("s1").click()


def _editing(notebook: kernel.Notebook) -> None:
    _ended(notebook)
    notebook.button("Edit & rerun").click()


def _approving(notebook: kernel.Notebook) -> None:
    notebook.run(2)
    notebook.done(2)
    notebook.is_live()
    notebook.button("Edit plan").click()


LIVE: dict[str, tuple[str, Callable[[kernel.Notebook], None]]] = {
    "live": (TASK, _streaming),
    "controls": (TASK, _ended),
    "edit": (TASK, _editing),
    "approval": (TASK.replace("article", "article --approve", 1), _approving),
}


LOOKS = {
    "light": ("JupyterLab Light", lab.WIDE),
    "dark": ("JupyterLab Dark", lab.WIDE),
    "narrow": ("JupyterLab Light", lab.NARROW),
}


def main() -> None:
    folder, *names = sys.argv[1:]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, lab.serve(Path(place)) as server, lab.chromium() as browser:
        for look, (theme, width) in LOOKS.items():
            with lab.look(browser, server, width) as shown:
                shown.start(theme)
                for name, (fixture, prepare) in PICTURES.items():
                    if names and name not in names:
                        continue
                    shown.open(saved.notebook(server.root / f"{name}.ipynb", saved.fixture(fixture)))
                    prepare(shown)
                    shown.page.mouse.move(0, 0)
                    shown.run.screenshot(path=target / f"{name}-{look}.png", animations="disabled")
                for name, (task, act) in LIVE.items():
                    if names and name not in names:
                        continue
                    with kernel.opened(shown, f"{name}-{look}.ipynb", WORDS, task) as notebook:
                        act(notebook)
                        shown.page.mouse.move(0, 0)
                        notebook.panel.screenshot(path=target / f"{name}-{look}.png")


if __name__ == "__main__":
    main()
