"""Thinking first and then the answer: under a constraint, and with a bound of tokens."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from benchmarks.random_model import write_random_llama
from vnb.core.types import Constraint, Prompt, Sampling
from vnb.engines.base import Decoded, EngineEvent, Prefilled
from vnb.engines.llamacpp import LlamaCppEngine
from vnb.engines.scripted import Answer, ScriptedEngine
from vnb.engines.think_first import Habit, ThinkFirst, habit_of, think_first
from vnb.errors import EngineError

from .asking import answer, ask, collect, prefilled, stopped, text_of, tokens_of

TURNS = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>"
)
SWITCHED = TURNS + (
    "{% if enable_thinking is defined and enable_thinking %}<think>\n{% else %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
ALWAYS = TURNS + "<think>\n{% endif %}"
STRIPS = "{% for m in messages %}{{ m['content'].split('</think>')[-1] }}{% endfor %}"
PATTERN = Constraint("regex", "[0-9]{3}-[a-z]{4}")
QWEN = Habit("<think>", "</think>", True)


@pytest.mark.parametrize(
    ("template", "habit"),
    [
        (TURNS + "{% endif %}", None),
        ("", None),
        (TURNS + "I was thinking{% endif %}{{ m.thinking }}{{ m['thinking'] }}", None),
        (SWITCHED, QWEN),
        (ALWAYS, Habit("<think>", "</think>", False)),
        (STRIPS, Habit("<think>", "</think>", False)),
        (TURNS + "{% endif %}{% if thinking %}x{% endif %}", QWEN),
        (TURNS + "[THINK]{% endif %}", Habit("[THINK]", "[/THINK]", False)),
    ],
)
def test_a_chat_template_tells_how_a_model_thinks(template: str, habit: Habit | None) -> None:
    assert habit_of(template) == habit


@pytest.mark.parametrize(
    ("end", "think", "constrained", "switch", "expected"),
    [
        ("<think>\n", None, True, True, (True, 50)),
        ("<think>\n", None, False, True, None),  # it just goes on, tags and all
        ("<think>\n", "on", False, True, None),
        ("<think>\n", "20", False, True, (True, 20)),
        ("<think>\n", "90", True, True, (True, 75)),
        ("<think>\n", "off", True, True, None),
        ("", "on", True, True, (False, 50)),
        ("", "20", False, True, (False, 20)),
        ("", None, True, True, None),  # switched off
        ("", None, True, False, (False, 50)),
        ("<think>\n\n</think>\n\n", None, True, True, None),
    ],
)
def test_when_a_request_thinks_first(
    end: str, think: str | None, constrained: bool, switch: bool, expected: tuple[bool, int] | None
) -> None:
    habit = Habit("<think>", "</think>", switch)
    prompt, constraint = Prompt((), f"say it<|assistant|>{end}", (1, 2)), PATTERN if constrained else None
    first = think_first(habit, prompt, Sampling(think=think), constraint, 100)
    assert (first and (first.opened, first.most)) == expected
    assert think_first(None, prompt, Sampling(think=think), constraint, 100) is None


def played(
    thinks: str, first: ThinkFirst, sampling: Sampling, max_tokens: int
) -> tuple[list[EngineEvent], list[Prompt]]:
    """What comes of two requests to an engine that thinks so and then answers."""

    def script(prompt: Prompt, constraint: Constraint | None) -> Answer:
        return Answer(thinks) if constraint is None else Answer("123-abcd")

    async def main() -> tuple[list[EngineEvent], list[Prompt]]:
        engine = ScriptedEngine(script)

        def pieces(text: str, special: bool) -> tuple[int, ...]:
            return tuple(engine._pieces.encode(text))

        prompt = engine.render(ask("say it"))
        events = await collect(
            first.generate(engine.generate, pieces, prompt, sampling, PATTERN, max_tokens, engine.info.context_length)
        )
        return events, [request.prompt for request in engine.requests]

    return asyncio.run(main())


@pytest.mark.parametrize("opened", [True, False])
def test_it_goes_on_from_the_closing_tag(opened: bool) -> None:
    sampling = Sampling(stop=("two",), logprobs=2)  # a stop string ends answers, not reasoning
    events, (one, two) = played("It has two parts.\n</think>\n\nand more", ThinkFirst(QWEN, opened, 50), sampling, 100)
    decoded = [event for event in events if isinstance(event, Decoded)]
    assert text_of(e for e in decoded if e.thinking) == "It has two parts.\n</think>\n\n"
    assert text_of(e for e in decoded if not e.thinking) == "123-abcd"
    assert [type(e) for e in events].count(Prefilled) == 1
    assert one.text.endswith("<|assistant|>" if opened else "<|assistant|><think>\n")
    assert two.text == one.text + "It has two parts.\n</think>\n\n"
    assert two.token_ids[: len(one.token_ids)] == one.token_ids
    usage = stopped(events).usage
    assert usage.new_tokens == len(tokens_of(events)) - 1  # the closing tag
    assert usage.prompt_tokens == prefilled(events).prompt_tokens == len(one.token_ids)
    times = [token.dt for token in tokens_of(events)]
    assert times == sorted(times) and usage.t_decode > 0


def test_reasoning_that_does_not_end_is_ended() -> None:
    events, (_, two) = played("hm " * 200, ThinkFirst(QWEN, True, 10), Sampling(), 16)
    assert two.text.endswith("<|assistant|>" + "hm " * 5 + "\n</think>\n\n")
    assert text_of(e for e in events if isinstance(e, Decoded) and not e.thinking) == "123-abcd"
    assert stopped(events).usage.new_tokens <= 16


def loaded(path: Path, template: str, body: object) -> None:
    write_random_llama(path, context=1024, template=template)

    async def main() -> None:
        engine = await LlamaCppEngine.load(path, ctx=512, parallel=2, threads=1)
        try:
            await body(engine)  # type: ignore[operator]
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(main(), 120))


def parts(events: list[EngineEvent]) -> tuple[str, str]:
    decoded = [event for event in events if isinstance(event, Decoded)]
    return text_of(e for e in decoded if e.thinking), text_of(e for e in decoded if not e.thinking)


def test_the_cpu_engine_thinks_and_then_keeps_to_the_constraint(tmp_path: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        assert "thinking" in engine.info.features
        prompts = {think: engine.render(ask("the world"), think) for think in ("", "on", "off", "12")}
        assert prompts["on"].text == prompts["12"].text == prompts["off"].text.removesuffix("\n</think>\n\n")
        assert prompts[""].text == prompts["off"].text
        for think, logprobs in (("on", None), ("12", 1)):
            sampling = Sampling(temperature=0, max_tokens=48, think=think, logprobs=logprobs)
            events = await collect(engine.generate(prompts[think], sampling, PATTERN))
            thought, said = parts(events)
            assert thought.endswith("\n</think>\n\n") and re.fullmatch(PATTERN.text, said)
            reasoned = sum(len(e.tokens) for e in events if isinstance(e, Decoded) and e.thinking)
            assert reasoned == (24 if think == "on" else 12) + 1
            assert 0 <= stopped(events).usage.new_tokens - (len(tokens_of(events)) - 1) <= 4
        free = await collect(engine.generate(prompts["12"], Sampling(temperature=0, max_tokens=48, think="12")))
        assert parts(free)[0].endswith("\n</think>\n\n") and len(tokens_of(free)) == 49
        for think in ("off", ""):
            sampling = Sampling(temperature=0, max_tokens=48, think=think or None)
            thought, said = parts(await collect(engine.generate(prompts[think], sampling, PATTERN)))
            assert (thought, re.fullmatch(PATTERN.text, said) is not None) == ("", True)

    loaded(tmp_path / "switched.gguf", SWITCHED, body)


def test_a_model_that_always_thinks_needs_no_word(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"enum": ["x", "y"]}},
        "required": ["a"],
        "additionalProperties": False,
    }

    async def body(engine: LlamaCppEngine) -> None:
        events = await answer(
            engine, "hi", Sampling(temperature=0, max_tokens=64), Constraint("json_schema", json.dumps(schema))
        )
        thought, said = parts(events)
        assert thought and json.loads(said)["a"] in ("x", "y")
        full = engine.render(ask("hi"))
        room = 512 - len(full.token_ids)
        thought, said = parts(await collect(engine.generate(full, Sampling(temperature=0), PATTERN)))
        assert len(thought) > room // 4 and re.fullmatch(PATTERN.text, said)
        with pytest.raises(EngineError, match="JSON schema"):
            await answer(engine, "hi", Sampling(max_tokens=64), Constraint("json_schema", "{"))

    loaded(tmp_path / "always.gguf", ALWAYS, body)


def test_stopping_while_it_thinks_frees_the_slot(tmp_path: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        for _ in range(3):
            events = engine.generate(engine.render(ask("hi")), Sampling(max_tokens=400), PATTERN)
            async for event in events:
                if isinstance(event, Decoded):
                    break
            await events.aclose()
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 0

    loaded(tmp_path / "always.gguf", ALWAYS, body)
