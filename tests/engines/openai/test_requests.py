"""What is sent, what is left out once a server has refused it, and what is made of what comes back."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import Any

import pytest

from vnb.core.types import Constraint, Sampling
from vnb.engines.base import Decoded, Prefilling
from vnb.engines.openai import OpenAIEngine
from vnb.errors import EngineError

from ..asking import answer, ask, collect, prefilled, stopped, text_of, tokens_of, until
from .asking import answered, failure, with_engine
from .fake import DONE, HELLO, HOLD, Answer, Asked, Fake, Reply, chunk, event, refuse, says, usage

ALL = Sampling(0.7, 0.9, 40, 0.05, 20, 11, ("\n\n", ""), 2)
SCHEMA = (
    '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false}'
)
JSON = says(chunk('{"a": 1}'), chunk(finish="stop"), DONE)


def picky(*refused: str, words: str = "Unrecognized request argument supplied: {}", param: bool = False) -> Answer:
    """A server that refuses these fields, one at a time."""

    def reply(asked: Asked) -> Reply:
        for name in refused:
            if name in asked.body:
                error = {"message": words.format(name), "param": name if param else None}
                return Reply({"error": error}, 400)
        return HELLO

    return reply


def test_all_that_can_be_said_is_sent() -> None:
    with Fake() as fake:

        async def body(engine: OpenAIEngine) -> None:
            await collect(engine.generate(engine.render(ask("hi 😀", system="be brief")), ALL))
            await collect(engine.generate(engine.render(ask("hi")), Sampling(logprobs=0, max_tokens=3)))

        with_engine(fake, body)
        full, bare = fake.bodies()
    assert full == {
        "model": "fake",
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi 😀"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 20,
        "temperature": 0.7,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "seed": 11,
        "stop": ["\n\n"],
        "logprobs": True,
        "top_logprobs": 2,
    }
    assert bare.keys() == {
        "model", "messages", "stream", "stream_options", "max_tokens", "logprobs", "top_logprobs"
    }  # fmt: skip


@pytest.mark.parametrize("param", [False, True])
def test_what_a_server_refuses_is_left_out_from_then_on_and_told(param: bool, caplog: pytest.LogCaptureFixture) -> None:
    with Fake({"/v1/chat/completions": picky("top_k", "min_p", param=param)}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            before = engine.info
            first = await answer(engine, "hi", ALL)
            again = await answer(engine, "hi", ALL)
            plain = await answer(engine, "hi", Sampling(top_k=0, min_p=0.0, max_tokens=3))
            assert text_of(first) == text_of(again) == "Hello"
            assert stopped(first).usage.ignored == stopped(again).usage.ignored == ("top_k", "min_p")
            assert stopped(plain).usage.ignored == ()  # they would have changed nothing
            details = dict(engine.info.details)
            assert details["not taken"] == "min_p, top_k" and "without min_p, top_k" in details["engine"]
            assert engine.info.fingerprint == before.fingerprint  # else stored outputs would not be found again

        with caplog.at_level(logging.WARNING):
            with_engine(fake, body)
        sent = [("top_k" in one, "min_p" in one) for one in fake.bodies()]
        assert sent == [(True, True), (False, True), (False, False), (False, False), (False, False)]
    assert len(caplog.records) == 2


def test_a_server_that_names_fields_by_their_place() -> None:
    detail = [{"loc": ["body", "min_p"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]
    assert text_of(answered([Reply({"detail": detail}, 422), HELLO], ALL)) == "Hello"


def test_a_value_that_makes_no_sense_is_not_left_out() -> None:
    words = "top_k must be 0 (disable), or at least 1, got -5."
    assert words in failure(refuse(400, words), Sampling(top_k=-5, max_tokens=3)).message


def test_a_refusal_that_does_not_end_is_told() -> None:
    """The field is gone, and the server goes on about it."""
    assert "not supported: top_k" in failure(refuse(400, "not supported: top_k"), ALL).message


@pytest.mark.parametrize("field", ["seed", "temperature", "logprobs", "stream_options"])
def test_other_fields_that_servers_do_not_know(field: str) -> None:
    events = answered(picky(field, words="'{}' is not supported with this model."), ALL)
    assert text_of(events) == "Hello"
    assert stopped(events).usage.ignored == (() if field == "stream_options" else (field,))


def test_the_later_name_of_max_tokens() -> None:
    words = "Unsupported parameter: '{}' is not supported with this model. Use 'max_completion_tokens' instead."
    with Fake({"/v1/chat/completions": picky("max_tokens", words=words)}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            assert text_of(await answer(engine, "hi")) == "Hello"

        with_engine(fake, body)
        assert fake.bodies()[1]["max_completion_tokens"] == 12 and "max_tokens" not in fake.bodies()[1]


def test_a_model_without_system_messages() -> None:
    def reply(asked: Asked) -> Reply:
        system = any(one["role"] == "system" for one in asked.body["messages"])
        return refuse(400, "System role not supported") if system else HELLO

    with Fake({"/v1/chat/completions": reply}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            for _ in range(2):
                events = await collect(engine.generate(engine.render(ask("hi", "be brief")), Sampling(max_tokens=5)))
                assert text_of(events) == "Hello"

        with_engine(fake, body)
        assert [one["messages"] for one in fake.bodies()[1:]] == [[{"role": "user", "content": "be brief\n\nhi"}]] * 2


# ---------------------------------------------------------------- constraints


def sent_for(constraint: Constraint, owner: str, reply: Answer, **more: Answer) -> list[Any]:
    with Fake({"/v1/chat/completions": reply, **more}, owner=owner) as fake:

        async def body(engine: OpenAIEngine) -> None:
            await answer(engine, "hi", Sampling(max_tokens=9), constraint)

        with_engine(fake, body)
        return fake.bodies()


def test_a_schema_is_sent_as_each_server_reads_it() -> None:
    constraint = Constraint("json_schema", SCHEMA)
    (body,) = sent_for(constraint, "someone", JSON)
    named = body["response_format"]["json_schema"]
    assert body["response_format"]["type"] == "json_schema"
    assert (named["schema"], named["strict"]) == (json.loads(SCHEMA), True)
    guided = Constraint("json_schema", SCHEMA.replace("{", '{"x-guidance": {"whitespace_flexible": false}, ', 1))
    assert sent_for(guided, "someone", JSON) == [body]  # that is for the engines in this process
    loose = Constraint("json_schema", '{"anyOf": [{"type": "object", "properties": {"b": {}}}]}')
    (body,) = sent_for(loose, "someone", JSON)
    assert body["response_format"]["json_schema"]["strict"] is False
    (body,) = sent_for(constraint, "tabbyAPI", JSON)
    assert body["json_schema"] == json.loads(SCHEMA) and "response_format" not in body


def test_a_server_without_schemas_is_asked_without() -> None:
    """First less strictly: then OpenAI's own takes keywords that it does not know."""
    words = "Invalid schema for response_format 'answer': 'maxLength' is not permitted."
    with Fake({"/v1/chat/completions": [refuse(400, words), refuse(400, words), HELLO]}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            assert "json_schema" in engine.info.features
            events = await answer(engine, "hi", Sampling(max_tokens=9), Constraint("json_schema", SCHEMA))
            assert text_of(events) == "Hello"  # whoever asked checks it, and may mend it
            assert "json_schema" not in engine.info.features

        with_engine(fake, body)
        formats = [one.get("response_format") for one in fake.bodies()]
        assert [one and one["json_schema"]["strict"] for one in formats] == [True, False, None]


def test_a_server_that_does_not_keep_to_a_schema_is_told() -> None:
    constraint = Constraint("json_schema", SCHEMA)
    assert "not the JSON that was asked for" in failure(HELLO, Sampling(max_tokens=9), constraint).message


def test_a_schema_that_is_none_is_not_sent() -> None:
    constraint = Constraint("json_schema", '{"type": "words"}')
    assert "words" in failure(HELLO, Sampling(max_tokens=9), constraint).message


@pytest.mark.parametrize(
    ("owner", "version", "field"),
    [
        ("vllm", "0.11.0", {"structured_outputs": {"regex": "[0-9]+"}}),
        ("vllm", "0.12.1rc2.dev3", {"structured_outputs": {"regex": "[0-9]+"}}),
        ("vllm", "0.10.2", {"guided_regex": "[0-9]+"}),
        ("tabbyAPI", "", {"regex_pattern": "[0-9]+"}),
        ("llamacpp", "", {"grammar": "%llguidance {}\nstart: /[0-9]+/\n"}),
        ("someone", "", {}),
    ],
)
def test_a_pattern_is_sent_as_each_server_reads_it(owner: str, version: str, field: dict[str, Any]) -> None:
    reply = says(chunk("123"), chunk(finish="stop"), DONE)
    more: dict[str, Answer] = {"/version": Reply({"version": version})}
    (body,) = sent_for(Constraint("regex", "^[0-9]+$"), owner, reply, **more)
    fields = ("structured_outputs", "guided_regex", "regex_pattern", "grammar", "response_format")
    assert {name: body[name] for name in fields if name in body} == field


def test_an_answer_that_does_not_match_its_pattern_is_told() -> None:
    assert "does not match" in failure(HELLO, Sampling(max_tokens=9), Constraint("regex", "[0-9]+")).message


# ---------------------------------------------------------------- answers


def test_usage_and_times_of_an_answer() -> None:
    events = answered(
        says(chunk("", role="assistant"), chunk("Hell"), chunk("o"), chunk(finish="stop"), usage(70, 2, 64))
    )
    used = stopped(events).usage
    assert (used.prompt_tokens, used.cached_tokens, used.new_tokens, used.estimated) == (70, 64, 2, False)
    assert used.timing_source == "arrival" and used.t_prefill > 0 and used.t_decode >= 0
    first, last = tokens_of(events)[0], tokens_of(events)[-1]
    start = prefilled(events)
    assert start.t_queue + start.t_prefill == pytest.approx(first.dt, abs=1e-4)
    assert used.t_decode == pytest.approx(last.dt - first.dt, abs=1e-4)


def test_a_server_that_tells_of_its_cache_is_known_for_it() -> None:
    async def body(engine: OpenAIEngine) -> None:
        assert "cached_tokens" not in engine.info.features
        await answer(engine, "hi")
        assert "cached_tokens" in engine.info.features

    with Fake({"/v1/chat/completions": says(chunk("x"), chunk(finish="stop"), usage(9, 1, 0))}) as fake:
        with_engine(fake, body)


def test_counts_are_estimates_where_the_server_tells_none() -> None:
    used = stopped(answered(says(chunk("Hell"), chunk("o"), chunk(finish="length"), DONE))).usage
    assert used.estimated and used.new_tokens == 2 and used.prompt_tokens > 3


def test_an_answer_in_one_piece() -> None:
    """Some servers do not stream, and some put the usage beside the last choice."""
    whole = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}}
    events = answered(Reply(whole))
    assert text_of(events) == "Hello" and stopped(events).usage.prompt_tokens == 7


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_reasoning_comes_flagged_with_its_times(field: str) -> None:
    events = answered(
        says(*(chunk(**{field: word}) for word in ("hm", "so")), chunk("42"), chunk(finish="stop"), usage(7, 3), DONE)
    )
    decoded = [event for event in events if isinstance(event, Decoded)]
    assert [(t.text, event.thinking) for event in decoded for t in event.tokens] == [
        ("hm", True),
        ("so", True),
        ("42", False),
    ]
    assert all(token.dt > 0 for token in tokens_of(events)) and stopped(events).usage.new_tokens == 3


