"""What `%load_ext vnb` adds to a shell, and `%unload_ext vnb` takes away."""

from __future__ import annotations

import re
from typing import Any

from ..api.run import Run
from . import comm, display, speech
from .base import VnbMagic
from .compare import CompareMagics
from .complete import Completions
from .export import ExportMagics
from .magics import VnbMagics
from .options import PARSERS
from .plotting import PlotMagics
from .rerun import RerunMagics

MAGICS: tuple[type[VnbMagic], ...] = (VnbMagics, RerunMagics, CompareMagics, ExportMagics, PlotMagics)
"""The classes whose magics are registered."""

_CELL = re.compile(r"%%(vtask|vplan)(?![\w?])[ \t]*(.*)")


def load(ip: Any) -> None:
    """Registers the magics, their completions and `as_typed`. A second time changes nothing."""
    unload(ip)
    speech.load(ip)
    for magics in MAGICS:
        ip.register_magics(magics(ip))
    ip.Completer.custom_matchers.append(Completions(ip).matcher)
    ip.input_transformers_cleanup.insert(0, as_typed)
    comm.register(ip)
    if display.in_terminal(ip):
        _printers(ip)[Run] = lambda run, printer, _: printer.text(display.tree(run))


def unload(ip: Any) -> None:
    """Takes all of it away."""
    for magics in ip.magics_manager.magics.values():
        for name in PARSERS:
            if isinstance(getattr(magics.get(name), "__self__", None), VnbMagic):
                del magics[name]
    for kind in MAGICS:
        ip.magics_manager.registry.pop(kind.__name__, None)
    matchers = ip.Completer.custom_matchers
    matchers[:] = [one for one in matchers if not isinstance(getattr(one, "owner", None), Completions)]
    transformers = ip.input_transformers_cleanup
    transformers[:] = [one for one in transformers if one is not as_typed]
    comm.unregister(ip)
    _printers(ip).pop(Run, None)
    speech.unload(ip)


def _printers(ip: Any) -> dict[type, Any]:
    printers: dict[type, Any] = ip.display_formatter.formatters["text/plain"].type_printers
    return printers


def as_typed(lines: list[str]) -> list[str]:
    """Hands the body of `%%vtask` and `%%vplan` over as it was typed.

    IPython would take `>>> ` and `In [1]: ` for prompts and drop them, and refuse `%%vtask --help` for want of a body.
    """
    first = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    found = _CELL.fullmatch(lines[first].rstrip("\r\n")) if first < len(lines) else None
    if found is None:
        return lines
    body = "".join(lines[first + 1 :]) or "\n"
    return [f"get_ipython().run_cell_magic({found.group(1)!r}, {found.group(2).rstrip()!r}, {body!r})\n"]


as_typed.has_side_effects = True  # type: ignore[attr-defined] # so a terminal does not ask it whether a cell is complete
