"""Programs as models write them run as in Python, and what cannot run says what to write instead."""

from __future__ import annotations

import pytest

from vnb.core.types import Json
from vnb.sandbox import Limits
from vnb.sandbox.faults import MODULES

from .running import ran

ROWS: Json = [
    {"town": "Ulm", "people": 120, "founded": 854, "river": "Donau"},
    {"town": "Bonn", "people": 330, "founded": 11, "river": "Rhein"},
    {"town": "Köln", "people": 1080, "founded": 50, "river": "Rhein"},
]

PROGRAMS: list[tuple[str, str]] = [
    ("apples = 3 * 12\napples -= 7\napples / 2", "14.5"),
    (
        "def solve():\n    price = 19.99\n    total = 3 * price * 0.9\n    return round(total, 2)\n\nprint(solve())",
        "53.97",
    ),
    ("sum(row['people'] for row in rows if row['river'] == 'Rhein')", "1410"),
    ("max(rows, key=lambda row: row['people'])['town']", "Köln"),
    ("sorted((row['town'] for row in rows), reverse=True)", '["Ulm", "Köln", "Bonn"]'),
    (
        "[row for row in rows if row['founded'] > 800]",
        '[{"town": "Ulm", "people": 120, "founded": 854, "river": "Donau"}]',
    ),
    (
        "by = {}\nfor row in rows:\n    by.setdefault(row['river'], []).append(row['town'])\nby",
        '{"Donau": ["Ulm"], "Rhein": ["Bonn", "Köln"]}',
    ),
    ("from collections import Counter\nCounter(row['river'] for row in rows).most_common(1)[0][0]", "Rhein"),
    (
        (
            "from collections import defaultdict\nd = defaultdict(int)\nfor row in rows:\n    "
            "d[row['river']] += 1\ndict(d)"
        ),
        '{"Donau": 1, "Rhein": 2}',
    ),
    ("import re\n[int(n) for n in re.findall(r'\\d+', 'a 12, b 7')]", "[12, 7]"),
    ("import re\nre.sub(r'(\\w+) (\\w+)', r'\\2 \\1', 'Ada Lovelace')", "Lovelace Ada"),
    ("import json\njson.loads('{\"a\": [1, 2]}')['a']", "[1, 2]"),
    ("import json\njson.dumps({'a': 1})", '{"a": 1}'),
    ("import math\nmath.ceil(math.sqrt(50)) + math.comb(5, 2)", "18"),
    (
        "from datetime import date, timedelta\n(date(2024, 2, 28) + timedelta(days=2)).strftime('%d.%m.%Y')",
        "01.03.2024",
    ),
    (
        (
            "from datetime import datetime\n"
            "(datetime(2024, 3, 1, 10, 30) - datetime.strptime('2024-03-01 09:45', '%Y-%m-%d %H:%M')).seconds // 60"
        ),
        "45",
    ),
    ("import itertools\nlen(list(itertools.combinations(range(5), 2)))", "10"),
    ("from itertools import groupby\n[k for k, _ in groupby('aabbb')]", '["a", "b"]'),
    ("from functools import reduce\nreduce(lambda a, b: a * b, [1, 2, 3, 4])", "24"),
    (
        (
            "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef fib(n):\n    "
            "return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(80)"
        ),
        "23416728348467685",
    ),
    ("from decimal import Decimal\nDecimal('0.10') + Decimal('0.20')", "0.3"),
    ("import random\nsorted(random.sample(range(10), 10)) == list(range(10))", "True"),
    (
        (
            "from typing import List, Dict, Optional\ndef f(x: List[int]) -> Optional[int]:\n    "
            "return x[0] if x else None\nf([4])"
        ),
        "4",
    ),
    (
        (
            "from dataclasses import dataclass\n@dataclass\nclass Item:\n    name: str\n    "
            "price: float\nitems = [Item('a', 2.5), Item('b', 4)]\nsum(i.price for i in items)"
        ),
        "6.5",
    ),
    (
        (
            "class Account:\n    def __init__(self, start):\n        self.money = start\n    "
            "def pay(self, n):\n        self.money -= n\n        return self\n"
            "Account(100).pay(30).pay(5).money"
        ),
        "65",
    ),
    ("match rows[0]:\n    case {'town': town}:\n        found = town\nfound", "Ulm"),
    ("f\"{1234567.891:,.2f} and {0.256:.1%} and {'x':>3}\"", "1,234,567.89 and 25.6% and   x"),
    ("'%s has %d' % (rows[0]['town'], 3)", "Ulm has 3"),
    ("a, *b = [1, 2, 3]\nb", "[2, 3]"),
    (
        "try:\n    int('x')\nexcept ValueError as error:\n    print('no:', error)",
        "no: invalid literal for int() with base 10: 'x'",
    ),
    ("while (n := len(rows)) > 1:\n    rows.pop()\nn", "1"),
    ("text = '''one\ntwo'''\nlen(text.splitlines())", "2"),
    ("if __name__ == '__main__':\n    print(sum(range(5)))", "10"),
    (
        "import asyncio\nasync def f(n):\n    await asyncio.sleep(1)\n    return n\nawait asyncio.gather(f(1), f(2))",
        "[1, 2]",
    ),
    ("import sys, math\nprint(math.floor(2.7), file=sys.stderr)", "2"),
    ("def down(n):\n    return 0 if n == 0 else 1 + down(n - 1)\ndown(900)", "900"),
]


