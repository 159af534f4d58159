"""Intervals, tests and sums against values that can be looked up or counted by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.core.scores import Answered, mcnemar, paired, scores, wilson


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(right: int, asked: int, low: float, high: float) -> None:
    assert wilson(right, asked) == pytest.approx((low, high), abs=5e-5)
    assert wilson(asked - right, asked) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert mcnemar(0, 0) == 1.0


@given(st.integers(0, 6), st.integers(0, 6))
def test_the_p_value_is_that_of_all_splits_that_are_as_uneven(first: int, second: int) -> None:
    told = first + second
    splits = [sum(coins) for coins in product((0, 1), repeat=told)]
    expected = sum(abs(2 * heads - told) >= abs(first - second) for heads in splits) / len(splits)
    assert mcnemar(first, second) == pytest.approx(expected)


def test_the_p_value_of_many_tasks_is_a_number() -> None:
    assert 0 < mcnemar(900, 1100) < 1e-4
    assert mcnemar(0, 5000) == 0.0  # below what a float can say
    assert mcnemar(2500, 2500) == 1.0


def answered(task: str, way: str, right: bool, group: str = "") -> Answered:
    return Answered(task, group, way, f"{task}-{way}", "", right, new_tokens=10, seconds=0.5)


ANSWERS = [
    answered("a", "planned", True, "short"),
    answered("a", "direct", True, "short"),
    answered("b", "planned", True, "long"),
    answered("b", "direct", False, "long"),
    answered("c", "planned", True, "long"),
    answered("c", "direct", False, "long"),
]


def test_scores_are_of_each_group_and_then_of_all() -> None:
    found = scores([replace(ANSWERS[0], failed=True), *ANSWERS[1:]])
    assert [(one.group, one.way, one.right, one.asked) for one in found] == [
        ("short", "planned", 1, 1),
        ("short", "direct", 1, 1),
        ("long", "planned", 2, 2),
        ("long", "direct", 0, 2),
        ("", "planned", 3, 3),
        ("", "direct", 1, 3),
    ]
    whole = found[-1]
    assert whole.accuracy == pytest.approx(1 / 3) and whole.interval == wilson(1, 3)
    assert whole.per_solved(whole.new_tokens) == 30 and whole.per_solved(whole.seconds) == 1.5
    assert found[3].per_solved(found[3].new_tokens) is None, "nothing was solved, so nothing can be said"
    assert [one.failed for one in found] == [1, 0, 0, 0, 1, 0]
    assert len(scores(ANSWERS[2:])) == 2, "one group needs no sum"


def test_ways_are_paired_on_the_tasks_that_both_answered() -> None:
    (pair,) = paired([*ANSWERS, answered("d", "planned", False)])
    assert (pair.first, pair.second) == ("planned", "direct")
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (1, 2, 0, 0)
    assert pair.p == 0.5
