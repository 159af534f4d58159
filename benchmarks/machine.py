"""Where and with what something was measured. No name of the machine, no path."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from pathlib import Path

import vnb
from vnb.engines.llamacpp.server import usable_threads

PACKAGES = ("xllamacpp", "torch", "transformers", "langgraph", "langgraph-checkpoint-sqlite")
"""What is compared, where it is installed."""


def machine() -> str:
    """`Linux x86_64, Intel(R) Xeon(R) …, 2 cores, 23 GB`."""
    return f"{platform.system()} {platform.machine()}, {_processor()}, {usable_threads()} cores, {_memory()}"


def versions() -> str:
    """`vnb 0.1.0, Python 3.11.7, xllamacpp …`."""
    found = [f"vnb {vnb.__version__}", f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return " ".join(found.group(1).split()) if found else platform.processor() or "unknown processor"


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError, OSError):
        return "unknown memory"
