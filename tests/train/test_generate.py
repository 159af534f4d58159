"""The prompts that vnb-tiny is trained on are the prompts that vnb sends, and the split keeps compositions apart."""

from __future__ import annotations

import json
import random

import pytest

from train.generate import FULL, calls, plan_answer, prompt, tree, trunk
from train.tasks import FAMILIES, articles
from train.tasks.base import Problem, on_side, side_of
from train.tasks.review import reviews
from train.tasks.topics import DEMO_TOPICS, TOPICS_EN, TOPICS_ZH, characters
from vnb.core import dag
from vnb.core.digest import digest
from vnb.core.types import Step
from vnb.planner.parse import parse_plan
from vnb.planner.prompts import COMPACT

PROMPTS = "97b37f698d2a44bd93dd7cec14dfab26"
"""Digest of what the compact profile makes of the fixtures. If it changes, vnb-tiny no longer understands vnb."""


TASK = Problem("fixture", (), "Double 3, then add 4.", (), "", "", "", "", inputs=(("facts", "Meg boss: Kim."),))


def rendered() -> list[str]:
    """Every kind of compact prompt once, from fixed words, with the schemas that the answers are decoded under."""
    notes = ["s2: add 4 to #1 <- s1", "Problem: s2: the step failed"]
    texts = [
        prompt(TASK, "understand"),
        prompt(TASK, "plan"),
        prompt(TASK, "work", "double 3"),
        prompt(TASK, "work", "add #1 to #2", [(1, "6"), (2, "4")]),
        prompt(TASK, "review", results=[(1, "6")], notes=notes),
        prompt(TASK, "integrate", results=[(2, "10")]),
        prompt(TASK, "work"),
    ]
    return texts + [c.text for role in ("understand", "plan", "review") if (c := COMPACT.constraint(role, (2, 8)))]


def test_the_prompts_are_those_that_the_weights_were_trained_on() -> None:
    assert digest(rendered()) == PROMPTS


SIDES = ("train", "dev", "held")
SPLIT = "0727aaef"
"""Digest of the sides of some compositions. If it changes, what was held out is no longer what the card measured."""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_sides_of_the_split_do_not_meet(family: str) -> None:
    rng = random.Random(3)
    keys: dict[str, set[tuple[str, ...]]] = {side: set() for side in SIDES}
    for side in SIDES:
        for _ in range(150):
            problem = FAMILIES[family](rng, rng.choice((3, 4)), side)
            key = (problem.topic,) if family == "article" else problem.key
            keys[side].add(key)
            name = "topic" if family == "article" else family
            assert key[0] in DEMO_TOPICS or on_side(side, name, key)
    assert all(keys.values())
    assert not keys["train"] & keys["held"] and not keys["train"] & keys["dev"] and not keys["dev"] & keys["held"]


def test_the_split_is_the_one_that_was_measured() -> None:
    keys = [
        ("add", "dbl"),
        ("reverse", "sort", "swap"),
        ("boss", "city"),
        ("tides",),
        ("人工智能",),
        ("city", "job", "age"),
    ]
    assert digest([[side_of(family, key) for key in keys] for family in (*FAMILIES, "topic")])[:8] == SPLIT


def test_every_listed_topic_can_be_copied_character_by_character() -> None:
    known = set(characters())
    assert len(known) == 3755
    assert all(set(topic) <= known for topic in TOPICS_ZH)
    assert len(set(TOPICS_EN)) == len(TOPICS_EN) and len(set(TOPICS_ZH)) == len(TOPICS_ZH)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_call_begins_with_the_trunk_of_its_task(family: str) -> None:
    rng = random.Random(4)
    for _ in range(20):
        problem = FAMILIES[family](rng, 3, None)
        assert all(text.startswith(trunk(problem) + "\n") for _, text, _ in calls(problem))


@pytest.mark.parametrize("family", FAMILIES)
def test_right_plans_are_plans(family: str) -> None:
    rng = random.Random(5)
    for depth in (2, 3, 5, 6, 8):
        listed = json.loads(plan_answer(FAMILIES[family](rng, depth, None)))["steps"]
        assert 2 <= len(listed) <= 8
        dag.validate([Step(one["id"], one["instruction"], tuple(one["needs"])) for one in listed])


def test_a_part_is_on_its_topic_and_no_other() -> None:
    rng = random.Random(6)
    for language, name, topic in (("en", "history", "tides"), ("zh", "未来", "人工智能")):
        for _ in range(50):
            text = articles.part(rng, language, name, topic)
            assert articles.on_topic(language, name, topic, text)
            assert not articles.on_topic(language, name, "x", text)
            assert not articles.on_topic(language, "present" if language == "en" else "现状", topic, text)


def test_a_review_is_shown_the_failed_step_as_vnb_prints_it() -> None:
    rng = random.Random(8)
    found = [review for _ in range(200) for review in reviews(rng, FAMILIES["list"](rng, 3, None))]
    checked = [notes for _, notes, changes in found if changes and "[check=" in notes[0]]
    assert checked
    for notes in checked:
        (step,) = parse_plan(notes[0].split(" <- ")[0]).steps
        assert step.check and f"does not match its check, {step.check.text!r}" in notes[-1]


def test_samples_repeat_by_seed() -> None:
    assert tree(random.Random(9), FULL) == tree(random.Random(9), FULL)
