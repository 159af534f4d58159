"""What a panel goes through when pages, processes and stores do not behave."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.api.run import Run
from vnb.api.runtime import runtime
from vnb.api.task import draft
from vnb.core import events as ev
from vnb.errors import StoreError
from vnb.notebook import channel, comm, feed
from vnb.notebook.run_panel import is_followed

from .test_run_panel import Page

OTHER = """
import sys, time
from vnb.core import events as ev
from vnb.store.store import Store

path, run, seq = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = Store(path)
lease = store.lease(run)
bodies = [ev.RunResumed("elsewhere"), ev.RunFinished("failed", error="It broke elsewhere.")]
for number, body in enumerate(bodies, seq + 1):
    store.append(ev.Event(run, number, time.time(), body))
    print(number, flush=True)
    sys.stdin.readline()
lease.release()
"""


@pytest.fixture
def run(shell: Shell) -> Run:
    scripts.use()
    return draft(runtime(), "Write an article.").start().awaited()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL", 0.02)


@contextmanager
def carried_elsewhere(run: Run) -> Iterator[Callable[[], None]]:
    """Another process goes on with the run, which fails there when the function is called."""
    arguments = [sys.executable, "-c", OTHER, runtime().store.path, run.id, str(run.view.seq)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None and other.stdout is not None
        pipe, said = other.stdin, other.stdout
        assert said.readline()

        def fail() -> None:
            pipe.write("\n")
            pipe.flush()
            assert said.readline()

        yield fail
        other.kill()


def test_a_run_that_another_process_goes_on_with_is_followed(run: Run, quick: None) -> None:
    page = Page(run)
    assert not page.hello["value"]["carried"]
    with carried_elsewhere(run) as fail:
        assert page.ask("here")["value"]["carried"]
        page.until_at(run.view.seq)
        assert page.fold.view.status == "running"
        fail()
        page.until_at(run.view.seq)
        assert page.fold.view.error == "It broke elsewhere."


def test_what_another_process_carries_cannot_be_stopped_here(run: Run, quick: None) -> None:
    with carried_elsewhere(run):
        refused = Page(run).ask("stop")
        assert not refused["ok"] and "another process" in refused["error"] and refused["hint"]


def test_the_end_of_another_process_is_told(run: Run, quick: None) -> None:
    with carried_elsewhere(run):
        page = Page(run)
        assert page.hello["value"]["carried"]
    answer = page.ask("here")["value"]
    assert (answer["carried"], answer["seq"], page.fold.view.status) == (False, run.view.seq, "running")


def test_a_store_that_is_locked_for_a_moment_is_looked_at_again(
    run: Run, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def locked(*_: object) -> bool:
        tried.set()
        raise StoreError("The store is locked by another process.")

    with carried_elsewhere(run) as fail:
        page = Page(run)
        with monkeypatch.context() as patch:
            patch.setattr(runtime().store, "is_live", locked)
            assert tried.wait(20)
            fail()
        page.until_at(run.view.seq)
        assert page.fold.view.status == "failed"


def test_a_deleted_run_refuses_everything_and_a_page_that_comes_later(run: Run) -> None:
    page = Page(run)
    run.delete()
    for name, said in {"rerun": {"steps": ["s1"]}, "fork": {}, "bundle": {}, "stop": {}, "resume": {}}.items():
        refused = page.ask(name, **said)
        assert not refused["ok"] and "no run" in refused["error"], name
    assert page.ask("blobs", digests=["x"])["value"] == {}
    assert not Page(run).hello["ok"]


def test_a_page_that_cannot_speak_while_a_cell_runs_is_not_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SILENCE", -1.0)
    said: list[Any] = []
    late = channel.Channel(said.append, lambda: said.append("closed"), prompt=False)
    late.tell({"type": "events", "json": "[]"})
    assert said == [{"type": "events", "json": "[]"}]


class Comm:
    """One end of a comm, as ipykernel gives it."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.closed = False
        self.say: Callable[..., None]
        self.leave: Callable[[], None]

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def close(self) -> None:
        self.closed = True

    def on_msg(self, heard: Callable[[Any], None]) -> None:
        self.say = lambda **said: heard({"content": {"data": said}})

    def on_close(self, closed: Callable[[Any], None]) -> None:
        self.leave = lambda: closed({})


def page_of(run: Run) -> Comm:
    page = Comm()
    comm._opened(page, {"content": {"data": {"run": run.id}}})
    page.say(id="1", name="hello", seq=run.view.seq)
    return page


def held(run: Run) -> tuple[int, int, int]:
    """What pages make a kernel hold: lines, watchers, listeners."""
    live = runtime().live(run.id)
    assert live is not None
    return len(comm._open), len(runtime()._watchers), len(live.log._listeners)


def test_fifty_pages_that_came_and_went_leave_nothing(run: Run) -> None:
    before = held(run)
    pages = [page_of(run) for _ in range(50)]
    assert is_followed(run.id) and held(run) == tuple(number + 50 for number in before)
    for page in pages:
        page.leave()
    assert held(run) == before and not is_followed(run.id)


def test_pages_that_were_reloaded_are_let_go_of_by_the_next(run: Run) -> None:
    before = held(run)
    pages = [page_of(run) for _ in range(50)]
    for line in comm._open:
        line._heard_at -= 2 * channel.UNHEARD
    last = page_of(run)
    assert all(page.closed for page in pages) and not last.closed
    last.leave()
    assert held(run) == before


def test_what_happens_while_a_page_catches_up_is_not_lost(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page.__new__(Page)
    read = runtime().store.events
    began: list[str] = []

    def slow(run_id: str, after: int = 0, upto: int | None = None) -> Iterator[ev.Event]:
        yield from read(run_id, after, upto)
        if not began:
            began.append(run_id)
            Run(runtime(), run_id).start_rerun("s1")

    monkeypatch.setattr(runtime().store, "events", slow)
    page.__init__(run)  # type: ignore[misc]
    run.awaited()
    page.until_at(run.view.seq)
    assert len(page.fold.view.steps["s1"].attempts) == 2
