"""How answers turn out: what is wrong with them is tried again with what was wrong, and never ends plainly finished."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Sampling
from vnb.engines.base import Engine
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.executor.commands import Choose, Rerun
from vnb.executor.executor import Executor
from vnb.executor.log import Log
from vnb.executor.repeats import repeats_itself

from .conftest import Bench, engine, instruction_of, plan_json, statuses, until

LOOP = "The same words come again. " * 60
LONG = " ".join(f"word{number}" for number in range(600))
TWO = "Write two sentences about tea."
GOOD = "Tea is warm. Tea is old."
BAD = "Tea is warm. Tea is old. Tea is green."


def answering(instruction: str, reply: Any) -> ScriptedEngine:
    replies: dict[str, Any] = {instruction: reply}
    return engine(**replies)


def tries(log: Log, step: str = "s1") -> list[str]:
    return [one.status for one in log.view.steps[step].attempts]


def sent(played: ScriptedEngine, instruction: str) -> list[str]:
    """The prompts of a step's attempts."""
    return [one.prompt.text for one in played.requests if instruction_of(one.prompt) == instruction]


def test_a_loop_is_stopped_and_tried_again_with_a_penalty(bench: Bench) -> None:
    log = bench.carry(engine(a=[LOOP, "fine"]), plan="s1: a\ns2: b <- s1")
    first, second = log.view.steps["s1"].attempts
    assert (first.status, first.reason) == ("failed", "repeats")
    assert len(first.tokens) < 150
    assert (first.sampling.repeat_penalty, second.sampling.repeat_penalty) == (None, 1.15)
    assert (log.view.status, log.view.warnings) == ("finished", ())
    assert bench.store.blob(log.view.output) == "<b>"


def test_a_higher_penalty_of_the_user_stands(bench: Bench) -> None:
    log = bench.carry(engine(a=[LOOP, "fine"]), plan="s1: a\ns2: b", sampling=Sampling(repeat_penalty=1.3))
    assert [one.sampling.repeat_penalty for one in log.view.steps["s1"].attempts] == [1.3, 1.3]


def test_a_step_that_only_loops_fails_and_can_be_resumed(bench: Bench) -> None:
    log = bench.carry(engine(a=LOOP), plan="s1: a\ns2: b <- s1")
    assert (log.view.status, tries(log)) == ("failed", ["failed"] * 3)
    assert [one.sampling.repeat_penalty for one in log.view.steps["s1"].attempts] == [None, 1.15, 1.3]
    assert "repeats itself" in log.view.error
    again = bench.carry(engine(), bench.resumed(log))
    assert (again.view.status, bench.store.blob(again.view.output)) == ("finished", "<b>")


def test_an_empty_answer_is_asked_for_once_more_and_then_a_warning(bench: Bench) -> None:
    log = bench.carry(engine(a=["", "words"]), plan="s1: a\ns2: b")
    assert (tries(log), log.view.warnings) == (["finished", "finished"], ())
    log = bench.carry(engine(a=" \n"), run_id="r2", plan="s1: a\ns2: b", seed=1)
    assert (log.view.status, len(tries(log))) == ("finished", 2)
    assert ("s1", "the answer is empty") in log.view.warnings


def test_a_cut_answer_is_a_warning_also_where_it_is_reused(bench: Bench) -> None:
    short = Sampling(max_tokens=20)
    log = bench.carry(engine(a=LONG), plan="s1: a\ns2: b", sampling=short)
    assert (log.view.status, log.view.warnings) == ("finished", (("s1", "cut at the most tokens"),))
    silent = engine(a=LONG)
    again = bench.carry(silent, run_id="r2", plan="s1: a\ns2: b", sampling=short)
    assert silent.requests == []
    assert (tries(again), again.view.warnings) == (["reused"], log.view.warnings)


