"""Writes `src/protocol/types.gen.ts`: the types of `vnb.core` in TypeScript, with what is needed to read their JSON.

`python -m labextension.generate_types` writes the file, `--check` only says whether it is current.
"""

from __future__ import annotations

import collections.abc
import json
import sys
import types as pytypes
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Union, cast, get_args, get_origin

from vnb.core import codec, events, types, view
from vnb.core.types import Json
from vnb.views.bundle import MIME, VERSION

FILE = Path(__file__).parent / "src" / "protocol" / "types.gen.ts"

_HEAD = """\
// Generated from vnb/core by labextension/generate_types.py; see CONTRIBUTING.md. Not edited by hand.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** How the JSON of a value is read; `shape` names an entry of SHAPES, `tagged` chooses one by the field `type`. */
export type Kind =
  | "string"
  | "number"
  | "boolean"
  | { enum: readonly string[] }
  | { optional: Kind }
  | { list: Kind }
  | { tuple: readonly Kind[] }
  | { map: Kind }
  | { shape: keyof Shapes }
  | { tagged: readonly (keyof Shapes)[] };

/** A field with its name, its kind and, unless it must be there, the JSON of its default. */
export type Field = readonly [name: string, kind: Kind, fallback?: Json];
"""


def text() -> str:
    """The whole file."""
    blocks = [_HEAD, f'export const MIME = "{MIME}";\nexport const VERSION = {VERSION};\n']
    blocks += _literals()
    kinds = list(_dataclasses())
    blocks += [_interface(kind) for kind in kinds]
    bodies = "\n".join(f"  | {_tagged(name)}" for name in codec.BODIES)
    blocks.append(f"/** Any event's body, told apart by `type`. */\nexport type Body =\n{bodies};\n")
    blocks.append(f"export const BODIES = {json.dumps(list(codec.BODIES))} as const;\n")
    named = "\n".join(f"  {kind.__name__}: {kind.__name__};" for kind in kinds)
    blocks.append(f"/** Every type by its name. */\nexport interface Shapes {{\n{named}\n}}\n")
    shapes = "\n".join(_shape(kind) for kind in kinds)
    blocks.append(f"export const SHAPES: Readonly<Record<keyof Shapes, readonly Field[]>> = {{\n{shapes}\n}};\n")
    rows = [kind.__name__ for kind in kinds if kind in codec.POSITIONAL]
    blocks.append(
        f"/** Types that are written as arrays. */\nexport const POSITIONAL: readonly string[] = {json.dumps(rows)};\n"
    )
    return "\n".join(blocks)


_NAMES = {value: name for name, value in vars(types).items() if get_origin(value) is Literal}
"""The sets of words that have a name, such as `StepStatus`."""


def _literals() -> Iterator[str]:
    for words, name in _NAMES.items():
        yield f"export type {name} = {_words(words)};\n"


def _words(literal: Any) -> str:
    return " | ".join(map(json.dumps, get_args(literal)))


def _dataclasses() -> Iterator[type]:
    """Every dataclass of the core but `Event`, whose body is written flat."""
    modules: tuple[ModuleType, ...] = (types, events, view)
    for module in modules:
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__ and value is not events.Event
            if own and is_dataclass(value):
                yield cast(type, value)


def _fields(kind: type) -> Iterator[tuple[Field[Any], Any]]:
    """The fields with their types, in the order in which they are written."""
    hints = typing.get_type_hints(kind)
    every = {field.name: field for field in fields(kind)}
    for name in codec.POSITIONAL.get(kind, tuple(every)):
        yield every[name], hints[name]


def _interface(kind: type) -> str:
    lines = [f"  {field.name}: {_typescript(hint)};" for field, hint in _fields(kind)]
    said = (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")
    said = "" if said.startswith(f"{kind.__name__}(") else said
    head = f"/** {said} */\n" if said else ""
    body = "\n".join(lines)
    if not lines:
        return f"{head}export type {kind.__name__} = Record<never, never>;\n"
    return f"{head}export interface {kind.__name__} {{\n{body}\n}}\n"


def _tagged(name: str) -> str:
    return f'({name} & {{ type: "{name}" }})'


def _typescript(hint: Any) -> str:
    """A Python type in TypeScript."""
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, pytypes.UnionType):
        if type(None) not in members:
            return " | ".join(_tagged(member.__name__) for member in members)
        return f"{_typescript(members[0])} | null"
    if origin is Literal:
        return _NAMES.get(hint) or _words(hint)
    if origin in (tuple, list):
        if origin is list or members[-1] is Ellipsis:
            inner = _typescript(members[0])
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        return f"[{', '.join(map(_typescript, members))}]"
    if origin in (dict, collections.abc.Mapping):
        return f"Map<string, {_typescript(members[1])}>"
    plain = {str: "string", int: "number", float: "number", bool: "boolean"}
    return plain.get(hint) or str(hint.__name__)


def _kind(hint: Any) -> Json:
    """How the JSON of a type is read, as a `Kind`."""
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, pytypes.UnionType):
        if type(None) not in members:
            return {"tagged": [member.__name__ for member in members]}
        return {"optional": _kind(members[0])}
    if origin is Literal:
        return {"enum": list(members)}
    if origin in (tuple, list):
        if origin is list or members[-1] is Ellipsis:
            return {"list": _kind(members[0])}
        return {"tuple": [_kind(member) for member in members]}
    if origin in (dict, collections.abc.Mapping):
        return {"map": _kind(members[1])}
    plain = {str: "string", int: "number", float: "number", bool: "boolean"}
    return plain.get(hint) or {"shape": hint.__name__}


def _shape(kind: type) -> str:
    lines = [f"    {json.dumps(_field(field, hint))}," for field, hint in _fields(kind)]
    body = "\n".join(lines)
    return f"  {kind.__name__}: [\n{body}\n  ]," if lines else f"  {kind.__name__}: [],"


def _field(field: Field[Any], hint: Any) -> list[Json]:
    found: list[Json] = [field.name, _kind(hint)]
    if field.default is not MISSING:
        found.append(codec.encode(field.default))
    elif field.default_factory is not MISSING:
        found.append(codec.encode(field.default_factory()))
    return found


def main() -> int:
    current = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    made = text()
    if sys.argv[1:] == ["--check"]:
        if made != current:
            print(f"{FILE.name} is not what vnb/core says: python -m labextension.generate_types", file=sys.stderr)
        return int(made != current)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
