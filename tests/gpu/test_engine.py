"""What only a GPU can tell: that numbers are right, that memory comes back, that faults are survived."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from vnb.core.types import Constraint, Prompt, Sampling
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options
from vnb.errors import EngineError

from ..engines.asking import answer, collect, prefilled, stopped, text_of, tokens_of
from .conftest import Note

GREEDY = Sampling(temperature=0, max_tokens=24, logprobs=5)
Body = Callable[[ExLlamaV2Engine], Awaitable[Any]]
SIZES = {"ctx": 1024, "parallel": 4}


def with_engine(path: Path, body: Body, **options: Any) -> Any:
    async def main() -> Any:
        engine = await ExLlamaV2Engine.load(path, Options(**SIZES | options))
        try:
            return await body(engine)
        finally:
            await engine.close()

    return asyncio.run(asyncio.wait_for(main(), 600))


def ids(count: int, seed: int = 0) -> tuple[int, ...]:
    return tuple(5 + (place * place * 31 + place * 17 + seed * 7919) % 2500 for place in range(count))


async def ask(engine: ExLlamaV2Engine, prompt: tuple[int, ...], sampling: Sampling = GREEDY) -> list[Any]:
    return await collect(engine.generate(Prompt((), "", prompt), sampling))


def allocated() -> int:
    import torch

    return sum(torch.cuda.memory_allocated(index) for index in range(torch.cuda.device_count()))


def test_logprobs_are_those_of_transformers(weights: Path, note: Note) -> None:
    transformers = pytest.importorskip("transformers")
    import torch

    async def body(engine: ExLlamaV2Engine) -> list[Any]:
        return await ask(engine, ids(300))

    tokens = tokens_of(with_engine(weights, body))
    model = transformers.AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float16).cuda().eval()
    whole = torch.tensor([[*ids(300), *(token.id for token in tokens)]]).cuda()
    with torch.inference_mode():
        truth = torch.log_softmax(model(whole).logits[0].float(), -1)
    worst = max(abs(float(truth[299 + n, token.id]) - (token.logprob or 0.0)) for n, token in enumerate(tokens))
    note("log-probabilities, worst error", f"{worst:.4f}")
    assert worst < 0.05


@pytest.mark.parametrize("kv", ["fp16", "q8", "q6", "q4"])
def test_each_cache_answers_alike(weights: Path, note: Note, kv: str) -> None:
    async def body(engine: ExLlamaV2Engine) -> list[Any]:
        runs = await asyncio.gather(*(ask(engine, ids(500, seed)) for seed in range(4)))
        again = await ask(engine, ids(500))
        assert prefilled(again).cached_tokens == stopped(again).usage.cached_tokens == 499
        return [token for run in runs for token in tokens_of(run)]

    exact = with_engine(weights, body)
    found = exact if kv == "fp16" else with_engine(weights, body, kv=kv)
    first = [abs((a.logprob or 0) - (b.logprob or 0)) for a, b in zip(exact[::24], found[::24])]
    note(f"cache {kv}, first token's error", f"{max(first):.4f}")
    assert len(found) == 4 * 24 and max(first) < {"fp16": 1e-6, "q8": 0.1, "q6": 0.3, "q4": 1.0}[kv]


def test_the_fallback_answers_as_flash_attn_does(weights: Path, note: Note, machine: Any) -> None:
    """The other attention, in a process of its own: it is chosen when ExLlamaV2 is imported."""
    script = (
        "import sys; from pathlib import Path; from tests.gpu.test_engine import *\n"
        "async def body(engine): return [await ask(engine, ids(n, n)) for n in (3, 300, 700)]\n"
        "runs = with_engine(Path(sys.argv[1]), body)\n"
        "print([round(tokens_of(run)[0].logprob, 4) for run in runs])"
    )

    def run(**environment: str) -> list[float]:
        command = [sys.executable, "-c", script, str(weights)]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
        assert done.returncode == 0, done.stderr
        return [float(word) for word in done.stdout.splitlines()[-1].strip("[]").split(",")]

    ours, theirs = run(EXLLAMA_NO_FLASH_ATTN="1"), run()
    worst = max(abs(a - b) for a, b in zip(ours, theirs))
    note("fallback against what is here", f"{worst:.4f}")
    assert worst < 0.02


@pytest.mark.parametrize("draft", ["ngram", "model"])
def test_drafting_changes_no_output(weights: Path, note: Note, draft: str) -> None:
    async def body(engine: ExLlamaV2Engine) -> list[Any]:
        return await ask(engine, ids(300), Sampling(temperature=0, max_tokens=64))

    plain = with_engine(weights, body)
    drafted = with_engine(weights, body, draft="ngram" if draft == "ngram" else str(weights))
    usage = stopped(drafted).usage
    note(f"drafts by {draft}", f"{usage.draft_accepted} accepted, {usage.draft_rejected} rejected")
    assert [t.id for t in tokens_of(drafted)][:8] == [t.id for t in tokens_of(plain)][:8]
    assert draft == "ngram" or (usage.draft_accepted or 0) > 32  # it drafts for itself


def test_200_random_cancels_leave_no_page_referenced(weights: Path) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        async def one(number: int) -> None:
            prompt = Prompt((), "", ids(20 + number * 37 % 900, number % 3))
            events = engine.generate(prompt, Sampling(temperature=0.9, max_tokens=100))
            for _ in range(number % 13):
                await anext(events, None)
            await events.aclose()

        await asyncio.gather(*(one(number) for number in range(200)))
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 0
        assert text_of(await answer(engine, "and now", GREEDY))

    with_engine(weights, body, max_batch=8)


def test_a_thousand_short_steps_leak_nothing(weights: Path, note: Note) -> None:
    async def body(engine: ExLlamaV2Engine) -> int:
        short = Sampling(temperature=0, max_tokens=4)
        constraint = Constraint("regex", "[0-9]{2,8}")
        await ask(engine, ids(40), short)
        before = allocated()
        for number in range(250):
            wanted = constraint if number % 5 == 0 else None
            await asyncio.gather(
                *(collect(engine.generate(Prompt((), "", ids(40, 4 * number + k)), short, wanted)) for k in range(4))
            )
        return allocated() - before

    grown = with_engine(weights, body)
    note("1,000 steps, bytes more", grown)
    assert grown < 1 << 20


def test_memory_that_is_short_fails_the_step_and_not_the_engine(weights: Path) -> None:
    import torch

    async def body(engine: ExLlamaV2Engine) -> None:
        await ask(engine, ids(20))
        hog = []
        size = 1 << 30
        while size > 1 << 12:
            try:
                hog.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
            except torch.cuda.OutOfMemoryError:
                size //= 2
        failed = await asyncio.gather(*(ask(engine, ids(900, seed)) for seed in range(4)), return_exceptions=True)
        hog.clear()
        torch.cuda.empty_cache()
        assert all(isinstance(one, (EngineError, list)) for one in failed)
        if not any(isinstance(one, EngineError) for one in failed):
            pytest.skip("the step found room in what torch had kept")
        again = await ask(engine, ids(900))
        assert stopped(again).usage.new_tokens and prefilled(again).cached_tokens == 0

    with_engine(weights, body)


def test_unloading_gives_the_memory_back(weights: Path, note: Note) -> None:
    async def body(engine: ExLlamaV2Engine) -> int:
        await ask(engine, ids(500))
        return allocated()

    with_engine(weights, body)
    before = allocated()
    loaded = [with_engine(weights, body) for _ in range(3)]
    note("loaded, bytes; left after unloading", f"{loaded[-1] - before:,}; {allocated() - before:,}")
    assert allocated() - before < 1 << 20 < loaded[0] - before


def test_quantizing_keeps_the_model(weights: Path, note: Note, tmp_path: Path) -> None:
    from vnb.engines.quantize import quantize

    pytest.importorskip("fastparquet")
    said: list[str] = []
    made = quantize(weights, tmp_path / "exl2", bpw=5.0, on_progress=said.append)
    assert "quantizing" in " ".join(said) and made.bits

    async def body(engine: ExLlamaV2Engine) -> float:
        assert engine.info.profile == "compact"
        events = await ask(
            engine, ids(600), Sampling(temperature=1.0, top_k=0, top_p=1.0, max_tokens=200, seed=1, logprobs=0)
        )
        found = [token.logprob for token in tokens_of(events) if token.logprob is not None]
        return -sum(found) / len(found)

    full, small = with_engine(weights, body), with_engine(made.path, body)
    note("nats a token, 16 bits; 5 bpw", f"{full:.3f}; {small:.3f}")
    assert math.isfinite(small) and abs(full - small) < 1.0