def test_a_missed_demand_is_said_to_the_next_try(bench: Bench) -> None:
    played = answering(TWO, [BAD, GOOD])
    log = bench.carry(played, text=TWO)
    assert (log.view.status, log.view.warnings) == ("finished", ())
    assert bench.store.blob(log.view.output) == GOOD
    first, second = (one.prompt.text for one in played.requests)
    assert "It has 3 sentences" in second and "It has 3 sentences" not in first
    assert BAD not in second


def test_a_demand_that_is_missed_to_the_last_is_a_warning_and_a_verdict(bench: Bench) -> None:
    log = bench.carry(answering(TWO, BAD), text=TWO)
    assert (log.view.status, len(tries(log))) == ("finished", 4)
    assert log.view.warnings == (("s1", "misses: two sentences (3 sentences)"),)  # said once
    assert [one.met for one in log.view.steps["integrate"].attempts[0].verdicts if one.demand.kind == "sentences"] == [
        False
    ]


def test_the_best_of_several_tries_counts(bench: Bench) -> None:
    task = "Write two sentences about tea. Mention milk. Do not mention sugar."
    answers = [
        "Tea.",
        "Tea with milk is warm. It is old. It is good.",
        "Sugar is sweet.",
        "Sugar. And more sugar. And again.",
    ]
    log = bench.carry(answering(task, answers), text=task)
    assert len(tries(log)) == 4
    assert log.view.steps["s1"].chosen == 2
    assert bench.store.blob(log.view.output) == answers[1]


@pytest.mark.parametrize("worse", ["", f"{TWO} {TWO}", "Tea is warm. " + LONG])
def test_a_whole_answer_that_misses_a_demand_counts_more_than_none(bench: Bench, worse: str) -> None:
    log = bench.carry(answering(TWO, [BAD, worse]), text=TWO, sampling=Sampling(max_tokens=60), retries=1)
    assert len(tries(log)) == 2
    assert bench.store.blob(log.view.output) == BAD


def test_a_failed_check_is_tried_again_with_what_was_wrong(bench: Bench) -> None:
    played = engine(a=["twelve", "12"])
    log = bench.carry(played, plan='s1 [check="\\\\d+"]: a\ns2: b <- s1')
    assert (log.view.status, tries(log)) == ("finished", ["failed", "finished"])
    assert "'twelve' does not match its check" in sent(played, "a")[1]


def test_a_loop_of_a_second_try_is_tried_again_with_a_penalty_which_then_stays(bench: Bench) -> None:
    log = bench.carry(engine(a=["twelve", LOOP, "dozen", "12"]), plan='s1 [check="\\\\d+"]: a\ns2: b')
    assert (log.view.status, tries(log)) == ("finished", ["failed", "failed", "failed", "finished"])
    penalties = [one.sampling.repeat_penalty for one in log.view.steps["s1"].attempts]
    assert penalties == [None, None, 1.15, 1.15]


def test_a_check_that_fails_to_the_last_goes_to_review(bench: Bench) -> None:
    reword = json.dumps({"changes": [{"op": "reword", "id": "s1", "instruction": "digits", "needs": []}]})
    log = bench.carry(
        engine(a="twelve", digits="12", review=reword), plan='s1 [check="\\\\d+"]: a\ns2: b <- s1', replan=1
    )
    assert (log.view.status, tries(log)) == ("finished", ["failed"] * 4 + ["finished"])


def test_an_answer_that_does_not_validate_is_tried_again(bench: Bench) -> None:
    schema = json.dumps({"type": "object", "required": ["n"]})
    played = engine(integrate=["{}", '{"n": 1}'])
    log = bench.carry(played, plan="s1: a", schema=schema)
    assert (log.view.status, tries(log, "integrate")) == ("finished", ["failed", "finished"])
    assert "'n' is a required property" in played.requests[-1].prompt.text


def test_an_engine_that_fails_is_not_asked_again(bench: Bench) -> None:
    assert tries(bench.carry(engine(a=Fail(0)), plan="s1: a\ns2: b")) == ["failed"]


