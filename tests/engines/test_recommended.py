"""The sampling that a model's files recommend, and the penalties of repetitions."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest

from benchmarks.random_model import write_random_llama
from vnb.core.limits import sampling as sampling_of
from vnb.core.types import Sampling
from vnb.engines.llamacpp import LlamaCppEngine
from vnb.engines.recommended import of_folder, of_gguf
from vnb.errors import UsageError

from .asking import answer, text_of


def test_a_gguf_file_says_how_its_model_is_sampled(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_random_llama(
        path, sampling={"temp": 0.7, "top_k": 20, "top_p": 0.95, "min_p": 3.0, "penalty_repeat": 1.05}, context=512
    )

    async def main() -> None:
        engine = await LlamaCppEngine.load(path, ctx=256, parallel=1, threads=1)
        assert engine.info.sampling == Sampling(temperature=0.7, top_k=20, top_p=0.95, repeat_penalty=1.05)
        details = dict(engine.info.details)
        assert details["sampling"] == "temperature 0.7, top_p 0.95, top_k 20, repeat_penalty 1.05"
        assert "min_p 3.0" in details["sampling left out"]
        await engine.close()

    asyncio.run(main())


@pytest.mark.parametrize("value", ["0.7", True, [1], math.nan, math.inf, -1.0, 1e9])
def test_values_that_make_no_sense_are_left_out(value: Any) -> None:
    taken, details = of_gguf({"general.sampling.temp": value, "general.sampling.top_k": 40})
    assert taken == Sampling(top_k=40)
    assert "temperature" in dict(details)["sampling left out"]


def test_a_folder_says_it_as_transformers_reads_it() -> None:
    said = {"temperature": 0.6, "top_p": 0.9, "top_k": 20, "min_p": None, "repetition_penalty": 1.1, "eos_token_id": 2}
    assert of_folder(said)[0] == Sampling(temperature=0.6, top_p=0.9, top_k=20, repeat_penalty=1.1)
    assert of_folder({**said, "do_sample": True})[0] == of_folder(said)[0]
    assert of_folder({**said, "do_sample": False})[0] == Sampling(temperature=0, repeat_penalty=1.1)
    assert of_folder({}) == of_gguf({}) == (Sampling(), ())


def test_penalties_end_a_loop(random_model: Path) -> None:
    """Greedy random weights repeat themselves soon; how many different tokens come tells."""

    async def main() -> None:
        engine = await LlamaCppEngine.load(random_model, ctx=512, parallel=1, threads=1)
        try:
            outputs = {}
            for name in ("plain", "repeat_penalty", "dry"):
                more = {} if name == "plain" else {name: 2.0}
                sampling = Sampling(temperature=0, max_tokens=200, **more)  # type: ignore[arg-type]
                outputs[name] = text_of(await answer(engine, "the world", sampling))
        finally:
            await engine.close()
        loops = {name: len({text[n : n + 12] for n in range(len(text) - 12)}) for name, text in outputs.items()}
        assert loops["plain"] < loops["repeat_penalty"] and loops["plain"] < loops["dry"], loops

    asyncio.run(asyncio.wait_for(main(), 120))


@pytest.mark.parametrize(
    ("said", "think"), [("on", "on"), ("OFF", "off"), (True, "on"), (False, "off"), (200, "200"), (" 200 ", "200")]
)
def test_think_is_on_off_or_a_number_of_tokens(said: Any, think: str) -> None:
    assert sampling_of({"think": said}) == Sampling(think=think)


@pytest.mark.parametrize("said", ["yes", "", 0, "0", -5, 1.5, "1e3", "²", None, 10**9])
def test_other_words_for_think_are_refused(said: Any) -> None:
    with pytest.raises(UsageError, match="think must be on, off or a number of tokens") as refused:
        sampling_of({"think": said})
    assert refused.value.hint
