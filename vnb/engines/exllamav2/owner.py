"""The one thread that touches the GPU: it takes commands, starts what fits, steps the generator, tells the results."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from ...core.types import KVCacheUsage
from ...errors import EngineError, VnbError
from .loaded import Loaded, as_error, first_line, free_memory
from .queueing import PAGE, Line, Place
from .request import Request

T = TypeVar("T")
CLOSED = EngineError("The engine was closed.", "Load one again: %vmodel")


class Owner:
    """Runs until `stop`. Commands are done between two steps; an exception in one never ends the thread."""

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of `_ended`, so that no command comes after the last
        self._ended = False
        self._stopping = False
        self._broken: EngineError | None = None
        self._loaded: Loaded | None = None
        self._line = Line(0, 0)
        self._requests: dict[Place, Request] = {}
        self._by_job: dict[int, Request] = {}
        self._thread = threading.Thread(target=self._run, name="vnb-exllamav2", daemon=True)
        self._thread.start()

    # ---------------------------------------------------------------- from other threads

    def load(self, load: Callable[[], Loaded]) -> Future[None]:
        """Loads, once, before anything is submitted."""

        def keep() -> None:
            self._loaded = load()
            self._line = Line(self._loaded.sizes.slots, self._loaded.sizes.tokens // PAGE)

        return self.call(keep)

    @property
    def loaded(self) -> Loaded:
        """What is loaded; for functions that are called in the thread.

        Raises:
            EngineError: Nothing is, any more.
        """
        if self._loaded is None:
            raise EngineError(CLOSED.message, CLOSED.hint)
        return self._loaded

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Calls a function in the thread."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function())
            except BaseException as error:
                error.__traceback__ = None  # its frames would keep tensors alive
                future.set_exception(error)

        if not self._put(call):
            future.set_exception(EngineError(CLOSED.message, CLOSED.hint))
        return future

    def apply_loras(self, folders: Sequence[Path]) -> Future[None]:
        """Applies LoRAs once the requests that run have ended; those that wait stay in their places.

        The future's error is an `EngineError` if one cannot be loaded; then none is applied.
        """

        def apply() -> None:
            while self._by_job and not self._stopping:
                self._step()
                self._do_commands(wait=False)
            if self._stopping or self._loaded is None:
                raise EngineError(CLOSED.message, CLOSED.hint)
            self._loaded.apply(folders)

        return self.call(apply)

    def submit(self, request: Request) -> None:
        """Puts a request at the end of the line."""

        def join() -> None:
            if self._broken is not None:
                self._tell(request, EngineError(self._broken.message, self._broken.hint))
                return
            self._requests[request.place] = request
            self._line.waiting.append(request.place)

        if not self._put(join):
            self._tell(request, EngineError(CLOSED.message, CLOSED.hint))

    def cancel(self, request: Request) -> None:
        """Ends a request within one step; it then tells its end."""
        self._put(lambda: self._end(request))

    def stop(self) -> None:
        """Fails what is in flight, unloads, ends the thread. Twice is fine."""
        self._stopping = True
        self._commands.put(lambda: None)
        if threading.current_thread() is not self._thread:
            self._thread.join(60)

    def kv_usage(self) -> KVCacheUsage | None:
        """Pages that running requests hold, that are kept for later ones, and the rest."""
        generator = self._loaded.generator if self._loaded is not None else None
        if generator is None:
            return None
        used = len(generator.referenced_pages)
        cached = sum(1 for page in generator.all_pages if page.ref_count == 0 and page.kv_position > 0)
        return KVCacheUsage(used, cached, max(0, generator.max_pages - used - cached), "page", PAGE)

    def _put(self, command: Callable[[], None]) -> bool:
        with self._lock:
            if not self._ended:
                self._commands.put(command)
            return not self._ended

    # ---------------------------------------------------------------- in the thread

    def _run(self) -> None:
        while not self._stopping:
            self._do_commands(wait=not self._requests)
            self._start()
            if self._by_job:
                self._step()
        with self._lock:
            self._ended = True
        self._do_commands(wait=False)
        for request in list(self._requests.values()):
            self._end(request, EngineError(CLOSED.message, CLOSED.hint))
        if self._loaded is not None:
            with contextlib.suppress(Exception):
                self._loaded.unload()
            self._loaded = None

    def _do_commands(self, wait: bool) -> None:
        with contextlib.suppress(queue.Empty):
            command = self._commands.get(block=wait)
            while True:
                try:
                    command()
                except Exception as error:
                    self._recover(error)
                command = self._commands.get_nowait()

    def _start(self) -> None:
        """Hands over to the generator what fits now, so that its own queue is empty between two steps."""
        while self._loaded is not None and (place := self._line.next_up()) is not None:
            request = self._requests[place]
            try:
                request.begin(self._loaded)
                self._by_job[self._loaded.generator.enqueue(request.job)] = request
            except Exception as error:
                self._end(request, as_error(error, "The request could not start"))

    def _step(self) -> None:
        assert self._loaded is not None
        try:
            results = self._loaded.generator.iterate()
        except Exception as error:
            self._recover(error)
            return
        at = time.perf_counter()
        for result in results:
            request = self._by_job.get(result["serial"])
            if request is not None:
                self._read(request, result, at)

    def _read(self, request: Request, result: dict[str, Any], at: float) -> None:
        assert self._loaded is not None
        try:
            for event in request.read(result, at, self._loaded):
                request.hear(at, event)
        except Exception as error:
            self._end(request, as_error(error, "The answer could not be read"))
            return
        if result["eos"]:
            self._end(request)

    def _end(self, request: Request, error: BaseException | None = None) -> None:
        """Takes a request out, wherever it is, and says that it has ended. Twice is fine."""
        if self._requests.pop(request.place, None) is None:
            return
        self._line.leave(request.place)
        if request.job is not None:
            self._by_job.pop(request.job.serial_number, None)
            if self._loaded is not None and self._loaded.generator is not None:
                self._loaded.generator.cancel(request.job)
        self._tell(request, error)

    def _tell(self, request: Request, error: BaseException | None = None) -> None:
        if isinstance(error, VnbError):
            request.hear(time.perf_counter(), error)
        request.hear(time.perf_counter(), None)

    def _recover(self, cause: Exception) -> None:
        """Fails what runs, and begins anew: pages now claim keys and values that were never written."""
        if self._loaded is None:
            return
        failure = as_error(cause, "The engine failed in a step")
        cause.__traceback__ = cause.__context__ = None  # their frames keep tensors alive, as do the jobs
        running = list(self._by_job.values())
        for request in running:
            request.job = None
        self._by_job.clear()
        try:
            self._loaded.end_generator()
            free_memory()
            self._loaded.renew()
        except Exception as error:
            self._broken = failure = EngineError(
                f"{getattr(failure, 'message', failure)} The GPU's state is broken: {first_line(error)}",
                "Restart the kernel.",
            )
            running = list(self._requests.values())
        for request in running:
            self._end(request, failure)
