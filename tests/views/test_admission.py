"""Why a request went when it did, in words, and where that is told."""

from __future__ import annotations

from dataclasses import replace

from tests.fixtures import events
from tests.fixtures.writer import EPOCH
from vnb.core.fold import Fold
from vnb.core.types import Admission
from vnb.core.view import RunView
from vnb.views import admission, html, markdown_report, report

NOW = EPOCH + 30
SAID = {"plan": "", "made": "", "seal": ""}


def diamond() -> RunView:
    return Fold.of(events("diamond")).view


def test_steps_are_named_and_requests_of_other_runs_counted() -> None:
    view = diamond()
    left, right = (view.steps[step].attempts[0] for step in ("left", "right"))
    assert admission.words(view, view.steps["top"].attempts[0]) == ""
    assert admission.words(view, left) == (
        "3 pages of the KV cache, 1 of them shared with another request; went before another request, "
        "which came earlier; waited for a free slot"
    )
    assert admission.words(view, right) == (
        "3 pages of the KV cache, 2 of them shared with left, 1 other request; went before another request, "
        "which came earlier"
    )
    right.admission = Admission(12, 1, waited="pages")
    assert admission.words(view, right) == "1 page of the KV cache; waited for free pages"


def test_a_step_of_several_attempts_is_named_with_the_one_that_was_there() -> None:
    view = diamond()
    left, right = (view.steps[step].attempts[0] for step in ("left", "right"))
    later = replace(left, number=2, started_at=left.started_at + 99, ended_at=left.ended_at + 99)
    view.steps["left"].attempts.append(later)  # the engine was loaded again, and counts its requests anew
    assert "shared with left#1, 1 other request;" in admission.words(view, right)
    later.engine = left.engine = "another engine"
    assert "shared with 2 other requests;" in admission.words(view, right)


def test_it_is_told_with_the_times_of_the_attempts() -> None:
    view = diamond()
    page = html.render(view, {}, NOW)
    timeline = page[page.index("<strong>Timeline") :]
    assert "The order of the requests" in timeline and "2 of them shared with left, 1 other request" in timeline
    for written in (report.render(view, {}, NOW, **SAID), markdown_report.render(view, {}, NOW, **SAID)):
        assert "2 of them shared with left, 1 other request; went before another request" in written
    quiet = html.render(Fold.of(events("article")).view, {}, NOW)
    assert "The order of the requests" not in quiet
