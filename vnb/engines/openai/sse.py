"""Server-sent events out of bytes as they arrive (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import re

from ...errors import EngineError

LONGEST = 1 << 20
"""Bytes of one line; a token with twenty alternatives takes about two thousand."""
_END = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)
_FIELDS = (b"data", b"error")  # `error` is what older llama.cpp servers call it


class Events:
    """Cuts a stream into the contents of its `data` lines.

    A line is an event of its own: no server spreads JSON over several, and some leave out the empty line between.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """What is complete with these bytes.

        Raises:
            EngineError: A line is longer than any answer's.
        """
        *lines, self._rest = _END.split(self._rest + chunk)
        if max(map(len, (*lines, self._rest))) > LONGEST:
            raise EngineError(
                f"The server sent a line of more than {LONGEST // 1024:,} KB.", "Is it an OpenAI-compatible server?"
            )
        return [content for line in lines if (content := _content(line))]

    def end(self) -> list[bytes]:
        """What a stream that ends without a line's end still held."""
        content = _content(self._rest.rstrip(b"\r"))
        return [content] if content else []


def _content(line: bytes) -> bytes:
    field, _, content = line.removeprefix(b"\xef\xbb\xbf").partition(b":")
    return content.strip() if field in _FIELDS else b""
