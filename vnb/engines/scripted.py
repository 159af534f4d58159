"""An engine that answers from a script: for tests, and for demonstrations of faults.

It keeps the whole contract of an engine (slots, a prefix cache with true counts, cancellation, stop strings, token
limits, log-probabilities) without a model. Only code can make one; no spec loads it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.digest import digest
from ..core.types import (
    Alternative,
    Constraint,
    KVCacheUsage,
    Message,
    Prompt,
    Sampling,
    Token,
    Usage,
)
from ..errors import BudgetError, EngineError
from .admission import Admission
from .base import Blind, Decoded, EngineEvent, EngineInfo, Prefilled, Prefilling, Stopped
from .prefix import common_prefix
from .scripted_tokens import Pieces

REMEMBERED = 64  # sequences in the prefix cache


@dataclass(frozen=True)
class Fail:
    """A fault: after `after_tokens` decoded tokens the request fails with `message`."""

    after_tokens: int = 0
    message: str = "the scripted engine failed as it was told to"


@dataclass(frozen=True)
class Answer:
    """What to answer, and how.

    Attributes:
        text: The output, one piece at a time; reasoning may stand in it between tags.
        thinking: Reasoning before it that is flagged as such, as servers do.
        fail: Fail on the way.
        hold_after: Stop decoding after so many tokens until `ScriptedEngine.let_go()`, a cancel or a close.
        delay: Seconds between tokens; 0 only lets others run.
    """

    text: str = ""
    thinking: str = ""
    fail: Fail | None = None
    hold_after: int | None = None
    delay: float = 0.0


Reply = str | Answer | Fail
Script = Callable[[Prompt, Constraint | None], Reply] | Mapping[str, Reply | Sequence[Reply]]
Outcome = Literal["waiting", "running", "stop", "length", "failed", "cancelled"]


@dataclass
class Request:
    """What the engine was asked, and how it ended.

    Attributes:
        order: 0 for the first request, 1 for the next.
        concurrent: Requests that were decoding when this one began, itself included.
        cached_tokens: Prompt tokens that were found in the prefix cache.
    """

    order: int
    prompt: Prompt
    sampling: Sampling
    constraint: Constraint | None
    concurrent: int = 0
    cached_tokens: int = 0
    new_tokens: int = 0
    outcome: Outcome = "waiting"


class ScriptedEngine(Blind):
    """Answers from a script, deterministically.

    Args:
        answers: A callable `(prompt, constraint) -> Answer | str | Fail`, or a mapping from a piece of the prompt's
            text to the answer: the first key (in the mapping's order) that occurs in the prompt decides. A list of
            answers is used up one by one; its last one repeats. The key `""` matches every prompt.
        slots: How many requests decode together; the others wait in order.
        context_length: The most tokens of one request.
        profile: Which prompts it asks for.
        name: Distinguishes engines; part of the fingerprint.
        clock: Source of seconds for all times that it reports.

    Attributes:
        requests: Every request, in the order in which they came.
        high_water: The most requests that ever decoded together.
        warmed: Prompts that `warm` was called with.
    """

    def __init__(
        self,
        answers: Script,
        *,
        slots: int = 4,
        context_length: int = 4096,
        profile: Literal["instruct", "compact"] = "instruct",
        name: str = "scripted",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._answers = answers
        self._clock = clock
        self._pieces = Pieces()
        self._admission = Admission(slots, slots * context_length)
        self._used: dict[str, int] = {}
        self._cache: list[tuple[int, ...]] = []
        self._held = asyncio.Event()
        self._closing: EngineError | None = None
        self._running = 0
        self.requests: list[Request] = []
        self.high_water = 0
        self.warmed: list[Prompt] = []
        self._info = EngineInfo(
            spec=f"scripted:{name}",
            name=name,
            fingerprint=digest(["scripted", name, profile]),
            context_length=context_length,
            slots=slots,
            profile=profile,
            features=frozenset({"logprobs", "json_schema", "regex", "cached_tokens", "seed"}),
        )

    @property
    def info(self) -> EngineInfo:
        return self._info

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """Renders as `<|role|>content<|end|>…<|assistant|>`; exact and reversible (see `detokenize`)."""
        return self._pieces.render(tuple(messages))

    def count(self, text: str) -> int:
        """Tokens of `text` alone."""
        return len(self._pieces.encode(text))

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of these tokens."""
        return self._pieces.decode(ids)

    async def generate(
        self, prompt: Prompt, sampling: Sampling, constraint: Constraint | None = None
    ) -> AsyncGenerator[EngineEvent, None]:
        """Plays the answer; the constraint is shown to the script and not enforced, so that bad output can be played.

        Raises:
            BudgetError: Prompt and `max_tokens` do not fit the context.
            EngineError: A scripted fault, no answer for this prompt, or the engine was closed.
        """
        request = Request(len(self.requests), prompt, sampling, constraint)
        self.requests.append(request)
        sent = self._clock()
        entered = False
        cells = 0
        try:
            cells = self._cells(prompt, sampling)
            await self._admission.enter(cells)
            entered = True
            self._running += 1
            self.high_water = max(self.high_water, self._running)
            request.concurrent, request.outcome = self._running, "running"
            async for event in self._play(request, sent):
                yield event
        except (asyncio.CancelledError, GeneratorExit):
            if request.outcome in ("waiting", "running"):
                request.outcome = "cancelled"
            raise
        except Exception:
            request.outcome = "failed"
            raise
        finally:
            if entered:
                self._running -= 1
                self._admission.leave(cells)

    def kv_usage(self) -> KVCacheUsage:
        """Cells of running requests (`used`) and of remembered sequences (`cached`)."""
        total = self._admission.cells
        used = total - self._admission.free_cells
        cached = min(total - used, sum(map(len, self._cache)))
        return KVCacheUsage(used, cached, total - used - cached, "cell")

    async def warm(self, prefix: Prompt) -> None:
        """Remembers the prefix, so that the next request finds it cached."""
        self.warmed.append(prefix)
        self._remember(prefix.token_ids)

    def let_go(self) -> None:
        """Lets every answer go on that waits at its `hold_after`, now and later."""
        self._held.set()

    async def close(self) -> None:
        """Fails what is in flight. Closing twice is fine."""
        self._closing = self._closing or EngineError("The engine was closed.", "Load one again: %vmodel")
        self._admission.close(self._closing)
        self._held.set()
        await asyncio.sleep(0)

    async def _play(self, request: Request, sent: float) -> AsyncGenerator[EngineEvent, None]:
        prompt, sampling = request.prompt, request.sampling
        begun = self._clock()
        total = len(prompt.token_ids)
        request.cached_tokens = max(min(self._hit(prompt.token_ids), total - 1), 0)
        self._remember(prompt.token_ids)
        yield Prefilling(request.cached_tokens, total)
        answer = self._answer(prompt, request.constraint)
        await self._pause(answer.delay)
        prefilled = first = self._clock()
        yield Prefilled(total, request.cached_tokens, begun - sent, prefilled - begun)
        text = answer.text
        for stop in sampling.stop or ():
            text = text.partition(stop)[0] if stop else text
        thought = self._pieces.encode(answer.thinking)
        ids = thought + self._pieces.encode(text)
        limit = len(ids) if sampling.max_tokens is None else sampling.max_tokens
        for place, token in enumerate(ids[:limit]):
            if answer.fail and answer.fail.after_tokens <= place:
                break
            if answer.hold_after == place:
                await self._held.wait()
            await self._pause(answer.delay)
            request.new_tokens += 1
            first = first if place else self._clock()
            decoded = self._token(token, sampling.logprobs, self._clock() - sent)
            yield Decoded((decoded,), thinking=place < len(thought))
        if answer.fail:
            raise EngineError(answer.fail.message)
        if answer.hold_after is not None and answer.hold_after >= len(ids[:limit]):
            await self._held.wait()
            await self._pause(0)
        self._remember(prompt.token_ids + tuple(ids[:limit]))
        reason: Literal["stop", "length"] = "length" if len(ids) > limit else "stop"
        request.outcome = reason
        times = (begun - sent, prefilled - begun, self._clock() - first)
        yield Stopped(reason, Usage(total, request.cached_tokens, request.new_tokens, *times, timing_source="engine"))

    def _cells(self, prompt: Prompt, sampling: Sampling) -> int:
        room, needed = self._info.context_length, len(prompt.token_ids) + (sampling.max_tokens or 1)
        if needed > room:
            raise BudgetError(
                f"The prompt has {len(prompt.token_ids)} tokens and max_tokens is {sampling.max_tokens or 1}; "
                f"the context holds {room}.",
                "Lower max_tokens or --budget.",
            )
        return needed

    def _answer(self, prompt: Prompt, constraint: Constraint | None) -> Answer:
        if callable(self._answers):
            return _as_answer(self._answers(prompt, constraint))
        for key, reply in self._answers.items():
            if key in prompt.text:
                if isinstance(reply, (str, Answer, Fail)):
                    return _as_answer(reply)
                turn = self._used.get(key, 0)
                self._used[key] = turn + 1
                return _as_answer(reply[min(turn, len(reply) - 1)])
        raise EngineError(f"The script has no answer for this prompt: …{prompt.text[-200:]!r}")

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._closing:
            raise EngineError(self._closing.message, self._closing.hint)

    def _token(self, token: int, logprobs: int | None, dt: float) -> Token:
        text = self._pieces.decode([token])
        if logprobs is None:
            return Token(token, text, dt)
        chance = 0.5 + (token % 40) / 100  # made up, but the same for the same token
        top = [Alternative(token, text, math.log(chance))]
        for rank in range(1, logprobs):
            other = self._pieces.id_of(f"~{rank}")
            top.append(Alternative(other, f"~{rank}", math.log((1 - chance) / 2**rank)))
        return Token(token, text, dt, top[0].logprob, tuple(top[:logprobs]))

    def _hit(self, ids: Sequence[int]) -> int:
        return max((common_prefix(ids, known) for known in self._cache), default=0)

    def _remember(self, ids: tuple[int, ...]) -> None:
        self._cache = [known for known in self._cache if common_prefix(known, ids) < len(known)]
        self._cache = [*self._cache[-REMEMBERED + 1 :], ids]


def _as_answer(reply: Reply) -> Answer:
    if isinstance(reply, str):
        return Answer(reply)
    return Answer("x " * reply.after_tokens, fail=reply) if isinstance(reply, Fail) else reply
