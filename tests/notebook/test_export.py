"""`%vexport` and `%vopen FILE`: what a user does with a run's file."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.errors import StoreError, UsageError, VnbError


@pytest.mark.parametrize("suffix", [".html", ".md", ".ipynb", ".jsonl"])
def test_a_run_becomes_a_file(shell: Shell, suffix: str) -> None:
    scripts.use()
    shell("%%vtask article\nWrite an article about tides.")
    path = shell(f"%vexport article 'my article{suffix}'")
    assert path == Path(f"my article{suffix}") and "Once there were abacuses" in path.read_text(encoding="utf-8")
    assert shell(f"%vexport {shell.names['article'].id[:6]} b{suffix}") == Path(f"b{suffix}")


def test_what_makes_no_sense_is_refused(shell: Shell) -> None:
    scripts.use()
    shell("%%vtask article\nWrite an article.")
    shell("%%vplan p\ns1: Write the past")
    Path("mine.html").write_text("mine")
    for line, said in (
        ("article", "FILE"),
        ("article run.pdf", ".ipynb"),
        ("article nowhere/run.md", "%mkdir"),
        ("article mine.html", "--force"),
        ("p run.md", "has not run"),
        ("nothing run.md", "nothing"),
        ("article run.md --forse", "--force"),
    ):
        with pytest.raises(UsageError) as error:
            shell(f"%vexport {line}")
        assert said in str(error.value)
    assert sorted(path.name for path in Path().iterdir() if path.is_file()) == ["mine.html"]
    assert shell("%vexport article mine.html --force").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_notebook_makes_the_run_again_without_a_model_call(shell: Shell) -> None:
    engine = scripts.use()
    shell("topic = {'name': 'tides'}\nlong = 'a\\n' * 500")
    shell("%%vtask article --seed 7 --steps 2..5 --temperature 0.5\nWrite about {{topic['name']}}, {literal}. {{long}}")
    first, asked = shell.names["article"], len(engine.requests)
    found = nbformat.read(shell("%vexport article again.ipynb"), as_version=4)  # type: ignore[no-untyped-call]
    shell("%reset -f")
    for cell in found.cells:
        if cell.cell_type == "code":
            shell(cell.source)
    again = shell.names["run"]
    assert again.id != first.id and again.result == first.result and again.plan == first.plan == shell.names["plan"]
    assert again.task.options == first.task.options and again.task.text == first.task.text.replace("['", "_").replace(
        "']", ""
    )
    assert len(engine.requests) == asked


def test_a_file_is_opened_shown_and_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scripts.use()
    shell("%%vtask article\nWrite an article.")
    first = shell.names["article"]
    shell("%vexport article run.jsonl")
    in_another_store(monkeypatch, tmp_path)
    assert list(shell("%vruns")) == []
    opened = shell("%vopen run.jsonl taken")
    assert shell.names["taken"] is opened is shell.names["_v"]
    assert opened.id == first.id and opened.events == first.events and opened.status == "finished"
    assert [run.id for run in shell("%vruns")] == [first.id]
    assert shell("import vnb\nvnb.open('run.jsonl')").id == first.id
    assert shell("%vexport run.jsonl run.md") == Path("run.md")


def in_another_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import vnb.api.runtime

    vnb.api.runtime.runtime().close()
    monkeypatch.setenv("VNB_HOME", str(tmp_path / "another"))
    monkeypatch.setattr(vnb.api.runtime, "_runtime", None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Now there are chips", b"Now there are fish", "the text"),
        (b'"title":"Past"', b'"title":"Post"', r"event \d+ was changed"),
        (b'"format":1', b'"format":2', "pip install -U vnb"),
    ],
)
def test_a_changed_file_is_refused_by_name(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, old: bytes, new: bytes, said: str
) -> None:
    scripts.use()
    shell("%%vtask article\nWrite an article.")
    path = shell("%vexport article run.jsonl")
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    in_another_store(monkeypatch, tmp_path)
    with pytest.raises(StoreError, match=said):
        shell("%vopen run.jsonl")
    assert list(shell("%vruns")) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("notes.jsonl", "is not a run that vnb exported"), ("missing.jsonl", "cannot be read"), ("a.html", "to be read")],
)
def test_what_is_no_run_is_said_so(shell: Shell, name: str, said: str) -> None:
    Path("notes.jsonl").write_text("{}")
    with pytest.raises(VnbError, match=said) as error:
        shell(f"%vopen {name}")
    assert error.value.hint
