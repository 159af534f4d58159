"""Constraints in the words of llguidance, which holds outputs to them in both local engines."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import EngineError

TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}


def guided_schema(text: str) -> dict[str, Any]:
    """The JSON schema, to be decoded without whitespace between the values.

    Raises:
        EngineError: It is no JSON, or no schema.
    """
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise EngineError(f"The JSON schema is not JSON: {error}", "Check the schema.") from None
    _check_schema(schema, "#")
    return {"x-guidance": {"whitespace_flexible": False}, **schema}


def without_anchors(pattern: str) -> str:
    """The pattern without `^` and `$` around it: outputs match whole anyway."""
    pattern = pattern.removeprefix("^")
    return pattern[:-1] if re.search(r"(?<!\\)(\\\\)*\$$", pattern) else pattern


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
