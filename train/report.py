"""What `train.evaluate` counted, as the model card's tables and as one file.

python -m train.report train/runs/evaluation --keep train/figures/evaluation.json
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .evaluate import CELLS, CHAINS

TABLES = {
    "chains and sentences": ("plan", "step", "part", "planned", "direct"),
    "other calls": ("brief", "write", "review"),
}


def wilson(good: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share."""
    if not n:
        return 0.0, 1.0
    share, q = good / n, z * z / n
    middle = (share + q / 2) / (1 + q)
    half = z / (1 + q) * math.sqrt(share * (1 - share) / n + q / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def auroc(scored: Iterable[tuple[float, bool]]) -> float | None:
    """The chance that a wrong step has more entropy than a right one; ties count half."""
    found = list(scored)
    wrong = [score for score, good in found if not good]
    well = [score for score, good in found if good]
    if not wrong or not well:
        return None
    won = sum((w > r) + 0.5 * (w == r) for w in wrong for r in well)
    return won / (len(wrong) * len(well))


def share(counts: tuple[int, int]) -> str:
    """`97.5 % (94–99, n=200)`, or a dash where nothing was asked."""
    good, n = counts
    low, high = wilson(good, n)
    return f"{100 * good / n:.1f} % ({100 * low:.0f}–{100 * high:.0f}, n={n})" if n else "–"


def read(folder: Path) -> list[dict[str, Any]]:
    """The cells of a folder, in the order of `CELLS`."""
    cells = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    order = {f"{family} {depth}": i for i, (family, depth) in enumerate(CELLS)}
    return sorted(cells, key=lambda cell: (cell["family"] not in CHAINS, order[f"{cell['family']} {cell['depth']}"]))


def table(cells: list[dict[str, Any]], names: tuple[str, ...]) -> str:
    """The counts of some names as a Markdown table, a line a cell."""
    lines = [f"| family | steps | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for cell in cells:
        counts = [cell["counts"].get(name, (0, 0)) for name in names]
        if any(n for _, n in counts):
            lines.append(f"| {cell['family']} | {cell['depth']} | {' | '.join(map(share, counts))} |")
    return "\n".join(lines)


def scores(cells: list[dict[str, Any]]) -> list[tuple[float, bool]]:
    """Entropy and rightness of the chains' steps."""
    return [(entropy, good) for cell in cells if cell["family"] in CHAINS for entropy, good in cell["entropies"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, help="one file with all counts")
    args = parser.parse_args()
    cells = read(args.folder)
    for title, names in TABLES.items():
        print(f"{title}\n\n{table(cells, names)}\n")
    found = scores(cells)
    wrong = sum(not good for _, good in found)
    area = auroc(found)
    print(f"AUROC of a step's entropy, wrong over right: {area} ({wrong} wrong of {len(found)})")
    print(f"seconds: {sum(cell['seconds'] for cell in cells):.0f}")
    if args.keep:
        kept = [{key: cell[key] for key in ("family", "depth", "counts", "seconds", "settings")} for cell in cells]
        summary = {"auroc": area, "steps": len(found), "wrong": wrong, "cells": kept}
        args.keep.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
