"""The lists that line magics return: the models and the runs, as a table in notebooks and as text elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from ..api.run import Run
from ..api.runtime import DEFAULT_ENGINE, Runtime
from ..core.types import KVCacheUsage
from ..engines.base import Engine
from ..locale import say
from ..store.listing import RunRow
from ..views import clean, markup
from ..views.rows import SYMBOLS, word

_TITLE = 60


@dataclass(frozen=True)
class ModelRow:
    """A model that is loaded, or that could be."""

    spec: str
    name: str = ""
    context: int | None = None
    slots: int | None = None
    profile: str = ""
    kv: str = ""
    engine: str = ""
    loaded: bool = False
    default: bool = False


class ModelList(tuple[ModelRow, ...]):
    """What is loaded and known. Prints as a table."""

    __slots__ = ()
    _HEADS = ("", "Spec", "Name", "Context", "Slots", "Profile", "KV cache", "Engine")

    def __repr__(self) -> str:
        return clean.table(self._HEADS, [self._cells(row) for row in self], right=(3, 4)) + "\n" + say("* the default")

    def _repr_html_(self) -> str:
        cells = [[markup.line(cell) for cell in self._cells(row)] for row in self]
        return markup.table(say("Models (* is the default)"), self._HEADS, cells, left=(0, 1, 2, 5, 6, 7))

    @staticmethod
    def _cells(row: ModelRow) -> list[str]:
        known = "" if row.loaded else say("not loaded")
        return [
            "*" if row.default else "",
            row.spec,
            row.name or known,
            f"{row.context:,}" if row.context else "",
            str(row.slots or ""),
            row.profile,
            row.kv,
            row.engine,
        ]


def models(runtime: Runtime, folder: Path) -> ModelList:
    """The loaded models, then those that lie in `folder`, then the one that comes with vnb."""
    found = {spec: _loaded(spec, engine, spec == runtime.default) for spec, engine in list(runtime.engines.items())}
    for spec in known_specs(folder):
        found.setdefault(spec, ModelRow(spec, default=spec == runtime.default))
    return ModelList(found.values())


def known_specs(folder: Path) -> list[str]:
    """What could be loaded: `tiny`, and the `.gguf` files and folders of weights in `folder`."""
    try:
        inside = sorted(path for path in folder.iterdir() if path.suffix == ".gguf" or _holds_weights(path))
    except OSError:
        inside = []
    return [DEFAULT_ENGINE, *(path.name for path in inside)]


def _holds_weights(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".") and (path / "config.json").is_file()


def _loaded(spec: str, engine: Engine, default: bool) -> ModelRow:
    info = engine.info
    usage = engine.kv_usage()
    kv = _usage(usage) if usage is not None else ""
    return ModelRow(
        spec,
        info.name,
        info.context_length,
        info.slots,
        info.profile,
        kv,
        dict(info.details).get("engine", ""),
        loaded=True,
        default=default,
    )


def _usage(kv: KVCacheUsage) -> str:
    total = kv.used + kv.cached + kv.free
    return say(f"{kv.used:,} used, {kv.cached:,} cached of {total:,} {kv.unit}s")


class RunList(Sequence[Run]):
    """Runs of the store, the newest first. Prints as a table; `runs[0]` is the run."""

    _HEADS = ("Run", "When", "Status", "Task", "Model")

    def __init__(self, runtime: Runtime, rows: Sequence[RunRow]) -> None:
        self._runtime, self.rows = runtime, tuple(rows)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> RunList: ...
    def __getitem__(self, index: int | slice) -> Run | RunList:
        if isinstance(index, slice):
            return RunList(self._runtime, self.rows[index])
        return Run(self._runtime, self.rows[index].run_id)

    def __repr__(self) -> str:
        if not self.rows:
            return say("no runs")
        return clean.table(self._HEADS, [self._cells(row) for row in self.rows])

    def _repr_html_(self) -> str:
        cells = [[markup.line(cell) for cell in self._cells(row)] for row in self.rows]
        for row in cells:
            row[0] = f"<code>{row[0]}</code>"
        return markup.table(say("Runs" if cells else "No runs"), self._HEADS, cells, left=range(5))

    @staticmethod
    def _cells(row: RunRow) -> list[str]:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.created))
        return [
            row.run_id,
            when,
            f"{SYMBOLS[row.status]} {word(row.status)}",
            clean.label(row.title, _TITLE),
            clean.label(row.engine, _TITLE),
        ]
