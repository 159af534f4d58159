"""The figure of a run: one picture with the panels that there is something to say in. matplotlib is imported when one is
asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.view import RunView
from . import clean, plot_panels, plot_steps
from .plot_data import PANELS, Plotted, alt_text, chosen_panels
from .plot_style import DARK, LIGHT, Palette, drawable, is_dark, settings
from .text import title

if TYPE_CHECKING:
    from .run_figure import RunFigure

__all__ = ["PANELS", "figure"]

WIDTH = 9.0
"""Inches, of 100 pixels each: the width of a notebook's output."""

_OVER_TIME = ("timeline", "rate", "kv")
_BESIDE = ("prefix", "itl")


def figure(
    views: Sequence[RunView], now: float, what: str | Sequence[str] | None = None, dark: bool | None = None
) -> RunFigure:
    """One figure of one or several runs, over the time in which anything was under way.

    Args:
        views: The runs; they may change meanwhile. Several are laid over each other, each from its own beginning.
        now: Seconds since the epoch, until which running attempts last.
        what: The panels, of `PANELS`, as a list or with commas between; by default all. Those that have nothing to
            show are left out, and the figure says why.
        dark: Light lines on dark paper; by default as matplotlib's own style is.

    Raises:
        UsageError: There is no such panel, or nothing to show.
    """
    runs = [Plotted(view, now) for view in views]
    drawn, omitted = chosen_panels(what, runs)

    import matplotlib.style
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from .run_figure import RunFigure

    palette = DARK if (is_dark() if dark is None else dark) else LIGHT
    with matplotlib.style.context(["default", settings(palette)]):
        rows = len(plot_steps.lines(runs))
        heights = {"timeline": 0.55 + rows * _row_height(rows), "rate": 1.75, "kv": 1.35}
        left = [panel for panel in _OVER_TIME if panel in drawn]
        right = [panel for panel in _BESIDE if panel in drawn]
        sizes = [heights[panel] for panel in left] or [heights["timeline"] if "prefix" in right else 2.6]
        layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05)
        found = RunFigure(figsize=(WIDTH, sum(sizes) + 0.75), dpi=100, layout=layout)
        found.alt = alt_text(runs, drawn, omitted)
        axes = _axes(found, left, right, sizes)
        _draw(axes, runs, palette)
        _words(found, runs, omitted, palette)
    return found


def _row_height(rows: int) -> float:
    return 0.23 if rows <= 30 else 0.155 if rows <= 70 else 0.11


def _axes(found: RunFigure, left: list[str], right: list[str], sizes: list[float]) -> dict[str, Any]:
    """Axes by panel: what goes over time at the left under one another, prefix hits and gaps at the right."""
    mosaic: list[Any]
    if len(left) < 2:
        mosaic, ratios = [[*left, *right]], [2.4] * len(left) + [1.0] * len(right)
    elif not right:
        mosaic, ratios = [[panel] for panel in left], [1.0]
    else:
        by_step = left[0] == "timeline"
        top = "prefix" if "prefix" in right else "." if by_step else "itl"
        below = "itl" if "itl" in right else "." if by_step else "prefix"
        mosaic, ratios = [[panel, below if place else top] for place, panel in enumerate(left)], [2.4, 1.0]
    axes = found.subplot_mosaic(mosaic, width_ratios=ratios, height_ratios=sizes)
    for panel in left[1:]:
        axes[panel].sharex(axes[left[0]])
    if "timeline" in left and "prefix" in right:
        axes["prefix"].sharey(axes["timeline"])
    return axes


def _draw(axes: dict[str, Any], runs: Sequence[Plotted], palette: Palette) -> None:
    letters = drawable()
    if "timeline" in axes:
        plot_steps.steps(axes["timeline"], runs, palette)
        plot_steps.label_rows(axes["timeline"], runs, palette, letters)
    if "prefix" in axes:
        plot_steps.prefix(axes["prefix"], runs, palette)
        if "timeline" in axes:
            axes["prefix"].tick_params(axis="y", length=0, labelleft=False)
            axes["prefix"].grid(False, axis="y")
        else:
            plot_steps.label_rows(axes["prefix"], runs, palette, letters)
    for panel, draw in (("rate", plot_panels.rate), ("kv", plot_panels.kv), ("itl", plot_panels.itl)):
        if panel in axes:
            draw(axes[panel], [run for run in runs if not run.lacks(panel)], palette)
    over_time = [axes[panel] for panel in _OVER_TIME if panel in axes]
    for place, ax in enumerate(over_time):
        ax.set_xlim(0, max(run.clock.total for run in runs) or 1)
        ax.tick_params(axis="x", labelbottom=ax is over_time[-1] or (place == 0 and "prefix" in axes))
        if len(runs) == 1:
            _cuts(ax, runs[0], palette, place == 0)
    if over_time:
        over_time[-1].set_xlabel("seconds" + (" in which anything was under way" if _is_cut(runs) else ""))
    for panel, ax in axes.items():
        if panel != "itl":
            _legend(ax, panel)


def _is_cut(runs: Sequence[Plotted]) -> bool:
    return any(run.clock.cuts for run in runs)


def _cuts(ax: Any, run: Plotted, palette: Palette, named: bool) -> None:
    """Where a pause was left out of the time."""
    for at, gone in run.clock.cuts:
        ax.axvline(at, color=palette.muted, linewidth=1.0, linestyle=(0, (2, 2)), zorder=4)
        if named:
            ax.annotate(
                f"{clean.seconds(gone)} idle",
                (at, 0),
                (2, 3),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                fontsize=7,
                style="italic",
                color=palette.muted,
            )


def _legend(ax: Any, panel: str) -> None:
    """What the panel's areas, lines and marks mean, each once, above it at the right."""
    handles, labels = ax.get_legend_handles_labels()
    found = dict(zip(labels, handles))
    if not found:
        return
    order = sorted(found, key=lambda label: _ORDER.index(label) if label in _ORDER else -1)
    if panel in ("rate", "prefix") or (panel == "kv" and "cached" not in found):
        ax.set_title(ax.get_title(loc="left"), pad=19)  # no room for both in one line
    ax.legend(
        [found[label] for label in order],
        order,
        loc="lower right",
        bbox_to_anchor=(1.01, 1.0),
        ncols=len(order),
        handlelength=1.3 if panel == "prefix" else 1.8,
    )


_ORDER = ("queue", "prefill", "decode", "reused", "failed", "cancelled", "in use", "cached", "computed")


def _words(found: RunFigure, runs: Sequence[Plotted], omitted: Sequence[str], palette: Palette) -> None:
    """The title and the line below the panels."""
    letters = drawable()
    if len(runs) == 1:
        run = runs[0]
        task = clean.fit(clean.label(title(run.view)), 100)
        head = task if letters(task) else f"Run {run.view.run_id}"
        found.suptitle(
            f"{head}\n{run.figures} · run {run.view.run_id}", x=0.01, ha="left", fontsize=9.5, linespacing=1.4
        )
    else:
        heads = [clean.fit(f"{run.view.run_id}  {run.figures}", 130) for run in runs]
        found.suptitle("\n".join(heads), x=0.01, ha="left", fontsize=8.5, linespacing=1.4)
    if omitted:
        said = "\n".join(clean.wrap(f"Not shown: {'; '.join(omitted)}.", 140))
        found.supxlabel(said, x=0.01, ha="left", fontsize=7.5, color=palette.muted)
