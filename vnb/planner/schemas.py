"""The JSON schemas that the answers of the reserved steps are decoded under.

The order of the properties is the order in which they are decoded. Where the engine holds a schema to the letter
(`strict`), each place of a plan has its own: the id is fixed, a need can only be an earlier step, and an instruction
begins with something that a language model can do. Servers get the plain form, and what they answer is checked.
"""

from __future__ import annotations

import json

from ..core.types import Constraint, Json
from .wording import Words

Schema = dict[str, Json]


def constraint(schema: Schema) -> Constraint:
    """The schema as a constraint, decoded without blanks that cost tokens; its properties keep their order."""
    whole: Schema = {"x-guidance": {"whitespace_flexible": False}, **schema}
    return Constraint("json_schema", json.dumps(whole, ensure_ascii=False, separators=(",", ":")))


def verdict() -> Schema:
    """Of a check: the reason comes first, so that the judgement follows from it."""
    return _object(reason=_string(300), good={"type": "boolean"})


def table() -> Schema:
    """Of the columns of a table."""
    name: Schema = {"type": "string", "pattern": r'^[^\s"\\{}:,_]{1,16}$'}
    column = _object(name=name, type={"enum": ["text", "number"]})
    return _object(columns=_array(column, 2, 6))


def brief() -> Schema:
    """Of the reader's answer, for ordinary models."""
    return _object(goal=_string(300), deliverable=_string(120), constraints=_array(_string(200), 0, 8))


def compact_brief() -> Schema:
    """Of vnb-tiny's brief."""
    return _object(
        goal=_string(300), deliverable=_string(200), constraints=_array(_string(200), 0, 8), language=_string(40)
    )


def plan(bounds: tuple[int, int], words: Words | None, strict: bool, independent: bool = False) -> Schema:
    """Of a plan.

    Args:
        bounds: The least and the most steps.
        words: The planner's words; `None` for vnb-tiny, whose steps have no titles and whose plans name no deliverable.
        strict: Whether each place has a schema of its own.
        independent: No step may need another.
    """
    low, high = bounds
    if words is None:
        return _object(steps=_array(_object(**_step()), low, high))
    ids = [f"s{number}" for number in range(1, high + 1)]
    if not strict:
        step = {**_titled(), "needs": _array(_id(), 0, 0)} if independent else _titled()
        return _object(steps=_array(_object(**step), low, high), deliver=_array(_id(), 1, high))
    steps: Schema = {
        "type": "array",
        "prefixItems": [
            _object(**_placed([] if independent else ids[:place], ids[place], words)) for place in range(high)
        ],
        "items": False,
        "minItems": low,
        "maxItems": high,
    }
    return _object(steps=steps, deliver=_array({"enum": [*ids]}, 1, high))


def review(most: int, titled: bool, must_change: bool) -> Schema:
    """Of a review's changes, at most `most`.

    Args:
        titled: Whether steps have titles.
        must_change: Something went wrong: the review changes something, or gives up and says why.
    """
    change = _object(op={"enum": ["add", "drop", "reword"]}, **(_titled() if titled else _step()))
    if not must_change:
        return _object(changes=_array(change, 0, most))
    return {"anyOf": [_object(changes=_array(change, 1, most)), _object(give_up=_string(200, 5))]}


def _placed(earlier: list[str], own: str, words: Words) -> Schema:
    """A step at its place in the plan."""
    needs = _array({"enum": [*earlier]}, 0, len(earlier)) if earlier else _array({"type": "string"}, 0, 0)
    return {
        "id": {"const": own},
        "title": _string(40, 2),
        "instruction": {"type": "string", "pattern": words.pattern},
        "needs": needs,
    }


def _titled() -> Schema:
    step = _step()
    return {"id": step["id"], "title": _string(60, 1), "instruction": _string(400, 4), "needs": step["needs"]}


def _step() -> Schema:
    return {"id": _id(), "instruction": _string(400), "needs": _array(_id(), 0, 12)}


def _id() -> Json:
    return {"type": "string", "pattern": r"^s[0-9]{1,2}(\.[0-9]{1,2})*$"}


def _string(most: int, least: int = 0) -> Json:
    return {"type": "string", **({"minLength": least} if least else {}), "maxLength": most}


def _array(items: Json, low: int, high: int) -> Json:
    return {"type": "array", "items": items, "minItems": low, "maxItems": high}


def _object(**properties: Json) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
