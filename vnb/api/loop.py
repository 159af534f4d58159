"""The background asyncio thread on which every run and every engine lives, and the one bridge to it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

POLL = 0.1
"""Seconds after which a waiting caller looks up, so that the main thread hears a Ctrl-C on every platform."""


class LoopThread:
    """An event loop in a daemon thread, started when it is first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Starts a coroutine on the loop and returns at once."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._started())

    def call_soon(self, function: Callable[[], object]) -> None:
        """Calls a function on the loop, soon."""
        self._started().call_soon_threadsafe(function)

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the loop and waits for it; an interrupt cancels it.

        Raises:
            RuntimeError: Called on the loop itself, which would wait for ever.
        """
        if self._loop is not None and self._loop is _running_loop():
            coroutine.close()
            raise RuntimeError("call() waits, so it cannot be used on vnb's own loop; await the coroutine instead")
        future = self.submit(coroutine)
        try:
            return wait(future)
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="vnb", daemon=True)
                self._thread.start()
            return self._loop


def wait(future: concurrent.futures.Future[T]) -> T:
    """The future's result, waited for in short stretches so that an interrupt gets through."""
    while True:
        try:
            return future.result(POLL)
        except concurrent.futures.TimeoutError:
            if future.done():
                return future.result()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
