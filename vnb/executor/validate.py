"""Whether an output is what it had to be."""

from __future__ import annotations

import json
import re

from ..core.types import Constraint
from ..errors import EngineError


class MismatchError(EngineError):
    """An output that is not what it had to be: asked again with what was wrong, a model may do better."""


class FaultError(MismatchError):
    """A check found a fault; the message is the fault."""


def require_verdict(text: str) -> None:
    """Reads what a check step decided.

    Raises:
        FaultError: It found a fault.
        MismatchError: The answer is not a verdict.
    """
    try:
        found = json.loads(text)
        good, reason = bool(found["good"]), " ".join(str(found["reason"]).split())
    except (ValueError, KeyError, TypeError):
        raise MismatchError(f"The answer is not a verdict: {text[:60]!r}.") from None
    if not good:
        raise FaultError(f"The check found a fault: {reason or 'no reason was given'}")


def require(constraint: Constraint | None, text: str, what: str) -> None:
    """Checks a finished output against a constraint or a check.

    Args:
        what: `output` or `check`: what to call it in the error.

    Raises:
        MismatchError: It does not match.
        EngineError: The constraint itself is wrong.
    """
    if constraint is None or constraint.kind == "python":  # a condition is run: `program.require_all`
        return
    name = "its check" if what == "check" else "its constraint"
    if constraint.kind == "regex":
        try:
            matched = re.fullmatch(constraint.text, text, re.DOTALL)
        except re.error as error:
            raise EngineError(f"The regular expression {constraint.text!r} is wrong: {error}.") from None
        if matched is None:
            raise MismatchError(f"The output {text[:60]!r} does not match {name}, {constraint.text!r}.")
        return
    import jsonschema  # here, since most runs need none and it takes a while to import
    import referencing
    import referencing.exceptions

    try:
        schema = json.loads(constraint.text)
        jsonschema.Draft202012Validator.check_schema(schema)
    except (ValueError, jsonschema.SchemaError) as error:
        reason = getattr(error, "message", error)
        raise EngineError(
            f"The JSON schema is wrong: {reason}.", "See json-schema.org; --schema takes a dict."
        ) from None
    try:
        # an empty registry: a `$ref` to somewhere else is not fetched
        jsonschema.Draft202012Validator(schema, registry=referencing.Registry()).validate(json.loads(text))
    except referencing.exceptions.Unresolvable as error:
        raise EngineError(
            f"The JSON schema refers to {error.ref!r}, which is not in it.", "Put it under $defs."
        ) from None
    except ValueError:
        raise MismatchError(f"The output is not JSON, as {name} asks: {text[:60]!r}.") from None
    except jsonschema.ValidationError as error:
        raise MismatchError(f"The output does not match {name}: {error.message[:200]}.") from None
