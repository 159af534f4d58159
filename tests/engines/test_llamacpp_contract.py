"""The CPU engine keeps the contract of every engine, on random weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from vnb.engines.base import Engine
from vnb.engines.llamacpp import LlamaCppEngine

from .contract import Contract


class TestLlamaCpp(Contract):
    special = range(5)

    @pytest.fixture(autouse=True)
    def _model(self, random_model: Path) -> None:
        self.path = random_model

    async def make(self) -> Engine:
        return await LlamaCppEngine.load(self.path, ctx=512, parallel=3, threads=1)

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        assert isinstance(engine, LlamaCppEngine)
        return engine.detokenize(ids)
