"""What the side panel asks: answered from any thread, also while a run is under way, and refused with a hint."""

from __future__ import annotations

import concurrent.futures
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import vnb
from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.core.types import Json
from vnb.errors import CodecError, EngineError, StoreError, UsageError, VnbError
from vnb.notebook.store_commands import answer


def asked(name: str, **args: Json) -> Any:
    """The answer, asked for on a thread of its own as a comm does."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(answer, name, args).result(30)


def article(shell: Shell, name: str = "article", text: str = "Write an article.") -> Any:
    scripts.use()
    shell(f"%%vtask {name}\n{text}")
    return shell.names[name]


def test_runs_are_searched_and_counted(shell: Shell) -> None:
    tides, moons = article(shell, "tides", "Write about tides."), article(shell, "moons", "Write about moons.")
    found = asked("runs")
    assert [row["run_id"] for row in found["rows"]] == [moons.id, tides.id] and not found["more"]
    assert found["rows"][0] | {"title": "Write about moons.", "status": "finished", "live": False} == found["rows"][0]
    assert [row["run_id"] for row in asked("runs", search="tides")["rows"]] == [tides.id]
    assert asked("runs", limit=1)["more"] and len(asked("runs", limit=0)["rows"]) == 1
    assert asked("runs", search="nowhere") == {"rows": [], "more": False}


def test_a_run_is_opened_as_its_document(shell: Shell) -> None:
    run = article(shell)
    found = asked("open", run=run.id[:8])
    assert (found["run_id"], found["status"], found["version"]) == (run.id, "finished", 1)
    assert found["blobs"][found["view"]["output"]] == run.result


def test_a_run_is_exported_beside_the_notebook(shell: Shell) -> None:
    run = article(shell)
    assert asked("export", run=run.id, path="tides.md") == "tides.md"
    assert "Once there were abacuses" in Path("tides.md").read_text(encoding="utf-8")
    Path("tides.md").write_text("mine")
    with pytest.raises(UsageError, match="--force"):
        asked("export", run=run.id, path="tides.md")
    asked("export", run=run.id, path="tides.md", force=True)
    assert Path("tides.md").read_text(encoding="utf-8") != "mine"


def test_a_run_is_deleted_for_good(shell: Shell) -> None:
    run, other = article(shell), article(shell, "other", "Write another article.")
    fork = run.fork()
    with pytest.raises(StoreError, match=rf"%vruns --delete {fork.id}"):
        asked("delete", run=run.id)
    assert asked("delete", run=fork.id) == fork.id and asked("delete", run=run.id) == run.id
    assert [row["run_id"] for row in asked("runs")["rows"]] == [other.id]
    for command in ("open", "delete"):
        with pytest.raises(StoreError, match="There is no run"):
            asked(command, run=run.id)
    with pytest.raises(StoreError, match="There is no run"):
        print(run.status)


def test_a_run_under_way_is_listed_and_refused(shell: Shell) -> None:
    engine = scripts.use(scripts.held())
    shell("%%vtask t --background\nWrite an article.")
    run = shell.names["t"]
    scripts.until(lambda: "s2" in run.view.steps)
    assert asked("runs")["rows"][0]["live"] and asked("open", run=run.id)["status"] == "running"
    with pytest.raises(StoreError, match=rf"%vstop {run.id}"):
        asked("delete", run=run.id)
    with pytest.raises(EngineError, match="%vmodel unload scripted"):
        asked("unload", spec="scripted:scripted")
    scripts.let_go(engine)
    run.wait()
    assert asked("delete", run=run.id) == run.id


def test_models_are_told_with_their_caches(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("big.gguf").write_bytes(b"GGUF")
    assert asked("models")["loaded"] == []
    scripts.use()
    found = asked("models")
    (model,) = found["loaded"]
    assert (model["spec"], model["default"], model["context"]) == ("scripted:scripted", True, 4096)
    assert found["known"] == ["tiny", "big.gguf"] and found["memory"] > 1e6
    assert model["kv"]["free"] > 0 and model["kv"]["unit"] == "cell"
    assert asked("unload", spec="scripted:scripted") == ["scripted:scripted"] and asked("models")["loaded"] == []
    with pytest.raises(EngineError, match="No model 'x'"):
        asked("unload", spec="x")


def test_memory_of_gpus_is_told_once_torch_is_there(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: 1,
        get_device_name=lambda number: f"GPU {number}",
        memory_reserved=lambda number: 3_000,
        get_device_properties=lambda number: SimpleNamespace(total_memory=8_000),
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert asked("models")["gpus"] == [{"name": "GPU 0", "used": 3_000, "total": 8_000}]
    cuda.is_initialized = lambda: False
    assert asked("models")["gpus"] == []


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("format_disk", {}, UsageError),
        ("open", {}, CodecError),
        ("runs", {"limit": "many"}, CodecError),
        ("runs", {"limits": 3}, CodecError),
        ("export", {"run": "nope", "path": "a.md"}, StoreError),
    ],
)
def test_what_makes_no_sense_is_refused(shell: Shell, name: str, args: Any, error: type[VnbError]) -> None:
    with pytest.raises(error):
        asked(name, **args)


def test_what_the_panel_does_can_be_typed(shell: Shell) -> None:
    run, other = article(shell), article(shell, "other", "Write another article.")
    with pytest.raises(StoreError, match="There is no run 'nope'"):
        shell(f"%vruns --delete {run.id} --delete nope")
    assert len(shell("%vruns")) == 2, "nothing is deleted where one of them is not there"
    assert [left.id for left in shell(f"%vruns --delete article --delete {other.id[:8]} -n 5")] == []
    again = article(shell)
    vnb.delete(again.id[:8])
    with pytest.raises(StoreError, match="There is no run"):
        vnb.delete(again.id)
