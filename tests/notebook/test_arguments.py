"""How a magic's line is read, and what its help says."""

from __future__ import annotations

import argparse

import pytest

from vnb.core.types import Options, Sampling
from vnb.errors import UsageError
from vnb.notebook.arguments import Parser, words
from vnb.notebook.options import PARSERS, TASK


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (r"-m C:\models\new\tiny.gguf", ["-m", r"C:\models\new\tiny.gguf"]),
        (r'--docs "C:\My Notes\x"', ["--docs", r"C:\My Notes\x"]),
        (r"\\server\share 'a b' # c", [r"\\server\share", "a b", "#", "c"]),
        ("", []),
        ("  a\t--seed=3 ", ["a", "--seed=3"]),
        ("写作 --docs '笔记 1.md'", ["写作", "--docs", "笔记 1.md"]),
    ],
)
def test_words_are_a_shells_and_a_backslash_is_itself(line: str, found: list[str]) -> None:
    assert words(line) == found


@pytest.mark.parametrize("line", ["article --seed 3", "--seed 3 article", "--seed=3 article", "article --seed=3"])
def test_options_stand_before_or_behind_the_name(line: str) -> None:
    assert TASK.read(line) == {"NAME": "article", "seed": 3}


def test_only_what_was_typed_is_said() -> None:
    assert TASK.read("") == {}
    assert TASK.read("--docs a --docs b --image c --plan-only") == {
        "docs": ["a", "b"],
        "image": ["c"],
        "plan_only": True,
    }


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("--temprature 1", "--temperature"),
        ("--modle x", "--model"),
        ("--paralel=2", "--parallel"),
        ("--bakground", "--background"),
    ],
)
def test_an_unknown_option_names_the_nearest(line: str, near: str) -> None:
    with pytest.raises(UsageError) as error:
        TASK.read(line)
    assert line.split("=")[0].split()[0] in error.value.message and error.value.hint == f"Did you mean {near}?"


@pytest.mark.parametrize("line", ["--max-tok 3", "--see 3", "-x", "--zzzzzz"])
def test_options_are_not_abbreviated_and_nothing_exits(line: str) -> None:
    with pytest.raises(UsageError):
        TASK.read(line)


@pytest.mark.parametrize("parser", PARSERS.values(), ids=list(PARSERS))
def test_the_help_says_every_default(parser: Parser) -> None:
    for action in parser._actions:
        if not action.required and action.dest != "help" and not isinstance(action, argparse._HelpAction):
            assert "default:" in (action.help or ""), f"{parser.prog} {action.option_strings or action.dest}"
    assert all(len(line) <= 100 for line in parser.format_help().splitlines())


def test_every_option_of_a_task_can_be_typed() -> None:
    typed = {action.dest for action in TASK._actions}
    named = {*Options.__dataclass_fields__, *Sampling.__dataclass_fields__} - {"sampling", "stop", "logprobs"}
    assert named <= typed
    assert f"(default: {Options.steps[0]}..{Options.steps[1]})" in TASK.format_help()
