"""What the figure of a run shows, leaves out and says; no pixel is compared."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from tests.fixtures import NAMES, events, moments
from tests.fixtures.writer import EPOCH, Shown, Writer
from vnb.core.fold import Fold
from vnb.core.types import KVCacheUsage, Step, Task
from vnb.core.view import RunView
from vnb.errors import UsageError
from vnb.views import plot_style
from vnb.views.plot_data import Plotted, alt_text, chosen_panels
from vnb.views.plot_steps import lines
from vnb.views.plots import PANELS, figure
from vnb.views.run_figure import RunFigure

NOW = EPOCH + 30


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def view(name: str) -> RunView:
    return Fold.of(events(name)).view


def carried(steps: int, title: str = "", cached: int = 0) -> RunView:
    """A run whose steps ran one after the other."""
    w = Writer("many", Task("t", "A task of many steps"))
    w.plan(*(Step(f"s{place}", f"do part {place} of what is to be done", title=title) for place in range(1, steps + 1)))
    for place in range(1, steps + 1):
        w.run(
            f"s{place}",
            "A few words.",
            [("system", "system", "You carry out one step."), ("instruction", "x", "Do it.")],
            cached,
        )
    return w.view


def titles(found: RunFigure) -> list[str]:
    return [ax.get_title(loc="left") for ax in found.axes]


def panel(found: RunFigure, begins: str) -> Any:
    (only,) = [ax for ax in found.axes if ax.get_title(loc="left").startswith(begins)]
    return only


def bars(ax: Any, label: str) -> int:
    """How many bars are of that kind. Their container carries the label."""
    return sum(container.get_label() == label for container in ax.containers)


def legend(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


# ---------------------------------------------------------------- every kind of run


@pytest.mark.parametrize("name", NAMES)
def test_every_moment_of_every_run_can_be_plotted_or_says_why_not(name: str) -> None:
    drawn = 0
    for moment in moments(name):
        run = Plotted(moment, NOW)
        try:
            panels, omitted = chosen_panels(None, [run])
        except UsageError as error:
            assert "nothing to plot" in error.message and not run.attempts
            continue
        assert len(panels) + len(omitted) == len(PANELS)
        assert moment.run_id in alt_text([run], panels, omitted)
        drawn += 1
    assert drawn


@pytest.mark.parametrize("name", NAMES)
def test_the_figure_of_every_run_has_a_line_for_each_step(name: str) -> None:
    found = figure([view(name)], NOW)
    found.draw_without_rendering()
    ax = panel(found, "Steps")
    assert len(ax.get_yticklabels()) == len(view(name).steps)


def test_the_timeline_has_bars_by_phase_and_marks_by_status() -> None:
    found = figure([view("failed")], NOW)
    ax = panel(found, "Steps")
    assert [bars(ax, kind) for kind in ("queue", "prefill", "decode")] == [6, 5, 5]
    assert sorted(line.get_label() for line in ax.lines if not line.get_label().startswith("_")) == ["failed"] * 2
    assert legend(ax) == ["queue", "prefill", "decode", "failed"]
    assert [text.get_text() for text in ax.texts if text.get_text() == "skipped"] == ["skipped"] * 2
    assert "cancelled" in legend(panel(figure([view("stopped")], NOW), "Steps"))
    assert "reused" in legend(panel(figure([view("forked")], NOW), "Steps"))


def test_a_number_that_would_lie_on_the_next_attempt_is_left_out() -> None:
    w = Writer("often", Task("t", "A step that is run again and again"))
    w.plan(Step("s1", "do it"))
    shown: list[Shown] = [("system", "system", "You carry out one step."), ("instruction", "x", "Do it.")]
    for _ in range(30):
        w.run("s1", "A few words.", shown)
    ax = panel(figure([w.view], NOW), "Steps")
    assert bars(ax, "decode") == 30
    assert [text.get_text() for text in ax.texts] == ["#30"]


def test_attempts_are_numbered_where_there_are_several_and_pauses_take_no_room() -> None:
    found = figure([view("rerun")], NOW)
    ax = panel(found, "Steps")
    said = [text.get_text() for text in ax.texts]
    assert {"#1", "#3", "5.00 s idle"} <= set(said)
    assert found.axes[-1].get_xlabel() or any("under way" in ax.get_xlabel() for ax in found.axes)
    whole = view("rerun")
    assert ax.get_xlim()[1] < whole.ended_at - whole.started_at - 4


def test_the_rate_shows_all_together_and_each_step() -> None:
    ax = panel(figure([view("article")], NOW), "Decoded")
    assert legend(ax) == ["all", "understand", "plan", "s1", "s2", "s3", "integrate"]
    values, edges, _ = ax.patches[0].get_data()
    tokens = sum(len(attempt.tokens) for step in view("article").steps.values() for attempt in step.attempts)
    assert sum(values) * (edges[1] - edges[0]) == pytest.approx(tokens)


def test_the_kv_cache_shows_what_is_in_use_and_what_is_cached() -> None:
    ax = panel(figure([view("article")], NOW), "KV cache")
    assert ax.get_title(loc="left") == "KV cache: cells of 4,096"
    assert sorted(legend(ax)) == ["cached", "in use"]


def test_prefix_hits_are_shares_of_the_prompt() -> None:
    run = carried(3, cached=4)
    ax = panel(figure([run], NOW), "Prefix hits")
    assert (bars(ax, "cached"), bars(ax, "computed")) == (3, 3)
    share = run.steps["s1"].attempts[0].usage
    assert [text.get_text() for text in ax.texts] == [f"{share.cached_tokens / share.prompt_tokens:.0%}"] * 3


def test_sixty_steps_stay_readable() -> None:
    found = figure([carried(60)], EPOCH + 1000)
    ax = panel(found, "Steps")
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert len(labels) == 60 and all(len(label) <= 31 for label in labels) and labels[59].startswith("s60 do part")
    assert bars(ax, "decode") == 60
    assert "each of 60 steps" in legend(panel(found, "Decoded"))
    assert found.get_size_inches()[1] < 14
    assert figure([carried(1)], EPOCH + 1000).get_size_inches()[1] < 6


def test_several_runs_are_laid_over_each_other() -> None:
    found = figure([view("article"), view("rerun")], NOW)
    assert legend(panel(found, "Decoded")) == legend(panel(found, "Inter")) == ["article", "rerun"]
    assert len({line.get_linestyle() for line in panel(found, "Decoded").patches}) == 2
    labels = [text.get_text() for text in panel(found, "Steps").get_yticklabels()]
    assert labels.count("[plan]") == 2 and {"article", "rerun"} <= set(labels)
    assert found.alt.count("Plot of run") == 2
    assert len(lines([Plotted(view("article"), NOW)])) == len(view("article").steps)


def test_caches_in_other_units_are_compared_in_tokens() -> None:
    cells, pages = carried(1), carried(1)
    for run, usage in ((cells, KVCacheUsage(10, 0, 90, "cell")), (pages, KVCacheUsage(10, 0, 90, "page", 256))):
        run.kv = [(run.started_at + at, usage) for at in (0.1, 0.2)]
    ax = panel(figure([cells, pages], NOW, "kv"), "KV")
    assert ax.get_title(loc="left") == "KV cache, in use and cached: tokens of 25,600"
    assert [max(line.get_data().values) for line in ax.patches] == [10, 2560]


# ---------------------------------------------------------------- what is left out


def test_a_panel_without_figures_is_left_out_and_the_reason_said() -> None:
    found = figure([view("diamond")], NOW)
    assert len(found.axes) == 4 and not any(title.startswith("KV") for title in titles(found))
    assert "Not shown: KV cache (nothing says how full it was)." in found.alt
    assert any("Not shown: KV cache" in text.get_text() for text in found.texts)


def test_only_the_panels_that_were_asked_for_are_drawn() -> None:
    for what in (
        *PANELS,
        "timeline,itl",
        "timeline,prefix,itl",
        "rate,kv,itl",
        "timeline,rate,prefix",
        "rate,prefix,kv,itl",
    ):
        found = figure([view("article")], NOW, what)
        assert len(found.axes) == len(what.split(","))
        found.draw_without_rendering()
    assert len(figure([view("article")], NOW, ["rate", "kv"]).axes) == 2


def test_a_wrong_panel_and_an_empty_run_are_errors_that_say_what_can_be_done() -> None:
    with pytest.raises(UsageError, match="no panel 'tokens'") as error:
        figure([view("article")], NOW, "rate,tokens")
    assert "timeline, rate, itl, kv, prefix" in error.value.hint
    with pytest.raises(UsageError, match="nothing to plot: KV cache"):
        figure([view("diamond")], NOW, "kv")
    with pytest.raises(UsageError, match="no step has begun"):
        figure([Writer("new", Task("t", "x")).view], NOW)


def test_one_look_at_the_kv_cache_is_no_curve() -> None:
    run = carried(1)
    run.kv = [(run.started_at + 0.1, KVCacheUsage(10, 0, 90, "page", 256))]
    assert "looked at once" in figure([run], NOW).alt
    run.kv += [(run.started_at + 0.2, KVCacheUsage(20, 5, 75, "page", 256))]
    assert panel(figure([run], NOW), "KV").get_title(loc="left") == "KV cache: pages of 100"


# ---------------------------------------------------------------- letters, themes, files


def test_letters_that_no_font_has_give_way_to_the_steps_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot_style, "_letters", lambda: frozenset(range(32, 127)))
    found = figure([view("article")], NOW)
    labels = [text.get_text() for text in panel(found, "Steps").get_yticklabels()]
    assert labels == ["[understand]", "[plan]", "s1", "s2", "s3", "[integrate]"]
    assert "Run article" in found.get_suptitle()


def test_chinese_is_drawn_where_there_is_a_font_for_it() -> None:
    labels = [text.get_text() for text in panel(figure([view("article")], NOW), "Steps").get_yticklabels()]
    assert ("s1 History 历史" in labels) == plot_style.drawable()("历史")


def test_signs_of_formulas_are_only_letters() -> None:
    run = carried(2, title="costs $5 and $6_{x}")
    found = figure([run], NOW)
    found.draw_without_rendering()
    assert panel(found, "Steps").get_yticklabels()[0].get_text() == "s1 costs $5 and $6_{x}"


def test_light_dark_and_as_matplotlib_is() -> None:
    run = view("article")
    assert to_hex(figure([run], NOW).get_facecolor()) == plot_style.LIGHT.paper
    assert to_hex(figure([run], NOW, dark=True).get_facecolor()) == plot_style.DARK.paper
    with matplotlib.rc_context({"figure.facecolor": "black"}):
        assert to_hex(figure([run], NOW).get_facecolor()) == plot_style.DARK.paper
        assert to_hex(figure([run], NOW, dark=False).get_facecolor()) == plot_style.LIGHT.paper
        assert matplotlib.rcParams["figure.facecolor"] == "black"


def test_the_users_own_style_is_left_alone_and_leaves_the_figure_alone() -> None:
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9}):
        found = figure([view("article")], NOW)
        assert matplotlib.rcParams["font.size"] == 30
    assert panel(found, "Inter").lines[0].get_linewidth() == 1.5


def test_a_notebook_gets_a_picture_with_words_for_who_cannot_see_it() -> None:
    found = figure([view("article")], NOW)
    bundle, metadata = found._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"}
    assert metadata["image/png"]["width"] == 900
    assert metadata["image/png"]["alt"] == bundle["text/plain"] == found.alt
    assert "372 tokens" in found.alt and "median 20 ms" in found.alt and "30% were in the KV cache" in found.alt
    with Image.open(io.BytesIO(found.png())) as picture:
        assert picture.size[0] == 1800
        assert picture.info["Description"] == found.alt
    assert len(bundle["image/png"]) < 500_000


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")])
def test_the_figure_is_written_by_the_files_name(tmp_path: Path, name: str, begins: bytes) -> None:
    figure([view("article")], NOW).save(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_other_files_are_refused(tmp_path: Path) -> None:
    found = figure([view("article")], NOW)
    with pytest.raises(UsageError, match="kind of picture") as error:
        found.save(tmp_path / "a.docx")
    assert ".pdf" in error.value.hint
    with pytest.raises(UsageError, match="cannot be written"):
        found.save(tmp_path / "nowhere" / "a.svg")
