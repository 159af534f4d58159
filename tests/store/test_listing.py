"""The list of runs, and what deleting leaves."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from vnb.core import events as ev
from vnb.core.digest import text_digest
from vnb.core.types import Task
from vnb.errors import StoreError
from vnb.store.store import Store


def forked(run_id: str, parent: str, seq: int, at: float = 900.0) -> ev.Event:
    return ev.Event(run_id, seq + 1, at, ev.RunForked(parent, seq))


def test_the_list_shows_the_newest_first(store: Store, make_run: Any) -> None:
    make_run(store, "r1", text="An article\n about  tides", at=100.0)
    make_run(store, "r2", text="100% of \\ the_moon", at=200.0)
    store.append(forked("r3", "r1", 4))
    rows = store.runs()
    assert [row.run_id for row in rows] == ["r3", "r2", "r1"]
    assert (rows[2].title, rows[2].status, rows[2].engine, rows[2].created) == (
        "An article about tides",
        "finished",
        "tiny",
        100.0,
    )
    assert (rows[2].updated, rows[2].seq, rows[2].parent) == (109.0, 10, "")
    assert (rows[0].title, rows[0].parent, rows[0].parent_seq, rows[0].seq) == ("An article about tides", "r1", 4, 5)
    assert [row.run_id for row in store.runs(limit=1)] == ["r3"]
    assert [row.run_id for row in store.runs(search="TIDES")] == ["r3", "r1"]
    for search in ("100%", "\\ the_", "r2"):
        assert [row.run_id for row in store.runs(search=search)] == ["r2"]
    assert store.runs(search="the%moon") == []


def test_the_list_tells_the_status_that_the_events_say(store: Store, make_run: Any) -> None:
    events = make_run(store, "r")
    seq = len(events)

    def status(run_id: str) -> str:
        return next(row.status for row in store.runs() if row.run_id == run_id)

    turns: list[tuple[ev.Body, str]] = [
        (ev.RunResumed(), "interrupted"),  # it says running, but no process writes it
        (ev.RunPaused("approve"), "paused"),
        (ev.RunFinished("failed"), "failed"),
        (ev.RunFinished("stopped"), "stopped"),
        (ev.RunFinished("failed", warnings=1), "failed"),
        (ev.RunFinished("finished", warnings=2), "warned"),
    ]
    for number, (body, expected) in enumerate(turns, seq + 1):
        store.append(ev.Event("r", number, 300.0, body))
        assert status("r") == expected
        store.append(forked(f"f{number}", "r", number))
        store.append(forked(f"g{number}", f"f{number}", number + 1))
        assert status(f"f{number}") == status(f"g{number}") == expected
    store.append(ev.Event("r", seq + 7, 300.0, ev.RunResumed()))
    with store.lease("r"):
        assert status("r") == "running"
        assert [row.live for row in store.runs(search="r")][-1]


def test_a_prefix_names_a_run(store: Store, make_run: Any) -> None:
    for run_id in ("abc1", "abc2", "b", "b2", "c%"):
        make_run(store, run_id, steps=0)
    assert [store.resolve(prefix) for prefix in ("abc1", "b", "b2", "c")] == ["abc1", "b", "b2", "c%"]
    with pytest.raises(StoreError, match="2 runs begin with 'ab': abc2, abc1"):
        store.resolve("ab")
    for prefix in ("", "x", "%", "abc12"):
        with pytest.raises(StoreError, match="There is no run"):
            store.resolve(prefix)


def test_unknown_runs_are_named(store: Store) -> None:
    for use in (store.events, store.last_seq, store.delete_run, store.references):
        with pytest.raises(StoreError, match="There is no run 'nope'"):
            use("nope")
        with pytest.raises(StoreError):
            use("\ud800")


# ---------------------------------------------------------------- deleting


def test_deleting_keeps_what_others_share(store: Store, make_run: Any) -> None:
    make_run(store, "r1", steps=2)
    make_run(store, "r2", steps=1, key="other")
    store.delete_run("r1")
    assert [row.run_id for row in store.runs()] == ["r2"]
    assert store.output_for("key 1") is None and store.output_for("other 1") is not None
    assert store.blob(text_digest("output 1")) == "output 1"
    assert not store.has_blob(text_digest("output 2"))
    assert list(store.events("r2"))


def test_deleting_gives_room_back(store: Store, make_run: Any) -> None:
    make_run(store, "small")
    store.vacuum()
    least = store.size()
    noise = "".join(f"{n * n * n} pebbles, " for n in range(60_000))
    make_run(store, "large", steps=3, outputs=lambda n: f"{n} {noise} {n * n}")  # two are stored upon the first
    assert store.size() > least + 200_000
    store.delete_run("large")
    assert not any(store.has_blob(text_digest(f"{n} {noise} {n * n}")) for n in (1, 2, 3))
    assert store.size() < least + 20_000
    assert list(store.events("small"))


def test_what_a_text_of_another_run_is_stored_upon_stays(store: Store, make_run: Any) -> None:
    noise = "".join(f"{n * n * n} pebbles, " for n in range(5000))
    make_run(store, "first", steps=1, outputs=lambda n: noise)
    make_run(store, "second", steps=1, outputs=lambda n: noise + "and sand", key="other")
    store.delete_run("first")
    assert store.blob(text_digest(noise + "and sand")) == noise + "and sand"
    store.delete_run("second")
    assert not store.has_blob(text_digest(noise)), "what it was stored upon goes with it"


def test_texts_wait_while_another_run_is_written(store: Store, make_run: Any) -> None:
    make_run(store, "r1")
    make_run(store, "r2", steps=0)
    with store.lease("r2"):
        store.delete_run("r1")
    assert [row.run_id for row in store.runs()] == ["r2"] and store.has_blob(text_digest("output 1"))
    store.vacuum()
    assert not store.has_blob(text_digest("output 1"))


def test_a_damaged_run_can_be_deleted(store: Store, path: Path, make_run: Any) -> None:
    make_run(store, "bad")
    make_run(store, "good")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE events SET packing = 1, body = x'00' WHERE run = 1 AND seq = 3")
    with pytest.raises(StoreError, match="cannot be read"):
        list(store.events("bad"))
    store.delete_run("bad")
    assert [row.run_id for row in store.runs()] == ["good"] and list(store.events("good"))


def test_a_run_with_forks_or_a_writer_is_not_deleted(store: Store, make_run: Any) -> None:
    make_run(store, "p")
    store.append(forked("f", "p", 3))
    with pytest.raises(StoreError, match="forks that share its events: f"):
        store.delete_run("p")
    with store.lease("f"), pytest.raises(StoreError, match="is being written"):
        store.delete_run("f")
    store.delete_run("f")
    store.delete_run("p")
    assert store.runs() == []


def test_vacuum_keeps_bases_and_long_bodies(store: Store) -> None:
    base = "".join(f"{n * n} apples and {n} pears. " for n in range(3000))
    task = Task("t", "x", inputs={"doc": base})
    near = base.replace("77 pears", "77 plums")
    store.put_blob(near)  # its base, named by no event
    store.put_blob("nobody names this " * 2000)
    store.append(ev.Event("r", 1, 1.0, ev.RunStarted(task, "0")), {text_digest(base): base})
    store.append(ev.Event("r", 2, 1.0, ev.StepFailed("s", 1, "bad", output=text_digest(base))))
    before = list(store.events("r"))
    assert store.vacuum() > 0
    assert store.blob(text_digest(base)) == base
    assert list(store.events("r")) == before
    assert store.vacuum() == 0


def test_vacuum_waits_for_writers(store: Store) -> None:
    with store.lease("r"), pytest.raises(StoreError, match="is being written"):
        store.vacuum()
