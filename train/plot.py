"""Figures: a training log, and an evaluation by depth.

python -m train.plot train/runs/a/log.jsonl train/figures/loss.png
python -m train.plot train/figures/evaluation.json train/figures/depth.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from .evaluate import CHAINS
from .report import wilson

TRAINED = 6
"""The most steps of a task in training."""


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def draw(log: Path, out: Path) -> None:
    """Loss, and how well random strings are copied; a step that was run again after a kill counts with its last line."""
    lines = {line["step"]: line for line in read(log) if "loss" in line}
    steps = sorted(lines)
    figure = Figure(figsize=(7.5, 3.4), layout="constrained")
    loss = figure.subplots()
    loss.plot(steps, [lines[step]["loss"] for step in steps], color="tab:blue", linewidth=1.2)
    loss.set(xlabel="step", yscale="log", xlim=(0, steps[-1]))
    loss.set_ylabel("loss (weighted nats a token)", color="tab:blue")
    ticks = [value for value in (0.1, 0.2, 0.5, 1, 2, 5) if value > 0.7 * min(line["loss"] for line in lines.values())]
    loss.set_yticks(ticks, [f"{value:g}" for value in ticks])
    loss.minorticks_off()
    copied = loss.twinx()
    copied.plot(steps, [lines[step]["copied"] for step in steps], color="tab:orange", linewidth=1, alpha=0.8)
    copied.set(ylim=(0, 1.03))
    copied.set_ylabel("tokens of random strings copied right", color="tab:orange")
    for step, before in zip(steps[1:], steps, strict=False):
        if lines[step]["stage"] != lines[before]["stage"]:
            loss.axvline(before, color="0.6", linewidth=0.8, linestyle=":")
    for stage in dict.fromkeys(lines[step]["stage"] for step in steps):
        mine = [step for step in steps if lines[step]["stage"] == stage]
        loss.text((mine[0] + mine[-1]) / 2, 1.01, stage, transform=loss.get_xaxis_transform(), ha="center", fontsize=9)
    figure.savefig(out, dpi=130)


def draw_depth(evaluation: Path, out: Path) -> None:
    """The shares of tasks that are right, planned and direct, by family and number of steps."""
    cells = json.loads(evaluation.read_text(encoding="utf-8"))["cells"]
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, family in zip(figure.subplots(1, 3, sharey=True), CHAINS, strict=True):
        mine = sorted((cell for cell in cells if cell["family"] == family), key=lambda cell: cell["depth"])
        depths = [cell["depth"] for cell in mine]
        axes.axvspan(TRAINED + 0.5, max(depths) + 0.5, color="0.92")
        for name, style, color in (("planned", "-o", "tab:blue"), ("direct", "--s", "tab:red")):
            counts = [cell["counts"][name] for cell in mine]
            shares = [good / n for good, n in counts]
            bounds = [wilson(good, n) for good, n in counts]
            errors = [
                [max(0.0, s - low) for s, (low, _) in zip(shares, bounds, strict=True)],
                [max(0.0, high - s) for s, (_, high) in zip(shares, bounds, strict=True)],
            ]
            axes.errorbar(
                depths, shares, errors, fmt=style, color=color, label=name, capsize=2, linewidth=1.2, markersize=4
            )
        axes.set(title=family, xlabel="steps", ylim=(-0.02, 1.03), xticks=depths, xlim=(1.5, max(depths) + 0.5))
        axes.grid(axis="y", linewidth=0.4)
        axes.text(TRAINED + 0.55, 0.98, "deeper than\ntrained", va="top", fontsize=7, color="0.35")
    figure.axes[0].set_ylabel("right, of held-out tasks")
    figure.axes[0].legend(loc="center left", fontsize=8)
    figure.savefig(out, dpi=130)


def main() -> None:
    source, out = map(Path, sys.argv[1:])
    (draw if source.suffix == ".jsonl" else draw_depth)(source, out)


if __name__ == "__main__":
    main()
