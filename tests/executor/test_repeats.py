"""A step that only repeats itself is noticed soon; nothing that a good answer holds is taken for that."""

from __future__ import annotations

import base64
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnb.executor.repeats import Repeats

START = "Here is what you asked for. I hope that it helps, and that nothing is missing from it.\n\n"


def noticed(text: str, size: int = 4) -> int | None:
    """After how many characters the text, in pieces of `size`, is a loop; `None`: never."""
    repeats = Repeats()
    for start in range(0, len(text), size):
        if repeats.feed(text[start : start + size]):
            return min(start + size, len(text))
    return None


def what(text: str) -> str:
    repeats = Repeats()
    assert repeats.feed(text)
    return repeats.what


def numbered(form: str, count: int, start: int = 1) -> str:
    return "".join(form.format(n) for n in range(start, start + count))


VIRTUES = ("honesty", "integrity", "courage", "patience", "empathy", "vision", "humility", "resilience")

LOOPS = {
    "one word": "very " * 200,
    "one short word": "la " * 300,
    "one letter": "a" * 1000,
    "one ideograph": "啊" * 300,
    "two ideographs and a comma": "很好，" * 200,
    "empty lines": "\n" * 400,
    "empty lines with spaces": " \n" * 400,
    "digits and dots": "0.0." * 400,
    "one number that never ends": "0.3" + "3" * 1500,
    "a rule that never ends": "-" * 1500,
    "an empty table that never ends": "| | |\n" * 200,
    "brackets": "[" * 1200,
    "one emoji": "🙂" * 800,
    "a sentence": "The city is known for its rich history and culture. " * 20,
    "a Chinese sentence": "人工智能是一种新的技术，其它名称是人工智能、人工智能等。" * 15,
    "a Japanese sentence": "これはとても大切なことです。" * 20,
    "a Russian sentence": "Это очень важный вопрос для всех нас. " * 20,
    "a line": "A place where the soul is found,\n" * 30,
    "two lines in turn": "A place where the soul is found,\nA world where the soul is found,\n" * 20,
    "three sentences in turn": "The sky is blue. The grass is green. Water is wet. " * 20,
    "two sentences in no order": "".join(
        random.Random(1).choices(["The sky is blue today. ", "The grass is green today. "], k=200)
    ),
    "numbered steps in no order": "".join(
        f"Step {n}: {step}.\n"
        for n, step in enumerate(
            random.Random(1).choices(["Book the hall", "Send the invitations", "Call the band"], k=150)
        )
    ),
    "a paragraph": (
        "The lighthouse stands on a cliff above the sea, and every evening its keeper climbs the stairs.\n"
        "He lights the lamp, he winds the clock, and he writes down the weather in a heavy book.\n"
        "Then he sits at the window until the last of the ships has gone by.\n\n"
    )
    * 8,
    "lines of code": "        self.assertEqual(self.stack.pop(), 1)\n" * 60,
    "a function": "def test_pop():\n    stack = Stack()\n    stack.push(1)\n    assert stack.pop() == 1\n\n" * 30,
    "cells": "<td></td>" * 200,
    "JSON objects": '{"name": "Alice", "age": 30, "city": "Paris"}, ' * 60,
    "rows of a table": "| Germany | Berlin | 1.2 |\n| France | Paris | 1.2 |\n| Spain | Madrid | 1.2 |\n" * 30,
    "items of a list": "- honesty\n- integrity\n" * 60,
    "more items of a list": "".join(f"- {virtue}\n" for virtue in VIRTUES) * 20,
    "numbered items of a list": "".join(f"{n + 1}. {VIRTUES[n % 8].title()}\n" for n in range(250)),
    "numbered sentences": numbered("{}. The sky is blue.\n", 60),
    "numbered sentences in a line": numbered("{}. The sky is blue. ", 60),
    "numbered sentences with titles": numbered(
        "{}. **Faithfulness**: A good leader is always willing to make sacrifices for their team.\n", 20
    ),
    "sentences numbered in turn": numbered("{0}. The sky is blue.\n{0}. The grass is green.\n", 50),
    "steps": numbered("Step {}: Check the results of the previous step again.\n", 40),
    "headings and sentences": numbered("## Day {}\n\nVisit the old town and eat a cake.\n\n", 30),
    "steps of few words": numbered("Step {}: Continue.\n", 120),
    "years": numbered("In {}, the city was rebuilt by the king. ", 40, start=1801),
    "a number that changes": "".join(f"The city has {n * n * 7919 % 977} beautiful old churches. " for n in range(60)),
    "test functions": numbered(
        "def test_push_{0}():\n    stack = Stack()\n    stack.push({0})\n    assert stack.pop() == {0}\n\n", 40
    ),
    "other white space": "".join(f"The sky is blue.{' ' * (n * 7 % 5 + 1)}" for n in range(80)),
    "other case": "".join("the sky is blue. " if n * n % 7 < 3 else "The Sky Is Blue. " for n in range(80)),
    "other markup": "".join("**The sky** is blue. " if n * n % 7 < 3 else "The sky is `blue`. " for n in range(80)),
    "Chinese with numbers": numbered("{}. 今天的天气很好。\n", 60),
}


