"""A training log as a figure: loss, and exact accuracies of held-out tasks.

python -m train.plot train/runs/a/log.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def draw(log: Path, out: Path) -> None:
    """Writes the figure; a step that was run again after a kill counts with its last line."""
    from matplotlib.figure import Figure

    lines = read(log)
    losses = {line["step"]: line["loss"] for line in lines if "loss" in line}
    exact = {line["step"]: line["exact"] for line in lines if "exact" in line}
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(sorted(losses), [losses[step] for step in sorted(losses)], linewidth=1)
    left.set(xlabel="step", ylabel="loss (weighted nats a token)", yscale="log")
    for name in sorted({name for counts in exact.values() for name in counts if name.endswith(("/work", "/plan"))}):
        shown = [(step, exact[step][name].split("/")) for step in sorted(exact) if name in exact[step]]
        style = "-" if name.endswith("/plan") else "--"
        right.plot(
            [step for step, _ in shown], [int(a) / int(b) for _, (a, b) in shown], style, label=name, linewidth=1
        )
    right.set(xlabel="step", ylabel="exact, held-out tasks (torch, greedy)", ylim=(0, 1.02))
    right.legend(fontsize=6, ncols=2)
    figure.savefig(out, dpi=130)


def draw_depth(evaluations: list[Path], out: Path) -> None:
    """Writes the shares of tasks that are right, planned and direct, by family and number of steps."""
    from matplotlib.figure import Figure

    from .evaluate import wilson

    cells = [cell for path in evaluations for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    figure = Figure(figsize=(9, 3), layout="constrained")
    families = ("arithmetic", "list", "lookup")
    for axes, family in zip(figure.subplots(1, 3, sharey=True), families, strict=True):
        mine = sorted((cell for cell in cells if cell["family"] == family), key=lambda cell: cell["depth"])
        for name, style in (("planned", "-o"), ("direct", "--s")):
            shares = [cell[name][0] / cell[name][1] for cell in mine]
            bounds = [wilson(*cell[name]) for cell in mine]
            errors = [
                [max(0.0, s - low) for s, (low, _) in zip(shares, bounds, strict=True)],
                [max(0.0, high - s) for s, (_, high) in zip(shares, bounds, strict=True)],
            ]
            axes.errorbar([c["depth"] for c in mine], shares, errors, fmt=style, label=name, capsize=2, linewidth=1)
        axes.set(title=family, xlabel="steps", ylim=(-0.02, 1.02), xticks=[c["depth"] for c in mine])
    figure.axes[0].set_ylabel("right (95 % Wilson)")
    figure.axes[0].legend()
    figure.savefig(out, dpi=130)


def main() -> None:
    *sources, out = map(Path, sys.argv[1:])
    if sources[0].suffix == ".jsonl":
        draw(sources[0], out)
    else:
        draw_depth(sources, out)


if __name__ == "__main__":
    main()
