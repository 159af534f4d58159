"""`%vmodel` for a GPU: what is typed reaches the engine, and the converter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vnb
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options
from vnb.engines.quantize import Quantized
from vnb.engines.scripted import ScriptedEngine
from vnb.errors import EngineError, UsageError

from .conftest import Shell


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the engine was asked for; a scripted one takes its place."""
    asked: list[Any] = []

    async def load(path: Path, options: Options, *, spec: str, on_progress: Any) -> ScriptedEngine:
        asked.append(options)
        return ScriptedEngine({"": "x"})

    monkeypatch.setattr(ExLlamaV2Engine, "load", load)
    Path("weights").mkdir()
    return asked


def test_all_options_reach_the_engine(shell: Shell, asked: list[Any]) -> None:
    shell(
        "%vmodel weights --kv q4 --ctx 8192 --parallel 3 --max-batch 6 --gpu-split 20,24 --tp --draft ngram "
        "--lora a --lora 'b c' --reserve 1.5"
    )
    expected = Options(8192, 3, 6, "q4", "20,24", True, "ngram", ("a", "b c"), 1.5)
    assert asked == [expected]
    named = {"kv": "q4", "ctx": 8192, "parallel": 3, "max_batch": 6, "gpu_split": (20, 24), "tp": True}
    vnb.load("weights", **named, draft="ngram", lora=["a", "b c"], reserve=1.5)  # type: ignore[arg-type]
    assert asked == [expected] * 2
    shell("%vmodel weights")  # loaded already
    vnb.load("weights", lora="a")
    assert asked[2:] == [Options(loras=("a",))]


def test_options_of_another_engine_are_refused(shell: Shell, asked: list[Any]) -> None:
    for line in ("tiny --kv q4", "weights --threads 2", "weights --bpw 4", "quantize weights", "weights --kv q5"):
        with pytest.raises(UsageError) as caught:
            shell(f"%vmodel {line}")
        assert caught.value.hint
    assert asked == []


def test_quantizing_is_told_and_takes_two_folders(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def quantize(source: str, out: str, *, on_progress: Any, **said: Any) -> Quantized:
        asked.append((source, out, said))
        on_progress("measuring: block 1 of 10")
        return Quantized(Path(out), (("model.layers.0.mlp", 3.5),) if out == "told" else ())

    monkeypatch.setattr("vnb.engines.quantize.quantize", quantize)
    shell("%vmodel quantize weights out --bpw 3.5 --head-bits 8")
    assert asked == [("weights", "out", {"bpw": 3.5, "head_bits": 8})]
    assert shell.shown.last["text/plain"].startswith("quantized weights in ")
    shell("%vmodel quantize weights told")
    _, figure = shell.displays
    assert "image/png" in figure.last and "told: mlp from 3.5 (layer 0)" in figure.last["text/plain"]


def test_a_folder_without_weights_says_so(shell: Shell) -> None:
    Path("empty").mkdir()
    with pytest.raises(EngineError, match=r"config\.json"):
        shell("%vmodel empty --kv q8")