@pytest.mark.parametrize("before", ["", START], ids=["at once", "later"])
@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_a_loop_is_noticed(text: str, before: str) -> None:
    assert noticed(before + text) is not None


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("very " * 200, 300),
        ("啊" * 300, 150),
        ("\n" * 400, 150),
        ("0.0." * 400, 450),
        (LOOPS["a sentence"], 450),
        (LOOPS["a line"], 350),
        (LOOPS["a Chinese sentence"], 250),
        (LOOPS["numbered sentences with titles"], 750),
    ],
)
def test_it_is_noticed_soon(text: str, characters: int) -> None:
    found = noticed(START + text)
    assert found is not None and found <= len(START) + characters


VERSE = """The {0} went down to the {1} by night,
And none of us knew what the {1} would say;
The {0} came home in the {2} light.
"""
CHORUS = """Sing, oh sing, for the tide is high,
Sing for the boats on the bay,
Sing for the gulls in the morning sky,
And the wind that blows them away.
"""
NOUNS = (
    "sailor miller baker hunter river harbour forest valley silver golden early winter fisher window mountain".split()
)
QUESTION = (
    "A farmer has 17 sheep and buys 4 more on each of the three market days. A storm takes away 6 of them, and his "
    "brother brings back 2. How many sheep does the farmer have at the end of the week, and how many did he buy? "
)


def words(count: int, seed: int = 5) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices("abcdefghijklmnoprstuvw", k=draw.randint(2, 9))) for _ in range(count)]


