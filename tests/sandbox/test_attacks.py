"""Whatever a program tries: it ends in a named error or a harmless value, reaches nothing, and the next program runs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from vnb.core.types import Json
from vnb.sandbox import Execution, Limits, execute
from vnb.sandbox.execution import Kind

from .attacks import ATTACKS, BOMBS, FILES, LOOPS, OUTPUT, PROCESSES_AND_NETWORK, RECURSION, TRICKS
from .running import ran

SECRET = "correct horse battery staple"
LIMITS = Limits(seconds=0.2)

HARMLESS: dict[str, object] = {
    "files: walk a folder": [],
    "files: glob": [],
    "loops: sleep": "awake",
    "loops: sleep in asyncio": "awake",
    "output: terminal escapes": "\x1b[31m",
    "output: surrogates": "\ufffd",
    "output: null bytes": "\0",
    "output: a surrogate in the source": "\ufffd",
    "output: a null byte in the source": "\ufffd",
    "output: not a number": ["nan", "inf", "-inf"],
    "output: builtins get other meanings": [1, "a", {"b": [2]}],
}
"""What the programs that end well give: as if there were no files, and sleeping took no time."""

ENDS: dict[str, set[Kind]] = {
    "files": {"forbidden", "error"},
    "reach": {"forbidden"},
    "tricks": {"forbidden", "error"},
    "loops": {"timeout", "memory", "error", "empty"},
    "memory": {"memory", "timeout", "error"},
    "recursion": {"recursion", "syntax", "timeout"},
    "output": {"output", "error", "syntax", "timeout"},
}


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket that nobody may connect to, beside a file that nobody may read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", SECRET)
    (tmp_path / "secret.txt").write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_and_reaches_nothing(name: str, listener: socket.socket) -> None:
    source = ATTACKS[name].replace("PORT", str(listener.getsockname()[1]))

    async def both() -> tuple[Execution, Execution]:
        return await execute(source, {}, LIMITS), await execute("'and on'", {})

    ended, following = asyncio.run(both())
    if name in HARMLESS:
        assert (ended.kind, ended.value) == ("", HARMLESS[name])
    else:
        assert ended.kind in ENDS[name.partition(":")[0]]
        assert ended.value is None and not ended.text
        assert ended.error.isprintable() and 5 < len(ended.error) < 700
    assert following.text == "and on"
    assert len(ended.printed) < LIMITS.printed + 20
    assert SECRET not in repr(ended) and "root:" not in repr(ended)
    assert {file.name: file.read_text() for file in Path().iterdir()} == {"secret.txt": SECRET}
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_the_attacks_are_many_and_of_every_kind() -> None:
    groups = (FILES, PROCESSES_AND_NETWORK, TRICKS, LOOPS, BOMBS, RECURSION, OUTPUT)
    assert len(ATTACKS) == sum(map(len, groups)) > 150
    assert set.union(*ENDS.values()) | {"", "crash"} == set(get_args(Kind))


@pytest.mark.parametrize(
    "source",
    [
        "x = []\nfor _ in range(10**5): x = [x]\nstr(x)",
        "import copy\nx = []\nfor _ in range(10**5): x = [x]\ncopy.deepcopy(x)\n1",
        "x = ()\nfor _ in range(10**5): x = (x,)\nhash(x)",
    ],
)
def test_a_worker_that_crashes_takes_nothing_with_it(source: str, capfd: pytest.CaptureFixture[str]) -> None:
    deep = Limits(recursion=10**6, memory=2**29)  # deeper than the worker's own stack
    assert ran(source, deep).kind == "crash"
    assert "overflow" in capfd.readouterr().err
    assert ran("1 + 1").value == 2


def test_what_is_printed_is_cut_with_a_mark() -> None:
    ended = ran("print('abc')\nwhile True: print('x' * 50)", Limits(printed=100))
    assert ended.printed == ("abc\n" + ("x" * 50 + "\n") * 2)[:100] + "\n… (cut)"
    assert ended.error == "it printed more than 100 characters and was stopped"


def test_a_program_that_is_too_long_is_not_read() -> None:
    assert ran("x = 1\n" * 50_000).kind == "syntax"


@pytest.mark.parametrize("depth", [50, 5_000, 100_000])
def test_a_variable_may_be_deep(depth: int) -> None:
    deep: Json = []
    for _ in range(depth):
        deep = [deep]
    ended = ran("len(x)", x=deep)
    assert (ended.value, ended.error) == (
        (1, "") if depth < 100 else (None, "the variable x is nested more than 100 deep")
    )


def test_variables_may_be_called_and_hold_anything() -> None:
    variables: dict[str, Json] = {
        "s2.1": 1,
        "class": 2,
        "a b": 3,
        "a_b": 4,
        "x = 1": 5,
        "print": 6,
        "lone": "\ud800",
        "\ud800": 7,
        "π": 8,
        "": 9,
    }
    ended = asyncio.run(execute("[s2_1, _class, a_b, x___1, print, lone, π]", variables))
    assert ended.value == [1, 2, 4, 5, 6, "\ufffd", 8]
