from types import SimpleNamespace

import pytest

from vnb.context.interpolate import interpolate
from vnb.errors import UsageError

UNTOUCHED = [
    "{",
    "}",
    '{"a": {"b": 1}}',
    r"\frac{a}{b} and {{x + 1}}",
    "f(x) { return {y: 1}; }",
    "emoji \U0001f600, 中文, ‮עברית‬, tab\t",
    "100 % {} {0} %s ${HOME} $x",
    "ends with ;",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_name_passes_unaltered(text: str) -> None:
    assert interpolate(text, {}).text == text


def test_names_attributes_and_items_are_looked_up() -> None:
    names = {"topic": "tides", "o": SimpleNamespace(rows=[{"k": 5}]), "n": 3}
    found = interpolate("{{topic}} {{ o.rows[0]['k'] }} {{n}} {{topic}}", names)
    assert found.text == "tides 5 3 tides"
    assert found.inputs == {"topic": "tides", "o.rows[0]['k']": "5", "n": "3"}
    assert found.attached == ()


def test_long_values_are_named_and_attached() -> None:
    found = interpolate("Sum up {{report}} and {{note}}.", {"report": "word " * 100, "note": "a\nb"})
    assert found.text == "Sum up [report] and [note]."
    assert found.attached == ("report", "note")
    assert found.inputs["note"] == "a\nb"


def test_an_escaped_brace_is_literal() -> None:
    assert interpolate(r"\{{topic}}", {}).text == "{{topic}}"
    assert interpolate(r"C:\\{{topic}}", {"topic": "x"}).text == r"C:\x"


class Moody:
    @property
    def value(self) -> str:
        raise ValueError("not today")

    def __str__(self) -> str:
        raise RuntimeError("not ever")


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("{{topik}}", "no name 'topik'", "Did you mean {{topic}}"),
        ("{{nothing_like_it}}", "no name", "Define it first"),
        ("{{topic.nope}}", "no attribute 'nope'", "Look at topic"),
        ("{{topic[99]}}", "out of range", "Look at topic"),
        ("{{topic.upper()}}", "is a call", "Assign it to a name"),
        ("{{raw}}", "is bytes", "decode"),
        ("{{moody.value}}", "not today", "Look at moody"),
        ("{{moody}}", "cannot be written as text: not ever", "Look at moody"),
    ],
)
def test_what_cannot_be_looked_up_is_an_error_with_a_next_step(text: str, said: str, hint: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        interpolate(text, {"topic": "tides", "raw": b"x", "moody": Moody()})
    assert hint in error.value.hint
