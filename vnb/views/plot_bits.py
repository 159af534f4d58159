"""The figure of quantized weights: how many bits the converter gave to each layer. matplotlib is imported when one is
asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import UsageError
from . import clean
from .plot_style import DARK, LIGHT, drawable, is_dark, settings

if TYPE_CHECKING:
    from .run_figure import RunFigure

_SIZE = (9.0, 2.9)
"""Inches."""

_LAYER = re.compile(r"\.(\d+)\.(.+)")
_MARKERS = "os^Dv"


def figure(name: str, bits: Sequence[tuple[str, float]], dark: bool | None = None) -> RunFigure:
    """Bits per weight over the layers, a line for each part of a layer.

    Args:
        name: What the weights are called.
        bits: Bits per weight of each part, by its name in the checkpoint: `model.layers.3.mlp`.
        dark: Light lines on dark paper; by default as matplotlib's own style is.

    Raises:
        UsageError: No part is one of a layer.
    """
    parts: dict[str, dict[int, float]] = {}
    for part, value in bits:
        found = _LAYER.search(part)
        if found:
            parts.setdefault(found[2], {})[int(found[1])] = value
    if not parts:
        raise UsageError("What each layer was given is not known.", "The process that chooses the bits tells them.")

    import matplotlib.style
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import MaxNLocator

    from .run_figure import RunFigure

    palette = DARK if (is_dark() if dark is None else dark) else LIGHT
    with matplotlib.style.context(["default", settings(palette)]):
        made = RunFigure(figsize=_SIZE, dpi=100, layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05))
        made.alt = _alt(name, parts)
        ax = made.subplots()
        for place, (part, layers) in enumerate(parts.items()):
            marker = _MARKERS[place % len(_MARKERS)]
            ax.plot(
                list(layers), list(layers.values()), label=clean.label(part, 40), marker=marker, markersize=4,
                **palette.line(place),
            )  # fmt: skip
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_ylim(bottom=0)
        ax.set_xlabel("layer")
        ax.set_ylabel("bits per weight")
        title = clean.label(name, 60)
        ax.set_title(f"Bits per weight of {title}" if drawable()(title) else "Bits per weight")
        ax.legend(loc="lower right", bbox_to_anchor=(1.01, 1.0), ncols=len(parts))
    return made


def _alt(name: str, parts: dict[str, dict[int, float]]) -> str:
    said = []
    for part, layers in parts.items():
        least, most = min(layers, key=layers.__getitem__), max(layers, key=layers.__getitem__)
        said.append(f"{part} from {layers[least]:g} (layer {least}) to {layers[most]:g} (layer {most})")
    return f"Bits per weight of {clean.label(name, 60)}: {'; '.join(said)}."
