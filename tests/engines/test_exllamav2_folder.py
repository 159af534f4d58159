"""What is read of a folder of weights, which ones are refused, and how RoPE keys are mended."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest

from vnb.engines.exllamav2.folder import Folder, read_folder
from vnb.engines.exllamav2.options import Options
from vnb.engines.exllamav2.rope import has_new_keys, readable, with_old_keys
from vnb.errors import EngineError, UsageError

HOME = Path(__file__).parents[2] / "train/weights/vnb-tiny"
LAYERS = json.loads((HOME / "config.json").read_text())["num_hidden_layers"]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HOME, tmp_path / "tiny"))


def refused(path: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        read_folder(path)
    assert caught.value.hint
    return caught.value


def change(folder: Path, **values: Any) -> Folder:
    config = json.loads((folder / "config.json").read_text()) | values
    (folder / "config.json").write_text(json.dumps(config))
    return read_folder(folder)


def write_tensors(path: Path, tensors: dict[str, tuple[str, list[int], int]]) -> None:
    header, end = {}, 0
    for name, (dtype, shape, size) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(end))


def test_a_folder_says_what_it_is(tiny: Path) -> None:
    folder = read_folder(tiny)
    assert folder.architecture == "LlamaForCausalLM" and folder.quantization == "F16"
    assert folder.trained_context == 1024 and folder.profile == "compact" and folder.ends == (4,)
    assert folder.size == (tiny / "model.safetensors").stat().st_size
    assert "<|assistant|>" in folder.template


def test_the_kv_cache_is_sized(tiny: Path) -> None:
    folder = read_folder(tiny)  # 5 layers, 2 heads of 64
    assert folder.kv_bytes(256, "fp16") == 256 * LAYERS * 2 * 64 * 2 * 2
    sizes = [folder.kv_bytes(10_000, kv) for kv in ("fp16", "q8", "q6", "q4")]
    assert sizes == sorted(sizes, reverse=True) and sizes[3] < sizes[0] / 2


def test_quantizations_are_told_apart(tiny: Path) -> None:
    write_tensors(tiny / "model.safetensors", {"a.q_weight": ("I32", [8, 8], 256)})
    assert change(tiny, quantization_config={"bits": 4.0}).quantization == "EXL2 4.0 bpw"
    write_tensors(tiny / "model.safetensors", {"a.qweight": ("I32", [8, 8], 256)})
    assert change(tiny, quantization_config={"bits": 4}).quantization == "GPTQ 4 bits"


def test_the_digest_follows_the_weights_and_the_settings(tiny: Path) -> None:
    first = read_folder(tiny).digest
    assert read_folder(tiny).digest == first
    raw = bytearray((tiny / "model.safetensors").read_bytes())
    raw[-1] ^= 1
    (tiny / "model.safetensors").write_bytes(raw)
    second = read_folder(tiny).digest
    assert second != first
    assert change(tiny, rope_theta=20000.0).digest != second


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_what_is_missing_is_named(tiny: Path, missing: str) -> None:
    (tiny / missing).unlink()
    (tiny / "m.gguf").touch()
    error = refused(tiny)
    assert (missing.partition(".")[2] if "safe" in missing else missing) in error.message
    assert missing == "tokenizer.json" or error.hint.endswith("m.gguf")


@pytest.mark.parametrize("keep", [0, 5, 300, 100_000])
def test_cut_weights_are_refused(tiny: Path, keep: int) -> None:
    file = tiny / "model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    assert "cut short or damaged" in refused(tiny).message


def test_types_that_cannot_be_read_are_named(tiny: Path) -> None:
    write_tensors(tiny / "model.safetensors", {"a.weight": ("F8_E4M3", [8, 8], 64)})
    assert "F8_E4M3" in refused(tiny).message
    (tiny / "config.json").write_text("{")
    assert "cannot be read" in refused(tiny).message


def test_templates_are_found_wherever_they_are(tiny: Path) -> None:
    settings = json.loads((tiny / "tokenizer_config.json").read_text())
    settings["chat_template"] = [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]
    (tiny / "tokenizer_config.json").write_text(json.dumps(settings))
    assert read_folder(tiny).template == "d"
    (tiny / "chat_template.json").write_text('{"chat_template": "j"}')
    assert read_folder(tiny).template == "j"
    (tiny / "chat_template.jinja").write_text("file")
    assert read_folder(tiny).template == "file"


def test_new_rope_keys_become_old_ones() -> None:
    config = {"hidden_size": 8, "rope_parameters": {"rope_theta": 500000.0, "rope_type": "default"}}
    assert has_new_keys(config) and not has_new_keys({"rope_theta": 1.0})
    assert with_old_keys(config) == {"hidden_size": 8, "rope_theta": 500000.0}
    scaled = {"rope_theta": 5e5, "rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192}
    old = with_old_keys({"text_config": {"rope_parameters": scaled}})["text_config"]
    assert old["rope_theta"] == 5e5 and old["rope_scaling"]["rope_type"] == "llama3"
    assert old["rope_scaling"]["factor"] == 8.0 and "rope_theta" not in old["rope_scaling"]
    both = with_old_keys({"rope_theta": 1.0, "rope_parameters": {"rope_theta": 2.0, "partial_rotary_factor": 0.5}})
    assert both == {"rope_theta": 1.0, "partial_rotary_factor": 0.5}
    with pytest.raises(EngineError, match="some layers"):
        with_old_keys({"rope_parameters": {"full_attention": {"rope_theta": 1.0}}})


def test_a_readable_folder_is_the_same_but_for_its_keys(tiny: Path) -> None:
    plain = read_folder(tiny)
    with readable(plain.path, plain.config) as place:
        assert place == tiny
    config = dict(plain.config)
    config["rope_parameters"] = {"rope_theta": config.pop("rope_theta") * 50, "rope_type": "default"}
    with readable(tiny, config) as place:
        assert place != tiny and sorted(p.name for p in place.iterdir()) == sorted(p.name for p in tiny.iterdir())
        assert json.loads((place / "config.json").read_text())["rope_theta"] == 500000.0
        assert (place / "model.safetensors").samefile(tiny / "model.safetensors")
    assert not place.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(ctx=2048), "trained for 1024"),
        (Options(kv="q5"), "fp16, q8, q6, q4"),
        (Options(gpu_split="20;24"), "--gpu-split"),
        (Options(gpu_split="0"), "--gpu-split"),
        (Options(tp=True), "flash-attn"),
        (Options(reserve=-1), "--reserve"),
        (Options(ctx=512, max_batch=100), "100 requests"),
    ],
)
def test_options_that_make_no_sense_are_told(tiny: Path, options: Options, words: str) -> None:
    with pytest.raises((EngineError, UsageError), match=words) as caught:
        options.sizes(read_folder(tiny), "tiny", "sdpa", "flash-attn is not installed")
    assert caught.value.hint


def test_sizes_are_whole_pages(tiny: Path) -> None:
    folder = read_folder(tiny)
    sizes = Options(ctx=600, parallel=2, max_batch=5, gpu_split="1,2.5").sizes(folder, "", "flash-attn 2.8.3", "")
    assert (sizes.length, sizes.tokens, sizes.slots, sizes.split) == (768, 1536, 5, (1.0, 2.5))
    default = Options().sizes(folder, "", "sdpa", "")
    assert (default.length, default.tokens, default.slots, default.chunk) == (1024, 4096, 8, 1024)
    assert (
        Options(ctx=1024, draft="ngram").context(folder, Options(draft="ngram").sizes(folder, "", "sdpa", "")) == 1020
    )


def test_heads_that_cannot_be_quantized_are_told(tiny: Path) -> None:
    with pytest.raises(EngineError, match="multiple of 32"):
        Options(kv="q8").sizes(change(tiny, head_dim=48), "", "sdpa", "")
