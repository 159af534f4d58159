"""The benchmark's own code, at sizes that say nothing about speed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from exllamav2 import ExLlamaV2Config

from benchmarks import gpu
from benchmarks.shapes import SHAPES, Shape, write_llama
from vnb.engines.exllamav2.folder import read_folder

from .model import Weights

SIZES = ["--prompt", "40", "--tokens", "6", "--rounds", "2"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_llama(tmp_path_factory.mktemp("shapes") / "small", SHAPES["small"])


def test_a_shape_is_a_checkpoint(small: Path, tmp_path: Path) -> None:
    folder = read_folder(small)
    assert folder.quantization == "F16" and folder.trained_context == 8192 and len(folder.files) == 5
    assert len(ExLlamaV2Config(str(small)).tensor_file_map) == 4 * 9 + 3
    again = write_llama(tmp_path / "again", SHAPES["small"])
    assert read_folder(again).digest == folder.digest
    wide = write_llama(tmp_path / "wide", Shape(64, 96, 1, 2, 1, 32, 3000))
    assert read_folder(wide).head_dim == 32


@pytest.mark.parametrize("case", ["vnb", "raw", "reuse", "kv"])
def test_a_case_makes_rows(case: str, small: Path, weights: Weights, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    gpu.main(["--model", str(small), "--one", case, "--batches", "3", *SIZES])
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(rows) == {"vnb": 1, "raw": 1, "reuse": 2, "kv": 4}[case]
    assert all(one["batch"] == 3 and one["tokens/s"] > 0 and one["TTFT ms"] > 0 for one in rows)
    if case == "reuse":
        on, off = rows
        assert on["cached %"] >= 90 and off["cached %"] == 0
    if case == "kv":
        assert [one["kv"] for one in rows] == ["fp16", "q8", "q6", "q4"]


def test_rounds_never_repeat_a_prompt() -> None:
    seen = {tuple(ids) for round_ in range(6) for ids in gpu.prompts(32, 40, round_)}
    assert len(seen) == 6 * 32
    a, b = gpu.prompts(2, 60, 1, shared=50)
    assert a[:50] == b[:50] and a[50:] != b[50:] and {len(a), len(b)} == {60}


def test_a_case_that_fails_is_a_row_of_the_table(small: Path) -> None:
    rows = gpu.apart("transformers", small / "nowhere", gpu.arguments(SIZES), 8)
    (line,) = gpu.table(rows).splitlines()[2:]
    assert "transformers | 8" in line and "failed: " in line
