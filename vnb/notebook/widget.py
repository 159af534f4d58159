"""The live panel where vnb's part of JupyterLab is not: VS Code, Colab, marimo. anywidget carries the same messages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..api.run import Run
from ..api.runtime import runtime
from ..errors import UsageError
from ..locale import language, templates
from ..views.bundle import document
from .channel import Channel
from .run_panel import RunPanel, is_followed

STATIC = Path(__file__).parents[1] / "static"

VIEW = "application/vnd.jupyter.widget-view+json"


class RunWidget(anywidget.AnyWidget):
    """The live panel of a run.

    Attributes:
        document: The run as it stood when it was shown first, and while its page could not ask how it went on.
        lang: The language that it speaks: that of the kernel, since its page has none that can be relied on.
        templates: Translations of what is stored in English, by template.

    Raises:
        UsageError: vnb was installed without its front end.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"
    document = traitlets.Dict().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    templates = traitlets.Dict().tag(sync=True)

    _channel: Channel | None = None

    def __init__(self, run: Run) -> None:
        if not (STATIC / "widget.js").exists():
            raise UsageError("vnb was installed without its front end.", "pip install --force-reinstall --no-deps vnb")
        self._run = run
        super().__init__(document=self._document(), lang=language(), templates=templates())
        self._channel = channel = Channel(self.send, self.close, prompt=False)
        channel.about(RunPanel(runtime(), run.id, channel))
        self.on_msg(lambda _, said, __: channel.hear(said))

    def shown(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a MIME bundle and its metadata hold of it; Colab goes by the metadata."""
        data, metadata = self._repr_mimebundle_() or ({}, {})
        return {VIEW: data[VIEW]}, metadata

    def update(self) -> None:
        """Says how the run stands, unless the page follows it anyway."""
        if not is_followed(self._run.id):
            self.document = self._document()

    def _document(self) -> dict[str, Any]:
        return document(self._run.shown(), self._run.blob, time.time())

    def close(self) -> None:
        """Lets go of the run; what is shown stays as it is."""
        if self._channel is not None:
            self._channel.close()
        super().close()
