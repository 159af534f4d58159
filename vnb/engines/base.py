"""What an engine is: one async generator, and what it says of itself. An engine knows nothing of steps or plans."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Union

from ..core.types import (
    Admission,
    Attachment,
    Constraint,
    KVCacheUsage,
    Message,
    Prompt,
    Sampling,
    StopReason,
    Token,
    Usage,
)
from ..errors import EngineError

REPEATS_WITHIN = 256
"""Tokens back to which engines penalize a repetition; llama.cpp's own 64 are less than many a repeated sentence."""


@dataclass(frozen=True)
class EngineInfo:
    """What an engine says of itself.

    Attributes:
        spec: The spec that it was loaded from, as the user would type it again.
        name: A short name to show.
        fingerprint: Digest of what decides its outputs: weights, quantization, engine version, chat template.
        context_length: The most tokens (prompt and new) of one request.
        slots: How many requests decode together.
        device: What it computes on here: `cpu` or `cuda`; empty if that is elsewhere or not known.
        profile: Which prompts suit it: `instruct` for ordinary models, `compact` for vnb-tiny.
        features: Of `logprobs`, `json_schema`, `regex`, `cached_tokens`, `seed`, `images`, `thinking`,
            `strict_schema` (it holds every keyword of a JSON schema).
        details: Further facts to show, in order.
        sampling: What the model's authors recommend; it holds where nobody says anything else.
    """

    spec: str
    name: str
    fingerprint: str
    context_length: int
    slots: int
    profile: Literal["instruct", "compact"] = "instruct"
    features: frozenset[str] = frozenset()
    details: tuple[tuple[str, str], ...] = ()
    device: Literal["", "cpu", "cuda"] = ""
    sampling: Sampling = Sampling()


@dataclass(frozen=True)
class Prefilling:
    """`done` of `total` prompt tokens are in the KV cache."""

    done: int
    total: int


@dataclass(frozen=True)
class Prefilled:
    """The prompt is in the KV cache; `cached_tokens` of it were there before. `admission`: where the engine decides on it."""

    prompt_tokens: int
    cached_tokens: int
    t_queue: float
    t_prefill: float
    admission: Admission | None = None


@dataclass(frozen=True)
class Decoded:
    """Tokens as they were drawn; their texts joined are the output.

    Attributes:
        thinking: They are reasoning for certain. Where it is false they may be, as `engines.thinking` finds out.
    """

    tokens: tuple[Token, ...]
    thinking: bool = False


@dataclass(frozen=True)
class Stopped:
    """The request ended by itself. Always the last event, exactly once."""

    reason: StopReason
    usage: Usage


EngineEvent = Union[Prefilling, Prefilled, Decoded, Stopped]


class Engine(Protocol):
    """A loaded model that can answer several requests at once.

    `generate` yields any number of `Prefilling`, one `Prefilled`, any number of `Decoded`, one `Stopped`.
    Cancelling is cancelling the consuming task, whose `finally` awaits `aclose()` of the generator; the engine
    then stops that request and frees its slot. Batching is several generators open at once. A failure
    is an `EngineError` raised from the generator; it ends that request only, unless it says otherwise.
    """

    @property
    def info(self) -> EngineInfo: ...

    async def see(self, images: Sequence[Attachment], read: Callable[[Attachment], bytes]) -> Mapping[str, int]:
        """Takes images in, so that messages can show them; returns the tokens of each by its digest.

        Args:
            read: The content of one, a PNG or JPEG file; asked for those that are new to the engine.

        Raises:
            EngineError: It takes no images, or cannot read one. Without images it never fails.
        """
        ...

    def render(self, messages: Sequence[Message], think: str = "") -> Prompt:
        """Applies the chat template, adds the opening of the answer, and tokenizes; spans map parts to tokens.

        Args:
            think: `Sampling.think`, for templates that have a switch; empty leaves it off.
        """
        ...

    def count(self, text: str) -> int:
        """Tokens of `text` alone."""
        ...

    def generate(
        self, prompt: Prompt, sampling: Sampling, constraint: Constraint | None = None
    ) -> AsyncIterator[EngineEvent]: ...

    def kv_usage(self) -> KVCacheUsage | None:
        """How full the KV cache is; `None` where the engine cannot tell."""
        ...

    async def warm(self, prefix: Prompt) -> None:
        """Makes sure that requests which begin with `prefix` find it in the KV cache, where the engine can."""
        ...

    async def close(self) -> None:
        """Frees everything; requests in flight fail with an `EngineError`. Closing twice is fine."""
        ...


class Blind:
    """The part of an engine that takes no images."""

    async def see(self: Any, images: Sequence[Attachment], read: Callable[[Attachment], bytes]) -> Mapping[str, int]:
        """Refuses images."""
        if images:
            raise EngineError(f"{self.info.name} takes no images.", "Leave out --image, or load a model with vision.")
        return {}
