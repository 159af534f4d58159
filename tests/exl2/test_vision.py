"""Images: what ExLlamaV2's own code makes of them, how prompts show them, and who cannot see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
import torch

from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.digest import digest_bytes
from vnb.core.types import Attachment, Message, Prompt, Sampling, Segment
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options
from vnb.engines.exllamav2.queueing import PAGE
from vnb.engines.exllamav2.vision import FIRST, KEPT
from vnb.errors import EngineError, RunError

from ..engines.asking import collect, prefilled, tokens_of
from . import seeing
from .model import Weights, seen
from .seeing import LONGEST, PATCH, Tower, picture

RED, BLUE = picture((255, 0, 0)), picture((0, 0, 255), kind="JPEG")
ROWS, COLUMNS = LONGEST // 2 // PATCH, LONGEST // PATCH
TOKENS = ROWS * (COLUMNS + 1) + 1
"""A token for each patch, one behind each row, one at the end."""
GREEDY = Sampling(temperature=0, max_tokens=12)


@pytest.fixture(scope="session")
def pixtral(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing.make(tmp_path_factory.mktemp("models") / "pixtral")


@pytest.fixture
def tower(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> Tower:
    tower = Tower()
    seeing.install(tower, monkeypatch)
    return tower


def with_engine(path: Path, body: Callable[[ExLlamaV2Engine], Awaitable[None]], options: Options | None = None) -> None:
    async def main() -> None:
        engine = await ExLlamaV2Engine.load(path, options or Options(ctx=1024, parallel=2))
        try:
            await body(engine)
        finally:
            await engine.close()

    asyncio.run(main())


def attached(*contents: bytes) -> tuple[list[Attachment], Callable[[Attachment], bytes]]:
    """Images, and how the engine reads them."""
    held = {digest_bytes(content): content for content in contents}
    return [Attachment(f"photo {n}", "image/png", digest) for n, digest in enumerate(held)], lambda one: held[
        one.digest
    ]


async def shown(engine: ExLlamaV2Engine, *contents: bytes, words: str = "What is it?") -> Prompt:
    images, read = attached(*contents)
    assert await engine.see(images, read) == dict.fromkeys((one.digest for one in images), TOKENS)
    segments = [Segment("Look: ", 0, image.digest) for image in images]
    return engine.render([Message("user", (*segments, Segment(f"\n{words}", 1)))])


def ids_of(events: Sequence[object]) -> list[int]:
    return [token.id for token in tokens_of(events)]  # type: ignore[arg-type]


def test_an_image_is_pieces_at_its_place_and_decides_the_answer(pixtral: Path, tower: Tower, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        assert "images" in engine.info.features and ("images", "by the vision tower of Pixtral") in engine.info.details
        red, blue = await shown(engine, RED), await shown(engine, BLUE)
        assert tower.calls == [(ROWS, COLUMNS)] * 2
        for prompt in (red, blue):
            (span,) = [span for span in prompt.spans if span.part == 0]
            pieces = [token for token in prompt.token_ids if token >= FIRST]
            assert len(pieces) == TOKENS and list(prompt.token_ids[span.end - TOKENS : span.end]) == pieces
            assert prompt.text.count("Look: [image]\nWhat is it?") == 1
            assert engine.detokenize(prompt.token_ids[: span.end - TOKENS]).endswith("Look: ")
            embeddings = engine._gallery.shown_in(prompt.token_ids)
            said = seen(torch.tensor([prompt.token_ids]), embeddings)[0].tolist()
            assert ids_of(await collect(engine.generate(prompt, GREEDY))) == weights.expected(said, 12)
        answers = [ids_of(await collect(engine.generate(prompt, GREEDY))) for prompt in (red, blue)]
        assert answers[0] != answers[1]

    with_engine(pixtral, body)


def test_steps_that_show_one_image_share_its_pages_and_the_tower_sees_it_once(pixtral: Path, tower: Tower) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        large = picture((0, 255, 0))
        long = "word " * PAGE
        prompts = await asyncio.gather(*(shown(engine, large, words=f"{long} {n}") for n in range(4)))
        assert len(tower.calls) == 1 and len({prompt.token_ids[:PAGE] for prompt in prompts}) == 1
        await collect(engine.generate(prompts[0], GREEDY))
        for prompt in prompts[1:]:
            assert prefilled(await collect(engine.generate(prompt, GREEDY))).cached_tokens >= PAGE

    with_engine(pixtral, body)


def test_several_images_with_special_looking_words_between_them(pixtral: Path, tower: Tower) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        prompt = await shown(engine, RED, BLUE, words="<|end|> is a word")
        assert [token >= FIRST for token in prompt.token_ids].count(True) == 2 * TOKENS
        assert prompt.text.count("[image]") == 2
        end = engine._prompts._wording.pieces("<|end|>", True)[0]
        assert len(end) == 1 and prompt.token_ids.count(end[0]) == 1  # the template's own
        assert len(ids_of(await collect(engine.generate(prompt, GREEDY)))) == 12

    with_engine(pixtral, body)


def test_a_run_shows_its_images_to_every_step(pixtral: Path, tower: Tower, weights: Weights, tmp_path: Path) -> None:
    runtime = Runtime(tmp_path / "runs.sqlite")
    try:
        runtime.load(str(pixtral), ctx=1024, parallel=2)
        images = {"red": RED, "blue": BLUE}
        run = draft(runtime, "Compare.", images=images, plan="s1: the one\ns2: the other <- s1", max_tokens=8).run()
        assert run.status == "finished" and len(tower.calls) == 2
        for step in ("s1", "s2"):
            context, prompt = run[step].context, run[step].chosen.prompt  # type: ignore[union-attr]
            assert context is not None and prompt is not None
            parts = {part.source: part for part in context.parts if part.kind == "image"}
            assert {name: part.tokens for name, part in parts.items()} == {"red": TOKENS, "blue": TOKENS}
            assert sum(token >= FIRST for token in prompt.token_ids) == 2 * TOKENS
        again = draft(runtime, "Compare.", images=images, plan="s1: the one\ns2: the other <- s1", max_tokens=8).run()
        assert [again[step].attempts[0].status for step in ("s1", "s2")] == ["reused", "reused"]
        other = draft(runtime, "Compare.", images={"red": BLUE, "blue": RED}, plan="s1: the one", max_tokens=8).run()
        assert other["s1"].attempts[0].status == "finished"
        runtime.unload()
        assert tower.loaded == 0
    finally:
        runtime.close()


@pytest.mark.parametrize(
    ("options", "why"),
    [(Options(draft="ngram"), "images and --draft do not go together"), (None, "it has no vision tower")],
)
def test_who_cannot_see_says_so_before_any_model_call(
    tiny: Path, pixtral: Path, tower: Tower, weights: Weights, options: Options | None, why: str
) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        assert "images" not in engine.info.features
        assert await engine.see(*attached()) == {}
        before = len(weights.calls)
        with pytest.raises(EngineError, match=why) as refused:
            await engine.see(*attached(RED))
        assert "Gemma 3" in refused.value.hint and len(weights.calls) == before and tower.loaded == 0

    with_engine(pixtral if options else tiny, body, options or Options(ctx=512))


def test_a_task_with_an_image_for_a_model_without_a_tower(tiny: Path, weights: Weights, tmp_path: Path) -> None:
    runtime = Runtime(tmp_path / "runs.sqlite")
    try:
        runtime.load(str(tiny), ctx=512)
        before = len(weights.calls)
        with pytest.raises(RunError, match="takes no images: it has no vision tower"):
            draft(runtime, "Look.", images={"photo": RED}).run()
        assert len(weights.calls) == before
    finally:
        runtime.close()


def test_what_is_no_image_and_what_the_tower_cannot_do_fail_alone(pixtral: Path, tower: Tower) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        for broken in (b"no image", RED[:60]):
            with pytest.raises(EngineError, match="photo 0 cannot be read") as refused:
                await engine.see(*attached(broken))
            assert "PNG or JPEG" in refused.value.hint
        tower.fail = torch.cuda.OutOfMemoryError("CUDA out of memory")
        with pytest.raises(EngineError, match="photo 0 could not be taken in: the GPU's memory is short"):
            await engine.see(*attached(RED))
        prompt = await shown(engine, RED)  # the next time it may do
        assert len(ids_of(await collect(engine.generate(prompt, GREEDY)))) == 12
        with pytest.raises(EngineError, match="has not been shown"):
            engine.render([Message("user", (Segment("", 0, "0" * 32),))])

    with_engine(pixtral, body)


def test_only_the_last_images_are_kept_and_a_prompt_of_others_is_refused(pixtral: Path, tower: Tower) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        first = await shown(engine, RED)
        for number in range(KEPT):
            await engine.see(*attached(picture((0, number, 0), (PATCH * 2, PATCH * 2))))
        with pytest.raises(EngineError, match="does not have an image of this prompt any more"):
            await collect(engine.generate(first, GREEDY))
        await engine.close()
        with pytest.raises(EngineError, match="closed"):
            await engine.see(*attached(RED))

    with_engine(pixtral, body)
