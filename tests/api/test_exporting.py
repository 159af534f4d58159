"""Runs as files: complete or not at all, in every format, never over what somebody else wrote; and back into a store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.executor.conftest import engine, plan_json
from tests.fixtures import NAMES, stored
from tests.views import test_html, test_markdown, test_report
from vnb.api import exporting
from vnb.api.exporting import SUFFIXES, portable
from vnb.api.opening import open_run
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Step
from vnb.core.view import AttemptView, RunView, StepView
from vnb.errors import StoreError, UsageError

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]))
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz"
READABLE = (".html", ".md", ".ipynb")


@pytest.fixture
def run(runtime: Runtime) -> Run:
    runtime.use(engine(PLAN))
    return draft(runtime, "Write {{topic}}", topic="tides").run()


@pytest.fixture
def other(tmp_path: Path) -> Any:
    other = Runtime(tmp_path / "other" / "runs.sqlite")
    yield other
    other.close()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", NAMES)
def test_every_run_in_every_format(runtime: Runtime, tmp_path: Path, name: str, suffix: str) -> None:
    run = Run(runtime, stored(runtime.store, name))
    path = run.export(tmp_path / f"run{suffix}")
    content = path.read_text(encoding="utf-8" if suffix != ".jsonl" else None, errors="surrogatepass")
    assert content and not list(tmp_path.glob("*.part"))
    if suffix == ".html":
        test_report.Page(content)
    elif suffix == ".md":
        test_markdown.Page(content)
    elif suffix == ".ipynb":
        notebook = nbformat.reads(content, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
        test_markdown.Page(notebook.cells[0].source)
        (output,) = (output.data for cell in notebook.cells[1:] for output in cell.outputs)
        test_html.Page(output["text/html"])
        test_markdown.Page(output["text/markdown"])


@pytest.mark.parametrize("name", NAMES)
def test_events_come_back_as_they_were(runtime: Runtime, other: Runtime, tmp_path: Path, name: str) -> None:
    run = Run(runtime, stored(runtime.store, name))
    path = run.export(tmp_path / "run.jsonl")
    again = open_run(other, str(path))
    assert (again.id, again.events, again.view, again.result) == (run.id, run.events, run.view, run.result)
    assert open_run(other, path).events == run.events, "a second time changes nothing"
    assert again.export(tmp_path / "again.jsonl").read_bytes() == path.read_bytes()


def test_the_path_is_returned_and_may_be_of_the_users_home(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert run.export("~/Run.HTML") == tmp_path / "Run.HTML"
    assert (tmp_path / "Run.HTML").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["run", "run.pdf", "run.html.gz", ".html"])
def test_another_suffix_is_refused_with_the_four_named(run: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as error:
        run.export(tmp_path / name)
    assert all(suffix in error.value.hint for suffix in SUFFIXES) and not (tmp_path / name).exists()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_only_an_unchanged_export_of_the_same_run_is_replaced(
    runtime: Runtime, run: Run, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"run{suffix}"
    run.export(path)
    run.export(path)
    another = draft(runtime, "Write about moons").run()
    mine = path.read_bytes()
    with pytest.raises(UsageError, match="is there already") as error:
        another.export(path)
    assert "--force" in error.value.hint and path.read_bytes() == mine
    path.write_bytes(mine.replace(b"tides", b"TIDES", 1))
    with pytest.raises(UsageError, match="changed"):
        run.export(path)
    assert another.export(path, force=True) == path
    assert another.id.encode() in path.read_bytes()
    path.write_text("my notes")
    with pytest.raises(UsageError, match="is there already"):
        run.export(path)
    assert path.read_text() == "my notes"


def test_events_that_go_further_than_the_store_are_kept(run: Run, other: Runtime, tmp_path: Path) -> None:
    path = run.export(tmp_path / "run.jsonl")
    for event in run.events[:3]:
        other.store.append(event)
    with pytest.raises(UsageError, match="is there already"):
        Run(other, run.id).export(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_cannot_be_written_is_named_and_nothing_is_left(run: Run, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UsageError, match="no folder") as error:
        run.export(tmp_path / "missing" / f"run{suffix}")
    assert "%mkdir" in error.value.hint
    folder = tmp_path / f"folder{suffix}"
    folder.mkdir()
    with pytest.raises(UsageError, match="is there already"):
        run.export(folder)
    with pytest.raises(StoreError, match="cannot be written"):
        run.export(folder, force=True)
    assert folder.is_dir() and not list(tmp_path.glob("*.part"))


def test_a_failure_on_the_way_leaves_the_old_file(runtime: Runtime, run: Run, tmp_path: Path) -> None:
    path = run.export(tmp_path / "run.jsonl")
    before = path.read_bytes()
    with runtime.store._database.writing() as connection:
        connection.execute("UPDATE blobs SET content = x'00'")
    with pytest.raises(StoreError):
        run.export(path)
    assert path.read_bytes() == before and not list(tmp_path.glob("*.part"))


def test_a_past_moment_is_written_as_it_was(run: Run, other: Runtime, tmp_path: Path) -> None:
    past = run.at(5)
    path = past.export(tmp_path / "run.jsonl")
    assert open_run(other, path).events == run.events[:5]
    page = test_report.Page(past.export(tmp_path / "run.html").read_text(encoding="utf-8"))
    assert "5 events" in page.text and "Result" not in page.text
    assert open_run(other, run.export(path)).events == run.events, "the file goes on where the store ends"


# ---------------------------------------------------------------- what must not get out


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_key_and_no_folder_gets_out(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    notes = tmp_path / "private" / "notes.md"
    notes.parent.mkdir()
    notes.write_text("# Tides\n\nThe moon pulls.", encoding="utf-8")
    runtime.use(engine(PLAN))
    run = draft(runtime, "Write {{topic}}", topic="tides", docs=notes, namespace={"OPENAI_API_KEY": KEY}).run()
    content = run.export(tmp_path / f"run{suffix}").read_text(encoding="utf-8")
    assert "notes.md" in content
    assert KEY not in content and str(tmp_path) not in content and "private" not in content
    assert str(Path.home()) not in content


def told(text: str) -> RunView:
    spec = "/srv/models/big.gguf"
    attempt = AttemptView(1, "failed", error=text, hint=text)
    step = StepView(Step("s1", "Write.", engine="http://me:secret@host:8000#m"), "failed", [attempt], note=text)
    return RunView(
        run_id="r", engine=spec, error=text, hint=text, steps={"s1": step}, given=(Step("s1", "W", engine=spec),)
    )


def test_models_go_by_the_names_of_their_files() -> None:
    said = "/srv/models/big.gguf and http://me:secret@host:8000#m broke; see /home/me/x."
    before = told(said)
    found = portable(before, {"/home/me/": "~/"})
    clean = "big.gguf and http://host:8000#m broke; see ~/x."
    assert found == replace(
        told(clean), engine="big.gguf", given=(Step("s1", "W", engine="big.gguf"),), steps=found.steps
    )
    step = found.steps["s1"]
    assert step.step.engine == "http://host:8000#m"
    assert [step.note, step.attempts[0].error, step.attempts[0].hint] == [clean] * 3
    assert before == told(said), "the run itself stays as it is"


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("tiny", "tiny"),
        ("scripted:scripted", "scripted:scripted"),
        ("model.gguf", "model.gguf"),
        ("models/big.gguf", "models/big.gguf"),
        ("/srv/big.gguf", "big.gguf"),
        ("~/models/exl2/", "exl2"),
        ("C:\\models\\big.gguf", "big.gguf"),
        ("https://host/v1#model", "https://host/v1#model"),
        ("https://key@host/v1#model", "https://host/v1#model"),
        ("", ""),
    ],
)
def test_names_of_models(spec: str, name: str) -> None:
    assert exporting._name(spec) == name


# ---------------------------------------------------------------- opening


def test_what_is_no_file_of_events_is_refused(runtime: Runtime, run: Run, tmp_path: Path) -> None:
    for suffix in READABLE:
        with pytest.raises(UsageError, match="made to be read"):
            open_run(runtime, run.export(tmp_path / f"run{suffix}"))
    with pytest.raises(StoreError, match="cannot be read"):
        open_run(runtime, "missing.jsonl")


def test_a_changed_file_is_refused_and_nothing_of_it_stored(run: Run, other: Runtime, tmp_path: Path) -> None:
    path = run.export(tmp_path / "run.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if b"StepFinished" in line)
    seq = json.loads(lines[place])["event"]["seq"]
    lines[place] = lines[place].replace(b'"reason":"stop"', b'"reason":"length"')
    path.write_bytes(b"".join(lines))
    with pytest.raises(StoreError, match=f"event {seq} was changed"):
        open_run(other, path)
    assert not other.store.runs()
