"""Why a request went when it did, in words: what it took of the paged KV cache, and whom it shared it with."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.view import AttemptView, RunView
from ..locale import say
from . import clean

_WAITED = {"slot": "waited for a free slot", "pages": "waited for free pages"}


def words(view: RunView, attempt: AttemptView) -> str:
    """`3 pages, 2 of them shared with left; before right, which came earlier`; empty where the engine says nothing."""
    found = attempt.admission
    if found is None:
        return ""
    said = say(f"{clean.count(found.pages)} page{'s' * (found.pages != 1)} of the KV cache")
    if found.shared:
        said += say(f", {clean.count(found.shared)} of them shared with {_names(view, attempt, found.sharing)}")
    parts = [said]
    if found.passed:
        parts.append(say(f"went before {_names(view, attempt, found.passed)}, which came earlier"))
    return "; ".join([*parts, *([say(_WAITED[found.waited])] if found.waited else [])])


def _names(view: RunView, attempt: AttemptView, numbers: Iterable[int]) -> str:
    """The steps whose requests have these numbers; those of other runs are counted."""
    wanted = set(numbers)
    found = [
        clean.label(step.step.id, 40) + (f"#{other.number}" if len(step.attempts) > 1 else "")
        for step in list(view.steps.values())
        for other in list(step.attempts)
        if other.admission is not None and other.admission.request in wanted and _met(attempt, other)
    ]
    others = len(wanted) - len(found)
    if others > 0:
        found.append(say(f"{others} other request{'s' * (others > 1)}" if found or others > 1 else "another request"))
    return ", ".join(found)


def _met(attempt: AttemptView, other: AttemptView) -> bool:
    """Whether both were with one engine at one time; it counts its requests anew when it is loaded again."""
    until = other.ended_at or attempt.prefilled_at
    return other.engine == attempt.engine and other.started_at <= attempt.prefilled_at and attempt.started_at <= until
