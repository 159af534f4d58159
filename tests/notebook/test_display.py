"""How a run is shown: once, in place, not too often, and in a terminal as text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from IPython.terminal.interactiveshell import TerminalInteractiveShell

import vnb
from tests.fixtures import moments
from tests.fixtures.writer import EPOCH
from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.api.run import Run
from vnb.api.runtime import runtime
from vnb.api.task import draft
from vnb.core.view import RunView
from vnb.notebook import display

ROOT = Path(vnb.__file__).parents[1]


class Spy:
    """A screen that notes when it was painted."""

    def __init__(self) -> None:
        self.painted: list[str] = []
        self.ended: list[str] = []

    def paint(self, run: Run) -> None:
        self.painted.append(run.status)

    def end(self, run: Run) -> None:
        self.ended.append(run.status)


def test_a_run_is_painted_seldom_and_its_end_always(home: Path) -> None:
    scripts.use(delay=0.02)
    spy = Spy()
    run = draft(runtime(), "Write an article.").start()
    display.follow(run, spy)
    view = run.view
    seconds = view.ended_at - view.started_at
    assert len(run.events) > 30
    assert 1 < len(spy.painted) <= seconds / display.INTERVAL + 2
    assert spy.ended == ["finished"]


class Waiting:
    """A run in which nothing happens, until it has been waited for a while."""

    id, status = "waiting", "running"
    view = RunView(seq=7)
    waits = 40

    def settle(self, seconds: float) -> bool:
        self.waits -= 1
        return self.waits < 0


def test_nothing_is_painted_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "POLL", 0.01)
    monkeypatch.setattr(display, "INTERVAL", 0.01)
    spy = Spy()
    display.follow(cast("Run", Waiting()), spy)
    assert len(spy.painted) == len(spy.ended) == 1


def test_a_slow_screen_is_painted_less_often(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts.use()
    spent = iter([0.0, 0.5])
    monkeypatch.setattr("time.thread_time", lambda: next(spent))
    run = draft(runtime(), "Write an article.").run()
    assert display._timed(run, Spy()) == pytest.approx(0.5 / display.SHARE)


def test_a_run_of_another_process_is_shown_as_it_is(home: Path) -> None:
    scripts.use()
    run_id = draft(runtime(), "Write an article.").run().id
    runtime()._live.clear()
    spy = Spy()
    display.follow(vnb.open(run_id), spy)
    assert spy.ended == ["finished"]


def test_while_it_runs_the_display_holds_no_more_than_a_front_end_needs(shell: Shell) -> None:
    scripts.use(delay=0.03)
    shell("%%vtask t\nWrite an article.")
    *running, final = shell.shown.bundles
    assert len(running) > 1 and all("text/markdown" not in bundle for bundle in running)
    assert running[0]["text/plain"].startswith("▶") and final["text/plain"].startswith("✓")
    assert all("application/vnd.jupyter.widget-view+json" not in bundle for bundle in shell.shown.bundles)
    assert [bundle["application/vnd.vnb.run+json"]["seq"] for bundle in running] == sorted(
        bundle["application/vnd.vnb.run+json"]["seq"] for bundle in running
    )
    assert final["application/vnd.vnb.run+json"]["status"] == "finished"


# ---------------------------------------------------------------- in a terminal

SESSION = """
from tests.fixtures import moments
from tests.fixtures.writer import EPOCH
from tests.notebook import scripts
from vnb.engines.scripted import Fail
%load_ext vnb
engine = scripts.use()
"""


def terminal(tmp_path: Path, *cells: str) -> str:
    """What IPython in a terminal prints for these cells."""
    script = tmp_path / "session.ipy"
    script.write_text(
        SESSION + "\n".join(f"get_ipython().run_cell({cell!r}, store_history=True)" for cell in cells), encoding="utf-8"
    )
    found = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--colors=NoColor", "--no-banner", str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "90", "PYTHONIOENCODING": "utf-8"},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return found.stdout


def test_a_terminal_shows_a_line_a_step_and_then_the_tree(home: Path, tmp_path: Path) -> None:
    said = terminal(
        tmp_path, "%%vtask article\nWrite an article.", "article.status", "r = %vrun article", "%vopen article"
    )
    told, _, rest = said.partition("✓ Write an article.\n")
    first, *between, last = [line.split()[:2] for line in told.splitlines()]
    assert (first, last) == (["✓", "[understand]"], ["✓", "[integrate]"])
    assert sorted(between) == [["✓", "[plan]"], ["✓", "s1"], ["✓", "s2"], ["✓", "s3"]], "steps run while it plans"
    assert "└─ ✓ [integrate]" in rest and str(scripts.ANSWERS["Write the future"]) in rest
    assert "finished" in rest and "<" not in rest.split("Out[")[0]
    assert all(len(line) <= 90 for line in said.splitlines())


def test_a_terminal_shows_what_failed(home: Path, tmp_path: Path) -> None:
    said = terminal(
        tmp_path,
        "engine = scripts.use({'Write the past': Fail(2, 'out of ink')})",
        "%%vtask article\nWrite an article.",
    )
    assert "✗ s1 Past · failed" in said and "out of ink" in said
    assert "Traceback" not in said and "RunError:" in said


def test_a_terminal_tells_only_what_is_new_when_a_run_goes_on(home: Path, tmp_path: Path) -> None:
    said = terminal(tmp_path, "%%vtask article --approve\nWrite an article.", "r = %vrun article")
    assert said.count("✓ [plan] ") - said.count("─ ✓ [plan] ") == 1
    assert said.count("✓ s1 ") == 1  # the tree is left to the value, which was assigned


class Shown:
    """A run at a moment."""

    def __init__(self, view: RunView) -> None:
        self.view = view


def test_a_terminal_counts_the_items_of_a_long_map(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vnb.notebook.display.time.time", lambda: EPOCH)
    screen = display.TerminalScreen(returned=True)
    for view in moments("mapped"):
        screen.paint(cast("Run", Shown(view)))
    said = capsys.readouterr().out.splitlines()
    assert len(said) < 15
    assert any("m Each note · 25 of 50 done" in line for line in said)
    assert any("✗ m.17 Note 17" in line for line in said) and not any("m.16 " in line for line in said)


def test_a_terminal_is_one_only_if_ipython_says_so(shell: Shell) -> None:
    assert not display.in_terminal(shell.ip)
    assert display.in_terminal(TerminalInteractiveShell.__new__(TerminalInteractiveShell))
