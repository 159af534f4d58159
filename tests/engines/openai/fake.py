"""A server on loopback that speaks HTTP and server-sent events, and answers as a test tells it to."""

from __future__ import annotations

import contextlib
import json
import select
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeVar

DONE = b"data: [DONE]\n\n"
IN_DELTA = ("reasoning", "reasoning_content", "thinking", "refusal")
HOLD = b""
"""In a stream: send nothing until the client goes away."""
CUT = None
"""In a stream: break the connection."""


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    left: bool = False  # the client went away


@dataclass
class Reply:
    """An answer: a body in one piece, or a stream of pieces."""

    body: Any = None
    status: int = 200
    stream: Any = None
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


Answer = Reply | Callable[[Asked], Reply]


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    """One chunk of a chat completion; `logprobs`, `token_ids`, reasoning belong to its choice."""
    said: dict[str, Any] = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    said["delta"] |= {name: more.pop(name) for name in IN_DELTA if name in more}
    said |= {name: more.pop(name) for name in ("logprobs", "token_ids") if name in more}
    return event({"object": "chat.completion.chunk", "choices": [said], **more})


def event(value: Any) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def usage(prompt: int, new: int, cached: int | None = None) -> bytes:
    details = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": new, **details}})


def says(*pieces: bytes | None) -> Reply:
    """A stream."""
    return Reply(stream=pieces, type="text/event-stream")


HELLO = says(chunk("Hell"), chunk("o"), chunk(finish="stop"), usage(7, 2), DONE)


def refuse(status: int, message: str = "", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply({"error": {"message": message, "type": "error"}}, status, headers=named)


F = TypeVar("F", bound="Fake")


class Fake:
    """The server. `answers` maps paths to answers; a list is used up one by one, and its last one repeats."""

    def __init__(self, answers: dict[str, Answer | list[Answer]] | None = None, owner: str = "someone") -> None:
        self.answers: dict[str, Answer | list[Answer]] = {
            "/v1/models": Reply({"object": "list", "data": [{"id": "fake", "owned_by": owner}]}),
            "/v1/chat/completions": HELLO,
            **(answers or {}),
        }
        self.asked: list[Asked] = []
        self.under_way = self.high_water = 0
        self.changed = threading.Condition()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                fake._answer(self)

            do_POST = do_GET

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self: F) -> F:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def spec(self) -> str:
        return f"{self.url}#fake"

    def bodies(self, path: str = "/v1/chat/completions") -> list[Any]:
        return [one.body for one in self.asked if one.path == path]

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Waits until the condition holds."""
        with self.changed:
            return self.changed.wait_for(condition, 10)

    def _answer(self, http: BaseHTTPRequestHandler) -> None:
        length = int(http.headers.get("Content-Length") or 0)
        body = json.loads(http.rfile.read(length)) if length else None
        asked = Asked(http.command, http.path, dict(http.headers), body)
        with self.changed:
            self.asked.append(asked)
            self.under_way += 1
            self.high_water = max(self.high_water, self.under_way)
            self.changed.notify_all()
        try:
            found = self.answers.get(http.path, refuse(404, "Not Found"))
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
            reply = found(asked) if callable(found) else found
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._send(http, reply, asked)
        finally:
            with self.changed:
                self.under_way -= 1
                self.changed.notify_all()

    def _send(self, http: BaseHTTPRequestHandler, reply: Reply, asked: Asked) -> None:
        http.send_response(reply.status)
        http.send_header("Content-Type", reply.type)
        for name, value in reply.headers.items():
            http.send_header(name, value)
        if reply.stream is None:
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            http.send_header("Content-Length", str(len(content)))
            http.end_headers()
            http.wfile.write(content)
            return
        http.send_header("Transfer-Encoding", "chunked")
        http.end_headers()
        stream: Iterator[bytes | None] = iter(reply.stream)
        for piece in stream:
            if piece is CUT:
                http.close_connection = True
                http.connection.close()
                return
            if piece == HOLD:
                select.select([http.connection], [], [])  # readable once the client closes it
                asked.left = True
                http.close_connection = True
                return
            http.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        http.wfile.write(b"0\r\n\r\n")
