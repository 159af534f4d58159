"""The engine: a GGUF model on the CPU, several requests decoding together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

from ...core.digest import digest
from ...core.types import Constraint, KVCacheUsage, Message, Prompt, Sampling
from ...errors import BudgetError, EngineError
from ..admission import Admission
from ..base import Blind, EngineEvent, EngineInfo, Prefilling
from ..constraints import check_output
from ..prefix import common_prefix
from ..prompts import Prompts
from ..recommended import of_gguf
from ..stream import Stream, settled
from ..think_first import habit_of, think_first
from ..thinking import MARKS
from ..weights import file_digest
from .gguf import Header, read_header
from .placing import Placed, Placing, boundary
from .request import Reading, body_of
from .server import LocalServer, import_xllamacpp, usable_threads
from .slots import Slots
from .wording import ServerWording

CONTEXT = 4096  # tokens of one request, unless said otherwise
PARALLEL = 4


class LlamaCppEngine(Blind):
    """A GGUF model through llama.cpp; made by `load`.

    Tokens have the id -1 where the server does not name them: without `logprobs`, and inside a character that several
    tokens make up.
    """

    def __init__(self, info: EngineInfo, server: LocalServer, header: Header, cells: int) -> None:
        self._info = info
        self._server = server
        guess = header.values.get("tokenizer.ggml.model") == "gpt2"
        self._wording = ServerWording(server.ask)
        self._prompts = Prompts(self._wording, header.control, guess=guess)
        self._habit = habit_of(header.template)
        self._shown = [token for token in header.control if any(token in mark for mark in MARKS)]
        self._slots = Slots(info.slots, server.folder)
        self._placing = Placing(server, self._slots)
        self._admission = Admission(info.slots, cells)
        self._streams: set[Stream[dict[str, Any]]] = set()
        self._closed: EngineError | None = None

    @classmethod
    async def load(
        cls,
        path: Path,
        *,
        spec: str = "",
        ctx: int | None = None,
        parallel: int | None = None,
        threads: int | None = None,
        on_progress: Callable[[str], None] | None = None,
    ) -> LlamaCppEngine:
        """Loads a model.

        Args:
            spec: What the user typed; the path unless given.
            ctx: The most tokens of one request; by default what the model was trained for, at most 4096.
            parallel: How many requests decode together; the KV cache holds `parallel * ctx` cells.
            threads: By default the cores that this process may use.
            on_progress: Is told what loading is doing.

        Raises:
            EngineError: No GGUF file, damaged, or nothing that llama.cpp can run.
        """
        tell = on_progress or (lambda words: None)
        tell(f"reading {path.name}")
        header = await asyncio.to_thread(read_header, path)
        trained = header.trained_context
        if ctx and trained and ctx > trained:
            raise EngineError(
                f"{path.name} was trained for {trained} tokens, not {ctx}.", f"%vmodel {spec or path} --ctx {trained}"
            )
        context = ctx or min(trained or CONTEXT, CONTEXT)
        slots = parallel or PARALLEL
        weights = await asyncio.to_thread(file_digest, path)
        xlc = await asyncio.to_thread(import_xllamacpp)
        tell(f"loading {path.name} ({header.size / 1e6:,.0f} MB)")
        await asyncio.sleep(0.01)  # loading holds the GIL, so what was told has to be shown before
        threads = threads or usable_threads()
        batch = 128 if header.parameters < 1e9 else 64 if header.parameters < 4e9 else 32

        def start() -> LocalServer:
            return LocalServer(path, cells=slots * context, slots=slots, threads=threads, batch=batch)

        server = await asyncio.to_thread(start)
        sampling, recommended = of_gguf(header.values)
        thinks = {"thinking"} if habit_of(header.template) else set()
        info = EngineInfo(
            spec=spec or str(path),
            name=str(header.values.get("general.name") or path.stem),
            fingerprint=digest([weights, "xllamacpp", xlc.__version__, header.template]),
            context_length=context,
            slots=slots,
            profile="compact" if header.values.get("vnb.profile") == "compact" else "instruct",
            device="cpu",
            features=frozenset({"logprobs", "json_schema", "regex", "cached_tokens", "seed", "strict_schema", *thinks}),
            details=(
                ("engine", f"llama.cpp by xllamacpp {xlc.__version__}"),
                ("architecture", header.architecture),
                ("parameters", f"{header.parameters:,}"),
                ("weights", weights),
                ("threads", str(threads)),
                ("kv cells", str(slots * context)),
                *recommended,
            ),
            sampling=sampling,
        )
        try:
            return await asyncio.to_thread(cls, info, server, header, slots * context)
        except BaseException:
            server.close()
            raise

    @property
    def info(self) -> EngineInfo:
        return self._info

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """Applies the chat template and tokenizes; see `prompts.py` for how special tokens are kept out of contents."""
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
            EngineError: The constraint is invalid or was not kept, the engine failed or was closed.
        """
        self._check_open()
        room, context = self._room(len(prompt.token_ids), sampling.max_tokens), self._info.context_length
        first = think_first(self._habit, prompt, sampling, constraint, room)
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
        """One request of the server."""
        sent = time.perf_counter()
        self._check_open()
        ids = prompt.token_ids
        max_tokens = self._room(len(ids), sampling.max_tokens)
        body = body_of(ids, sampling, constraint, max_tokens, self._shown)
        async with self._admitted(len(ids) + max_tokens):
            share = boundary(prompt)
            placed = self._placing.at_once(ids, share)
            if placed is None:
                async with contextlib.aclosing(self._place(prompt, share)) as progress:
                    async for step in progress:
                        if isinstance(step, Placed):
                            placed = step
                        else:
                            yield step
            assert placed is not None
            slot = placed.slot
            reading = Reading(sent, len(ids), sampling, placed.cached, placed.begun, placed.t_prefill)
            stream = None
            try:
                self._check_open()
                slot.ids = ids[: common_prefix(slot.ids, ids)]  # until the rest is prefilled
                slot.cells = len(slot.ids)
                stream = self._server.stream(body | {"id_slot": slot.index})
                self._streams.add(stream)
                async for batch in stream.batches():
                    for event in reading.read(batch):
                        yield event
                    slot.cells = len(ids) + reading.new_tokens if reading.prefilled else slot.cells
            finally:
                if stream is not None:
                    await stream.end()
                    self._streams.discard(stream)
                if reading.prefilled:
                    slot.ids = ids
                slot.busy = False
        self._check_open()
        if reading.reason is None:
            raise EngineError("The engine ended the request without an answer.")
        if constraint is not None and reading.reason == "stop" and not sampling.stop:
            check_output("".join(reading.texts), constraint)
        yield reading.stopped()

    def kv_usage(self) -> KVCacheUsage:
        """Cells of running requests (`used`) and of what idle slots still hold (`cached`), by our own books."""
        used = sum(s.cells for s in self._slots.slots if s.busy)
        cached = sum(s.cells for s in self._slots.slots if not s.busy)
        return KVCacheUsage(used, cached, max(0, self._admission.cells - used - cached), "cell")

    async def warm(self, prefix: Prompt) -> None:
        """Prefills `prefix` and saves it, so that every later request with that beginning finds it, in any slot."""
        self._check_open()
        ids = prefix.token_ids
        async with self._admitted(len(ids) + self._room(len(ids), 1)):
            async for step in self._place(prefix, len(ids), always=True):
                if isinstance(step, Placed):
                    step.slot.busy = False

    async def close(self) -> None:
        """Fails what is in flight, frees the model and deletes the temporary folder. Twice is fine."""
        if self._closed is None:
            self._closed = EngineError("The engine was closed.", "Load one again: %vmodel")
            self._admission.close(self._closed)
            for stream in list(self._streams):
                stream.cancel()
        await asyncio.to_thread(self._server.close)

    def _ids(self, text: str, special: bool) -> tuple[int, ...]:
        return self._wording.pieces(text, special)[0] if text else ()

    def _check_open(self) -> None:
        if self._closed is not None:
            raise EngineError(self._closed.message, self._closed.hint)

    def _room(self, prompt: int, max_tokens: int | None) -> int:
        room = self._info.context_length
        wanted = max(1, room - prompt) if max_tokens is None else max(1, max_tokens)
        if prompt + wanted > room or prompt < 1:
            raise BudgetError(
                f"The prompt has {prompt} tokens and max_tokens is {wanted}; the context holds {room}.",
                f"Lower max_tokens or --budget, or load with a larger context: %vmodel {self._info.spec} --ctx …",
            )
        return wanted

    @contextlib.asynccontextmanager
    async def _admitted(self, cells: int) -> AsyncGenerator[None, None]:
        await self._admission.enter(cells)
        try:
            yield
        finally:
            self._admission.leave(cells)

    async def _place(
        self, prompt: Prompt, share: int, *, always: bool = False
    ) -> AsyncGenerator[Prefilling | Placed, None]:
        """Progress of a shared prefix, then the slot. A task of its own, so that a slow reader does not hold others."""
        news: asyncio.Queue[Prefilling | None] = asyncio.Queue()
        placing = self._placing.place(prompt.token_ids, share, news.put_nowait, always=always)
        task = asyncio.create_task(placing)
        task.add_done_callback(lambda _: news.put_nowait(None))
        handed = False
        try:
            while (event := await news.get()) is not None:
                yield event
            placed = task.result()
            handed = True
            yield placed
        finally:
            if not handed:
                task.cancel()
                await settled(task)
                if not task.cancelled() and task.exception() is None:
                    task.result().slot.busy = False
