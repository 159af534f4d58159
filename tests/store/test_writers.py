"""Crashes and rivals: nothing that was appended is lost, and a run has one writer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vnb.core import events as ev
from vnb.core.types import Task
from vnb.errors import StoreError
from vnb.store import lease
from vnb.store.store import Store

CHILD = """
import sys
from vnb.core import events as ev
from vnb.core.types import Task
from vnb.errors import StoreError
from vnb.core.digest import text_digest
from vnb.store.store import Store

path, run_id, count, mode = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
store = Store(path)
held = store.lease(run_id) if mode != "rival" else None
print("ready", flush=True)
sys.stdin.readline()
for seq in range(1, count + 1):
    text = f"{run_id} text {seq} " * (2000 if seq % 3 == 0 else 1)
    body = ev.RunStarted(Task("t", "x"), "0") if seq == 1 else ev.StepFailed("s", seq, "e", output=text_digest(text))
    try:
        store.append(ev.Event(run_id, seq, float(seq), body), {text_digest(text): text})
    except StoreError as error:
        assert mode == "rival" and "another process" in error.message, error
        continue
    print(seq, flush=True)
    if mode == "step":
        sys.stdin.readline()
print("done", flush=True)
sys.stdin.readline()
"""


class Child:
    """A real process that appends events to a store."""

    def __init__(self, path: Path, run_id: str, count: int, mode: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), run_id, str(count), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.read() == "ready"

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def start(path: Path, run_id: str, count: int, mode: str) -> Child:
        children.append(Child(path, run_id, count, mode))
        return children[-1]

    yield start
    for started in children:
        started.kill()


def started(run_id: str = "r") -> ev.Event:
    return ev.Event(run_id, 1, 1.0, ev.RunStarted(Task("t", "x"), "0"))


# ---------------------------------------------------------------- crashes


@pytest.mark.parametrize("last", [1, 2, 3, 7])
def test_what_was_appended_survives_kill_9(path: Path, child: Callable[..., Child], last: int) -> None:
    writer = child(path, "r", 20, "step")
    for seq in range(1, last + 1):
        writer.go()
        assert writer.read() == str(seq)
    writer.kill()
    with Store(path) as store:
        events = list(store.events("r"))
        assert [event.seq for event in events] == list(range(1, last + 1))
        for event in events[1:]:
            assert isinstance(event.body, ev.StepFailed)
            assert store.blob(event.body.output).startswith(f"r text {event.seq} ")
        with store.lease("r"):
            store.append(ev.Event("r", last + 1, 9.0, ev.RunResumed()))


@pytest.mark.parametrize("seen", [1, 40, 150])
def test_kill_9_while_it_writes_leaves_whole_events(path: Path, child: Callable[..., Child], seen: int) -> None:
    writer = child(path, "r", 100_000, "free")
    writer.go()
    for _ in range(seen):
        writer.read()
    writer.kill()
    with Store(path) as store:
        events = list(store.events("r"))
        assert len(events) >= seen
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert len(store.blobs(store.references("r"))) == len(events) - 1
        assert not store.is_live("r")


# ---------------------------------------------------------------- rivals


def test_two_processes_write_their_runs_at_once(path: Path, child: Callable[..., Child]) -> None:
    rivals = [child(path, run_id, 60, "free") for run_id in ("a", "b")]
    for rival in rivals:
        rival.go()
    for rival in rivals:
        while rival.read() != "done":
            pass
    with Store(path) as store:
        for run_id in ("a", "b"):
            assert [event.seq for event in store.events(run_id)] == list(range(1, 61))
            assert store.is_live(run_id)


def test_of_two_writers_of_one_run_each_event_is_one_s(path: Path, child: Callable[..., Child]) -> None:
    rivals = [child(path, "r", 60, "rival") for _ in range(2)]
    for rival in rivals:
        rival.go()
    wrote: list[int] = []
    for rival in rivals:
        while (line := rival.read()) != "done":
            wrote.append(int(line))
    assert sorted(wrote) == list(range(1, 61))
    with Store(path) as store:
        assert [event.seq for event in store.events("r")] == list(range(1, 61))


def test_many_processes_may_make_the_store_at_once(path: Path, child: Callable[..., Child]) -> None:
    script = "import sys; from vnb.store.store import Store; sys.stdin.readline(); Store(sys.argv[1]).runs()"
    makers = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(6)
    ]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write(b"\n")
        maker.stdin.flush()
    assert [maker.communicate()[1] for maker in makers] == [b""] * 6


def test_a_run_has_one_writer(path: Path, child: Callable[..., Child]) -> None:
    writer = child(path, "r", 1, "free")
    with Store(path) as store:
        assert store.is_live("r") and not store.is_live("other")
        with pytest.raises(StoreError, match=f"written by process {writer.process.pid} on") as caught:
            store.lease("r")
        assert "%vfork r NAME" in caught.value.hint
        os.kill(writer.process.pid, 9)
        os.waitid(os.P_PID, writer.process.pid, os.WEXITED | os.WNOWAIT)  # dead, but still in the process table
        assert not store.is_live("r")
        with store.lease("r"):
            assert store.is_live("r")
            with pytest.raises(StoreError, match="by this kernel"):
                store.lease("r")
        assert not store.is_live("r")


def test_a_lease_of_a_process_number_that_was_given_again_is_dead(store: Store) -> None:
    store.lease("r")
    with store._database.writing() as connection:
        connection.execute("UPDATE leases SET started = 'long ago'")
    assert not store.is_live("r")


def test_a_lease_of_another_machine_lives_while_it_beats(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.lease("r")
    now = time.time()
    with store._database.writing() as connection:
        connection.execute("UPDATE leases SET host = 'elsewhere', pid = 1, beat = ?", (now - lease.FOREIGN / 2,))
    assert store.is_live("r")
    store.append(started())
    monkeypatch.setattr("time.time", lambda: now + lease.FOREIGN - 5)
    assert store.is_live("r")
    monkeypatch.setattr("time.time", lambda: now + lease.FOREIGN + 5)
    assert not store.is_live("r")


def test_a_released_lease_takes_no_other_away(store: Store) -> None:
    first = store.lease("r")
    first.release()
    with store.lease("r"):
        first.release()
        assert store.is_live("r")
