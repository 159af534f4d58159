"""What only the scripted engine does: play a script, its faults included, and remember what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from vnb.core.types import Sampling
from vnb.engines.base import Decoded, EngineEvent, Prefilled, Stopped
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.errors import EngineError

from .asking import ask, collect, text_of, until


async def said_by(events: AsyncIterator[EngineEvent]) -> str:
    return text_of(await collect(events))


def test_answers_by_what_the_prompt_contains_and_in_turn() -> None:
    async def main() -> None:
        engine = ScriptedEngine({"tides": ["first", "second"], "": "anything"})
        said = [await said_by(engine.generate(engine.render(ask(q)), Sampling())) for q in ["tides"] * 3 + ["moon"]]
        assert said == ["first", "second", "second", "anything"]
        assert [r.outcome for r in engine.requests] == ["stop"] * 4

    asyncio.run(main())


def test_an_unscripted_prompt_is_an_error() -> None:
    async def main() -> None:
        engine = ScriptedEngine({"tides": "x"})
        with pytest.raises(EngineError, match="no answer"):
            await said_by(engine.generate(engine.render(ask("moon")), Sampling()))

    asyncio.run(main())


def test_a_fault_comes_after_its_tokens() -> None:
    async def main() -> None:
        engine = ScriptedEngine(lambda prompt, constraint: Answer("a b c d", fail=Fail(3, "cable cut")))
        seen = []
        with pytest.raises(EngineError, match="cable cut"):
            async for event in engine.generate(engine.render(ask("x")), Sampling()):
                seen.append(event)
        assert sum(isinstance(e, Decoded) for e in seen) == 3
        assert engine.requests[0].outcome == "failed"

    asyncio.run(main())


def test_a_held_answer_waits_until_it_is_let_go() -> None:
    async def main() -> None:
        engine = ScriptedEngine({"": Answer("one two", hold_after=1)}, slots=2)
        tasks = [asyncio.create_task(said_by(engine.generate(engine.render(ask(q)), Sampling()))) for q in "abc"]
        await until(lambda: [r.new_tokens for r in engine.requests] == [1, 1, 0])
        usage = engine.kv_usage()
        assert usage.used > 0
        engine.let_go()
        assert await asyncio.gather(*tasks) == ["one two"] * 3
        assert engine.high_water == 2
        assert engine.kv_usage().used == 0

    asyncio.run(main())


def test_cancelling_in_the_queue_takes_nothing() -> None:
    async def main() -> None:
        engine = ScriptedEngine({"": Answer("one", hold_after=0)}, slots=1)
        tasks = [asyncio.create_task(said_by(engine.generate(engine.render(ask(q)), Sampling()))) for q in "abc"]
        await until(lambda: len(engine.requests) == 3)
        tasks[1].cancel()
        engine.let_go()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert results[0] == results[2] == "one"
        assert [r.outcome for r in engine.requests] == ["stop", "cancelled", "stop"]

    asyncio.run(main())


def test_warm_and_siblings_find_the_prefix() -> None:
    async def main() -> None:
        engine = ScriptedEngine({"": "x"})
        head = "shared words " * 20
        await engine.warm(engine.render(ask(head)))
        prompts = [engine.render(ask(head + tail)) for tail in "abc"]
        runs = [await collect(engine.generate(p, Sampling())) for p in prompts]
        for events in runs:
            hits = [e.cached_tokens for e in events if isinstance(e, Prefilled)]
            assert hits[0] >= engine.count(head)
            assert isinstance(events[-1], Stopped) and events[-1].usage.cached_tokens == hits[0]

    asyncio.run(main())
