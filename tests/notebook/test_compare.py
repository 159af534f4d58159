"""%vdiff in a shell."""

from __future__ import annotations

import pytest

from tests.notebook.conftest import Shell
from tests.notebook.test_complete import offered
from tests.notebook.test_rerun import changing, use
from vnb.api.compare import Comparison
from vnb.errors import StoreError, UsageError


@pytest.fixture
def told(shell: Shell) -> Shell:
    """A shell with `article`, whose `s1` was rerun twice, and `other`, a run of another task."""
    use(shell, past=changing("Long ago"))
    shell("%%vtask other --view none --temperature 1\nWrite an article about rain.")
    shell("%vrerun s1 --run article --view none")
    shell("%vrerun s1 --run article --view none")
    return shell


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        ("%vdiff article:s1", "article:s1#2", "article:s1#3"),
        ("%vdiff article:s1#2", "article:s1#1", "article:s1#2"),
        ("%vdiff article:s1#1 article:s1#3", "article:s1#1", "article:s1#3"),
        ("%vdiff article:s1#1 #3", "article:s1#1", "article:s1#3"),
        ("%vdiff article:s1#1 :s1", "article:s1#1", "article:s1#3"),
        ("%vdiff article:s1 article:s2", "article:s1#3", "article:s2#1"),
        ("%vdiff article:s2 other", "article:s2#1", "other:s2#1"),
        ("%vdiff article:s1#1 other:s2", "article:s1#1", "other:s2#1"),
        ("%vdiff :s1", "_v:s1#2", "_v:s1#3"),
        ("%vdiff article other", "article", "other"),
        ("%vdiff article@20 article", "article@20", "article"),
        ("found = %vdiff article:s1#1 #3", "article:s1#1", "article:s1#3"),
    ],
)
def test_what_is_compared(told: Shell, line: str, before: str, after: str) -> None:
    found = told(line) or told.names["found"]
    assert isinstance(found, Comparison)
    assert (found.before, found.after) == (before, after)
    runs = ":" not in before
    assert (found.plan is None, found.cost is None, found.context is None, found.output is None) == (
        not runs, not runs, runs, False,
    )  # fmt: skip


def test_runs_are_named_by_id_too_and_aspects_are_chosen(told: Shell) -> None:
    article = told.names["article"].id
    found = told(f"%vdiff {article[:8]}:s1 --what cost --what output --what cost")
    assert found.before == f"{article[:8]}:s1#2" and found.cost is not None and found.output is not None
    assert found.context is None and found.plan is None
    assert told("%vdiff --what=plan article other").cost is None


def test_it_is_shown_as_text_and_as_html(told: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    found = told("%vdiff article:s1#1 #3")
    assert "Long ago [-0-]{+3+}" in capsys.readouterr().out
    assert ">3</ins>" in found._repr_html_() and "<script" not in found._repr_html_()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%vdiff", "A"),
        ("%vdiff article", "%vdiff article OTHER_RUN"),
        ("%vdiff article:s2", "OTHER_RUN"),
        ("%vdiff article:s1#1", "#3"),
        ("%vdiff article:s1#9", "#1, #2, #3"),
        ("%vdiff article:s9", "s1, s2, s3"),
        ("%vdiff article:s1 #7", "#1, #2, #3"),
        ("%vdiff article other:s1", "%vdiff article:s1 other:s1"),
        ("%vdiff article #2", "%vdiff article:s1 #2"),
        ("%vdiff #2", "%vdiff _v:s1#2"),
        ("%vdiff article: other", "article:s2#1"),
        ("%vdiff article:s1 --what words", "context, output, plan, cost"),
        ("%vdiff article other --what context", "Only steps"),
        ("%vdiff article other third", "third"),
        ("%vdiff nothing other", "nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(told: Shell, line: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        told(line)
    assert said in str(error.value) and error.value.hint


def test_a_moment_that_never_was(told: Shell) -> None:
    with pytest.raises(StoreError, match="no event 9999"):
        told("%vdiff article@9999 article")


def test_help_is_printed(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell("%vdiff --help") is None
    assert "%vdiff article:s2#1 #3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "one"),
    [
        ("%vdiff art", "%vdiff article"),
        ("%vdiff article:", "%vdiff article:s1"),
        ("%vdiff article:in", "%vdiff article:integrate"),
        ("%vdiff article:s1#", "%vdiff article:s1#3"),
        ("%vdiff :s", "%vdiff :s2"),
        ("%vdiff article:s1 oth", "%vdiff article:s1 other"),
        ("%vdiff article:s1 other:s", "%vdiff article:s1 other:s2"),
        ("x = %vdiff article:s", "x = %vdiff article:s3"),
        ("%vdiff article --what pl", "%vdiff article --what plan"),
    ],
)
def test_what_is_offered(told: Shell, code: str, one: str) -> None:
    assert one in offered(told, code)


def test_only_what_fits_is_offered(told: Shell) -> None:
    assert offered(told, "%vdiff article:s1#") == [f"%vdiff article:s1#{number}" for number in (1, 2, 3)]
    assert "%vdiff nothing:s1" not in offered(told, "%vdiff nothing:s")
    id = told.names["article"].id
    assert f"%vdiff {id}:s2" in offered(told, f"%vdiff {id}:s")
