"""What only the CPU engine does: share prefixes by files, apply chat templates, leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from benchmarks.random_model import write_random_llama
from vnb.core.types import Constraint, Message, Sampling, Segment, Span
from vnb.engines.base import Decoded
from vnb.engines.constraints import check_output
from vnb.engines.llamacpp import LlamaCppEngine
from vnb.engines.prefix import common_prefix
from vnb.errors import EngineError

from .asking import answer, ask, collect, prefilled, stopped, text_of, tokens_of

Body = Callable[[LlamaCppEngine], Awaitable[None]]


def with_engine(path: Path, body: Body, ctx: int = 512, parallel: int = 3) -> None:
    async def main() -> None:
        engine = await LlamaCppEngine.load(path, ctx=ctx, parallel=parallel, threads=1)
        try:
            await body(engine)
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(main(), 120))


def test_siblings_share_a_long_prefix_and_stay_exact(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        head = "the people of the world " * 100
        prompts = [engine.render(ask(head + f"part {i}")) for i in range(4)]
        shared = common_prefix(prompts[0].token_ids, prompts[1].token_ids)
        assert shared >= 500
        greedy = Sampling(temperature=0, max_tokens=12)
        runs = await asyncio.gather(*(collect(engine.generate(p, greedy)) for p in prompts))
        cached = sorted(prefilled(r).cached_tokens for r in runs)
        assert cached[0] == 0 and all(c >= shared - 1 for c in cached[1:])
        for prompt, events in zip(prompts, runs, strict=True):
            assert text_of(await collect(engine.generate(prompt, greedy))) == text_of(events)

    with_engine(random_model, body, ctx=1024, parallel=4)


def test_a_prefix_in_a_busy_slot_is_shared_with_who_comes_later(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        head = "the people of the world " * 60
        first = engine.generate(engine.render(ask(head + "one")), Sampling(max_tokens=500))
        async for event in first:
            if isinstance(event, Decoded):
                break
        late = await answer(engine, head + "two")
        assert prefilled(late).cached_tokens >= engine.count(head) - 1
        await first.aclose()

    with_engine(random_model, body, ctx=1024)


def test_the_boundary_lies_before_the_last_part(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        head, own = "the people of the world " * 40, "and now this one alone " * 10
        message = Message("user", (Segment(head, 0), Segment("\n"), Segment(own, 1)))
        prompt = engine.render((message,))
        first = await collect(engine.generate(prompt, Sampling(max_tokens=3)))
        assert prefilled(first).cached_tokens == 0
        assert stopped(first).usage.cached_tokens == 0
        (saved,) = engine._slots.saved
        assert len(saved.ids) == max(s.start for s in prompt.spans)
        assert (Path(engine._server.folder) / saved.name).is_file()

    with_engine(random_model, body)


def test_close_leaves_no_files(random_model: Path) -> None:
    async def main() -> str:
        engine = await LlamaCppEngine.load(random_model, ctx=512, threads=1)
        await engine.warm(engine.render(ask("the people of the world " * 20)))
        assert os.listdir(engine._server.folder)
        await engine.close()
        return engine._server.folder

    assert not os.path.exists(asyncio.run(main()))


def test_two_engines_live_side_by_side(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        other = await LlamaCppEngine.load(random_model, ctx=256, threads=1)
        both = await asyncio.gather(answer(engine, "one"), answer(other, "two"))
        await other.close()
        assert all(text_of(events) for events in both)
        assert text_of(await answer(engine, "three"))

    with_engine(random_model, body)


EXITS = """
import asyncio, sys
from pathlib import Path
from vnb.core.types import Message, Sampling, Segment
from vnb.engines.base import Decoded
from vnb.engines.llamacpp import LlamaCppEngine

async def main():
    engine = await LlamaCppEngine.load(Path(sys.argv[1]), ctx=512, threads=1)
    print(engine._server.folder, flush=True)
    events = engine.generate(engine.render((Message("user", (Segment("x"),)),)), Sampling(max_tokens=400))
    async for event in events:
        if isinstance(event, Decoded):
            if sys.argv[2] == "in flight":
                return engine, events
    return engine, None

