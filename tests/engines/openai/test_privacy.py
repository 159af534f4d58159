"""What is sent where: the key to who asks for it, nothing to anybody else; and no key in anything that is kept or shown."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace

import pytest

from vnb.engines.openai import OpenAIEngine, read_address
from vnb.errors import EngineError

from ..asking import answer, text_of
from .asking import refusal, with_engine
from .fake import HELLO, Answer, Asked, Fake, Reply, refuse

KEY = "sk-0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VNB_API_KEY", "OPENAI_API_KEY", "VNB_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)


def locked(reply: Answer) -> Answer:
    """Answers those who have the key; others are told so, and theirs is repeated."""

    def answer(asked: Asked) -> Reply:
        sent = asked.headers.get("Authorization")
        if sent != f"Bearer {KEY}":
            return refuse(401, f"Incorrect API key provided: {sent}")
        assert isinstance(reply, Reply)
        return reply

    return answer


def fake_with_key() -> Fake:
    return Fake({"/v1/models": locked(Reply({"data": [{"id": "fake"}]})), "/v1/chat/completions": locked(HELLO)})


@pytest.mark.parametrize("variable", ["VNB_API_KEY", "OPENAI_API_KEY"])
def test_a_key_from_the_environment_is_sent_to_who_asks(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, f" {KEY}\n")

    async def body(engine: OpenAIEngine) -> None:
        assert text_of(await answer(engine, "hi")) == "Hello"
        assert KEY not in repr((engine.info, vars(engine), engine.render(())))

    with fake_with_key() as fake:
        with_engine(fake, body)
        sent = [one.headers.get("Authorization") for one in fake.asked]
        assert sent == [None, f"Bearer {KEY}", f"Bearer {KEY}"]


def test_a_server_that_asks_for_no_key_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    async def body(engine: OpenAIEngine) -> None:
        await answer(engine, "hi")

    with Fake() as fake:
        with_engine(fake, body)
        assert len(fake.asked) == 2 and not any("Authorization" in one.headers for one in fake.asked)


def test_a_key_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def get_password(service: str, host: str) -> str:
        asked.append((service, host))
        return KEY

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))

    async def body(engine: OpenAIEngine) -> None:
        assert text_of(await answer(engine, "hi")) == "Hello"

    with fake_with_key() as fake:
        with_engine(fake, body)
        assert asked == [("vnb", fake.url.split("/")[2])]


def test_a_keyring_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_password(service: str, host: str) -> str:
        raise RuntimeError("no backend")

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))
    with fake_with_key() as fake:
        assert "wants a key" in refusal(fake.spec).message


def test_without_a_key_it_is_said_how_to_give_one() -> None:
    with fake_with_key() as fake:
        error = refusal(fake.spec)
        assert "wants a key (HTTP 401)" in error.message
        assert "getpass" in error.hint and "keyring set vnb 127.0.0.1:" in error.hint


def test_a_wrong_key_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VNB_API_KEY", "sk-wrong-one")
    with fake_with_key() as fake:
        error = refusal(fake.spec)
        assert "does not take this key" in error.message and "Bearer …" in error.message
        assert "sk-wrong-one" not in str(error)
        assert len(fake.asked) == 2


def test_what_no_header_can_carry_is_told_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VNB_API_KEY", "sk-\nX-Evil: 1")
    with fake_with_key() as fake:
        error = refusal(fake.spec)
        assert "VNB_API_KEY" in error.message and "Evil" not in str(error)


@pytest.mark.parametrize("spec", ["http://me:hush@host/v1#m", "https://hush@host#m", "https://host/v1?key=hush#m"])
def test_secrets_in_an_address_are_refused_unrepeated(spec: str) -> None:
    with pytest.raises(EngineError) as caught:
        read_address(spec)
    assert "hush" not in str(caught.value) and "VNB_API_KEY" in caught.value.hint


@pytest.mark.parametrize("spec", ["http://#m", "http://host:port/v1#m", "http://[::1/v1"])
def test_what_is_no_address(spec: str) -> None:
    with pytest.raises(EngineError) as caught:
        read_address(spec)
    assert "%vmodel http" in caught.value.hint


@pytest.mark.parametrize(
    ("spec", "base", "model"),
    [
        ("http://host:8000#m", "http://host:8000/v1", "m"),
        ("http://host:8000/v1/#org/m:7b", "http://host:8000/v1", "org/m:7b"),
        ("https://host/api/v1", "https://host/api/v1", ""),
        ("http://[::1]:8080/v1/chat/completions#m", "http://[::1]:8080/v1", "m"),
    ],
)
def test_addresses(spec: str, base: str, model: str) -> None:
    found = read_address(spec)
    assert (found.base, found.model, found.spec) == (base, model, spec)
    assert found.root == base.removesuffix("/v1")


@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions"])
def test_redirects_are_not_followed(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VNB_API_KEY", KEY)
    with Fake() as other:
        moved = Reply(status=307, headers={"Location": other.url + path.removeprefix("/v1") + "?x=1"})
        with Fake({path: moved}) as fake:
            if path == "/v1/models":
                error = refusal(fake.spec)
            else:

                async def body(engine: OpenAIEngine) -> None:
                    nonlocal error
                    with pytest.raises(EngineError) as caught:
                        await answer(engine, "hi")
                    error = caught.value

                error = EngineError("")
                with_engine(fake, body)
            assert "not followed" in error.message
            assert error.hint == f"If you trust it: %vmodel {other.url}#fake"
        assert other.asked == []


def test_proxies_for_all_programs_are_left_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    with Fake() as proxy, Fake() as fake:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)

        async def body(engine: OpenAIEngine) -> None:
            await answer(engine, "hi")

        with_engine(fake, body)
        assert proxy.asked == [] and len(fake.asked) == 2


def test_a_proxy_of_vnb_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    models = Reply({"data": [{"id": "fake"}]})
    with Fake({"http://far.invalid/v1/models": models, "http://far.invalid/v1/chat/completions": HELLO}) as proxy:
        monkeypatch.setenv("VNB_PROXY", proxy.url.removesuffix("/v1"))

        async def body() -> None:
            engine = await OpenAIEngine.load(read_address("http://far.invalid/v1#fake"))
            assert text_of(await answer(engine, "hi")) == "Hello"
            await engine.close()

        asyncio.run(body())
        assert len(proxy.asked) == 2
        monkeypatch.setenv("VNB_PROXY", "nonsense")
        assert "VNB_PROXY" in refusal("http://far.invalid/v1#fake").message
