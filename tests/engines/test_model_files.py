"""Model files: what the CPU engine reads of them, and which ones it refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path

import gguf
import pytest

from benchmarks.random_model import write_random_llama
from vnb.core.digest import digest_bytes
from vnb.engines.llamacpp import LlamaCppEngine
from vnb.engines.llamacpp.gguf import BLOCKS, read_header
from vnb.engines.registry import load_engine
from vnb.engines.weights import file_digest
from vnb.errors import EngineError

from .asking import answer, text_of


def refused(path: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        asyncio.run(load_engine(str(path)))
    return caught.value


def test_files_that_are_no_model_are_refused_by_name(tmp_path: Path, random_model: Path) -> None:
    text = tmp_path / "notes.gguf"
    text.write_text("not a model")
    assert "not a GGUF file" in refused(text).message
    empty = tmp_path / "empty.gguf"
    empty.touch()
    assert "not a GGUF file" in refused(empty).message
    assert "folder" in refused(tmp_path).message
    with pytest.raises(EngineError, match="folder"):
        asyncio.run(LlamaCppEngine.load(tmp_path))


@pytest.mark.parametrize("keep", [0.0001, 0.01, 0.5, 0.999])
def test_a_cut_file_is_refused_before_it_is_loaded(tmp_path: Path, random_model: Path, keep: float) -> None:
    cut = tmp_path / "cut.gguf"
    whole = random_model.read_bytes()
    cut.write_bytes(whole[: max(8, int(len(whole) * keep))])
    error = refused(cut)
    assert "cut short or damaged" in error.message
    assert error.hint


def test_garbage_behind_the_magic_is_refused(tmp_path: Path, random_model: Path) -> None:
    whole = random_model.read_bytes()
    for place in range(4, 600, 37):
        bad = tmp_path / "bad.gguf"
        bad.write_bytes(whole[:place] + bytes([255]) * 16 + whole[place + 16 :])
        try:
            read_header(bad)
        except EngineError as error:
            assert "damaged" in error.message


def test_an_unknown_architecture_is_refused(tmp_path: Path, random_model: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(random_model.read_bytes().replace(b"llama", b"lemur"))
    assert "could not be loaded" in refused(other).message


def test_more_context_than_trained_is_refused(random_model: Path) -> None:
    with pytest.raises(EngineError, match="1024") as caught:
        asyncio.run(load_engine(str(random_model), ctx=4096))
    assert caught.value.hint.endswith("--ctx 1024")


def test_the_header_tells_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    parameters = write_random_llama(path, profile="compact", quant="Q8_0")
    header = read_header(path)
    assert header.parameters >= parameters
    assert header.architecture == "llama" and header.trained_context == 4096
    assert header.control == ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
    assert header.values["vnb.profile"] == "compact" and "<|end|>" in header.template

    async def main() -> None:
        engine = await LlamaCppEngine.load(path, ctx=256, threads=1)
        assert engine.info.profile == "compact"
        assert engine.info.name == "random-llama"
        await engine.close()

    asyncio.run(main())


def test_block_sizes_are_those_of_the_format() -> None:
    theirs = {int(kind): size for kind, size in gguf.GGML_QUANT_SIZES.items()}
    q8_1 = 9  # never stored in files
    assert {k: v for k, v in BLOCKS.items() if k != q8_1} == {k: theirs[k] for k in BLOCKS if k != q8_1}


def test_the_fingerprint_follows_the_weights(tmp_path: Path, random_model: Path) -> None:
    copy, other = tmp_path / "copy.gguf", tmp_path / "other.gguf"
    content = random_model.read_bytes()
    copy.write_bytes(content)
    other.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert file_digest(copy) == file_digest(random_model) != file_digest(other)


def test_tiny_is_checked_by_its_digest(random_model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def main() -> str:
        engine = await load_engine("tiny", ctx=256, parallel=1, threads=1)
        await engine.close()
        return engine.info.spec

    monkeypatch.setattr("vnb.models.TINY", random_model)
    monkeypatch.setattr("vnb.models.TINY_DIGEST", digest_bytes(random_model.read_bytes()))
    assert asyncio.run(main()) == "tiny"
    monkeypatch.setattr("vnb.models.TINY_DIGEST", "0" * 32)
    with pytest.raises(EngineError, match="damaged"):
        asyncio.run(main())
    monkeypatch.setattr("vnb.models.TINY", tmp_path / "missing.gguf")
    with pytest.raises(EngineError, match="missing"):
        asyncio.run(main())


def test_loading_says_what_it_does(random_model: Path) -> None:
    async def main() -> None:
        said: list[str] = []
        engine = await load_engine(str(random_model), ctx=256, parallel=1, threads=1, on_progress=said.append)
        assert "loading random.gguf" in said[-1]
        assert engine.info.spec == str(random_model) and engine.info.slots == 1
        assert text_of(await answer(engine, "one slot only " * 8))
        await engine.close()

    asyncio.run(main())
