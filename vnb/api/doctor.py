"""`vnb doctor`: is everything here that vnb needs, and what mends what is not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..errors import StoreError
from ..locale import say
from ..store.health import health
from ..store.schema import VERSION
from . import doctor_engines as engines
from . import doctor_jupyter as jupyter
from .findings import Check, Finding, Report, looked_at
from .runtime import store_file

OLDEST = (3, 10)
LITTLE_MEMORY = 1e9
"""Bytes; vnb-tiny with its kernel and JupyterLab needs about half of that."""
LITTLE_DISK, NO_DISK = 1e9, 50e6


def doctor(store: Path | None = None) -> Report:
    """Looks at everything that vnb needs. Changes nothing, asks no other machine, and never fails itself.

    Args:
        store: The store's file; by default the one that vnb uses.
    """
    file = store or store_file()
    checks: dict[str, Check] = {
        "Python": python,
        "Jupyter": jupyter.pieces,
        "Extension": jupyter.labextension,
        "llama.cpp": engines.llamacpp,
        "vnb-tiny": engines.embedded_model,
        "GPU": engines.driver,
        "ExLlamaV2": engines.exllamav2,
        "Servers": engines.servers,
        "Store": lambda: stored(file),
        "Memory": memory,
        "Disk": lambda: disk(file),
    }
    with ThreadPoolExecutor(len(checks)) as pool:
        found = pool.map(looked_at, checks, checks.values())
        return Report(tuple(one for group in found for one in group))


def python() -> Iterator[Finding]:
    """The interpreter."""
    has = f"{platform.python_implementation()} {platform.python_version()}, {engines.this_machine()}"
    if sys.version_info < OLDEST:
        yield Finding("Python", "fail", f"{has}: vnb needs 3.10 or newer", "python3.12 -m venv .venv")
    elif sys.maxsize < 2**32:
        yield Finding("Python", "fail", f"{has}, 32 bits: no engine runs on that", "install a 64-bit Python")
    else:
        yield Finding("Python", "ok", has)


def stored(file: Path) -> Iterator[Finding]:
    """The store of runs."""
    if not file.exists():
        folder = _existing(file)
        if folder.is_dir() and os.access(folder, os.W_OK):
            yield Finding("Store", "ok", f"{file} will be made with the first run")
        else:
            yield Finding("Store", "fail", f"{file} cannot be made: {folder} is not writable", "%env VNB_HOME=~/vnb")
        return
    try:
        seen = health(file)
    except StoreError as error:
        status = "warn" if "locked" in error.message else "fail"
        yield Finding("Store", status, error.message, error.hint)  # type: ignore[arg-type]
        return
    said = say(f"{file}: {seen.runs:,} runs, {seen.size / 1e6:,.1f} MB, schema {seen.schema}")
    if seen.writing:
        said += say(f", {seen.writing} being written")
    if seen.schema < VERSION:
        said += say(f", to be brought to schema {VERSION} at its next use")
    yield Finding(
        "Store", "ok", said + say(", undamaged" if seen.checked else "; too large to be checked to its end here")
    )


def memory() -> Iterator[Finding]:
    """What this process may still take."""
    import psutil  # type: ignore[import-untyped]

    free, total = psutil.virtual_memory().available, psutil.virtual_memory().total
    limit = _cgroup("memory.max", "memory/memory.limit_in_bytes")
    if limit is not None and limit < total:
        used = _cgroup("memory.current", "memory/memory.usage_in_bytes") or 0
        free, total = min(free, max(0, limit - used)), limit
    said = f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free"
    if free < LITTLE_MEMORY:
        yield Finding(
            "Memory", "warn", f"{said}: enough for vnb-tiny at most", "%vmodel unload    or end other kernels"
        )
    else:
        yield Finding("Memory", "ok", said)


def _cgroup(*names: str) -> int | None:
    """A figure of this container's, in bytes; `None` where there is no container, or no limit."""
    for name in names:
        try:
            return int(Path("/sys/fs/cgroup", name).read_text())
        except (OSError, ValueError):
            continue
    return None


def disk(file: Path) -> Iterator[Finding]:
    """Room where the store lies."""
    free = shutil.disk_usage(_existing(file)).free
    said = f"{free / 1e9:,.1f} GB free at {file.parent}"
    if free < LITTLE_DISK:
        status = "fail" if free < NO_DISK else "warn"
        yield Finding("Disk", status, said, "free some space, or %env VNB_HOME=/another/disk")  # type: ignore[arg-type]
    else:
        yield Finding("Disk", "ok", said)


def _existing(file: Path) -> Path:
    """The nearest folder above `file` that exists."""
    return next(folder for folder in file.absolute().parents if folder.exists())
