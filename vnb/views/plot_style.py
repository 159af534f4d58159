"""How the figure looks: colours that keep apart in grey and for colour-blind readers, and fonts that have the letters.

The colours are those of Okabe and Ito, "Color universal design" (2008), lighter on dark paper; nothing is told by colour
alone: areas differ in hatching, lines in dashes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti TC",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "SimHei",
)
"""Fonts with Chinese letters on Linux, macOS and Windows; the first that is there stands in where the first font lacks
a letter."""

_DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)))


@dataclass(frozen=True)
class Palette:
    """The colours of one theme. Prefill and cached tokens are hatched besides."""

    paper: str
    ink: str
    muted: str
    grid: str
    queue: str
    prefill: str
    decode: str
    cached: str
    bad: str
    lines: tuple[str, ...]

    def line(self, place: int) -> dict[str, Any]:
        """Colour and dashes of the line number `place`: each pair occurs once in thirty."""
        return {"color": self.lines[place % len(self.lines)], "linestyle": _DASHES[place % len(_DASHES)]}


LIGHT = Palette(
    paper="#ffffff",
    ink="#1a1a1a",
    muted="#5f5f5f",
    grid="#e3e3e3",
    queue="#d9d9d9",
    prefill="#a6d5f2",
    decode="#0072b2",
    cached="#f3d9a4",
    bad="#d55e00",
    lines=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
)
DARK = Palette(
    paper="#16181c",
    ink="#ececec",
    muted="#a9adb4",
    grid="#33373e",
    queue="#4b5058",
    prefill="#2f5f82",
    decode="#56b4e9",
    cached="#8a6a1f",
    bad="#ff8f4a",
    lines=("#56b4e9", "#ff8f4a", "#3ccfa4", "#e3a3c6", "#f0e442", "#b8bcc4"),
)


def is_dark() -> bool:
    """Whether the user's own matplotlib style has dark paper."""
    import matplotlib
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(matplotlib.rcParams["figure.facecolor"])
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.5


def settings(palette: Palette) -> dict[str, Any]:
    """The rcParams of the figure, over matplotlib's defaults."""
    return {
        "font.family": [*fonts()],
        "font.size": 8.5,
        "text.color": palette.ink,
        "text.usetex": False,
        "text.parse_math": False,
        "figure.facecolor": palette.paper,
        "figure.edgecolor": palette.paper,
        "axes.facecolor": palette.paper,
        "axes.edgecolor": palette.muted,
        "axes.labelcolor": palette.ink,
        "axes.titlesize": 9.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.linewidth": 0.7,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": palette.grid,
        "grid.linewidth": 0.6,
        "xtick.color": palette.muted,
        "ytick.color": palette.muted,
        "xtick.labelcolor": palette.ink,
        "ytick.labelcolor": palette.ink,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "legend.handlelength": 2.2,
        "legend.columnspacing": 1.2,
        "legend.borderaxespad": 0.2,
        "hatch.linewidth": 0.6,
        "lines.linewidth": 1.3,
    }


@cache
def fonts() -> tuple[str, ...]:
    """The font families in the order in which a letter is looked for."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *[name for name in CJK_FONTS if name in known][:1])


def drawable() -> Callable[[str], bool]:
    """Tells whether the fonts have every letter of a text: what they lack would be drawn as boxes."""
    letters = _letters()
    return lambda text: all(ord(char) in letters for char in text)


@cache
def _letters() -> frozenset[int]:
    from matplotlib import font_manager

    found: set[int] = set()
    for name in fonts():
        found |= font_manager.get_font(font_manager.findfont(name)).get_charmap().keys()
    return frozenset(found)
