"""`%vplot`, `--plot` and `%vmodel bench` in a shell, and what they must not import before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.api.bench import Bench
from vnb.engines.scripted import Fail
from vnb.errors import RunError, UsageError
from vnb.views.run_figure import RunFigure

ROOT = Path(__file__).parents[2]


@pytest.fixture
def article(shell: Shell) -> Shell:
    """A shell with the run `article`."""
    scripts.use()
    shell("%%vtask article --view none\nWrite an article about tides.")
    return shell


def test_the_figure_is_the_magics_value_and_carries_its_picture(article: Shell) -> None:
    found = article("%vplot article")
    assert isinstance(found, RunFigure)
    bundle, metadata = article.ip.display_formatter.format(found)
    assert set(bundle) == {"image/png", "text/plain"} and metadata["image/png"]["alt"] == found.alt
    assert article.names["article"].id in found.alt
    assert not article.displays, "the value is shown by the cell, once"


def test_the_last_run_is_plotted_unless_others_are_named(article: Shell) -> None:
    assert article("%vplot").alt == article("%vplot _v").alt
    run = article.names["article"]
    article("%%vtask other --view none --seed 3\nWrite an article about tides.")
    found = article(f"figure = %vplot article {run.id} other --what timeline,prefix --dark")
    assert found is None
    figure = article.names["figure"]
    assert figure.alt.count("Plot of run") == 3 and len(figure.axes) == 2


def test_the_figure_is_saved_where_it_was_said(article: Shell) -> None:
    article("%vplot --save a.svg --light --what timeline")
    assert Path("a.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%vplot article --what timeline,rates", "did you mean rate"),
        ("%vplot article --dark --light", "different things"),
        ("%vplot articel", "articel"),
        ("%vplot article --save a.doc", "kind of picture"),
        ("%vplot article --wat rate", "--what"),
        ("%%vtask t --plot --background\nWrite.", "--plot waits"),
    ],
)
def test_what_makes_no_sense_is_refused(article: Shell, cell: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        article(cell)
    assert said in str(error.value)


def test_a_run_is_plotted_after_it_has_ended(shell: Shell) -> None:
    scripts.use()
    shell("%%vtask article --plot\nWrite an article about tides.")
    tree, plot = shell.displays
    assert "text/html" in tree.last and set(plot.last) == {"image/png", "text/plain"}
    shell("plan = article.plan\n%vrun plan --plot --view none")
    assert set(shell.shown.last) == {"image/png", "text/plain"}
    shell("%vrerun s1 --run article --plot --view none")
    assert "#2" not in shell.shown.last["text/plain"] and "image/png" in shell.shown.last


def test_a_run_that_failed_says_so_instead(shell: Shell) -> None:
    scripts.use({"Write the past": Fail(0)})
    with pytest.raises(RunError):
        shell("%%vtask article --plot\nWrite an article about tides.")
    assert len(shell.displays) == 1


def test_a_model_is_measured(shell: Shell) -> None:
    engine = scripts.use()
    found = shell("%vmodel bench")
    assert isinstance(found, Bench) and found.spec == engine.info.spec
    assert shell.shown.last["text/plain"].startswith(f"measured {found.spec} in ")
    with pytest.raises(UsageError, match="one word too many"):
        shell("%vmodel bench tiny small")


def test_matplotlib_is_imported_for_a_plot_and_for_nothing_else(home: Path) -> None:
    script = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from tests.notebook import scripts
ip = InteractiveShell.instance()
ip.run_line_magic("load_ext", "vnb")
scripts.use()
ip.run_cell("%%vtask article\\nWrite an article about tides.").raise_error()
ip.run_cell("str(article), article.bundle()").raise_error()
assert not {"matplotlib", "pandas", "numpy"} & set(sys.modules)
ip.run_cell("figure = %vplot article").raise_error()
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
