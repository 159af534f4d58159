"""What a task's own words decide: the brief, the language of the prompts, and whether there is anything to divide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vnb.core.types import Document
from vnb.engines.scripted import Fail, ScriptedEngine
from vnb.planner.instruct import CHINESE, ENGLISH

from .conftest import Bench, engine, plan_json, role_of, statuses

PLAN = plan_json(("s1", "a", []), ("s2", "b", []))
WORD_PROBLEM = "Ben buys 3 pens at 2 euros each and pays with a 20 euro note. How much change does he get?"


def roles(played: ScriptedEngine) -> list[str]:
    return [role_of(one.prompt) for one in played.requests]


def asked(played: ScriptedEngine, place: int = 0) -> str:
    """All that the engine was sent."""
    return played.requests[place].prompt.text


def test_the_brief_never_holds_what_the_task_does_not_say(bench: Bench) -> None:
    answer = {
        "goal": "Ben gets 14 euros",
        "deliverable": "5 euros",
        "constraints": ["at most three paragraphs", "be funny", "do  not mention  Rome"],
    }
    text = "Write an article about Lisbon and its trams. Do not mention Rome."
    played = engine(PLAN, understand=json.dumps(answer))
    log = bench.carry(played, text=text)
    assert log.view.brief is not None
    for span in (log.view.brief.goal, *log.view.brief.constraints):
        assert span and span in text
    assert log.view.brief.deliverable == ""
    assert log.view.brief.constraints == ("Do not mention Rome.",)
    assert all("5 euros" not in one.prompt.text for one in played.requests)


def test_demands_are_found_though_the_model_names_none(bench: Bench) -> None:
    text = 'Compare cats and dogs as pets in a report. Do not mention the price. Mention the word "food".'
    own_words = json.dumps({"goal": "an essay", "deliverable": "d", "constraints": [], "language": "French"})
    log = bench.carry(engine(PLAN, understand=own_words), text=text)
    brief = log.view.brief
    assert brief is not None
    assert (brief.goal, brief.language) == ("Compare cats and dogs as pets in a report.", "English")
    assert len(brief.constraints) == 2
    assert {demand.kind for demand in brief.demands} >= {"excludes", "contains"}
    assert {step for step, _ in log.view.warnings} == {"integrate"}  # which does not say what it must


@pytest.mark.parametrize(
    "text",
    [
        "Write exactly three sentences about tea.",
        "What is the capital of France?",
        "Write a poem about rain.",
        "用两句话介绍北京。",
    ],
)
def test_what_has_one_short_answer_is_one_step_asked_bare(bench: Bench, text: str) -> None:
    played = engine()
    log = bench.carry(played, text=text)
    assert [step.instruction for step in log.view.plan] == [text]
    assert asked(played) == f"<|user|>{text}<|end|><|assistant|>"
    assert set(roles(played)) == {"work"}
    assert (log.view.strategy, log.view.why) == ("direct", "the task asks for one short answer")


@pytest.mark.parametrize("how", [{"strategy": "direct"}, {"steps": (1, 1)}])
def test_direct_and_one_step_at_most_ask_the_model_as_its_users_do(bench: Bench, how: dict[str, Any]) -> None:
    text = "Write an article about tides: history, causes and uses."
    played = engine(**{text: "History. Causes. Uses."})
    log = bench.carry(played, text=text, **how)
    assert asked(played) == f"<|user|>{text}<|end|><|assistant|>"
    assert (log.view.status, bench.store.blob(log.view.output)) == ("finished", "History. Causes. Uses.")
    assert list(statuses(log)) == ["s1", "integrate"]


def test_a_plan_of_one_step_is_the_task_asked_bare(bench: Bench) -> None:
    text = "Tell me about tides and tea."
    played = engine(plan_json(("s1", "Write something.", [])), **{text: "Tides and tea."})
    log = bench.carry(played, text=text)
    assert [step.instruction for step in log.view.plan] == [text]
    assert played.requests[-1].prompt.text == f"<|user|>{text}<|end|><|assistant|>"


def test_direct_shows_what_comes_with_the_task(bench: Bench) -> None:
    text = "Sum up notes and papers."
    given = {
        "inputs": {"notes": "the notes say tea"},
        "attached": ("notes",),
        "documents": (Document("paper.md", "the paper says coffee"),),
    }
    played = engine()
    log = bench.carry(played, text=text, strategy="direct", given=given)
    assert log.view.status == "finished"
    assert "# Input: notes\nthe notes say tea" in asked(played)
    assert "the paper says coffee" in asked(played)
    assert asked(played).startswith("<|user|>") and asked(played).endswith(f"{text}<|end|><|assistant|>")


@pytest.mark.parametrize("profile", ["instruct", "compact"])
def test_an_empty_task_with_a_plan_runs_it(bench: Bench, profile: str) -> None:
    log = bench.carry(engine(profile=profile, a="1", b="2"), text="", plan="s1: a\ns2: b <- s1")
    assert log.view.status == "finished"


def test_a_chinese_task_is_asked_in_chinese(bench: Bench) -> None:
    plan = plan_json(("s1", "说明人工智能是什么。", []), ("s2", "展望人工智能的未来。", []), deliver=["s1", "s2"])
    answers = {
        "说明人工智能是什么。": "人工智能是机器的智能。",
        "展望人工智能的未来。": "未来会更好，人们会更多地使用它。",
    }
    played = engine(plan, **answers)
    log = bench.carry(played, text="编写一篇关于人工智能的文章")
    assert (log.view.status, log.view.warnings) == ("finished", ())
    assert log.view.brief is not None and log.view.brief.language == "Chinese"
    for request in played.requests:
        assert not any(
            instruction.partition("{")[0] in request.prompt.text for instruction in ENGLISH.instruction.values()
        )
        assert "# Task" not in request.prompt.text
    assert CHINESE.instruction["plan"].partition("{")[0] in asked(played, 1)
    assert bench.store.blob(log.view.output) == "\n\n".join(answers.values())


def test_one_step_whose_answer_is_written_into_a_schema_need_not_be_json_itself(bench: Bench) -> None:
    text = "How old is Ann? Answer as JSON."
    played = engine(integrate='{"age": 9}', **{text: "Ann is nine."})
    log = bench.carry(played, text=text, schema='{"type": "object"}')
    assert (log.view.status, log.view.warnings, len(played.requests)) == ("finished", (), 2)


def test_an_answer_in_another_language_is_tried_again_and_flagged(bench: Bench) -> None:
    plan = plan_json(("s1", "说明人工智能是什么。", []), ("s2", "展望人工智能的未来。", []))
    english = "Artificial intelligence is the intelligence of machines, and it is used in many places."
    played = engine(
        plan, **{"说明人工智能是什么。": english, "展望人工智能的未来。": "未来会更好，人们会更多地使用它。"}
    )
    log = bench.carry(played, text="编写一篇关于人工智能的文章")
    assert len(log.view.steps["s1"].attempts) == 4
    assert "s1" in dict(log.view.warnings)
    assert any("必须" in one.prompt.text or "应当用中文写" in one.prompt.text for one in played.requests)


def test_a_plan_that_repeats_the_prompt_is_left_out_of_and_equal_steps_are_one(bench: Bench) -> None:
    copied = ENGLISH.instruction["plan"].partition("\n")[0]
    plan = plan_json(
        ("s1", "Explain tides.", []),
        ("s2", copied, ["s1"]),
        ("s3", "explain TIDES", []),
        ("s4", "Explain tea.", ["s2", "s3"]),
        deliver=["s1", "s2", "s3", "s4"],
    )
    log = bench.carry(
        engine(plan, **{"Explain tides.": "T.", "Explain tea.": "E."}), text="Tell me about tides and tea."
    )
    assert [(step.id, step.needs) for step in log.view.plan] == [("s1", ()), ("s4", ("s1",))]
    assert bench.store.blob(log.view.output) == "T.\n\nE."
    reasons = "; ".join(revision.reason for revision in log.view.revisions)
    assert "s2 repeats words of the planner's prompt" in reasons and "s3 asks for the same as s1" in reasons


def test_a_plan_of_which_nothing_can_be_used_is_the_whole_task(bench: Bench) -> None:
    copied = ENGLISH.instruction["plan"].partition("\n")[0]
    text = "Tell me about tides and tea."
    log = bench.carry(engine(plan_json(("s1", copied, []), ("s2", copied, [])), **{text: "Both."}), text=text)
    assert ([step.instruction for step in log.view.plan], log.view.status) == ([text], "finished")
    assert bench.store.blob(log.view.output) == "Both."


def test_a_need_that_points_forward_keeps_the_graph(bench: Bench) -> None:
    plan = plan_json(("s1", "Verdict", ["s2", "s3"]), ("s2", "Pros", []), ("s3", "Cons", ["s2"]), deliver=["s1"])
    log = bench.carry(engine(plan))
    assert {step.id: step.needs for step in log.view.plan} == {"s2": (), "s3": ("s2",), "s1": ("s2", "s3")}
    assert any("planned after it" in revision.reason for revision in log.view.revisions)
    assert log.view.status == "finished"


def test_needs_in_a_circle_are_a_plan_error(bench: Bench) -> None:
    log = bench.carry(engine(plan_json(("s1", "a", ["s2"]), ("s2", "b", ["s1"]))))
    assert log.view.status == "failed" and "cycle" in log.view.error


def test_a_brief_that_is_cut_or_fails_does_not_lose_the_demands(bench: Bench) -> None:
    text = "Compare cats and dogs as pets in a report. Do not mention the price."
    log = bench.carry(engine(PLAN, understand="{"), text=text)
    assert log.view.brief is not None and log.view.brief.constraints == ("Do not mention the price.",)
    log = bench.carry(engine(PLAN, understand=Fail(0, "gone")), text=text, run_id="r2", seed=1)
    assert (log.view.status, "gone" in log.view.error) == ("failed", True)
