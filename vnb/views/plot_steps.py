"""The panels with a row for each step: the timeline, and beside it what of each prompt was in the KV cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core import timeline
from ..core.view import AttemptView
from . import clean
from .plot_data import Plotted, sent
from .plot_style import Palette
from .rows import Row
from .text import name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 31
"""The most columns of a step's name."""

_NUMBER = 0.06
"""Share of the panel's width that an attempt's number takes; where the next attempt begins sooner, it is left out."""

_MARKS = {"reused": ("D", "reused"), "failed": ("X", "failed"), "cancelled": ("s", "cancelled")}


@dataclass(frozen=True)
class Line:
    """One line of the panels: a step, or the heading of a run where there are several."""

    run: Plotted
    row: Row | None


def lines(runs: Sequence[Plotted]) -> list[Line]:
    """The lines from top to bottom."""
    found: list[Line] = []
    for run in runs:
        found += [Line(run, None)] if len(runs) > 1 else []
        found += [Line(run, row) for row in run.rows]
    return found


def label_rows(ax: Axes, runs: Sequence[Plotted], palette: Palette, drawable: Callable[[str], bool]) -> None:
    """Names the lines at the left; those whose letters no font has, by the step's id."""
    found = lines(runs)
    ax.set_ylim(len(found) - 0.4, -0.6)
    size = 8 if len(found) <= 30 else 6.5 if len(found) <= 70 else 5
    ax.set_yticks(range(len(found)), [_label(line, drawable) for line in found], fontsize=size)
    ax.tick_params(axis="y", length=0)
    ax.grid(False, axis="y")
    for place, (line, text) in enumerate(zip(found, ax.get_yticklabels())):
        text.set_parse_math(False)
        if line.row is None:
            text.set_fontweight("bold")
            text.set_color(palette.lines[runs.index(line.run) % len(palette.lines)])
            ax.axhline(place - 0.55, color=palette.grid, linewidth=0.8)


def _label(line: Line, drawable: Callable[[str], bool]) -> str:
    if line.row is None:
        return clean.fit(line.run.view.run_id, _COLUMNS)
    id = clean.label(line.row.step.step.id, 40)
    shown = f"[{id}]" if line.row.reserved else name(line.row)
    shown = shown if drawable(shown) else id
    return clean.fit(shown, _COLUMNS)


def steps(ax: Axes, runs: Sequence[Plotted], palette: Palette) -> None:
    """Queue, prefill and decode of every attempt as bars; what was reused, failed or was cancelled, marked."""
    ends = max(run.clock.total for run in runs)
    for place, line in enumerate(lines(runs)):
        if line.row is None:
            continue
        attempts = list(line.row.step.attempts)
        begun = math.inf  # by the attempt after the one that is drawn
        for attempt in reversed(attempts):
            _bars(ax, place, line.run, attempt, palette)
            spans = timeline.phases(attempt, line.run.until)
            end = line.run.clock.at(spans[-1].end if spans else attempt.ended_at)
            room, begun = begun - end, line.run.clock.at(spans[0].start if spans else attempt.ended_at)
            if len(attempts) > 1 and room > _NUMBER * ends:
                ax.annotate(
                    f"#{attempt.number}",
                    (end, place),
                    (6, 0),
                    textcoords="offset points",
                    fontsize=6.5,
                    color=palette.muted,
                    va="center",
                )
        if not attempts or not (attempts[-1].active or timeline.phases(attempts[-1]) or attempts[-1].status in _MARKS):
            at, status = (
                (line.run.clock.at(attempts[-1].ended_at), "no model call") if attempts else (0.0, line.row.status)
            )
            side = "right" if at > ends / 2 else "left"
            ax.annotate(
                status,
                (at, place),
                (-4 if side == "right" else 4, 0),
                textcoords="offset points",
                fontsize=7,
                style="italic",
                color=palette.muted,
                ha=side,
                va="center",
            )
    ax.set_title("Steps")


def _bars(ax: Axes, place: int, run: Plotted, attempt: AttemptView, palette: Palette) -> None:
    styles: dict[str, dict[str, Any]] = {
        "queue": {"facecolor": palette.queue, "height": 0.28},
        "prefill": {"facecolor": palette.prefill, "edgecolor": palette.ink, "hatch": "//////", "height": 0.66},
        "decode": {"facecolor": palette.decode, "height": 0.66},
    }
    for phase in timeline.phases(attempt, run.until):
        begun, ended = run.clock.at(phase.start), run.clock.at(phase.end)
        ax.barh(place, ended - begun, left=begun, linewidth=0.4, label=phase.kind, **styles[phase.kind])
    if attempt.status in _MARKS:
        marker, label = _MARKS[attempt.status]
        filled = palette.bad if attempt.status == "failed" else palette.paper
        edge = palette.bad if attempt.status == "failed" else palette.ink
        ax.plot(
            [run.clock.at(attempt.ended_at)],
            [place],
            marker=marker,
            markersize=6,
            markerfacecolor=filled,
            markeredgecolor=edge,
            linestyle="none",
            clip_on=False,
            zorder=5,
            label=label,
        )


def prefix(ax: Axes, runs: Sequence[Plotted], palette: Palette) -> None:
    """Prompt tokens of the attempt that counts: what was in the KV cache, and what had to be computed."""
    most = max((usage.prompt_tokens for run in runs for row in run.rows if (usage := sent(row))), default=1)
    found = lines(runs)
    for place, line in enumerate(found):
        usage = sent(line.row) if line.row else None
        if usage is None:
            continue
        cached, new = usage.cached_tokens, usage.prompt_tokens - usage.cached_tokens
        if cached:
            ax.barh(
                place,
                cached,
                height=0.66,
                facecolor=palette.cached,
                edgecolor=palette.muted,
                hatch="...",
                linewidth=0.4,
                label="cached",
            )
        ax.barh(
            place,
            new,
            left=cached,
            height=0.66,
            facecolor=palette.prefill,
            edgecolor=palette.ink,
            hatch="//////",
            linewidth=0.4,
            label="computed",
        )
        ax.annotate(
            clean.share(cached / usage.prompt_tokens),
            (usage.prompt_tokens, place),
            (3, 0),
            textcoords="offset points",
            fontsize=7 if len(found) <= 30 else 5.5,
            va="center",
        )
    ax.set_xlim(0, most * 1.22)
    ax.set_title("Prefix hits")
    ax.set_xlabel("prompt tokens")
