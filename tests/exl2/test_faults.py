"""What goes wrong in the middle: it fails what it touches, with its cause, and the next request works."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from exllamav2 import ExLlamaV2, ExLlamaV2Lora
from safetensors.torch import save_file

from vnb.core.types import Sampling
from vnb.engines.base import Decoded
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options
from vnb.errors import EngineError

from ..engines.asking import answer, collect, prefilled, stopped, until
from .model import MODULES, Weights
from .test_engine import GREEDY, generator, head, ids_of, prompt_of, with_engine

SIX = Options(ctx=768, parallel=2, max_batch=3)


@pytest.mark.parametrize("step", [1, 2, 5, 9])
@pytest.mark.parametrize("draft", ["", "ngram"])
def test_a_failed_forward_fails_what_runs_and_no_more(tiny: Path, weights: Weights, step: int, draft: str) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        prompts = [head(600, seed) for seed in range(3)]
        warm = await collect(engine.generate(prompt_of(*prompts[0]), GREEDY))
        weights.fail[len(weights.calls) + step] = torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate")
        runs = await asyncio.gather(
            *(collect(engine.generate(prompt_of(*p), Sampling(temperature=0, max_tokens=30))) for p in prompts),
            return_exceptions=True,
        )
        failed = [one for one in runs if isinstance(one, EngineError)]
        assert failed and not weights.fail
        assert all("memory" in one.message and "--ctx" in one.hint for one in failed)
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 0
        for ids in prompts:  # nothing is found cached that was never computed
            events = await collect(engine.generate(prompt_of(*ids), GREEDY))
            assert ids_of(events) == weights.expected(ids, 12)
        assert ids_of(warm) == weights.expected(prompts[0], 12)

    with_engine(tiny, body, Options(ctx=768, parallel=2, max_batch=3, draft=draft))


def test_who_waits_is_not_failed_by_those_who_run(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        running = asyncio.create_task(
            collect(engine.generate(prompt_of(*head(400)), Sampling(temperature=0, max_tokens=90)))
        )
        await until(lambda: bool(engine._owner._by_job))
        waiting = asyncio.create_task(collect(engine.generate(prompt_of(*head(400, 2)), GREEDY)))
        await until(lambda: len(engine._owner._requests) == 2)
        weights.fail[len(weights.calls) + 3] = RuntimeError("a kernel failed")
        with pytest.raises(EngineError, match="RuntimeError: a kernel failed"):
            await running
        assert ids_of(await waiting) == weights.expected(head(400, 2), 12)

    with_engine(tiny, body, Options(ctx=512, parallel=1))


def test_twenty_failures_leave_no_thread_behind(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        await collect(engine.generate(prompt_of(5, 6, 7), GREEDY))
        before = threading.active_count()
        for _ in range(20):
            weights.fail[len(weights.calls) + 2] = RuntimeError("again")
            with pytest.raises(EngineError, match="again"):
                await collect(engine.generate(prompt_of(5, 6, 7), GREEDY))
        await until(lambda: threading.active_count() <= before + 2)
        assert ids_of(await collect(engine.generate(prompt_of(5, 6, 7), GREEDY))) == weights.expected([5, 6, 7], 12)

    with_engine(tiny, body)


def test_a_broken_gpu_says_that_the_kernel_must_restart(
    tiny: Path, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        def broken() -> None:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")

        monkeypatch.setattr("vnb.engines.exllamav2.owner.free_memory", broken)
        weights.fail[len(weights.calls) + 2] = RuntimeError("CUDA error: an illegal memory access was encountered")
        for _ in range(2):
            with pytest.raises(EngineError, match="illegal memory access") as caught:
                await collect(engine.generate(prompt_of(5, 6, 7), GREEDY))
            assert "Restart the kernel" in caught.value.hint

    with_engine(tiny, body)


def test_unloading_leaves_nothing(tiny: Path, weights: Weights) -> None:
    async def main() -> list[weakref.ref[Any]]:
        engine = await ExLlamaV2Engine.load(tiny, SIX)
        await collect(engine.generate(prompt_of(*head(300)), GREEDY))
        loaded = engine._owner._loaded
        assert loaded is not None
        kept = [weakref.ref(x) for x in (loaded.model, loaded.cache, loaded.cache.key_states[0], loaded.generator)]
        thread = engine._owner._thread
        events = engine.generate(prompt_of(*head(300, 2)), Sampling(temperature=0, max_tokens=400))
        async for event in events:
            if isinstance(event, Decoded):
                break
        del loaded
        await engine.close()
        with pytest.raises(EngineError, match="closed"):
            await collect(events)
        assert engine.kv_usage() is None and not thread.is_alive()
        return kept

    kept = asyncio.run(asyncio.wait_for(main(), 60))
    gc.collect()
    assert [one() for one in kept] == [None] * 4


def test_an_engine_that_is_dropped_ends_its_thread(tiny: Path, weights: Weights) -> None:
    async def main() -> threading.Thread:
        engine = await ExLlamaV2Engine.load(tiny, SIX)
        await collect(engine.generate(prompt_of(*head(20)), GREEDY))
        return engine._owner._thread

    thread = asyncio.run(main())
    gc.collect()
    thread.join(20)
    assert not thread.is_alive()


def test_loading_tells_what_it_does_and_can_be_stopped(tiny: Path, weights: Weights) -> None:
    said: list[str] = []

    async def main() -> None:
        def tell(words: str) -> None:
            said.append(words)
            if "1 of" in words:
                raise RuntimeError("the cell is gone")

        with pytest.raises(EngineError, match="could not be loaded: RuntimeError: the cell is gone"):
            await ExLlamaV2Engine.load(tiny, SIX, on_progress=tell)
        said.clear()
        engine = await ExLlamaV2Engine.load(tiny, SIX, on_progress=said.append)
        await engine.close()

    asyncio.run(main())
    assert any("GB needed" in words for words in said)
    assert any(f"of {MODULES} modules" in words for words in said) and said[-1] == "trying it out"


def test_a_cancelled_load_ends_and_gives_back_what_it_had(
    tiny: Path, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = ExLlamaV2.load_autosplit

    def slow(model: ExLlamaV2, *args: Any, callback: Any, **named: Any) -> None:
        begun.set()
        go_on.wait(20)
        real(model, *args, callback=callback, **named)

    monkeypatch.setattr(ExLlamaV2, "load_autosplit", slow)
    unloaded: list[ExLlamaV2] = []
    monkeypatch.setattr(ExLlamaV2, "unload", lambda model: unloaded.append(model))

    async def main() -> None:
        task = asyncio.create_task(ExLlamaV2Engine.load(tiny, SIX))
        await until(begun.is_set)
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(unloaded) == 1

    asyncio.run(main())
    assert not [t for t in threading.enumerate() if t.name == "vnb-exllamav2"]


def test_memory_that_is_short_while_loading_is_told(tiny: Path, weights: Weights) -> None:
    async def main() -> None:
        weights.fail[1] = RuntimeError("CUDA error: out of memory")
        with pytest.raises(EngineError, match="memory is short") as caught:
            await ExLlamaV2Engine.load(tiny, SIX)
        assert "--kv q4" in caught.value.hint
        engine = await ExLlamaV2Engine.load(tiny, SIX)
        await engine.close()

    asyncio.run(main())


def test_splits_and_reserves_reach_the_loader(tiny: Path, weights: Weights) -> None:
    async def main() -> None:
        for options in (Options(ctx=512, gpu_split="0.5,1"), Options(ctx=512, reserve=0.25)):
            await (await ExLlamaV2Engine.load(tiny, options)).close()

    asyncio.run(main())
    assert weights.loads == ["split [0.5, 1.0]", f"autosplit {2**28}"]


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    """A LoRA of zeros for the first layer's queries."""
    folder = tmp_path / "style"
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"r": 2, "lora_alpha": 2}))
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_{}.weight"
    save_file(
        {name.format("A"): torch.zeros(2, 256), name.format("B"): torch.zeros(256, 2)},
        folder / "adapter_model.safetensors",
    )
    return folder


