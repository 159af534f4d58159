"""Which slot a prompt goes to, so that what is already in the KV cache is not prefilled again.

A slot is one sequence in llama.cpp's KV cache. `Slots` remembers what stands in each, and copies of prefixes that were
saved to files: a busy slot cannot be copied, a file can be restored into any free one within milliseconds.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field

from ..prefix import common_prefix

SHARED = 64  # uncached tokens from which sharing is worth a request, a save and a restore
SAVED_BYTES = 512 << 20  # the most bytes of saved prefixes


@dataclass(eq=False)
class Slot:
    """What is known of one slot.

    Attributes:
        ids: The prompt that stands in it, as far as it was prefilled.
        cells: KV cells that it takes.
        used_at: A counter; smaller is longer ago.
    """

    index: int
    ids: tuple[int, ...] = ()
    cells: int = 0
    busy: bool = False
    used_at: int = 0


@dataclass(frozen=True)
class Saved:
    """A prefix in a file of the temporary folder."""

    name: str
    ids: tuple[int, ...]
    size: int


@dataclass
class Slots:
    """All slots and saved prefixes of an engine; bookkeeping only, no input or output but deleting files."""

    count: int
    folder: str
    slots: list[Slot] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    bytes_per_token: float = 0.0
    _clock: int = 0

    def __post_init__(self) -> None:
        self.slots = [Slot(index) for index in range(self.count)]

    def choose(self, ids: tuple[int, ...]) -> tuple[Slot, Saved | None]:
        """The free slot that has most of `ids`, and a file to restore into it if that has clearly more."""
        free = [s for s in self.slots if not s.busy]
        slot = max(free, key=lambda s: (common_prefix(s.ids, ids), -s.used_at))
        have = common_prefix(slot.ids, ids)
        saved = self.best_saved(ids)
        restore = saved if saved and common_prefix(saved.ids, ids) >= have + SHARED else None
        if restore:
            slot = min(free, key=lambda s: s.used_at)
        return slot, restore

    def occupy(self, slot: Slot) -> None:
        """Takes a slot; whoever takes it sets `busy` to false again."""
        slot.busy = True
        self._clock += 1
        slot.used_at = self._clock

    def best_saved(self, ids: tuple[int, ...]) -> Saved | None:
        """The file that has most of `ids`; looked at last is kept longest."""
        best = max(self.saved, key=lambda s: common_prefix(s.ids, ids), default=None)
        if best:
            self.saved.remove(best)
            self.saved.append(best)
        return best

    def worth_saving(self, ids: tuple[int, ...]) -> bool:
        """Whether no file covers `ids` yet, and one would fit."""
        if len(ids) < SHARED or len(self.slots) < 2 or len(ids) * self.bytes_per_token > SAVED_BYTES:
            return False
        return all(common_prefix(s.ids, ids) <= len(ids) - SHARED for s in self.saved)

    def add(self, saved: Saved) -> None:
        """Notes a saved file; drops those that it covers, and the oldest beyond the limit."""
        self.bytes_per_token = saved.size / max(1, len(saved.ids))
        for old in [s for s in self.saved if common_prefix(s.ids, saved.ids) == len(s.ids)]:
            self.forget(old)
        self.saved.append(saved)
        while len(self.saved) > 1 and sum(s.size for s in self.saved) > SAVED_BYTES:
            self.forget(self.saved[0])

    def forget(self, saved: Saved) -> None:
        """Deletes a file."""
        self.saved.remove(saved)
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.folder, saved.name))