def test_a_run_stopped_between_tries_goes_on_and_keeps_what_it_has(bench: Bench) -> None:
    log = bench.begin(text=TWO)
    played = answering(TWO, [BAD, Answer(BAD, hold_after=2)])

    async def stopped() -> None:
        task = asyncio.create_task(bench.executor(log, played).run())
        await until(lambda: "s1" in log.view.steps and any(one.text for one in log.view.steps["s1"].attempts[1:]))
        task.cancel()
        await task

    asyncio.run(stopped())
    assert tries(log) == ["finished", "cancelled"]
    assert log.view.status == "stopped"
    again = bench.carry(answering(TWO, GOOD), bench.resumed(log))
    assert again.view.status == "finished"
    assert tries(again)[0] == "finished"


def test_a_rerun_is_one_attempt_and_the_choice_can_be_switched(bench: Bench) -> None:
    log = bench.carry(answering(TWO, [BAD, GOOD]), text=TWO)
    again = bench.command(answering(TWO, BAD), log, Rerun(("s1",)))
    assert (len(tries(again)), again.view.steps["s1"].chosen) == (3, 3)
    assert [step for step, _ in again.view.warnings] == ["s1"]
    assert set(again.view.steps["integrate"].stale) != set()
    again = bench.command(engine(), again, Choose("s1", 2))
    assert (again.view.warnings, again.view.steps["integrate"].stale) == ((), "")


def test_no_retry_is_paid_for_that_the_tokens_of_the_run_do_not_hold(bench: Bench) -> None:
    log = bench.carry(answering(TWO, BAD), text=TWO, max_tokens_total=45)
    assert sum(one.usage.prompt_tokens + one.usage.new_tokens for one in log.view.steps["s1"].attempts) <= 45
    assert log.view.steps["s1"].chosen
    assert log.view.status == "finished"
    assert log.view.warnings


def test_reasoning_is_in_no_result_and_shown_to_no_step(bench: Bench) -> None:
    plan = plan_json(("s1", "a", []), ("s2", "b", ["s1"]))
    played = engine(
        plan='<think>{"steps":[{"id":"s9","instruction":"no","needs":[]}]}</think>' + plan,
        a="<think>Shall I? Yes.</think>\n\nAnswer.",
        b=Answer("End.", thinking="Hm, hm."),
    )
    log = bench.carry(played)
    assert (log.view.status, [step.id for step in log.view.plan]) == ("finished", ["s1", "s2"])
    assert bench.store.blob(log.view.steps["s1"].output) == "Answer."
    assert bench.store.blob(log.view.output) == "End."
    assert all("Shall I" not in one.prompt.text for one in played.requests)
    assert "Shall I" in log.view.steps["s1"].attempts[0].reasoning
    assert log.view.steps["s2"].attempts[0].reasoning == "Hm, hm."


@pytest.mark.parametrize("answer", ["<think>only thoughts</think>", "<think>never ends"])
def test_an_answer_of_reasoning_alone_is_empty(bench: Bench, answer: str) -> None:
    log = bench.carry(engine(a=answer), plan="s1: a\ns2: b")
    assert ("s1", "the answer is empty") in log.view.warnings
    assert statuses(log)["s1"] == "finished"


def test_a_run_cut_after_any_event_of_its_tries_ends_with_a_good_answer_or_a_warning(bench: Bench) -> None:
    whole = bench.carry(answering(TWO, [BAD, GOOD]), text=TWO, reuse="off")
    for upto in range(1, whole.view.seq):
        fold = Fold.of(bench.store.events("r", upto=upto))
        log = Log(bench.store, f"cut{upto}", fold)
        log.append(ev.RunForked("r", upto))
        bench.carry(answering(TWO, [BAD, GOOD]), log)
        assert log.view.status == "finished"
        assert (bench.store.blob(log.view.output) == GOOD) != bool(log.view.warnings)