@pytest.fixture
def on_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """LoRAs ask each module where it lies; none lies anywhere here."""
    from exllamav2.linear import ExLlamaV2Linear

    monkeypatch.setattr(ExLlamaV2Linear, "device", lambda self: "cpu")
    monkeypatch.setattr(ExLlamaV2, "update_loras", lambda self: None)


@pytest.mark.usefixtures("on_cpu")
def test_a_lora_changes_outputs_and_finds_nothing_cached(tiny: Path, weights: Weights, lora: Path) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        ids, plain = prompt_of(*head(300)), engine.info.fingerprint
        first = await collect(engine.generate(ids, GREEDY))
        running = asyncio.create_task(
            collect(engine.generate(prompt_of(*head(50)), Sampling(temperature=0, max_tokens=60)))
        )
        await until(lambda: bool(engine._owner._by_job))
        await engine.set_loras([lora])
        assert stopped(await running).usage.new_tokens == 60
        assert engine.info.fingerprint != plain and ("loras", "style") in engine.info.details
        second = await collect(engine.generate(ids, GREEDY))
        assert prefilled(second).cached_tokens == 0 and len(weights.loras) == 1
        assert ids_of(first) != ids_of(second)
        with pytest.raises(EngineError, match="cannot be loaded"):
            await engine.set_loras([lora, lora.parent])
        assert engine.info.fingerprint == plain
        third = await collect(engine.generate(ids, GREEDY))
        assert prefilled(third).cached_tokens == 0 and ids_of(third) == ids_of(first)

    with_engine(tiny, body)

    async def loaded() -> str:
        engine = await ExLlamaV2Engine.load(tiny, Options(ctx=512, parallel=3, loras=(str(lora),)))
        assert isinstance(generator(engine).current_loras[0], ExLlamaV2Lora)
        await engine.close()
        return dict(engine.info.details)["loras"]

    assert asyncio.run(loaded()) == "style"


