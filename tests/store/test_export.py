"""A run as JSON lines: what goes out comes in again, and what was changed is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vnb.core import events as ev
from vnb.core.digest import text_digest
from vnb.core.fold import Fold
from vnb.errors import StoreError
from vnb.store.export import export_jsonl, import_jsonl
from vnb.store.store import Store

PAIR = "\ud83d\ude00 \udcff"  # lone surrogates, two of them side by side
ODD = f"line one\nline two\u2028three\x00 {PAIR} 人工智能 🎉"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def other(tmp_path: Path) -> Any:
    with Store(tmp_path / "other" / "runs.sqlite") as opened:
        yield opened


def changed(file: Path, change: Callable[[list[bytes]], object]) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    change(lines)
    file.write_bytes(b"".join(lines))


def test_a_run_comes_back_as_it_was(store: Store, other: Store, file: Path, make_run: Any) -> None:
    events = make_run(store, "r", steps=3, text=ODD, outputs=lambda n: f"{n} {ODD}")
    export_jsonl(store, "r", file)
    assert not list(file.parent.glob("*.part"))
    header = json.loads(file.read_bytes().partition(b"\n")[0])
    assert (header["format"], header["run_id"], header["events"], header["texts"]) == (1, "r", len(events), 3)
    assert import_jsonl(other, file) == "r"
    assert list(other.events("r")) == events
    assert other.blob(text_digest(f"2 {ODD}")) == f"2 {ODD}"
    assert other.output_for("key 2") is not None
    assert [row.status for row in other.runs()] == ["finished"]
    assert not other.is_live("r")


def test_a_fork_takes_its_parents_events_along(store: Store, other: Store, file: Path, make_run: Any) -> None:
    make_run(store, "p", steps=2)
    store.append(ev.Event("f", 6, 900.0, ev.RunForked("p", 5)))
    store.append(ev.Event("f", 7, 901.0, ev.RunFinished("stopped")))
    export_jsonl(store, "f", file)
    import_jsonl(other, file)
    events = list(store.events("f"))
    assert list(other.events("f")) == events
    assert Fold.of(other.events("f")).view == Fold.of(events).view
    assert [(row.run_id, row.status) for row in other.runs()] == [("f", "stopped")]
    again = file.with_name("again.jsonl")
    export_jsonl(other, "f", again)
    assert again.read_bytes() == file.read_bytes()
    assert import_jsonl(store, file) == "f"  # where it came from, nothing changes
    assert list(store.events("f")) == events


def test_a_run_that_is_there_is_completed_or_kept(store: Store, other: Store, file: Path, make_run: Any) -> None:
    events = make_run(store, "r", steps=2)
    for event in events[:4]:
        other.append(event)
    export_jsonl(store, "r", file)
    import_jsonl(other, file)
    assert list(other.events("r")) == events
    other.append(ev.Event("r", len(events) + 1, 300.0, ev.RunResumed()))
    import_jsonl(other, file)
    assert other.last_seq("r") == len(events) + 1


def test_another_run_of_the_same_id_is_refused(store: Store, other: Store, file: Path, make_run: Any) -> None:
    make_run(store, "r", steps=2)
    mine = make_run(other, "r", steps=2, key="another")
    export_jsonl(store, "r", file)
    with pytest.raises(StoreError, match="another run r: event 4 differs"):
        import_jsonl(other, file)
    assert list(other.events("r")) == mine


def test_a_run_that_is_being_written_is_not_imported(store: Store, other: Store, file: Path, make_run: Any) -> None:
    make_run(store, "r")
    export_jsonl(store, "r", file)
    with other.lease("r"), pytest.raises(StoreError, match="is being written"):
        import_jsonl(other, file)
    assert not other.has_run("r")


def replace(line: int, old: bytes, new: bytes) -> Callable[[list[bytes]], object]:
    def change(lines: list[bytes]) -> None:
        assert old in lines[line]
        lines[line] = lines[line].replace(old, new)

    return change


def swap(lines: list[bytes]) -> None:
    lines[5], lines[6] = lines[6], lines[5]


# A header, two texts, ten events: event n stands in line n + 2, counted from 0.
@pytest.mark.parametrize(
    ("change", "named"),
    [
        (replace(6, b"key 1", b"key 9"), "event 4 was changed"),
        (replace(12, b"finished", b"failed"), "event 10 was changed"),
        (replace(5, b'"seq":3', b'"seq":4'), "event 3 was changed"),
        (replace(7, b'"digest":"', b'"digest":"0'), "event 5 was changed"),
        (replace(1, b"output", b"input"), r"the text \w{32} was changed"),
        (replace(0, b'"vnb"', b'"vnc"'), "event 1 was changed, or what stands before it"),
        (replace(6, b"{", b"["), r"line 7 \(event 4\) is not JSON"),
        (replace(6, b'"at":103.0', b'"at":NaN'), r"line 7 \(event 4\) is not JSON"),
        (lambda lines: lines.pop(), "ends after event 9 of 10"),
        (lambda lines: lines.pop(8), "event 6 was changed"),
        (lambda lines: lines.pop(1), "event 1 was changed"),
        (lambda lines: lines.insert(7, lines[1]), "after event 4 stands a line that is none"),
        (lambda lines: lines.append(lines[-1]), "event 11 was changed"),
        (swap, "event 3 was changed"),
        (lambda lines: lines.__setitem__(12, lines[12][:40]), r"line 13 \(event 10\) is not JSON"),
        (lambda lines: lines.__setitem__(6, b"[" * 100_000 + b"\n"), r"line 7 \(event 4\) is not JSON"),
        (lambda lines: lines.__delitem__(slice(0, None)), "is not a run that vnb exported"),
        (replace(0, b'"format":1', b'"format":2'), "has format 2; this vnb knows formats up to 1"),
    ],
)
def test_a_changed_file_is_refused(
    store: Store, other: Store, file: Path, make_run: Any, change: Callable[[list[bytes]], object], named: str
) -> None:
    make_run(store, "r", steps=2)
    export_jsonl(store, "r", file)
    changed(file, change)
    with pytest.raises(StoreError, match=named):
        import_jsonl(other, file)
    assert not other.runs() and not other.has_blob(text_digest("output 1"))


def test_files_that_cannot_be_are_named(store: Store, tmp_path: Path, make_run: Any) -> None:
    make_run(store, "r")
    with pytest.raises(StoreError, match="cannot be read"):
        import_jsonl(store, tmp_path / "missing.jsonl")
    with pytest.raises(StoreError, match="cannot be written"):
        export_jsonl(store, "r", tmp_path / "missing" / "run.jsonl")
    (tmp_path / "picture.jsonl").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(StoreError, match="line 1 is not JSON"):
        import_jsonl(store, tmp_path / "picture.jsonl")
