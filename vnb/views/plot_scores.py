"""The figure of an evaluation: accuracies with their intervals, and what a solved task took. Imports matplotlib when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..core.scores import Score
from ..errors import UsageError
from . import clean
from .evaluation import share
from .plot_style import DARK, LIGHT, Palette, drawable, is_dark, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .run_figure import RunFigure

_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
_SPREAD = 0.62
"""How much of the room between two groups the points of one group take."""
_LEGEND = 85
"""How many letters are side by side in the legend."""


def figure(title: str, scores: Sequence[Score], dark: bool | None = None) -> RunFigure:
    """One figure: at the left each group's accuracies, at the right what all ways took for each solved task.

    Args:
        scores: Those of every group, and of all tasks (an empty group) if there are several.
        dark: Light lines on dark paper; by default as matplotlib's own style is.

    Raises:
        UsageError: There is nothing to plot.
    """
    if not scores:
        raise UsageError("There are no answers to plot.", "Give vnb.evaluate some tasks.")
    import matplotlib.style
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from .run_figure import RunFigure

    palette = DARK if (is_dark() if dark is None else dark) else LIGHT
    groups = list(dict.fromkeys(score.group for score in scores))
    shown = groups[:-1] if len(groups) > 1 and groups[-1] == "" else groups
    whole = [score for score in scores if score.group == groups[-1]]
    legend = [clean.label(name, 60) for name in _names(scores).values()]
    columns = max(1, min(4, _LEGEND // (max(map(len, legend)) + 5)))
    rows = -(-len(legend) // columns)
    with matplotlib.style.context(["default", settings(palette)]):
        found = RunFigure(
            figsize=(9.0, 3.3 + 0.2 * rows), dpi=100, layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05)
        )
        found.alt = alt_text(title, scores)
        axes = found.subplot_mosaic([["right", "tokens"], ["right", "seconds"]], width_ratios=[2.2, 1.0])
        _accuracies(axes["right"], [score for score in scores if score.group in shown], shown, palette)
        axes["right"].set_title("Right answers, with 95 % intervals", pad=5 + 14 * rows)
        axes["right"].legend(
            axes["right"].containers,
            legend,
            loc="lower right",
            bbox_to_anchor=(1.01, 1.0),
            ncols=columns,
            handlelength=1.2,
        )
        _bars(axes["tokens"], whole, "New tokens / solved", lambda one: one.new_tokens, palette)
        _bars(axes["seconds"], whole, "Seconds / solved", lambda one: one.seconds, palette)
        head = clean.fit(clean.label(title), 120)
        found.suptitle(head if drawable()(head) else "Evaluation", x=0.01, ha="left", fontsize=9.5)
    return found


def _names(scores: Sequence[Score]) -> dict[str, str]:
    """What each way is called: with its model, where they differ."""
    several = len({score.model for score in scores}) > 1
    return {score.way: f"{score.way} ({score.model})" if several else score.way for score in scores}


def _accuracies(ax: Axes, scores: Sequence[Score], groups: Sequence[str], palette: Palette) -> None:
    """A point with its interval for each way in each group, the ways beside one another."""
    ways = list(dict.fromkeys(score.way for score in scores))
    letters = drawable()
    for place, way in enumerate(ways):
        own = [score for score in scores if score.way == way]
        shift = _SPREAD * ((place + 0.5) / len(ways) - 0.5)
        at = [groups.index(score.group) + shift for score in own]
        ends = [(score.accuracy - score.interval[0], score.interval[1] - score.accuracy) for score in own]
        ax.errorbar(
            at,
            [100 * score.accuracy for score in own],
            yerr=[[max(0.0, 100 * end[side]) for end in ends] for side in (0, 1)],
            fmt=_MARKERS[place % len(_MARKERS)],
            color=palette.line(place)["color"],
            markersize=5,
            linewidth=1.2,
            capsize=2.5,
            clip_on=False,
        )
    names = [name if letters(name) else f"group {place}" for place, name in enumerate(groups, 1)]
    long = max(map(len, names)) * len(names) > 70
    turned: dict[str, Any] = {"rotation": 30, "ha": "right"} if long else {}
    ax.set_xticks(range(len(groups)), [clean.label(name, 24) for name in names], **turned)
    ax.set_xlim(-0.6, len(groups) - 0.4)
    ax.set_ylim(0, 100)
    ax.grid(False, axis="x")
    ax.set_ylabel("%")


def _bars(ax: Axes, scores: Sequence[Score], title: str, total: Callable[[Score], float], palette: Palette) -> None:
    """A bar for each way, with its figure; a dash where nothing was solved."""
    values = [score.per_solved(total(score)) for score in scores]
    most = max((value for value in values if value is not None), default=0.0) or 1.0
    for place, (score, value) in enumerate(zip(scores, values)):
        ax.barh(place, value or 0.0, height=0.6, color=palette.line(place)["color"], label=clean.label(score.way, 40))
        said = "–" if value is None else f"{value:,.0f}" if isinstance(total(score), int) else clean.seconds(value)
        ax.annotate(said, (value or 0.0, place), (3, 0), textcoords="offset points", va="center", fontsize=8)
    ax.set_yticks(range(len(scores)), [clean.label(score.way, 20) for score in scores])
    ax.set_ylim(len(scores) - 0.5, -0.5)
    ax.set_xlim(0, most * 1.35)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelbottom=False, length=0)
    ax.grid(False)
    ax.set_title(title)


def alt_text(title: str, scores: Sequence[Score]) -> str:
    """The figure in words."""
    said, names = [], _names(scores)
    for score in scores:
        ends: Any = " to ".join(share(end) for end in score.interval)
        group = f" on {score.group}" if score.group else ""
        said.append(
            f"{names[score.way]}{group}: {score.right} of {score.asked} right, {share(score.accuracy)} ({ends})."
        )
    return "\n".join([f"Evaluation. {title}.", *said])
