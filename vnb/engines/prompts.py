"""Messages to tokens by the model's own chat template, without letting a user's text become special tokens.

The template is applied once per sequence of roles, with a placeholder for each content; so a content stands in the
prompt letter for letter, whatever the template would trim. If no content holds the text of a special token, the whole
prompt is tokenized at once, as the model's authors do. Otherwise the template's pieces are tokenized with special
tokens and the contents without: the tokens are then the same, but for merges across those boundaries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from typing import Protocol

from ..core.types import Message, Prompt, Segment, Span
from ..errors import EngineError

Pieces = tuple[tuple[int, ...], tuple[bytes, ...]]
"""Token ids, and the bytes of text that each stands for."""
IMAGE = "[image]"
"""What stands for an image in the text of a prompt."""
LOOKS_SPECIAL = r"<[^\s<>]+>|<\||\|>|\[/?[A-Z_]+\]"


class Wording(Protocol):
    """A model's own tokenizer and chat template."""

    def apply(self, messages: Sequence[tuple[str, str]], think: str) -> str:
        """The text of (role, content) messages and the opening of the answer; an `EngineError` if it refuses them."""
        ...

    def opening(self) -> Pieces:
        """The tokens that every prompt begins with, whatever the template says."""
        ...

    def pieces(self, text: str, special: bool) -> Pieces:
        """Tokenizes; with `special`, texts of special tokens become these tokens."""
        ...

    def count(self, text: str) -> int:
        """Tokens of ordinary text."""
        ...

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of these tokens, special ones included."""
        ...


class Prompts:
    """Renders and counts; remembers both.

    Args:
        control: Texts of the model's special tokens.
        guess: Be careful with every text that looks like one, too: llama.cpp knows some that files do not mark. Not for
            SentencePiece models, where a piece that is tokenized apart begins with a space.
        image: The tokens that stand for an image, by its digest; `None` where there can be none.
    """

    def __init__(
        self,
        wording: Wording,
        control: Sequence[str],
        *,
        guess: bool,
        image: Callable[[str], tuple[int, ...]] | None = None,
    ) -> None:
        self._wording, self._image = wording, image
        known = map(re.escape, sorted(control, key=len, reverse=True))
        self._special = re.compile("|".join([*known, *([LOOKS_SPECIAL] if guess else [])]) or r"(?!)")
        self._layouts: dict[tuple[str, ...], tuple[str | int, ...]] = {}
        self._tokenize = lru_cache(maxsize=512)(wording.pieces)
        self.count = lru_cache(maxsize=8192)(self._count)
        self.detokenize = wording.detokenize
        self._bos, self._bos_text = wording.opening()

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """The prompt as it is sent; a token that straddles two parts belongs to the part where it starts."""
        sent = merge_system(messages) if self._layout(messages, think) is None else tuple(messages)
        layout = self._layout(sent, think)
        if layout is None:
            raise EngineError("The model's chat template leaves out a message.", "Use a model with a chat template.")
        pieces = [(Segment(x),) if isinstance(x, str) else sent[x].segments for x in layout]
        shows = any(s.media for p in pieces for s in p)
        if shows or any(self._special.search(sent[x].content) for x in layout if isinstance(x, int)):
            parts = [part for x, p in zip(layout, pieces) for part in self._stretches(p, isinstance(x, str))]
            ids: tuple[int, ...] = sum((p[0] for p in parts), ())
            raw: tuple[bytes, ...] = sum((p[1] for p in parts), ())
        else:
            ids, raw = self._wording.pieces("".join(s.text for p in pieces for s in p), True)
        segments = [replace(s, text=s.text + IMAGE) if s.media else s for p in pieces for s in p]
        text = "".join(s.text for s in segments)
        if ids[: len(self._bos)] != self._bos:
            ids, raw = self._bos + ids, self._bos_text + raw
            opening = b"".join(self._bos_text).decode("utf-8", "replace")
            segments.insert(0, Segment(opening))
            text = opening + text
        return Prompt(tuple(messages), text, ids, spans_of(segments, raw))

    def _stretches(self, segments: Sequence[Segment], special: bool) -> Iterator[Pieces]:
        """The tokens of segments one after the other: texts up to an image together, then the image."""
        text = ""
        for segment in segments:
            text += segment.text
            if segment.media:
                if self._image is None:
                    raise EngineError("This engine takes no images.", "Leave out --image.")
                yield self._tokenize(text, special)
                ids, text = self._image(segment.media), ""
                yield ids, (*[b""] * (len(ids) - 1), IMAGE.encode())
        yield self._tokenize(text, special)

    def _count(self, text: str) -> int:
        return self._wording.count(text) if text else 0

    def _layout(self, messages: Sequence[Message], think: str) -> tuple[str | int, ...] | None:
        """The template's texts with the indices of the messages between them; `None` if it refuses these roles."""
        roles = tuple(m.role for m in messages)
        key = (think, *roles)
        if key not in self._layouts:
            marks = [f"vnb{index}content{index}vnb" for index in range(len(roles))]
            try:
                text = self._wording.apply(list(zip(roles, marks, strict=True)), think)
            except EngineError:
                return None
            if any(text.count(mark) != 1 for mark in marks) or sorted(marks, key=text.find) != marks:
                return None
            found = re.split(r"vnb(\d+)content\d+vnb", text)
            layout = tuple(int(x) if place % 2 else x for place, x in enumerate(found))
            self._layouts[key] = tuple(x for x in layout if x != "")
        return self._layouts[key]


def merge_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """For templates without a system role: its words open the first user message."""
    if len(messages) > 1 and messages[0].role == "system" and messages[1].role == "user":
        segments = (*messages[0].segments, Segment("\n\n"), *messages[1].segments)
        return (Message("user", segments), *messages[2:])
    return tuple(messages)


def spans_of(segments: Sequence[Segment], raw: Sequence[bytes]) -> tuple[Span, ...]:
    ends = list(accumulate(len(piece) for piece in raw))
    total = sum(len(s.text.encode("utf-8", "surrogatepass")) for s in segments)
    shift = (ends[-1] if ends else 0) - total  # a tokenizer may put a space before the text
    starts = [0, *(end - max(shift, 0) for end in ends[:-1])]
    spans = []
    offset = token = 0
    for segment in segments:
        offset += len(segment.text.encode("utf-8", "surrogatepass"))
        first = token
        while token < len(starts) and starts[token] < offset:
            token += 1
        if segment.part >= 0:
            spans.append(Span(segment.part, first, token))
    return tuple(spans)
