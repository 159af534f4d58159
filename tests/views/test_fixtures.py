"""The shared fixtures are current, fold event by event, and hold everything that a run can go through."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import get_args

import pytest

from tests.fixtures import NAMES, events, load, moments
from tests.fixtures.make import text
from tests.fixtures.scenes import SCENES
from tests.fixtures.writer import Writer
from vnb.core import types
from vnb.core.codec import BODIES, decode_event, encode_event
from vnb.core.fold import Fold
from vnb.views.snapshot import encode_view


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_fixture_is_what_its_scene_makes(scene: Callable[[], Writer]) -> None:
    name = scene.__name__
    assert load(name) == json.loads(text(scene())), "python tests/fixtures/make.py"


def test_every_file_has_a_scene() -> None:
    assert sorted(NAMES) == sorted(scene.__name__ for scene in SCENES)


@pytest.mark.parametrize("name", NAMES)
def test_events_fold_into_the_view_beside_them(name: str) -> None:
    fixture = load(name)
    fold = Fold()
    for seq, event in enumerate(fixture["events"], 1):
        fold.apply(decode_event(event))
        assert fold.view.seq == seq
    assert encode_view(fold.view) == fixture["view"]


@pytest.mark.parametrize("name", NAMES)
def test_events_come_back_from_json_unchanged(name: str) -> None:
    assert [encode_event(event) for event in events(name)] == load(name)["events"]


@pytest.mark.parametrize("name", NAMES)
def test_every_text_that_the_view_names_is_there(name: str) -> None:
    fixture, view = load(name), list(moments(name))[-1]
    digests = {view.output}
    for step in view.steps.values():
        for attempt in step.attempts:
            digests |= {attempt.output, attempt.prompt}
            digests |= {part.digest for part in attempt.context.parts} if attempt.context else set()
    assert digests - {""} <= fixture["blobs"].keys()


def test_every_event_body_occurs() -> None:
    assert {event["type"] for name in NAMES for event in load(name)["events"]} == BODIES.keys()


def test_every_status_occurs() -> None:
    runs, steps, attempts = set(), set(), set()
    for name in NAMES:
        for view in moments(name):
            runs.add(view.status)
            steps |= {step.status for step in view.steps.values()}
            attempts |= {attempt.status for step in view.steps.values() for attempt in step.attempts}
    assert runs == set(get_args(types.RunStatus)) - {"interrupted"}, "a killed run has no event that says so"
    assert steps == set(get_args(types.StepStatus))
    assert attempts == set(get_args(types.AttemptStatus))
