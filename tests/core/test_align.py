from hypothesis import given
from hypothesis import strategies as st

from vnb.core.align import Aligned, align_names

NAMES = st.lists(st.sampled_from("abcdefghij"), unique=True)


def aligned(before: str, after: str) -> list[str]:
    """Rows as `=a`, `~a` (moved), `-a`, `+a`."""
    rows = align_names({name: name for name in before}, {name: name for name in after})
    return [
        f"{'~' if row.moved else '=' if row.before and row.after else '-' if row.before else '+'}{name}"
        for name, row in rows
    ]


def test_what_was_dropped_stands_where_it_stood() -> None:
    assert aligned("abc", "ac") == ["=a", "-b", "=c"]
    assert aligned("axb", "ayb") == ["=a", "-x", "+y", "=b"]
    assert aligned("", "ab") == ["+a", "+b"]
    assert aligned("ab", "") == ["-a", "-b"]


def test_as_few_as_possible_have_moved() -> None:
    assert aligned("abcde", "bcdea") == ["=b", "=c", "=d", "=e", "~a"]
    assert aligned("abcde", "eabcd") == ["~e", "=a", "=b", "=c", "=d"]


@given(NAMES, NAMES)
def test_everything_is_there_once_and_in_order(before: list[str], after: list[str]) -> None:
    rows = [row for _, row in align_names({name: name for name in before}, {name: name for name in after})]
    assert [row.after for row in rows if row.after] == after
    assert sorted(row.before for row in rows if row.before) == sorted(before)
    assert [row.before for row in rows if row.before and not row.moved] == [
        name for name in before if not any(row.before == name and row.moved for row in rows)
    ]
    assert all(row.before == row.after for row in rows if row.before and row.after)
    assert not any(row.moved for row in rows if before == after)


def test_a_list_is_aligned_with_itself() -> None:
    assert align_names({"a": 1}, {"a": 2}) == [("a", Aligned(1, 2))]
