"""The GPU engine keeps the contract of every engine, on a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from vnb.engines.base import Engine
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options

from ..engines.contract import Contract


class TestExLlamaV2(Contract):
    special = range(5)
    options = Options(ctx=512, parallel=3)

    @pytest.fixture(autouse=True)
    def _model(self, weights: Path) -> None:
        self.path = weights

    async def make(self) -> Engine:
        return await ExLlamaV2Engine.load(self.path, self.options)

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        assert isinstance(engine, ExLlamaV2Engine)
        return engine.detokenize(ids)
