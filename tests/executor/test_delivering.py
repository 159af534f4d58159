"""What was asked for and made is delivered: what the plan names, in its order, and nothing of it is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vnb.engines.scripted import Fail
from vnb.executor.commands import Approve
from vnb.planner.parse import parse_plan

from .conftest import Bench, engine, plan_json, role_of, shown, statuses

VERDICT = plan_json(("s1", "Pros", []), ("s2", "Cons", []), ("s3", "Verdict", ["s1", "s2"]), deliver=["s1", "s2", "s3"])
TRIP = plan_json(("s1", "Day 1", []), ("s2", "Day 2", []), ("s3", "Pack", ["s1", "s2"]), deliver=["s1", "s2", "s3"])


def result(bench: Bench, plan: str, **begin: Any) -> str:
    return bench.store.blob(bench.carry(engine(plan), **begin).view.output)


@pytest.mark.parametrize(
    ("plan", "parts"), [(VERDICT, ["<Pros>", "<Cons>", "<Verdict>"]), (TRIP, ["<Day 1>", "<Day 2>", "<Pack>"])]
)
def test_steps_that_others_need_are_delivered_too(bench: Bench, plan: str, parts: list[str]) -> None:
    assert result(bench, plan) == "\n\n".join(parts)


def test_what_a_planner_forgets_to_name_is_delivered_last(bench: Bench) -> None:
    plan = plan_json(("s1", "a", []), ("s2", "b", []), ("s3", "c", ["s1"]), deliver=["s2"])
    assert result(bench, plan) == "<b>\n\n<c>"


def test_one_delivered_result_stands_as_it_is_and_several_come_under_their_titles(bench: Bench) -> None:
    titled = {"steps": [{"id": f"s{n}", "title": f"T{n}", "instruction": f"d{n}", "needs": []} for n in (1, 2)]}
    assert result(bench, json.dumps({**titled, "deliver": ["s2", "s1"]})) == "## T2\n\n<d2>\n\n## T1\n\n<d1>"
    chain = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), deliver=["s2"])
    assert result(bench, chain, run_id="r2", seed=1) == "<b>"


def test_the_order_in_which_a_plan_delivers_is_kept_and_written_by_hand(bench: Bench) -> None:
    plan = "s1: a\ns2: b\ns3: c <- s1, s2\n-> s3, s1"
    assert bench.store.blob(bench.carry(engine(), plan=plan).view.output) == "<c>\n\n<a>"


def test_a_schema_is_filled_from_all_results(bench: Bench) -> None:
    played = engine(VERDICT, integrate='{"pros": "p"}')
    log = bench.carry(played, schema=json.dumps({"type": "object", "required": ["pros"]}))
    assert log.view.status == "finished"
    assert shown(played.requests[-1].prompt) == ["s1", "s2", "s3"]
    played = engine(integrate='{"pros": "p"}')
    bench.carry(played, run_id="r2", plan="s1: a\ns2: b <- s1\n-> s2", schema='{"type": "object"}')
    assert shown(played.requests[-1].prompt) == ["s2", "s1"]


def test_what_a_part_of_a_split_step_made_is_not_lost_when_the_plan_delivers_it(bench: Bench) -> None:
    plan = "a: x\na.1: one\na.2: two <- a.1\nb: end <- a"
    lost = bench.carry(engine(), plan=plan)
    assert bench.store.blob(lost.view.steps["a"].output) == "<two>"
    kept = bench.carry(engine(), run_id="r2", plan=f"{plan}\n-> a, b, a.1, a.2")
    assert bench.store.blob(kept.view.steps["a"].output) == "<one>\n\n<two>"
    assert bench.store.blob(kept.view.output) == "<one>\n\n<two>\n\n<end>"


def test_a_text_that_must_be_one_is_written_from_all_results(bench: Bench) -> None:
    played = engine(VERDICT, integrate="Dear Ms Lee, pros, cons, verdict. Yours, Tom")
    text = "Write a letter about the pros and the cons of trams, and a verdict. Begin with Dear."
    log = bench.carry(played, text=text, steps=(2, 6))
    assert role_of(played.requests[-1].prompt) == "integrate"
    assert shown(played.requests[-1].prompt) == ["s1", "s2", "s3"]
    assert bench.store.blob(log.view.output).startswith("Dear Ms Lee")


def test_a_dropped_step_is_delivered_no_more_and_what_a_review_adds_is(bench: Bench) -> None:
    changes = {"changes": [{"op": "drop", "id": "s2"}, {"op": "add", "id": "s4", "instruction": "new", "needs": []}]}
    log = bench.carry(engine(VERDICT, Cons="", review=json.dumps(changes)), replan=1)
    assert log.view.deliver == ("s1", "s2", "s3")  # an empty answer is no failure, and nothing is left to change
    log = bench.carry(engine(VERDICT, Cons=Fail(0), review=json.dumps(changes)), replan=1, run_id="r2", seed=2)
    assert (log.view.status, log.view.deliver) == ("finished", ("s1", "s3", "s4"))
    assert bench.store.blob(log.view.output) == "<Pros>\n\n<Verdict>\n\n<new>"


def test_an_approved_plan_may_deliver_something_else(bench: Bench) -> None:
    log = bench.carry(engine(VERDICT), approve=True)
    assert log.view.status == "paused"
    plan = parse_plan("s1: Pros\ns2: Cons\ns3: Verdict <- s1, s2\n-> s3, s1")
    again = bench.command(engine(VERDICT), log, Approve(plan))
    assert bench.store.blob(again.view.output) == "<Verdict>\n\n<Pros>"


def test_what_is_delivered_can_be_edited_when_the_run_has_ended_and_only_that_is_made_again(bench: Bench) -> None:
    log = bench.carry(engine(VERDICT))
    silent = engine(VERDICT)
    again = bench.command(silent, log, Approve(parse_plan("s1: Pros\ns2: Cons\ns3: Verdict <- s1, s2\n-> s3")))
    assert (again.view.status, bench.store.blob(again.view.output)) == ("finished", "<Verdict>")
    assert silent.requests == []
    assert statuses(again)["integrate"] == "finished"
