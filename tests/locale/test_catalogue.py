"""Every message has its translation, and every translation its message."""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from vnb import locale
from vnb.locale.catalogue import HOLE, Catalogue

from . import messages
from .messages import FOREIGN, NOT_SAID, ONLY_SAID, PACKAGE, VOCABULARY, wanted

OTHERS = [name for name in locale.LANGUAGES if name != locale.ENGLISH]
SAME = {"integrate was {}: {}.", "llama.cpp by xllamacpp {}", "what: {}", "{} of {}"}
"""Templates in whose translation there is no Chinese word."""


def templates(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((PACKAGE / "locale" / f"{language}.json").read_text(encoding="utf-8"))
    return found


def lines(found: Mapping[str, str]) -> str:
    """Lines to be pasted into a catalogue, and the places where their messages stand."""
    pasted = [f'  {json.dumps(one, ensure_ascii=False)}: "",' for one in found]
    return "\n".join([*pasted, "", "They stand in " + ", ".join(dict.fromkeys(found.values()))])


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str) -> None:
    known = templates(language)
    missing = {template: where for template, where in wanted().items() if template not in known}
    assert not missing, (
        f"vnb/locale/{language}.json lacks these (what is no word for a user: NOT_SAID):\n{lines(missing)}"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_of_a_message_that_is_gone(language: str) -> None:
    said = wanted()
    assert [template for template in templates(language) if template not in said] == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_holes_match(language: str) -> None:
    for english, translated in templates(language).items():
        numbers = [found[1] for found in HOLE.finditer(translated)]
        every = list(map(str, range(english.count("{}"))))
        assert sorted(numbers) == every or numbers == [""] * len(every), (english, translated)


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_blank(language: str) -> None:
    known = templates(language)
    assert [english for english, translated in known.items() if not translated.strip()] == []


def test_chinese_is_chinese() -> None:
    english = [one for one, said in templates("zh_CN").items() if not re.search("[\u4e00-\u9fff]", said)]
    assert set(english) == SAME


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_to_be_typed_is_typed_as_in_english(language: str) -> None:
    typed = re.compile(r"%%?v\w+|--[a-z][a-z-]+|pip install")
    for english, translated in templates(language).items():
        assert sorted(set(typed.findall(english))) == sorted(set(typed.findall(translated))), (english, translated)


def test_the_lists_of_exceptions_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all((PACKAGE / name).is_file() for name in ONLY_SAID)
    every = {
        node.value
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not VOCABULARY - every
    assert all(words in inspect.getsource(argparse) for words in FOREIGN.values())
    monkeypatch.setattr(messages, "NOT_SAID", set())
    found = {one.template for file in PACKAGE.rglob("*.py") for one in messages.messages(file)}
    assert not NOT_SAID - found


# ---------------------------------------------------------------- the reader


def read(source: str) -> list[str]:
    return [template for _, template, _ in messages._Reader(ast.parse(source)).found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("raise UsageError(f'No {x!r}.', 'Try again')", ["No {}.", "Try again"]),
        ("say('word')", ["word"]),
        ("f('word')", []),
        ("f('two words')", ["two words"]),
        ("say(f'{n} part{\"s\" * (n > 1)}')", ["{} part", "{} parts"]),
        ("say('a ' + ('red' if x else 'blue') + y)", ["a red{}", "a blue{}"]),
        ("say(f'the {\"one\" if x else y} way')", ["the one way", "the {} way"]),
        ('say(f\'seen {", ".join(f"by every {x}" for x in y)}\')', ["seen {}", "by every {}"]),
        ("say(f'{a} of {b:.2f}')", ["{} of {}"]),
        ("def f():\n    'A docstring of two words.'\n    return 'two words'", ["two words"]),
        ("X = 1\n'A docstring of two words.'", []),
        ("if 'is locked' in words: pass", []),
        ("_log.warning('it went wrong %s', x)", []),
        ("raise UsageError('Look.', '%vruns')", ["Look."]),
        ("parser.add_argument('-n', help='number')", ["number"]),
        ("raise argparse.ArgumentTypeError(f'must be {x}')", ["{}: must be {}."]),
        ("x = 'SELECT id FROM runs'", []),
    ],
)
def test_the_reader_finds_what_is_said(source: str, expected: list[str]) -> None:
    assert read(source) == expected


# ---------------------------------------------------------------- filling


CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
"""What the front end's twin is tried with too."""


@pytest.mark.parametrize(("english", "translated"), CASES["cases"])
def test_a_text_is_said_by_its_template(english: str, translated: str) -> None:
    assert Catalogue(CASES["templates"]).say(english) == translated
