"""Runs inside the sandbox, before a program: makes the function that turns the program's value into JSON text.

The value itself never leaves the sandbox. Rebuilding it outside could take for ever (a tuple of tuples, as the key of a
dict, is hashed for ever), and outside nothing stops that. This is Monty's Python: no `yield`, no `del`, no inheritance.
"""

from __future__ import annotations

import typing as _vnb_typing

_Any = _vnb_typing.Any


# Builtins are bound as defaults, since the program may give their names to something else.
def _vnb_shower(
    most: int,
    deepest: int = 100,
    huge: int = 10**4000,
    abs: _Any = abs,
    bool: _Any = bool,
    bytes: _Any = bytes,
    dict: _Any = dict,
    float: _Any = float,
    getattr: _Any = getattr,
    hasattr: _Any = hasattr,
    int: _Any = int,
    isinstance: _Any = isinstance,
    iter: _Any = iter,
    len: _Any = len,
    list: _Any = list,
    range: _Any = range,
    set: _Any = set,
    frozenset: _Any = frozenset,
    sorted: _Any = sorted,
    str: _Any = str,
    tuple: _Any = tuple,
    type: _Any = type,
    LookupError: _Any = LookupError,
    OverflowError: _Any = OverflowError,
    TypeError: _Any = TypeError,
    BaseException: _Any = BaseException,
) -> _Any:
    """The function that writes a value as JSON: `{"value": …}`, `{"opaque": its type}` or `{"unfit": why}`.

    Args:
        most: The most characters.
        deepest: The most lists inside each other.
        huge: The least number that is too large.
    """
    from collections import deque
    from datetime import date, time
    from decimal import Decimal
    from json import dumps

    left = most
    long = f"is longer than {most:,} characters"

    def read(value: _Any, depth: int) -> _Any:
        nonlocal left
        left -= 2  # at least: a digit and a comma
        if left < 0:
            raise OverflowError(long)
        if depth > deepest:
            raise OverflowError(f"is nested more than {deepest} deep")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            if abs(value) >= huge:
                raise OverflowError("has a whole number of more than 4,000 digits")
            return value
        if isinstance(value, float):
            return value if value - value == 0 else str(value)
        if isinstance(value, bytes):
            try:
                value = value.decode()
            except BaseException:
                value = value.hex()
        if isinstance(value, str):
            left -= len(value)
            return value
        if isinstance(value, dict):
            return {
                key if isinstance(key, str) else name(key, depth): read(one, depth + 1) for key, one in value.items()
            }
        for mark in ("_fields", "__dataclass_fields__"):  # of a named tuple, of a dataclass
            if type(value).__name__ != "type" and hasattr(value, mark):
                return {field: read(getattr(value, field), depth + 1) for field in getattr(value, mark)}
        if isinstance(value, (list, tuple, deque, range)):
            return [read(one, depth + 1) for one in value]
        if isinstance(value, (set, frozenset)):
            items = [read(one, depth + 1) for one in value]
            try:
                return sorted(items)
            except TypeError:
                return sorted(items, key=str)
        if isinstance(value, Decimal):
            return number(value)
        if isinstance(value, (date, time)):
            return value.isoformat()
        if isinstance(value, BaseException):
            return f"{type(value).__name__}: {value}"
        return other(value, depth)

    def name(key: _Any, depth: int) -> str:
        shown = read(key, depth + 1)
        return shown if isinstance(shown, str) else str(shown)

    def number(value: _Any) -> _Any:
        if not value.is_finite() or abs(value.adjusted()) > 15:
            return str(value)
        if value == value.to_integral_value():
            return int(value)
        return float(value) if Decimal(str(float(value))) == value else str(value)

    def other(value: _Any, depth: int) -> _Any:
        try:
            items = iter(value)
        except TypeError:
            text = str(value)
            if depth == 0 and text[:1] == "<" and text[-1:] == ">":
                raise LookupError(type(value).__name__) from None
            return read(text, depth)
        return [read(one, depth + 1) for one in items]

    def show(value: _Any) -> str:
        nonlocal left
        left = most
        try:
            text = dumps({"value": read(value, 0)}, ensure_ascii=False)
            return text if len(text) <= most else dumps({"unfit": long})
        except OverflowError as error:
            return dumps({"unfit": str(error)})
        except LookupError as error:
            return dumps({"opaque": str(error)})

    return show
