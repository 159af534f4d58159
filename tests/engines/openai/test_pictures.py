"""Images travel in the request, at their place, to servers that may take them."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from vnb.core.digest import digest_bytes
from vnb.core.types import Attachment, Message, Sampling, Segment
from vnb.engines.openai import OpenAIEngine
from vnb.engines.openai.estimate import IMAGE_TOKENS
from vnb.engines.openai.pictures import KEPT
from vnb.errors import EngineError

from ..asking import collect, text_of
from .asking import with_engine
from .fake import HELLO, Fake, Reply, refuse
from .vllm import Vllm

PNG, JPEG = b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff\xe0..."


def held(*contents: bytes) -> tuple[list[Attachment], Callable[[Attachment], bytes]]:
    known = {digest_bytes(content): content for content in contents}
    return [Attachment(f"photo {n}", "image/png", one) for n, one in enumerate(known)], lambda one: known[one.digest]


def showing(images: list[Attachment]) -> tuple[Message, ...]:
    segments = [Segment(f"Look at {image.name}: ", n, image.digest) for n, image in enumerate(images)]
    return (Message("system", (Segment("be brief"),)), Message("user", (*segments, Segment("\nWhat is it?", 7))))


def test_images_are_sent_at_their_place() -> None:
    images, read = held(PNG, JPEG)

    async def body(engine: OpenAIEngine) -> None:
        assert "images" in engine.info.features
        assert await engine.see(images, read) == {image.digest: IMAGE_TOKENS for image in images}
        prompt = engine.render(showing(images))
        assert prompt.text.count("[image]") == 2 and len(prompt.token_ids) > 2 * IMAGE_TOKENS
        assert [span.part for span in prompt.spans] == [0, 1, 7]
        assert all(span.end - span.start > IMAGE_TOKENS for span in prompt.spans[:2])
        assert text_of(await collect(engine.generate(prompt, Sampling(max_tokens=5)))) == "Hello"

    with Fake() as fake:
        with_engine(fake, body)
        system, user = fake.bodies()[0]["messages"]
    assert system["content"] == "be brief"
    assert user["content"] == [
        {"type": "text", "text": "Look at photo 0: "},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}},
        {"type": "text", "text": "Look at photo 1: "},
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}"}},
        {"type": "text", "text": "\nWhat is it?"},
    ]


def test_prompts_with_images_are_estimated_even_by_who_lends_a_tokenizer() -> None:
    images, read = held(PNG)

    async def body(engine: OpenAIEngine) -> None:
        await engine.see(images, read)
        assert max(engine.render(showing(images)).token_ids) < -1
        assert min(engine.render(showing([])).token_ids) >= 0

    with Vllm() as server:
        with_engine(server, body)


def test_servers_that_tell_that_they_are_blind() -> None:
    async def body(engine: OpenAIEngine) -> None:
        assert "images" not in engine.info.features and await engine.see((), lambda _: b"") == {}
        images, read = held(PNG)
        with pytest.raises(EngineError, match="takes no images"):
            await engine.see(images, read)

    for owner, path, told in (
        ("llamacpp", "/props", {"modalities": {"vision": False}}),
        ("organization_owner", "/api/v0/models/fake", {"type": "llm"}),
    ):
        with Fake({path: Reply(told)}, owner=owner) as fake:
            with_engine(fake, body)


def test_servers_that_refuse_an_image_later() -> None:
    images, read = held(PNG)

    async def body(engine: OpenAIEngine) -> None:
        await engine.see(images, read)
        with pytest.raises(EngineError, match="takes no images with fake") as caught:
            await collect(engine.generate(engine.render(showing(images)), Sampling(max_tokens=5)))
        assert caught.value.hint == "Leave out --image."

    with Fake({"/v1/chat/completions": refuse(400, "fake is not a multimodal model")}) as fake:
        with_engine(fake, body)


def test_what_is_no_image_and_what_is_gone() -> None:
    many, read = held(*(PNG + bytes([n]) for n in range(KEPT + 1)))

    async def body(engine: OpenAIEngine) -> None:
        for image in many:
            await engine.see([image], read)
        with pytest.raises(EngineError, match="has not been shown"):
            await collect(engine.generate(engine.render(showing(many[:1])), Sampling(max_tokens=5)))
        assert text_of(await collect(engine.generate(engine.render(showing(many[1:2])), Sampling(max_tokens=5))))
        odd, reads = held(b"GIF89a")
        with pytest.raises(EngineError, match="neither PNG nor JPEG"):
            await engine.see(odd, reads)

    with Fake({"/v1/chat/completions": HELLO}) as fake:
        with_engine(fake, body)
