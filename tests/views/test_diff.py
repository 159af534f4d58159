"""Comparisons as text and HTML: what changed can be seen, nothing a model said is obeyed, and all of it is bounded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures import moments
from tests.fixtures.scenes import EVIL
from tests.views import test_html
from vnb.context.budget import part
from vnb.context.diff import ContextDiff, Diff, Place, SharedPrefix
from vnb.context.diff import diff as diff_contexts
from vnb.core import cost_diff, plan_diff, text_diff
from vnb.core.cost_diff import CostDiff, CostRow
from vnb.core.plan_diff import PlanDiff
from vnb.core.types import Context, Part, PartKind, Prompt, Sampling, Span, Step
from vnb.views import clean, diff_html, diff_text


class Page(test_html.Page):
    """A page that may also hold `<ins>` and `<del>` with a transparent colour behind them."""

    tags = test_html.TAGS | {"ins", "del"}
    styles = test_html.STYLES | {"background-color"}

    @property
    def plain(self) -> str:
        return "".join(self.text.split())


def of_texts(before: str, after: str) -> Diff:
    return Diff("a:s1#1", "a:s1#2", output=text_diff.diff(before, after))


def context(*shown: tuple[PartKind, str, str] | Part) -> Context:
    parts = tuple(one if isinstance(one, Part) else part(*one, count=lambda text: len(text.split())) for one in shown)
    return Context(parts, 100, sum(one.tokens for one in parts), "")


def of_contexts(before: Context, after: Context) -> ContextDiff:
    return diff_contexts(before, after)


def everything(text: str = "The moon pulls.", other: str = "The sun pulls.") -> Diff:
    """One of all that can be compared, with these words wherever words can stand."""
    shown = of_contexts(
        context(("input", text, text), ("doc", text, text), ("instruction", "s1", text)),
        context(("input", text, other), ("note", text, text), ("instruction", "s2", text)),
    )
    place = Place(3, 9, shown.parts[0].after, 2)
    shown = replace(
        shown, prefix=SharedPrefix(3, place, place, shown.parts[0]), before_cached=place, after_cached=place
    )
    steps = (
        plan_diff.step_diff(Step("s1", text, title=text), Step("s1", other, (other,), sampling=Sampling(top_p=0.5))),
        plan_diff.step_diff(Step(text, text), None),
        plan_diff.step_diff(None, Step(other, other)),
    )
    options = (plan_diff.OptionDiff("model", text, other),)
    plan = PlanDiff(steps, text_diff.diff(text, other), options)
    *_, view = moments("rerun")
    cost = cost_diff.diff(view, view)
    named = CostDiff((CostRow(text, cost.rows[0].before, cost.rows[1].after), *cost.rows), cost.total)
    return Diff(text, other, shown, text_diff.diff(text, other), plan, named)


# ---------------------------------------------------------------- what is told


def test_text_tells_the_parts_the_prefix_and_the_words() -> None:
    said = diff_text.render(everything())
    for line in (
        "The moon pulls. → The sun pulls.",
        "~ task was reworded",
        "~ model The moon pulls. → The sun pulls.",
        "~ s1 · reworded, needs none → The sun pulls., title The moon pulls. → default, top_p default → 0.5",
        "− The moon pulls. · dropped",
        "+ The sun pulls. · added",
        "Context · 9 → 9 tokens · 1 kept, 1 changed, 1 added, 1 dropped",
        "Shared prefix: the first 3 tokens of 9 and 9. It ends 2 tokens into input The moon pulls., which was changed.",
        "Found in the KV cache: before 3 of 9 tokens, ending 2 tokens into input The moon pulls.; after 3 of",
        "    The [-moon-]{+sun+} pulls.",
    ):
        assert line in said.replace("\n", " ") if len(line) > 90 else line in said.split("\n"), line
    assert re.search(r"~ changed +input The moon pulls\. +3 +3 +the shared prefix ends here", said)
    assert "− dropped" in said and "+ added" in said and "= kept" in said


def test_html_tells_the_same() -> None:
    page = Page(diff_html.render(everything()))
    for words in ("1 kept, 1 changed, 1 added, 1 dropped", "It ends 2 tokens into", "the shared prefix ends here"):
        assert words in page.text
    assert "The moonsun pulls." in page.text
    tags = [tag for tag, _ in page.seen]
    assert tags.count("del") >= 4 and tags.count("ins") >= 4
    assert tags.count("table") == tags.count("caption") == 4


@pytest.mark.parametrize(
    ("change", "said"), [("dropped", "where note x begins, which was dropped"), ("added", "was added")]
)
def test_the_prefix_may_end_at_a_part_that_only_one_has(change: str, said: str) -> None:
    short, long = context(("input", "task", "Go")), context(("input", "task", "Go"), ("note", "x", "mind it"))
    before, after = (long, short) if change == "dropped" else (short, long)
    sent = {
        1: Prompt((), "", (1, 9), (Span(0, 0, 1),)),
        2: Prompt((), "", (1, 2, 3, 9), (Span(0, 0, 1), Span(1, 1, 3))),
    }
    found = diff_contexts(before, after, (sent[len(before.parts)], sent[len(after.parts)]))
    assert said in diff_text.render(Diff("a", "b", found))


def test_a_part_that_was_compacted_says_from_what() -> None:
    long = part("result", "s1", "one two three four", len)
    cut = replace(long, text="one two […]", tokens=11)
    said = diff_text.render(Diff("a", "b", of_contexts(context(long), context(cut))))
    assert "≈ compacted" in said and "after: trimmed from 18" in said and "−7" in said
    assert "one two [-three four-]{+[…]+}" in said


def test_costs_stand_below_each_other_and_what_is_unknown_is_empty() -> None:
    *_, before = moments("article")
    *_, after = moments("stopped")
    said = diff_text.render(Diff("a", "b", cost=cost_diff.diff(before, after)))
    rows = [line for line in said.split("\n")[3:] if line.strip()]
    assert any(re.match(r"s1 +before +1 +\d+ +28 ", row) for row in rows)
    only_before = next(row for row in rows if row.startswith("s3"))
    following = rows[rows.index(only_before) + 1]
    assert "before" in only_before and not following.startswith(" "), "s3 has no row after and no difference"
    assert not re.search(r"s2 +after .* 0 ", said)
    assert re.search(r"Total +before", said) and re.search(r"difference .*[+−]", said)


def test_long_unchanged_stretches_are_folded() -> None:
    text = " ".join(f"word{number}" for number in range(1_000))
    changed = text.replace("word500 ", "other ")
    for said in (diff_text.render(of_texts(text, changed)), Page(diff_html.render(of_texts(text, changed))).text):
        assert len(re.findall(r"… 3,\d{3}\s+characters unchanged …", said)) == 2
        assert "word499" in said and "word501" in said and "word100 " not in said and len(said) < 1_500
        assert "99% alike" in said
    assert "the same 7,889 characters" in diff_text.render(of_texts(text, text))


def test_changed_spaces_can_be_seen() -> None:
    assert "one two\n{+↵\n+}three" in diff_text.render(of_texts("one two\nthree", "one two\n\nthree")).replace(
        "    ", ""
    )
    assert "·" in Page(diff_html.render(of_texts("a  b", "a b"))).text


def test_code_keeps_its_columns_and_prose_its_lines() -> None:
    code = diff_html.render(of_texts("def f():\n    return 1", "def f():\n    return 2"))
    assert "<pre" in code and "    return " in code
    prose = diff_html.render(of_texts("one\ntwo", "one\nthree"))
    assert "<pre" not in prose and "one<br>" in prose


def test_chinese_is_told_by_characters() -> None:
    found = of_texts("今天下雨，明天晴。", "今天下雪，明天晴。")
    assert "今天下[-雨-]{+雪+}，明天晴。" in diff_text.render(found)
    assert re.search(r"今天下<del[^>]*>雨</del><ins[^>]*>雪</ins>，明天晴。", diff_html.render(found))


# ---------------------------------------------------------------- what is not obeyed


@pytest.mark.parametrize(
    "text", [EVIL, "<script>alert(1)</script>", "\x1b[2J\x1b]8;;http://x\x07y\x1b]8;;\x07", "\ud800"]
)
def test_hostile_words_are_shown_not_obeyed(text: str) -> None:
    found = everything(text, text + " & <b>more</b>")
    page = Page(diff_html.render(found))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", page.text)
    if "<script>" in text:
        assert "<script>alert(1)</script>" in page.text
    for char in diff_text.render(found):
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"), repr(char)
        assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_an_escape_that_begins_in_one_piece_and_ends_in_another_is_not_put_together() -> None:
    said = diff_text.render(of_texts("a \x1b[31m red", "a \x1b[32m red"))
    assert "\x1b" not in said


@given(st.text(), st.text())
def test_any_two_texts_can_be_shown(before: str, after: str) -> None:
    found = of_texts(before, after)
    page = Page(diff_html.render(found))
    lost = re.compile(r"[\s·→↵\x00-\x1f\x7f-\x9f\u2400-\u2421\ufffd\ud800-\udfff]")
    if before != after and len(before) + len(after) < 200:
        shown = lost.sub("", page.text)
        assert all(lost.sub("", piece.text) in shown for piece in text_diff.diff(before, after).pieces)
    for line in diff_text.render(found, columns=60).split("\n"):
        assert clean.width(line) <= 60


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize("letter", ["x", "<", "& ", "\x00", "汉", "🧠 ", "\n", "\ud800"])
def test_a_megabyte_that_changed_is_cut_and_says_so(letter: str) -> None:
    text = letter * (1_000_000 // len(letter))
    found = of_texts(text, "! " + text[::-1])
    source = diff_html.render(found)
    assert len(source.encode("utf-8", "replace")) < 500_000
    assert re.search(r"\d{3} (more characters|characters unchanged)", Page(source).text)
    assert len(diff_text.render(found)) < 300_000


def test_many_changes_many_parts_and_many_steps_stay_within_bounds() -> None:
    text = " ".join(f"word{number}" for number in range(20_000))
    other = " ".join(f"word{number}" if number % 3 else f"other{number}" for number in range(20_000))
    parts = [part("doc", f"{'&' * 300}{number}", "&" * 500, len) for number in range(1_000)]
    shown = of_contexts(context(*parts), context(*(replace(one, text="<" * 500) for one in parts)))
    steps = tuple(plan_diff.step_diff(Step(f"{'&' * 300}{number}", "&" * 900), None) for number in range(2_000))
    found = Diff("a", "b", shown, text_diff.diff(text, other), PlanDiff(steps))
    source = diff_html.render(found)
    assert len(source.encode()) < 900_000
    assert "more rows" in Page(source).text
