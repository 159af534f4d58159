"""How the tests speak to an engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from vnb.core.types import Constraint, Message, Sampling, Segment, Token
from vnb.engines.base import Decoded, Engine, EngineEvent, Prefilled, Stopped

NASTY = 'emoji 😀👩‍👩‍👧, 中文字符, עברית, العربية, {"a": 1}, $\\frac{1}{2}$, \t tab\r\nline; {{x}} { } é'


def ask(text: str, system: str = "") -> tuple[Message, ...]:
    user = Message("user", (Segment(text, 0),))
    return (Message("system", (Segment(system),)), user) if system else (user,)


def tokens_of(events: Iterable[EngineEvent]) -> list[Token]:
    return [t for e in events if isinstance(e, Decoded) for t in e.tokens]


def text_of(events: Iterable[EngineEvent]) -> str:
    return "".join(t.text for t in tokens_of(events))


def prefilled(events: Iterable[EngineEvent]) -> Prefilled:
    return next(e for e in events if isinstance(e, Prefilled))


def stopped(events: list[EngineEvent]) -> Stopped:
    last = events[-1]
    assert isinstance(last, Stopped)
    return last


async def collect(events: AsyncIterator[EngineEvent]) -> list[EngineEvent]:
    return [e async for e in events]


async def answer(
    engine: Engine, text: str, sampling: Sampling | None = None, constraint: Constraint | None = None
) -> list[EngineEvent]:
    sampling = sampling or Sampling(temperature=0, max_tokens=12)
    return await collect(engine.generate(engine.render(ask(text)), sampling, constraint))


async def until(condition: Callable[[], bool]) -> None:
    """Lets others run until the condition holds."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("the condition never came")
