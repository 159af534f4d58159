"""Tokens of a server that does not tell its own: pieces of text, rather too many than too few.

Their ids are below -1, so that nobody takes them for the model's; equal pieces have equal ids, so that prompts can be compared.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from ...core.types import Message, Prompt, Segment, Span
from ..prompts import IMAGE

IMAGE_TOKENS = 1024
"""Tokens that an image is taken for; models make between 64 and some thousands of one."""
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
            for segment in (Segment(f"[{message.role}]\n"), *message.segments, Segment("\n\n")):
                start = len(ids)
                text.append(segment.text)
                ids += pieces(segment.text)
                if segment.media:
                    text.append(IMAGE)
                    ids += [piece_id(segment.media)] * IMAGE_TOKENS
                if segment.part >= 0:
                    spans.append(Span(segment.part, start, len(ids)))
        opening = "[assistant]\n"
        return Prompt(tuple(messages), "".join([*text, opening]), (*ids, *pieces(opening)), tuple(spans))