def test_a_draft_model_of_another_vocabulary_is_refused(tiny: Path, weights: Weights, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in tiny.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary.update(zip(list(vocabulary)[-2:], reversed(list(vocabulary.values())[-2:])))
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))

    async def main() -> None:
        with pytest.raises(EngineError, match="vocabulary"):
            await ExLlamaV2Engine.load(tiny, Options(ctx=512, draft=str(other)))

    asyncio.run(main())


def test_importing_leaves_the_process_as_it_was(tiny: Path, weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from vnb.engines.exllamav2.loading import bring_in

    torch.set_num_threads(2)
    monkeypatch.setenv("EXLLAMA_NO_XFORMERS", "mine")
    before = dict(os.environ)
    bring_in("sdpa")
    assert torch.get_num_threads() == 2 and dict(os.environ) == before


def test_one_engine_answers_from_several_loops(tiny: Path, weights: Weights) -> None:
    engine = asyncio.run(ExLlamaV2Engine.load(tiny, SIX))
    texts = {tuple(ids_of(asyncio.run(answer(engine, "x")))) for _ in range(3)}
    assert len(texts) == 1
    asyncio.run(engine.close())


@pytest.mark.parametrize("role", ["model", "draft"])
def test_an_architecture_that_exllamav2_does_not_know_is_not_taken_for_llama(
    tiny: Path, weights: Weights, tmp_path: Path, role: str, capfd: pytest.CaptureFixture[str]
) -> None:
    strange = Path(shutil.copytree(tiny, tmp_path / "strange"))
    config = json.loads((strange / "config.json").read_text())
    (strange / "config.json").write_text(json.dumps(config | {"architectures": ["FalconForCausalLM"]}))
    path, options = (strange, Options()) if role == "model" else (tiny, Options(draft=str(strange)))
    with pytest.raises(EngineError, match="does not know the architecture FalconForCausalLM") as refused:
        asyncio.run(ExLlamaV2Engine.load(path, options))
    assert "GGUF" in refused.value.hint
    assert not weights.loads and "!!" not in capfd.readouterr().out
