"""What is said on this machine, which has torch and ExLlamaV2 but no GPU."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from vnb.engines.exllamav2.preflight import check, survey
from vnb.engines.registry import load_engine
from vnb.errors import EngineError


def test_a_machine_without_a_gpu_is_told_so_before_anything_is_loaded(tiny: Path) -> None:
    with pytest.raises(EngineError, match=r"is a build without CUDA|sees no GPU") as caught:
        asyncio.run(load_engine(str(tiny)))
    assert "%vmodel" in caught.value.hint


def test_the_lock_of_a_killed_build_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    assert survey().lock is None
    folder = tmp_path / "exllamav2_ext"
    folder.mkdir()
    lock = folder / "lock"
    lock.touch()
    os.utime(lock, (1e9, 1e9))
    seen = survey()
    assert seen.lock == lock and seen.lock_age > 1e6 and not seen.built
    (folder / "exllamav2_ext.so").touch()
    seen = survey()
    assert seen.built and seen.lock_age < 600


def test_nothing_that_exllamav2_imports_is_missing_here() -> None:
    assert survey().missing == ()
    with pytest.raises(EngineError):
        check(survey())
