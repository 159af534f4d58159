"""The llama.cpp server inside this process: how it is started, asked and stopped."""

from __future__ import annotations

import http.client
import json
import math
import os
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import EngineError

OnEvent = Callable[[float, dict[str, Any] | None], None]
"""Hears `(seconds, event)` in the call's thread; `None` is the end, always said, once."""


def usable_threads() -> int:
    """Cores that this process may use: affinity, then the cgroup's quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for quota in (_quota("/sys/fs/cgroup/cpu.max"), _quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")):
        if quota:
            cores = min(cores, math.ceil(quota))
    return max(1, cores)


def _quota(file: str) -> float:
    try:
        words = Path(file).read_text().split()
        if len(words) == 1:
            words += Path(file).with_name("cpu.cfs_period_us").read_text().split()
        return max(0.0, int(words[0]) / int(words[1]))
    except (OSError, ValueError, IndexError, ZeroDivisionError):
        return 0.0


def import_xllamacpp() -> Any:
    """Imports the library, with waiting threads that sleep instead of spinning.

    Raises:
        EngineError: It is not installed, or a system library that it needs is missing.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import xllamacpp  # type: ignore[import-untyped]
    except ImportError as error:
        hint = "apt-get install libgomp1" if "libgomp" in str(error) else "pip install xllamacpp==2026.10.11549"
        raise EngineError(f"The CPU engine cannot be imported: {error}", hint) from None
    return xllamacpp


class _Live:
    """What has to be taken down; apart from `LocalServer`, so that it can be when that is already gone."""

    def __init__(self, server: Any, folder: str) -> None:
        self.server, self.folder = server, folder
        self.calls: set[Call] = set()
        self.lock = threading.Lock()

    def stop(self) -> None:
        with self.lock:
            calls = list(self.calls)
        for call in calls:
            call.cancel()
        for call in calls:
            if call.thread is not threading.current_thread():
                call.thread.join(30)
        self.server = None
        shutil.rmtree(self.folder, ignore_errors=True)


class Call:
    """One streamed completion in a thread of its own. `on_event` gets `(seconds, event)`; `None` is the end."""

    def __init__(self, live: _Live, body: dict[str, Any], on_event: OnEvent) -> None:
        self.cancelled = False
        self._live, self._body, self._on_event = live, body, on_event
        self.thread = threading.Thread(target=self._run, name="vnb-llamacpp", daemon=True)
        with live.lock:
            live.calls.add(self)
        self.thread.start()

    def cancel(self) -> None:
        """Ends it within one decode step, or one batch of prefill."""
        self.cancelled = True

    def _run(self) -> None:
        try:
            server = self._live.server
            if server is not None:
                server.handle_completions(self._body, self._hear)
                del server
        except BaseException as error:
            self._on_event(time.perf_counter(), {"error": {"message": str(error)}})
        finally:
            with self._live.lock:
                self._live.calls.discard(self)
            self._on_event(time.perf_counter(), None)

    def _hear(self, event: dict[str, Any]) -> bool | None:
        if not self.cancelled:
            self._on_event(time.perf_counter(), event)
        return True if self.cancelled else None


class LocalServer:
    """A loaded model. Blocking: made and closed in a worker thread (loading holds the GIL).

    Args:
        path: The GGUF file.
        cells: KV cells of all slots together.
        slots: How many requests decode together.
        batch: Tokens between two looks at the cancel flag while a prompt is prefilled.
    """

    def __init__(self, path: Path, *, cells: int, slots: int, threads: int, batch: int) -> None:
        xlc = import_xllamacpp()
        folder = tempfile.mkdtemp(prefix="vnb-slots-")
        self._secret = secrets.token_urlsafe(24)
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        p = xlc.CommonParams()
        p.model.path, p.n_ctx, p.n_parallel, p.kv_unified = str(path), cells, slots, True
        p.cpuparams.n_threads = p.cpuparams_batch.n_threads = threads
        p.n_batch = p.n_ubatch = batch
        p.cache_ram_mib, p.cache_idle_slots, p.fit_params = 0, False, False
        p.port, p.api_keys, p.ui, p.verbosity = 0, [self._secret], False, 0
        p.slot_save_path = os.path.join(folder, "")
        try:
            server = xlc.Server(p)
            self._address = server.listening_address.removeprefix("http://")
            answer = server.handle_completions({"prompt": [0], "max_tokens": 1})  # never drop a server before this
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise EngineError(
                f"{path} could not be loaded: {error}",
                "The file may be damaged, of an architecture that this build does not know, or too large for memory.",
            ) from None
        self._live = _Live(server, folder)
        del server
        self.folder = folder
        self._finalizer = weakref.finalize(self, self._live.stop)
        if isinstance(answer, dict) and "error" in answer:
            self.close()
            raise EngineError(f"{path} loads but does not answer: {answer['error']}")

    def start(self, body: dict[str, Any], on_event: OnEvent) -> Call:
        """Starts a streamed completion; `on_event` is called from its thread."""
        return Call(self._live, body, on_event)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Posts to the server over loopback and returns its JSON answer.

        Raises:
            EngineError: The server refused; the message is its own.
        """
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        payload = json.dumps(body).encode()
        with self._lock:
            for attempt in (0, 1):
                if not self._finalizer.alive:
                    raise EngineError("The engine was closed.", "Load one again: %vmodel")
                connection = self._connection or http.client.HTTPConnection(self._address, timeout=300)
                self._connection = connection
                try:
                    connection.request("POST", path, payload, headers)
                    response = connection.getresponse()
                    status, content = response.status, response.read()
                    break
                except (OSError, http.client.HTTPException) as error:
                    connection.close()
                    self._connection = None
                    if attempt:
                        raise EngineError(f"The engine's own server does not answer: {error}") from None
        answer = json.loads(content)
        if status != 200:
            raise EngineError(str(answer.get("error", {}).get("message", content[:200])))
        return answer

    def close(self) -> None:
        """Ends the calls, frees the model, deletes the temporary folder. Twice is fine."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        self._finalizer()
