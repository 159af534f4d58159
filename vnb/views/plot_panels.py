"""The panels over time and the distribution of the figure of a run, each drawn into axes that it is given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core import metrics, timeline
from . import clean
from .plot_data import Plotted
from .plot_style import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LINES = 8
"""The most steps that have a line of their own; of more, all lines are grey."""

_TAILS = (0.5, 0.95, 0.99)
"""The percentiles that are marked."""


def rate(ax: Axes, runs: Sequence[Plotted], palette: Palette) -> None:
    """Tokens per second over time: of all steps together with a line for each, or of several runs."""
    pooled = [(run, run.tokens(*run.attempts)) for run in runs]
    size = max(run.window for run in runs)
    for place, (run, times) in enumerate(pooled):
        if len(runs) > 1:
            _stairs(ax, times, run, size, label=run.view.run_id, linewidth=1.6, **palette.line(place))
        else:
            values, edges = _windows(times, run, size)
            ax.stairs(
                values, edges, fill=True, label="all", facecolor=palette.grid, edgecolor=palette.ink, linewidth=0.8
            )
            _steps(ax, run, size, palette)
    ax.set_ylim(bottom=0)
    ax.set_title(f"Decoded tokens per second (windows of {clean.milliseconds(size)})")
    ax.set_ylabel("tok/s")


def _steps(ax: Axes, run: Plotted, size: float, palette: Palette) -> None:
    lines = [(row, times) for row in run.rows if (times := run.tokens(*list(row.step.attempts)))]
    for place, (row, times) in enumerate(lines if len(lines) > 1 else ()):
        if len(lines) > _MOST_LINES:
            label = "_" if place else f"each of {len(lines)} steps"
            _stairs(ax, times, run, size, label=label, linewidth=0.6, color=palette.muted)
        else:
            label = clean.label(row.step.step.id, 16)
            _stairs(ax, times, run, size, label=label, linewidth=1.3, **palette.line(place))


def _stairs(ax: Axes, times: Sequence[float], run: Plotted, size: float, **line: Any) -> None:
    values, edges = _windows(times, run, size)
    ax.stairs([value or math.nan for value in values], edges, **line)


def _windows(times: Sequence[float], run: Plotted, size: float) -> tuple[list[float], list[float]]:
    """Rates in the windows from the first token to the last, and the edges of these windows."""
    values = timeline.rates(times, run.clock.total, size)
    taken = [place for place, value in enumerate(values) if value]
    first, last = taken[0], taken[-1]
    return values[first : last + 1], [place * size for place in range(first, last + 2)]


def kv(ax: Axes, runs: Sequence[Plotted], palette: Palette) -> None:
    """How full the KV cache was, between two looks as at the first of them."""
    unit = runs[0].view.kv[-1][1].unit if len(runs) == 1 else "token"
    whole = most = 0
    for place, run in enumerate(runs):
        size = run.view.kv[-1][1].tokens_per_unit if len(runs) > 1 else 1
        times = [time for time, _, _, _ in run.kv] + [run.clock.total]
        used = [used * size for _, used, _, _ in run.kv]
        held = [(used + cached) * size for _, used, cached, _ in run.kv]
        whole, most = max(whole, run.kv[-1][3] * size), max(most, *held)
        if len(runs) > 1:
            ax.stairs(held, times, baseline=None, label=run.view.run_id, linewidth=1.5, **palette.line(place))
            continue
        ax.stairs(
            held,
            times,
            baseline=used,
            fill=True,
            label="cached",
            facecolor=palette.cached,
            edgecolor=palette.muted,
            hatch="...",
            linewidth=0.6,
        )
        ax.stairs(used, times, fill=True, label="in use", facecolor=palette.decode, edgecolor=palette.decode)
    ax.set_ylim(0, whole if most > whole / 3 else most * 1.25 or 1)
    ax.set_title(f"KV cache{', in use and cached' if len(runs) > 1 else ''}: {unit}s of {whole:,}")
    ax.set_ylabel(f"{unit}s")


def itl(ax: Axes, runs: Sequence[Plotted], palette: Palette) -> None:
    """The share of gaps between tokens that are shorter than …, with the median and two tails."""
    for place, run in enumerate(runs):
        gaps = [gap * 1000 for gap in run.gaps]
        shares = [(rank + 1) / len(gaps) for rank in range(len(gaps))]
        line = palette.line(place) if len(runs) > 1 else {"color": palette.decode}
        ax.step(gaps, shares, where="post", linewidth=1.5, label=run.view.run_id, **line)
        tails = [(metrics.percentile(gaps, share) or 0.0, share) for share in _TAILS]
        ax.plot(*zip(*tails), "o", markersize=3.5, color=line["color"])
    every = sorted(gap * 1000 for run in runs for gap in run.gaps)
    median, top = metrics.percentile(every, 0.5) or 0.0, every[-1]
    if top > 20 * median > 0:
        ax.set_xscale("log")
        ax.set_xlim(max(every[0], median / 20), top * 1.3)
        ax.xaxis.set_major_formatter("{x:g}")
    else:
        ax.set_xlim(0, top * 1.05)
    if len(runs) == 1:
        _name_tails(ax, tails, median)
    else:
        ax.legend(loc="lower right")
    ax.set_ylim(0, 1.06)
    ax.set_title("Inter-token latency")
    ax.set_xlabel(f"ms ({len(every):,} gaps)")
    ax.set_ylabel("cumulative share")


def _name_tails(ax: Axes, tails: Sequence[tuple[float, float]], median: float) -> None:
    """The percentiles in words, on the side where the line is not."""
    said = "\n".join(f"p{share * 100:.0f}  {clean.milliseconds(value / 1000)}" for value, share in tails)
    place = ax.transAxes.inverted().transform(ax.transData.transform((median, 0)))[0]
    x, y, ha, va = (0.97, 0.05, "right", "bottom") if place < 0.5 else (0.04, 0.94, "left", "top")
    ax.text(x, y, said, transform=ax.transAxes, ha=ha, va=va, fontsize=7.5, linespacing=1.4)
