"""Tokens of a server that does not tell its own: pieces of text, rather too many than too few.

Their ids are below -1, so that nobody takes them for the model's; equal pieces have equal ids, so that prompts can be compared.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from ...core.types import Message, Prompt, Span

# Four letters with the space before them; digits and signs alone; of other scripts each character, and emoji by halves.
_PIECE = re.compile(r" ?[A-Za-z]{1,4}|[^\S\n]{1,4}|[\x00-\x7f]|[^\x00-\x7f]")


def piece_id(piece: str) -> int:
    """The id of a piece of text."""
    return -2 - (zlib.crc32(piece.encode("utf-8", "surrogatepass")) & 0x3FFFFFFF)


def pieces(text: str) -> list[int]:
    """Ids of the pieces of a text."""
    found = []
    for piece in _PIECE.findall(text):
        found += [piece_id(piece)] * (1 if piece < "\U00010000" else 2)
    return found


class Estimate:
    """Counts and renders by pieces."""

    exact = False

    def count(self, text: str) -> int:
        """About the tokens of `text`, rather more."""
        return len(pieces(text))

    def render(self, messages: Sequence[Message]) -> Prompt:
        """The messages, each under its role; how the server words them is not known."""
        ids: list[int] = []
        text: list[str] = []
        spans: list[Span] = []
        for message in messages:
            for segment in (None, *message.segments):
                start = len(ids)
                text.append(f"[{message.role}]\n" if segment is None else segment.text)
                ids += pieces(text[-1])
                if segment is not None and segment.part >= 0:
                    spans.append(Span(segment.part, start, len(ids)))
            text.append("\n\n")
            ids += pieces("\n\n")
        text.append("[assistant]\n")
        return Prompt(tuple(messages), "".join(text), (*ids, *pieces(text[-1])), tuple(spans))
