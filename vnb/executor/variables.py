"""The variables that a code step's program finds: the results that the step needs, and the task's inputs."""

from __future__ import annotations

from ..context.items import value_of
from ..core.types import Json, Step
from ..sandbox import variable_name
from .log import Log


def variables_of(log: Log, step: Step) -> dict[str, Json]:
    """The variables by name: inputs by theirs, results by the id of their step, `s2.1` as `s2_1`. Empty unless it is code.

    An input that a map goes over is not among them, as it is shown to no step. A text that is a JSON list, object or
    number is that value, and the result of a map is the list of its parts' results.
    """
    return values_of(log, step) if step.kind == "code" else {}


def values_of(log: Log, step: Step) -> dict[str, Json]:
    """The same for any step, as a condition finds them."""
    mapped = {one.over for one in log.view.plan if one.kind == "map"}
    inputs = {variable_name(name): value_of(text) for name, text in log.view.task.inputs.items() if name not in mapped}
    results = {
        variable_name(need): result_of(log, need)
        for need in log.graph.needs(step.id)
        if need in log.view.steps and log.view.steps[need].output
    }
    return {**inputs, **results}


def result_of(log: Log, step: str) -> Json:
    """The result of a step as a value."""
    found = log.view.steps[step]
    value = value_of(log.store.blob(found.output))
    if found.step.kind != "map" or isinstance(value, list):
        return value
    parts = [one.id for one in log.view.plan if one.parent == step and log.view.steps[one.id].output]
    return [result_of(log, part) for part in parts]