GOOD = {
    "a rule": "A heading\n" + "=" * 120 + "\n" + "-" * 120 + "\n",
    "the rule of a wide table": "| " + " | ".join(f"column {n}" for n in range(30)) + " |\n" + "|---" * 30 + "|\n",
    "a table of yes and no": "| name | here | there | nowhere |\n|---|---|---|---|\n"
    + "".join(f"| {name} | yes | no | yes |\n" for name in words(40)),
    "a table with rows alike": "| day | plan |\n|---|---|\n" + "| | rest |\n" * 12,
    "imports": "".join(f"from package.{name} import {name.title()}\n" for name in words(60)),
    "assignments": "".join(f"self.{name} = {name}\n" for name in words(60)),
    "numbered assignments": numbered("x{0} = {0}\n", 60),
    "asserts": "".join(f"assert square({n}) == {n * n}\n" for n in range(60)),
    "calls alike": "def test_pops():\n"
    + "    stack.pop()\n" * 12
    + "    print(queue.dequeue())\n" * 8
    + "    return queue\n",
    "a matrix of zeros": "[" + ",\n ".join(["[" + ", ".join("0" * 20) + "]"] * 20) + "]",
    "a matrix of zeros in a line": json.dumps([[0] * 20] * 20),
    "a matrix of None": "board = [\n" + ("    [" + ", ".join(["None"] * 10) + "],\n") * 10 + "]\n",
    "ASCII art": "\n".join(" " * (30 - n) + "*" * (2 * n + 1) for n in range(30)) + "\n" + (" " * 28 + "|||||\n") * 8,
    "a board": ("+---" * 8 + "+\n" + "|   " * 8 + "|\n") * 8 + "+---" * 8 + "+\n",
    "base64": base64.b64encode(random.Random(2).randbytes(6000)).decode(),
    "base64 of zeros": base64.b64encode(bytes(120) + random.Random(2).randbytes(600)).decode(),
    "hexadecimal": random.Random(3).randbytes(4000).hex(),
    "a hexadecimal dump": "".join(f"{16 * n:08x}  " + "00 " * 16 + "|................|\n" for n in range(12)),
    "JSON objects": json.dumps(
        [{"id": n, "name": name, "score": n * n % 17, "active": True} for n, name in enumerate(words(120))], indent=1
    ),
    "JSON objects of numbers": json.dumps([{"id": n, "x": n * n % 101, "y": n * 7 % 13} for n in range(200)]),
    "JSON lines of numbers": "".join(
        json.dumps({"step": n, "loss": round(3 / (n + 1), 4), "learning rate": 0.001}) + "\n" for n in range(150)
    ),
    "points": json.dumps([[n * 0.7 % 5, n * 1.3 % 7] for n in range(200)], indent=2),
    "CSV of numbers": "".join(
        f"2024-{n % 12 + 1:02}-{n % 28 + 1:02},BTC,{n * 7919 % 100003},buy\n" for n in range(300)
    ),
    "CSV": "".join(f"{n},{name},{name}@example.org,{n * n % 90}\n" for n, name in enumerate(words(200))),
    "YAML of numbers": "".join(f"- id: {n}\n  price: {n * 37 % 101}\n  stock: {n * 11 % 7}\n" for n in range(100)),
    "SQL": "".join(f"INSERT INTO people VALUES ({n}, '{name}');\n" for n, name in enumerate(words(100))),
    "a short SQL": numbered("INSERT INTO numbers VALUES ({0});\n", 20),
    "a song": "\n".join(VERSE.format(*NOUNS[3 * n : 3 * n + 3]) + "\n" + CHORUS for n in range(4)),
    "a chorus sung three times at the end": VERSE.format(*NOUNS[:3]) + CHORUS * 3,
    "a refrain": "".join(f"{VERSE.format(*NOUNS[n : n + 3])}And the river runs on.\n" for n in range(12)),
    "laughter": "He laughed: ha ha ha ha ha ha ha ha ha! Nooooooooooooooooooooo, she cried. La la la la la la la la.\n",
    "anaphora": "We shall go on to the end, we shall fight in France, we shall fight on the seas and oceans, we shall fight "
    "with growing confidence and growing strength in the air, we shall defend our island, whatever the cost may be, we "
    "shall fight on the beaches, we shall fight on the landing grounds, we shall fight in the fields and in the streets, "
    "we shall fight in the hills; we shall never surrender.",
    "sentences of one form": " ".join(f"The city is known for its {name}." for name in words(120)),
    "counting": ", ".join(map(str, range(2000))),
    "counting in lines": "\n".join(map(str, range(1500))),
    "a numbered list": "".join(f"{n}. {name}\n" for n, name in enumerate(words(300), 1)),
    "chapters": numbered("Chapter {}\n", 40),
    "a multiplication table": ", ".join(f"{a} × {b} = {a * b}" for a in range(1, 13) for b in range(1, 13)),
    "a multiplication table in lines": "".join(f"- {a} x {b} = {a * b}\n" for a in range(1, 13) for b in range(1, 13)),
    "a multiplication table in words": "".join(
        f"{a} times {b} is {a * b}.\n" for a in range(1, 11) for b in range(1, 11)
    ),
    "squares in words": "".join(f"The square of {n} is {n * n}.\n" for n in range(1, 21)),
    "updates": "".join(f"UPDATE users SET score = {n * 37 % 101} WHERE id = {n};\n" for n in range(80)),
    "temperatures of a month": "".join(
        f"On May {n}, the temperature was {n * 7 % 13 + 9} degrees.\n" for n in range(1, 32)
    ),
    "a counting song": "".join(
        f"{n} green bottles hanging on the wall,\n{n} green bottles hanging on the wall,\nAnd if 1 green bottle should "
        f"accidentally fall,\nThere'll be {n - 1} green bottles hanging on the wall.\n\n"
        for n in range(10, 0, -1)
    ),
    "a long sum": "".join(f"Then add {n}: {n * (n - 1) // 2} + {n} = {n * (n + 1) // 2}\n" for n in range(1, 60)),
    "a calendar": "".join(
        f"<tr>{''.join(f'<td>{7 * week + day}</td>' for day in range(7))}</tr>\n" for week in range(5)
    ),
    "an empty calendar": ("<tr>" + "<td></td>" * 7 + "</tr>\n") * 5,
    "LaTeX": "\\begin{tabular}{ccc}\n"
    + "".join(f"{n} & {n * n} & {n**3} \\\\\n" for n in range(60))
    + "\\end{tabular}",
    "a dialogue": "".join(
        f"Anna: What do you think of {a}?\nBen: I don't know. I like {b} more.\n"
        for a, b in zip(words(60), words(60, 6))
    ),
    "a dictionary": "".join(
        f"**{a}** (noun): a kind of {b}. See also: {c}.\n\n" for a, b, c in zip(words(80), words(80, 7), words(80, 8))
    ),
    "a legal text": "".join(
        f"{n}. The Party of the first part shall {name} the Party of the second part.\n"
        for n, name in enumerate(words(60), 1)
    ),
    "parallel Chinese sentences": "春天来了，花儿开了，小草绿了；夏天来了，知了叫了，荷花开了；秋天来了，树叶黄了，果子熟了；"
    "冬天来了，雪花飘了，大地白了。有的人活着，他已经死了；有的人死了，他还活着。有的人骑在人民头上：“呵，我多伟大！”有的人俯下身子给人民当牛马。"
    "不积跬步，无以至千里；不积小流，无以成江海。学而不思则罔，思而不学则殆。知之为知之，不知为不知，是知也。",
    "the question once": QUESTION + "He has 17 + 12 - 6 + 2 = 25 sheep.",
    "the question three times": QUESTION * 3 + "He has 17 + 12 - 6 + 2 = 25 sheep.",
    "the question three times after the question": QUESTION * 4 + "He has 17 + 12 - 6 + 2 = 25 sheep.",
    "one licence in four notices": "".join(f"{name.title()}:\n{QUESTION * 2}\n{CHORUS * 2}\n" for name in words(4)),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_good_answer_is_left_alone(text: str) -> None:
    assert [noticed(START + text, size) for size in (1, 3, 7, len(text) + len(START))] == [None] * 4


def test_it_stays_noticed() -> None:
    repeats = Repeats()
    assert repeats.feed("very " * 200)
    assert repeats.feed("But now for something else.") and repeats.feed("")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (LOOPS["a line"], "A place where the soul is found,"),
        (numbered("{}. The sky is blue.\n", 60), "The sky is blue."),
        ("very " * 200, "very very very"),
        ("\n" * 400, "\\n\\n\\n"),
        ("啊" * 300, "啊啊啊"),
        (LOOPS["a paragraph"], "The lighthouse stands on a cliff above the sea,"),
        (LOOPS["two sentences in no order"], "is green today."),
    ],
)
def test_what_is_repeated_is_shown_short(text: str, shown: str) -> None:
    assert shown in what(START + text)
    assert len(what(START + text)) <= 80 and "\n" not in what(START + text)


