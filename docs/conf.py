"""How the documentation is built: `sphinx-build -W docs OUT`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

os.environ["VNB_LANG"] = "en"  # of the magics' help

import vnb

project = "vnb"
author = "the vnb authors"
copyright = "the vnb authors, MIT licence"
version = release = vnb.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "magics_help"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["extensions"]
default_role = "literal"  # docstrings say `code` as Markdown does
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"vnb {version}"
html_copy_source = False
html_theme_options = {f"{mode}_css_variables": {"code-font-size": "80%"} for mode in ("light", "dark")}
