"""One request: the job that the generator is given, and the events that its results become."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.types import Alternative, Constraint, Sampling, StopReason, Token, Usage
from ...errors import EngineError, VnbError
from ..base import REPEATS_WITHIN, Decoded, EngineEvent, Prefilled, Prefilling, Stopped
from ..constraints import guided_schema, without_anchors
from ..stream import Hear
from .loaded import Loaded
from .queueing import PAGE, Place, page_keys, pages_for

DIGITS = 5  # of times and log-probabilities: more would only take room
UNFINISHED = "\ufffd"  # stands in a piece for bytes that are no whole character

Told = EngineEvent | VnbError
"""What the engine's thread tells of a request; an error is the last of it."""


@dataclass(eq=False)
class Request:
    """What was asked, and how far it is. Made by the engine, then only touched by its thread.

    Attributes:
        sent: When it came, on `time.perf_counter`'s clock, as all times here.
        images: The embeddings that ids of the prompt stand for.
        begun: When it was handed to the generator.
        place: What it takes of the cache.
        job: The generator's own object, once it has begun.
    """

    ids: tuple[int, ...]
    sampling: Sampling
    constraint: Constraint | None
    max_tokens: int
    sent: float
    hear: Hear[Told]
    ahead: int = 0
    images: Sequence[Any] = ()
    place: Place = field(init=False)
    begun: float = 0.0
    job: Any = None
    _recorder: Any = None
    _grammar: Any = None
    _prefilled: Prefilled | None = None
    _drawn: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.place = Place(page_keys(self.ids), pages_for(len(self.ids) + self.max_tokens + self.ahead))

    def begin(self, loaded: Loaded) -> None:
        """Makes the job.

        Raises:
            EngineError: The constraint means nothing.
        """
        import torch
        from exllamav2.generator import ExLlamaV2DynamicJob

        from .filters import Grammar, Recorder

        model, tokenizer, wording = loaded.model, loaded.tokenizer, loaded.wording
        filters: list[Any] = []
        if self.sampling.logprobs is not None:
            self._recorder = Recorder(model, tokenizer, tokenizer.get_vocab_size(), self.sampling.logprobs)
            filters.append(self._recorder)
        if self.constraint is not None:
            self._grammar = Grammar(model, tokenizer, wording, grammar_of(self.constraint))
            filters.append(self._grammar)
        self.job = ExLlamaV2DynamicJob(
            input_ids=torch.tensor([self.ids], dtype=torch.long),
            max_new_tokens=self.max_tokens + self.ahead,  # the generator ends as many tokens early as it drafts
            gen_settings=settings_of(self.sampling),
            seed=self.sampling.seed,
            stop_conditions=[*wording.ends, *(s for s in self.sampling.stop or () if s)],
            filters=filters,
            decode_special_tokens=wording.shows_special,
            embeddings=list(self.images),
        )
        self.begun = time.perf_counter()

    def read(self, result: dict[str, Any], at: float, loaded: Loaded) -> list[Told]:
        """The events of one of the generator's results."""
        if result["stage"] == "prefill":
            return [Prefilling(result["curr_progress"], len(self.ids))]
        if result["stage"] != "streaming":
            return []
        told: list[Told] = []
        if self._prefilled is None:
            self._prefilled = self._prefill()
            told.append(self._prefilled)
        self._drawn.append(at)
        tokens = self._tokens(result, loaded)
        if tokens:
            told.append(Decoded(tuple(tokens)))
        if self._grammar is not None and self._grammar.fault:
            raise EngineError(f"The grammar failed: {self._grammar.fault}", "Make the constraint simpler.")
        if result["eos"]:
            told.append(self._stopped(result, self._prefilled))
        return told

    def _prefill(self) -> Prefilled:
        spent = self.job.time_first_token - self.job.time_first_prefill
        cached = self.job.cached_pages * PAGE + self.job.cached_tokens
        return Prefilled(len(self.ids), cached, self.begun - self.sent, spent, self.place.admission)

    def _stopped(self, result: dict[str, Any], start: Prefilled) -> Stopped:
        reason: StopReason = "length" if result["eos_reason"] == "max_new_tokens" else "stop"
        usage = Usage(
            prompt_tokens=start.prompt_tokens,
            cached_tokens=start.cached_tokens,
            new_tokens=result["new_tokens"],
            t_queue=start.t_queue,
            t_prefill=start.t_prefill,
            t_decode=result["time_generate"],
            timing_source="engine",
            cached_pages=result["cached_pages"],
            draft_accepted=result.get("accepted_draft_tokens"),
            draft_rejected=result.get("rejected_draft_tokens"),
        )
        return Stopped(reason, usage)

    def _tokens(self, result: dict[str, Any], loaded: Loaded) -> list[Token]:
        text, ids = result.get("text", ""), _ids(result)
        ended = result.get("eos_reason")
        if ended == "stop_token":  # what was held back, as it might have become a stop string
            held = result.get("held", {})
            text, ids = text + held.get("text", ""), [*ids, *_ids(held)][:-1]
        raw = [loaded.wording.bytes_of(token) for token in ids]
        if ended == "max_new_tokens" and UNFINISHED in text:
            text = b"".join(raw).decode("utf-8", "ignore")
        pieces = loaded.pieces()
        own = [pieces[token] for token in ids]
        tokens = []
        for token, piece, part, content in zip(ids, own, divide(text, own), raw, strict=True):
            if ended == "stop_string" and piece and not part:
                break  # it is part of the stop string
            carried = part == piece and UNFINISHED not in piece
            tokens.append(self._token(token, part, "" if carried else content.hex(), pieces))
        return tokens

    def _token(self, token: int, text: str, raw: str, pieces: Sequence[str]) -> Token:
        dt = round(self._drawn.popleft() - self.sent, DIGITS)
        if self._recorder is None:
            return Token(token, text, dt, bytes=raw)
        logprob, best = self._recorder.choices.popleft()
        top = tuple(Alternative(id_, pieces[id_], round(p, DIGITS)) for id_, p in best)
        return Token(token, text, dt, round(logprob, DIGITS), top, raw)


