"""Why a run's plan is not as it was first."""

from __future__ import annotations

from ..core.events import PlanRevised
from ..core.view import RunView
from ..locale import say
from . import clean

_CHANGES = 3
"""The most changes of the plan that are listed where there is little room."""

_REPAIRED = "repaired: "
"""What reasons of repairs begin with."""


def changes(view: RunView) -> list[str]:
    """Why the plan is not as it was first, a line each; the last ones."""
    reasons = [revision.reason for revision in list(view.revisions)]
    said = [
        f"{say('plan repaired' if reason.startswith(_REPAIRED) else 'plan changed')}: "
        f"{clean.label(say(reason.removeprefix(_REPAIRED)), 300)}"
        for reason in reasons[-_CHANGES:]
    ]
    more = len(reasons) - len(said)
    return [*([clean.more(more, "changes")] if more else []), *said]


def why(revision: PlanRevised) -> str:
    """Why the plan was changed."""
    rest = say(revision.reason.removeprefix(_REPAIRED))
    return f"{say('repaired')}: {rest}" if revision.reason.startswith(_REPAIRED) else rest
