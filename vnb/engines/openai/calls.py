"""One request on its way: a task that sends it and reads what arrives, so that times are those of the arrival."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from ...errors import EngineError, VnbError
from ..stream import settled
from .refusals import Refused
from .sse import Events
from .wire import Wire

Arrival = tuple[float, Any]
"""Seconds, on `time.perf_counter`'s clock, and the JSON of a chunk."""


class Call:
    """Sends a request when it is made.

    Args:
        body: The request, made anew for each try.
        mend: Told of a refusal and the body; whether it is worth another try.

    Attributes:
        begun: When the try that was taken was sent.
        body: What was sent in it.
    """

    def __init__(
        self, wire: Wire, body: Callable[[], dict[str, Any]], mend: Callable[[Refused, dict[str, Any]], bool]
    ) -> None:
        self.begun = time.perf_counter()
        self.body: dict[str, Any] = {}
        self._wire, self._made, self._mend = wire, body, mend
        self._arrivals: asyncio.Queue[Arrival | VnbError | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._carry())

    async def batches(self) -> AsyncIterator[list[Arrival]]:
        """All that arrived since the last batch, until the end.

        Raises:
            EngineError: What ended it, after what had arrived before.
        """
        while True:
            batch = [await self._arrivals.get()]
            while not self._arrivals.empty():
                batch.append(self._arrivals.get_nowait())
            arrived = [one for one in batch if isinstance(one, tuple)]
            if arrived:
                yield arrived
            if not isinstance(batch[-1], tuple):
                if batch[-1] is not None:
                    raise batch[-1]
                return

    def fail(self, error: EngineError) -> None:
        """Ends it with an error."""
        self._arrivals.put_nowait(error)
        self._task.cancel()

    async def end(self) -> None:
        """Cuts the connection if it is still open, and waits until that is done."""
        self._task.cancel()
        await settled(self._task)

    async def _carry(self) -> None:
        try:
            while True:
                self.body = self._made()
                self.begun = time.perf_counter()
                try:
                    await self._read()
                    break
                except Refused as refused:
                    if not self._mend(refused, self.body):
                        raise
            self._arrivals.put_nowait(None)
        except VnbError as error:
            self._arrivals.put_nowait(error)
        except Exception as error:  # of the library's own
            self._arrivals.put_nowait(EngineError(f"The request failed: {type(error).__name__}"))

    async def _read(self) -> None:
        where = self._wire.address.base
        async with self._wire.stream(f"{where}/chat/completions", self.body) as response:
            if "event-stream" not in response.headers.get("Content-Type", ""):
                self._arrived(await self._wire.body(response))
                return
            events = Events()
            async for chunk in response.aiter_bytes():
                for content in events.feed(chunk):
                    if content == b"[DONE]":
                        return
                    self._arrived(content)
            for content in events.end():
                if content != b"[DONE]":
                    self._arrived(content)

    def _arrived(self, content: bytes) -> None:
        at = time.perf_counter()
        try:
            chunk = json.loads(content)
        except ValueError:
            chunk = None
        if not isinstance(chunk, dict):
            raise EngineError(
                f"{self._wire.address.base} answered something that is not JSON: {content[:80].decode('utf-8', 'replace')}",
                "Is it an OpenAI-compatible server?",
            )
        if chunk.get("error"):
            raise self._wire.failure(chunk["error"])
        if "choices" not in chunk and "message" in chunk and "code" in chunk:  # older llama.cpp and vLLM
            raise self._wire.failure(chunk)
        self._arrivals.put_nowait((at, chunk))
