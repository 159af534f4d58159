"""Quantizing: what is told, what a failure says, and how it goes on. The converter itself is a stand-in."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from vnb.engines import quantize as room
from vnb.engines.exllamav2.preflight import GB, Gpu, Machine
from vnb.engines.quantize import quantize
from vnb.errors import EngineError, UsageError

HOME = Path(__file__).parents[2] / "train/weights/vnb-tiny"
LAYERS = json.loads((HOME / "config.json").read_text())["num_hidden_layers"]
BLOCKS = 2 * LAYERS
"""Attention and MLP of every layer."""
HERE = Machine("0.3.2", "2.11", "13.0", gpus=(Gpu("g", 9, GB, GB),), extension=True)


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CONVERTER", (sys.executable, str(Path(__file__).with_name("converter.py"))))
    monkeypatch.setattr("vnb.engines.exllamav2.preflight.survey", lambda: HERE)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HOME, tmp_path / "tiny"))


def test_it_tells_how_far_it_is_and_what_bits_were_chosen(source: Path, tmp_path: Path) -> None:
    said: list[str] = []
    made = quantize(source, tmp_path / "out", bpw=3.5, on_progress=said.append)
    assert said[:3] == ["reading the calibration text", "measuring", f"measuring: block 1 of {BLOCKS}"]
    assert f"measuring: block {BLOCKS} of {BLOCKS}" in said and said[-1] == "writing"
    assert said.count("choosing bits") == 1
    assert made.path == tmp_path / "out" and len(made.bits) == BLOCKS
    assert made.bits[0] == ("model.layers.0.self_attn", 3.5)
    assert not (tmp_path / "out.work").exists()
    (named, _) = json.loads((made.path / "arguments.json").read_text())
    assert named["bits"] == "3.5" and named["l"] == named["ml"] == 1024  # no more than the model's context


@pytest.mark.parametrize("fault", ["soft: no room on the disk", "hard"])
def test_a_failure_is_told_and_the_same_call_goes_on(source: Path, tmp_path: Path, fault: str) -> None:
    (source / "fail").write_text(fault)
    with pytest.raises(EngineError, match=fault) as caught:
        quantize(source, tmp_path / "out")
    assert "goes on" in caught.value.hint
    (source / "fail").unlink()
    said: list[str] = []
    quantize(source, tmp_path / "out", on_progress=said.append)
    assert f"measuring: block 4 of {BLOCKS}" not in said and f"measuring: block 5 of {BLOCKS}" in said


def test_an_interrupt_ends_the_process_and_keeps_what_is_done(source: Path, tmp_path: Path) -> None:
    def interrupt(words: str) -> None:
        if words == f"measuring: block 3 of {BLOCKS}":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quantize(source, tmp_path / "out", on_progress=interrupt)
    assert (tmp_path / "out.work/job/job_new.json").exists()
    said: list[str] = []
    quantize(source, tmp_path / "out", on_progress=said.append)
    assert f"measuring: block 1 of {BLOCKS}" not in said


@pytest.mark.parametrize("content", ['{"progress": "qua', '{"progress": "quant", "invalid": true}'])
def test_what_was_killed_while_it_saved_begins_anew(source: Path, tmp_path: Path, content: str) -> None:
    job = tmp_path / "out.work/job"
    job.mkdir(parents=True)
    (job / "job_new.json").write_text(content)
    said: list[str] = []
    quantize(source, tmp_path / "out", on_progress=said.append)
    assert "damaged" in said[0] and f"measuring: block 1 of {BLOCKS}" in said


def test_rope_keys_are_mended_for_the_converter_and_in_the_result(source: Path, tmp_path: Path) -> None:
    config = json.loads((source / "config.json").read_text())
    config["rope_parameters"] = {"rope_theta": config.pop("rope_theta") * 50, "rope_type": "default"}
    (source / "config.json").write_text(json.dumps(config))
    made = quantize(source, tmp_path / "out")
    assert json.loads((made.path / "config.json").read_text())["rope_theta"] == 500000.0
    assert "rope_parameters" in json.loads((source / "config.json").read_text())


def test_what_makes_no_sense_is_refused(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="2 to 8"):
        quantize(source, tmp_path / "out", bpw=16)
    full = tmp_path / "full"
    full.mkdir()
    (full / "x").touch()
    with pytest.raises(EngineError, match="not empty"):
        quantize(source, full)
    monkeypatch.setattr("vnb.engines.exllamav2.preflight.survey", lambda: Machine("0.3.2", "2.13.0+cpu"))
    with pytest.raises(EngineError, match="without CUDA"):
        quantize(source, tmp_path / "out")
    monkeypatch.setattr(room, "read_folder", lambda path: type("F", (), {"quantization": "EXL2 4.0 bpw"})())
    with pytest.raises(EngineError, match="quantized already"):
        quantize(source, tmp_path / "out")


def test_a_model_that_would_be_taken_for_another_is_refused_at_once(source: Path, tmp_path: Path) -> None:
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps(config | {"architectures": ["FalconForCausalLM"]}))
    with pytest.raises(EngineError, match="architecture FalconForCausalLM") as refused:
        quantize(source, tmp_path / "out")
    assert "LlamaForCausalLM" in refused.value.hint
    assert not (tmp_path / "out").exists()
