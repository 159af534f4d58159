import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from vnb.core import events as ev
from vnb.core.codec import encode_event
from vnb.core.fold import Fold
from vnb.core.types import Admission, Alternative, Sampling, Token, Usage
from vnb.engines.base import Blind, Decoded, Engine, EngineEvent, Prefilled, Stopped
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.errors import EngineError, StoreError
from vnb.executor.executor import Executor
from vnb.executor.log import Log

from .conftest import Bench, engine, instruction_of, plan_json, script, shown, statuses, until

B = TypeVar("B")
DIAMOND = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s1"]), ("s4", "d", ["s2", "s3"]))


def bodies(bench: Bench, log: Log, kind: type[B]) -> list[B]:
    return [event.body for event in bench.store.events(log.run_id) if isinstance(event.body, kind)]


def test_a_task_is_understood_planned_carried_and_integrated(bench: Bench) -> None:
    played = engine(DIAMOND)
    log = bench.carry(played)
    assert statuses(log) == dict.fromkeys(["understand", "plan", "s1", "s2", "s3", "s4", "integrate"], "finished")
    assert log.view.status == "finished"
    assert log.view.brief is not None
    assert bench.store.blob(log.view.output) == "<d>"
    assert "Result of s2\n<b>" in played.requests[-1].prompt.text
    assert "Result of s1" not in played.requests[-1].prompt.text


def test_what_is_stored_folds_to_what_was_shown(bench: Bench) -> None:
    log = bench.carry(engine(DIAMOND))
    assert Fold.of(bench.store.events("r")).view == log.view


def test_what_was_sent_is_exactly_what_was_recorded(bench: Bench) -> None:
    played = engine(DIAMOND)
    log = bench.carry(played)
    sent = [request.prompt for request in played.requests]
    recorded = [json.loads(bench.store.blob(body.prompt)) for body in bodies(bench, log, ev.StepStarted) if body.prompt]
    assert [record["token_ids"] for record in recorded] == [list(prompt.token_ids) for prompt in sent]
    assert [record["text"] for record in recorded] == [prompt.text for prompt in sent]
    for record, body in zip(recorded, bodies(bench, log, ev.StepStarted), strict=False):
        assert played.detokenize(record["token_ids"]) == record["text"]
        for span in record["spans"]:
            shown = played.detokenize(record["token_ids"][span["start"] : span["end"]])
            assert bench.store.blob(body.context.parts[span["part"]].digest) in shown


def test_every_event_is_on_disk_before_anybody_hears_of_it(bench: Bench) -> None:
    log = bench.begin()
    heard: list[int] = []

    def listen(event: ev.Event) -> None:
        assert encode_event(next(iter(bench.store.events("r", after=event.seq - 1)))) == encode_event(event)
        heard.append(event.seq)

    log.listen(listen)
    bench.carry(engine(DIAMOND), log)
    assert heard == list(range(2, log.view.seq + 1))


def test_a_step_starts_while_the_plan_still_decodes(bench: Bench) -> None:
    first = plan_json(("s1", "a", []), ("s2", "b", []), ("s3", "c", []))
    held = engine().count(first[: first.index('"s3"')])  # there are several, so the first need not be the whole task
    played = engine(plan=Answer(first, hold_after=held))
    log = bench.begin()

    async def carry() -> None:
        task = asyncio.create_task(bench.executor(log, played).run())
        await until(lambda: statuses(log).get("s1") == "finished")
        assert log.view.steps["plan"].status == "running"
        assert "s3" not in log.view.steps
        played.let_go()
        await task

    asyncio.run(carry())
    assert log.view.status == "finished"


def test_ready_steps_run_together_and_no_slower_sibling_holds_others_up(bench: Bench) -> None:
    plan = "s1: slow\ns2: quick\ns3: after quick <- s2"
    played = engine(slow=Answer("slow answer", hold_after=1))
    log = bench.begin(plan=plan)

    async def carry() -> None:
        task = asyncio.create_task(bench.executor(log, played).run())
        await until(lambda: statuses(log).get("s3") == "finished")
        assert statuses(log)["s1"] == "running"
        played.let_go()
        await task

    asyncio.run(carry())
    assert played.high_water == 2
    assert bench.store.blob(log.view.output) == "slow answer\n\n<after quick>"


