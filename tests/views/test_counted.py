"""How a task was done, programs and maps: what a reader sees of them in every view."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from tests.fixtures import load, moments
from tests.fixtures.writer import Writer
from tests.views.test_html import Page
from tests.views.test_warned import FORMATS, rendered
from vnb.core import events as ev
from vnb.core.types import Change, Options, Program, Step, StepKind, Task
from vnb.core.view import RunView
from vnb.views import bundle, cells, html, items, markdown_report, programs, report, rows, snapshot, text

SOURCES = json.loads((Path(__file__).parents[1] / "fixtures" / "written" / "sources.json").read_text(encoding="utf-8"))


def seen(name: str, form: str) -> str:
    """A fixture's words in one of the formats, as one reads them."""
    return unescape(rendered(name, form)).replace("\u00a0", " ")


def last(name: str) -> RunView:
    *_, view = moments(name)
    return view


# ---------------------------------------------------------------- how a task was done


@pytest.mark.parametrize("form", FORMATS)
def test_a_choice_of_vnb_is_told_with_its_reason_and_another_way(form: str) -> None:
    said = "code: the answer has to be computed · --strategy plan does it another way"
    assert said in seen("computed", form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_choice_of_the_user_needs_no_reason(form: str) -> None:
    shown = seen("reasoning", form)
    assert "does it another way" not in shown
    assert "Strategy" not in seen("article", form), "nobody chose one"


def test_another_way_than_a_plan_is_to_ask_at_once() -> None:
    view = last("computed")
    view.strategy, view.why = "plan", "the task names 3 parts"
    assert "plan: the task names 3 parts · --strategy direct does it another way" in text.render(view, {}, 0.0)


# ---------------------------------------------------------------- programs


@pytest.mark.parametrize("form", FORMATS)
def test_what_came_of_each_attempt_is_seen_at_once(form: str) -> None:
    shown = seen("computed", form)
    assert "NameError: name 'totals' is not defined" in shown
    assert re.search(r"(?i)attempt 2.*15\.5", shown, re.DOTALL)
    if form in ("text", "html", "markdown", "page"):
        assert "attempt 1 failed: NameError: name 'totals' is not defined" in shown
        assert 'attempt 2 → {"Ada": 15.5, "Ben": 15.25, "Cleo": 4.0}' in shown


@pytest.mark.parametrize("form", ["html", "page", "report"])
def test_a_program_stands_with_what_it_printed_and_how_long_it_ran(form: str) -> None:
    shown = seen("computed", form)
    assert "for name in hours:\n    print(name, hours[name])  # <b>not markup</b>\nhours" in shown
    assert "Ada 15.5\nBen 15.25\nCleo 4.0" in shown
    assert "4.2 ms" in shown and "3.1 ms" in shown, "those that failed too"
    assert "The name was wrong:" in shown, "the words around the program are not lost"


def test_programs_are_code_and_never_markup() -> None:
    fixture, view = load("computed"), last("computed")
    source = html.render(view, fixture["blobs"], fixture["now"])
    assert re.search(r"<pre[^>]*><code>hours = \{\}\nfor line in", source)
    assert "<b>not markup</b>" not in source
    Page(source)


def test_a_program_streams_without_its_fence() -> None:
    fixture = load("computed")
    for view in moments("computed"):
        if "s1" in view.steps and len(view.steps["s1"].attempts) == 2 and len(view.steps["s1"].attempts[1].tokens) > 20:
            break
    page = Page(html.render(view, fixture["blobs"], fixture["now"])).text
    assert re.search(r"Program so far\s*hours = \{\}\n", page)
    assert "```" not in text.render(view, fixture["blobs"], fixture["now"])


@pytest.mark.parametrize(("answer", "source"), SOURCES)
def test_the_program_of_an_answer(answer: str, source: str) -> None:
    assert programs.source_in(answer) == source


def test_a_code_step_that_gave_up_says_all_its_errors() -> None:
    w = Writer("gave-up", Task("t", "Compute."))
    w.plan(Step("s1", "Compute.", kind="code"))
    for error in ("SyntaxError: '(' was never closed", "TimeoutError: it ran for more than 5 s"):
        number = w.start("s1", [("instruction", "step", "Compute.")])
        w.prefill("s1")
        w.decode("s1", "print(")
        w.add(ev.StepExecuted("s1", number, Program("print(", error=error)))
        w.add(ev.StepFailed("s1", number, error, "%vrerun s1", w.keep("print("), w.usage("s1")))
    shown = text.render(w.view, w.blobs, w.now)
    assert "attempt 1 failed: SyntaxError" in shown and shown.count("TimeoutError") == 1
    for page in (html.render(w.view, w.blobs, w.now), made(report.render, w), made(markdown_report.render, w)):
        assert "SyntaxError" in page and "TimeoutError" in page
        assert "<strong>Result" not in page and "**Result" not in page and ">Result<" not in page


def made(render: object, w: Writer) -> str:
    return str(render(w.view, w.blobs, w.now, plan="", made="", seal="seal"))  # type: ignore[operator]


# ---------------------------------------------------------------- maps


def mapped(count: int, kind: StepKind = "write", item: str = "Item {}.", failed: int = 0) -> Writer:
    """A map over so many items; one of them failed, counted from 1."""
    w = Writer("many", Task("t", "Do each."))
    each = Step("m", "Do it.", kind="map", over="things")
    w.plan(each, Step("s2", "Put it together.", ("m",)))
    steps = [
        replace(each, id=f"m.{number}", kind=kind, over="", item=item.format(number), parent="m")
        for number in range(1, count + 1)
    ]
    w.add(ev.PlanRevised(f"things has {count} items", tuple(Change("add", step.id, step) for step in steps)))
    for number, step in enumerate(steps, 1):
        w.start(step.id, [("input", "things", step.item)])
        w.prefill(step.id)
        if number == failed:
            w.add(ev.StepFailed(step.id, 1, "It is broken."))
            continue
        if kind == "code":
            w.add(ev.StepExecuted(step.id, 1, Program("x = 1\n" * 200, f"Result {number}.")))
        w.add(ev.StepFinished(step.id, 1, w.keep(f"Result {number}."), "stop", w.usage(step.id)))
    return w


def test_a_long_map_is_a_line_with_its_first_items_the_failed_one_and_the_last() -> None:
    lines = seen("mapped", "text").split("\n")
    tree = [line.split()[2] for line in lines if re.match(r"│  [├└]─", line)]
    assert "49 of 50 done, 1 failed" in next(line for line in lines if "─ ⊘ m " in line)
    assert [line.split(" ")[0] for line in tree] == ["✓", "✓", "✓", "✗", "✓"]
    assert [line.strip() for line in lines if "more items" in line] == [
        "│  │  … 13 more items",
        "│  │  … 32 more items",
    ]


def test_a_map_under_way_counts_what_runs() -> None:
    said = set()
    for view in moments("mapped"):
        row = next((row for row in rows.rows(view) if row.step.step.id == "m"), None)
        said.add(items.tally(row) if row else "")
        under_way = row and any(item.status in ("queued", "running") for item in row.items)
        assert row is None or row.status == ("running" if under_way else row.step.status)
    assert {"", "0 of 50 done", "48 of 50 done, 1 failed, 1 running", "49 of 50 done, 1 failed"} <= said


def test_what_became_stale_is_listed_and_counted() -> None:
    view = last("mapped")
    view.steps["m.30"].stale = "its instruction was edited"
    shown = text.render(view, {}, 0.0)
    assert "49 of 50 done, 1 failed, 1 stale" in shown
    assert re.search(r"m\.30 .*stale", shown)


@pytest.mark.parametrize("count", [1, 3, items.MOST])
def test_a_short_map_is_listed_in_full(count: int) -> None:
    w = mapped(count)
    shown = text.render(w.view, w.blobs, w.now)
    assert "more items" not in shown and shown.count("Item ") == count
    assert "Items of" not in html.render(w.view, w.blobs, w.now)


def test_no_line_says_that_one_item_is_left_out() -> None:
    w = mapped(items.MOST + 4, failed=5)
    listed = items.shortened(rows.rows(w.view))
    assert all(row.number > 1 for row in listed if isinstance(row, items.Gap))
    assert sum(row.number if isinstance(row, items.Gap) else 1 for row in listed) == len(w.view.steps)


def test_the_table_in_markdown_is_short_and_the_report_whole() -> None:
    shown = seen("mapped", "markdown")
    assert "49 of 50 done, 1 failed" in shown and "… 13 more items" in shown and "m.16" not in shown
    whole = seen("mapped", "report")
    assert (
        "… 13 more items" in whole and "Note 16: the toaster went dark after a week" in whole.split("Steps in full")[1]
    )


@pytest.mark.parametrize("form", ["html", "page"])
def test_items_are_folded_away_with_the_failed_one_first(form: str) -> None:
    fixture, view = load("mapped"), last("mapped")
    args = (view, fixture["blobs"], fixture["now"])
    source = html.render(*args) if form == "html" else report.render(*args, plan="", made="", seal="seal")
    table = source[source.index("<caption") :]
    title = "<summary>Items of <strong>m</strong> Each note · 49 of 50 done, 1 failed"
    folded = re.findall(rf"<details ([^>]*)>{title}", table)
    assert len(folded) == 2 and not any("open" in attributes for attributes in folded)
    before = table[: table.index("Items of <strong>m</strong>")]
    assert "m.17" in re.sub("<[^>]*>", "", before), "why the map was skipped"
    assert "<strong>m.17</strong>" not in before and "<strong>s2</strong>" in before, "only the steps of the plan"
    behind = table[table.index("Items of <strong>m</strong>") :]
    assert behind.index("<strong>m.17</strong>") < behind.index("<strong>m.1</strong>")


def test_the_item_of_a_step_is_its_title_and_on_its_page() -> None:
    for form in ("html", "page", "report"):
        shown = seen("mapped", form)
        assert re.search(r"Item\s*(> )?Note 17: the lamp went dark after a week", shown), form
    view = last("mapped")
    view.steps["m.1"].step = replace(view.steps["m.1"].step, title="The first")
    assert "m.1 The first" in text.render(view, {}, 0.0)


@pytest.mark.parametrize("kind", ["write", "code"])
def test_a_thousand_items_stay_within_bounds(kind: StepKind) -> None:
    w = mapped(1_000, kind, "An item of many words. " * 100 + "{}", failed=700)
    w.add(ev.RunFinished("failed", error="Step m.700 failed."))
    found = bundle.bundle(w.view, w.blobs, w.now)
    assert snapshot.size(found[bundle.MIME]) < 1.1 * bundle.LIMIT
    assert len(found["text/html"].encode()) < 500_000
    assert found["text/plain"].count("\n") < 60 and found["text/markdown"].count("\n") < 200
    for form in ("text/html", "text/plain", "text/markdown"):
        assert "m.700" in found[form] and "s2" in found[form] and "999 of 1,000 done, 1 failed" in found[form]
    kept = found[bundle.MIME]["view"]["steps"]["m.7"]["step"]["item"]
    assert kept.startswith("An item of many words.") and "more characters" in kept


def test_the_cell_that_asks_again_says_how_many_answers_and_repairs() -> None:
    view = RunView(run_id="r", task=Task("t", "x", options=Options("vote", samples=3, repairs=0)))
    assert "--strategy vote --samples 3 --repairs 0" in cells.task_cell(view, cells.Names(view))
