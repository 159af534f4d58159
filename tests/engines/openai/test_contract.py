"""The engine keeps the contract of every engine with a server that answers as vLLM does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from vnb.engines.base import Engine
from vnb.engines.openai import OpenAIEngine, read_address
from vnb.engines.openai.wording import ServerTokens

from ..contract import Contract
from .vllm import Vllm


class TestVllm(Contract):
    special = range(5)
    version = "0.11.2"

    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with Vllm(self.version) as self.server:
            yield

    async def make(self) -> Engine:
        return await OpenAIEngine.load(read_address(self.server.spec), max_batch=3)

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        assert isinstance(engine, OpenAIEngine) and isinstance(engine.tokens, ServerTokens)
        return engine.tokens.detokenize(ids)

    def test_who_sees_no_images_says_so(self) -> None:
        """vLLM does not tell beforehand: test_pictures.py."""


class TestOlderVllm(TestVllm):
    version = "0.8.5.post1"
