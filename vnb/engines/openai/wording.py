"""Prompts and counts by a server's own tokenizer and chat template, where it lends them: vLLM and llama-server do.

What is rendered is what the server makes of the chat messages that are sent. Texts of special tokens in a message become these
tokens there; no chat endpoint can be told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from ...core.types import Message, Prompt, Segment
from ...errors import EngineError
from ..prompts import merge_system, spans_of
from ..think_first import template_settings

Ask = Callable[[str, dict[str, Any]], Any]
"""Posts a body to one of the server's own paths, and waits for the JSON."""
Whole = tuple[str, tuple[int, ...], tuple[int, ...]]
"""A prompt's text, its token ids, and how many bytes of the text each stands for (none if that is not known)."""


class Tokens(Protocol):
    """How a server's prompts are counted and rendered."""

    @property
    def exact(self) -> bool:
        """Whether the tokens are the model's own."""
        ...

    def count(self, text: str) -> int: ...

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt: ...


class ServerTokens:
    """Asks the server, and remembers counts.

    Args:
        whole: The prompt that the server makes of (role, content) messages, thinking or not.
        count: Tokens of a text alone.
        detokenize: The text of token ids.
    """

    exact = True

    def __init__(
        self,
        whole: Callable[[list[dict[str, str]], str], Whole],
        count: Callable[[str], int],
        detokenize: Callable[[Sequence[int]], str],
    ) -> None:
        self._whole = whole
        self._count = lru_cache(maxsize=8192)(count)
        self.detokenize = detokenize

    def count(self, text: str) -> int:
        """Tokens of `text` alone."""
        return self._count(text) if text else 0

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """The prompt; its messages are those to send, without a system message if the model's template knows none."""
        try:
            return self._rendered(messages, think)
        except EngineError:
            merged = merge_system(messages)
            if merged == tuple(messages):
                raise
            try:
                return self._rendered(merged, think)
            except EngineError:
                pass
            raise

    def _rendered(self, messages: Sequence[Message], think: str) -> Prompt:
        text, ids, sizes = self._whole(plain(messages), think)
        raw = tuple(bytes(size) for size in sizes)
        return Prompt(tuple(messages), text, ids, spans_of(_segments(text, messages), raw) if sizes else ())


def plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Messages as they are sent."""
    return [{"role": message.role, "content": message.content} for message in messages]


def vllm(ask: Ask, model: str) -> ServerTokens:
    """https://docs.vllm.ai: `/tokenize` takes texts or messages, `/detokenize` gives the text."""

    def whole(messages: list[dict[str, str]], think: str) -> Whole:
        settings = template_settings(think)
        body = {"messages": messages, "add_generation_prompt": True, "chat_template_kwargs": settings}
        said = ask("/tokenize", {"model": model, "return_token_strs": True, **body})
        ids = tuple(map(int, said["tokens"]))
        text = detokenize(ids)
        return text, ids, _sizes(said.get("token_strs") or (), len(text.encode("utf-8", "surrogatepass")))

    def count(text: str) -> int:
        return len(ask("/tokenize", {"model": model, "prompt": text, "add_special_tokens": False})["tokens"])

    def detokenize(ids: Sequence[int]) -> str:
        return str(ask("/detokenize", {"model": model, "tokens": list(ids)})["prompt"])

    return ServerTokens(whole, count, detokenize)


def llamacpp(ask: Ask, model: str) -> ServerTokens:
    """llama-server: `/apply-template` gives a prompt's text, `/tokenize` its tokens with their pieces."""

    def whole(messages: list[dict[str, str]], think: str) -> Whole:
        body = {"model": model, "messages": messages, "chat_template_kwargs": template_settings(think)}
        text = str(ask("/apply-template", body)["prompt"])
        said = ask("/tokenize", {"model": model, "content": text, "add_special": True, **SPECIAL})["tokens"]
        pieces = [piece.encode() if isinstance(piece := one["piece"], str) else bytes(piece) for one in said]
        told = b"".join(pieces)
        if told.endswith(text.encode()):  # with the token that every prompt begins with
            text = told.decode("utf-8", "replace")
        return text, tuple(int(one["id"]) for one in said), tuple(map(len, pieces))

    def count(text: str) -> int:
        return len(ask("/tokenize", {"model": model, "content": text, **SPECIAL})["tokens"])

    def detokenize(ids: Sequence[int]) -> str:
        return str(ask("/detokenize", {"model": model, "tokens": list(ids)})["content"])

    return ServerTokens(whole, count, detokenize)


SPECIAL = {"parse_special": True, "with_pieces": True}


def _segments(text: str, messages: Sequence[Message]) -> list[Segment]:
    """The text in stretches: the template's words, and the messages' segments between them; templates may trim those."""
    found, at = [], 0
    for message in messages:
        content = message.content
        place = text.find(content, at)
        trimmed = message.segments
        if place < 0 and (content := content.strip()):
            place, trimmed = text.find(content, at), _stripped(message.segments)
        if place >= 0:
            found += [Segment(text[at:place]), *trimmed]
            at = place + len(content)
    return [*found, Segment(text[at:])]


def _stripped(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    kept = list(segments)
    for order, strip in ((range(len(kept)), str.lstrip), (range(len(kept) - 1, -1, -1), str.rstrip)):
        for place in order:
            kept[place] = replace(kept[place], text=strip(kept[place].text))
            if kept[place].text:
                break
    return tuple(kept)


def _sizes(names: Sequence[str], total: int) -> tuple[int, ...]:
    """Bytes of each token by its name in the vocabulary: byte-level BPE or SentencePiece, whichever adds up to `total`."""
    for size in (_bpe_size, _piece_size):
        sizes = tuple(map(size, names))
        if sum(sizes) in (total, total + 1):  # SentencePiece begins with a space that is not in the text
            return sizes
    return ()


def _bpe_size(name: str) -> int:
    """A character for each byte, those of `bytes_to_unicode` in GPT-2's encoder; special tokens are written as they are."""
    return len(name) if all(char < "\u0144" and char != " " for char in name) else len(name.encode())


def _piece_size(name: str) -> int:
    if len(name) == 6 and name.startswith("<0x"):
        return 1
    return len(name.replace("\u2581", " ").encode())
