"""Two lists as one, when it is known which of their items belong together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Aligned(Generic[T]):
    """An item in the list before and in the list after; `None` where it is not in it.

    Attributes:
        moved: It stands in another order than most of the items that both lists have.
    """

    before: T | None
    after: T | None
    moved: bool = False


def align(before: Sequence[T], after: Sequence[T], partners: Mapping[int, int]) -> list[Aligned[T]]:
    """All items in the order of the list after; what is only before follows what it followed there.

    Args:
        before: The one list.
        after: The other.
        partners: For places after, the places before of the items that belong to them, each at most once.
    """
    in_order = sorted(partners)
    staying = {in_order[place] for place in rising([partners[place] for place in in_order])}
    fixed, matched = {partners[place] for place in staying}, set(partners.values())
    rows: list[Aligned[T]] = []
    reached = 0

    def pass_dropped() -> None:
        nonlocal reached
        while reached < len(before) and reached not in fixed:
            if reached not in matched:
                rows.append(Aligned(before[reached], None))
            reached += 1

    pass_dropped()
    for place, item in enumerate(after):
        partner = before[partners[place]] if place in partners else None
        rows.append(Aligned(partner, item, place in partners and place not in staying))
        if place in staying:
            reached = partners[place] + 1
            pass_dropped()
    return rows


def align_names(before: Mapping[str, T], after: Mapping[str, T]) -> list[tuple[str, Aligned[T]]]:
    """`align` of items that belong together by their names."""
    places = {name: place for place, name in enumerate(before)}
    partners = {place: places[name] for place, name in enumerate(after) if name in places}
    names = align(list(before), list(after), partners)
    found = ((row.after or row.before or "", row.moved) for row in names)
    return [(name, Aligned(before.get(name), after.get(name), moved)) for name, moved in found]


def rising(values: Sequence[int]) -> set[int]:
    """The places of a longest rising subsequence (patience sorting)."""
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for place, value in enumerate(values):
        length = bisect_left(ends, value)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [value]
        last[length : length + 1] = [place]
    found: set[int] = set()
    place = last[-1] if last else -1
    while place >= 0:
        found.add(place)
        place = previous[place]
    return found
