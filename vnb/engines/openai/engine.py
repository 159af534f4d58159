"""The engine: a model behind an OpenAI-compatible server, several requests at once."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...core.types import Attachment, Constraint, KVCacheUsage, Message, Prompt, Sampling
from ...errors import BudgetError, EngineError
from ..admission import Admission
from ..base import EngineEvent, EngineInfo
from ..constraints import check_output
from ..prompts import merge_system
from . import request
from .address import Address
from .calls import Call
from .estimate import Estimate
from .pictures import Pictures
from .reading import Reading
from .refusals import Refused
from .survey import CONTEXT, Server, survey
from .wire import Wire

MAX_BATCH = 8
PATIENCE = 300.0
"""Seconds that a server may stay silent: a long prompt before others in its queue takes a while."""
HOLDS_PATTERNS = ("vLLM", "TabbyAPI")

_log = logging.getLogger(__name__)


class OpenAIEngine:
    """A model behind a server; made by `load`.

    What a server does not take is left out from then on: `info.details` says what, and each usage what it missed.

    Attributes:
        tokens: How prompts are rendered and counted; `tokens.exact` says whether the tokens are the model's own.
    """

    def __init__(self, info: EngineInfo, wire: Wire, server: Server) -> None:
        self._info, self._wire, self._server = info, wire, server
        self.tokens = server.tokens
        self._admission = Admission(info.slots, 0)
        self._pictures = Pictures(info.name)
        self._refused: set[str] = set()
        self._tells_cache = server.kind == "llama-server"
        self._calls: set[Call] = set()
        self._closed: EngineError | None = None

    @classmethod
    async def load(
        cls,
        address: Address,
        *,
        ctx: int | None = None,
        max_batch: int | None = None,
        timeout: float | None = None,
        on_progress: Callable[[str], None] | None = None,
    ) -> OpenAIEngine:
        """Asks a server what it is.

        Args:
            ctx: The most tokens of one request; by default what the server says, or 4096 if it says nothing.
            max_batch: The most requests at once; by default 8, or fewer if the server says so.
            timeout: Seconds that it may stay silent.
            on_progress: Is told what loading is doing.

        Raises:
            EngineError: It does not answer, wants a key, or has no such model; or httpx is not installed.
        """
        if on_progress is not None:
            on_progress(f"asking {address.host}")
        wire = Wire(address, timeout or PATIENCE)
        try:
            server = await survey(wire)
            return cls(_info(address, server, ctx, max_batch), wire, server)
        except BaseException:
            await wire.close()
            raise

    @property
    def info(self) -> EngineInfo:
        """What it is, with what has been learned of the server since."""
        features = self._info.features | (frozenset({"cached_tokens"}) if self._tells_cache else frozenset())
        if not self._refused:
            return replace(self._info, features=features)
        if {"response_format", "json_schema"} & self._refused:
            features -= {"json_schema"}
        details = dict(self._info.details)
        without = ", ".join(sorted(self._refused))
        details |= {"engine": f"{details['engine']}, without {without}", "not taken": without}
        return replace(self._info, features=features - self._refused, details=tuple(details.items()))

    async def see(self, images: Sequence[Attachment], read: Callable[[Attachment], bytes]) -> Mapping[str, int]:
        """Holds images ready to be sent with the messages that show them.

        Raises:
            EngineError: The server says that this model takes none, or one is neither PNG nor JPEG.
        """
        self._check_open()
        if images and not self._server.sees:
            raise EngineError(f"{self._info.name} takes no images.", "Leave out --image, or use a model with vision.")
        return self._pictures.take_in(images, read)

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """The prompt that the server makes of the messages, where it tells that; else one of about as many tokens."""
        self._check_open()
        shows = any(segment.media for message in messages for segment in message.segments)
        tokens = Estimate() if shows else self.tokens  # no server tells the tokens of an image
        return tokens.render(merge_system(messages) if request.SYSTEM in self._refused else messages, think)

    def count(self, text: str) -> int:
        """Tokens of `text` alone, or about as many."""
        self._check_open()
        return self.tokens.count(text)

    async def generate(
        self, prompt: Prompt, sampling: Sampling, constraint: Constraint | None = None
    ) -> AsyncGenerator[EngineEvent, None]:
        """Answers `prompt`; without `max_tokens`, until the context is full.

        Where the server has no field for a constraint, it is sent without; a pattern is then checked at the end.

        Raises:
            BudgetError: Prompt and `max_tokens` do not fit the context.
            EngineError: The constraint is none or was not kept, the server failed or broke off, the engine was closed.
        """
        sent = time.perf_counter()
        self._check_open()
        max_tokens = self._room(len(prompt.token_ids), sampling.max_tokens)

        def body() -> dict[str, Any]:
            messages = merge_system(prompt.messages) if request.SYSTEM in self._refused else prompt.messages
            worded = self._pictures.worded(messages)
            return request.body_of(self._server, worded, sampling, constraint, max_tokens, self._refused)

        await self._admission.enter(0)
        call = None
        try:
            self._check_open()
            call = Call(self._wire, body, self._learn)
            self._calls.add(call)
            reading: Reading | None = None
            try:
                async for batch in call.batches():
                    reading = reading or self._reading(call, sent, len(prompt.token_ids), sampling, max_tokens)
                    for event in reading.read(batch):
                        yield event
            except Refused as refused:
                raise refused.named(self._info.context_length) from None
        finally:
            if call is not None:
                await call.end()
                self._calls.discard(call)
            self._admission.leave(0)
        self._check_open()
        if reading is None:
            raise EngineError(f"{self._wire.address.base} answered nothing.", "Its own log says why.")
        stopped = reading.stopped()
        self._tells_cache = self._tells_cache or reading.tells_cache
        ended = stopped.reason == "stop" and not sampling.stop
        if constraint is not None and ended and (constraint.kind == "regex" or request.is_held(call.body)):
            check_output(reading.answer(prompt.text), constraint)
        yield stopped

    @property
    def waiting(self) -> int:
        """How many requests are not sent yet, because `max_batch` are under way."""
        return self._admission.waiting

    def kv_usage(self) -> KVCacheUsage | None:
        """Servers do not tell."""
        return None

    async def warm(self, prefix: Prompt) -> None:
        """Asks for one token, so that a server which keeps its prompts has this one; others are not asked."""
        self._check_open()
        if self._server.kind != "server":
            async for _ in self.generate(prefix, Sampling(temperature=0, max_tokens=1)):
                pass

    async def close(self) -> None:
        """Fails what is in flight and ends the connections. Twice is fine."""
        if self._closed is None:
            self._closed = EngineError("The engine was closed.", "Load one again: %vmodel")
            self._admission.close(self._closed)
            for call in list(self._calls):
                call.fail(self._closed)
                await call.end()
        await self._wire.close()

    def _reading(self, call: Call, sent: float, total: int, sampling: Sampling, max_tokens: int) -> Reading:
        ignored = request.missed(self._server, self._refused, sampling)
        return Reading(self._wire.address.base, sent, call.begun, total, sampling, max_tokens, ignored)

    def _learn(self, refused: Refused, body: dict[str, Any]) -> bool:
        """Remembers what the server does not take."""
        name = request.learn(refused, body)
        if not name:
            return False
        if name not in self._refused:
            self._refused.add(name)
            _log.warning("%s does not take %s: %s", self._wire.address.base, name, refused.said)
        return True

    def _check_open(self) -> None:
        if self._closed is not None:
            raise EngineError(self._closed.message, self._closed.hint)

    def _room(self, prompt: int, max_tokens: int | None) -> int:
        room = self._info.context_length
        wanted = max(1, room - prompt) if max_tokens is None else max(1, max_tokens)
        if prompt + wanted > room or prompt < 1:
            about = "" if self.tokens.exact else "about "
            raise BudgetError(
                f"The prompt has {about}{prompt} tokens and max_tokens is {wanted}; the context holds {room}.",
                f"Lower max_tokens or --budget; if the server takes more: %vmodel {self._info.spec} --ctx …",
            )
        return wanted


def _info(address: Address, server: Server, ctx: int | None, max_batch: int | None) -> EngineInfo:
    if ctx and server.context and ctx > server.context:
        raise EngineError(
            f"{address.base} serves {server.model} with {server.context} tokens, not {ctx}.",
            f"%vmodel {address.spec} --ctx {server.context}",
        )
    context = ctx or server.context or CONTEXT
    assumed = "" if ctx or server.context else ", assumed: the server does not say; --ctx does"
    held = ["regex"] if server.kind in HOLDS_PATTERNS else []
    features = frozenset({"logprobs", "json_schema", "seed", *held, *(["images"] if server.sees else [])})
    exact = server.tokens.exact
    counted = "by the server's own tokenizer" if exact else "estimated, rather too many: it lends none"
    return EngineInfo(
        spec=address.spec,
        name=server.model,
        fingerprint=server.fingerprint(address),
        context_length=context,
        slots=max_batch or min(server.slots or MAX_BATCH, MAX_BATCH),
        profile=server.profile,
        features=features,
        details=(
            ("engine", f"{server.label} at {address.host}{'' if exact else ', tokens estimated'}"),
            ("context", f"{context:,} tokens{assumed}"),
            ("tokens", counted),
            *([("weights", server.file)] if server.file else []),
        ),
    )
