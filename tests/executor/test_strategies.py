"""How a task is done: chosen by its words, shown, and each way made of the same steps and attempts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vnb.core.types import Document
from vnb.engines.scripted import Answer, Fail
from vnb.errors import PlanError
from vnb.executor.commands import Rerun
from vnb.executor.log import Log
from vnb.planner.asked_words import with_asked
from vnb.planner.instruct import ENGLISH
from vnb.planner.parse import parse_plan
from vnb.planner.table import TablePlan, filled_from

from .conftest import Bench, engine, instruction_of, plan_json, role_of, statuses

PROBLEM = "Ben buys 3 pens at 2 euros each and pays with a 20 euro note. How much change does he get?"
GUIDE = "Write a guide to tea with these parts: history, taste, risks."
PROGRAM = "```python\n# pens\ncost = 3 * 2\nanswer = 20 - cost\n```"


def result(bench: Bench, log: Log) -> str:
    return bench.store.blob(log.view.output)


@pytest.mark.parametrize(
    ("text", "strategy", "why"),
    [
        (PROBLEM, "code", "the answer has to be computed"),
        ("小明有5个苹果，又买了3个。他一共有多少个苹果？", "code", "the answer has to be computed"),
        ("What is the total of 3, 4 and 5?", "code", "the answer has to be computed"),
        ("Why are there 7 days in a week and 12 months in a year?", "plan", "the task has to be divided"),
        ("How many moons does Mars have?", "direct", "the task asks for one short answer"),
        (GUIDE, "outline", "the task names 3 parts"),
        ("写一份关于茶的指南，包括：历史、种类、泡法。", "outline", "the task names 3 parts"),
        ("Compare cats and dogs as pets in a report.", "plan", "the task has to be divided"),
        ("Write a story about a fox, a hare and a well.", "direct", "the task asks for one short answer"),
        ("编写一篇关于人工智能的文章", "plan", "the task has to be divided"),
    ],
)
def test_the_task_says_how_it_is_done(bench: Bench, text: str, strategy: str, why: str) -> None:
    log = bench.carry(engine(plan_json(("s1", "a", []), ("s2", "b", [])), **{text: "answer = 1"}), text=text)
    assert (log.view.strategy, log.view.why) == (strategy, why)


@pytest.mark.parametrize(
    ("options", "strategy"),
    [({"strategy": "direct"}, "direct"), ({"steps": (3, 5)}, "plan"), ({"steps": (1, 1)}, "direct")],
)
def test_what_the_user_says_comes_first(bench: Bench, options: dict[str, Any], strategy: str) -> None:
    plan = plan_json(("s1", "a", []), ("s2", "b", []), ("s3", "c", []))
    assert bench.carry(engine(plan, **{PROBLEM: "20"}), text=PROBLEM, **options).view.strategy == strategy


def test_vnb_tiny_always_plans(bench: Bench) -> None:
    log = bench.carry(engine(plan_json(("s1", "a", []), ("s2", "b", [])), profile="compact"), text=PROBLEM)
    assert log.view.strategy is None and "plan" in log.view.steps


# ---------------------------------------------------------------- programs


def test_a_program_is_run_and_its_result_is_the_answer(bench: Bench) -> None:
    played = engine(**{PROBLEM: PROGRAM})
    log = bench.carry(played, text=PROBLEM)
    (attempt,) = log.view.steps["s1"].attempts
    assert (log.view.status, result(bench, log)) == ("finished", "14")
    assert attempt.text == PROGRAM
    assert attempt.program is not None
    assert (attempt.program.source, attempt.program.result) == ("# pens\ncost = 3 * 2\nanswer = 20 - cost", "14")
    assert "Write a Python program" in played.requests[0].prompt.text


def test_a_program_that_fails_is_written_again_with_its_error(bench: Bench) -> None:
    played = engine(**{PROBLEM: ["answer = 20 - price", PROGRAM]})
    log = bench.carry(played, text=PROBLEM)
    first, second = log.view.steps["s1"].attempts
    assert (first.status, second.status, result(bench, log)) == ("failed", "finished", "14")
    assert "NameError" in first.error and first.program is not None and "NameError" in first.program.error
    assert "NameError" in played.requests[1].prompt.text
    assert (second.sampling.temperature or 0) >= 0.7


def test_repairs_come_to_an_end(bench: Bench) -> None:
    log = bench.carry(engine(**{PROBLEM: "answer = nothing"}), text=PROBLEM, repairs=1, strategy="code")
    assert [one.status for one in log.view.steps["s1"].attempts] == ["failed", "failed"]
    assert log.view.status == "failed" and "NameError" in log.view.error


def test_what_cannot_be_computed_is_answered_in_words_where_vnb_chose_the_way(bench: Bench) -> None:
    played = engine(**{PROBLEM: ["answer = nothing", "answer = nothing", "He gets 14 euros."]})
    log = bench.carry(played, text=PROBLEM, repairs=1)
    assert [one.status for one in log.view.steps["s1"].attempts] == ["failed", "failed", "finished"]
    assert (log.view.status, result(bench, log)) == ("finished", "He gets 14 euros.")
    assert "Python" not in played.requests[-1].prompt.text


@pytest.mark.parametrize(
    ("program", "said"),
    [("while True: pass", "limit of 5 s"), ("def f(): return f()\nf()", "ecursion"), ("open('x')", "")],
)
def test_a_hostile_program_ends_its_attempt_and_nothing_else(bench: Bench, program: str, said: str) -> None:
    log = bench.carry(engine(**{PROBLEM: program}), text=PROBLEM, repairs=0, strategy="code")
    (attempt,) = log.view.steps["s1"].attempts
    assert attempt.status == "failed" and said in attempt.error and attempt.error


def test_a_program_sees_results_and_inputs_as_variables(bench: Bench) -> None:
    plan = "s1: prices\ns2 [kind=code]: total <- s1"
    played = engine(prices="[3, 4]", total="answer = sum(s1) + extra")
    log = bench.carry(played, plan=plan, given={"inputs": {"extra": "5"}})
    assert result(bench, log) == "12"
    assert "s1: list of 2, the first: 3" in played.requests[-1].prompt.text
    other = engine(prices="[3, 9]", total="answer = sum(s1) + extra")
    again = bench.carry(other, run_id="r2", plan=plan, given={"inputs": {"extra": "5"}}, reuse="refresh")
    assert result(bench, again) == "17"


# ---------------------------------------------------------------- outline and vote


def test_the_parts_that_a_task_names_are_written_at_once(bench: Bench) -> None:
    played = engine()
    log = bench.carry(played, text=GUIDE, retries=0)
    assert [(step.title, step.needs) for step in log.view.plan] == [("history", ()), ("taste", ()), ("risks", ())]
    assert all(GUIDE in one.prompt.text for one in played.requests)
    assert {role_of(one.prompt) for one in played.requests} == {"work"}
    assert [line for line in result(bench, log).splitlines() if line.startswith("## ")] == [
        "## history",
        "## taste",
        "## risks",
    ]


def test_an_outline_without_named_parts_is_planned_without_needs(bench: Bench) -> None:
    played = engine(plan_json(("s1", "a", []), ("s2", "b", [])))
    log = bench.carry(played, text="Write an article about tides.", strategy="outline")
    assert log.view.status == "finished"
    planner = next(one for one in played.requests if role_of(one.prompt) == "plan")
    assert "No step needs another one" in planner.prompt.text
    steps = [one.prompt.text for one in played.requests if role_of(one.prompt) == "work"]
    assert len(steps) == 2 and all("written at the same time: s1; s2." in text for text in steps)
    assert planner.constraint is not None and '"enum":["s1"]' not in planner.constraint.text.partition('"deliver"')[0]


def test_most_answers_win(bench: Bench) -> None:
    text = "How many moons does Mars have?"
    log = bench.carry(engine(**{text: ["It has 3.", "2", "Two: 2 moons, so 2", "4", "2."]}), text=text, strategy="vote")
    assert len(log.view.plan) == 5 and len({one.sampling.seed for one in _attempts(log)}) == 5
    assert (result(bench, log), log.view.warnings) == ("2", ())


def test_no_majority_is_a_warning(bench: Bench) -> None:
    text = "How many moons does Mars have?"
    log = bench.carry(engine(**{text: ["1", "2", "3"]}), text=text, strategy="vote", samples=3)
    assert log.view.warnings == (("integrate", "no two answers agree; this is the first"),)


def test_a_judge_chooses_among_texts(bench: Bench) -> None:
    text = "Write a slogan for a lamp."
    judge = "Which of these answers does the task best? Answer with its name only."
    log = bench.carry(engine(**{text: ["dark", "bright", "dim"], judge: "s2"}), text=text, strategy="vote", samples=3)
    assert result(bench, log) == "bright"
    assert log.view.steps["best"].step.needs == ("s1", "s2", "s3")


def _attempts(log: Log) -> list[Any]:
    return [one for step in log.view.plan for one in log.view.steps[step.id].attempts]


# ---------------------------------------------------------------- maps

NOTES = '["tea 3", "milk 4", "rice 5"]'
MAP = "m [kind=map over=notes]: price\nsum [kind=code]: total <- m"


def _map(bench: Bench, notes: str = NOTES, **more: Any) -> Log:
    played = engine(price=["3", "4", "5"], total="answer = sum(m)")
    return bench.carry(played, plan=MAP, given={"inputs": {"notes": notes}, "attached": ("notes",)}, **more)


def test_a_map_does_each_item_and_gives_a_list(bench: Bench) -> None:
    log = _map(bench)
    parts = [step for step in log.view.plan if step.parent == "m"]
    assert [(step.id, step.item) for step in parts] == [("m.1", "tea 3"), ("m.2", "milk 4"), ("m.3", "rice 5")]
    assert result(bench, log) == "12"
    assert log.view.status == "finished"


def test_items_are_shown_last_and_the_whole_list_to_nobody(bench: Bench) -> None:
    played = engine(price="1", total="answer = len(m)")
    bench.carry(played, plan=MAP, given={"inputs": {"notes": NOTES}, "attached": ("notes",)})
    items = [one.prompt.text for one in played.requests if "price" in instruction_of(one.prompt)]
    assert len(items) == 3 and all("# Passage\n" in text and text.count("tea 3") <= 1 for text in items)
    assert all(NOTES not in one.prompt.text for one in played.requests)


def test_an_item_is_rerun_alone_and_makes_the_list_stale(bench: Bench) -> None:
    log = bench.command(engine(price="7", total="answer = sum(m)"), _map(bench), Rerun(("m.2",)))
    stale = {step.step.id for step in log.view.steps.values() if step.stale}
    assert stale == {"m"}
    log = bench.command(engine(price="7", total="answer = sum(m)"), log, Rerun(down=True))
    assert result(bench, log) == "15"
    assert not [step for step in log.view.steps.values() if step.stale]


def test_a_map_over_a_result_follows_it(bench: Bench) -> None:
    plan = "s1: names\nm [kind=map over=s1]: greet"
    log = bench.carry(engine(names='["Ann", "Bob"]', greet=["hi Ann", "hi Bob"]), plan=plan)
    assert result(bench, log) == "hi Ann\n\nhi Bob"
    log = bench.command(engine(names='["Ann", "Cid", "Eve"]', greet="hello"), log, Rerun(("s1",), down=True))
    items = [step.item for step in log.view.plan if step.parent == "m"]
    assert items == ["Ann", "Cid", "Eve"]
    assert len([line for line in result(bench, log).splitlines() if line]) == 3


def test_a_map_over_nothing_says_so(bench: Bench) -> None:
    log = bench.carry(engine(), plan="m [kind=map over=notse]: price", given={"inputs": {"notes": NOTES}})
    assert log.view.status == "failed" and "not an input" in log.view.error
    assert "over=notes" in log.view.hint


def test_documents_are_mapped_by_passage(bench: Bench) -> None:
    given = {"documents": (Document("a.md", "# One\n\nfirst\n\n# Two\n\nsecond"),)}
    log = bench.carry(engine(sum="s"), plan="m [kind=map over=docs]: sum", given=given)
    assert len([step for step in log.view.plan if step.parent == "m"]) == 2


def test_a_long_input_is_mapped_and_its_end_is_seen(bench: Bench) -> None:
    text = "What is the secret in [doc]?"
    doc = "\n\n".join(f"Paragraph {number} about nothing in particular, with many words in it." for number in range(80))
    given = {"inputs": {"doc": doc + "\n\nThe secret is 42."}, "attached": ("doc",)}
    played = engine(context_length=512, **{text: "42", ENGLISH.extract: "Invented."})
    log = bench.carry(played, text=text, given=given, retries=0)
    assert (log.view.strategy, log.view.why) == ("map", "doc is longer than one step can read")
    assert any("The secret is 42." in one.prompt.text for one in played.requests)
    assert statuses(log)["s2"] == "finished"
    assert "Invented" not in played.requests[-1].prompt.text and "# Input: doc" not in played.requests[-1].prompt.text


def test_what_is_copied_from_a_passage_has_to_stand_there(bench: Bench) -> None:
    text = "What is the secret in [doc]?"
    doc = "The mill is old. \n\n" + "The secret is 42. Nobody knows it."
    played = engine(**{text: "42", ENGLISH.extract: "The secret is 7. the secret is 42"})
    log = bench.carry(played, text=text, given={"inputs": {"doc": doc}, "attached": ("doc",)}, strategy="map")
    assert bench.store.blob(log.view.steps["s1"].output) == "The secret is 42."


def test_a_map_under_a_pattern_gives_its_words(bench: Bench) -> None:
    plan = 'm [kind=map over=notes regex="[a-z]+"]: price'
    given = {"inputs": {"notes": NOTES}, "attached": ("notes",)}
    assert (
        result(bench, bench.carry(engine(price=["low", "high", "low"]), plan=plan, given=given)) == "low\n\nhigh\n\nlow"
    )


def test_what_is_cut_is_a_warning_also_where_it_is_reused(bench: Bench) -> None:
    text, given = "Sum up [doc].", {"inputs": {"doc": " ".join(map(str, range(3000)))}, "attached": ("doc",)}
    log = bench.carry(engine(context_length=512), text=text, given=given, strategy="direct")
    assert ("s1", "doc was cut to fit") in log.view.warnings
    silent = engine(context_length=512)
    again = bench.carry(silent, run_id="r2", text=text, given=given, strategy="direct")
    assert not silent.requests and again.view.warnings == log.view.warnings


# ---------------------------------------------------------------- tables

SALES = """These are the notes of a shop:
- Monday: Ann sold 12 lamps.
- On Tuesday, Bob sold 7 lamps.
- Ann sold 5 chairs on Friday.
- 4 lamps, sold by Ann on Sunday.