@pytest.mark.parametrize(("source", "text"), PROGRAMS)
def test_a_program_gives_what_python_gives(source: str, text: str) -> None:
    ended = ran(source, rows=ROWS)
    assert (ended.error, ended.text) == ("", text)


def test_the_modules_that_are_named_can_be_imported() -> None:
    assert ran("\n".join(f"import {name}" for name in MODULES) + "\n1").value == 1


FAULTS: list[tuple[str, str, str]] = [
    ("x = 1\ndef f(:", "syntax", "line 2: SyntaxError: Expected a parameter or the end of the parameter list"),
    ("print 'a'", "syntax", "line 1: SyntaxError: "),
    (
        "def f():\n    yield 1",
        "syntax",
        "line 2: SyntaxError: the sandbox does not support yield expressions: build a list and return it",
    ),
    (
        "x = {1: 2}\ndel x[1]",
        "syntax",
        "line 2: SyntaxError: the sandbox does not support the 'del' statement: use pop, or leave it out",
    ),
    ("class A(dict): pass", "syntax", "line 1: SyntaxError: the sandbox does not support class inheritance"),
    (
        "class A:\n    @property\n    def p(self): return 1",
        "syntax",
        "line 2: SyntaxError: the sandbox does not support method decorators",
    ),
    ("a = 1\nb = pric * 2", "error", "line 2: NameError: name 'pric' is not defined; given are: price, rows"),
    ("def f():\n\n    return 1 / 0\n\nf()", "error", "line 3: ZeroDivisionError: division by zero"),
    ("rows[0]['x']", "error", "line 1: KeyError: x"),
    ("x = 1\nrows + x", "error", "line 2: TypeError: "),
    ("assert price == 2", "error", "line 1: AssertionError: assert 5 == 2"),
    ("raise ValueError('two\\nlines\\x1b[2J')", "error", "line 1: ValueError: two lines [2J"),
    ("def solve():\n    x = 1\n    return x / 0", "error", "line 3: ZeroDivisionError: division by zero"),
    ("x = 1\nprice.real", "error", "line 2: AttributeError: 'int' object has no attribute 'real'"),
    (
        "import statistics",
        "error",
        "line 1: ModuleNotFoundError: No module named 'statistics': use sum(x) / len(x), sorted(x)",
    ),
    (
        "import numpy as np",
        "error",
        "line 1: ModuleNotFoundError: No module named 'numpy': use lists, sum, sorted and the module math",
    ),
    ("import pandas as pd", "error", "line 1: ModuleNotFoundError: No module named 'pandas': use lists of dicts"),
    (
        "from fractions import Fraction",
        "error",
        "line 1: ModuleNotFoundError: No module named 'fractions': use whole numbers or decimal.Decimal",
    ),
    (
        "import colorsys",
        "error",
        "line 1: ModuleNotFoundError: No module named 'colorsys': these are there: asyncio, base64, ",
    ),
    ("import subprocess", "forbidden", "line 1: ModuleNotFoundError: No module named 'subprocess'"),
    (
        "n = int(input())",
        "forbidden",
        "line 1: NameError: name 'input' is not defined: nobody can be asked; use the variables",
    ),
    (
        "open('a.txt')",
        "forbidden",
        "line 1: PermissionError: Permission denied: '/a.txt': there are no files here; use the variables",
    ),
    ("while True: pass", "timeout", "it was stopped at the limit of 0.3 s: does it loop for ever?"),
    ("x = 'a' * 10**9", "memory", "line 1: it was stopped at the limit of 64 MiB of memory: make less of it at once"),
    ("def f(n): return f(n + 1)\nf(0)", "recursion", "line 1: RecursionError: maximum recursion depth exceeded"),
    ("10 ** 5000", "output", "the value has a whole number of more than 4,000 digits"),
    ("'x' * 2_000_000", "output", "the value is longer than 1,048,576 characters"),
    ("def f(x): return x\nf", "empty", "its last expression is of type function, not a value: call it, "),
    ("x = []\nfor i in x: pass", "empty", "it has no result: end it with an expression, or print the result"),
]


@pytest.mark.parametrize(("source", "kind", "line"), FAULTS)
def test_a_fault_is_one_line_with_a_way_out(source: str, kind: str, line: str) -> None:
    ended = ran(source, Limits(seconds=0.3), rows=ROWS, price=5)
    assert (ended.kind, ended.error[: len(line)]) == (kind, line)
    assert ended.error.isprintable() and ended.value is None and not ended.text


def test_what_was_printed_before_a_fault_is_kept() -> None:
    ended = ran("print('so far')\n1 / 0")
    assert (ended.printed, ended.text, ended.kind) == ("so far\n", "", "error")


def test_windows_line_ends_are_line_ends() -> None:
    assert ran("x = 1\r\ny = 2\r\nx + y\r\n").value == 3
    assert ran("x = 1\r\n\r\n1 / 0").error.startswith("line 3")
