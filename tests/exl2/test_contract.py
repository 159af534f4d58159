"""The GPU engine keeps the contract of every engine: ExLlamaV2's own Python code, with a stand-in for what is compiled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from vnb.engines.base import Engine
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options

from ..engines.contract import Contract
from .model import Weights


class TestExLlamaV2(Contract):
    special = range(5)
    options = Options(ctx=512, parallel=3)

    @pytest.fixture(autouse=True)
    def _model(self, tiny: Path, weights: Weights) -> None:
        self.path = tiny

    async def make(self) -> Engine:
        return await ExLlamaV2Engine.load(self.path, self.options)

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        assert isinstance(engine, ExLlamaV2Engine)
        return engine.detokenize(ids)


class TestDrafting(TestExLlamaV2):
    options = Options(ctx=512, parallel=3, draft="ngram")


class TestQuantizedCache(TestExLlamaV2):
    options = Options(ctx=512, parallel=3, kv="q4")
