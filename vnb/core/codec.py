"""Values to JSON and back. Fields that have their default are left out; tokens are arrays, since there are many."""

from __future__ import annotations

import collections.abc
import functools
import types as pytypes
import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

from ..errors import CodecError
from . import events
from .types import Alternative, Json, Token

T = TypeVar("T")

BODIES: dict[str, type] = {body.__name__: body for body in get_args(events.Body)}
"""Every event body by its name."""

POSITIONAL: dict[type, tuple[str, ...]] = {
    Token: ("id", "text", "dt", "logprob", "top", "bytes"),
    Alternative: ("id", "text", "logprob"),
}
"""Types that are written as arrays, in this order, without the defaults at the end."""


def encode(value: object) -> Json:
    """JSON of a value of `vnb.core`: dataclasses, tuples, mappings, strings, numbers, booleans, `None`."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if type(value) is Token:
        return _encode_token(value)
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, collections.abc.Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        shape = _shape(cast(Any, type(value)))
        if shape.positional:
            said = [(field, getattr(value, field.name)) for field in shape.fields]
            while _is_default(*said[-1]):
                said.pop()
            return [encode(item) for _, item in said]
        pairs = ((field, getattr(value, field.name)) for field in shape.fields)
        return {field.name: encode(item) for field, item in pairs if not _is_default(field, item)}
    raise CodecError(f"{type(value).__name__} has no JSON form.", "This is a fault in vnb; please report it.")


def _encode_token(token: Token) -> Json:
    """What `encode` would give; apart, since a run has more tokens than anything else."""
    items: list[Json] = [token.id, token.text, token.dt]
    if token.bytes or token.top:
        items += [token.logprob, [[other.id, other.text, other.logprob] for other in token.top]]
        if token.bytes:
            items.append(token.bytes)
    elif token.logprob is not None:
        items.append(token.logprob)
    return items


def decode(kind: type[T], data: Json) -> T:
    """The value of type `kind` that `data` describes.

    Raises:
        CodecError: A field is missing, unknown or of the wrong type.
    """
    return cast(T, _decoder(cast(Any, kind))(data))


def encode_event(event: events.Event) -> dict[str, Json]:
    """JSON object of an event: `run_id`, `seq`, `at`, `type` and the body's own fields."""
    body = cast("dict[str, Json]", encode(event.body))
    return {"run_id": event.run_id, "seq": event.seq, "at": event.at, "type": type(event.body).__name__, **body}


def decode_event(data: Json) -> events.Event:
    """The event that `encode_event` wrote.

    Raises:
        CodecError: The object is not an event, or of a type that this version does not know.
    """
    if not isinstance(data, dict):
        raise CodecError("An event must be a JSON object.")
    rest = dict(data)
    try:
        run_id, seq, at, name = rest.pop("run_id"), rest.pop("seq"), rest.pop("at"), rest.pop("type")
    except KeyError as error:
        raise CodecError(f"The event has no {error}.") from None
    body = BODIES.get(str(name))
    if body is None:
        raise CodecError(f"Unknown event type {name!r}.", "It was written by a newer vnb: pip install -U vnb")
    return events.Event(
        decode(str, run_id), decode(int, seq), decode(float, at), cast("events.Body", decode(body, rest))
    )


# ---------------------------------------------------------------- how types are read


class _Shape:
    """What the codec needs to know of a dataclass, looked up once."""

    def __init__(self, kind: type) -> None:
        every = {field.name: field for field in fields(kind)}
        self.positional = kind in POSITIONAL
        names = POSITIONAL.get(kind, tuple(every))
        self.fields: tuple[Field[Any], ...] = tuple(every[name] for name in names)


@functools.cache
def _shape(kind: type) -> _Shape:
    return _Shape(kind)


def _is_default(field: Field[Any], value: object) -> bool:
    if field.default is not MISSING:
        return value is field.default or (type(value) is type(field.default) and value == field.default)
    return field.default_factory is not MISSING and value == field.default_factory()


