"""Joules of attempts, where the machine can tell: the counters of CPU packages (RAPL) and of GPUs (NVML).

The counters belong to whole devices, so what they rise by is shared out: between two moments at which an attempt began or
ended, each attempt under way gets an equal part. That is a share of time, not of work; idle power and whatever else the
machine does meanwhile are in it. Where a counter cannot be read there are no joules, rather than zero.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the counters of CPU packages, Intel's and AMD's alike; on most systems only to root."""

LONGEST = 30.0
"""Seconds after which counters are read though no attempt began or ended: they start again from 0 after some minutes."""

Counter = Callable[[], "float | None"]
"""Joules since some moment; `None` if that cannot be read."""


@dataclass
class Share:
    """One attempt's part. `joules` is `None` once a counter could not be read."""

    joules: float | None


class Meter:
    """Shares out what a counter rises by among the attempts under way.

    Args:
        counter: The counter; `None` where there is none.
    """

    def __init__(self, counter: Counter | None) -> None:
        self._counter = counter
        self._lock = threading.Lock()
        self._under_way: list[Share] = []
        self._before: float | None = None
        self._read_at = 0.0

    def begin(self) -> Share:
        """An attempt begins; the part that it gets grows until its `end`."""
        if self._counter is None:
            return Share(None)
        with self._lock:
            self._read()
            share = Share(0.0 if self._before is not None else None)
            self._under_way.append(share)
        return share

    def end(self, share: Share) -> None:
        """The attempt of this share has ended. Nothing happens if it has before."""
        with self._lock:
            if any(one is share for one in self._under_way):
                self._read()
                self._under_way = [one for one in self._under_way if one is not share]

    def keep_up(self) -> None:
        """Reads the counter if that was long ago; to be called now and then while attempts are under way."""
        if self._counter is not None and time.monotonic() - self._read_at > LONGEST:
            with self._lock:
                self._read()

    def _read(self) -> None:
        now = self._counter() if self._counter is not None else None
        if self._under_way:
            risen = now - self._before if now is not None and self._before is not None else None
            for share in self._under_way:
                known = share.joules is not None and risen is not None
                share.joules = (share.joules or 0.0) + (risen or 0.0) / len(self._under_way) if known else None
        self._before, self._read_at = now, time.monotonic()


class Zones:
    """The joules of all CPU packages of this machine, with their memory where it is counted apart.

    Args:
        folders: Of each zone that counts.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._ends = {folder: int((folder / "max_energy_range_uj").read_text()) for folder in folders}
        self._last = {folder: int((folder / "energy_uj").read_text()) for folder in folders}
        self._total = 0

    def __call__(self) -> float | None:
        for folder, before in self._last.items():
            try:
                now = int((folder / "energy_uj").read_text())
            except (OSError, ValueError):
                return None
            self._total += now - before if now >= before else now - before + self._ends[folder]
            self._last[folder] = now
        return self._total / 1e6


def zones(powercap: Path) -> Zones | None:
    """The counter of the packages below `powercap`; `None` where there is none, or it may not be read."""
    found = []
    for folder in sorted(powercap.glob("intel-rapl:*")):
        with contextlib.suppress(OSError):
            name = (folder / "name").read_text().strip()
            if name.startswith("package") or name == "dram":  # cores and graphics are parts of their package
                found.append(folder)
    try:
        return Zones(found) if found else None
    except (OSError, ValueError):
        return None


def gpus(visible: str | None) -> Counter | None:
    """The counter of the GPUs that CUDA sees; `None` without nvidia-ml-py, a driver, or GPUs that count.

    Args:
        visible: What `CUDA_VISIBLE_DEVICES` says: numbers or ids with commas between; `None` is all.
    """
    try:
        nvml: Any = importlib.import_module("pynvml")
        nvml.nvmlInit()
        if visible is None:
            found = [nvml.nvmlDeviceGetHandleByIndex(number) for number in range(nvml.nvmlDeviceGetCount())]
        else:
            found = [_gpu(nvml, word.strip()) for word in visible.split(",") if word.strip()]
        for one in found:
            nvml.nvmlDeviceGetTotalEnergyConsumption(one)
    except Exception:  # not installed, no driver, too old a card: each is a way of having no counter
        return None

    def joules() -> float | None:
        try:
            return float(sum(nvml.nvmlDeviceGetTotalEnergyConsumption(one) for one in found) / 1000)
        except Exception:
            return None

    return joules if found else None


def _gpu(nvml: Any, word: str) -> Any:
    return nvml.nvmlDeviceGetHandleByIndex(int(word)) if word.isdigit() else nvml.nvmlDeviceGetHandleByUUID(word)


@functools.cache
def meter(device: str) -> Meter:
    """The meter of what an engine computes on: `cpu`, `cuda`, or empty where that is not this machine."""
    if device == "cpu":
        return Meter(zones(POWERCAP))
    return Meter(gpus(os.environ.get("CUDA_VISIBLE_DEVICES")) if device == "cuda" else None)