How many lamps did Ann sell?"""
ASKED = "These are the notes of a shop:\n(a list of 4 items)\n\nHow many lamps did Ann sell?"
COLUMNS = '{"columns":[{"name":"who","type":"text"},{"name":"what","type":"text"},{"name":"n","type":"number"}]}'
ROWS = [
    '{"who":"Ann","what":"lamps","n":12}',
    '{"who":"Bob","what":"lamps","n":7}',
    '{"who":"Ann","what":"chairs","n":5}',
    '{"who":"Ann","what":"lamps","n":4}',
]
SOLVE = "def solve(rows):\n    return sum(r['n'] for r in rows if r['who'] == 'Ann' and r['what'] == 'lamps')"


def _sales(**more: Any) -> Any:
    return engine(COLUMNS, **{ENGLISH.fill: ROWS, ASKED: SOLVE, **more})


def test_a_question_over_a_list_is_answered_from_a_table(bench: Bench) -> None:
    played = _sales()
    log = bench.carry(played, text=SALES)
    assert (log.view.strategy, log.view.why) == ("map", "the answer has to be computed from a list")
    assert (log.view.status, result(bench, log)) == ("finished", "16")
    assert [step.item for step in log.view.plan if step.parent == "rows"][-1] == "4 lamps, sold by Ann on Sunday."
    plan, *rows, answer = (one.prompt.text for one in played.requests)
    assert ENGLISH.table in plan and SALES in plan and "understand" not in log.view.steps
    assert all(SALES not in text and text.count("lamps") + text.count("chairs") == 1 for text in rows)
    assert 'row["what"]: one of "lamps", "chairs"' in answer and "`solve(rows)`" in answer
    assert "Ann sold 5 chairs" not in answer and '"n": 12' not in answer


def test_what_the_question_asks_about_is_a_column_though_the_planner_named_none(bench: Bench) -> None:
    few = '{"columns":[{"name":"who","type":"text"},{"name":"n","type":"number"}]}'
    rows = [f'{{"who":"{who}","n":{n}}}' for who, n in (("Ann", 12), ("Bob", 7), ("Ann", 5), ("Ann", 4))]
    solve = "def solve(rows):\n    return sum(r['n'] for r in rows if r['who'] == 'Ann' and r['lamps'])"
    played = engine(few, **{ENGLISH.fill: rows, ASKED: solve})
    log = bench.carry(played, text=SALES)
    assert result(bench, log) == "16"
    assert 'row["lamps"]: True or False' in played.requests[-1].prompt.text
    assert '{"who": "Ann", "n": 5, "lamps": false}' in bench.store.blob(log.view.steps["rows"].output)


@pytest.mark.parametrize(
    ("question", "items", "rows", "added"),
    [
        ("How many lamps did Ann sell?", ["Ann: 3 lamps", "Bob: 2 chairs"], [{"n": 3}, {"n": 2}], ["lamps", "Ann"]),
        ("How many lamps?", ["3 lamps", "2 chairs"], [{"what": "lamps"}, {"what": "chairs"}], []),
        ("How many lamps?", ["3 lamps", "2 chairs"], [{"lamps": 3}, {"lamps": None}], []),
        ("How many lamps were delivered?", ["3 lamps delivered", "took 2 lamps"], [{"n": 3}, {"n": 2}], []),
        (
            "一共收了多少公斤豆角？",
            ["收了3公斤豆角", "豆角4公斤", "2公斤萝卜"],
            [{"n": 3}, {"n": 4}, {"n": 2}],
            ["豆角"],
        ),
        ("一共卖出多少公斤水果？", ["卖出3公斤苹果", "苹果2公斤"], [{"n": 3}, {"n": 2}], []),
        ("小红收了多少公斤？", ["小红收了3公斤", "小刚收了2公斤"], [{"人": "小红"}, {"人": "小刚"}], []),
    ],
)
def test_only_what_tells_items_apart_and_is_in_no_column_is_added(
    question: str, items: list[str], rows: list[Any], added: list[str]
) -> None:
    found = with_asked(question, items, rows)
    assert [sorted({*row} - {*before}) for row, before in zip(found, rows, strict=True)] == [sorted(added)] * len(rows)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("item", "numbers"),
    [
        ("Ann sold 12 lamps for 3.50 euros", [12, 3.5, None]),
        ("1,250 lamps, 1,250 sold, 007 and 0.5 left", [1250, 7, 0.5, None]),
        ("At 10:30 Ann sold 7", [7, None]),
        ("Ann sold twelve of 40 lamps", None),
        ("Ann sold lamps", None),
        ("小红摘了12公斤，用了三天", None),
        ("小红摘了12公斤", [12, None]),
    ],
)
def test_a_row_has_no_number_that_its_item_does_not_have(item: str, numbers: list[float | None] | None) -> None:
    plan = TablePlan("task", "How many?", ENGLISH)
    plan.feed(COLUMNS)
    row = plan.finish()[0].step.constraint
    assert row is not None
    found = json.loads(filled_from(item, row).text)["properties"]
    assert found["n"] == ({"type": ["number", "null"]} if numbers is None else {"enum": numbers})
    assert found["who"] == {"type": "string", "maxLength": 60}


def test_a_row_that_changes_makes_the_answer_stale_though_its_prompt_stays(bench: Bench) -> None:
    log = bench.carry(_sales(), text=SALES)
    other = _sales(**{ENGLISH.fill: '{"who":"Bob","what":"lamps","n":4}'})
    log = bench.command(other, log, Rerun(("rows.4",), down=True))
    assert result(bench, log) == "12"
    assert not [step for step in log.view.steps.values() if step.stale]


def test_other_columns_make_other_rows(bench: Bench) -> None:
    log = bench.carry(_sales(), text=SALES)
    fewer = '{"columns":[{"name":"who","type":"text"},{"name":"n","type":"number"}]}'
    other = engine(fewer, **{ENGLISH.fill: '{"who":"Ann","n":null}', ASKED: "def solve(rows):\n    return len(rows)"})
    log = bench.command(other, log, Rerun(("plan",), reuse="refresh"))
    assert (log.view.status, result(bench, log)) == ("finished", "4")
    assert all('"what"' not in one.constraint.text for one in log.view.plan if one.constraint)


def test_a_plan_without_columns_is_asked_for_again(bench: Bench) -> None:
    played = engine("", plan=['{"columns":[]}', COLUMNS], **{ENGLISH.fill: ROWS, ASKED: SOLVE})
    log = bench.carry(played, text=SALES)
    assert [one.status for one in log.view.steps["plan"].attempts] == ["failed", "finished"]
    assert result(bench, log) == "16"


@pytest.mark.parametrize("place", ["text", "input"])
def test_a_long_list_is_worked_off_though_no_step_could_be_shown_all_of_it(bench: Bench, place: str) -> None:
    notes = "\n".join(f"Ann sold {number} lamps" for number in range(1, 301))
    asked = "How many lamps did Ann sell? [notes]" if place == "input" else f"How many lamps did Ann sell?\n{notes}"
    given = {"inputs": {"notes": notes}, "attached": ("notes",)} if place == "input" else None
    played = engine(COLUMNS, context_length=2048)
    log = bench.carry(played, text=asked, given=given, plan_only=True)
    assert (log.view.strategy, log.view.status, log.view.warnings) == ("map", "finished", ())
    planner = played.requests[0].prompt.text
    assert "Ann sold 12 lamps" in planner and "Ann sold 13 lamps" not in planner


def test_without_a_table_the_task_is_done_in_one_step(bench: Bench) -> None:
    same = '{"columns":[{"name":"date","type":"text"},{"name":"date","type":"text"}]}'
    log = bench.carry(engine(same, **{SALES: "She sold 16."}), text=SALES)
    assert [one.status for one in log.view.steps["plan"].attempts] == ["failed", "failed"]
    assert (log.view.status, result(bench, log)) == ("finished", "She sold 16.")
    assert any("no table could be planned" in one.reason for one in log.view.revisions)


def test_the_list_may_be_an_input(bench: Bench) -> None:
    text = "How many lamps did Ann sell? See [notes]."
    notes = "\n".join(line[2:] for line in SALES.splitlines() if line.startswith("- "))
    played = engine(COLUMNS, **{ENGLISH.fill: ROWS, text: SOLVE})
    log = bench.carry(played, text=text, given={"inputs": {"notes": notes}, "attached": ("notes",)})
    assert (log.view.strategy, result(bench, log)) == ("map", "16")
    assert notes not in played.requests[-1].prompt.text


def test_data_is_computed_with_at_once(bench: Bench) -> None:
    text = "What is the average of [prices]?"
    played = engine(**{text: "def solve(prices):\n    return sum(prices) / len(prices)"})
    log = bench.carry(played, text=text, given={"inputs": {"prices": "[3, 4, 8]"}, "attached": ("prices",)})
    assert (log.view.strategy, result(bench, log)) == ("code", "5")


# ---------------------------------------------------------------- checks

CHECKED = "s1: advantages\nc [kind=check]: It names three advantages. <- s1\ns2: verdict <- s1, c"
JUDGED = "It names three advantages."
GOOD, BAD = '{"reason":"Three are named.","good":true}', '{"reason":"Only two are named.","good":false}'


def test_a_fault_that_a_check_finds_goes_back_to_what_it_checks(bench: Bench) -> None:
    played = engine(advantages=["two", "three"], **{JUDGED: [BAD, GOOD]})
    log = bench.carry(played, plan=CHECKED)
    assert [one.status for one in log.view.steps["c"].attempts] == ["failed", "finished"]
    assert log.view.steps["c"].attempts[0].error == "The check found a fault: Only two are named."
    again = [one.prompt.text for one in played.requests if instruction_of(one.prompt) == "advantages"][1]
    assert "Only two are named." in again
    assert (log.view.status, result(bench, log)) == ("finished", "<verdict>")
    assert "three" in played.requests[-1].prompt.text and log.view.steps["s1"].chosen == 2


def test_a_fault_that_stays_fails_the_check_and_is_reviewed(bench: Bench) -> None:
    added = '{"changes":[{"op":"drop","id":"c"},{"op":"reword","id":"s2","instruction":"verdict","needs":["s1"]}]}'
    played = engine(advantages=["two", "two again"], review=added, **{JUDGED: BAD})
    log = bench.carry(played, plan=CHECKED)
    assert (log.view.status, statuses(log)["s2"]) == ("failed", "skipped")
    assert "Only two are named." in log.view.error
    log = bench.carry(
        engine(advantages=["two", "too"], review=added, **{JUDGED: BAD}), run_id="r2", plan=CHECKED, replan=1
    )
    assert "review.1" in log.view.steps


def test_a_check_is_no_deliverable_and_is_rerun_alone(bench: Bench) -> None:
    plan = "s1: advantages\nc [kind=check]: It names three advantages. <- s1"
    log = bench.carry(engine(advantages="three", **{JUDGED: GOOD}), plan=plan)
    assert result(bench, log) == "three"
    log = bench.command(engine(advantages="other", **{JUDGED: BAD}), log, Rerun(("c",), reuse="refresh"))
    assert [one.status for one in log.view.steps["c"].attempts] == ["finished", "failed"]
    assert len(log.view.steps["s1"].attempts) == 1


def test_a_check_needs_something_to_check(bench: Bench) -> None:
    with pytest.raises(PlanError, match="checks nothing") as refused:
        parse_plan("s1: advantages\nc [kind=check]: It names three.")
    assert refused.value.hint == "c [kind=check]: … <- s1"


def test_an_engine_that_fails_is_no_reason_to_do_without_a_table(bench: Bench) -> None:
    log = bench.carry(engine(plan=Answer("", fail=Fail(0, "no memory"))), text=SALES)
    assert log.view.status == "failed" and "no memory" in log.view.error
    assert [step.id for step in log.view.plan] == []


def test_without_retries_a_fault_only_fails_the_check(bench: Bench) -> None:
    log = bench.carry(engine(**{JUDGED: BAD}), plan=CHECKED, retries=0)
    assert len(log.view.steps["s1"].attempts) == 1 and log.view.status == "failed"


def test_a_condition_that_is_not_met_is_told_and_tried_again(bench: Bench) -> None:
    plan = 's1 [check_code="len(output) < 6"]: advantages'
    played = engine(advantages=["much too long", "short"])
    log = bench.carry(played, plan=plan)
    assert [one.status for one in log.view.steps["s1"].attempts] == ["failed", "finished"]
    assert "len(output) < 6" in played.requests[1].prompt.text and result(bench, log) == "short"


def test_a_condition_sees_values_and_needed_results(bench: Bench) -> None:
    plan = 's1: prices\ns2 [kind=code check_code="output > max(s1)"]: total <- s1'
    log = bench.carry(engine(prices="[3, 4]", total="answer = sum(s1)"), plan=plan)
    assert (log.view.status, result(bench, log)) == ("finished", "7")


@pytest.mark.parametrize(("condition", "named"), [("len(outptu) < 6", "NameError"), ("while True: pass", "limit")])
def test_a_condition_that_fails_itself_is_named(bench: Bench, condition: str, named: str) -> None:
    log = bench.carry(engine(), plan=f's1 [check_code="{condition}"]: advantages')
    assert log.view.status == "failed" and named in log.view.error and len(log.view.steps["s1"].attempts) == 1


@pytest.mark.parametrize("check", ['check="[0-9]"', 'check_code="output < 5"'])
def test_each_item_of_a_map_is_checked(bench: Bench, check: str) -> None:
    given = {"inputs": {"notes": NOTES}, "attached": ("notes",)}
    log = bench.carry(
        engine(price=["3", "ten", "50", "4", "4"]), plan=f"m [kind=map over=notes {check}]: price", given=given
    )
    assert (log.view.status, result(bench, log)) == ("finished", "3\n\n4\n\n4")
