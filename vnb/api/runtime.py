"""What one process has: its store, its loaded engines, its loop. Everything is made when it is first needed."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import vnb

from ..core import events as ev
from ..core import prices
from ..core.fold import Fold
from ..core.types import Plan, Task
from ..engines.base import Engine
from ..errors import EngineError, StoreError
from ..executor.commands import Command
from ..executor.ending import abandoned
from ..executor.log import Log
from ..store.store import Store
from .live import LiveRun
from .loop import LoopThread

DEFAULT_ENGINE = "tiny"
"""What runs when no model was named: vnb's own, which is part of the package."""


_NONE: Mapping[str, Any] = MappingProxyType({})


def home() -> Path:
    """The folder of the store: `$VNB_HOME`, or a folder of the user's own."""
    named = os.environ.get("VNB_HOME")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("vnb", appauthor=False))


def store_file() -> Path:
    """The store's file, unless a runtime was given another."""
    return home() / "runs.sqlite"


class Runtime:
    """The store, the engines and the loop of one process.

    Args:
        path: The store's file; by default `store_file()`.

    Attributes:
        turn: Held by whoever takes up a run, so that of two who ask at once the second finds it taken up.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.loop = LoopThread()
        self.default = DEFAULT_ENGINE
        self.engines: dict[str, Engine] = {}
        self.load_seconds: dict[str, float] = {}  # how long loading took, by spec
        self._path = path
        self._store: Store | None = None
        self._lock = threading.RLock()
        self.turn = threading.RLock()
        self._loading: dict[str, asyncio.Lock] = {}
        self._running: set[LiveRun] = set()
        self._watchers: list[Callable[[LiveRun], None]] = []
        self._live: weakref.WeakValueDictionary[str, LiveRun] = weakref.WeakValueDictionary()
        atexit.register(self._exit)

    @property
    def store(self) -> Store:
        """The store, opened when it is first asked for.

        Raises:
            StoreError: It cannot be opened.
        """
        with self._lock:
            if self._store is None:
                path = Path(self._path) if self._path is not None else store_file()
                self._store = Store(path)
            return self._store

    # ---------------------------------------------------------------- engines

    def load(self, spec: str, *, on_progress: Callable[[str], None] | None = None, **options: Any) -> Engine:
        """Loads the engine of `spec`, or loads it anew with other options, and makes it the default.

        Raises:
            UsageError: The engine has no such option.
            EngineError: It cannot be loaded.
        """
        said = {name: value for name, value in options.items() if value is not None}
        engine = self.loop.call(self._load(spec, said, on_progress))
        self.default = spec
        return engine

    def use(self, engine: Engine) -> Engine:
        """Makes an engine that is loaded already the default."""
        self.engines[engine.info.spec] = engine
        self.default = engine.info.spec
        return engine

    def unload(self, spec: str = "") -> tuple[str, ...]:
        """Closes the engine of `spec`, or all of them; returns the specs.

        Raises:
            EngineError: None of that spec is loaded.
        """
        if spec and spec not in self.engines:
            loaded = ", ".join(self.engines) or "none"
            raise EngineError(f"No model {spec!r} is loaded.", f"Loaded: {loaded}")
        specs = (spec,) if spec else tuple(self.engines)
        for one in specs:
            self.loop.call(self.engines.pop(one).close())
        if self.default not in self.engines:
            self.default = next(iter(self.engines), DEFAULT_ENGINE)
        return specs

    async def engine(self, spec: str) -> Engine:
        """The engine of `spec` (empty: the default), loaded if need be. To be awaited on the loop."""
        return await self._load(spec or self.default)

    async def _load(
        self, spec: str, options: Mapping[str, Any] = _NONE, on_progress: Callable[[str], None] | None = None
    ) -> Engine:
        async with self._loading.setdefault(spec, asyncio.Lock()):
            if spec in self.engines and not options:
                return self.engines[spec]
            from ..engines.registry import choose_engine

            load = await choose_engine(spec, **options)
            if spec in self.engines:
                await self.engines.pop(spec).close()
            begun = time.perf_counter()
            engine = await load(on_progress=on_progress)
            self.load_seconds[spec] = time.perf_counter() - begun
            self.engines[spec] = engine
            return engine

    # ---------------------------------------------------------------- runs

    def start(self, task: Task, plan: Plan | None = None, engine: str = "", run_id: str = "") -> LiveRun:
        """Starts a run in the background; it gets an id of its own unless one is given.

        Raises:
            StoreError: Its first event cannot be stored.
        """
        steps, deliver = (plan.steps, plan.deliver) if plan is not None else ((), ())
        started = ev.RunStarted(task, vnb.__version__, engine or self.default, steps, deliver)
        return self._carry(run_id or _new_id(), Fold, started)

    def resume(self, run_id: str, *bodies: ev.Body, command: Command | None = None) -> LiveRun:
        """Takes up a run where it stands, after appending `bodies`: for what `command` asks, or to its end.

        Raises:
            StoreError: There is no such run, or another process carries it.
        """
        with self.turn:
            live = self.live(run_id)
            if live is not None and not live.done:
                raise StoreError(f"The run {run_id} is running.", "Wait until it ends, or stop it first: run.stop()")
            return self._carry(run_id, lambda: Fold.of(self.store.events(run_id)), *bodies, command=command)

    def fork(self, run_id: str, seq: int) -> str:
        """A new run that shares the first `seq` events of another, waiting to be taken up; returns its id.

        What was under way at that moment is cancelled in the fork. The other run is not touched.

        Raises:
            StoreError: There is no such run, or it has fewer events.
        """
        fold = Fold.of(self.store.events(run_id, upto=seq))
        if not 1 <= seq <= fold.view.seq:
            raise StoreError(f"The run {run_id} has no event {seq}.", f"It has {fold.view.seq} events.")
        origin = fold.view.run_id  # of a fork's shared beginning: the run that it is shared with
        forked = _new_id()
        log = Log(self.store, forked, fold)
        with self.store.lease(forked):
            log.append(ev.RunForked(origin, seq))
            for found in list(log.view.steps.values()):
                if found.attempts and found.attempts[-1].active:
                    log.append(abandoned(found.step.id, found.attempts[-1], "the run was forked here"))
            if log.view.status == "running":
                log.append(ev.RunPaused(f"forked from {origin}@{seq}: %vrun {forked}"))
        return forked

    def live(self, run_id: str) -> LiveRun | None:
        """The run as this process carries or last carried it; `None` once another has gone on with it or deleted it."""
        live = self._live.get(run_id)
        if live is None or not live.done:
            return live
        with contextlib.suppress(StoreError):
            return live if self.store.last_seq(run_id) == live.log.view.seq else None
        return None

    def _carry(
        self, run_id: str, read: Callable[[], Fold], *bodies: ev.Body, command: Command | None = None
    ) -> LiveRun:
        """Carries what `read` returns, which is called when no other process can add to it any more."""
        table = prices.read(vnb.prices)
        lease = self.store.lease(run_id)
        try:
            log = Log(self.store, run_id, read())
            paused = log.view.reason if log.view.status == "paused" else ""
            live = LiveRun(self, log, lease, command, paused, table)
            self._live[run_id] = live  # before its first event, so that it can be stopped
            try:
                for body in bodies:
                    log.append(body)
            except BaseException:
                live.abandon()
                raise
        except BaseException:
            lease.release()
            raise
        live.start()
        return live

    def ended(self, live: LiveRun) -> None:
        """Lets go of a run that has ended; whoever holds it keeps it."""
        self._running.discard(live)

    def began(self, live: LiveRun) -> None:
        """Keeps a run while it goes on, and tells those who watch for it."""
        self._running.add(live)
        for watcher in tuple(self._watchers):
            watcher(live)

    def watch(self, watcher: Callable[[LiveRun], None]) -> Callable[[], None]:
        """Calls `watcher` with every run that is taken up from now on, before it goes on; returns how to stop that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return any(not live.done for live in list(self._running))

    def close(self) -> None:
        """Stops what runs, closes the engines and the store. A runtime may be used again after that."""
        self._stop_all()
        if self.engines:
            self.unload()
        self._close_store()

    def _exit(self) -> None:
        """At the interpreter's end: what runs is stopped and says so; the engines see to themselves."""
        self._stop_all()
        self._close_store()

    def _stop_all(self) -> None:
        running = list(self._running)
        for live in running:
            live.stop()
        for live in running:
            live.settle(2.0)

    def _close_store(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


_runtime: Runtime | None = None
_making = threading.Lock()


def runtime() -> Runtime:
    """The process's runtime."""
    global _runtime
    with _making:  # a panel asks from a thread of its own
        if _runtime is None:
            _runtime = Runtime()
        return _runtime
