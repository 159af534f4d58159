"""A Sphinx directive: every magic with the help that it prints itself, so that the pages cannot be out of date."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from vnb.notebook.options import PARSERS


class MagicsHelp(SphinxDirective):
    """A section for each magic, with the text of `--help`."""

    def run(self) -> list[nodes.Node]:
        """Makes the sections."""
        return [_section(name, parser.prog, parser.format_help()) for name, parser in sorted(PARSERS.items())]


def _section(name: str, title: str, said: str) -> nodes.Node:
    section = nodes.section(ids=[name])
    section += nodes.title(text=title)
    text = nodes.literal_block(said, said)
    text["language"] = "text"
    section += text
    return section


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive `magics-help`."""
    app.add_directive("magics-help", MagicsHelp)
    return {"parallel_read_safe": True}
