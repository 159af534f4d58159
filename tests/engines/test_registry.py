"""What can be typed as a model, and what is said when it cannot be loaded."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from vnb.engines.registry import load_engine
from vnb.errors import EngineError, UsageError


def failure(spec: str, parallel: int | None = None) -> EngineError:
    with pytest.raises(EngineError) as caught:
        asyncio.run(load_engine(spec, parallel=parallel))
    return caught.value


def test_a_misspelt_file_names_the_close_ones(tmp_path: Path) -> None:
    (tmp_path / "qwen-3.gguf").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    error = failure(str(tmp_path / "qwen3.gguf"))
    assert "qwen-3.gguf" in error.message
    assert error.hint == f"%vmodel {tmp_path}/qwen-3.gguf"


def test_a_misspelt_file_here_is_typed_with_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.gguf").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert failure("modle.gguf").hint == "%vmodel ./model.gguf"


@pytest.mark.parametrize("spec", ["", "no/such/folder/m.gguf", "scripted:", "scripted:x", "zzz"])
def test_what_is_nothing_lists_the_forms(spec: str) -> None:
    assert "`.gguf`" in failure(spec).hint


def test_tiny_misspelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert failure("tinny").hint == "%vmodel tiny"


def test_folders_that_hold_no_weights_are_named(tmp_path: Path) -> None:
    assert "config.json" in failure(str(tmp_path)).message
    (tmp_path / "a.gguf").write_bytes(b"")
    assert failure(str(tmp_path)).hint.endswith("a.gguf")


def test_an_option_of_another_engine_is_told_with_its_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"llama\.cpp, which has no --gpu-split") as caught:
        asyncio.run(load_engine("tiny", gpu_split="20,24"))
    assert "--threads" in caught.value.hint
    with pytest.raises(UsageError, match="ExLlamaV2, which has no --threads") as caught:
        asyncio.run(load_engine(str(tmp_path), threads=3))
    assert "--kv" in caught.value.hint
    with pytest.raises(UsageError, match="a server, which has no --threads") as caught:
        asyncio.run(load_engine("http://127.0.0.1:1/v1#m", threads=3))
    assert caught.value.hint == "It has --ctx, --max-batch, --timeout."


def test_a_secret_in_an_address_is_in_no_error() -> None:
    with pytest.raises(EngineError) as caught:
        asyncio.run(load_engine("http://me:hush@host/v1#m", max_batch=0))
    assert "hush" not in str(caught.value)


def test_without_httpx_the_line_that_brings_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    error = failure("http://127.0.0.1:1/v1#m")
    assert "httpx" in error.message and error.hint == "pip install 'vnb[openai]'"


def test_sizes_must_be_positive() -> None:
    assert "--parallel" in failure("tiny", parallel=0).message
    with pytest.raises(EngineError, match="--timeout must be at least 1"):
        asyncio.run(load_engine("http://127.0.0.1:1/v1#m", timeout=0))
