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


if __name__ == "__main__":
    source = Path(sys.argv[1])
    draw(source, Path(sys.argv[2]) if len(sys.argv) > 2 else source.with_name("loss.png"))
