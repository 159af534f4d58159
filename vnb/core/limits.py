"""What numbers an option may be, wherever it is said: in Python, in a magic, in a plan."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..errors import UsageError
from .types import Sampling

SAMPLING: dict[str, tuple[type, float, float]] = {
    "temperature": (float, 0, 100),
    "top_p": (float, 0, 1),
    "top_k": (int, 0, 10**6),
    "min_p": (float, 0, 1),
    "max_tokens": (int, 1, 10**7),
    "seed": (int, 0, 2**32 - 1),
    "repeat_penalty": (float, 0, 10),
    "dry": (float, 0, 100),
    "logprobs": (int, 0, 100),
}
"""The kind, the least and the most of each number of `Sampling`."""


def number(name: str, value: object) -> float | int:
    """`value` as the number that the option `name` of `Sampling` may be.

    Raises:
        UsageError: It is none, or out of range.
    """
    kind, low, high = SAMPLING[name]
    try:
        if isinstance(value, bool):
            raise ValueError
        found = kind(value)
        if isinstance(value, float) and found != value:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None or not low <= found <= high:
        what = "number" if kind is float else "whole number"
        raise UsageError(f"{name} must be a {what} from {low} to {high}, not {value!r}.", f"{name}={max(low, 0)}")
    result: float | int = found
    return result


def thinking(value: object) -> str:
    """`value` as the setting `think` of `Sampling`: `on`, `off`, or a number of tokens.

    Raises:
        UsageError: It is none of them.
    """
    said = {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value).strip().lower()
    if said in ("on", "off"):
        return said
    if said.isdecimal() and 1 <= int(said) <= SAMPLING["max_tokens"][2]:
        return str(int(said))
    raise UsageError(f"think must be on, off or a number of tokens from 1 on, not {value!r}.", "think=on")


def sampling(said: Mapping[str, Any]) -> Sampling:
    """Sampling from plain values by name; `stop` is a string or several.

    Raises:
        UsageError: There is no such setting, or its value is out of range.
    """
    names = [field.name for field in fields(Sampling)]
    values: dict[str, Any] = {}
    for name, value in said.items():
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Settings: {', '.join(names)}"
            raise UsageError(f"There is no setting {name!r}.", hint)
        if name == "stop":
            values[name] = (value,) if isinstance(value, str) else tuple(value)
        elif name == "think":
            values[name] = thinking(value)
        else:
            values[name] = number(name, value)
    return Sampling(**values)
