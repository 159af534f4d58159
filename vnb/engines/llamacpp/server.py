"""The llama.cpp server inside this process: how it is started, asked and stopped."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import os
import queue
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import Any

from ...errors import EngineError
from ..stream import Beat, Hear, Stream

OnEvent = Hear[dict[str, Any]]


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


class Call:
    """One streamed completion on its way."""

    def __init__(self, body: dict[str, Any], on_event: OnEvent) -> None:
        self.body, self.on_event = body, on_event
        self.cancelled = False

    def cancel(self) -> None:
        """Ends it within one decode step, or one batch of prefill."""
        self.cancelled = True

    def hear(self, event: dict[str, Any]) -> bool | None:
        """Called by the server; `True` cancels."""
        if self.cancelled:
            return True
        self.on_event(time.perf_counter(), event)
        return None


class _Live:
    """The server and its threads; apart from `LocalServer`, so that they can be taken down when that is gone."""

    def __init__(self, server: Any, folder: str, threads: int) -> None:
        self.server, self.folder = server, folder
        self.stopped = False  # take up no more calls
        self.ended = False  # no thread is left to take up a call
        self.calls: set[Call] = set()
        self.lock = threading.Lock()  # of the connection
        self.connection: http.client.HTTPConnection | None = None
        self.queue: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self.threads = [threading.Thread(target=self.work, name="vnb-llamacpp", daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def work(self) -> None:
        """What each thread does: one call after the other."""
        while (call := self.queue.get()) is not None:
            self.calls.add(call)
            try:
                if not (self.stopped or call.cancelled):
                    self.server.handle_completions(call.body, call.hear)
            except BaseException as error:
                call.on_event(time.perf_counter(), {"error": {"message": str(error)}})
            self.calls.discard(call)
            call.on_event(time.perf_counter(), None)

    def drain(self) -> None:
        """Ends the calls that came too late."""
        with contextlib.suppress(queue.Empty):
            while True:
                call = self.queue.get_nowait()
                if call is not None:
                    call.on_event(time.perf_counter(), None)

    def stop(self) -> None:
        """Ends the calls and the threads, frees the model, deletes the folder."""
        self.stopped = True
        for call in list(self.calls):
            call.cancel()
        for _ in self.threads:
            self.queue.put(None)
        for thread in self.threads:
            if thread is not threading.current_thread():
                thread.join(30)
        self.ended = True
        self.drain()
        with self.lock:
            if self.connection is not None:
                self.connection.close()
                self.connection = None
        self.server = None
        shutil.rmtree(self.folder, ignore_errors=True)


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
        self._live = _Live(server, folder, slots)
        self._beat = Beat()
        del server
        self.folder = folder
        self._finalizer = weakref.finalize(self, self._live.stop)
        if isinstance(answer, dict) and "error" in answer:
            self.close()
            raise EngineError(f"{path} loads but does not answer: {answer['error']}")

    def start(self, body: dict[str, Any], on_event: OnEvent) -> Call:
        """Starts a streamed completion, as many at once as there are slots; `on_event` is called from a thread."""
        call = Call(body, on_event)
        self._live.queue.put(call)
        if self._live.ended:
            self._live.drain()
        return call

    def stream(self, body: dict[str, Any]) -> Stream[dict[str, Any]]:
        """Starts a streamed completion; its events are read on the running event loop."""
        return Stream(lambda hear: self.start(body, hear).cancel, self._beat)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Posts to the server over loopback, on a connection that is kept, and returns its JSON answer.

        Raises:
            EngineError: The server refused, with its own words, or was closed.
        """
        live = self._live
        with live.lock:
            live.connection = live.connection or self._connect()
            try:
                return self._post(live.connection, path, body)
            except (OSError, http.client.HTTPException):  # it was idle for too long
                live.connection.close()
                live.connection = None
        return self.ask_apart(path, body)

    def ask_apart(self, path: str, body: dict[str, Any]) -> Any:
        """As `ask`, on a connection of its own: for what takes the server a while."""
        with contextlib.closing(self._connect()) as connection:
            try:
                return self._post(connection, path, body)
            except (OSError, http.client.HTTPException) as error:
                raise EngineError(f"The engine's own server does not answer: {error}") from None

    def _connect(self) -> http.client.HTTPConnection:
        if self._live.stopped:
            raise EngineError("The engine was closed.", "Load one again: %vmodel")
        return http.client.HTTPConnection(self._address, timeout=300)

    def _post(self, connection: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        content = response.read()
        answer = json.loads(content)
        if response.status != 200:
            raise EngineError(str(answer.get("error", {}).get("message", content[:200])))
        return answer

    def close(self) -> None:
        """Ends the calls, frees the model, deletes the temporary folder. Twice is fine."""
        self._finalizer()