@pytest.mark.parametrize(("slots", "parallel", "most"), [(4, None, 4), (2, None, 2), (4, 1, 1)])
def test_no_more_steps_run_at_once_than_allowed(bench: Bench, slots: int, parallel: int | None, most: int) -> None:
    played = engine(slots=slots)
    bench.carry(played, plan="\n".join(f"s{n}: step {n}" for n in range(8)), parallel=parallel)
    assert played.high_water == most


def test_a_failing_step_fails_alone(bench: Bench) -> None:
    plan = "s1: a\ns2: b\ns3: c <- s1\ns4: d <- s2\ns5: e <- s4"
    log = bench.carry(engine(b=Fail(1, "it broke")), plan=plan)
    assert statuses(log) == {
        "s1": "finished",
        "s2": "failed",
        "s3": "finished",
        "s4": "skipped",
        "s5": "skipped",
        "integrate": "skipped",
    }
    assert log.view.status == "failed"
    assert "s2 failed: it broke" in log.view.error
    assert log.view.steps["s2"].attempts[0].text  # what was decoded is kept


def test_resuming_repeats_nothing_that_finished(bench: Bench) -> None:
    plan = "s1: a\ns2: b\ns3: c <- s1, s2"
    log = bench.carry(engine(b=Fail(0)), plan=plan)
    again = bench.reopened(log)
    again.append(ev.RunResumed("failed"))
    mended = engine()
    bench.carry(mended, again)
    assert again.view.status == "finished"
    assert len(mended.requests) == 2
    assert [len(step.attempts) for step in again.view.steps.values()] == [1, 2, 1, 1]


def test_an_interrupt_keeps_partial_text_and_can_be_resumed(bench: Bench) -> None:
    played = engine(b=Answer("one two three four", hold_after=4))
    log = bench.begin(plan="s1: a\ns2: b\ns3: c <- s2")

    async def carry() -> None:
        task = asyncio.create_task(bench.executor(log, played).run())
        await until(lambda: "s2" in log.view.steps and any(one.text for one in log.view.steps["s2"].attempts))
        task.cancel()
        await task

    asyncio.run(carry())
    assert log.view.status == "stopped"
    assert statuses(log)["s2"] == "cancelled"
    assert log.view.steps["s2"].attempts[0].text.startswith("one")
    assert played.requests[-1].outcome == "cancelled"
    again = bench.reopened(log)
    again.append(ev.RunResumed("stopped"))
    bench.carry(engine(b="whole"), again)
    assert again.view.status == "finished"


def test_the_same_task_again_is_reused_without_a_call(bench: Bench) -> None:
    bench.carry(engine(DIAMOND))
    silent = engine(DIAMOND)
    log = bench.carry(silent, run_id="r2")
    assert silent.requests == []
    assert [body.source for body in bodies(bench, log, ev.StepReused)][:1] == ["r:understand#1"]
    assert bench.store.blob(log.view.output) == "<d>"


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"sampling": Sampling(temperature=0.1)}, {"reuse": "off"}, {"reuse": "refresh"}]
)
def test_another_seed_sampling_or_wish_is_no_reuse(bench: Bench, change: dict[str, Any]) -> None:
    bench.carry(engine(), plan="s1: a\ns2: b")
    played = engine()
    bench.carry(played, run_id="r2", plan="s1: a\ns2: b", **change)
    assert len(played.requests) == 2


def test_a_failed_check_fails_the_attempt_and_keeps_its_output(bench: Bench) -> None:
    log = bench.carry(engine(a="twelve"), plan='s1 [check="\\\\d+"]: a\ns2: b')
    attempt = log.view.steps["s1"].attempts[0]
    assert attempt.status == "failed"
    assert "'twelve' does not match its check" in attempt.error
    assert bench.store.blob(attempt.output) == "twelve"


