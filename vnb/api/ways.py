"""The ways of answering that an evaluation compares: their names, and the options of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args

from ..core.types import Strategy
from ..errors import UsageError, listed
from .task import OPTION_NAMES

DRAWN = 0.7
"""The temperature at which several samples are drawn (Wang et al., 2023): equal answers would be no vote."""

DEFAULT: Mapping[str, Mapping[str, Any]] = {
    "planned": {},
    "direct": {"calls": 1},
    "self-consistency": {"calls": 5, "temperature": DRAWN},
}
"""The ways that are compared by default: how many calls answer the whole task (none: vnb does it), and options of the run."""

NAMED: Mapping[str, Mapping[str, Any]] = {
    **DEFAULT,
    **{name: {"strategy": name} for name in get_args(Strategy) if name not in DEFAULT},
    "vote": {"strategy": "vote", "temperature": DRAWN},
}
"""Every way that has a name. Strategies have their own, except `direct`: that is the bare call."""

REFUSED = ("approve", "plan_only", "plan", "reuse", "raw")
"""Options of a task that an evaluation sees to itself."""

Ways = Union[Sequence[str], Mapping[str, Mapping[str, Any]]]


def read_ways(ways: Ways, samples: int, options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The options of each way by its name: those of the way go before those of all.

    Args:
        samples: The calls of `self-consistency`, and the answers of a vote.

    Raises:
        UsageError: There is no such way or option, or a way contradicts itself.
    """
    known = {name: {**own, "calls": samples} if own.get("calls", 0) > 1 else own for name, own in NAMED.items()}
    named = dict(ways) if isinstance(ways, Mapping) else {name: known.get(name) for name in ways}
    found = {}
    for name, own in named.items():
        if own is None:
            raise UsageError(
                f"There is no way {name!r}.", f'Ways: {listed(NAMED)}; or ways={{"{name}": {{"calls": 1}}}}'
            )
        found[name] = _options(name, own, options)
        if found[name].get("strategy") == "vote" and not found[name].get("calls"):
            found[name].setdefault("samples", samples)
    if not found:
        raise UsageError("No way was named.", 'ways=("planned", "direct")')
    return found


def _options(name: str, own: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    found = {**options, **own}
    for key in found:
        if key in REFUSED or (key != "calls" and key not in OPTION_NAMES):
            hint = f"Options: calls, {', '.join(each for each in OPTION_NAMES if each not in REFUSED)}"
            raise UsageError(f"An evaluation has no option {key!r}.", hint)
    calls = found.get("calls", 0)
    if not isinstance(calls, int) or not 0 <= calls <= 1000:
        raise UsageError(f"samples and calls must be whole numbers up to 1000, not {calls!r}.", "samples=5")
    if own.get("calls") and "strategy" in own:
        raise UsageError(f"The way {name!r} has both calls and a strategy.", f'ways={{"{name}": {{"calls": {calls}}}}}')
    return found
