"""The scripted engine's tokens: short pieces of text with ids made from the text, so that nothing is ever lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

from ..core.types import Message, Prompt, Span

SPECIAL = ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
_PIECE = re.compile(r"[A-Za-z]{1,6}|[0-9]{1,3}|.", re.DOTALL)


class Pieces:
    """Text to ids and back. Special tokens have the ids 0 to 4; text that only looks like one does not become one."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = dict(enumerate(SPECIAL))
        self._ids: dict[str, int] = {}
        self.encode = lru_cache(maxsize=128)(self._encode)

    def id_of(self, piece: str) -> int:
        """The id of a piece of ordinary text: 31 bits of its digest, the next free one on a clash."""
        known = self._ids.get(piece)
        if known is not None:
            return known
        raw = hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=4).digest()
        token = int.from_bytes(raw, "big") & 0x7FFFFFFF
        while token in self._texts:
            token += 1
        self._ids[piece], self._texts[token] = token, piece
        return token

    def _encode(self, text: str) -> tuple[int, ...]:
        """Ids of ordinary text."""
        return tuple([self.id_of(piece) for piece in _PIECE.findall(text)])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`."""
        return "".join(self._texts[token] for token in ids)

    def render(self, messages: Sequence[Message]) -> Prompt:
        """The whole prompt; a segment's tokens are its part's span."""
        ids: list[int] = []
        text: list[str] = []
        spans: list[Span] = []
        for message in messages:
            role = f"<|{message.role}|>"
            ids.append(SPECIAL.index(role))
            text.append(role)
            for segment in message.segments:
                start = len(ids)
                ids += self.encode(segment.text)
                text.append(segment.text)
                if segment.part >= 0:
                    spans.append(Span(segment.part, start, len(ids)))
            ids.append(SPECIAL.index("<|end|>"))
            text.append("<|end|>")
        ids.append(SPECIAL.index("<|assistant|>"))
        text.append("<|assistant|>")
        return Prompt(tuple(messages), "".join(text), tuple(ids), tuple(spans))
