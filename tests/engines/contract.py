"""What every engine must keep. A test class of an engine inherits `Contract` and says how one is made."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence

import pytest

from vnb.core.types import Attachment, Constraint, Sampling
from vnb.engines.base import Decoded, Engine, Prefilled, Prefilling, Stopped
from vnb.errors import BudgetError, EngineError

from .asking import NASTY, answer, ask, collect, prefilled, stopped, text_of, tokens_of, until

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"a": {"type": "string", "maxLength": 6}, "n": {"type": "integer", "minimum": 0, "maximum": 9}},
        "required": ["a", "n"],
        "additionalProperties": False,
    }
)
REGEX = r"[0-9]{3}-[a-z]{4}"
HEAD = "the people of the world and their great time " * 12
GREEDY = Sampling(temperature=0, max_tokens=12)


class Contract:
    """The tests; `make` gives a fresh engine with a context of 512 tokens and 3 slots."""

    special: Sequence[int] = ()

    async def make(self) -> Engine:
        raise NotImplementedError

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        """The text of these tokens, special ones included."""
        raise NotImplementedError

    def with_engine(self, body: Callable[[Engine], Awaitable[None]]) -> None:
        async def main() -> None:
            engine = await self.make()
            try:
                await body(engine)
            finally:
                await engine.close()

        asyncio.run(asyncio.wait_for(main(), 120))

    def test_events_come_in_order_and_add_up(self) -> None:
        async def body(engine: Engine) -> None:
            prompt = engine.render(ask("the world", system="you are"))
            events = await collect(engine.generate(prompt, GREEDY))
            kinds = [type(e) for e in events]
            assert kinds.count(Prefilled) == kinds.count(Stopped) == 1
            assert kinds[-1] is Stopped
            assert set(kinds[: kinds.index(Prefilled)]) <= {Prefilling}
            assert set(kinds[kinds.index(Prefilled) + 1 : -1]) == {Decoded}
            usage, start = stopped(events).usage, prefilled(events)
            assert usage.prompt_tokens == start.prompt_tokens == len(prompt.token_ids)
            assert usage.cached_tokens == start.cached_tokens
            tokens = tokens_of(events)
            assert 0 <= usage.new_tokens - len(tokens) <= 4  # an end token, or an unfinished character, has no text
            assert text_of(events)
            times = [t.dt for t in tokens]
            assert times == sorted(times) and times[0] >= start.t_queue >= 0
            for event in events:
                if isinstance(event, Prefilling):
                    assert 0 <= event.done <= event.total == len(prompt.token_ids)

        self.with_engine(body)

    def test_info_says_what_there_is(self) -> None:
        async def body(engine: Engine) -> None:
            info = engine.info
            assert info.context_length == 512 and info.slots == 3
            assert len(info.fingerprint) == 32 and info.profile in ("instruct", "compact")
            again = await self.make()
            assert again.info.fingerprint == info.fingerprint
            await again.close()

        self.with_engine(body)

    def test_who_sees_no_images_says_so(self) -> None:
        async def body(engine: Engine) -> None:
            image = Attachment("photo", "image/png", "0" * 32)
            assert await engine.see((), lambda _: b"") == {}
            assert "images" not in engine.info.features  # tests/exl2/test_vision.py is about who does
            with pytest.raises(EngineError, match="takes no images") as refused:
                await engine.see([image], lambda _: b"")
            assert "--image" in refused.value.hint

        self.with_engine(body)

    def test_length_stops_at_max_tokens(self) -> None:
        async def body(engine: Engine) -> None:
            events = await answer(engine, "on and on", Sampling(max_tokens=5))
            assert stopped(events).reason == "length"
            assert stopped(events).usage.new_tokens == 5
            assert len(tokens_of(events)) <= 5

        self.with_engine(body)

    def test_a_stop_string_ends_the_output_before_it(self) -> None:
        async def body(engine: Engine) -> None:
            await answer(engine, "on and on", Sampling(temperature=0, max_tokens=40))
            whole = text_of(await answer(engine, "on and on", Sampling(temperature=0, max_tokens=40)))
            end = whole[len(whole) // 2 :][:3]
            events = await answer(
                engine, "on and on", Sampling(temperature=0, max_tokens=40, stop=("not in there", end))
            )
            assert text_of(events) == whole[: whole.index(end)]
            assert stopped(events).reason == "stop"

        self.with_engine(body)

    def test_a_repeat_finds_its_prompt_cached(self) -> None:
        async def body(engine: Engine) -> None:
            if "cached_tokens" not in engine.info.features:
                pytest.skip("tells nothing about its cache")
            first = await answer(engine, HEAD + "one")
            second = await answer(engine, HEAD + "one")
            other = await answer(engine, HEAD + "two")
            assert prefilled(first).cached_tokens == 0
            total = prefilled(second).prompt_tokens
            assert total - 8 <= prefilled(second).cached_tokens < total
            assert total - 16 <= prefilled(other).cached_tokens < total

        self.with_engine(body)

    def test_siblings_prefill_their_prefix_once(self) -> None:
        async def body(engine: Engine) -> None:
            if "cached_tokens" not in engine.info.features:
                pytest.skip("tells nothing about its cache")
            texts = [HEAD + f"part {i}" for i in range(engine.info.slots + 2)]
            runs = await asyncio.gather(*(answer(engine, t) for t in texts))
            missed = sorted(prefilled(r).prompt_tokens - prefilled(r).cached_tokens for r in runs)
            assert missed[-1] == max(prefilled(r).prompt_tokens for r in runs)  # one of them prefilled all
            assert missed[-2] <= 16  # the others only what is their own

        self.with_engine(body)

    def test_warm_puts_the_prefix_into_the_cache(self) -> None:
        async def body(engine: Engine) -> None:
            if "cached_tokens" not in engine.info.features:
                pytest.skip("tells nothing about its cache")
            await engine.warm(engine.render(ask(HEAD)))
            runs = await asyncio.gather(*(answer(engine, HEAD + f"part {i}") for i in range(2)))
            for events in runs:
                assert prefilled(events).cached_tokens >= prefilled(events).prompt_tokens - 16

        self.with_engine(body)

    def test_many_at_once_all_answer(self) -> None:
        async def body(engine: Engine) -> None:
            runs = await asyncio.gather(*(answer(engine, f"question {i}") for i in range(engine.info.slots * 3)))
            assert all(text_of(events) for events in runs)
            usage = engine.kv_usage()
            assert usage is None or usage.used == 0

        self.with_engine(body)

    @pytest.mark.parametrize("how", ["aclose", "cancel"])
    def test_a_cancelled_request_frees_its_slot(self, how: str) -> None:
        async def body(engine: Engine) -> None:
            for round_ in range(engine.info.slots + 1):
                events = engine.generate(engine.render(ask(f"on and on {round_}")), Sampling(max_tokens=400))
                if how == "aclose":
                    async for event in events:
                        if isinstance(event, Decoded):
                            break
                    await events.aclose()  # type: ignore[attr-defined]
                else:
                    begun = asyncio.Event()

                    async def consume(events: object = events, begun: asyncio.Event = begun) -> None:
                        async for event in events:  # type: ignore[attr-defined]
                            if isinstance(event, Decoded):
                                begun.set()

                    task = asyncio.create_task(consume())
                    await begun.wait()
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                    await events.aclose()  # type: ignore[attr-defined]
            usage = engine.kv_usage()
            assert usage is None or usage.used == 0
            runs = await asyncio.gather(*(answer(engine, f"again {i}") for i in range(engine.info.slots)))
            assert all(text_of(events) for events in runs)

        self.with_engine(body)

    def test_a_prompt_that_cannot_fit_is_refused_and_the_engine_lives_on(self) -> None:
        async def body(engine: Engine) -> None:
            long = engine.render(ask("on and on " * 400))
            with pytest.raises(BudgetError, match=str(len(long.token_ids))) as caught:
                await collect(engine.generate(long, GREEDY))
            assert caught.value.hint
            with pytest.raises(BudgetError, match="512"):
                await answer(engine, "short", Sampling(max_tokens=512))
            assert text_of(await answer(engine, "short"))

        self.with_engine(body)

    def test_json_schema_holds(self) -> None:
        async def body(engine: Engine) -> None:
            if "json_schema" not in engine.info.features:
                pytest.skip("no schemas")
            for seed in range(5):
                sampling = Sampling(max_tokens=100, seed=seed)
                events = await answer(engine, "give a and n", sampling, Constraint("json_schema", SCHEMA))
                value = json.loads(text_of(events))
                assert set(value) == {"a", "n"} and isinstance(value["a"], str) and 0 <= value["n"] <= 9
                assert stopped(events).reason == "stop"

        self.with_engine(body)

    def test_regex_holds(self) -> None:
        async def body(engine: Engine) -> None:
            if "regex" not in engine.info.features:
                pytest.skip("no regular expressions")
            for pattern in (REGEX, f"^{REGEX}$"):
                events = await answer(engine, "a code", Sampling(max_tokens=60), Constraint("regex", pattern))
                assert re.fullmatch(REGEX, text_of(events))

        self.with_engine(body)

    def test_a_seed_repeats_an_output_at_equal_cache(self) -> None:
        async def body(engine: Engine) -> None:
            if "seed" not in engine.info.features:
                pytest.skip("no seeds")
            await answer(engine, "draw")
            sampling = Sampling(temperature=0.9, max_tokens=20, seed=11)
            first, second = [text_of(await answer(engine, "draw", sampling)) for _ in range(2)]
            assert first == second

        self.with_engine(body)

    def test_logprobs_are_best_first(self) -> None:
        async def body(engine: Engine) -> None:
            if "logprobs" not in engine.info.features:
                pytest.skip("no log-probabilities")
            events = await answer(engine, "probable", Sampling(max_tokens=12, logprobs=3))
            named = [t for t in tokens_of(events) if t.logprob is not None]
            assert named
            for token in named:
                assert token.logprob is not None and token.logprob <= 0 and token.id >= 0
                assert [a.logprob for a in token.top] == sorted((a.logprob for a in token.top), reverse=True)
                assert len(token.top) == 3
            only = tokens_of(await answer(engine, "probable", Sampling(max_tokens=12, logprobs=0)))
            assert any(t.logprob is not None for t in only) and not any(t.top for t in only)
            assert all(t.logprob is None for t in tokens_of(await answer(engine, "probable")))

        self.with_engine(body)

    def test_closing_fails_what_is_in_flight_and_what_waits(self) -> None:
        async def body(engine: Engine) -> None:
            begun = 0

            async def consume(number: int) -> None:
                nonlocal begun
                async for event in engine.generate(engine.render(ask(f"on and on {number}")), Sampling(max_tokens=480)):
                    if isinstance(event, Decoded):
                        begun |= 1 << number

            tasks = [asyncio.create_task(consume(i)) for i in range(engine.info.slots + 2)]
            await until(lambda: begun == (1 << engine.info.slots) - 1)
            await engine.close()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(r) for r in results] == [EngineError] * len(tasks)
            await engine.close()
            with pytest.raises(EngineError):
                await answer(engine, "still there?")

        self.with_engine(body)

    @pytest.mark.parametrize("text", [NASTY, "", " ", "\n\n", "<|end|> said <|assistant|>", "<|", NASTY * 2])
    def test_text_passes_unaltered_and_unread(self, text: str) -> None:
        async def body(engine: Engine) -> None:
            prompt = engine.render(ask(text, system="you are"))
            assert text in prompt.text
            assert self.detokenize(engine, prompt.token_ids) == prompt.text
            plain = engine.render(ask("plain", system="you are"))
            specials = [[t for t in p.token_ids if t in self.special] for p in (prompt, plain)]
            assert specials[0] == specials[1]
            (span,) = prompt.spans
            shown = self.detokenize(engine, prompt.token_ids[span.start : span.end])
            assert text == shown or (span.part == 0 and text.strip() in shown)
            assert engine.count(text) <= span.end - span.start + 1
            assert text_of(await collect(engine.generate(prompt, GREEDY)))

        self.with_engine(body)

    def test_counting_counts(self) -> None:
        async def body(engine: Engine) -> None:
            assert engine.count("") == 0
            assert 0 < engine.count("the world") < engine.count("the world and the people")

        self.with_engine(body)