def test_a_schema_makes_integrate_write_json(bench: Bench) -> None:
    schema = json.dumps({"type": "object", "required": ["n"]})
    good = bench.carry(engine(integrate='{"n": 1}'), plan="s1: a", schema=schema, integrate="write")
    assert bench.store.blob(good.view.output) == '{"n": 1}'
    bad = bench.carry(engine(integrate="{}"), run_id="r2", plan="s1: b", schema=schema, integrate="write")
    assert bad.view.status == "failed"
    assert "'n' is a required property" in bad.view.error


def test_write_makes_one_call_from_all_results_the_delivered_ones_first(bench: Bench) -> None:
    played = engine()
    log = bench.carry(played, plan="s1: a\ns2: b <- s1\ns3: c", integrate="write")
    assert shown(played.requests[-1].prompt) == ["s2", "s3", "s1"]
    assert bench.store.blob(log.view.output) == "whole"


def test_a_split_step_is_made_of_its_parts(bench: Bench) -> None:
    played = engine()
    log = bench.carry(played, plan="s1: a\ns2: b <- s1\ns2.1: c\ns2.2: d <- s2.1\ns3: e <- s2")
    assert len(played.requests) == 4
    assert bench.store.blob(log.view.steps["s2"].output) == "<d>"
    assert "Result of s2\n<d>" in played.requests[-1].prompt.text
    assert shown(next(one.prompt for one in played.requests if instruction_of(one.prompt) == "c")) == ["s1"]


def test_plan_only_approve_and_budgets(bench: Bench) -> None:
    only = bench.carry(engine(DIAMOND), plan_only=True)
    assert (only.view.status, statuses(only)["s1"]) == ("finished", "waiting")
    paused = bench.carry(engine(DIAMOND), run_id="r2", approve=True)
    assert (paused.view.status, statuses(paused)["s1"]) == ("paused", "waiting")
    again = bench.reopened(paused)
    again.append(ev.RunResumed("paused"))
    again.append(ev.PlanApproved())
    bench.carry(engine(DIAMOND), again)
    assert again.view.status == "finished"
    again = bench.reopened(only)
    again.append(ev.RunResumed("finished"))
    again.append(ev.PlanApproved())
    assert statuses(bench.carry(engine(DIAMOND), again))["integrate"] == "finished"


def test_the_limit_of_all_tokens_holds_with_parallel_steps(bench: Bench) -> None:
    prompt = len(bench.carry(engine(), plan="s1: step 1").view.steps["s1"].attempts[0].tokens)
    assert prompt
    plan = "\n".join(f"s{n}: step {n}" for n in range(1, 9))
    log = bench.carry(engine(slots=8), run_id="r2", plan=plan, max_tokens_total=1000, text="other", reuse="off")
    used = [attempt.usage for step in log.view.steps.values() for attempt in step.attempts]
    assert 0 < sum(usage.prompt_tokens + usage.new_tokens for usage in used) <= 1000
    failed = [step for step in log.view.steps.values() if step.status == "failed"]
    assert failed
    assert "--max-tokens-total" in failed[0].attempts[0].hint


def test_what_is_shown_under_another_name_is_not_reused(bench: Bench) -> None:
    bench.carry(engine(a="5", b="3"), plan="s1: a\ns2: b\ns3: #1 minus #2 <- s1, s2")
    played = engine(a="5", b="3")
    bench.carry(played, run_id="r2", plan="s2: a\ns1: b\ns3: #1 minus #2 <- s1, s2")
    assert any("#1 minus #2" in request.prompt.text for request in played.requests)


