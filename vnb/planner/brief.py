"""The brief: what the task was understood to be."""

from __future__ import annotations

import json
import re

from ..core.types import Brief, Json
from ..errors import PlanError


def read_brief(text: str) -> Brief:
    """The brief that the model wrote as JSON; lenient, since a brief can always be made.

    Raises:
        PlanError: There is no JSON object, or it states no goal.
    """
    data = read_object(text)
    goal = data.get("goal")
    if not isinstance(goal, str) or not goal.strip():
        raise PlanError("The brief states no goal.", "Say in one sentence what is to be reached.")
    constraints = data.get("constraints")
    return Brief(
        goal.strip(),
        _string(data, "deliverable"),
        tuple(str(item).strip() for item in constraints) if isinstance(constraints, list) else (),
        _string(data, "language"),
    )


def read_object(text: str) -> dict[str, Json]:
    """The JSON object in a model's answer, also inside a code fence.

    Raises:
        PlanError: There is none.
    """
    fenced = re.search(r"```(?:json)?\s*(\{.*\})\s*```", text, re.DOTALL)
    try:
        data = json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise PlanError(f"The model answered with something that is no JSON object: {text[:80]!r}.")
    return data


def _string(data: dict[str, Json], name: str) -> str:
    value = data.get(name)
    return value.strip() if isinstance(value, str) else ""