def test_reasoning_and_answer_in_one_piece() -> None:
    said = {"role": "assistant", "reasoning_content": "hm", "content": "42"}
    events = answered(Reply({"choices": [{"message": said, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}}))
    decoded = [(text_of([event]), event.thinking) for event in events if isinstance(event, Decoded)]
    assert decoded == [("hm", True), ("42", False)]


@pytest.mark.parametrize(
    "pieces",
    [
        (chunk(reasoning="hm"), chunk('{"a": 1}')),
        (chunk('<think>hm</think>\n\n{"a": 1}'),),
        (chunk(reasoning='{"a": 1}'),),
    ],
    ids=["flagged", "inline", "all of it flagged"],
)
def test_an_answer_is_held_to_its_schema_without_the_reasoning(pieces: tuple[bytes, ...]) -> None:
    answered(says(*pieces, chunk(finish="stop"), DONE), Sampling(max_tokens=20), Constraint("json_schema", SCHEMA))
    bad = failure(
        says(chunk(reasoning='{"a": 1}'), chunk("so"), chunk(finish="stop"), DONE),
        Sampling(max_tokens=20),
        Constraint("json_schema", SCHEMA),
    )
    assert "not the JSON" in bad.message


PENALIZED = Sampling(max_tokens=3, repeat_penalty=1.2, dry=0.8)


@pytest.mark.parametrize(
    ("owner", "sent", "missed"),
    [
        ("vllm", {"repetition_penalty": 1.2}, ("dry",)),
        ("llamacpp", {"repeat_penalty": 1.2, "dry_multiplier": 0.8}, ()),
        ("tabbyAPI", {"repetition_penalty": 1.2, "dry_multiplier": 0.8}, ()),
        ("library", {}, ("repeat_penalty", "dry")),
        ("organization_owner", {"repeat_penalty": 1.2}, ("dry",)),
        ("someone", {"repetition_penalty": 1.2, "dry_multiplier": 0.8}, ()),
    ],
)
def test_penalties_go_by_the_servers_own_names(owner: str, sent: dict[str, float], missed: tuple[str, ...]) -> None:
    names = {"repetition_penalty", "repeat_penalty", "dry_multiplier"}
    with Fake(owner=owner) as fake:

        async def body(engine: OpenAIEngine) -> None:
            assert stopped(await answer(engine, "hi", PENALIZED)).usage.ignored == missed
            assert stopped(await answer(engine, "hi", Sampling(max_tokens=3, dry=0))).usage.ignored == ()

        with_engine(fake, body)
        first = fake.bodies()[0]
    assert {name: value for name, value in first.items() if name in names} == sent


def test_a_penalty_that_is_refused_is_told() -> None:
    with Fake({"/v1/chat/completions": picky("dry_multiplier", "repetition_penalty")}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            assert stopped(await answer(engine, "hi", PENALIZED)).usage.ignored == ("repeat_penalty", "dry")

        with_engine(fake, body)


@pytest.mark.parametrize("think", ["on", "off", "200"])
@pytest.mark.parametrize("owner", ["someone", "vllm", "llamacpp", "tabbyAPI", "library"])
def test_thinking_is_switched_by_the_template_or_as_ollama_does(owner: str, think: str) -> None:
    with Fake(owner=owner) as fake:

        async def body(engine: OpenAIEngine) -> None:
            events = await answer(engine, "hi", Sampling(max_tokens=3, think=think))
            assert stopped(events).usage.ignored == (("think",) if think == "200" else ())

        with_engine(fake, body)
        sent = fake.bodies()[0]
    if owner == "library":
        assert sent["reasoning_effort"] == ("none" if think == "off" else "medium")
    else:
        on = think != "off"
        assert sent["chat_template_kwargs"] == {"enable_thinking": on, "thinking": on}


@pytest.mark.parametrize(
    ("owner", "field", "words"),
    [
        ("someone", "chat_template_kwargs", "Unrecognized request argument supplied: {}"),
        ("library", "reasoning_effort", '"fake" does not support thinking'),
    ],
)
def test_a_server_that_cannot_switch_thinking_is_told_of(owner: str, field: str, words: str) -> None:
    with Fake({"/v1/chat/completions": picky(field, words=words)}, owner=owner) as fake:

        async def body(engine: OpenAIEngine) -> None:
            for _ in range(2):
                events = await answer(engine, "hi", Sampling(max_tokens=3, think="on"))
                assert text_of(events) == "Hello" and stopped(events).usage.ignored == ("think",)
            assert stopped(await answer(engine, "hi", Sampling(max_tokens=3))).usage.ignored == ()

        with_engine(fake, body)
        assert [field in one for one in fake.bodies()] == [True, False, False, False]


def test_characters_come_whole_however_the_bytes_are_cut() -> None:
    stream = chunk("字") + chunk("😀é") + chunk(finish="stop") + DONE
    raw = json.dumps({"choices": [{"delta": {"content": "字😀"}}]}, ensure_ascii=False).encode()
    pieces = [bytes([one]) for one in b"data:" + raw + b"\r\n\r\n: still here\n\n" + stream]
    assert text_of(answered(says(*pieces))) == "字😀字😀é"


def named(token: str, logprob: float, *top: tuple[str, float], **more: Any) -> dict[str, Any]:
    others = [{"token": text, "logprob": value, "bytes": None} for text, value in top]
    return {"token": token, "logprob": logprob, "bytes": list(token.encode()), "top_logprobs": others, **more}


def test_log_probabilities_without_ids() -> None:
    entries = [
        named("Hell", -0.1, ("Hell", -0.1), ("Ha", -2.5), ("He", -3.5)),
        named("o", -9.0, ("l", -0.2), ("ll", -1.0)),
    ]
    reply = says(chunk("Hello", logprobs={"content": entries}), chunk(finish="stop"), usage(7, 2), DONE)
    first, second = tokens_of(answered(reply, Sampling(max_tokens=9, logprobs=2)))
    assert (first.text, first.logprob, [(a.text, a.logprob) for a in first.top]) == (
        "Hell",
        -0.1,
        [("Hell", -0.1), ("Ha", -2.5)],
    )
    assert (second.text, [a.text for a in second.top]) == ("o", ["l", "ll"])
    assert first.id == first.top[0].id < -1 and len({first.id, second.id, *(a.id for a in second.top)}) == 4


def test_ids_that_the_server_tells_are_the_tokens() -> None:
    entry = named("Hi", -0.1, ("Hi", -0.1), ("Ho", -3.0))
    reply = says(chunk("Hi", logprobs={"content": [entry]}, token_ids=[42]), chunk("!?", token_ids=[7, 8]))
    tokens = tokens_of(answered(says(*reply.stream, chunk(finish="stop"), DONE), Sampling(max_tokens=9, logprobs=2)))
    assert [t.id for t in tokens] == [42, 7, 8] and [t.text for t in tokens] == ["Hi", "", "!?"]
    assert [a.id == 42 for a in tokens[0].top] == [True, False]


def test_tokens_within_a_character_keep_their_bytes() -> None:
    half = [{**named("\ufffd", -0.1), "bytes": [0xF0, 0x9F]}, {**named("\ufffd", -0.2), "bytes": [0x98, 0x80]}]
    reply = says(chunk("", logprobs={"content": half[:1]}), chunk("😀", logprobs={"content": half[1:]}))
    first, second = tokens_of(
        answered(says(*reply.stream, chunk(finish="stop"), DONE), Sampling(max_tokens=9, logprobs=0))
    )
    assert (first.text, first.bytes, second.text, second.bytes) == ("", "f09f", "😀", "9880")


def test_progress_of_a_long_prompt() -> None:
    steps = [event({"choices": [], "prompt_progress": {"total": 90, "cache": 30, "processed": n}}) for n in (60, 90)]
    events = answered(says(*steps, chunk("x"), chunk(finish="stop"), DONE))
    assert events[0] == Prefilling(60, 90)
    assert (prefilled(events).prompt_tokens, prefilled(events).cached_tokens) == (90, 30)


# ---------------------------------------------------------------- several at once


def test_no_more_requests_than_max_batch() -> None:
    gate = threading.Event()

    def reply(asked: Asked) -> Reply:
        assert gate.wait(10)
        return HELLO

    with Fake({"/v1/chat/completions": reply}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            assert engine.info.slots == 2
            runs = [asyncio.create_task(answer(engine, f"q{i}")) for i in range(7)]
            await until(lambda: len(fake.bodies()) == 2 and engine.waiting == 5)
            gate.set()
            assert [text_of(run) for run in await asyncio.gather(*runs)] == ["Hello"] * 7

        with_engine(fake, body, max_batch=2)
        assert fake.high_water == 2 and len(fake.bodies()) == 7


def test_cancelling_closes_the_connection() -> None:
    async def body(engine: OpenAIEngine) -> None:
        events = engine.generate(engine.render(ask("hi")), Sampling(max_tokens=9))
        async for one in events:
            if isinstance(one, Decoded):
                break
        await events.aclose()
        assert await asyncio.to_thread(fake.wait, lambda: fake.asked[-1].left)

    with Fake({"/v1/chat/completions": says(chunk("Hell"), HOLD)}) as fake:
        with_engine(fake, body)


def test_a_request_that_was_cancelled_in_the_queue_is_never_sent() -> None:
    async def body(engine: OpenAIEngine) -> None:
        running = asyncio.create_task(answer(engine, "first"))
        await asyncio.to_thread(fake.wait, lambda: len(fake.bodies()) == 1)
        waiting = asyncio.create_task(answer(engine, "second"))
        await until(lambda: engine.waiting == 1)
        waiting.cancel()
        running.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        assert len(fake.bodies()) == 1
        await engine.close()
        with pytest.raises(EngineError, match="closed"):
            engine.count("x")

    with Fake({"/v1/chat/completions": says(chunk("Hell"), HOLD)}) as fake:
        with_engine(fake, body, max_batch=1)
