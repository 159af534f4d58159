"""One attempt of one step: context, key, reuse or a call of the engine, and every token of it into the log."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace

from ..core import events as ev
from ..core.digest import text_digest
from ..core.prices import price
from ..core.types import Demand, Step, StopReason, Token, Usage
from ..engines import energy
from ..engines.base import Decoded, Engine, Prefilled, Prefilling, Stopped
from ..engines.energy import Share
from ..engines.stream import closed
from ..engines.thinking import Reasoning
from ..errors import EngineError, RepeatsError, StoreError, VnbError
from .outcome import judged, trimmed, warnings_of
from .program import require_all, run_program
from .repeats import Repeats
from .scope import Scope
from .sending import Notes, Sent, prepare


class Attempt:
    """Runs one attempt; `run` ends it with exactly one of finished, reused, failed, cancelled.

    Args:
        notes: Further context parts, as (title, text).
        hear: Is given the answer as it decodes, before the log coalesces it.
        accept: Raises a `VnbError` for an output that will not do.
        holds_slot: The caller has taken one of the scope's slots for it.
        reuse: Whether a stored output may be taken, if not as the run's options say.
        demands: What the answer is checked for; what it misses is a warning.

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
        holds_slot: bool = False,
        reuse: str = "",
        demands: tuple[Demand, ...] = (),
    ) -> None:
        self.scope, self.step, self.notes, self.demands = scope, step, notes, demands
        self.hear, self.accept, self.holds_slot = hear, accept, holds_slot
        self.log = scope.log
        self.reuse = reuse or self.log.view.task.options.reuse
        self.number = len(self.log.view.steps[step.id].attempts) + 1
        self.usage = Usage()
        self.error: VnbError | None = None
        self._spec = ""
        self._energy = Share(None)
        self._reasoning = Reasoning()
        self._repeats = Repeats()
        self._waiting: list[Token] = []
        self._new_tokens = 0  # those that the engine has decoded
        self._seen_tokens = 0  # the same, where one that ends the reasoning is two
        self._flushed_at = 0.0
        self._flush_soon: asyncio.TimerHandle | None = None
        self._flush_error: VnbError | None = None

    async def run(self) -> bool:
        """Whether the attempt ended well. A failure is an event, not an exception.

        Raises:
            StoreError: The attempt's end could not be stored.
            asyncio.CancelledError: It was cancelled, and has said so in the log.
        """
        step, number = self.step.id, self.number
        self.log.append(ev.StepQueued(step, number))
        try:
            if self.holds_slot:
                await self._run()
            else:
                async with self.scope.slots:
                    await self._run()
            return True
        except VnbError as error:
            if self.log.broken is not None:
                raise
            self.error = error
            self._fail(error.message, error.hint)
            return False
        except asyncio.CancelledError:
            self._flush_what_fits()
            self.log.append(ev.StepCancelled(step, number, "stopped", self._used()))
            raise
        except Exception as error:  # a fault of an engine must not take the run with it
            self._fail(f"{type(error).__name__}: {error}", "")
            return False
        finally:
            self._stop_timer()

    async def _run(self) -> None:
        engine = await self.scope.engine(self.step.engine)
        self._spec = engine.info.spec
        sent = await prepare(self.log, self.step, engine, self.notes, self.reuse)
        if await self._reused(sent):
            return
        self._reasoning = Reasoning(sent.prompt.text)
        with self.scope.reserved(sent) as sent:
            self.log.append(ev.StepStarted(**sent.record(self.step.id, self.number)), *sent.texts)
            self.scope.sample_kv(engine)
            stopped = await self._decode(engine, sent)
            self.scope.sample_kv(engine)
            await self._finish(stopped, sent)

    async def _reused(self, sent: Sent) -> bool:
        """Takes the stored output of the same key, if there is one that can be read."""
        found = self.scope.find(sent.key) if sent.key and self.reuse == "use" else None
        if found is None:
            return False
        try:
            text = self.log.store.blob(found.output)
        except StoreError:  # damaged: it is made again
            return False
        if self.hear is not None:
            self.hear(text)
        await self._check(text)
        verdicts = judged(self.demands, text)
        self.log.append(
            ev.StepReused(
                **sent.record(self.step.id, self.number),
                output=found.output,
                source=found.source,
                reason=found.reason,
                warnings=(*trimmed(sent.context), *warnings_of(text, found.reason, verdicts, self.step.instruction)),
                verdicts=verdicts,
            ),
            *sent.texts,
        )
        return True

    async def _decode(self, engine: Engine, sent: Sent) -> Stopped:
        step, number = self.step.id, self.number
        stopped: Stopped | None = None
        stream = engine.generate(sent.prompt, sent.sampling, self.step.constraint)
        meter = energy.meter(engine.info.device)
        self.scope.decoding += 1
        self._energy = meter.begin()
        try:
            async for said in stream:
                meter.keep_up()
                if isinstance(said, Decoded):
                    self._decoded(said.tokens, said.thinking)
                    self.scope.sample_kv(engine)
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
                            step,
                            number,
                            said.prompt_tokens,
                            said.cached_tokens,
                            said.t_queue,
                            said.t_prefill,
                            said.admission,
                        )
                    )
                else:
                    stopped = said
                    break
        finally:
            self.scope.decoding -= 1
            try:
                await closed(stream)
            finally:
                meter.end(self._energy)
        self._flush()
        if stopped is None:
            raise EngineError(f"The engine ended {step} without saying so.", f"%vrun {self.log.run_id}")
        return stopped

    def _decoded(self, tokens: tuple[Token, ...], thinking: bool) -> None:
        """Takes decoded tokens.

        Raises:
            RepeatsError: The answer only repeats itself.
        """
        self._new_tokens += len(tokens)
        parts = self._reasoning.feed(tuple(map(_finite, tokens)), thinking)
        self._waiting.extend(parts)
        answer = "".join(token.text for token in parts[max(0, self._reasoning.thought - self._seen_tokens) :])
        self._seen_tokens += len(parts)
        if self._repeats.feed("".join(token.text for token in parts)):
            raise RepeatsError(
                f"The answer only repeats itself: {self._repeats.what!r}.",
                "--repeat-penalty 1.2 makes repeating less likely; a larger model does it less.",
            )
        loop = asyncio.get_running_loop()
        if loop.time() - self._flushed_at >= 0.9 * self.scope.chunk:  # what comes on the beat is written at once
            self._flush()
            self._flushed_at = loop.time()
        elif self._flush_soon is None:
            self._flush_soon = loop.call_later(self.scope.chunk, self._flush_on_time)
        if self.hear is not None and answer:
            self.hear(answer)

    def _flush_on_time(self) -> None:
        self._flushed_at = asyncio.get_running_loop().time()
        try:
            self._flush()
        except VnbError as error:
            self._flush_error = error

    def _flush(self) -> None:
        """Appends the tokens that wait, as one event."""
        self._stop_timer()
        if self._flush_error is not None:
            raise self._flush_error
        if self._waiting:
            tokens, thought = tuple(self._waiting), self._reasoning.thought
            self.log.append(ev.StepDecoded(self.step.id, self.number, tokens, thought))
            self._waiting = []

    def _flush_what_fits(self) -> None:
        """`_flush` at an end that must be told, also if the engine's last events do not fit onto those before."""
        try:
            self._flush()
        except VnbError:
            if self.log.broken is not None:
                raise

    def _stop_timer(self) -> None:
        if self._flush_soon is not None:
            self._flush_soon.cancel()
            self._flush_soon = None

    async def _finish(self, stopped: Stopped, sent: Sent) -> None:
        self.usage = stopped.usage
        thought = self._reasoning.finish(stopped.reason)
        if thought != self.log.view.steps[self.step.id].attempts[self.number - 1].thought:
            self.log.append(ev.StepDecoded(self.step.id, self.number, (), thought))
        text = self._text()
        if self.step.kind == "code":
            text = await run_program(self.log, self.step, self.number, text)
        await self._check(text)
        verdicts = judged(self.demands, text)
        warnings = (*trimmed(sent.context), *warnings_of(text, stopped.reason, verdicts, self.step.instruction))
        if self._reasoning.answer_was_reasoning:
            warnings = (*warnings, "the server sent the answer as reasoning")
        self.log.append(
            ev.StepFinished(
                self.step.id, self.number, text_digest(text), stopped.reason, self._used(), warnings, verdicts
            ),
            text,
        )

    def _fail(self, error: str, hint: str) -> None:
        self._flush_what_fits()
        text = self._text()
        reason: StopReason | None = "repeats" if self._repeats.what else None
        self.log.append(
            ev.StepFailed(
                self.step.id, self.number, error, hint, text_digest(text) if text else "", self._used(), reason
            ),
            *([text] if text else []),
        )

    def _used(self) -> Usage:
        """What the attempt cost so far, with what the engine does not say itself."""
        used = replace(self.usage, new_tokens=max(self.usage.new_tokens, self._new_tokens))
        joules = self._energy.joules if used.joules is None else used.joules
        return replace(used, joules=joules, price=price(self.scope.prices, self._spec, used))

    async def _check(self, text: str) -> None:
        if self.accept is not None:  # it reads the output leniently and repairs what it can
            self.accept(text)
            return
        await require_all(self.log, self.step, text)

    def _text(self) -> str:
        return self.log.view.steps[self.step.id].attempts[self.number - 1].text


def _finite(token: Token) -> Token:
    """A token without the log-probabilities that are no numbers."""
    if all(map(math.isfinite, (token.logprob or 0.0, *(other.logprob for other in token.top)))):
        return token
    logprob = token.logprob if token.logprob is not None and math.isfinite(token.logprob) else None
    return replace(token, logprob=logprob, top=tuple(other for other in token.top if math.isfinite(other.logprob)))
