"""The figure that `plot()` of a run and of quantized weights returns. Importing this imports matplotlib."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from ..errors import UsageError

SHARP = 2
"""Pixels of the picture for each one on the page."""

FORMATS = (".png", ".svg", ".pdf")


class RunFigure(Figure):
    """A matplotlib figure that a notebook shows as a picture with an alternative text.

    Attributes:
        alt: The figure in words.
    """

    alt = ""

    def png(self) -> bytes:
        """The figure as a PNG file, with `alt` in its metadata."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=self.dpi * SHARP, metadata={"Description": self.alt, "Software": "vnb"})
        return file.getvalue()

    def save(self, path: str | Path) -> None:
        """Writes the figure to a `.png`, `.svg` or `.pdf` file; text in a PDF stays text.

        Raises:
            UsageError: It is another kind of file, or cannot be written.
        """
        path = Path(path).expanduser()
        kind = path.suffix.lower()
        if kind not in FORMATS:
            raise UsageError(f"{path} does not say what kind of picture it is.", f"{path.stem}.pdf    .svg    .png")
        try:
            if kind == ".png":
                path.write_bytes(self.png())
                return
            key = "Subject" if kind == ".pdf" else "Description"
            with matplotlib.rc_context({"pdf.fonttype": 42}):
                self.savefig(path, metadata={key: self.alt})
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}.", "Check the folder.") from None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        picture = base64.b64encode(self.png()).decode("ascii")
        bundle = {"image/png": picture, "text/plain": self.alt}
        return bundle, {"image/png": {"width": width, "height": height, "alt": self.alt}}
