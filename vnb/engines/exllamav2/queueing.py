"""Which waiting request goes next: pages decide what fits, shared pages what goes first, and nobody waits for ever."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from typing import Literal

from ...core.types import Admission

PAGE = 256
"""Tokens of one page of the KV cache."""
PATIENCE = 4
"""How often a waiting request is passed by later ones."""


def pages_for(tokens: int) -> int:
    """Pages that so many tokens take."""
    return -(-tokens // PAGE)


def page_keys(ids: Sequence[int]) -> tuple[bytes, ...]:
    """A chained digest for each page that the prompt fills: equal keys are pages that can be shared.

    The last token is never in a shared page, since its logits are needed.
    """
    keys: list[bytes] = []
    before = b""
    for start in range(0, (len(ids) - 1) // PAGE * PAGE, PAGE):
        before = blake2b(before + array("q", ids[start : start + PAGE]).tobytes(), digest_size=16).digest()
        keys.append(before)
    return tuple(keys)


@dataclass(eq=False)
class Place:
    """What a request takes of the cache.

    Attributes:
        pages: All pages, reserved when it starts.
        passed: How often later ones went before it.
        waits: What it waits for.
        number: Another one for each request of this process.
        admission: How it started, once it has.
    """

    keys: tuple[bytes, ...]
    pages: int
    passed: int = 0
    waits: Literal["", "slot", "pages"] = ""
    number: int = field(default_factory=count(1).__next__)
    admission: Admission | None = None


@dataclass
class Line:
    """Waiting and running requests.

    Args:
        slots: The most that run together.
        pages: Pages of the cache.
    """

    slots: int
    pages: int
    waiting: list[Place] = field(default_factory=list)
    running: list[Place] = field(default_factory=list)
    _held: Counter[bytes] = field(default_factory=Counter)

    def free_pages(self) -> int:
        """Pages that no running request holds; shared ones count once."""
        own = sum(place.pages - len(place.keys) for place in self.running)
        return self.pages - own - len(self._held)

    def next_up(self) -> Place | None:
        """Starts one request, if one fits: the one that shares most pages with those that run, else the oldest.

        Who was passed `PATIENCE` times is next whatever the others share.
        """
        if len(self.running) >= self.slots:
            self._wait("slot")
            return None
        free = self.free_pages()
        chosen = -1
        most = -1
        for index, place in enumerate(self.waiting):
            shared = sum(key in self._held for key in place.keys)
            if shared > most and place.pages - shared <= free:
                chosen, most = index, shared
            if place.passed >= PATIENCE:
                break
        if chosen < 0:
            self._wait("pages")
            return None
        passed = self.waiting[:chosen]
        for place in passed:
            place.passed += 1
        place = self.waiting.pop(chosen)
        sharing = [one.number for one in self.running if most and one.keys[:1] == place.keys[:1]]
        place.admission = Admission(
            place.number, place.pages, most, tuple(sharing), tuple(one.number for one in passed), place.waits
        )
        self.running.append(place)
        self._held.update(place.keys)
        return place

    def _wait(self, what: Literal["slot", "pages"]) -> None:
        for place in self.waiting:
            place.waits = what

    def leave(self, place: Place) -> None:
        """Takes a request out, waiting or running."""
        if place in self.waiting:
            self.waiting.remove(place)
        elif place in self.running:
            self.running.remove(place)
            self._held.subtract(place.keys)
            self._held = +self._held
