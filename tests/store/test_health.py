"""How a store's file is: found out without changing a byte of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vnb.errors import StoreError
from vnb.store import health as looking
from vnb.store.health import health
from vnb.store.schema import APPLICATION_ID, VERSION
from vnb.store.store import Store


def test_a_store_in_use_is_healthy(path: Path, make_run: Any) -> None:
    with Store(path) as store:
        make_run(store, "one")
        make_run(store, "two")
        with store.lease("two"):
            seen = health(path)
            assert (seen.runs, seen.writing, seen.schema, seen.checked) == (2, 1, VERSION, True)
            assert seen.size == store.size() > 0
        assert health(path).writing == 0
        assert len(list(store.events("two"))) > 2, "it goes on"


def test_looking_makes_and_migrates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        health(tmp_path / "none.sqlite")
    assert not list(tmp_path.iterdir())
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    assert health(empty).schema == 0
    assert empty.read_bytes() == b""


def test_a_name_that_an_address_would_read_otherwise(tmp_path: Path, make_run: Any) -> None:
    path = tmp_path / "a #1?mode=memory 库%20" / "runs.sqlite"
    with Store(path) as store:
        make_run(store, "one")
    assert health(path).runs == 1


def test_a_lock_is_told(path: Path, make_run: Any) -> None:
    with Store(path) as store:
        make_run(store, "one")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="locked by another process"):
                health(path, wait=0.0)
            other.execute("ROLLBACK")
        assert health(path, wait=0.0).runs == 1


def test_damage_is_found_also_where_nobody_reads(path: Path, make_run: Any) -> None:
    with Store(path) as store:
        make_run(store, "one", steps=200, text="tides " * 400)
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    assert len(content) > 8 * page
    content[-3 * page : -2 * page] = b"\x07" * page
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        health(path)


def test_a_check_that_takes_too_long_is_ended(path: Path, make_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(path) as store:
        make_run(store, "one", steps=20)
    monkeypatch.setattr(looking, "_STEPS", 1)
    assert not health(path, check=-1.0).checked


@pytest.mark.parametrize(
    ("owner", "schema", "said"),
    [(APPLICATION_ID, VERSION + 1, f"schema {VERSION + 1}"), (1234, 1, "another program")],
)
def test_stores_of_others_are_named(tmp_path: Path, owner: int, schema: int, said: str) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"CREATE TABLE t (x); PRAGMA application_id = {owner}; PRAGMA user_version = {schema}")
    with pytest.raises(StoreError, match=said):
        health(path)
