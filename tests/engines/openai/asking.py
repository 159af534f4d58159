"""How these tests speak to the engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from vnb.engines.base import EngineEvent
from vnb.engines.openai import OpenAIEngine, read_address
from vnb.errors import EngineError, VnbError

from ..asking import answer
from .fake import Answer, Fake


@contextlib.asynccontextmanager
async def loaded(spec: str, **options: Any) -> AsyncIterator[OpenAIEngine]:
    engine = await OpenAIEngine.load(read_address(spec), **options)
    try:
        yield engine
    finally:
        await engine.close()


def with_engine(fake: Fake, body: Callable[[OpenAIEngine], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with loaded(fake.spec, **options) as engine:
            await body(engine)

    asyncio.run(asyncio.wait_for(main(), 60))


def answered(reply: Answer | list[Answer], *args: Any, **options: Any) -> list[EngineEvent]:
    """What the engine makes of this answer to its request."""
    found: list[EngineEvent] = []

    async def body(engine: OpenAIEngine) -> None:
        found.extend(await answer(engine, "hi", *args))

    with Fake({"/v1/chat/completions": reply}) as fake:
        with_engine(fake, body, **options)
    return found


def failure(reply: Answer | list[Answer], *args: Any, **options: Any) -> VnbError:
    """The error that this answer to its request becomes; the engine lives on."""
    found: list[VnbError] = []

    async def body(engine: OpenAIEngine) -> None:
        with pytest.raises(VnbError) as caught:
            await answer(engine, "hi", *args)
        found.append(caught.value)
        assert engine.count("still there") > 0

    with Fake({"/v1/chat/completions": reply}) as fake:
        with_engine(fake, body, **options)
    return _whole(found[0])


def refusal(spec: str, **options: Any) -> VnbError:
    """The error with which loading fails."""

    async def main() -> None:
        async with loaded(spec, **options):
            pass

    with pytest.raises(EngineError) as caught:
        asyncio.run(main())
    return _whole(caught.value)


def _whole(error: VnbError) -> VnbError:
    assert error.hint, f"{error.message} has no hint"
    assert all(char.isprintable() for char in error.message + error.hint)
    return error
