"""The run as Markdown: whole, bounded, and nothing in it becomes HTML, a picture or a bad link."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given

from tests.fixtures import NAMES, load, moments
from tests.views.test_html import long_run
from tests.views.test_markdown import NASTY, Page
from vnb.core.types import Task
from vnb.core.view import RunView
from vnb.planner.parse import print_plan
from vnb.views import markdown_report
from vnb.views.rows import Blobs


def rendered(view: RunView, blobs: Blobs, now: float) -> str:
    plan = print_plan(view.plan)
    return markdown_report.render(view, blobs, now, plan=plan, made="%vexport r a.md", seal=f"vnb-export:r:{'0' * 32}")


def shown(name: str) -> str:
    fixture = load(name)
    *_, view = moments(name)
    return rendered(view, fixture["blobs"], fixture["now"])


@pytest.mark.parametrize("name", NAMES)
def test_no_run_becomes_markup(name: str) -> None:
    source = shown(name)
    page = Page(source)
    source.encode("utf-8")
    assert "vnb-export" in source and "vnb-export" not in page.text, "the seal is not for readers"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", source)


@given(NASTY)
def test_no_text_leaves_its_place(said: str) -> None:
    view = RunView(run_id="r", task=Task("t", said, inputs={said: said}), error=said, hint=said, output="d")
    page = Page(rendered(view, {"d": said}, 0.0))
    assert "Provenance" in page.text and "Provenance" not in "".join(page.codes)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"hostile"}))
def test_every_attempt_is_there_with_what_it_put_out_and_was_shown(name: str) -> None:
    fixture, flat = load(name), re.sub(r"\s+", "", Page(shown(name)).text)
    *_, view = moments(name)
    for step in view.steps.values():
        for attempt in step.attempts:
            program = attempt.program
            output = fixture["blobs"][attempt.output] if attempt.output else attempt.text
            texts = [program.source, program.printed, program.result] if program else [output]
            texts += [attempt.error, attempt.key]
            texts += [fixture["blobs"][part.digest] for part in (attempt.context.parts if attempt.context else ())]
            for text in texts:
                assert re.sub(r"\s+", "", text) in flat


def test_what_is_out_of_the_ordinary_is_said() -> None:
    page = Page(shown("rerun"))
    for words in ("Attempt 2 · finished · chosen", "stale: its instruction was edited", "edited", "Attempt 3 · failed"):
        assert words in page.text
    assert "Command choose: rejected: Attempt 3 of s1 failed" in page.text
    assert "Change 1: A chart cannot be drawn" in Page(shown("failed")).text
    assert "trimmed from 225" in Page(shown("trimmed")).text and "omitted" in Page(shown("trimmed")).text
    assert "superseded: Replaced by s5." in Page(shown("failed")).text


def test_a_thousand_steps_fit_and_what_does_not_is_said() -> None:
    w = long_run(1_000, "short")
    for number, step in enumerate(w.view.steps.values()):
        step.attempts[0].output = w.keep(json.dumps({"number": number, "text": "`" * 9_000}))
    source = rendered(w.view, w.blobs, w.now)
    assert len(source) < 1.1 * markdown_report.LIMIT
    assert "**Some texts are shown in part**; all of it: `%vexport long FILE.jsonl`" in source
    assert "s999" in source
