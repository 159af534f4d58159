"""The value of a program as a text."""

from __future__ import annotations

import json
import math

from ..core.types import Json

_DIGITS = 15
"""As many as a float has for certain: `0.1 + 0.2` is 0.3 in them."""


def as_text(value: Json) -> str:
    """A value as one would write it: a string as it is, `12` for `12.0`, lists and dicts as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(_plain(value))


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 10**21 else rounded
