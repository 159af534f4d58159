"""Runs that finished with warnings, what their results were checked for, and reasoning: the same in every view."""

from __future__ import annotations

import re

import pytest

from tests.fixtures import load, moments
from tests.views.test_html import Page
from tests.views.test_markdown import Page as MarkdownPage
from vnb.core.view import RunView
from vnb.planner.parse import print_plan
from vnb.views import bundle, checks, html, markdown, markdown_report, report, rows, text

FORMATS = ("text", "html", "markdown", "page", "report")


def rendered(name: str, form: str, view: RunView | None = None) -> str:
    """A fixture's words in one of the formats."""
    fixture = load(name)
    *_, last = moments(name)
    shown, blobs, now = view or last, fixture["blobs"], fixture["now"]
    more = {"plan": print_plan(shown.whole_plan), "made": "", "seal": "seal"}
    if form == "text":
        return text.render(shown, blobs, now, 200)
    if form == "html":
        return Page(html.render(shown, blobs, now)).text
    if form == "page":
        page = report.render(shown, blobs, now, **more)
        return re.sub("<style>.*</style>|<[^>]*>", "", page, flags=re.DOTALL).replace("&nbsp;", " ")
    source = (
        markdown.render(shown, blobs, now) if form == "markdown" else markdown_report.render(shown, blobs, now, **more)
    )
    return MarkdownPage(source).text


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_with_warnings_is_not_plainly_finished(form: str) -> None:
    shown = rendered("warned", form)
    assert "finished with warnings" in shown and "⚠" in shown
    assert "finished with warnings" not in rendered("article", form) and "⚠" not in rendered("article", form)
    for said in ("cut at the most tokens", "the answer is empty", "misses: exactly three sentences (5 sentences)"):
        assert said in shown.replace("\u00a0", " ")
    assert "cut at max tokens" not in shown, "the warning says it already"


def test_an_older_run_says_that_it_was_cut_as_before() -> None:
    assert "cut at max tokens" in rendered("trimmed", "text") and "finished ·" in rendered("trimmed", "text")


@pytest.mark.parametrize("form", FORMATS)
def test_what_the_result_was_checked_for_stands_with_it(form: str) -> None:
    shown = rendered("warned", form)
    assert "Demands of the task: 1 of 3 met" in shown
    assert "✓ End with the word Enjoy" in shown
    assert "✗ exactly three sentences: 5 sentences" in shown
    assert "✗ Do not mention the price: found" in shown


def test_without_a_step_that_integrates_the_steps_were_checked() -> None:
    *_, view = moments("reasoning")
    assert [verdict.met for verdict in checks.verdicts(view)] == [True]


@pytest.mark.parametrize("form", FORMATS)
def test_repairs_of_the_plan_are_told_with_their_reasons(form: str) -> None:
    assert re.search(
        "(plan |Change 1: |)repaired: s2 needs s3, which were planned after it; it comes after them now",
        rendered("warned", form),
    )


def test_changes_of_a_plan_that_no_planner_made_are_told_too() -> None:
    *_, view = moments("edited")
    del view.steps["plan"]
    assert "plan changed: the plan was edited" in text.render(view, {}, 0.0)


@pytest.mark.parametrize("form", FORMATS)
def test_reasoning_is_counted_and_no_part_of_what_a_step_put_out(form: str) -> None:
    shown = rendered("warned", form)
    assert "11 tokens" in shown
    *_, view = moments("warned")
    blobs = load("warned")["blobs"]
    for step in view.steps.values():
        assert "wanted" not in rows.text_of(step.attempt, blobs)
    assert ("Three sentences are wanted." in shown) == (form in ("html", "page", "report"))


def test_reasoning_is_folded_away_and_never_markup() -> None:
    fixture = load("warned")
    *_, view = moments("warned")
    source = html.render(view, fixture["blobs"], fixture["now"])
    reasoning = re.search(
        r"<details ([^>]*)><summary><strong>Reasoning</strong> · 11 tokens, [\d.]+ s</summary>", source
    )
    assert reasoning and "open" not in reasoning[1]
    assert "<b>No price.</b>" not in source and "&lt;b&gt;No price.&lt;/b&gt;" in source


def test_a_model_that_still_reasons_says_so_and_shows_the_end() -> None:
    shown = rendered("reasoning", "text")
    line, under = re.search(r"(.*s1 Count.*)\n(.*)", shown).groups()  # type: ignore[union-attr]
    assert "(reasoning …)" in line and "4x + 2(10 - x) = 28, so" in under
    line, under = re.search(r"(.*s2 Count.*)\n(.*)", shown).groups()  # type: ignore[union-attr]
    assert "(reasoned 9 tokens)" in line and under.strip("│ ") == "There are six"


def test_a_reused_output_keeps_its_warnings() -> None:
    row = next(row for row in rows.rows([*moments("reasoning")][-1]) if row.step.step.id == "s3")
    assert (row.status, row.warnings, text.words(row)) == ("warned", ["⚠ cut at the most tokens"], ["reused"])


def test_what_failed_of_itself_is_not_called_finished() -> None:
    *_, view = moments("warned")
    view.status = "failed"
    assert rows.status_of(view) == "failed"


def test_the_bundle_keeps_reasoning_warnings_and_verdicts() -> None:
    fixture = load("warned")
    *_, view = moments("warned")
    kept = bundle.document(view, fixture["blobs"], fixture["now"])["view"]
    assert kept == fixture["view"]
