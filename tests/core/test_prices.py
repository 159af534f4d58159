"""Prices by a user's table: what is known is exact, what is not is absent."""

from __future__ import annotations

from typing import Any

import pytest

from vnb.core import metrics, prices
from vnb.core.types import Usage
from vnb.errors import UsageError


def test_prompt_cached_and_new_tokens_have_their_own_price() -> None:
    table = prices.read({"http://host#a": (2, 10, 0.5), "http://host#b": [2, 10]})
    usage = Usage(prompt_tokens=1000, cached_tokens=400, new_tokens=100)
    assert prices.price(table, "http://host#a", usage) == pytest.approx((600 * 2 + 400 * 0.5 + 100 * 10) / 1e6)
    assert prices.price(table, "http://host#b", usage) == pytest.approx((1000 * 2 + 100 * 10) / 1e6)


def test_what_is_not_known_has_no_price() -> None:
    table = prices.read({"http://host#a": (2, 10)})
    assert prices.price(table, "tiny", Usage(10, 0, 5)) is None
    assert prices.price(table, "http://host#a", Usage()) is None, "it was refused before a token was counted"
    assert prices.price(prices.read({"free": (0, 0)}), "free", Usage(10, 0, 5)) == 0.0, "free is known"


@pytest.mark.parametrize(
    "table",
    [None, [1, 2], {"a": 3}, {"a": (1,)}, {"a": (1, 2, 3, 4)}, {"a": (1, -2)}, {"a": (1, float("nan"))}, {5: (1, 2)}],
)
def test_a_table_that_is_none_is_refused(table: Any) -> None:
    with pytest.raises(UsageError) as refused:
        prices.read(table)
    assert "vnb.prices" in refused.value.hint


def test_sums_are_known_if_all_of_them_are() -> None:
    priced, other = Usage(10, 0, 5, joules=2.0, price=0.25), Usage(10, 0, 5, joules=3.0)
    assert (metrics.summed([priced, priced]).price, metrics.summed([priced, other]).joules) == (0.5, 5.0)
    assert metrics.summed([priced, other]).price is None, "half of it would look like the whole"
    assert metrics.summed([priced, Usage()]).price == 0.25, "no model was called"
    assert metrics.summed([]).price is metrics.summed([Usage()]).joules is None
