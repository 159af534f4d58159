"""Quantized weights as users hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..engines import quantize as converting

if TYPE_CHECKING:
    from ..views.run_figure import RunFigure


@dataclass(frozen=True)
class Quantized(converting.Quantized):
    """EXL2 weights, and how many bits each part was given."""

    def plot(self, dark: bool | None = None) -> RunFigure:
        """A matplotlib figure of the bits per weight of each layer, as a notebook shows and `figure.save("a.pdf")` writes.

        Args:
            dark: Light on dark; by default as matplotlib's own style is.

        Raises:
            UsageError: The bits are not known: another process had chosen them.
        """
        from ..views.plot_bits import figure

        return figure(self.path.name, self.bits, dark)


def quantize(
    source: str | Path, out: str | Path, *, bpw: float, head_bits: int, on_progress: Callable[[str], None] | None
) -> Quantized:
    """`vnb.quantize`."""
    made = converting.quantize(source, out, bpw=bpw, head_bits=head_bits, on_progress=on_progress)
    return Quantized(made.path, made.bits)
