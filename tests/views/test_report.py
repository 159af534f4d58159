"""The page of a run: whole, harmless, bounded, and sure to load nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.fixtures import NAMES, load, moments
from tests.fixtures.scenes import parts
from tests.fixtures.writer import Writer
from tests.views import test_html
from tests.views.test_html import long_run
from vnb.core import events as ev
from vnb.core.types import Step, Task
from vnb.core.view import RunView
from vnb.planner.parse import print_plan
from vnb.views import report
from vnb.views.rows import Blobs

TAGS = test_html.TAGS | {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "article", "footer"),
    *("h1", "h2", "h3", "h4", "a", "i", "b", "span", "ul", "li"),
}
ATTRIBUTES = test_html.ATTRIBUTES | {
    "aria-label",
    "charset",
    "class",
    "content",
    "href",
    "http-equiv",
    "id",
    "lang",
    "name",
}
STYLES = test_html.STYLES | {"left", "width"}
VOID = {"br", "meta"}


class Page(test_html.Page):
    """Checks every tag and attribute as it comes, and keeps the text, the ids and the addresses."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            assert name != "href" or (value or "").startswith("#"), value
            if name == "style":
                assert value is not None
                assert {rule.split(":")[0].strip() for rule in value.split(";")} <= STYLES
                assert "url" not in value
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"

    def all(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.seen if (value := attributes.get(attribute)) is not None]


def rendered(view: RunView, blobs: Blobs, now: float) -> str:
    plan = print_plan(view.plan)
    return report.render(view, blobs, now, plan=plan, made="%vexport r a.html", seal=f"vnb-export:r:{'0' * 32}")


def shown(name: str) -> str:
    fixture = load(name)
    *_, view = moments(name)
    return rendered(view, fixture["blobs"], fixture["now"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_and_nothing_is_asked_for(name: str) -> None:
    page = Page(shown(name))
    (policy,) = (at["content"] for _, at in page.seen if at.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert {"default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"} <= set(policy.split("; "))
    (style,) = re.findall(r"<style>(.*?)</style>", shown(name), re.DOTALL)
    assert not re.search(r"url\(|@import|https?:|expression", style)
    assert {address[1:] for address in page.all("href")} <= set(page.all("id")), "every link leads somewhere"


@pytest.mark.parametrize("name", ["article", "failed", "rerun"])
def test_every_moment_of_a_run_can_be_written(name: str) -> None:
    fixture = load(name)
    for view in moments(name):
        Page(rendered(view, fixture["blobs"], fixture["now"]))


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
            texts += [str(attempt.sampling.seed)] if attempt.key else []
            for text in texts:
                assert re.sub(r"\s+", "", text) in flat


def test_marks_of_what_was_rerun_edited_and_chosen() -> None:
    page = Page(shown("rerun"))
    marks = re.findall(r'<span class="mark">(.*?)</span>', shown("rerun"))
    assert {"stale", "edited", "attempt 2 of 3", "chosen"} <= set(marks)
    assert "stale: its instruction was edited" in page.text and "Instruction (edited)" in page.text
    assert "rejected: Attempt 3 of s1 failed" in page.text


def test_a_failure_stands_first_and_what_it_changed_is_told() -> None:
    source = shown("failed")
    assert source.index("Step s5 failed: the engine stopped answering.") < source.index("<h2>")
    page = Page(source)
    assert "A chart cannot be drawn from text that is not JSON." in page.text
    assert "superseded: Replaced by s5." in page.text and "skipped: It needs s5, which failed." in page.text
    assert 'class="step superseded"' in source


def test_it_says_where_it_comes_from() -> None:
    page = Page(shown("forked"))
    for fact in ("diamond@", "reused", "diamond:left#1", "scripted:1", "2025-10-09 08:53:20 UTC", "%vexport r a.html"):
        assert fact in page.text
    assert "This page is large" not in page.text


def test_costs_add_up() -> None:
    (rows,) = re.findall(r"What each role cost.*?<tbody>(.*?)</tbody>", shown("article"), re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(?:<div[^>]*>)?([^<]*)", row) for row in rows.split("</tr>") if row.strip()]
    assert [row[0] for row in cells] == ["understand", "plan", "work", "integrate", "all"]
    assert [row[1] for row in cells] == ["1", "1", "3", "1", "6"]
    for column in range(1, 7):
        assert sum(int(row[column].replace(",", "")) for row in cells[:-1]) == int(cells[-1][column].replace(",", ""))


@pytest.mark.parametrize("name", NAMES)
def test_bars_lie_on_their_lanes(name: str) -> None:
    for lane in re.findall(r'<div class="lane">(.*?)</div>', shown(name)):
        for left, width in re.findall(r"left:([\d.]+)%;width:([\d.]+)%", lane):
            assert float(left) + float(width) < 100.1


# ---------------------------------------------------------------- bounds


def texts(count: int, length: int) -> Iterator[str]:
    return (f"{number} " + "<&>" * (length // 3) for number in range(count))


def test_a_thousand_steps_fit_and_what_does_not_is_said() -> None:
    w = long_run(1_000, "short")
    for step, text in zip(w.view.steps.values(), texts(1_000, 9_000)):
        step.attempts[0].output = w.keep(text)
    source = rendered(w.view, w.blobs, w.now)
    assert len(source.encode()) < 1.1 * report.LIMIT
    page = Page(source)
    assert re.search(r"long texts shown in part: 1,0\d\d. All of it: %vexport long FILE.jsonl", page.text)
    assert "s999" in page.text and len([at for tag, at in page.seen if tag == "article"]) == 1_000


def test_what_is_small_is_whole() -> None:
    w = long_run(300, "A sentence or two. " * 40)
    page = Page(rendered(w.view, w.blobs, w.now))
    assert "This page is large" not in page.text and "not shown" not in page.text


def test_many_attempts_and_long_names_stay_within_bounds() -> None:
    w = Writer("retries", Task("t", "&" * 5_000, inputs={"&" * 500: "&" * 500_000}))
    w.plan(*(Step(f"{'&' * 300}{number}", "&" * 5_000, title="&" * 500) for number in range(500)))
    name = next(iter(w.view.steps))
    for _ in range(300):
        number = w.start(name, parts("Try."))
        w.add(ev.StepFailed(name, number, "No. " * 500, "%vrerun s1"))
    source = rendered(w.view, w.blobs, w.now)
    assert len(source.encode()) < 1.2 * report.LIMIT
    assert "250 earlier attempts are not shown" in Page(source).text
