"""Maps: a step that is done once for each item of a list. A thousand of them must not bury the other steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.view import StepView
from ..locale import say
from . import clean
from .rows import Row

MOST = 8
"""The most items of a map that are listed without being asked for; see MOST_ITEMS in labextension/src/core/items.ts."""

_FIRST, _NOTABLE = 3, 12
"""So many items are listed from the beginning on, and of those that failed, are stale or are under way."""


def tally(row: Row) -> str:
    """How far a map is: `48 of 50 done, 1 failed, 1 running`; empty for other steps, and before there are items."""
    items = [item for item in row.items if item.status != "superseded"]
    if not items:
        return ""
    statuses = Counter(item.status for item in items)
    others = {
        "failed": statuses["failed"],
        "not done": statuses["skipped"] + statuses["cancelled"],
        "running": statuses["running"],
        "stale": sum(bool(item.stale) for item in items),
    }
    done = say(f"{clean.count(statuses['finished'])} of {clean.count(len(items))} done")
    return ", ".join([done, *(f"{clean.count(number)} {say(name)}" for name, number in others.items() if number)])


def notable(step: StepView) -> bool:
    """Whether one looks for this item among a thousand: it failed or is stale."""
    return step.status == "failed" or bool(step.stale)


def folds(row: Row) -> bool:
    """Whether the items of this step are folded away unless one asks for them."""
    return len(row.items) > MOST


def places(tree: Sequence[Row]) -> list[int]:
    """For each row the place in the tree of the folded map that it stands under; -1 for those that are always shown."""
    found: list[int] = []
    above: tuple[int, int] | None = None  # the place and the depth of a folded map
    for place, row in enumerate(tree):
        if above and row.depth <= above[1]:
            above = None
        found.append(above[0] if above else -1)
        if above is None and folds(row):
            above = place, row.depth
    return found


def order(tree: Sequence[Row]) -> list[int]:
    """The places of the rows in the order in which there is room for them: the always shown ones, then the items.

    Of these, those that one looks for come first.
    """
    under = places(tree)
    return sorted(
        range(len(tree)), key=lambda place: (under[place], under[place] >= 0 and not notable(tree[place].step))
    )


# ---------------------------------------------------------------- where nothing can be unfolded


@dataclass(frozen=True)
class Gap:
    """So many items of a map are left out here."""

    rails: tuple[bool, ...]
    number: int

    @property
    def said(self) -> str:
        return clean.more(self.number, "items")


def shortened(tree: Sequence[Row]) -> list[Row | Gap]:
    """The tree with only the first items of long maps, the last one, and those that one looks for."""
    kept: dict[str, set[str]] = {row.step.step.id: _kept(row.items) for row in tree if folds(row)}
    found: list[Row | Gap] = []
    above: int | None = None  # the depth of the item that was left out
    for row in tree:
        if above is not None and row.depth > above:
            continue
        above = None
        step = row.step.step
        if step.parent not in kept or step.id in kept[step.parent]:
            found.append(row)
            continue
        above = row.depth
        last = found[-1]
        if isinstance(last, Gap) and last.rails == row.rails:
            found[-1] = replace(last, number=last.number + 1)
        else:
            found.append(Gap(row.rails, 1))
    return found


def _kept(items: Sequence[StepView]) -> set[str]:
    looked_for = [item for item in items if notable(item) or item.status == "running"]
    kept = {item.step.id for item in (*items[:_FIRST], *looked_for[:_NOTABLE], items[-1])}
    ids = [item.step.id for item in items]
    alone = zip(ids, ids[1:], ids[2:])  # to say that one is left out takes as much room as to list it
    return kept | {id for before, id, after in alone if before in kept and after in kept}
