"""What each kind of server says of itself, and how its prompts are counted."""

from __future__ import annotations

from typing import Any

import pytest

from vnb.core.types import Message, Segment, Span
from vnb.engines.base import EngineInfo
from vnb.engines.openai import OpenAIEngine
from vnb.engines.openai.estimate import pieces
from vnb.engines.openai.sse import Events
from vnb.errors import BudgetError

from ..asking import NASTY, answer, ask
from .asking import refusal, with_engine
from .fake import Answer, Fake, Reply, refuse
from .vllm import Vllm


def info_of(card: dict[str, Any], answers: dict[str, Answer] | None = None, **options: Any) -> EngineInfo:
    found: list[EngineInfo] = []

    async def body(engine: OpenAIEngine) -> None:
        found.append(engine.info)

    with Fake({"/v1/models": Reply({"data": [{"id": "fake", **card}]}), **(answers or {})}) as fake:
        with_engine(fake, body, **options)
    return found[0]


@pytest.mark.parametrize(
    ("card", "answers", "context", "label"),
    [
        ({"owned_by": "vllm", "max_model_len": 9000}, {"/version": Reply({"version": "0.11.0"})}, 9000, "vLLM 0.11.0"),
        (
            {"owned_by": "llamacpp", "meta": {"n_params": 5}},
            {"/props": Reply({"default_generation_settings": {"n_ctx": 700}, "total_slots": 3, "build_info": "b77"})},
            700,
            "llama-server b77",
        ),
        (
            {"owned_by": "tabbyAPI"},
            {"/v1/model": Reply({"id": "fake", "parameters": {"max_seq_len": 800}})},
            800,
            "TabbyAPI",
        ),
        ({"owned_by": "library"}, {"/api/version": Reply({"version": "0.12.3"})}, 0, "Ollama 0.12.3"),
        (
            {"owned_by": "organization_owner"},
            {"/api/v0/models/fake": Reply({"max_context_length": 9999, "loaded_context_length": 4000})},
            4000,
            "LM Studio",
        ),
        ({"owned_by": "system", "context_window": 5000}, {}, 5000, "server"),
        ({"owned_by": "vllm", "max_model_len": None}, {"/version": refuse(404)}, 0, "vLLM"),
        ({}, {}, 0, "server"),
    ],
)
def test_kinds_of_servers(card: dict[str, Any], answers: dict[str, Answer], context: int, label: str) -> None:
    info = info_of(card, answers)
    details = dict(info.details)
    assert info.context_length == (context or 4096)
    assert ("assumed" in details["context"]) == (not context)
    assert details["engine"].startswith(f"{label} at 127.0.0.1:")
    assert "estimated" in details["tokens"]  # none of these has a tokenizer that works
    assert (info.name, info.profile, info.device) == ("fake", "instruct", "")


def test_how_many_at_once() -> None:
    props: dict[str, Answer] = {"/props": Reply({"total_slots": 3})}
    assert info_of({"owned_by": "llamacpp"}, props).slots == 3
    assert info_of({"owned_by": "llamacpp"}, props, max_batch=5).slots == 5
    assert info_of({}).slots == 8


def test_a_context_of_ones_own() -> None:
    assert info_of({"max_model_len": 9000}, ctx=1000).context_length == 1000
    assert info_of({}, ctx=50_000).context_length == 50_000
    with Fake({"/v1/models": Reply({"data": [{"id": "fake", "max_model_len": 900}]})}) as fake:
        error = refusal(fake.spec, ctx=1000)
        assert "with 900 tokens, not 1000" in error.message and error.hint.endswith("--ctx 900")


def test_the_fingerprint_is_of_server_model_and_version() -> None:
    found = []
    for version in ("0.11.0", "0.11.0", "0.11.1"):
        with Vllm(version) as fake:

            async def body(engine: OpenAIEngine) -> None:
                found.append((engine.info.fingerprint, engine._wire.address.base))

            with_engine(fake, body)
    assert len({fingerprint for fingerprint, _ in found}) == len({base for _, base in found}) == 3


def test_vnb_tiny_is_known_by_its_name() -> None:
    props: dict[str, Answer] = {"/props": Reply({"model_path": "/models/vnb-tiny-q8_0.gguf"})}
    assert info_of({"owned_by": "llamacpp"}, props).profile == "compact"


# ---------------------------------------------------------------- tokens


def test_the_servers_own_tokens_show_where_each_part_stands() -> None:
    async def body(engine: OpenAIEngine) -> None:
        user = Message("user", (Segment("Look: "), Segment(NASTY, 0), Segment(" and "), Segment("more 字", 1)))
        prompt = engine.render((Message("system", (Segment("be brief"),)), user))
        first, second = prompt.spans
        read = engine.tokens.detokenize  # type: ignore[attr-defined]
        assert NASTY in read(prompt.token_ids[first.start : first.end])
        assert read(prompt.token_ids[second.start : second.end]) == "more 字"
        assert read(prompt.token_ids) == prompt.text

    with Vllm() as server:
        with_engine(server, body)


