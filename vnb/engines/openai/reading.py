"""The chunks of a streamed chat completion, as our events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.types import Alternative, Sampling, StopReason, Token, Usage
from ...errors import EngineError
from ..base import Decoded, EngineEvent, Prefilled, Prefilling, Stopped
from ..thinking import split
from .estimate import piece_id

DIGITS = 5  # of times and log-probabilities: more would only take room
UNKNOWN_ID = -1
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Where servers put what a model thinks before its answer."""
BROKEN = ("content_filter", "error", "abort")
"""Ways to end that are no answer."""
ROOM = 64
"""Characters of a token, on average, beyond which the server does not keep to `max_tokens`."""


class Reading:
    """Reads one answer. All times are those at which its tokens arrived.

    Tokens have the model's ids where the server tells them, ids of pieces (see `estimate`) where it gives
    log-probabilities alone, else -1.

    Args:
        where: The server, to be named in errors.
        sent: When the request came, on the clock of the arrivals.
        begun: When it was sent to the server.
        total: Tokens of the prompt by our own count.
        max_tokens: The most tokens of the answer.
        ignored: What of `sampling` the server did not take.
    """

    def __init__(
        self,
        where: str,
        sent: float,
        begun: float,
        total: int,
        sampling: Sampling,
        max_tokens: int,
        ignored: tuple[str, ...] = (),
    ) -> None:
        self._where, self._sent, self._begun, self._total = where, sent, begun, total
        self._top, self._max_tokens, self._ignored = sampling.logprobs, max_tokens, ignored
        self._ready = self._first = self._last = 0.0  # prompt read, first and last token
        self._counted = self._cached = 0
        self._usage: dict[str, Any] = {}
        self._thought = ""
        self._text = ""
        self.tells_cache = False
        self.reason: StopReason | None = None

    def read(self, items: Sequence[tuple[float, Any]]) -> list[EngineEvent]:
        """Our events for chunks with the times of their arrival; tokens that came together stay together.

        Raises:
            EngineError: A chunk is none, or ends what is no answer.
        """
        events: list[EngineEvent] = []
        for at, chunk in items:
            try:
                self._read(at, chunk, events)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                raise EngineError(
                    f"{self._where} sent a chunk that is none of a chat completion: {str(chunk)[:120]}",
                    "Is it an OpenAI-compatible server?",
                ) from None
        return events

    def answer(self, prompt_text: str) -> str:
        """The answer without its reasoning, which a server may send in the answer's place; see `engines.thinking`."""
        return split(self._text, prompt_text)[1] if self._text.strip() else self._thought

    def stopped(self) -> Stopped:
        """The last event.

        Raises:
            EngineError: The answer did not end.
        """
        if self.reason is None:
            raise EngineError(
                f"{self._where} ended the answer in its midst, after {self._counted} tokens.", "Its own log says why."
            )
        new = self._usage.get("completion_tokens")
        if self._thought and not self._text and self.reason == "length":
            raise EngineError(
                f"The model thought for {new or self._counted} tokens, and had none left for its answer.",
                f"--max-tokens {4 * self._max_tokens}    or --think off",
            )
        usage = Usage(
            prompt_tokens=self._usage.get("prompt_tokens") or self._total,
            cached_tokens=self._cached,
            new_tokens=self._counted if new is None else new,
            t_queue=self._begun - self._sent,
            t_prefill=self._ready - self._begun,
            t_decode=self._last - self._first,
            timing_source="arrival",
            estimated=not self._usage,
            ignored=self._ignored,
        )
        return Stopped(self.reason, usage)

    def _read(self, at: float, chunk: Any, events: list[EngineEvent]) -> None:
        self._count(chunk)
        progress = chunk.get("prompt_progress")
        if progress is not None and not self._ready:  # llama-server's
            done, self._total = int(progress["processed"]), int(progress["total"])
            if done < self._total:
                events.append(Prefilling(done, self._total))
            else:
                self._prefilled(at, events)
        for choice in (chunk.get("choices") or [])[:1]:
            said = choice.get("delta") or choice.get("message") or {}
            text = said.get("content") or ""
            thought = next((words for name in THOUGHTS if (words := said.get(name))), "")
            entries = (choice.get("logprobs") or {}).get("content") or []
            ids = choice.get("token_ids") or []
            if said.get("refusal"):
                raise EngineError(f"The model refuses: {said['refusal'][:200]}", "Word the task differently.")
            if text or thought or entries or ids:
                self._prefilled(at, events)
                self._first, self._last = self._first or at, at
                timings = chunk.get("timings")
                if thought and text:  # ids and log-probabilities do not say where one ends
                    self._add(events, self._decoded(at, thought, [], [], None), True)
                    self._add(events, self._decoded(at, text, [], [], timings), False)
                else:
                    self._add(events, self._decoded(at, thought or text, entries, ids, timings), bool(thought))
                self._thought += thought
                self._text += text
                if len(self._thought) + len(self._text) > ROOM * self._max_tokens + 4096:
                    raise EngineError(
                        f"{self._where} does not keep to {self._max_tokens} tokens.", "Use another server."
                    )
            if choice.get("finish_reason"):
                self._prefilled(at, events)
                self._end(str(choice["finish_reason"]))

    def _add(self, events: list[EngineEvent], tokens: list[Token], thinking: bool) -> None:
        """Tokens that came together stay together, reasoning and answer apart."""
        last = events[-1] if events else None
        if isinstance(last, Decoded) and last.thinking == thinking:
            events[-1] = Decoded((*last.tokens, *tokens), thinking)
        else:
            events.append(Decoded(tuple(tokens), thinking))

    def _count(self, chunk: Any) -> None:
        """What a chunk says of the prompt and the cache."""
        usage = chunk.get("usage")
        if usage:
            self._usage = {name: int(value) for name, value in usage.items() if isinstance(value, (int, float))}
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
        else:
            cached = (chunk.get("timings") or {}).get("cache_n", (chunk.get("prompt_progress") or {}).get("cache"))
        if cached is not None:
            self._cached, self.tells_cache = int(cached), True

    def _prefilled(self, at: float, events: list[EngineEvent]) -> None:
        if not self._ready:
            self._ready = at
            events.append(Prefilled(self._total, self._cached, self._begun - self._sent, at - self._begun))

    def _end(self, reason: str) -> None:
        if reason in BROKEN:
            raise EngineError(
                f"{self._where} broke the answer off ({reason}).",
                "Word the task differently." if reason == "content_filter" else "Its own log says why.",
            )
        self.reason = "length" if reason == "length" else "stop"

    def _decoded(self, at: float, text: str, entries: list[Any], ids: list[Any], timings: Any) -> list[Token]:
        tokens: list[Token] = []
        dt = round(at - self._sent, DIGITS)
        named = max(1, len(entries), len(ids))
        counted = max(self._counted + named, (timings or {}).get("predicted_n", 0))
        for _ in range(counted - self._counted - named):
            tokens.append(Token(UNKNOWN_ID, "", dt))  # it ended inside a character
        self._counted = counted
        pieces = [str(entry["token"]) for entry in entries]
        if len(pieces) < 2 or "".join(pieces) != text:
            pieces = [""] * (named - 1) + [text]
        for place, piece in enumerate(pieces):
            entry = entries[place] if len(entries) == named else None
            number = int(ids[place]) if len(ids) == named else UNKNOWN_ID
            tokens.append(Token(number, piece, dt) if entry is None else self._named(entry, piece, number, dt))
        return tokens

    def _named(self, entry: Any, piece: str, number: int, dt: float) -> Token:
        """A token with its log-probability."""
        raw = bytes(entry.get("bytes") or str(entry["token"]).encode("utf-8", "surrogatepass"))
        shown = "" if raw == piece.encode("utf-8", "surrogatepass") else raw.hex()
        if self._top is None:
            return Token(number, piece, dt, None, (), shown)
        top = tuple(
            Alternative(_id(other), str(other["token"]), round(float(other["logprob"]), DIGITS))
            for other in (entry.get("top_logprobs") or [])[: self._top]
        )
        own = _id(entry)
        if number >= 0:  # the alternatives have no ids: the one that was drawn is known by its text
            top = tuple(Alternative(number, a.text, a.logprob) if a.id == own < 0 else a for a in top)
        return Token(number if number >= 0 else own, piece, dt, round(float(entry["logprob"]), DIGITS), top, shown)


def _id(entry: Any) -> int:
    number = entry.get("id", entry.get("token_id"))
    return int(number) if number is not None else piece_id(str(entry["token"]))
