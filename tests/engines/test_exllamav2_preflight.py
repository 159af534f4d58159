"""Whether ExLlamaV2 can run, told before it is imported. No torch is needed to judge."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from vnb.engines.exllamav2.preflight import GB, Gpu, Machine, attention, check, check_fit, numbers, survey
from vnb.errors import EngineError

GOOD = Machine(
    exllamav2="0.3.2",
    torch="2.11.0+cu130",
    cuda="13.0",
    gpus=(Gpu("H100", 9, 80 * GB, 78 * GB),),
    nvcc=True,
    compiler=True,
    ninja=True,
    flash_attn="2.8.3.post2",
)


def refused(machine: Machine) -> EngineError:
    with pytest.raises(EngineError) as caught:
        check(machine)
    assert caught.value.hint
    return caught.value


def test_a_good_machine_passes() -> None:
    check(GOOD)
    check(replace(GOOD, extension=True, nvcc=False, compiler=False, ninja=False))


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        ({"exllamav2": ""}, "not installed", "vnb[exllamav2]"),
        ({"torch": ""}, "needs torch", "pip install torch"),
        ({"cuda": "", "torch": "2.13.0+cpu", "gpus": ()}, "2.13.0+cpu is a build without CUDA", "%vmodel"),
        ({"gpus": ()}, "sees no GPU", "nvidia-smi"),
        ({"missing": ("tokenizers", "pillow")}, "tokenizers pillow", "pip install tokenizers pillow"),
        ({"nvcc": False}, "nvcc", "releases"),
        ({"compiler": False, "ninja": False}, "compiler, ninja", "pip install ninja"),
        ({"lock": Path("/c/lock"), "lock_age": 720.0}, "12 minutes", "rm '/c/lock'"),
    ],
)
def test_each_fault_is_named_with_what_mends_it(change: dict[str, object], message: str, hint: str) -> None:
    error = refused(replace(GOOD, **change))  # type: ignore[arg-type]
    assert message in error.message and hint in error.hint


def test_a_lock_beside_an_installed_extension_does_not_matter() -> None:
    check(replace(GOOD, extension=True, lock=Path("/c/lock")))


@pytest.mark.parametrize(
    ("change", "name", "reason"),
    [
        ({}, "flash-attn 2.8.3.post2", ""),
        ({"flash_attn": ""}, "sdpa", "not installed"),
        ({"flash_attn": "?"}, "sdpa", "another generation"),
        ({"flash_attn": "2.5.6"}, "sdpa", "another generation"),
        ({"flash_attn": "3.0.1"}, "sdpa", "another generation"),
        ({"flash_fault": "undefined symbol"}, "sdpa", "undefined symbol"),
        ({"gpus": (Gpu("T4", 7, GB, GB),)}, "sdpa", "Ampere"),
    ],
)
def test_which_attention_runs_and_why(change: dict[str, object], name: str, reason: str) -> None:
    found, why = attention(replace(GOOD, **change))  # type: ignore[arg-type]
    assert found == name and reason in why and bool(why) == bool(reason)


def test_versions_as_numbers() -> None:
    assert numbers("2.8.3.post2") == (2, 8, 3) and numbers("2.11.0+cu130") == (2, 11, 0) and numbers("?") == ()


def test_what_does_not_fit_is_told_before_loading() -> None:
    assert "78.0 GB free" in check_fit(GOOD, 40 * GB, 20 * GB, 0.0, "")
    with pytest.raises(
        EngineError, match=r"about 80\.5 GB needed \(60\.0 weights, 20\.0 KV cache\), 78\.0 GB free"
    ) as caught:
        check_fit(GOOD, 60 * GB, 20 * GB, 0.0, "%vmodel x --kv q4")
    assert caught.value.hint == "%vmodel x --kv q4"
    with pytest.raises(EngineError):
        check_fit(GOOD, 60 * GB, 10 * GB, 9.0, "")
    two = replace(GOOD, gpus=GOOD.gpus * 2)
    check_fit(two, 60 * GB, 20 * GB, 9.0, "")


def test_looking_around_imports_no_exllamav2() -> None:
    seen = survey()
    assert "exllamav2" not in sys.modules
    if not seen.torch:
        assert not seen.gpus and not seen.cuda


def test_the_flash_attn_of_another_layout_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flash_attn" / "cute").mkdir(parents=True)  # flash-attn 4: a folder without __init__
    monkeypatch.syspath_prepend(str(tmp_path))
    assert survey().flash_attn == "?"
