"""The tree in a terminal: its shape, its figures, its width, and nothing that a terminal would obey."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures import NAMES, load, moments
from vnb.views import clean, text


def shown(name: str, columns: int = 100) -> str:
    fixture = load(name)
    *_, view = moments(name)
    return text.render(view, fixture["blobs"], fixture["now"], columns)


def line_of(tree: str, words: str) -> str:
    return next(line for line in tree.split("\n") if words in line)


@pytest.mark.parametrize("columns", [20, 45, 60, 80, 100, 200])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int) -> None:
    for line in shown(name, columns).split("\n"):
        assert clean.width(line) <= columns, line


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_there_once_and_in_the_tree(name: str) -> None:
    *_, view = moments(name)
    lines = shown(name, 200).split("\n")
    tree = [line for line in lines if re.match(r"[│ ]*[├└]─ ", line)]
    left_out = sum(int(found[1]) for line in lines if (found := re.match(r"[│ ]*│  … (\d+) more items", line)))
    assert len(tree) + left_out == len(view.steps)
    assert bool(left_out) == (name == "mapped")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_moves_the_cursor_or_turns_the_text(name: str) -> None:
    for char in shown(name):
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"), repr(char)
        assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_model_output_loses_its_colours_but_no_words() -> None:
    assert clean.terminal("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \x9b2Jend\x00") == "red link end"


def test_figures_stand_in_columns_whatever_the_script() -> None:
    tree = shown("article")
    rows = [line for line in tree.split("\n") if line.endswith(" s") and line[0] in "├└"]
    assert len(rows) == 6 and {clean.width(row) for row in rows} == {100}
    assert line_of(tree, "s1 History").split()[-5:] == ["78", "35.0", "62%", "2.47", "s"]


def test_headline_counts_steps_tokens_and_time() -> None:
    head = shown("article").split("\n")[1]
    assert "finished · 3/3 steps · 517 tokens in, 372 out" in head and "30% prefix hits" in head


def test_reserved_steps_are_marked_and_integrate_comes_last() -> None:
    tree = shown("article")
    assert "[understand]" in tree and "[plan]" in tree and "[s1]" not in tree
    assert line_of(tree, "[integrate]").startswith("└─ ✓")


def test_sub_steps_stand_under_their_parent() -> None:
    tree = shown("nested")
    assert line_of(tree, "s1 ").startswith("├─ ") and line_of(tree, "s1.1 ").startswith("│  ├─ ")
    assert line_of(tree, "s1.2.2 ").startswith("│     └─ ")


def test_needs_and_progress_of_a_running_moment() -> None:
    tree = shown("running")
    assert "← s1, s2, s4" in line_of(tree, "s5 ")
    assert "◑ s3" in line_of(tree, "s3 ") and "prefilling 38%" in line_of(tree, "s3 ")
    assert "(queued)" in line_of(tree, "s4 ")
    assert "less than half as" in tree, "the end of what decodes is shown"


def test_failure_says_why_and_what_to_type() -> None:
    tree = shown("failed")
    assert "✗ s5" in tree and "The engine stopped answering after 30 s." in tree
    assert tree.rstrip().endswith("%vrun failed")
    assert "⊘ s3" in tree and "It needs s5, which failed." in tree


def test_stale_edited_and_rerun_steps_are_marked() -> None:
    tree = shown("rerun")
    assert "stale, edited" in line_of(tree, "s2 ") and "attempt 2 of 3" in line_of(tree, "s1 ")
    assert "stale: its instruction was edited" in tree


def test_a_narrow_terminal_keeps_the_time_longest() -> None:
    assert "tok/s" in shown("diamond", 100).split("\n")[2]
    narrow = line_of(shown("diamond", 52), "top ")
    assert narrow.endswith("0.21 s") and "50.0" not in narrow


def test_seconds_of_a_stopped_run_do_not_count_the_hour_before_its_resume() -> None:
    assert "0.58 s" in shown("stopped").split("\n")[1]


@given(st.text(), st.integers(2, 60))
def test_wrapping_loses_nothing_but_spaces(words: str, columns: int) -> None:
    words = clean.terminal(words)
    lines = clean.wrap(words, columns)
    assert all(clean.width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(words.split())


@given(st.text(), st.integers(1, 60))
def test_a_cut_text_fits_and_says_that_it_was_cut(words: str, columns: int) -> None:
    fitted = clean.fit(words, columns)
    assert fitted == words or (fitted.endswith("…") and clean.width(fitted) <= columns)


@pytest.mark.parametrize(
    ("time", "words"),
    [(None, ""), (0.004, "0.00 s"), (9.99, "9.99 s"), (9.999, "10.0 s"), (99.96, "1 min 40 s"), (7265, "2 h 01 min")],
)
def test_times_in_words(time: float | None, words: str) -> None:
    assert clean.seconds(time) == words
