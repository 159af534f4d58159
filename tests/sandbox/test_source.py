"""The program is found in whatever a model writes around it."""

from __future__ import annotations

import pytest

from vnb.sandbox import source_of

PROGRAM = "price = 3\nprice * 4"


@pytest.mark.parametrize(
    "answer",
    [
        PROGRAM,
        f"```python\n{PROGRAM}\n```",
        f"```py\n{PROGRAM}\n```",
        f"```Python3\r\n{PROGRAM}\r\n```\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
        f"```\n{PROGRAM}\n```",
        f"~~~python\n{PROGRAM}\n~~~",
        f"``` {{.python}}\n{PROGRAM}\n```",
        f"````python\n{PROGRAM}\n````",
        f"Sure! Here is the program:\n\n```python\n{PROGRAM}\n```\n\nIt gives 12, since 3 * 4 = 12.",
        f"```python\n{PROGRAM}",
        f"Here it is:\n```python\n{PROGRAM}\n",
        f"1. Install it:\n```bash\npip install prices\n```\n2. Run it:\n```python\n{PROGRAM}\n```",
        f"```python\n{PROGRAM}\n```\nOutput:\n```\n12\n```",
        f"```python\n{PROGRAM}\n```\nOutput:\n```python\n12\n```",
        f"```\n{PROGRAM}\n```\nIt prints\n```\nThe price is 12\n```",
        f"- It is this:\n\n  ```python\n  {PROGRAM.replace(chr(10), chr(10) + '  ')}\n  ```",
        f"python\n{PROGRAM}",
        f"Here is the program:\n\n{PROGRAM}\n\nThis program gives twelve.",
        f"Answer:\n{PROGRAM}",
        f"下面是程序：\n{PROGRAM}\n这段程序算出十二。",
        f"**The program**\n{PROGRAM}\n- It multiplies.",
        f"First I had\n```python\nprice = 2\nprice * 4\n```\nbut it must be\n```python\n{PROGRAM}\n```",
    ],
)
def test_a_program_is_found(answer: str) -> None:
    assert source_of(answer) == PROGRAM


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        ("```python\ndef f():\n    return 2\n```\nand then\n```python\nf()\n```", "def f():\n    return 2\n\nf()"),
        (
            "```python\nimport math\n```\n```python\nr = 2\n```\n```python\nmath.pi * r\n```",
            "import math\n\nr = 2\n\nmath.pi * r",
        ),
        (
            "```python\ndef f(): return 1\nf()\n```\nBetter:\n```python\ndef f(): return 2\nf()\n```",
            "def f(): return 2\nf()",
        ),
        ("```python\nx = 1\n```python\ny = x\n```", "x = 1\n\ny = x"),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ("````python\ns = '''\n```\n'''\n````", "s = '''\n```\n'''"),
        ("`2 + 3`", "2 + 3"),
        ("```python x = 1```", "x = 1"),
        ("```python\n```", ""),
        ("", ""),
        ("42", "42"),
        ('"""Adds up\nall of it.\n"""\nx = 1\nx', '"""Adds up\nall of it.\n"""\nx = 1\nx'),
        ("# The sum of all of it\nx = 1\nx", "# The sum of all of it\nx = 1\nx"),
        ("a not in b", "a not in b"),
        ("x = 'one two three'  # four five\nx if y else z", "x = 'one two three'  # four five\nx if y else z"),
        ("I cannot do that.", "I cannot do that."),
    ],
)
def test_what_is_taken(answer: str, program: str) -> None:
    assert source_of(answer) == program