loop = asyncio.new_event_loop()
kept = loop.run_until_complete(main())
"""


@pytest.mark.parametrize("when", ["idle", "in flight"])
def test_a_process_that_forgets_to_close_ends_cleanly(random_model: Path, when: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXITS, str(random_model), when], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists()


def test_bos_is_added_once(tmp_path: Path) -> None:
    path = tmp_path / "bos.gguf"
    write_random_llama(
        path, add_bos=True, template="{{ bos_token }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    )

    async def body(engine: LlamaCppEngine) -> None:
        for text in ("the world", "<|end|> the world"):
            prompt = engine.render(ask(text))
            assert prompt.token_ids[0] == 1 and prompt.token_ids.count(1) == 1
            assert prompt.text == f"<|system|>{text}"
            assert prompt.spans == (Span(0, 1, len(prompt.token_ids)),)

    with_engine(path, body)


REFUSES = "{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
DROPS = "{% if m['role'] == 'system' %}{% continue %}{% endif %}"


@pytest.mark.parametrize("without", [REFUSES, DROPS])
def test_a_template_without_a_system_role_gets_its_words_in_the_user_message(tmp_path: Path, without: str) -> None:
    path = tmp_path / "nosystem.gguf"
    user = "<|user|>{{ m['content'] | trim }}<|end|>"
    write_random_llama(path, template="{% for m in messages %}" + without + user + "{% endfor %}<|assistant|>")

    async def body(engine: LlamaCppEngine) -> None:
        prompt = engine.render(ask(" padded ", system="you are"))
        assert re.fullmatch(r"<\|user\|>you are\n+ padded <\|end\|><\|assistant\|>", prompt.text)
        assert engine.detokenize(prompt.token_ids[prompt.spans[0].start : prompt.spans[0].end]).strip() == "padded"

    with_engine(path, body)


def test_pieces_and_whole_agree(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        messages = ask("what the people said 中文 of", system="you are the world")
        prompts = engine._prompts
        whole = prompts.render(messages)
        pieces = [prompts._wording.pieces(t, s)[0] for t, s in (("<|system|>", True), ("you are the world", False))]
        assert whole.token_ids[: sum(map(len, pieces))] == sum(pieces, ())

    with_engine(random_model, body)


def test_constraints_that_mean_nothing_are_refused(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        for text in ("{", "[1]", '{"type": "nonsense"}', '{"type": "object", "properties": {"a": {"type": 3}}}'):
            with pytest.raises(EngineError, match="schema"):
                await answer(engine, "x", constraint=Constraint("json_schema", text))
        assert text_of(await answer(engine, "x"))

    with_engine(random_model, body)


def test_output_that_does_not_keep_its_constraint_is_an_error() -> None:
    check_output('{"a": 1}', Constraint("json_schema", "{}"))
    check_output("12", Constraint("regex", "^[0-9]+$"))
    check_output("anything", Constraint("regex", r"\p{Han}+"))  # Python cannot read it
    with pytest.raises(EngineError, match="not the JSON"):
        check_output("a: 1", Constraint("json_schema", "{}"))
    with pytest.raises(EngineError, match="does not match"):
        check_output("x", Constraint("regex", "(?=a)[0-9]+"))


def test_nasty_texts_count_and_render(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        assert engine.count("a\0b") == 3
        prompt = engine.render(ask("a\0b"))
        assert engine.detokenize(prompt.token_ids) == prompt.text
        with pytest.raises(EngineError, match="surrogate"):
            engine.count("half \ud83d")
        with pytest.raises(EngineError, match="surrogate"):
            engine.render(ask("half \ud83d"))
        assert engine.count("whole") > 0

    with_engine(random_model, body)


def test_token_texts_carry_split_characters(random_model: Path) -> None:
    async def body(engine: LlamaCppEngine) -> None:
        hanzi = Constraint("regex", "[\u4e00-\u9fff]{6}")
        events = await answer(engine, "x", Sampling(max_tokens=60, logprobs=1), hanzi)
        assert len(text_of(events)) == 6
        tokens = tokens_of(events)
        assert len([t for t in tokens if t.id < 0]) == 12  # three bytes a character here, two of them unnamed
        assert stopped(events).usage.new_tokens in (18, 19)

    with_engine(random_model, body)
