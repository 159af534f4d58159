"""The demands of the task that an output was checked for, in words."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.types import Verdict
from ..core.view import RunView
from ..locale import say
from . import clean


def checked(verdicts: Sequence[Verdict]) -> list[str]:
    """The demands that an output was checked for, a line each: `✓ in English`, `✗ three sentences: 5 sentences`."""
    return [_line(verdict) for verdict in verdicts]


def _line(verdict: Verdict) -> str:
    said = verdict.demand.text or verdict.demand.value  # the task's own language is demanded without a word
    if verdict.met:
        return f"✓ {clean.label(said)}"
    return f"✗ {clean.label(f'{said}: {say(verdict.found)}' if verdict.found else said)}"


def checks_of(verdicts: Sequence[Verdict]) -> str:
    """What stands above such a list."""
    return say(f"Demands of the task: {sum(one.met for one in verdicts)} of {len(verdicts)} met")


def verdicts(view: RunView) -> tuple[Verdict, ...]:
    """What the run's result was checked for: where it was integrated, or else the results of the steps."""
    steps = [step for step in list(view.steps.values()) if step.chosen and step.status != "superseded"]
    last = [step for step in steps if step.step.role == "integrate"] or steps
    return tuple(verdict for step in last for verdict in step.attempts[step.chosen - 1].verdicts)
