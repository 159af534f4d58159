"""What the attempts of one run share: its log, its engines, its slots, and how many tokens are left to it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..core import events as ev
from ..core.prices import Price
from ..core.types import StopReason
from ..engines.base import Engine
from ..engines.stream import rest
from ..errors import BudgetError
from ..planner.asking import Asking, language_of_prompts
from ..planner.prompts import PROFILES
from .log import Log
from .sending import Sent

KV_INTERVAL = 0.25
"""Seconds between two looks at the KV cache, at least."""


class Stored(Protocol):
    """An output that was stored under a key."""

    @property
    def output(self) -> str:
        """Digest of its text."""
        ...

    @property
    def source(self) -> str:
        """`run_id:step#attempt`."""
        ...

    @property
    def reason(self) -> StopReason:
        """Why its decoding ended."""
        ...


Find = Callable[[str], "Stored | None"]
"""Gives the stored output of a key."""


@dataclass
class Scope:
    """What the attempts of one run share.

    Attributes:
        engine: Gives the engine of a spec; empty is the run's own.
        find: Gives the stored output of a key, or `None`.
        slots: How many attempts may be under way.
        prices: What tokens cost, by the engine's spec.
        decoding: How many are with the engine now.
    """

    log: Log
    engine: Callable[[str], Awaitable[Engine]]
    find: Find
    slots: asyncio.Semaphore
    prices: Mapping[str, Price] = field(default_factory=dict)
    decoding: int = field(default=0, init=False)
    _kv_at: float = field(default=0.0, init=False)
    _reserved: int = field(default=0, init=False)

    @property
    def chunk(self) -> float:
        """Seconds of decoded tokens that become one event."""
        return rest(self.decoding)

    async def asking(self, spec: str = "") -> Asking:
        """How an engine is asked; empty is the run's own.

        Raises:
            EngineError: It cannot be loaded.
        """
        info = (await self.engine(spec)).info
        return Asking(PROFILES[info.profile], language_of_prompts(self.log.view), "strict_schema" in info.features)

    def sample_kv(self, engine: Engine) -> None:
        """Notes how full the KV cache is, at most four times a second."""
        if time.monotonic() - self._kv_at < KV_INTERVAL:
            return
        self._kv_at = time.monotonic()
        usage = engine.kv_usage()
        if usage is not None:
            self.log.append(ev.KVCacheSampled(usage))

    @contextlib.contextmanager
    def reserved(self, sent: Sent) -> Iterator[Sent]:
        """What may be sent of `sent` under `--max-tokens-total`; its tokens are set aside meanwhile.

        Raises:
            BudgetError: Nothing is left for an answer.
        """
        limit = self.log.view.task.options.max_tokens_total
        if limit is None:
            yield sent
            return
        spent = self._spent()
        prompt, wanted = len(sent.prompt.token_ids), sent.sampling.max_tokens or 1
        left = limit - spent - self._reserved - prompt
        if left < 1:
            raise BudgetError(
                f"Of the run's {limit} tokens {max(limit - spent - self._reserved, 0)} are left, and the prompt alone "
                f"has {prompt}.",
                f"Run the task again with more: --max-tokens-total {2 * max(limit, spent + prompt)}; "
                "what has finished is reused.",
            )
        allowed = min(wanted, left)
        self._reserved += prompt + allowed
        try:
            yield replace(sent, sampling=replace(sent.sampling, max_tokens=allowed))
        finally:
            self._reserved -= prompt + allowed

    def _spent(self) -> int:
        """Prompt and output tokens of all attempts that have ended."""
        steps = self.log.view.steps.values()
        ended = [attempt.usage for step in steps for attempt in step.attempts if not attempt.active]
        return sum(usage.prompt_tokens + usage.new_tokens for usage in ended)
