"""Full disks, locks and wrong files: each has its own words, and nothing that was stored is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from vnb.core import events as ev
from vnb.core.digest import text_digest
from vnb.core.types import Task
from vnb.errors import StoreError
from vnb.store.schema import APPLICATION_ID, VERSION
from vnb.store.store import Store


def started(run_id: str = "r") -> ev.Event:
    return ev.Event(run_id, 1, 1.0, ev.RunStarted(Task("t", "x"), "0"))


def test_a_locked_store_says_so_and_goes_on_later(path: Path) -> None:
    with Store(path, wait=0.0) as store:
        store.append(started())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another process") as caught:
            store.append(ev.Event("r", 2, 2.0, ev.RunResumed()))
        assert "VNB_HOME" in caught.value.hint
        assert len(list(store.events("r"))) == 1
        other.execute("ROLLBACK")
        other.close()
        store.append(ev.Event("r", 2, 2.0, ev.RunResumed()))


def test_a_full_disk_says_so_and_keeps_what_was_stored(path: Path) -> None:
    with Store(path) as store:
        store.append(started())
        with store._database.reading() as connection:
            connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        long = "".join(f"{n * n} " for n in range(50_000))
        with pytest.raises(StoreError, match="the disk is full") as caught:
            store.append(ev.Event("r", 2, 2.0, ev.RunResumed()), {text_digest(long): long})
        assert "%vrun" in caught.value.hint
        assert len(list(store.events("r"))) == 1 and not store.has_blob(text_digest(long))
        with store._database.reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        store.append(ev.Event("r", 2, 2.0, ev.RunResumed()), {text_digest(long): long})
        assert store.blob(text_digest(long)) == long


def test_a_read_only_store_says_so(store: Store) -> None:
    store.append(started())
    with store._database.reading() as connection:
        connection.execute("PRAGMA query_only = 1")
    with pytest.raises(StoreError, match="cannot be written"):
        store.append(ev.Event("r", 2, 2.0, ev.RunResumed()))
    assert len(list(store.events("r"))) == 1


def test_a_newer_schema_names_both_numbers(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 3}")
    connection.close()
    with pytest.raises(
        StoreError, match=rf"has schema {VERSION + 3}; this vnb knows schemas up to {VERSION}"
    ) as caught:
        Store(path)
    assert "pip install -U vnb" in caught.value.hint and "VNB_HOME" in caught.value.hint


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("these are my notes, and no database at all\n" * 100)
    with pytest.raises(StoreError, match="is not a vnb store"):
        Store(text)
    assert text.read_text().startswith("these are my notes")
    theirs = tmp_path / "theirs.sqlite"
    with sqlite3.connect(theirs) as connection:
        connection.execute("CREATE TABLE songs (name)")
    connection.close()
    before = theirs.read_bytes()
    with pytest.raises(StoreError, match="SQLite file of another program"):
        Store(theirs)
    assert theirs.read_bytes() == before


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"file/runs\.sqlite"):
        Store(tmp_path / "file" / "runs.sqlite")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path)


def test_a_damaged_file_says_so(path: Path, make_run: Any) -> None:
    with Store(path) as store:
        make_run(store, "r", steps=200)
        store.vacuum()
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xff" * len(content[4096 * 2 :])
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"), Store(path) as store:
        list(store.events("r"))


def test_the_store_is_marked_as_ours(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    connection.close()
