"""Constraints: checked, and in the words of llguidance, which holds outputs to them in both local engines."""

from __future__ import annotations

import json
import re
from typing import Any

from ..core.types import Constraint
from ..errors import EngineError

TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}


def schema_of(text: str) -> dict[str, Any]:
    """The JSON schema.

    Raises:
        EngineError: It is no JSON, or no schema.
    """
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise EngineError(f"The JSON schema is not JSON: {error}", "Check the schema.") from None
    _check_schema(schema, "#")
    assert isinstance(schema, dict)
    return schema


def guided_schema(text: str) -> dict[str, Any]:
    """The JSON schema, to be decoded without whitespace between the values.

    Raises:
        EngineError: It is no JSON, or no schema.
    """
    return {"x-guidance": {"whitespace_flexible": False}, **schema_of(text)}


def regex_grammar(pattern: str) -> str:
    """A pattern without anchors, as the grammar that llama.cpp hands to llguidance."""
    escaped = re.sub(r"(\\.)|/", lambda m: m[1] or r"\/", pattern, flags=re.DOTALL).replace("\n", r"\n")
    return f"%llguidance {{}}\nstart: /{escaped}/\n"


def without_anchors(pattern: str) -> str:
    """The pattern without `^` and `$` around it: outputs match whole anyway."""
    pattern = pattern.removeprefix("^")
    return pattern[:-1] if re.search(r"(?<!\\)(\\\\)*\$$", pattern) else pattern


def check_output(text: str, constraint: Constraint) -> None:
    """What was decoded under a constraint must match it.

    Raises:
        EngineError: It does not, so the engine did not understand the constraint.
    """
    hint = "The engine does not support this constraint; make it simpler."
    if constraint.kind == "json_schema":
        try:
            json.loads(text)
        except ValueError as error:
            raise EngineError(f"The output is not the JSON that was asked for: {error}", hint) from None
        return
    try:
        matches = re.fullmatch(constraint.text, text) is not None
    except re.error:
        return  # a pattern in the engine's dialect that Python does not read
    if not matches:
        raise EngineError(f"The output does not match {constraint.text!r}.", hint)


def _check_schema(schema: Any, where: str) -> None:
    if isinstance(schema, bool) and where != "#":
        return
    if not isinstance(schema, dict):
        raise EngineError(f"The JSON schema is no object at {where}.", "Check the schema.")
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in TYPES:
            raise EngineError(f"The JSON schema has an unknown type {kind!r} at {where}.", "Check the schema.")
    for key in ("properties", "$defs", "definitions", "patternProperties"):
        for name, inner in schema[key].items() if isinstance(schema.get(key), dict) else ():
            _check_schema(inner, f"{where}/{key}/{name}")
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for place, inner in enumerate(schema[key] if isinstance(schema.get(key), list) else ()):
            _check_schema(inner, f"{where}/{key}/{place}")
    for key in ("items", "additionalProperties"):
        if key in schema:
            _check_schema(schema[key], f"{where}/{key}")
