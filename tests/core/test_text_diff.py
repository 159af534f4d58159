"""Word diffs: true whatever the texts, readable, and done in bounded time."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.core.text_diff import diff


def marked(before: str, after: str) -> str:
    """The diff as `[-dropped-]{+added+}`."""
    signs = {"kept": ("", ""), "dropped": ("[-", "-]"), "added": ("{+", "+}")}
    return "".join(piece.text.join(signs[piece.kind]) for piece in diff(before, after).pieces)


WORDS = st.lists(st.sampled_from([*"ab ,.\n", " the", " cat", "  ", "人", "工智", "é", "x=1", "\ud800", "👩‍👧"])).map(
    "".join
)


@given(WORDS | st.text(), WORDS | st.text())
def test_applied_to_the_text_before_it_gives_the_text_after(before: str, after: str) -> None:
    found = diff(before, after)
    assert (found.before, found.after) == (before, after)
    assert found.same == (before == after)
    assert 0 <= found.similarity <= 1
    assert all(piece.text for piece in found.pieces)
    kinds = [piece.kind for piece in found.pieces]
    assert all(pair != ("added", "dropped") and pair[0] != pair[1] for pair in zip(kinds, kinds[1:]))


@given(WORDS | st.text())
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert [piece.kind for piece in diff(text, text).pieces] == ["kept"] * bool(text)
    assert diff(text, text).similarity == 1


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a quick fox", "a slow fox", "a [-quick-]{+slow+} fox"),
        ("don't go", "don't", "don't[- go-]"),
        ("人工智能的历史很长。", "机器学习的历史很长。", "[-人工智能-]{+机器学习+}的历史很长。"),
        ("今天下雨", "今天下雪", "今天下[-雨-]{+雪+}"),
        ("return x + 1", "return x + y", "return x + [-1-]{+y+}"),
        ("f(x)\n    g(y)", "f(x)\n    g(z)", "f(x)\n    g([-y-]{+z+})"),
        ("café naïve", "café naive", "café [-naïve-]{+naive+}"),
        ("one\ntwo\n", "one\n\ntwo\n", "one\n{+\n+}two\n"),
    ],
)
def test_changes_are_told_by_words_characters_and_tokens(before: str, after: str, shown: str) -> None:
    assert marked(before, after) == shown


def test_crumbs_between_changes_are_not_kept() -> None:
    shown = marked("Once there were abacuses and patient clerks.", "Soon we had chips and tired engineers too.")
    assert shown.count("[-") == 1


def test_paragraphs_are_told_apart() -> None:
    shown = marked("First of all.\n\nThe end is near.", "Quite another.\n\nThe end is here.")
    assert shown == "[-First of all-]{+Quite another+}.\n\nThe end is [-near-]{+here+}."


def prose(words: int, seed: int, of: int = 2_000) -> str:
    draw = random.Random(seed)
    return " ".join(f"w{draw.randrange(of)}" + ("." if draw.random() < 0.1 else "") for _ in range(words))


def edited(text: str, every: int) -> str:
    return " ".join("EDITED" if place % every == 7 else word for place, word in enumerate(text.split(" ")))


LONG = prose(60_000, 1)
HAN = "".join(map(chr, random.Random(2).choices(range(0x4E00, 0x5200), k=35_000)))
TABLE = [f"{row},{row * 7 % 100},name{row * 31 % 500},{row % 10}" for row in range(3_000)]


@pytest.mark.parametrize(
    ("before", "after", "least"),
    [
        (LONG, edited(LONG, 10_000), 0.99),
        (LONG[:100_000], edited(LONG[:100_000], 100), 0.9),
        (HAN, HAN[:9_000] + "变" + HAN[9_000:20_000] + HAN[20_100:], 0.99),
        ("\n".join(TABLE), "\n".join(row.replace(",name", "1,name") for row in TABLE), 0.6),
        (LONG, prose(60_000, 3), 0.0),
        (prose(40_000, 4, of=2), prose(40_000, 5, of=2), 0.0),
        (prose(900, 4, of=2), prose(900, 5, of=2), 0.0),
        (",".join(map(str, range(5_000))), ",".join(map(str, range(9_000, 4_000, -1))), 0.0),
        ("x" * 1_000_000, "x" * 999_999 + "y", 0.0),
        ("a b " * 40_000, "b a " * 40_000 + "c", 0.0),
        ("\n" * 200_000 + "a", "a" + "\n" * 150_000, 0.0),
    ],
    ids=[
        "350kB",
        "100kB",
        "Chinese",
        "column",
        "other",
        "two-words",
        "short-two-words",
        "csv",
        "letter",
        "swap",
        "lines",
    ],
)
def test_long_texts_take_seconds_and_are_compared_where_they_can_be(before: str, after: str, least: float) -> None:
    began = time.process_time()
    found = diff(before, after)
    assert time.process_time() - began < 20
    assert (found.before, found.after) == (before, after)
    assert found.similarity >= least
