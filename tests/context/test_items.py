"""A text as the list that it is or that it brings, and how a program's prompt shows one."""

from __future__ import annotations

import pytest

from vnb.context.items import items, list_in, outline
from vnb.core.types import Json

NOTES = ("Ann sold 12 lamps", "Bob sold 7 lamps", "Ann sold 5 chairs", "Cid sold 2")


@pytest.mark.parametrize("mark", ["- ", "* ", "• ", "{n}. ", "({n}) ", "{n}、", "  - "])
def test_lines_with_marks_are_a_list(mark: str) -> None:
    lines = "\n".join(mark.format(n=number) + note for number, note in enumerate(NOTES, 1))
    found = list_in(f"Our notes:\n{lines}\n\nHow many lamps?")
    assert found is not None
    assert (found.before, found.items, found.after) == ("Our notes:", NOTES, "\n\nHow many lamps?"[1:])
    assert items(lines, 100) == NOTES


@pytest.mark.parametrize(
    "form",
    [
        "Our notes:\n{}\nHow many lamps?",
        "{}\n\nHow many lamps?",
        "How many lamps?\n\n{}",
        "How many lamps?\n{}",
        "记录：\n{}\n一共多少？",
    ],
)
def test_lines_with_figures_are_a_list(form: str) -> None:
    found = list_in(form.format("\n".join(NOTES)))
    assert found is not None and found.items == NOTES
    assert form.format("X").replace("\n", "") == (found.before + "X" + found.after).replace("\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How many lamps did Ann sell?",
        "- one 1\n- two 2\n- three 3",
        "A poem has lines\nthat have no figures\nand so they are\nno list of anything",
        "name,price\ntea,3\nmilk,4\nrice,5\nsalt,1",
        "| a | 1 |\n| b | 2 |\n| c | 3 |\n| d | 4 |",
        "\n".join(f"{'In 1900 a very long line of prose ' * 8}" for _ in range(5)),
    ],
)
def test_other_texts_bring_no_list(text: str) -> None:
    assert list_in(text) is None


def test_short_lines_are_items_and_wrapped_prose_is_not() -> None:
    assert items("apple\nbanana\ncherry", 100) == ("apple", "banana", "cherry")
    assert items("apple\nbanana", 100, by_line=False) == ("apple\nbanana",)
    prose = "\n".join(["These lines were broken where the margin of the page"] * 4)
    assert items(prose, 1000) == (prose,)


def test_what_introduces_a_list_is_no_item_and_indented_lines_go_on_with_theirs() -> None:
    assert items("Our notes:\n- Ann sold 12 lamps\n- Bob sold 7 lamps", 100) == NOTES[:2]
    assert items("Our notes:\nAnn sold 12 lamps\nBob sold 7 lamps", 100) == NOTES[:2]
    wrapped = "Notes:\n- Ann sold\n  12 lamps\n- Bob sold 7 lamps\n- Ann sold 5\n  chairs\n- Cid sold 2\n\nHow many?"
    found = list_in(wrapped)
    assert found is not None and found.items == NOTES
    assert items("- a\n  b\n- c", 100) == ("a b", "c")


def test_a_table_is_shown_by_its_columns() -> None:
    rows: list[Json] = [{"who": "Ann", "n": 1}, {"who": None, "n": 2.5}, {"who": "Ann"}]
    said = ["rows: list of 3 dictionaries (row)", 'row["who"]: one of "Ann", None', 'row["n"]: number or None']
    assert outline("rows", rows) == "\n".join(said)
    many = outline("r", [{"id": f"x{number}"} for number in range(40)])
    assert many.startswith('r: list of 40 dictionaries (row)\nrow["id"]: such as "x0", ') and "x12" not in many


def test_other_values_are_shown_by_their_beginning() -> None:
    assert outline("m", ["a", "b"]) == 'm: list of 2, the first: "a"'
    assert outline("m", []) == "m: empty list"
    assert outline("m", {"a": 1, "b": 2}) == "m: dictionary with a, b"
    assert [outline("m", value) for value in (3, 2.5, "text")] == ["m: int", "m: float", "m: str"]
    assert len(outline("m", ["x" * 1000])) < 250
