"""What only the GPU engine does: share pages, draft, hold to grammars, and tell exactly what its cache did."""

from __future__ import annotations

import asyncio
import json
import math
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vnb.core.types import Admission, Constraint, Prompt, Sampling
from vnb.engines.base import Decoded, Prefilled, Stopped
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options
from vnb.engines.exllamav2.queueing import PAGE
from vnb.engines.exllamav2.request import settings_of
from vnb.errors import BudgetError, EngineError

from ..engines.asking import NASTY, answer, ask, collect, prefilled, stopped, text_of, tokens_of, until
from .model import VOCABULARY, Weights, digests

Body = Callable[[ExLlamaV2Engine], Awaitable[None]]
SMALL = Options(ctx=512, parallel=3)
GREEDY = Sampling(temperature=0, max_tokens=12)


def with_engine(path: Path, body: Body, options: Options = SMALL) -> None:
    async def main() -> None:
        engine = await ExLlamaV2Engine.load(path, options)
        try:
            await body(engine)
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(main(), 120))


def prompt_of(*ids: int) -> Prompt:
    return Prompt((), "", ids)


def ids_of(events: Any) -> list[int]:
    return [token.id for token in tokens_of(events)]


def head(count: int, seed: int = 1) -> list[int]:
    return torch.randint(5, VOCABULARY, (count,), generator=torch.Generator().manual_seed(seed)).tolist()


def generator(engine: ExLlamaV2Engine) -> Any:
    assert engine._owner._loaded is not None
    return engine._owner._loaded.generator


@pytest.mark.parametrize("draft", ["", "ngram"])
def test_outputs_are_those_of_a_model_without_a_cache(tiny: Path, weights: Weights, draft: str) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        shared = head(600)
        prompts = [shared[: 100 * i] + head(3 + 37 * i, seed=i) for i in range(8)]
        sampling = Sampling(temperature=0, max_tokens=40)
        for _ in range(2):  # the second time out of the cache
            runs = await asyncio.gather(*(collect(engine.generate(prompt_of(*p), sampling)) for p in prompts))
            for ids, events in zip(prompts, runs, strict=True):
                assert stopped(events).usage.new_tokens == 40
                assert ids_of(events) == weights.expected(ids, 40)
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 0

    with_engine(tiny, body, Options(ctx=1024, parallel=3, max_batch=6, draft=draft))


