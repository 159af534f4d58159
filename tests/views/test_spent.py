"""Energy and price stand where they are known, and nowhere else."""

from __future__ import annotations

import pytest

from tests.fixtures import load, moments
from vnb.context.diff import Diff
from vnb.core import cost_diff
from vnb.core.view import RunView
from vnb.views import clean, diff_html, diff_text, html, report


def view(name: str) -> RunView:
    *_, found = moments(name)
    return found


def compared(name: str) -> Diff:
    return Diff("a", "b", cost=cost_diff.diff(view(name), view(name)))


@pytest.mark.parametrize(("name", "known"), [("measured", True), ("rerun", False)])
def test_a_comparison_has_columns_for_what_is_known(name: str, known: bool) -> None:
    for shown in (diff_text.render(compared(name), 200), diff_html.render(compared(name))):
        assert ("Energy" in shown) is known and ("Price" in shown) is known
        assert ("0.024" in shown) is known, "what both attempts of s2 cost"


def test_the_whole_has_no_sum_where_a_part_is_missing() -> None:
    total = cost_diff.diff(view("measured"), view("measured")).total
    assert total is not None and total.after.joules is None and total.after.price is None


@pytest.mark.parametrize(("name", "known"), [("measured", True), ("rerun", False)])
def test_an_attempt_says_what_it_took(name: str, known: bool) -> None:
    found, fixture = view(name), load(name)
    page = html.render(found, fixture["blobs"], fixture["now"])
    whole = report.render(found, fixture["blobs"], fixture["now"], plan="", made="", seal="vnb-export:r:0")
    assert ("3.2&nbsp;J" in page) is known and ("0.016" in page) is known
    assert ("energy 3.2 J" in whole) is known and ("price 0.016" in whole) is known
    assert ("tiny, scripted" in whole or "#large" in whole) is known, "what the engine was loaded from"


@pytest.mark.parametrize(
    ("value", "energy", "money"),
    [
        (0.0415, "0.042 J", "0.042"),
        (7.34, "7.3 J", "7.34"),
        (0, "0 J", "0"),
        (0.0000000123, "0.000000012 J", "0.000000012"),
        (1204.4, "1,204 J", "1,204.40"),
        (None, "", ""),
    ],
)
def test_energy_and_money_in_words(value: float | None, energy: str, money: str) -> None:
    assert clean.joules(value) == energy and clean.price(value) == money