def test_a_step_with_an_engine_of_its_own_is_tried_again_by_that(bench: Bench) -> None:
    own, other = engine(a=["twelve", "12"]), engine()

    async def engines(spec: str) -> Engine:
        return own if spec == "own" else other

    log = bench.begin(plan='s1 [model=own check="\\\\d+"]: a\ns2: b <- s1')
    asyncio.run(Executor(log, engines, bench.store.output_for).run())
    assert (log.view.status, tries(log)) == ("finished", ["failed", "finished"])
    assert (len(own.requests), len(other.requests)) == (2, 1)


def test_one_slot_is_enough_for_tries_of_several_steps(bench: Bench) -> None:
    played = engine(a=["", "x"], b=[LOOP, "y"])
    log = bench.carry(played, plan="s1: a\ns2: b\ns3: c <- s1, s2", parallel=1)
    assert (log.view.status, log.view.warnings, played.high_water) == ("finished", (), 1)


def test_what_is_demanded_of_each_part_is_checked_in_the_step_that_writes_it(bench: Bench) -> None:
    task = "Write a guide to tea with these parts: history, taste. Each part must have at least two sentences."
    plan = plan_json(("s1", "history", []), ("s2", "taste", []), deliver=["s1", "s2"])
    played = engine(plan, history=["Short.", "Old. Very old."], taste="Fine.")
    log = bench.carry(played, text=task, strategy="plan")
    assert (tries(log, "s1"), tries(log, "s2")) == (["finished"] * 2, ["finished"] * 4)
    assert "It has 1 sentence; the task asks for" in sent(played, "history")[1]
    assert log.view.warnings[0] == ("s2", "misses: at least two sentences (1 sentence)")
    whole = log.view.steps["integrate"].attempt
    assert whole is not None
    (all_of_it,) = [one for one in whole.verdicts if one.demand.kind == "sentences"]
    assert (all_of_it.demand.low, all_of_it.met) == (4, False)


HISTORY = "这一阶段的研究主要依赖于神经网络，代表人物来自许多国家。"
SENTENCE = "The grounds are pressed through a filter until the water has taken all of their flavour. "


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        (
            "\n\n".join(f"{number}. **{name}**\n{HISTORY}" for number, name in enumerate(["符号", "连接", "学习"], 1)),
            True,
        ),
        (f"First you grind the beans. {SENTENCE}Then you wait for it to cool. {SENTENCE}", True),
        (
            SENTENCE
            + "Then you wait. "
            + "Every other part of this text says something that is new to it. "
            + SENTENCE.upper(),
            False,
        ),
        ("Row, row, row your boat.\n" * 3 + "Gently down the stream.\n" + "Row, row, row your boat.\n" * 3, False),
        ("| a long cell of a table that stands here often enough | 1 |\n" * 3, False),
        ("result = compute_the_long_name_of_a_function(argument_one, argument_two)\n" * 3, False),
        (SENTENCE, False),
        ("", False),
    ],
)
def test_long_sentences_that_come_again_and_again_are_a_loop(text: str, repeats: bool) -> None:
    assert repeats_itself(text) is repeats


def test_a_finished_answer_that_repeats_itself_is_tried_again_and_flagged(bench: Bench) -> None:
    text = "First this.\n" + "- Wash it, since improper care of the fish pollutes the water.\n" * 4
    log = bench.carry(engine(a=[text, "fine"]), plan="s1: a\ns2: b <- s1")
    assert (tries(log), log.view.warnings) == (["finished"] * 2, ())
    assert log.view.steps["s1"].attempts[0].warnings == ("the answer repeats itself",)
    log = bench.carry(engine(a=text), run_id="r2", plan="s1: a\ns2: b <- s1", seed=1)
    assert ("s1", "the answer repeats itself") in log.view.warnings
