"""What the pages promise: every error has its section, every link its target, and the words are spelled right."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

import vnb.errors
from vnb.notebook.options import PARSERS

from .excerpts import ROOT, excerpts, pages, prose

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SKIP = {"node_modules", ".venv", "runs", "build", "dist"}


def errors() -> list[str]:
    """The names of all errors, the family's own first."""
    found: list[type] = [vnb.errors.VnbError]
    for one in found:
        found += one.__subclasses__()
    return [one.__name__ for one in found if one.__module__ == "vnb.errors"]


def test_every_error_has_a_section_that_says_what_helps() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert len(errors()) > 8
    for name in errors():
        assert len(sections[name].split()) > 15, name


def test_every_magic_is_in_the_readme_and_used_in_the_pages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    used = "".join(one.text for page in pages() for one in excerpts(page) if one.language == "python")
    for name in PARSERS:
        assert f"%{name}" in readme and f"%{name}" in used, name


def test_the_chinese_readme_says_as_much() -> None:
    ours, twin = ROOT / "README.md", ROOT / "README.zh-CN.md"
    for language in ("sh", ""):
        one, other = ([e.text for e in excerpts(page) if e.language == language] for page in (ours, twin))
        assert one == other
    for mark in (r"^#+ ", r"^\|.*\|$", r"^\d\. \*\*", r"^!\[", r"^```"):
        numbers = {len(re.findall(mark, page.read_text(encoding="utf-8"), re.MULTILINE)) for page in (ours, twin)}
        assert len(numbers) == 1, mark


def documents() -> list[Path]:
    """Everything in Markdown that is ours, notebooks too."""
    return [
        file
        for kind in ("*.md", "*.ipynb")
        for file in sorted(ROOT.rglob(kind))
        if not (
            _SKIP & set(file.relative_to(ROOT).parts)
            or any(part.startswith(".") for part in file.relative_to(ROOT).parts)
        )
    ]


def words(file: Path) -> str:
    """What links can stand in."""
    if file.suffix == ".md":
        return prose(file)
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def anchors(file: Path) -> set[str]:
    """The anchors that headings make, as GitHub and MyST do."""
    heads = re.findall(r"^#{1,6} +(.+)$", words(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_link_is_dead(file: Path) -> None:
    for link in LINK.findall(words(file)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = file.parent / unquote(path) if path else file
        assert target.exists(), f"{link} leads nowhere"
        if anchor and target.suffix in (".md", ".ipynb"):
            assert anchor in anchors(target), f"{link}: no such heading"


def test_a_dead_link_is_seen() -> None:
    assert LINK.findall("![a b](c/d.png) and [e](f.md#g) but `x[1](2)`"[:40]) == ["c/d.png", "f.md#g"]
    assert "what-is-no-error-of-vnbs" in anchors(ROOT / "docs" / "troubleshooting.md")


def test_the_words_are_spelled_right() -> None:
    program = shutil.which("codespell") or shutil.which("codespell", path=str(Path(sys.executable).parent))
    assert program is not None, "pip install codespell    (it is in the extra `test`)"
    notebooks = "\n".join(words(file) for file in documents() if file.suffix == ".ipynb")
    for arguments, read in (((), ""), (("-",), notebooks)):
        done = subprocess.run([program, *arguments], cwd=ROOT, input=read, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stdout + done.stderr
