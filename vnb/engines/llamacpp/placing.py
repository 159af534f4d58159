"""Puts a prompt into a slot, and shares prefixes: prefilled once, saved, restored into the siblings' slots."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ...core.types import Prompt, Sampling
from ...errors import EngineError
from ..base import Prefilling
from ..prefix import common_prefix
from .request import body_of, failure
from .server import LocalServer
from .slots import SHARED, Saved, Slot, Slots

Tell = Callable[[Prefilling], None]


@dataclass
class Placed:
    """A slot that is taken; the rest is what prefilling a shared prefix found and cost, `cached` -1 if none was."""

    slot: Slot
    cached: int = -1
    begun: float = 0.0
    t_prefill: float = 0.0


def boundary(prompt: Prompt) -> int:
    """Where what siblings may share ends at the latest: before the last part, which is a step's own instruction."""
    last = max((span.start for span in prompt.spans), default=0)
    return last if last >= SHARED else len(prompt.token_ids)


class Placing:
    """One prompt after the other: a sibling then finds what the one before it has prefilled.

    A long uncached prompt is prefilled up to its boundary by a request of its own and saved to a file, before its real
    request starts. Siblings wait for that and restore the file into their slots.
    """

    def __init__(self, server: LocalServer, slots: Slots) -> None:
        self._server, self._slots = server, slots
        self._lock = asyncio.Lock()
        self._names = 0

    def at_once(self, ids: tuple[int, ...], share: int) -> Placed | None:
        """The slot, if nothing has to be waited for: so requests that come together also decode together."""
        if self._lock.locked():
            return None
        slot, restore = self._slots.choose(ids)
        missing = share - common_prefix(slot.ids, ids)
        alone = len(self._slots.slots) < 2
        if restore or self._slots.worth_saving(ids[:share]) or (missing >= SHARED and not alone):
            return None
        self._slots.occupy(slot)
        return Placed(slot)

    async def place(self, ids: tuple[int, ...], share: int, tell: Tell, *, always: bool = False) -> Placed:
        """Takes the best free slot; at least one must be free.

        Args:
            share: Tokens of `ids` that others may share.
            tell: Hears how a shared prefix is prefilled.
            always: Prefill however little is missing.
        """
        async with self._lock:
            slot, restore = self._slots.choose(ids)
            self._slots.occupy(slot)
            placed = Placed(slot)
            try:
                if restore:
                    await self._restore(slot, restore)
                missing = share - common_prefix(slot.ids, ids)
                if always or (missing >= SHARED and len(self._slots.slots) > 1):
                    await self._prefill(placed, ids[:share], len(ids), tell)
                if self._slots.worth_saving(ids[:share]):
                    await self._save(slot)
            except BaseException:
                slot.busy = False
                raise
            return placed

    async def _prefill(self, placed: Placed, ids: tuple[int, ...], total: int, tell: Tell) -> None:
        slot = placed.slot
        body = body_of(ids, Sampling(temperature=0), None, 1) | {"id_slot": slot.index}
        slot.ids = ids[: common_prefix(slot.ids, ids)]
        ended = 0.0
        stream = self._server.stream(body)
        try:
            async for batch in stream.batches():
                for at, raw in batch:
                    ended = at
                    if raw is None:
                        continue
                    if "error" in raw:
                        raise failure(raw["error"])
                    progress = raw.get("prompt_progress")
                    if progress:
                        if placed.cached < 0:
                            placed.cached, placed.begun = int(progress["cache"]), at
                        slot.cells = int(progress["processed"])
                        slot.ids = ids[: slot.cells]
                        tell(Prefilling(slot.cells, total))
        finally:
            await stream.end()
        if len(slot.ids) < len(ids):
            raise EngineError("The engine was closed.", "Load one again: %vmodel")
        placed.t_prefill = ended - placed.begun

    async def _save(self, slot: Slot) -> None:
        self._names += 1
        name = f"{self._names}.kv"
        try:
            answer = await asyncio.to_thread(
                self._server.ask_apart, f"/slots/{slot.index}?action=save", {"filename": name}
            )
        except EngineError:  # a full disk; go on without sharing
            return
        self._slots.add(Saved(name, slot.ids, int(answer.get("n_written", 0))))

    async def _restore(self, slot: Slot, saved: Saved) -> None:
        slot.ids, slot.cells = (), 0
        path = f"/slots/{slot.index}?action=restore"
        try:
            await asyncio.to_thread(self._server.ask_apart, path, {"filename": saved.name})
        except EngineError:
            self._slots.forget(saved)
            return
        slot.ids, slot.cells = saved.ids, len(saved.ids)
