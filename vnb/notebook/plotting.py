"""The magic that draws runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, magics_class, no_var_expand

from ..errors import UsageError
from . import run_options
from .base import LAST, VnbMagic, documented

if TYPE_CHECKING:
    from ..views.run_figure import RunFigure


@magics_class
class PlotMagics(VnbMagic):
    """`%vplot`."""

    @no_var_expand
    @line_magic
    @documented(run_options.PLOT)
    def vplot(self, line: str) -> RunFigure | None:
        said = run_options.PLOT.read(line)
        if said is None:
            return None
        if said.get("dark") and said.get("light"):
            raise UsageError("--dark and --light say different things.", "Leave one of them away.")
        run, *others = map(self._run_of, said.get("RUN", [LAST]))
        dark = True if said.get("dark") else False if said.get("light") else None
        figure = run.plot(*others, what=said.get("what"), dark=dark)
        if "save" in said:
            figure.save(said["save"])
        return figure
