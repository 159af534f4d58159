"""Shells, with a store of their own."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

import vnb.api.runtime
from vnb.notebook import extension


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store of this test's own, also for the processes that it starts."""
    folder = tmp_path / "home"
    monkeypatch.setenv("VNB_HOME", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(vnb.api.runtime, "_runtime", None)
    monkeypatch.chdir(tmp_path)
    yield folder
    if vnb.api.runtime._runtime is not None:
        vnb.api.runtime._runtime.close()


@dataclass
class Shown:
    """One display: what it showed, one bundle after the other."""

    bundles: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        return self.bundles[-1]


class Publisher(DisplayPublisher):
    """Keeps the displays as a front end does: an update goes to the display of its id."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)  # type: ignore[no-untyped-call]
        self.displays: dict[str, Shown] = {}
        self.latest: list[Shown] = []

    def publish(self, data: Any, metadata: Any = None, *_: Any, **more: Any) -> None:
        display_id = (more.get("transient") or {}).get("display_id", f"anonymous {len(self.displays)}")
        assert (display_id in self.displays) == bool(more.get("update")), "a display was opened twice, or not at all"
        if display_id not in self.displays:
            self.displays[display_id] = Shown()
            self.latest.append(self.displays[display_id])
        self.displays[display_id].bundles.append(data)


class Shell:
    """An IPython shell without a front end."""

    def __init__(self, ip: Any) -> None:
        self.ip = ip
        self.publisher = Publisher(parent=ip)
        ip.display_pub = self.publisher

    def __call__(self, cell: str) -> Any:
        """Runs a cell; returns its value, or raises what it raised."""
        self.publisher.latest.clear()
        found = self.ip.run_cell(cell, store_history=True)
        found.raise_error()
        return found.result

    @property
    def names(self) -> dict[str, Any]:
        names: dict[str, Any] = self.ip.user_ns
        return names

    @property
    def displays(self) -> list[Shown]:
        """The displays of the last cell."""
        return list(self.publisher.latest)

    @property
    def shown(self) -> Shown:
        """The one display of the last cell."""
        (only,) = self.displays
        return only


@pytest.fixture
def shell(home: Path) -> Iterator[Shell]:
    """A shell with vnb's magics."""
    InteractiveShell.clear_instance()
    ip = InteractiveShell.instance()
    assert ip.history_manager is not None
    ip.history_manager.enabled = False
    extension.load(ip)
    yield Shell(ip)
    end: Callable[[], object] = ip.atexit_operations
    atexit.unregister(end)  # it would write a history that is gone with the test's folder
    end()
    InteractiveShell.clear_instance()
