"""Servers that refuse, hang, break off or talk nonsense: each is an error with a name and a hint."""

from __future__ import annotations

import asyncio
import email.utils
import socket
import time
from typing import Any

import httpx
import pytest

from vnb.core.types import Sampling
from vnb.engines.openai import OpenAIEngine
from vnb.engines.openai.refusals import FIRST_WAIT, LONGEST_WAIT, pause
from vnb.errors import BudgetError

from ..asking import answer, text_of
from .asking import answered, failure, refusal, with_engine
from .fake import CUT, DONE, HELLO, HOLD, Fake, Reply, chunk, event, refuse, says

SHORT = 0.05  # seconds of patience, where nothing will come


def test_nothing_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refusal(f"http://127.0.0.1:{port}/v1#m")
    assert f"127.0.0.1:{port}" in error.message and "cannot be reached" in error.message
    assert f"%vmodel http://127.0.0.1:{port}/v1#m" in error.hint


def test_a_host_without_a_name() -> None:
    assert "cannot be reached" in refusal("http://no-such-host.invalid/v1#m").message


def test_an_unknown_model_is_told_with_those_that_are_there() -> None:
    cards = [{"id": name} for name in ("org/llama-3", "org/qwen-3")]
    with Fake({"/v1/models": Reply({"data": cards})}) as fake:
        error = refusal(f"{fake.url}#org/qwen3")
        assert "no model org/qwen3; it has org/llama-3, org/qwen-3" in error.message
        assert error.hint == f"%vmodel {fake.url}#org/qwen-3"
        error = refusal(fake.url)
        assert "has several models: org/llama-3, org/qwen-3" in error.message


def test_a_model_that_has_gone_since() -> None:
    error = failure(refuse(404, "The model `fake` does not exist."))
    assert "has no model fake" in error.message and "does not exist" in error.message
    assert "names what it has" in error.hint


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"<html>It works!</html>", type="text/html"), "not JSON"),
        (Reply({"hello": "world"}), "no list of models"),
        (Reply([]), "has no model"),
        (refuse(404, "Not Found"), "nothing at this address"),
        (refuse(500, "out of memory"), "failed (HTTP 500): out of memory"),
        (Reply(b"x" * (17 << 20)), "does not end its answer"),
    ],
)
def test_what_is_no_such_server(reply: Reply, words: str) -> None:
    with Fake({"/v1/models": reply}) as fake:
        assert words in refusal(fake.url).message


def test_a_server_without_a_list_serves_the_model_that_is_named() -> None:
    with Fake({"/v1/models": refuse(404)}) as fake:

        async def body(engine: OpenAIEngine) -> None:
            assert text_of(await answer(engine, "hi")) == "Hello"

        with_engine(fake, body)
        assert fake.bodies()[0]["model"] == "fake"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (refuse(500, "boom"), "failed (HTTP 500): boom"),
        (refuse(502, "<h1>Bad\nGateway</h1>"), "HTTP 502"),
        (refuse(400, "temperature must be non-negative, got -1"), "temperature must be non-negative"),
        (Reply(b"<html>", type="text/html"), "not JSON"),
        (Reply({"error": {"message": "no GPU"}}), "no GPU"),
        (says(chunk("Hell"), b"data: {oops\n\n"), "not JSON: {oops"),
        (says(chunk("Hell"), event([1])), "not JSON"),
        (says(chunk("Hell"), event({"choices": [7]})), "none of a chat completion"),
        (says(b"data: " + b"x" * (2 << 20)), "line of more than 1,024 KB"),
        (says(chunk("Hell"), CUT), "cut the connection"),
        (says(CUT), "cut the connection"),
        (says(chunk("Hell"), chunk("o")), "in its midst, after 2 tokens"),
        (says(chunk("Hell"), DONE), "in its midst, after 1 tokens"),
        (says(), "answered nothing"),
        (says(chunk("Hell"), event({"error": {"message": "CUDA died", "code": 500}})), "while it answered: CUDA died"),
        (says(chunk("Hell"), b'error: {"message": "slot lost", "code": 500}\n\n'), "slot lost"),
        (says(chunk("Hell"), chunk(finish="content_filter")), "content_filter"),
        (says(chunk(refusal="I will not.")), "refuses: I will not."),
        (says(*[chunk("x" * 2000)] * 5), "does not keep to 12 tokens"),
        (says(chunk(reasoning="hm"), chunk(reasoning="hm"), chunk(finish="length"), DONE), "thought for 2 tokens"),
    ],
)
def test_answers_that_are_none(reply: Reply, words: str) -> None:
    assert words in failure(reply).message


@pytest.mark.parametrize("before", [(), (chunk("Hell"),)])
def test_a_server_that_falls_silent(before: tuple[bytes, ...]) -> None:
    error = failure(says(*before, HOLD), timeout=SHORT)
    assert "said nothing for 0.05 seconds" in error.message and "--timeout" in error.hint


def test_what_came_before_a_failure_is_told() -> None:
    async def body(engine: OpenAIEngine) -> None:
        seen = []
        with pytest.raises(Exception, match="cut the connection"):
            async for one in engine.generate(engine.render(()), Sampling(max_tokens=5)):
                seen.append(one)
        assert text_of(seen) == "Hello"

    with Fake({"/v1/chat/completions": says(chunk("Hell"), chunk("o"), CUT)}) as fake:
        with_engine(fake, body)


@pytest.mark.parametrize(
    "said",
    [
        refuse(400, "This model's maximum context length is 100 tokens. However, you requested 112 tokens"),
        Reply({"error": {"code": 400, "message": "too big", "type": "exceed_context_size_error"}}, 400),
        says(event({"error": {"message": "the prompt exceeds the context size"}})),
    ],
)
def test_a_prompt_that_the_server_finds_too_long(said: Reply) -> None:
    assert isinstance(failure(said), BudgetError)


def test_busy_servers_are_asked_again_as_they_say() -> None:
    for status in (429, 503):
        again = refuse(status, "slow down", Retry_After="0")
        assert text_of(answered([again, again, again, HELLO])) == "Hello"


def test_a_wait_that_is_too_long_is_told_at_once() -> None:
    error = failure(refuse(429, "quota used up", Retry_After="3600"))
    assert "takes no more requests for now" in error.message and "quota used up" in error.message
    assert "in 3,600 seconds" in error.hint


def test_waits_grow_and_end() -> None:
    def waits(**headers: str) -> list[float]:
        found: list[float] = []
        response: Any = httpx.Response(429, headers=headers)
        while (seconds := pause(response, len(found), sum(found))) is not None:
            found.append(seconds)
        return found

    assert waits()[:4] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert sum(waits()) <= LONGEST_WAIT and len(waits(**{"Retry-After": "0"})) == 20
    assert waits(**{"Retry-After": "25"}) == [25, 25]
    soon = email.utils.formatdate(time.time() + 40, usegmt=True)
    (until,) = waits(**{"Retry-After": soon})
    assert 30 < until <= 40
    assert waits(**{"Retry-After": "never"}) == waits()
    assert pause(httpx.Response(500), 0, 0) is None


def test_waiting_can_be_cancelled_and_closed() -> None:
    async def body(engine: OpenAIEngine) -> None:
        tasks = [asyncio.create_task(answer(engine, "hi")) for _ in range(2)]
        await asyncio.to_thread(fake.wait, lambda: len(fake.bodies()) == 2)
        tasks[0].cancel()
        await engine.close()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError)
        assert "closed" in str(results[1])

    with Fake({"/v1/chat/completions": refuse(429, Retry_After="50")}) as fake:
        with_engine(fake, body)