def test_a_template_that_trims_is_followed() -> None:
    def trimming(asked: Any) -> Reply:
        for one in asked.body.get("messages", ()):
            one["content"] = one["content"].strip()
        return server.tokenize(asked)

    async def body(engine: OpenAIEngine) -> None:
        prompt = engine.render((Message("user", (Segment("  \n"), Segment(" hello there ", 0), Segment("\n", 1))),))
        assert [prompt.text.count("hello there"), prompt.text.count(" hello")] == [1, 0]
        shown = {s.part: engine.tokens.detokenize(prompt.token_ids[s.start : s.end]) for s in prompt.spans}  # type: ignore[attr-defined]
        assert shown == {0: "hello there", 1: ""}

    with Vllm() as server:
        server.answers["/tokenize"] = trimming
        with_engine(server, body)


def test_names_of_tokens_that_do_not_add_up_show_no_parts() -> None:
    def odd(asked: Any) -> Reply:
        reply = server.tokenize(asked)
        if "token_strs" in reply.body:
            reply.body["token_strs"] = ["?"] * len(reply.body["tokens"])
        return reply

    async def body(engine: OpenAIEngine) -> None:
        prompt = engine.render(ask("hello there"))
        assert prompt.token_ids and prompt.spans == ()

    with Vllm() as server:
        server.answers["/tokenize"] = odd
        with_engine(server, body)


def test_sentencepiece_names_add_up() -> None:
    names = ["<s>", "▁hello", "▁", "字", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>"]
    whole = "<s> hello 字😀"

    def tokenize(asked: Any) -> Reply:
        return Reply({"tokens": list(range(len(names))), "token_strs": names})

    async def body(engine: OpenAIEngine) -> None:
        prompt = engine.render((Message("user", (Segment("hello"), Segment(" 字", 0), Segment("😀", 1))),))
        assert prompt.text == whole and prompt.spans == (Span(0, 2, 4), Span(1, 4, 8))

    with Fake({"/tokenize": tokenize, "/detokenize": Reply({"prompt": whole})}, owner="vllm") as fake:
        with_engine(fake, body)


def test_a_template_without_system_messages_is_given_none() -> None:
    def tokenize(asked: Any) -> Reply:
        if [one["role"] for one in asked.body.get("messages", ())][:1] == ["system"]:
            return refuse(400, "System role not supported")
        return server.tokenize(asked)

    async def body(engine: OpenAIEngine) -> None:
        prompt = engine.render(ask("hi", "be brief"))
        assert [message.content for message in prompt.messages] == ["be brief\n\nhi"]
        assert "be brief\n\nhi" in prompt.text

    with Vllm() as server:
        server.answers["/tokenize"] = tokenize
        with_engine(server, body)


def test_a_tokenizer_that_fails_later_is_an_error() -> None:
    async def body(engine: OpenAIEngine) -> None:
        server.answers["/tokenize"] = refuse(500, "tokenizer gone")
        with pytest.raises(Exception, match="tokenizer gone"):
            engine.render(ask("hi"))
        server.answers["/tokenize"] = Reply({"oops": 1})
        with pytest.raises(Exception, match="no 'tokens'"):
            engine.count("new text")

    with Vllm() as server:
        with_engine(server, body)


def test_estimates_hold_text_and_parts_and_tell_themselves_apart() -> None:
    async def body(engine: OpenAIEngine) -> None:
        prompt = engine.render(ask(f"hello {NASTY}", system="be brief"))
        other = engine.render(ask("hello there", system="be brief"))
        (span,) = prompt.spans
        assert span.end - span.start == engine.count(f"hello {NASTY}") > len(NASTY) / 4
        assert NASTY in prompt.text and max(prompt.token_ids) < -1
        assert prompt.token_ids[: span.start + 2] == other.token_ids[: span.start + 2]
        assert engine.count("") == 0
        with pytest.raises(BudgetError, match="about"):
            await answer(engine, "on and on " * 2000)

    with Fake() as fake:
        with_engine(fake, body)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The tide rises twice a day because the Moon pulls on the water.", 14),
        ("def f(x):\n    return x ** 2 + 1\n", 15),
        ("12345.678", 9),
        ("潮汐每天涨落两次。", 7),
        ("😀👍", 4),
    ],
)
def test_estimates_are_rather_too_many(text: str, tokens: int) -> None:
    """`tokens`: what tokenizers of 100,000 words and more make of it."""
    assert tokens <= len(pieces(text)) <= 2.5 * tokens


# ---------------------------------------------------------------- the stream


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_are_found_however_they_come(size: int, end: bytes) -> None:
    lines = [
        b"\xef\xbb\xbfdata: one",
        b"",
        b": ping",
        b"event: x",
        b"data:two",
        b"data: three ",
        b"id: 4",
        b"",
        b"data",
    ]
    stream = end.join([*lines, b"data: last"])
    events = Events()
    found = [one for at in range(0, len(stream), size) for one in events.feed(stream[at : at + size])]
    assert [*found, *events.end()] == [b"one", b"two", b"three", b"last"]
