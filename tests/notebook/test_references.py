import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.errors import UsageError
from vnb.notebook.references import Reference, read


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("article", Reference("article")),
        ("9f2c41", Reference("9f2c41")),
        ("article:s2", Reference("article", "s2")),
        ("article:s2#13", Reference("article", "s2", 13)),
        ("article:review.1#2", Reference("article", "review.1", 2)),
        ("article:s3.1", Reference("article", "s3.1")),
        ("article:历史#1", Reference("article", "历史", 1)),
        ("article:a:b#c#2", Reference("article", "a:b#c", 2)),
        ("article@120", Reference("article", seq=120)),
        (":s2#1", Reference("", "s2", 1)),
        ("#3", Reference("", "", 3)),
    ],
)
def test_what_a_word_names(word: str, meant: Reference) -> None:
    assert read(word) == meant
    assert str(meant) == word


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("article:", "article:s2#1"),
        ("article:s2#", "article:s2#1"),
        ("article:s2#0", "counted from 1"),
        ("article#1", "article:s2#1"),
        ("article:#1", "article:s2#1"),
        ("article@", "no moment"),
        ("article@s2", "no moment"),
        ("article@4:s2", "article:s2#1"),
    ],
)
def test_what_names_nothing(word: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read(word)
    assert said in str(error.value) and error.value.hint


@given(
    st.from_regex(r"[\w]*", fullmatch=True), st.text(min_size=1).filter(lambda id: "#" not in id), st.integers(1, 99)
)
def test_what_is_written_is_read_again(run: str, step: str, attempt: int) -> None:
    assert read(f"{run}:{step}#{attempt}") == Reference(run, step, attempt)
    assert read(f"{run}:{step}") == Reference(run, step)