def settings_of(sampling: Sampling) -> Any:
    """ExLlamaV2's settings, fresh for each job since it changes them; what is left open is its default.

    Without its own penalty of repetitions, which it would apply unasked: log-probabilities and seeds mean what they say.
    """
    from exllamav2.generator import ExLlamaV2Sampler

    penalties = {
        "token_repetition_penalty": 1.0 if sampling.repeat_penalty is None else sampling.repeat_penalty,
        "token_repetition_range": REPEATS_WITHIN,
        "dry_multiplier": sampling.dry or 0.0,
    }
    if sampling.temperature == 0:
        return ExLlamaV2Sampler.Settings.greedy(**penalties)
    named = {key: getattr(sampling, key) for key in ("temperature", "top_p", "top_k", "min_p")}
    said = {key: value for key, value in named.items() if value is not None}
    return ExLlamaV2Sampler.Settings(**penalties, **said)


def grammar_of(constraint: Constraint) -> str:
    """The constraint as llguidance reads it.

    Raises:
        EngineError: The schema is none.
    """
    from llguidance import LLMatcher

    if constraint.kind == "json_schema":
        return str(LLMatcher.grammar_from_json_schema(json.dumps(guided_schema(constraint.text))))
    return str(LLMatcher.grammar_from_regex(without_anchors(constraint.text)))


def divide(text: str, pieces: Sequence[str]) -> list[str]:
    """The text over its tokens: each gets its own piece; if those do not join to the text, the last one gets all."""
    if not "".join(pieces).startswith(text):
        return [*[""] * (len(pieces) - 1), text]
    parts = []
    for piece in pieces:
        parts.append(text[: len(piece)])
        text = text[len(piece) :]
    return parts


def _ids(result: dict[str, Any]) -> list[int]:
    return [int(token) for token in result["token_ids"][0].tolist()] if "token_ids" in result else []
