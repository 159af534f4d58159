"""The HTML: complete, accessible, bounded, and harmless whatever a model says."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures import NAMES, load, moments
from tests.fixtures.scenes import parts
from tests.fixtures.writer import Writer
from vnb.core import events as ev
from vnb.core.types import Change, Step, Task
from vnb.views import html, markup

TAGS = {
    *("div", "p", "br", "strong", "em", "code", "pre", "blockquote", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"align", "cellpadding", "dir", "open", "scope", "style"}
STYLES = {"margin", "padding", "border-left", "overflow-wrap", "white-space"}


class Page(HTMLParser):
    """Checks every tag as it comes, that all are closed in order, and keeps the text."""

    tags, styles = TAGS, STYLES

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)
        self.close()
        assert not self.open

    @property
    def text(self) -> str:
        return "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.tags, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "style":
                assert value
                assert {rule.split(":")[0].strip() for rule in value.split(";")} <= self.styles
                assert "url" not in value and "(" not in value.replace("rgba(", "")
        self.seen.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_comment


def shown(name: str) -> str:
    fixture = load(name)
    *_, view = moments(name)
    return html.render(view, fixture["blobs"], fixture["now"])


@pytest.mark.parametrize("name", NAMES)
def test_only_harmless_elements_without_any_address(name: str) -> None:
    page = Page(shown(name))
    assert len(page.seen) > 20


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_what_it_holds(name: str) -> None:
    page = Page(shown(name))
    tags = [tag for tag, _ in page.seen]
    assert tags.count("table") == tags.count("caption") > 0
    assert all(attributes.get("scope") == "col" for tag, attributes in page.seen if tag == "th")


@pytest.mark.parametrize("name", NAMES)
def test_every_step_and_every_output_can_be_read(name: str) -> None:
    fixture, page = load(name), Page(shown(name))
    *_, view = moments(name)
    flat = re.sub(r"\s+", "", page.text)
    for step in view.steps.values():
        assert step.step.id in page.text
        if name != "hostile" and step.output:
            assert re.sub(r"\s+", "", fixture["blobs"][step.output]) in flat


@given(st.text())
def test_any_text_is_shown_as_it_is_and_stays_text(text: str) -> None:
    page = Page(markup.Room(10**6).text(text, 10**5))
    kept = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2400-\u2421\ufffd\ud800-\udfff]")
    assert kept.sub("", page.text) == kept.sub("", text)


def test_hostile_text_is_visible_not_obeyed() -> None:
    page = Page(shown("hostile"))
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in page.text
    assert "␛[31mred" in page.text, "the control character is shown, so that nobody wonders where it went"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", page.text)


def test_titles_cannot_turn_what_stands_beside_them() -> None:
    page = Page(shown("hostile"))
    title = next(word for word in page.words if "right to left" in word)
    assert "\u202e" not in title and "\u202c" not in title


def test_result_is_open_and_the_rest_is_a_click_away() -> None:
    source = shown("article")
    result, full, timeline = (source.index(f"<strong>{name}") for name in ("Result", "Steps in full", "Timeline"))
    assert result < full < timeline
    page = Page(source)
    assert next(attributes for tag, attributes in page.seen if tag == "details")["open"] == ""
    assert sum("open" in attributes for tag, attributes in page.seen if tag == "details") == 2


def test_lines_and_paragraphs_survive_without_styles() -> None:
    source = markup.prose("one\ntwo\n\nthree")
    assert "one<br>two" in source and source.count("<p") == 2
    assert "<pre" in markup.prose("def f():\n    return 1") and "<pre" in markup.prose('{"a": 1}')


def test_failure_is_prominent_with_what_to_type() -> None:
    source = shown("failed")
    assert "<strong>✗ Step s5 failed: the engine stopped answering.</strong><br>%vrun failed" in source
    assert "<strong>failed</strong>" in source and "superseded" in source
    page = Page(source)
    assert "A chart cannot be drawn from text that is not JSON." in page.text
    assert "reword s3 Describe the rainfall in words." in page.text


def test_context_says_what_was_trimmed_and_what_was_left_out() -> None:
    page = Page(shown("trimmed"))
    assert "136 of 256 tokens · 7 parts · 1 trimmed · 2 omitted" in page.text
    assert "trimmed from 225" in page.text and "Chapter 3" in page.text


def test_every_attempt_has_its_settings_and_its_output() -> None:
    page = Page(shown("rerun"))
    assert "#2 chosen" in page.text and "1.2" in page.text and "The connection was lost." in page.text
    assert "Output of attempt #1 · finished" in page.text and "早期的研究者相信" in page.text


def test_timeline_shows_what_ran_together() -> None:
    source = shown("diamond")
    bars = re.findall(r"<code>([\xa0░▒█]+)</code>", source.replace("&nbsp;", "\xa0"))
    assert len(bars) == 4 and len({len(bar) for bar in bars}) == 1
    top, left, right, bottom = ({index for index, sign in enumerate(bar) if sign != "\xa0"} for bar in bars)
    assert left & right and not top & left and not bottom & right


def test_text_not_kept_is_said_so() -> None:
    *_, view = moments("article")
    page = Page(html.render(view, {}, 0.0))
    assert "not kept here" in page.text
    assert "Dartmouth" in page.text, "what was streamed is still there"


# ---------------------------------------------------------------- bounds


def long_run(steps: int, output: str, instruction: str = "Say something.") -> Writer:
    w = Writer("long", Task("t", "Many steps."))
    w.plan(*(Step(f"s{number}", instruction, (f"s{number - 1}",) if number else ()) for number in range(steps)))
    for number in range(steps):
        name = f"s{number}"
        w.start(name, parts(instruction, (f"s{number - 1}", output)))
        w.prefill(name)
        w.add(ev.StepFinished(name, 1, w.keep(output), "stop", w.usage(name)))
    w.end("", output)
    return w


@pytest.mark.parametrize("letter", ["x", "<", "&", "\x00", "汉", "🧠", "\n", "\n\n", "\ud800"])
def test_a_megabyte_on_one_line_is_cut_and_says_so(letter: str) -> None:
    text = letter * (1_000_000 // len(letter))
    w = long_run(1, text, instruction="word " * 100_000)
    source = html.render(w.view, w.blobs, w.now)
    assert len(source.encode()) < 500_000
    Page(source)
    assert "more characters" in source


@pytest.mark.parametrize("output", ["short", "<&>" * 9_000, "段落。\n\n" * 3_000])
def test_a_thousand_steps_stay_within_bounds(output: str) -> None:
    w = long_run(1_000, output)
    source = html.render(w.view, w.blobs, w.now)
    assert len(source.encode()) < 500_000
    page = Page(source)
    assert "s999" in page.text and "1000/1000 steps" in page.text


def test_cost_grows_with_the_run_not_faster() -> None:
    def calls(steps: int) -> int:
        w = long_run(steps, "Some words.\n\nSome more.")
        count = 0

        def counted(frame: FrameType, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counted)
        try:
            html.render(w.view, w.blobs, w.now)
        finally:
            sys.setprofile(None)
        return count

    assert calls(1_000) < 6 * calls(200)


def test_many_attempts_and_revisions_stay_within_bounds() -> None:
    w = Writer("retries", Task("t", "Try again."))
    w.plan(Step("s1", "Try."))
    for _ in range(500):
        number = w.start("s1", parts("Try."))
        w.add(ev.StepFailed("s1", number, "No. " * 500, "%vrerun s1"), ev.PlanRevised("Again. " * 200, ()))
    source = html.render(w.view, w.blobs, w.now)
    assert len(source.encode()) < 500_000
    assert "450 earlier attempts" in Page(source).text


def test_hostile_names_stay_within_bounds() -> None:
    w = Writer("names", Task("t", "&" * 5_000))
    w.plan(*(Step(f"{'&' * 300}{number}", "&" * 5_000, title="&" * 500) for number in range(1_000)))
    changes = tuple(Change("reword", id, step.step) for id, step in list(w.view.steps.items())[:60])
    w.add(*(ev.PlanRevised("&" * 5_000, changes) for _ in range(60)))
    w.add(*(ev.CommandRejected("c", "&" * 100, "&" * 5_000) for _ in range(200)))
    source = html.render(w.view, w.blobs, w.now)
    assert len(source.encode()) < 500_000
    assert "more steps" in Page(source).text