def test_a_stored_output_that_is_damaged_is_made_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.carry(engine(), plan="s1: a")
    blob = bench.store.blob

    def damaged(digest: str) -> str:
        if blob(digest) == "<a>" and not played.requests:
            raise StoreError("the text is damaged")
        return blob(digest)

    played = engine()
    monkeypatch.setattr(bench.store, "blob", damaged)
    log = bench.carry(played, run_id="r2", plan="s1: a")
    assert (log.view.status, len(played.requests)) == ("finished", 1)


def test_a_split_step_must_pass_its_check_too(bench: Bench) -> None:
    log = bench.carry(engine(c="words"), plan='s1 [check="\\d+"]: a\ns1.1: c')
    assert (statuses(log)["s1"], log.view.status) == ("failed", "failed")
    assert "does not match its check" in log.view.steps["s1"].attempts[0].error


class Misbehaving(Blind):
    """An engine that plays a script of events, whether they fit or not."""

    def __init__(self, *events: Any) -> None:
        self._inner = engine()
        self.info, self.render, self.count = self._inner.info, self._inner.render, self._inner.count
        self._events = events

    def kv_usage(self) -> None:
        return None

    async def generate(self, *_: object) -> Any:
        for event in self._events:
            if isinstance(event, BaseException):
                raise event
            yield event


TOKENS = (Token(1, "one ", 0.1, float("-inf"), (Alternative(1, "one", float("nan")),)), Token(2, "two", 0.2))


@pytest.mark.parametrize(
    ("events", "status", "text"),
    [
        ((), "failed", ""),
        ((ValueError("odd"),), "failed", ""),
        ((Decoded(TOKENS), EngineError("no prefill came")), "failed", ""),
        ((Prefilled(5, 0, 0, 0), Decoded(TOKENS), Stopped("stop", Usage(5, 0, 2))), "finished", "one two"),
        ((Prefilled(5, 0, 0, 0), Stopped("stop", Usage(5)), Decoded(TOKENS)), "finished", ""),
        ((Prefilled(5, 0, 0, 0), Prefilled(5, 0, 0, 0)), "failed", ""),
    ],
)
def test_an_engine_that_misbehaves_ends_its_step_and_the_run(
    bench: Bench, events: tuple[Any, ...], status: str, text: str
) -> None:
    log = bench.begin(plan="s1: a")
    bench.carry(Misbehaving(*events), log)  # type: ignore[arg-type]
    assert (statuses(log)["s1"], log.view.status) == (status, status)
    assert log.view.steps["s1"].attempts[0].text == text
    assert Fold.of(bench.store.events("r")).view == log.view


def test_an_engine_that_cannot_be_had_ends_the_run(bench: Bench) -> None:
    log = bench.begin(plan="s1: a")

    async def missing(spec: str) -> Engine:
        raise OSError("libllama.so: cannot open shared object file")

    asyncio.run(Executor(log, missing, lambda key: None).run())
    assert log.view.status == "failed"
    assert "libllama.so" in log.view.error


def test_a_stop_before_the_beginning_is_heard(bench: Bench) -> None:
    log = bench.begin(plan="s1: a", approve=True)

    async def carry() -> None:
        task = asyncio.create_task(bench.executor(log, engine()).run())
        await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(carry())
    assert log.view.status == "stopped"


def test_an_interrupted_attempt_gives_its_seed_to_the_next(bench: Bench) -> None:
    whole = bench.carry(engine(), run_id="whole", plan="s1: a", reuse="off")
    log = bench.begin(plan="s1: a", reuse="off")
    held = engine(a=Answer("one two", hold_after=1))

    async def carry() -> None:
        task = asyncio.create_task(bench.executor(log, held).run())
        await until(lambda: "s1" in log.view.steps and any(one.text for one in log.view.steps["s1"].attempts))
        task.cancel()
        await task

    asyncio.run(carry())
    again = bench.reopened(log)
    again.append(ev.RunResumed("stopped"))
    bench.carry(engine(), again)
    assert again.view.steps["s1"].attempts[1].sampling == whole.view.steps["s1"].attempts[0].sampling


