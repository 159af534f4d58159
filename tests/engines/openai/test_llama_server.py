"""The engine keeps the contract of every engine with a real server: llama.cpp's own, with vnb-tiny."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vnb.engines.base import Engine
from vnb.engines.openai import OpenAIEngine, read_address
from vnb.engines.openai.wording import ServerTokens
from vnb.models import TINY

from ..asking import answer, ask, prefilled
from ..contract import HEAD, Contract
from . import llama_server


class TestLlamaServer(Contract):
    """Each test has a server of its own, since they count what is cached."""

    @pytest.fixture(autouse=True)
    def _server(self) -> None:
        self.server = llama_server.start(TINY, ctx=512, slots=3)

    async def make(self) -> Engine:
        return await OpenAIEngine.load(read_address(self.server.listening_address), ctx=512)

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        assert isinstance(engine, OpenAIEngine) and isinstance(engine.tokens, ServerTokens)
        return engine.tokens.detokenize(ids)

    def test_siblings_prefill_their_prefix_once(self) -> None:
        """One after the other: llama-server shares no prefix between requests that run at once."""

        async def body(engine: Engine) -> None:
            await answer(engine, HEAD + "part 0")
            for part in range(1, 4):
                events = await answer(engine, HEAD + f"part {part}")
                assert prefilled(events).prompt_tokens - prefilled(events).cached_tokens <= 16

        self.with_engine(body)

    def test_warm_puts_the_prefix_into_the_cache(self) -> None:
        async def body(engine: Engine) -> None:
            await engine.warm(engine.render(ask(HEAD)))
            events = await answer(engine, HEAD + "part 0")
            assert prefilled(events).cached_tokens >= prefilled(events).prompt_tokens - 16

        self.with_engine(body)

    def test_what_it_says_of_itself_is_known(self) -> None:
        async def body(engine: Engine) -> None:
            info = engine.info
            assert (info.profile, info.slots, info.context_length, info.device) == ("compact", 3, 512, "")
            details = dict(info.details)
            assert details["engine"].startswith("llama-server b") and details["tokens"].startswith("by the server's")
            assert details["weights"].endswith("vnb-tiny-q8_0.gguf")

        self.with_engine(body)
