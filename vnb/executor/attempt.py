"""One attempt of one step: context, key, reuse or a call of the engine, and every token of it into the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from ..context.build import build
from ..core import events as ev
from ..core.codec import encode
from ..core.digest import canonical, digest, seed_for
from ..core.types import Context, Prompt, Sampling, Step, Token, Usage
from ..engines.base import Decoded, Engine, Prefilled, Prefilling, Stopped
from ..errors import BudgetError, EngineError, StoreError, VnbError
from ..planner.prompts import PROFILES, VERSION, Profile
from .log import Log, text_digest
from .validate import require

FLUSH = 0.05
"""Seconds for which decoded tokens are collected into one event."""

Notes = Sequence[tuple[str, str]]


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


@dataclass(frozen=True)
class Sent:
    """What is sent to the engine, and the key under which its output can be found again."""

    context: Context
    prompt: Prompt
    sampling: Sampling
    key: str


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
        sent = self._send(engine)
        found = self.scope.find(sent.key) if sent.key and self.log.view.task.options.reuse == "use" else None
        if found is not None:
            self._reuse(engine, sent, *found)
            return
        self._start(engine, sent)
        self.scope.sample_kv(engine)
        stopped = await self._decode(engine, sent)
        self.scope.sample_kv(engine)
        self._finish(stopped)

    def _send(self, engine: Engine) -> Sent:
        profile = PROFILES[engine.info.profile]
        sampling = self._sampling(profile, engine)
        context, prompt = self._context(profile, engine, sampling)
        key = ""
        if self.log.view.task.options.reuse != "off":
            constraint = encode(self.step.constraint)
            key = digest([context.digest, engine.info.fingerprint, encode(sampling), constraint, VERSION])
        return Sent(context, prompt, sampling, key)

    def _sampling(self, profile: Profile, engine: Engine) -> Sampling:
        options, step = self.log.view.task.options, self.step
        base = profile.sampling(step.role)
        base = replace(base, max_tokens=min(base.max_tokens or 1, engine.info.context_length // 2))
        said = step.sampling.over(options.sampling) if step.role in ("work", "integrate") else step.sampling
        whole = said.over(base)
        return whole if whole.seed is not None else replace(whole, seed=seed_for(options.seed, step.id, self.number))

    def _context(self, profile: Profile, engine: Engine, sampling: Sampling) -> tuple[Context, Prompt]:
        """The context and its prompt, which together with the new tokens must fit into the engine's context."""
        view = self.log.view
        room = engine.info.context_length - (sampling.max_tokens or 1)
        wanted = self.step.budget or view.task.options.budget
        limit = allowed = min(room, wanted) if wanted else room
        for _ in range(4):
            context = build(
                self.step,
                view,
                self.log.store.blob,
                engine.count,
                max(allowed, 0),
                profile.system,
                profile.shows_brief,
                self.notes,
            )
            media = [one for one in view.task.attachments if any(part.media == one.digest for part in context.parts)]
            prompt = engine.render(profile.render(context, self.step.role), media)
            over = len(prompt.token_ids) - limit
            if over <= 0:
                return context, prompt
            allowed = min(allowed, context.tokens) - over
        raise BudgetError(
            f"The prompt of {self.step.id} has {len(prompt.token_ids)} tokens, but only {limit} fit beside "
            f"{sampling.max_tokens} new ones.",
            "Shorten the task or its inputs, or load the model with more context: %vmodel … --ctx N",
        )

    def _reuse(self, engine: Engine, sent: Sent, output: str, source: str) -> None:
        text = self.log.store.blob(output)
        if self.hear is not None:
            self.hear(text)
        self._check(text)
        ref, texts = context_ref(sent.context)
        written = prompt_text(sent.prompt)
        body = ev.StepReused(
            self.step.id,
            self.number,
            ref,
            text_digest(written),
            sent.sampling,
            self.step.constraint,
            engine.info.fingerprint,
            sent.key,
            output,
            source,
        )
        self.log.append(body, written, *texts)

    def _start(self, engine: Engine, sent: Sent) -> None:
        ref, texts = context_ref(sent.context)
        written = prompt_text(sent.prompt)
        body = ev.StepStarted(
            self.step.id,
            self.number,
            ref,
            text_digest(written),
            sent.sampling,
            self.step.constraint,
            engine.info.fingerprint,
            sent.key,
        )
        self.log.append(body, written, *texts)

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


def context_ref(context: Context) -> tuple[ev.ContextRef, list[str]]:
    """A context with its texts by digest, and those texts."""
    parts = tuple(
        ev.PartRef(part.kind, part.source, text_digest(part.text), part.tokens, part.full_tokens, part.media)
        for part in context.parts
    )
    ref = ev.ContextRef(parts, context.budget, context.tokens, context.digest, context.omitted)
    return ref, [part.text for part in context.parts]


def prompt_text(prompt: Prompt) -> str:
    """The blob that records a prompt: its text, token ids and spans."""
    return canonical({"text": prompt.text, "token_ids": list(prompt.token_ids), "spans": encode(prompt.spans)})