def test_a_repeat_leaves_one_token_to_prefill(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        ids = head(900)
        first = await collect(engine.generate(prompt_of(*ids), GREEDY))
        weights.calls.clear()
        second = await collect(engine.generate(prompt_of(*ids), GREEDY))
        assert prefilled(first).cached_tokens == 0
        assert prefilled(second).cached_tokens == stopped(second).usage.cached_tokens == 899
        assert stopped(second).usage.cached_pages == 3
        assert not [call for call in weights.calls if call[2]]  # nothing was prefilled
        assert ids_of(first) == ids_of(second)

    with_engine(tiny, body, Options(ctx=1024, parallel=2))


def test_siblings_hold_shared_pages_once(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        shared = head(3 * PAGE)
        events = [
            engine.generate(prompt_of(*shared, 100 + i), Sampling(temperature=0, max_tokens=200)) for i in range(4)
        ]
        for one in events:
            async for event in one:
                if isinstance(event, Decoded):
                    break
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 3 + 4  # and not 4 * 4
        assert (usage.unit, usage.tokens_per_unit) == ("page", PAGE)
        assert usage.used + usage.cached + usage.free == 8
        for one in events:
            await one.aclose()
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 0 and usage.cached >= 4

    with_engine(tiny, body, Options(ctx=1024, parallel=2, max_batch=4))


def test_sharers_go_before_strangers_that_came_earlier(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        shared, order = head(2 * PAGE), []
        let_in: list[tuple[str, Admission]] = []

        async def run(name: str, ids: list[int], tokens: int) -> None:
            async for event in engine.generate(prompt_of(*ids), Sampling(temperature=0, max_tokens=tokens)):
                if isinstance(event, Prefilled):
                    assert event.admission is not None
                    let_in.append((name, event.admission))
                elif isinstance(event, Stopped):
                    order.append(name)

        long = [asyncio.create_task(run("a", [*shared, i], tokens)) for i, tokens in ((7, 200), (8, 100))]
        await until(lambda: (usage := engine.kv_usage()) is not None and usage.used == 4)
        later = [run("stranger", head(700, 3), 4), run("b", [*shared, 9], 4), run("c", [*shared, 10], 4)]
        await asyncio.gather(*later, *long)
        assert order == ["a", "b", "c", "stranger", "a"]
        both = sorted((admission for name, admission in let_in if name == "a"), key=lambda one: one.request)
        b, c, stranger = (dict(let_in)[name] for name in ("b", "c", "stranger"))
        assert [(a.pages, a.shared, a.sharing, a.passed, a.waited) for a in both] == [
            (3, 0, (), (), ""),
            (3, 2, (both[0].request,), (), ""),
        ]
        assert (b.pages, b.shared, b.passed, b.waited) == (3, 2, (stranger.request,), "slot")
        assert (c.shared, c.passed) == (2, (stranger.request,))
        assert (stranger.pages, stranger.shared, stranger.passed, stranger.waited) == (3, 0, (), "slot")
        assert len(b.sharing) == 1 and {*b.sharing} < {one.request for one in both}

    with_engine(tiny, body, Options(ctx=768, parallel=2, max_batch=2))


def test_200_random_cancels_leave_no_page_referenced(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        chance = torch.Generator().manual_seed(5)
        shared = head(600)

        async def one(number: int) -> None:
            cut, patience = torch.randint(1, 600, (1,), generator=chance).item(), number % 9
            events = engine.generate(
                prompt_of(*shared[: int(cut)], number + 5), Sampling(temperature=0.9, max_tokens=100)
            )
            seen = 0
            async for _ in events:
                seen += 1
                if seen > patience:
                    break
            await events.aclose()

        async def brief(number: int) -> None:
            task = asyncio.create_task(one(number))
            for _ in range(number % 23):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        await asyncio.gather(*(one(i) if i % 2 else brief(i) for i in range(200)))
        usage = engine.kv_usage()
        assert usage is not None and usage.used == 0
        assert not generator(engine).num_remaining_jobs() and not engine._owner._requests
        assert all(page.ref_count == 0 for page in generator(engine).all_pages)
        ids = shared[:500]
        assert ids_of(await collect(engine.generate(prompt_of(*ids), GREEDY))) == weights.expected(ids, 12)

    with_engine(tiny, body, Options(ctx=768, parallel=2, max_batch=5))


def test_ngrams_are_drafted_and_counted(tiny: Path, weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = [11, 12, 13, 14, 15, 16]

    def logits(context: int) -> torch.Tensor:
        out = torch.zeros(VOCABULARY)
        out[following.get(context, 100)] = 9
        return out

    long = round_ * 60
    following = dict(zip(digests(long), long[1:]))
    monkeypatch.setattr(weights, "logits", logits)

    async def body(engine: ExLlamaV2Engine) -> None:
        weights.calls.clear()
        events = await collect(engine.generate(prompt_of(*long[:60]), Sampling(temperature=0, max_tokens=30)))
        usage = stopped(events).usage
        assert ids_of(events) == long[60:90] and usage.new_tokens == 30
        assert usage.draft_accepted is not None and usage.draft_accepted > 15 and usage.draft_rejected is not None
        assert len([c for c in weights.calls if not c[2]]) < 15

    with_engine(tiny, body, Options(ctx=512, parallel=2, draft="ngram"))


def test_what_ngrams_cannot_draft_is_refused_before_it_harms_others(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        long = asyncio.create_task(answer(engine, "x", Sampling(temperature=0, max_tokens=40)))
        with pytest.raises(EngineError, match="3 tokens"):
            await collect(engine.generate(prompt_of(9, 9), GREEDY))
        assert stopped(await long).usage.new_tokens == 40

    with_engine(tiny, body, Options(ctx=512, parallel=2, draft="ngram"))


def test_a_draft_model_changes_no_output(tiny: Path, weights: Weights, tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.symlink_to(tiny)

    async def body(engine: ExLlamaV2Engine) -> None:
        prompts = [head(300, seed) for seed in range(4)]
        runs = await asyncio.gather(
            *(collect(engine.generate(prompt_of(*p), Sampling(temperature=0, max_tokens=50))) for p in prompts)
        )
        for ids, events in zip(prompts, runs, strict=True):
            usage = stopped(events).usage
            assert ids_of(events) == weights.expected(ids, 50)
            assert usage.draft_accepted and usage.draft_rejected
        assert weights.loads == ["autosplit None"] * 2

    with_engine(tiny, body, Options(ctx=512, parallel=2, draft=str(draft)))


def test_the_context_holds_what_is_drafted_ahead(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        assert engine.info.context_length == 1020  # of 1024 that the model knows
        ids = head(1000)
        events = await collect(engine.generate(prompt_of(*ids), Sampling(temperature=0)))
        assert stopped(events).usage.new_tokens == 20 and stopped(events).reason == "length"
        with pytest.raises(BudgetError, match="1020"):
            await collect(engine.generate(prompt_of(*ids), Sampling(max_tokens=21)))

    with_engine(tiny, body, Options(ctx=1024, parallel=1, draft="ngram"))


def test_logprobs_are_the_models_whatever_the_grammar_allows(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        prompt = engine.render(ask("a code"))
        sampling = Sampling(temperature=0.5, top_k=3, max_tokens=20, logprobs=5, seed=4)
        events = await collect(engine.generate(prompt, sampling, Constraint("regex", "[0-9]{3}-[a-z]{4}")))
        context = list(prompt.token_ids)
        outside = 0
        for token in tokens_of(events):
            truth = torch.log_softmax(weights.logits(digests(context)[-1]), -1)
            assert token.logprob == pytest.approx(float(truth[token.id]), abs=1e-4)
            best = truth.topk(5)
            assert [a.id for a in token.top] == best.indices.tolist()
            assert [a.logprob for a in token.top] == pytest.approx(best.values.tolist(), abs=1e-4)
            outside += token.id not in best.indices
            context.append(token.id)
        assert outside  # what the grammar forced was not what the model wanted
        assert all(math.isfinite(a.logprob) for t in tokens_of(events) for a in t.top)

    with_engine(tiny, body)


def test_a_grammar_of_hanzi_joins_its_bytes(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        events = await answer(
            engine, "x", Sampling(max_tokens=60, logprobs=1), Constraint("regex", "[\U00020000-\U0002a6df]{4}")
        )
        assert len(text_of(events)) == 4
        split = [t for t in tokens_of(events) if t.bytes]
        assert b"".join(bytes.fromhex(t.bytes) for t in split).decode() == text_of(events)
        assert all(t.logprob is not None and t.dt > 0 for t in split)
        cut = await answer(engine, "x", Sampling(max_tokens=2), Constraint("regex", "[\U00020000-\U0002a6df]{4}"))
        assert text_of(cut) == "" and stopped(cut).usage.new_tokens == 2  # no half of a character is shown

    with_engine(tiny, body)


@pytest.mark.parametrize("text", ["{", "[1]", '{"type": "nonsense"}'])
def test_constraints_that_mean_nothing_fail_alone(tiny: Path, weights: Weights, text: str) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        good = asyncio.create_task(answer(engine, "x", Sampling(temperature=0, max_tokens=60)))
        with pytest.raises(EngineError, match="schema"):
            await answer(engine, "x", constraint=Constraint("json_schema", text))
        with pytest.raises(EngineError, match="constraint"):
            await answer(engine, "x", constraint=Constraint("regex", "(?=a)b"))
        assert stopped(await good).usage.new_tokens == 60

    with_engine(tiny, body)


def test_a_held_back_beginning_of_a_stop_string_comes_out_at_the_end(
    tiny: Path, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        prompt = engine.render(ask("x"))
        wording = engine._prompts._wording
        said = wording.pieces("so it was", False)[0]
        script = dict(zip(digests([*prompt.token_ids, *said])[len(prompt.token_ids) - 1 :], [*said, 4]))
        monkeypatch.setattr(weights, "logits", lambda context: one_hot(script.get(context, 100)))
        events = await collect(engine.generate(prompt, Sampling(temperature=0, max_tokens=40, stop=("was here",))))
        assert text_of(events) == "so it was" and stopped(events).reason == "stop"
        assert stopped(events).usage.new_tokens == len(said) + 1
        times = [t.dt for t in tokens_of(events)]
        assert len(set(times)) == len(times)  # each its own, though the last were told together
        cut = await collect(engine.generate(prompt, Sampling(temperature=0, max_tokens=40, stop=("it w",))))
        assert text_of(cut) == "so " and stopped(cut).reason == "stop"

    with_engine(tiny, body)


def one_hot(token: int) -> torch.Tensor:
    out = torch.zeros(VOCABULARY)
    out[token] = 30
    return out


def test_nasty_texts_count_and_render(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        prompt = engine.render(ask(NASTY + " a\0b"))
        assert engine.detokenize(prompt.token_ids) == prompt.text
        with pytest.raises(EngineError, match="surrogate"):
            engine.count("half \ud83d")
        assert engine.info.profile == "compact"

    with_engine(tiny, body)


def test_settings_of_one_job_never_reach_another(tiny: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        sampling = Sampling(temperature=1.0, top_k=0, top_p=1.0, max_tokens=20, seed=8)
        alone = text_of(await answer(engine, "draw", sampling))
        runs = await asyncio.gather(*(answer(engine, "draw", s) for s in (sampling, GREEDY, sampling)))
        assert text_of(runs[0]) == text_of(runs[2]) == alone != text_of(runs[1])

    with_engine(tiny, body)


def thinking(tiny: Path, folder: Path) -> Path:
    """The model with a chat template that opens the reasoning, and with a recommended sampling."""
    shutil.copytree(tiny, folder)
    template = json.loads((folder / "tokenizer_config.json").read_text())["chat_template"]
    switch = "{% if enable_thinking %}<think>\n{% else %}<think>\n\n</think>\n\n{% endif %}"
    (folder / "chat_template.jinja").write_text(f"{template}{{% if add_generation_prompt %}}{switch}{{% endif %}}")
    said = {"temperature": 0.6, "top_k": 20, "top_p": 7, "repetition_penalty": 1.05}
    (folder / "generation_config.json").write_text(json.dumps(said))
    return folder


def test_a_thinking_model_thinks_before_it_keeps_to_a_constraint(tiny: Path, tmp_path: Path, weights: Weights) -> None:
    async def body(engine: ExLlamaV2Engine) -> None:
        assert "thinking" in engine.info.features
        assert engine.info.sampling == Sampling(temperature=0.6, top_k=20, repeat_penalty=1.05)
        assert "top_p 7" in dict(engine.info.details)["sampling left out"]
        constraint = Constraint("regex", "[0-9]{3}-[a-z]{4}")
        for think, reasoned in (("on", 20), ("8", 8), ("off", 0)):
            prompt = engine.render(ask("the world"), think)
            assert prompt.text.rstrip().endswith("<think>" if reasoned else "</think>")
            sampling = Sampling(temperature=0, max_tokens=40, think=think)
            events = await collect(engine.generate(prompt, sampling, constraint))
            decoded = [event for event in events if isinstance(event, Decoded)]
            said = [token for event in decoded if not event.thinking for token in event.tokens]
            thought = [token for event in decoded if event.thinking for token in event.tokens]
            assert re.fullmatch(constraint.text, "".join(token.text for token in said))
            assert len(thought[:-1]) == reasoned  # and the closing tag
            if reasoned:
                assert [t.id for t in thought[:-1]] == weights.expected(prompt.token_ids, reasoned)
                assert "".join(t.text for t in thought).endswith("\n</think>\n\n")

    with_engine(thinking(tiny, tmp_path / "thinks"), body)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_penalties_of_repetitions_reach_the_sampler(temperature: float) -> None:
    plain = settings_of(Sampling(temperature=temperature))
    assert (plain.token_repetition_penalty, plain.dry_multiplier) == (1.0, 0.0)
    held = settings_of(Sampling(temperature=temperature, repeat_penalty=1.2, dry=0.8))
    assert (held.token_repetition_penalty, held.dry_multiplier) == (1.2, 0.8)
    assert held.top_k == plain.top_k and held.temperature == plain.temperature
