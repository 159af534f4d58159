"""Every excerpt of README and documentation runs as it stands there, or is parsed where it cannot run here."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notebook.conftest import Shell, home, shell
from vnb.notebook.options import PARSERS

from .excerpts import INLINE, ROOT, Excerpt, excerpts, pages, prose

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None

__all__ = ["home", "shell"]  # fixtures

READ_ONLY = "read only"
CHECKS = ("", READ_ONLY, "prints", "raises ")
_MAGIC = re.compile(r"(?:[\w, ]+= *)?(%%?)(\w+)(.*)")


@pytest.fixture(autouse=True)
def no_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Figures go nowhere, and none is left open."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_runs(page: Path, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    said = ""
    for excerpt in excerpts(page):
        assert any(
            excerpt.check == check or (check[-1:] == " " and excerpt.check.startswith(check)) for check in CHECKS
        )
        if excerpt.check == "prints":
            _prints(excerpt, said)
        elif excerpt.language == "python" and excerpt.check == READ_ONLY:
            _parse(excerpt.text)
        elif excerpt.language == "python":
            said = _run(excerpt, shell, capsys)
        elif excerpt.language == "sh":
            for line in excerpt.text.splitlines():
                _known(line)


def _run(excerpt: Excerpt, shell: Shell, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs it as one cell; returns what it printed, showed and gave."""
    wanted = excerpt.check.removeprefix("raises ") if excerpt.check else ""
    raised, result = "", None
    try:
        result = shell(excerpt.text)
    except Exception as error:
        raised = type(error).__name__
        assert raised == wanted, f"{excerpt}: {error}"
        assert getattr(error, "hint", "say nothing"), f"{excerpt} says nothing that can be typed"
    assert raised == wanted, f"{excerpt} raised nothing"
    shown = [bundle.get("text/plain", "") for display in shell.displays for bundle in display.bundles[-1:]]
    return "\n".join([capsys.readouterr().out, *shown, repr(result)])


def _prints(excerpt: Excerpt, said: str) -> None:
    rest = " ".join(said.split())
    for line in excerpt.text.splitlines():
        wanted = " ".join(line.split())
        assert wanted in rest, f"{excerpt}: {wanted!r} was not printed, or not in this order:\n{said}"
        rest = rest.partition(wanted)[2]


def _parse(text: str) -> None:
    """Magics by their parsers, the rest as Python."""
    lines = text.splitlines()
    magic = _MAGIC.fullmatch(lines[0])
    if magic and magic[1] == "%%":
        assert PARSERS[magic[2]].read(magic[3]) is not None
        return
    for line in lines:
        if found := _MAGIC.fullmatch(line):
            assert PARSERS[found[2]].read(found[3]) is not None
    ast.parse("\n".join("pass" if _MAGIC.fullmatch(line) else line for line in lines))


def _known(line: str) -> None:
    """What is typed into a terminal names files, extras and modules that there are."""
    for command in re.split(r" *(?:&&|;|\|) *", line.partition("  #")[0]):
        words = shlex.split(command)
        if words[:2] == ["pip", "install"]:
            for extra in re.findall(r"(?:\.|vnb)\[([\w,]+)\]", command):
                assert set(extra.split(",")) <= _extras(), command
        elif words[:2] == ["python", "-m"] and words[2] != "venv":
            module = ROOT / words[2].replace(".", "/")
            assert module.with_suffix(".py").exists() or module.is_dir() or words[2] in TOOLS, command
        else:
            assert words[0] in TOOLS, command
            assert all((ROOT / word).exists() for word in words[1:] if "/" in word and ":" not in word), command


TOOLS = {"jupyter", "pytest", "vnb", "git", "cd", "ruff", "mypy", ".", "python", "build", "binder/verify.sh"}


def _extras() -> set[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    if tomllib is None:
        return set(re.findall(r"^([\w-]+) = \[", text, re.MULTILINE))
    return set(tomllib.loads(text)["project"]["optional-dependencies"])


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_options_that_the_prose_names_exist(page: Path) -> None:
    every = {option for parser in PARSERS.values() for option in parser.options}
    for said in INLINE.findall(prose(page)):
        magic = _MAGIC.fullmatch(said.strip())
        if magic and magic[2] in PARSERS:
            wanted = set(re.findall(r"(?<!\S)--?[a-zA-Z][\w-]*", magic[3]))
            assert wanted <= set(PARSERS[magic[2]].options), f"{page.name}: {said}"
        elif magic and magic[2].startswith("v"):
            pytest.fail(f"{page.name}: there is no magic {said}")
        elif said.startswith("--"):
            assert said.split()[0].split("=")[0] in every, f"{page.name}: {said}"


def test_a_false_excerpt_is_found_out(tmp_path: Path, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    def excerpt(text: str, check: str = "") -> Excerpt:
        return Excerpt(ROOT / "README.md", 1, "python", check, text)

    assert "12" in _run(excerpt("print(12)"), shell, capsys)
    for false in (excerpt("1/0"), excerpt("1", "raises UsageError")):
        with pytest.raises(AssertionError):
            _run(false, shell, capsys)
    with pytest.raises(AssertionError):
        _prints(excerpt("b\na"), "a b")
    for text in ("%vmodel x --ctxx 3", "%%vtask --nothing\nx", "%vnothing x", "x ="):
        with pytest.raises(Exception, match=r"ctxx|nothing|syntax"):
            _parse(text)
    for line in ("pip install '.[labs]'", "pytest tests/none", "rm -rf x", "python -m benchmarks.none"):
        with pytest.raises(AssertionError):
            _known(line)
    page: Any = tmp_path / "page.md"
    page.write_text("a\n\n<!-- check: prints -->\n```text\nx\n```\n\n````python\n```\n````\n\n```{toctree}\nb\n```\n")
    assert [(one.line, one.language, one.check, one.text) for one in excerpts(page)] == [
        (5, "text", "prints", "x\n"),
        (9, "python", "", "```\n"),
        (13, "{toctree}", "", "b\n"),
    ]
