"""What attempts cost by a table of prices: `{"http://host:8000#model": (0.15, 0.60)}`, in any one currency.

An entry has the price of a million prompt tokens, of a million new ones, and, if it differs, of a million prompt tokens that
were in the provider's cache.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from ..errors import UsageError
from .types import Usage

Price = tuple[float, float, float]
"""Prices of a million tokens: prompt, new, cached prompt."""

NONE: Mapping[str, Price] = MappingProxyType({})

_HINT = 'vnb.prices = {"http://host:8000#model": (0.15, 0.60)}'


def read(table: object) -> dict[str, Price]:
    """The table as a user wrote it, checked.

    Raises:
        UsageError: It is no table, or an entry is no price; the message names it.
    """
    if not isinstance(table, Mapping):
        raise UsageError(f"vnb.prices must be a dict, not {type(table).__name__}.", _HINT)
    found = {}
    for spec, entry in table.items():
        numbers = list(entry) if isinstance(entry, (tuple, list)) else []
        good = all(isinstance(one, (int, float)) and math.isfinite(one) and one >= 0 for one in numbers)
        if not isinstance(spec, str) or len(numbers) not in (2, 3) or not good:
            raise UsageError(
                f"The price of {spec!r} must be two or three numbers a million tokens: prompt, new, cached.", _HINT
            )
        prompt, new, *cached = map(float, numbers)
        found[spec] = (prompt, new, cached[0] if cached else prompt)
    return found


def price(prices: Mapping[str, Price], spec: str, usage: Usage) -> float | None:
    """What `usage` costs on the engine of that spec; `None` if the table has no such engine, or no token is known."""
    if spec not in prices or not (usage.prompt_tokens or usage.new_tokens):
        return None
    prompt, new, cached = prices[spec]
    fresh = usage.prompt_tokens - usage.cached_tokens
    return (fresh * prompt + usage.cached_tokens * cached + usage.new_tokens * new) / 1e6
