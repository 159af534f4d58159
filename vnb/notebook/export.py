"""`%vexport`: a run as a file."""

from __future__ import annotations

from pathlib import Path

from IPython.core.magic import line_magic, magics_class, no_var_expand

from . import options
from .base import VnbMagic, documented


@magics_class
class ExportMagics(VnbMagic):
    """`%vexport`."""

    @no_var_expand
    @line_magic
    @documented(options.EXPORT)
    def vexport(self, line: str) -> Path | None:
        said = options.EXPORT.read(line)
        if said is None:
            return None
        return self._run_of(said["RUN"]).export(said["FILE"], force=said.get("force", False))