@functools.cache
def _decoder(kind: Any) -> Callable[[Json], Any]:
    origin = get_origin(kind)
    if origin in (Union, pytypes.UnionType):
        return _optional(kind)
    if origin is Literal:
        return _literal(get_args(kind))
    if origin is tuple:
        return _tuple(get_args(kind))
    if origin is collections.abc.Mapping:
        return _mapping(get_args(kind)[1])
    if kind is Token:
        return _token(_dataclass(Token))
    if is_dataclass(kind):
        return _dataclass(cast(type, kind))
    if kind in (str, int, float, bool):
        return _plain(kind)
    raise CodecError(f"{kind} has no JSON form.", "This is a fault in vnb; please report it.")


def _token(careful: Callable[[Json], Any]) -> Callable[[Json], Any]:
    """Reads what `_encode_token` wrote in one go, and everything else as any dataclass is read."""

    def read(data: Json) -> Any:
        if type(data) is not list or not 3 <= len(data) <= 5 or (len(data) == 5 and type(data[4]) is not list):
            return careful(data)
        id, text, dt, *rest = data
        logprob = rest[0] if rest else None
        if type(id) is not int or type(text) is not str or type(dt) is not float or type(logprob) is not float:
            return careful(data)
        top = []
        for other in cast("list[Any]", rest[1]) if len(rest) > 1 else ():
            if type(other) is not list or [*map(type, other)] != _ALTERNATIVE:
                return careful(data)
            top.append(Alternative(*other))
        return Token(id, text, dt, logprob, tuple(top))

    return read


_ALTERNATIVE = [int, str, float]


def _plain(kind: type) -> Callable[[Json], Any]:
    def read(data: Json) -> Any:
        if type(data) is kind:
            return data
        if kind is float and type(data) is int:
            return float(data)
        raise CodecError(f"Expected {kind.__name__}, got {str(data)[:40]!r}.")

    return read


def _literal(allowed: tuple[Any, ...]) -> Callable[[Json], Any]:
    def read(data: Json) -> Any:
        if data in allowed:
            return data
        raise CodecError(f"Expected one of {', '.join(map(str, allowed))}, got {str(data)[:40]!r}.")

    return read


def _optional(kind: Any) -> Callable[[Json], Any]:
    inner = [_decoder(member) for member in get_args(kind) if member is not type(None)]
    if len(inner) != 1:
        raise CodecError(f"{kind} has no JSON form.", "This is a fault in vnb; please report it.")
    return lambda data: None if data is None else inner[0](data)


def _tuple(members: tuple[Any, ...]) -> Callable[[Json], Any]:
    repeated = len(members) == 2 and members[1] is Ellipsis
    readers = [_decoder(member) for member in members if member is not Ellipsis]

    def read(data: Json) -> Any:
        if not isinstance(data, list) or not (repeated or len(data) == len(readers)):
            raise CodecError(f"Expected a list, got {str(data)[:40]!r}.")
        if repeated:
            return tuple(map(readers[0], data))
        return tuple(reader(item) for reader, item in zip(readers, data))

    return read


def _mapping(member: Any) -> Callable[[Json], Any]:
    reader = _decoder(member)

    def read(data: Json) -> Any:
        if not isinstance(data, dict):
            raise CodecError(f"Expected an object, got {str(data)[:40]!r}.")
        return {key: reader(item) for key, item in data.items()}

    return read


def _dataclass(kind: type) -> Callable[[Json], Any]:
    shape = _shape(kind)
    hints = typing.get_type_hints(kind)
    readers = {field.name: _decoder(hints[field.name]) for field in shape.fields}
    names, in_order = tuple(readers), tuple(readers.values())
    required = [f.name for f in shape.fields if f.default is MISSING and f.default_factory is MISSING]

    def read(data: Json) -> Any:
        if shape.positional and isinstance(data, list) and len(required) <= len(data) <= len(names):
            return kind(*[reader(item) for reader, item in zip(in_order, data)])
        if not isinstance(data, dict):
            raise CodecError(f"Expected {kind.__name__}, got {str(data)[:40]!r}.")
        for name in required:
            if name not in data:
                raise CodecError(f"{kind.__name__} has no {name!r}.")
        values = {}
        for name, item in data.items():
            reader = readers.get(name)
            if reader is None:
                raise CodecError(f"{kind.__name__} has no field {name!r}.", "A newer vnb wrote it: pip install -U vnb")
            values[name] = reader(item)
        return kind(**values)

    return read
