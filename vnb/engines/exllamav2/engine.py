"""The engine: a folder of weights on the GPU, several requests decoding together over one paged cache."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path

from ...core.types import Attachment, Constraint, KVCacheUsage, Message, Prompt, Sampling, Token
from ...errors import BudgetError, EngineError, VnbError
from ..base import Decoded, EngineEvent, EngineInfo
from ..prompts import Prompts
from ..stream import Beat, Stream
from ..think_first import think_first
from .loading import load
from .options import NGRAM, Options
from .owner import CLOSED, Owner
from .preparing import Prepared, prepare, with_loras
from .request import Request, Told
from .vision import Gallery

SHORTEST = 3  # ExLlamaV2 looks that far back for n-grams, and fails where there is nothing

Tell = Callable[[str], None]


class ExLlamaV2Engine:
    """A model through ExLlamaV2's dynamic generator; made by `load`.

    A seed repeats an output where the same requests run together on the same cache: the GPU sums in another order for
    another batch, and near ties between tokens may then fall otherwise.
    """

    def __init__(self, prepared: Prepared, owner: Owner) -> None:
        self._base = prepared.info  # without LoRAs
        self._info = with_loras(prepared.info, prepared.options.loras)[1]
        self._owner = owner
        self._beat = Beat()
        self._drafted = prepared.options.drafted
        self._shortest = SHORTEST if prepared.options.draft == NGRAM else 1
        self._gallery = Gallery(owner, prepared.info.name, prepared.blind)
        self._wording = prepared.wording
        self._prompts = Prompts(prepared.wording, prepared.wording.control, guess=False, image=self._gallery.ids)
        self._closed = False
        self._finalizer = weakref.finalize(self, owner.stop)

    @classmethod
    async def load(
        cls, path: Path, options: Options | None = None, *, spec: str = "", on_progress: Tell | None = None
    ) -> ExLlamaV2Engine:
        """Loads a model.

        Args:
            path: A folder of EXL2, GPTQ or plain 16-bit weights.
            spec: What the user typed; the path unless given.
            on_progress: Is told what loading is doing, from another thread.

        Raises:
            EngineError: ExLlamaV2 cannot run here, or not this model, or it does not fit.
        """
        tell = on_progress or (lambda words: None)
        tell(f"reading {path.name}")
        prepared = await asyncio.to_thread(prepare, path, options or Options(), spec or str(path))
        if prepared.build:
            tell("building ExLlamaV2's CUDA extension: minutes, the first time only")
        tell(f"loading {path.name}: {prepared.needed}")
        abandoned = threading.Event()

        def say(words: str) -> None:
            if abandoned.is_set():
                raise EngineError("Loading was stopped.", "Load it again: %vmodel")
            tell(words)

        owner = Owner()
        try:
            await asyncio.wrap_future(owner.load(lambda: load(prepared, say)))
        except BaseException:
            abandoned.set()
            await asyncio.to_thread(owner.stop)
            raise
        return cls(prepared, owner)

    @property
    def info(self) -> EngineInfo:
        return self._info

    async def see(self, images: Sequence[Attachment], read: Callable[[Attachment], bytes]) -> Mapping[str, int]:
        """Embeds images that are new, between two steps of decoding.

        Raises:
            EngineError: The model has no vision tower, or one of them cannot be read.
        """
        self._check_open()
        return await self._gallery.take_in(images, read)

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """Applies the chat template and tokenizes; special tokens in contents stay ordinary text."""
        self._check_open()
        return self._prompts.render(messages, think)

    def count(self, text: str) -> int:
        """Tokens of `text` alone."""
        self._check_open()
        return self._prompts.count(text)

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of these tokens, special ones included."""
        self._check_open()
        return self._prompts.detokenize(ids)

    async def generate(
        self, prompt: Prompt, sampling: Sampling, constraint: Constraint | None = None
    ) -> AsyncGenerator[EngineEvent, None]:
        """Answers `prompt`; without `max_tokens`, until the context is full.

        Raises:
            BudgetError: Prompt and `max_tokens` do not fit the context.
            EngineError: The constraint is invalid, the engine failed or was closed.
        """
        self._check_open()
        room, context = self._room(len(prompt.token_ids), sampling.max_tokens), self._info.context_length
        first = think_first(self._wording.habit, prompt, sampling, constraint, room)
        if first is None:
            source = self._answer(prompt, sampling, constraint)
        else:
            source = first.generate(self._answer, self._ids, prompt, sampling, constraint, room, context)
        async with contextlib.aclosing(source) as events:
            async for event in events:
                yield event

    async def _answer(
        self, prompt: Prompt, sampling: Sampling, constraint: Constraint | None
    ) -> AsyncGenerator[EngineEvent, None]:
        """One request of the generator."""
        sent = time.perf_counter()
        self._check_open()
        ids = prompt.token_ids
        max_tokens = self._room(len(ids), sampling.max_tokens)
        if len(ids) < self._shortest:
            raise EngineError(
                f"Drafting by n-grams needs {self._shortest} tokens of prompt.", "Load without --draft ngram."
            )

        owner, drafted, images = self._owner, self._drafted, self._gallery.shown_in(ids)  # none keeps the engine alive

        def start(hear: Callable[[float, Told | None], None]) -> Callable[[], None]:
            request = Request(ids, sampling, constraint, max_tokens, sent, hear, drafted, images)
            owner.submit(request)
            return lambda: owner.cancel(request)

        stream: Stream[Told] = Stream(start, self._beat)
        try:
            async for batch in stream.batches():
                for event in _joined(batch):
                    if isinstance(event, VnbError):
                        raise event
                    yield event
        finally:
            await stream.end()

    def kv_usage(self) -> KVCacheUsage | None:
        """Pages of 256 tokens."""
        return None if self._closed else self._owner.kv_usage()

    async def warm(self, prefix: Prompt) -> None:
        """Prefills the prefix; its pages stay for the requests that begin with it."""
        async for _ in self.generate(prefix, Sampling(temperature=0, max_tokens=1)):
            pass

    async def set_loras(self, folders: Sequence[str | Path]) -> None:
        """Puts these LoRAs in the place of those before, once the running requests have ended. The cache is emptied.

        Raises:
            EngineError: One cannot be loaded; then none is applied.
        """
        self._check_open()
        paths, info = await asyncio.to_thread(with_loras, self._base, folders)
        self._info = self._base
        await asyncio.wrap_future(self._owner.apply_loras(paths))
        self._info = info

    async def close(self) -> None:
        """Fails what is in flight and gives the memory back. Twice is fine."""
        self._closed = True
        self._gallery.clear()
        await asyncio.to_thread(self._finalizer)

    def _ids(self, text: str, special: bool) -> tuple[int, ...]:
        return self._wording.pieces(text, special)[0]

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError(CLOSED.message, CLOSED.hint)

    def _room(self, prompt: int, max_tokens: int | None) -> int:
        room = self._info.context_length
        wanted = max(1, room - prompt) if max_tokens is None else max(1, max_tokens)
        if prompt + wanted > room or prompt < 1:
            raise BudgetError(
                f"The prompt has {prompt} tokens and max_tokens is {wanted}; the context holds {room}.",
                f"Lower max_tokens or --budget, or load with a larger context: %vmodel {self._info.spec} --ctx …",
            )
        return wanted


def _joined(batch: Sequence[tuple[float, Told | None]]) -> list[Told]:
    """The events of a batch; tokens that came together stay together."""
    joined: list[Told] = []
    tokens: list[Token] = []
    for _, event in batch:
        if isinstance(event, Decoded):
            tokens += event.tokens
            continue
        if tokens:
            joined.append(Decoded(tuple(tokens)))
            tokens = []
        if event is not None:
            joined.append(event)
    if tokens:
        joined.append(Decoded(tuple(tokens)))
    return joined
