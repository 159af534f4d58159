"""The doctor on Jupyter: which pieces are here, whether JupyterLab has vnb's part, whether a busy kernel can hear it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import vnb

from ..engines.exllamav2.preflight import numbers
from ..locale import say
from .findings import Finding, version

LABEXTENSION = "vnb-labextension"
_LAB, _LAB_BEYOND, _KERNEL_HEARS = (4, 4), (5,), (7,)


def pieces() -> Iterator[Finding]:
    """Versions of what shows a notebook and of what runs it."""
    lab, notebook = version("jupyterlab"), version("notebook")
    said = ", ".join(f"{name} {found}" for name, found in (("JupyterLab", lab), ("Notebook", notebook)) if found)
    if not said:
        yield Finding(
            "Jupyter",
            "warn",
            "neither JupyterLab nor Notebook is in this environment; the one that runs elsewhere needs vnb there too",
            'pip install "jupyterlab>=4.4,<5"',
        )
    elif (lab and not _LAB <= numbers(lab) < _LAB_BEYOND) or (not lab and numbers(notebook) < (7,)):
        yield Finding(
            "Jupyter",
            "warn",
            f"{said}: runs are shown as plain HTML, and can be looked into from JupyterLab 4.4 and Notebook 7 on",
            'pip install -U "jupyterlab>=4.4,<5"',
        )
    else:
        yield Finding("Jupyter", "ok", said)
    kernel, widgets = version("ipykernel"), version("anywidget")
    found = (("ipykernel", kernel), ("anywidget", widgets), ("ipywidgets", version("ipywidgets")))
    said = ", ".join(f"{name} {has or say('missing')}" for name, has in found)
    if not (kernel and widgets and version("ipywidgets")):
        yield Finding("Kernel", "fail", said, "pip install --force-reinstall vnb")
    elif numbers(kernel) < _KERNEL_HEARS:
        yield Finding(
            "Kernel",
            "warn",
            f"{said}: while a cell runs, the kernel hears nothing that is clicked; ipykernel 7 does",
            'pip install -U "ipykernel>=7"    and restart the kernel',
        )
    else:
        yield Finding("Kernel", "ok", f"{said}; it hears what is clicked while a cell runs")


def labextension() -> Iterator[Finding]:
    """Whether JupyterLab has vnb's part and loads it: what `jupyter labextension list` says, by the same files."""
    from jupyter_core.paths import jupyter_path

    places = [Path(folder, LABEXTENSION) for folder in jupyter_path("labextensions")]
    found = next((place for place in places if (place / "package.json").is_file()), None)
    if found is None:
        yield Finding(
            "Extension",
            "warn",
            f"{LABEXTENSION} is not installed where this environment's JupyterLab looks; runs are shown as plain HTML",
            "pip install --force-reinstall vnb    (from a checkout: pip install .)",
        )
        return
    has = str(_read(found / "package.json").get("version", "?"))
    off = _disabled()
    if _matches(LABEXTENSION, off):
        yield Finding(
            "Extension", "warn", f"{LABEXTENSION} {has} is disabled", f"jupyter labextension enable {LABEXTENSION}"
        )
    elif parts := [name for name, is_off in off.items() if is_off and name.startswith(f"{LABEXTENSION}:")]:
        yield Finding(
            "Extension",
            "warn",
            f"{LABEXTENSION} {has} is enabled, but not its {', '.join(parts)}",
            f"jupyter labextension enable {parts[0]}",
        )
    elif has != vnb.__version__:
        yield Finding(
            "Extension",
            "warn",
            f"{LABEXTENSION} {has} in {found.parent} is not of this vnb, {vnb.__version__}",
            "pip install --force-reinstall vnb    and reload the page",
        )
    else:
        yield Finding("Extension", "ok", f"{LABEXTENSION} {has}, enabled")


def _disabled() -> dict[str, bool]:
    """What is switched off and on by name or pattern; the user's own settings count most."""
    from jupyter_core.paths import jupyter_config_path

    app = os.environ.get("JUPYTERLAB_DIR") or Path(sys.prefix, "share", "jupyter", "lab")
    files = [Path(app, "settings", "page_config.json")]
    for folder in reversed(jupyter_config_path()):
        config = Path(folder, "labconfig")
        files += [*sorted((config / "page_config.d").glob("*.json")), config / "page_config.json"]
    off: dict[str, bool] = {}
    for file in files:
        said = _read(file).get("disabledExtensions", {})
        off.update(said if isinstance(said, dict) else dict.fromkeys(said, True))
    return off


def _matches(name: str, off: dict[str, bool]) -> bool:
    return any(is_off and (pattern == name or re.match(pattern, name)) for pattern, is_off in off.items())


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file() or not file.stat().st_size:
        return {}
    found = json.loads(file.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}
