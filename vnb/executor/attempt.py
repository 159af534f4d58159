"""One attempt of one step: context, key, reuse or a call of the engine, and every token of it into the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..core import events as ev
from ..core.types import Step, Token, Usage
from ..engines.base import Decoded, Engine, Prefilled, Prefilling, Stopped
from ..errors import BudgetError, EngineError, StoreError, VnbError
from .log import Log, text_digest
from .sending import Notes, Sent, prepare
from .validate import require

FLUSH = 0.05
"""Seconds for which decoded tokens are collected into one event."""


@dataclass
class Scope:
    """What the attempts of one run share.

    Attributes:
        engine: Gives the engine of a spec; empty is the run's own.
        find: The digest of a stored output of a key with its source, or `None`.
    """

    log: Log
    engine: Callable[[str], Awaitable[Engine]]
    find: Callable[[str], tuple[str, str] | None]
    slots: asyncio.Semaphore
    kv_at: float = field(default=0.0)

    def sample_kv(self, engine: Engine) -> None:
        """Notes how full the KV cache is, at most four times a second."""
        if time.monotonic() - self.kv_at < 0.25:
            return
        self.kv_at = time.monotonic()
        usage = engine.kv_usage()
        if usage is not None:
            self.log.append(ev.KVCacheSampled(usage))


class Attempt:
    """Carries one attempt; `carry` ends it with exactly one of finished, reused, failed, cancelled.

    Args:
        notes: Further context parts, as (title, text).
        hear: Is given the text as it decodes, before the log coalesces it.
        accept: Raises a `VnbError` for an output that will not do.

    Attributes:
        error: Why the attempt failed, where vnb has a name for it.
    """

    def __init__(
        self,
        scope: Scope,
        step: Step,
        notes: Notes = (),
        hear: Callable[[str], None] | None = None,
        accept: Callable[[str], None] | None = None,
    ) -> None:
        self.scope, self.step, self.notes = scope, step, notes
        self.hear, self.accept = hear, accept
        self.log = scope.log
        self.number = len(self.log.view.steps[step.id].attempts) + 1
        self.usage = Usage()
        self.error: VnbError | None = None
        self._waiting: list[Token] = []
        self._flush_soon: asyncio.TimerHandle | None = None
        self._flush_error: VnbError | None = None

    async def carry(self) -> bool:
        """Whether the attempt ended well. A failure is an event, not an exception.

        Raises:
            StoreError: The attempt's end could not be stored.
            asyncio.CancelledError: It was cancelled, and has said so in the log.
        """
        step, number = self.step.id, self.number
        self.log.append(ev.StepQueued(step, number))
        try:
            async with self.scope.slots:
                await self._carry()
            return True
        except StoreError:
            raise
        except VnbError as error:
            self.error = error
            self._fail(error.message, error.hint)
            return False
        except asyncio.CancelledError:
            self._flush()
            self.log.append(ev.StepCancelled(step, number, "stopped", self.usage))
            raise
        except Exception as error:  # a fault of an engine must not take the run with it
            self._fail(f"{type(error).__name__}: {error}", "")
            return False
        finally:
            self._stop_timer()

    async def _carry(self) -> None:
        limit = self.log.view.task.options.max_tokens_total
        spent = tokens_spent(self.log)
        if limit is not None and spent >= limit:
            raise BudgetError(
                f"The run has used {spent} of its {limit} tokens.", f"Allow more: --max-tokens-total {2 * limit}"
            )
        engine = await self.scope.engine(self.step.engine)
        sent = prepare(self.log, self.step, self.number, engine, self.notes)
        found = self.scope.find(sent.key) if sent.key and self.log.view.task.options.reuse == "use" else None
        if found is not None:
            self._reuse(engine, sent, *found)
            return
        self._start(engine, sent)
        self.scope.sample_kv(engine)
        stopped = await self._decode(engine, sent)
        self.scope.sample_kv(engine)
        self._finish(stopped)

    def _reuse(self, engine: Engine, sent: Sent, output: str, source: str) -> None:
        text = self.log.store.blob(output)
        if self.hear is not None:
            self.hear(text)
        self._check(text)
        self.log.append(ev.StepReused(**self._sent(engine, sent), output=output, source=source), *sent.texts)

    def _start(self, engine: Engine, sent: Sent) -> None:
        self.log.append(ev.StepStarted(**self._sent(engine, sent)), *sent.texts)

    def _sent(self, engine: Engine, sent: Sent) -> dict[str, Any]:
        return {
            "step": self.step.id,
            "attempt": self.number,
            "context": sent.ref,
            "prompt": text_digest(sent.written),
            "sampling": sent.sampling,
            "constraint": self.step.constraint,
            "engine": engine.info.fingerprint,
            "key": sent.key,
        }

    async def _decode(self, engine: Engine, sent: Sent) -> Stopped:
        step, number = self.step.id, self.number
        stopped: Stopped | None = None
        stream = engine.generate(sent.prompt, sent.sampling, self.step.constraint)
        try:
            async for said in stream:
                if isinstance(said, Decoded):
                    self._decoded(said.tokens)
                elif isinstance(said, Prefilling):
                    self.log.append(ev.StepPrefilling(step, number, said.done, said.total))
                elif isinstance(said, Prefilled):
                    self.usage = replace(
                        self.usage,
                        prompt_tokens=said.prompt_tokens,
                        cached_tokens=said.cached_tokens,
                        t_queue=said.t_queue,
                        t_prefill=said.t_prefill,
                    )
                    self.log.append(
                        ev.StepPrefilled(
                            step, number, said.prompt_tokens, said.cached_tokens, said.t_queue, said.t_prefill
                        )
                    )
                else:
                    stopped = said
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()
        self._flush()
        if stopped is None:
            raise EngineError(f"The engine ended {step} without saying so.", f"%vrun {self.log.run_id}")
        return stopped

    def _decoded(self, tokens: tuple[Token, ...]) -> None:
        if self._flush_error is not None:
            raise self._flush_error
        self._waiting.extend(tokens)
        self.usage = replace(self.usage, new_tokens=self.usage.new_tokens + len(tokens))
        if self._flush_soon is None:
            self._flush_soon = asyncio.get_running_loop().call_later(FLUSH, self._flush_on_time)
        if self.hear is not None:
            self.hear("".join(token.text for token in tokens))

    def _flush_on_time(self) -> None:
        try:
            self._flush()
        except VnbError as error:
            self._flush_error = error

    def _flush(self) -> None:
        """Appends the tokens that wait, as one event."""
        self._stop_timer()
        if self._waiting:
            tokens, self._waiting = tuple(self._waiting), []
            self.log.append(ev.StepDecoded(self.step.id, self.number, tokens))

    def _stop_timer(self) -> None:
        if self._flush_soon is not None:
            self._flush_soon.cancel()
            self._flush_soon = None

    def _finish(self, stopped: Stopped) -> None:
        self.usage = stopped.usage
        text = self._text()
        self._check(text)
        body = ev.StepFinished(self.step.id, self.number, text_digest(text), stopped.reason, stopped.usage)
        self.log.append(body, text)

    def _fail(self, error: str, hint: str) -> None:
        self._flush()
        text = self._text()
        digest = text_digest(text) if text else ""
        self.log.append(
            ev.StepFailed(self.step.id, self.number, error, hint, digest, self.usage), *([text] if text else [])
        )

    def _check(self, text: str) -> None:
        if self.accept is not None:  # it reads the output leniently and mends what it can
            self.accept(text)
            return
        require(self.step.constraint, text, "output")
        require(self.step.check, text, "check")

    def _text(self) -> str:
        return self.log.view.steps[self.step.id].attempts[self.number - 1].text


def tokens_spent(log: Log) -> int:
    """Prompt and output tokens of all attempts so far."""
    steps = log.view.steps.values()
    used = [attempt.usage for step in steps for attempt in step.attempts]
    return sum(usage.prompt_tokens + usage.new_tokens for usage in used)