def test_a_schema_that_points_elsewhere_is_not_fetched(bench: Bench) -> None:
    schema = json.dumps({"$ref": "http://127.0.0.1:9/s.json"})
    log = bench.carry(engine(integrate="{}"), plan="s1: a", schema=schema, integrate="write")
    assert "refers to 'http://127.0.0.1:9/s.json'" in log.view.error


def test_a_prompt_that_cannot_fit_fails_with_the_sizes_and_one_that_can_is_trimmed(bench: Bench) -> None:
    log = bench.carry(engine(context_length=400), plan="s1: a", text="word " * 300)
    assert "fit" in log.view.steps["s1"].attempts[0].error
    long = " ".join(f"word{number}" for number in range(150))
    trimmed = bench.carry(engine(a=long, context_length=700), run_id="r2", plan="s1: a\ns2: b <- s1", text="short")
    context = trimmed.view.steps["s2"].attempts[0].context
    assert context is not None
    result = next(part for part in context.parts if part.kind == "result")
    assert result.tokens < result.full_tokens
    assert trimmed.view.status == "finished"


def test_a_store_that_fails_ends_the_run_with_its_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    log = bench.begin(plan="s1: a\ns2: b")
    append, calls = bench.store.append, []

    def full(event: ev.Event, *rest: object) -> None:
        calls.append(event)
        if len(calls) > 6:
            raise StoreError("the disk is full")
        append(event, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.store, "append", full)
    with pytest.raises(StoreError, match="disk is full"):
        asyncio.run(bench.executor(log, engine()).run())
    monkeypatch.undo()
    again = bench.reopened(log)
    again.append(ev.RunResumed("running"))
    bench.carry(engine(), again)
    assert again.view.status == "finished"


def test_a_listener_that_fails_breaks_nothing(bench: Bench) -> None:
    log = bench.begin(plan="s1: a")
    log.listen(lambda event: 1 / 0)  # type: ignore[arg-type]
    assert bench.carry(engine(), log).view.status == "finished"


def test_tokens_that_cannot_be_stored_never_end_in_a_finished_step(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = bench.store.append
    failed: list[ev.Event] = []

    def locked_once(event: ev.Event, *rest: Any) -> None:
        if isinstance(event.body, ev.StepDecoded) and not failed:
            failed.append(event)
            raise StoreError("the store is locked")
        append(event, *rest)

    log = bench.begin(plan="s1: a")
    monkeypatch.setattr(bench.store, "append", locked_once)
    with pytest.raises(StoreError, match="locked"):
        asyncio.run(bench.executor(log, engine(a="one two three")).run())
    assert statuses(log)["s1"] != "finished"
    again = bench.reopened(log)
    again.append(ev.RunResumed("interrupted"))
    assert bench.store.blob(bench.carry(engine(a="one two three"), again).view.output) == "one two three"


def test_a_stop_after_the_last_step_finds_the_run_finished(bench: Bench) -> None:
    log = bench.begin(plan="s1: a")

    async def stopped_at_the_end() -> None:
        task = asyncio.create_task(bench.executor(log, engine()).run())

        def stop(event: ev.Event) -> None:
            if isinstance(event.body, ev.StepFinished) and event.body.step == "integrate":
                task.cancel()

        log.listen(stop)
        await task

    asyncio.run(stopped_at_the_end())
    assert (log.view.status, bench.store.blob(log.view.output)) == ("finished", "<a>")


def test_how_an_engine_let_a_request_in_is_kept_with_the_attempt(bench: Bench) -> None:
    class Paged(ScriptedEngine):
        async def generate(self, *asked: Any) -> AsyncGenerator[EngineEvent, None]:
            async for said in super().generate(*asked):
                yield replace(said, admission=Admission(7, 3, 2, (5,))) if isinstance(said, Prefilled) else said

    log = bench.carry(Paged(script()), plan="s1: a")
    assert log.view.steps["s1"].attempts[0].admission == Admission(7, 3, 2, (5,))
    assert Fold.of(bench.store.events("r")).view == log.view
