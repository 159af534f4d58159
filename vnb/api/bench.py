"""How fast a loaded model is: prefill and decode at several batch sizes, time to the first token, load time, memory."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ..core import metrics
from ..core.types import Message, Prompt, Sampling, Segment, Token
from ..core.view import AttemptView
from ..engines.base import Decoded, Engine, Stopped
from ..errors import UsageError
from ..locale import say
from ..views import clean, markup
from .runtime import Runtime
from .tables import frame

if TYPE_CHECKING:
    from pandas import DataFrame

BATCHES = (1, 4, 8)


@dataclass(frozen=True)
class Speed:
    """Tokens per second with `batch` requests at once; medians over the rounds.

    Attributes:
        prefill: Uncached prompt tokens, from the first request's sending to the last one's first token.
        decode: Tokens that came while all of the requests decoded; `None` if they never did.
        decode_each: 1 / TPOT of the middle request.
    """

    batch: int
    prefill: float | None
    decode: float | None
    decode_each: float | None


@dataclass(frozen=True)
class Bench:
    """What was measured of a model. Prints as a table.

    Attributes:
        prompt, new: Tokens of the prompts, and of the answers where decoding was measured.
        rounds: How often each figure was measured; medians are given.
        ttft_cold, ttft_cached: Seconds to the first token, of a prompt never seen and of the same one once more.
        load_seconds: How long loading took; `None` if vnb did not load it.
        memory: The most bytes that this process had in memory, weights and all; `None` where the system does not say.
        omitted: Batch sizes for which the model has too few slots.
    """

    spec: str
    name: str
    engine: str
    slots: int
    prompt: int
    new: int
    rounds: int
    speeds: tuple[Speed, ...]
    ttft_cold: float | None
    ttft_cached: float | None
    load_seconds: float | None
    memory: int | None
    omitted: tuple[int, ...]

    def to_pandas(self) -> DataFrame:
        """A row for each batch size; columns as in `Speed`, in tokens per second.

        Raises:
            VnbError: pandas is not installed.
        """
        names = {field.name: "" for field in fields(Speed)}
        return frame(names, ([getattr(speed, name) for name in names] for speed in self.speeds))

    def __repr__(self) -> str:
        return "\n".join([self._title, clean.table(_HEADS, self._cells, right=range(4)), *self._notes])

    def _repr_html_(self) -> str:
        cells = [[markup.line(cell) for cell in row] for row in self._cells]
        notes = "\n".join(markup.aside(markup.escape(note)) for note in self._notes)
        return f"{markup.table(markup.line(self._title), _HEADS, cells)}\n{notes}"

    @property
    def _title(self) -> str:
        return clean.label(say(f"{self.name} ({self.spec}), {self.engine}, {self.slots} slots"))

    @property
    def _cells(self) -> list[list[str]]:
        return [
            [str(speed.batch), *map(clean.rate, (speed.prefill, speed.decode, speed.decode_each))]
            for speed in self.speeds
        ]

    @property
    def _notes(self) -> list[str]:
        """What is not in the table, in words."""
        first = say(
            f"first token after {clean.milliseconds(self.ttft_cold)}, {clean.milliseconds(self.ttft_cached)} if cached"
        )
        said = [first if self.ttft_cold is not None and self.ttft_cached is not None else ""]
        said += [say(f"loaded in {clean.seconds(self.load_seconds)}") if self.load_seconds is not None else ""]
        said += [
            say(f"at most {self.memory / 1e6:,.0f} MB in this process's memory") if self.memory is not None else ""
        ]
        how = say(f"prompts of {self.prompt} tokens, answers of {self.new}, medians of {self.rounds}")
        notes = [" · ".join(filter(None, said)), how]
        if self.omitted:
            most = max(self.omitted)
            left_out = ", ".join(map(str, self.omitted))
            notes.append(say(f"batch {left_out}: too few slots; %vmodel {self.spec} --parallel {most}"))
        return notes


_HEADS = ("Batch", "Prefill tok/s", "Decode tok/s", "of each request")


def bench(
    runtime: Runtime,
    spec: str = "",
    *,
    batches: Sequence[int] = BATCHES,
    prompt: int = 256,
    new: int = 64,
    rounds: int = 3,
    on_progress: Callable[[str], None] | None = None,
) -> Bench:
    """Measures a model; `vnb.bench` says how.

    Raises:
        EngineError: The model cannot be loaded or does not answer.
        UsageError: A number makes no sense, or a run is under way, which would be measured too.
    """
    if min((*batches, prompt, new - 1, rounds), default=0) < 1:
        raise UsageError("batches, prompt and rounds must be at least 1, new at least 2.", "vnb.bench(rounds=3)")
    if runtime.busy:
        raise UsageError("A run is under way; it would be measured too.", "Wait for its end, or stop it: run.stop()")
    tell = on_progress or (lambda words: None)
    engine = runtime.loop.call(runtime.engine(spec))
    prompt = min(prompt, engine.info.context_length // 2)
    new = min(new, engine.info.context_length // 4)
    measuring = _Measuring(engine, prompt, new, rounds, tell)
    return runtime.loop.call(measuring.run(batches, runtime.load_seconds.get(spec or runtime.default)))


class _Measuring:
    """The measurement of one engine."""

    def __init__(self, engine: Engine, prompt: int, new: int, rounds: int, tell: Callable[[str], None]) -> None:
        self.engine, self.prompt, self.new, self.rounds, self.tell = engine, prompt, new, rounds, tell
        self._random = random.Random()  # no prompt may ever come twice: it would be cached

    async def run(self, batches: Sequence[int], load_seconds: float | None) -> Bench:
        info = self.engine.info
        await self._ask(self._fresh(16), 2)  # what is made at the first request is not measured
        firsts = []
        for _ in range(self.rounds):
            self.tell("measuring the first token")
            one = self._fresh(self.prompt)
            firsts.append([metrics.ttft(await self._ask(one, 1)) for _ in range(2)])
        speeds = []
        for batch in sorted(set(batches)):
            if batch <= info.slots:
                self.tell(f"measuring batch {batch}")
                rounds = [await self._together(batch) for _ in range(self.rounds)]
                speeds.append(Speed(batch, *map(_median, zip(*rounds))))
        cold, cached = map(_median, zip(*firsts))
        return Bench(
            spec=info.spec,
            name=info.name,
            engine=dict(info.details).get("engine", "its engine"),
            slots=info.slots,
            prompt=self.prompt,
            new=self.new,
            rounds=self.rounds,
            speeds=tuple(speeds),
            ttft_cold=cold,
            ttft_cached=cached,
            load_seconds=load_seconds,
            memory=_memory(),
            omitted=tuple(batch for batch in sorted(set(batches)) if batch > info.slots),
        )

    async def _together(self, batch: int) -> tuple[float | None, float | None, float | None]:
        """Prefill, decode, and decode of each: the first with long prompts, the others with short ones."""
        prompts = [self._fresh(self.prompt) for _ in range(batch)]
        begun = time.perf_counter()
        filled = await asyncio.gather(*(self._ask(prompt, 1) for prompt in prompts))
        computed = sum(one.usage.prompt_tokens - one.usage.cached_tokens for one in filled)
        until = max(_times(one)[0] for one in filled)
        prompts = [self._fresh(16) for _ in range(batch)]
        answers = await asyncio.gather(*(self._ask(prompt, self.new) for prompt in prompts))
        each = _median([metrics.decode_rate(one) for one in answers])
        return computed / (until - begun), _together(answers), each

    async def _ask(self, prompt: Prompt, new: int) -> AttemptView:
        """One request as an attempt. Tokens are drawn from the whole vocabulary, nearly all alike, so that none ends."""
        sampling = Sampling(temperature=100.0, top_k=0, top_p=1.0, min_p=0.0, max_tokens=new, logprobs=0)
        sent = time.perf_counter()
        found = AttemptView(1, queued_at=sent, started_at=sent)
        async for said in self.engine.generate(prompt, sampling):
            if isinstance(said, Decoded):
                found.tokens.extend(said.tokens)
            elif isinstance(said, Stopped):
                found.usage = said.usage
        if not found.tokens:  # it ended inside a character, so there was nothing to send
            found.tokens.append(Token(-1, "", time.perf_counter() - sent))
        return found

    def _fresh(self, tokens: int) -> Prompt:
        """A prompt of about so many tokens that begins like no other."""
        words = ["".join(self._random.choices("aeioulnrst", k=4)) for _ in range(tokens)]
        counted = max(self.engine.count(" ".join(words)), 1)
        words = words[: max(1, tokens * len(words) // counted)]
        return self.engine.render([Message("user", (Segment(" ".join(words)),))])


def _times(attempt: AttemptView) -> list[float]:
    return [attempt.started_at + token.dt for token in attempt.tokens]


def _together(attempts: Sequence[AttemptView]) -> float | None:
    """Tokens per second while all of them decoded."""
    times = [_times(attempt) for attempt in attempts]
    begin, end = max(one[0] for one in times), min(one[-1] for one in times)
    tokens = sum(begin < time <= end for one in times for time in one)
    return tokens / (end - begin) if end > begin else None


def _median(values: Sequence[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _memory() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