def test_nothing_is_shown_as_long_as_nothing_is_repeated() -> None:
    repeats = Repeats()
    assert not repeats.feed(GOOD["a song"])
    assert repeats.what == ""


PIECES = st.lists(st.integers(1, 40), min_size=1, max_size=60)
BLOCKS = st.text(min_size=20, max_size=200)


@settings(deadline=None)
@given(text=st.sampled_from([*LOOPS.values(), *GOOD.values()]), sizes=PIECES)
def test_how_the_text_is_cut_does_not_matter(text: str, sizes: list[int]) -> None:
    whole, cut = Repeats(), Repeats()
    start, seen = 0, False
    for size in sizes * (len(text) // sum(sizes) + 1):
        seen = cut.feed(text[start : start + size])
        start += size
    assert (seen, cut.what) == (whole.feed(text), whole.what)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_words_at_random_are_no_loop(seed: int) -> None:
    draw = random.Random(seed)
    vocabulary = words(draw.choice([200, 2000]), seed)
    assert not Repeats().feed(" ".join(draw.choices(vocabulary, k=3000)))


@settings(deadline=None)
@given(prefix=st.text(max_size=300), block=BLOCKS)
def test_any_block_is_a_loop_when_it_comes_often_enough(prefix: str, block: str) -> None:
    assert noticed(prefix + block * 60, size=7) is not None


@pytest.mark.parametrize("alphabet", ["-+", "0123456789", "abcdefgh ", "a\n", "好的。"])
def test_a_huge_piece_comes_to_an_end(alphabet: str) -> None:
    assert not Repeats().feed("".join(random.Random(4).choices(alphabet, k=200_000)))
    assert Repeats().feed(alphabet * (200_000 // len(alphabet)))


def test_a_huge_table_comes_to_an_end() -> None:
    draw = random.Random(4)
    assert not Repeats().feed(
        "".join(f"| {draw.randint(0, 9)} | {draw.randint(0, 9)} | in all |\n" for _ in range(9000))
    )
