"""What the result of a program is, and how it reads."""

from __future__ import annotations

import pytest

from vnb.core.types import Json

from .running import ran

CLASS = "class P:\n    def __init__(self): self.x = 1\n"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2", 3),
        ("x = 5\nx * 2  # doubled", 10),
        ("x = [1,\n     2]\nx", [1, 2]),
        ("(1 +\n 2)", 3),
        ("a = 1; a + 1", 2),
        ("a = 1\na;", 1),
        ("a, b = 1, 2\na, b", [1, 2]),
        ("f'{1}({2}'", "1(2"),
        ("(lambda x: x + 1)(2)", 3),
        ("x = 3\nx if x else 0", 3),
        ("not 0", True),
        ("return 7", 7),
        ("async def f(): return 2\nawait f()", 2),
        ("answer = 5", 5),
        ("answer = 5\nprint('It is', answer)", 5),
        ("result = 5\nNone", 5),
        ("if 1 > 2:\n    answer = 1\nelse:\n    answer = 2", 2),
        ("answer: int = 5\nother = 6", 5),
        ("def solve():\n    return 42", 42),
        ("def solve():\n    return 42\nsolve", 42),
        ("def solve(n, m=1):\n    return n * m", 21),
        ("def solve(n: list[int] = [1, 2], *, k=(3, 4)) -> int:\n    return len(n)", 2),
        ("def solve(*args, **kwargs):\n    return 1", 1),
        ("async def main():\n    return 3", 3),
        ("def half(x):\n    return x // 2\n\ndef solve():\n    return half(8)", 4),
        ("def solve():\n    answer = 1\n    return 2", 2),
        ("import functools\n@functools.cache\ndef solve():\n    return 2", 2),
        ("print('first')\ndef solve():\n    return 1", 1),
        ("total = 3 * 4", 12),
        ("total: int = 3 * 4", 12),
        ("total = 3\ntotal += 4", 7),
        ('"""What it does."""\ntotal = 3', 3),
        ("\tx = 1\n\tx", None),
    ],
)
def test_the_value_is_found(source: str, value: Json) -> None:
    ended = ran(source, n=21)
    assert (ended.value, type(ended.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("print('12 euros')", "12 euros"),
        ("print()\nprint('  a')\nprint('b', end='')", "a\nb"),
        ("if __name__ == '__main__':\n    print(3)", "3"),
        ("def solve():\n    print(42)\nsolve()", "42"),
        ("def solve():\n    print(42)", "42"),
        ("print('a')\nx = 5", "a"),
        ("def solve(unknown):\n    return 1\nprint('a')", "a"),
        ("def f(): return 1\ndef g(): return 2\nprint('a')", "a"),
        ("if False:\n    answer = 1\nprint('a')", "a"),
        ("def solve():\n    return 1\nprint(f'it is {solve()}')", "it is 1"),
    ],
)
def test_what_is_printed_is_the_result_where_there_is_no_value(source: str, text: str) -> None:
    ended = ran(source)
    assert (ended.value, ended.text, ended.error) == (None, text, "")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "  \n",
        "# nothing",
        "None",
        "for _ in []: pass",
        "import math",
        "def f(x): return x",
        "print(' ')",
        "lambda: 1",
    ],
)
def test_a_program_without_a_result_is_an_error(source: str) -> None:
    ended = ran(source)
    assert (ended.kind, ended.text, ended.value) == ("empty", "", None) and ended.error


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("12.0", "12"),
        ("0.1 + 0.2", "0.3"),
        ("19.99 * 3", "59.97"),
        ("1 / 3", "0.333333333333333"),
        ("-0.5", "-0.5"),
        ("1e15", "1000000000000000"),
        ("1e300", "1e+300"),
        ("2.0 ** 40", "1099511627776"),
        ("2 ** 100", str(2**100)),
        ("float('nan')", "nan"),
        ("'a\\nb'", "a\nb"),
        ("''", ""),
        ("True", "True"),
        ("[1.0, 2.5, None, 'ü']", '[1, 2.5, null, "ü"]'),
        ("{'a': {'b': 2.0}}", '{"a": {"b": 2}}'),
        ("[]", "[]"),
    ],
)
def test_a_value_reads_plainly(source: str, text: str) -> None:
    ended = ran(source)
    assert (ended.text, ended.error) == (text, "")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("(1, (2, 3))", [1, [2, 3]]),
        ("{3, 1, 2}", [1, 2, 3]),
        ("{'a', 1}", [1, "a"]),
        ("frozenset([1])", [1]),
        ("range(3)", [0, 1, 2]),
        ("{'a': 1}.items()", [["a", 1]]),
        ("iter([1, 2])", [1, 2]),
        ("map(str, [1])", ["1"]),
        ("(n * n for n in [1, 2])", [1, 4]),
        ("b'abc'", "abc"),
        ("b'\\xff'", "ff"),
        ("1j", "1j"),
        ("{1: 'a', None: 'b', (1, 2): 'c'}", {"1": "a", "None": "b", "[1, 2]": "c"}),
        ("from collections import Counter\nCounter('aab')", {"a": 2, "b": 1}),
        ("from collections import deque\ndeque([1, 2])", [1, 2]),
        ("from collections import namedtuple\nnamedtuple('P', 'x y')(1, 2)", {"x": 1, "y": 2}),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n[P(1)]", [{"x": 1}]),
        ("from decimal import Decimal\n[Decimal('12.50'), Decimal('3.00'), Decimal('1e99')]", [12.5, 3, "1E+99"]),
        ("from datetime import date\ndate(2024, 2, 1)", "2024-02-01"),
        ("from datetime import datetime\ndatetime(2024, 2, 1, 12)", "2024-02-01T12:00:00"),
        ("from datetime import timedelta\ntimedelta(days=1)", "1 day, 0:00:00"),
        (f"{CLASS}    def __str__(self): return 'one'\n[P(), ValueError('x')]", ["one", "ValueError: x"]),
        ("[float('inf')]", ["inf"]),
        ("len = str = dict = 5\n[len, (1,), {'a': {2}}]", [5, [1], {"a": [2]}]),
    ],
)
def test_values_become_json(source: str, value: Json) -> None:
    ended = ran(source)
    assert (ended.value, ended.error) == (value, "")


def test_an_instance_without_a_text_is_no_value() -> None:
    assert "of type P" in ran(f"{CLASS}P()").error
