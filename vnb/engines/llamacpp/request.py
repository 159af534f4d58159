"""One request in the server's words: the body that is sent, and the events that come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.types import Alternative, Constraint, Sampling, StopReason, Token, Usage
from ...errors import BudgetError, EngineError
from ..base import REPEATS_WITHIN, Decoded, EngineEvent, Prefilled, Prefilling, Stopped
from ..constraints import guided_schema, regex_grammar, without_anchors

DIGITS = 5  # of times and log-probabilities: more would only take room
UNKNOWN_ID = -1  # the server names a token only where log-probabilities were asked for


def body_of(
    ids: Sequence[int],
    sampling: Sampling,
    constraint: Constraint | None,
    max_tokens: int,
    shown: Sequence[str] = (),
) -> dict[str, Any]:
    """The request; what `sampling` leaves open is llama.cpp's default.

    Args:
        shown: Special tokens whose texts belong to the output.
    """
    body: dict[str, Any] = {
        "prompt": list(ids),
        "max_tokens": max_tokens,
        "stream": True,
        "return_progress": True,
        "timings_per_token": True,
        "cache_prompt": True,
        "stream_options": {"include_usage": True},
    }
    for key in ("temperature", "top_p", "top_k", "min_p", "seed"):
        value = getattr(sampling, key)
        if value is not None:
            body[key] = value
    if sampling.repeat_penalty is not None:
        body |= {"repeat_penalty": sampling.repeat_penalty, "repeat_last_n": REPEATS_WITHIN}
    if sampling.dry is not None:
        body["dry_multiplier"] = sampling.dry
    if shown:
        body["preserved_tokens"] = list(shown)
    stops = [s for s in sampling.stop or () if s]
    if stops:
        body["stop"] = stops
    if sampling.logprobs is not None:
        body["logprobs"] = max(1, sampling.logprobs)
    if constraint is not None:
        key, grammar = _grammar(constraint)
        body[key] = grammar
    return body


def _grammar(constraint: Constraint) -> tuple[str, Any]:
    """The request key of a constraint and its value.

    llama.cpp reports a grammar that it does not understand on stderr alone and goes on without it; what can be found
    out before is checked here, the rest by `check_output`.
    """
    if constraint.kind == "json_schema":
        return "json_schema", guided_schema(constraint.text)
    return "grammar", regex_grammar(without_anchors(constraint.text))


def failure(error: Any) -> EngineError | BudgetError:
    """The server's own error, named."""
    detail = error if isinstance(error, dict) else {"message": str(error)}
    if detail.get("type") == "exceed_context_size_error":
        return BudgetError(
            f"The prompt has {detail.get('n_prompt_tokens')} tokens; the context holds {detail.get('n_ctx')}.",
            "Lower --budget, or load with a larger --ctx.",
        )
    return EngineError(f"The engine failed: {detail.get('message')}")


class Reading:
    """Turns the server's events into ours.

    Args:
        sent: When the request came, on the clock of the events.
        cached: Prompt tokens that an earlier part of this attempt found cached, if one prefilled it.
        begun: When that part began.
        t_prefill: Seconds that it took.
    """

    def __init__(
        self, sent: float, total: int, sampling: Sampling, cached: int = -1, begun: float = 0.0, t_prefill: float = 0.0
    ) -> None:
        self.sent, self.total, self.cached, self.begun, self.t_prefill = sent, total, cached, begun, t_prefill
        self.prefilled = False
        self.new_tokens = 0
        self.reason: StopReason | None = None
        self.usage = Usage()
        self.texts: list[str] = []
        self._top = sampling.logprobs or 0
        self._own_prefill = 0.0
        self._first = 0.0

    def read(self, items: Sequence[tuple[float, dict[str, Any] | None]]) -> list[EngineEvent]:
        """Our events for a batch of theirs; tokens that came together stay together."""
        events: list[EngineEvent] = []
        tokens: list[Token] = []
        for at, raw in items:
            if raw is None:
                continue
            if "error" in raw:
                raise failure(raw["error"])
            progress = raw.get("prompt_progress")
            if progress is not None:
                self._progress(at, progress, events)
                continue
            choices = raw.get("choices")
            if choices:
                choice = choices[0]
                timings = raw.get("timings")
                if choice["text"] or choice["logprobs"]:
                    if not self.prefilled:
                        self._prefilled(at, events)
                    self._decoded(at, choice, timings, tokens)
                if choice["finish_reason"]:
                    self.reason = "length" if choice["finish_reason"] == "length" else "stop"
                    if not self.prefilled:
                        self._prefilled(at, events)
                    self._finish(raw)
        if tokens:
            events.append(Decoded(tuple(tokens)))
        return events

    def stopped(self) -> Stopped:
        """The last event, once `reason` is known."""
        assert self.reason is not None
        return Stopped(self.reason, self.usage)

    def _progress(self, at: float, progress: dict[str, Any], events: list[EngineEvent]) -> None:
        if not self._first:
            self._first = at
            if self.cached < 0:
                self.cached, self.begun = int(progress["cache"]), at
        done = int(progress["processed"])
        if done >= self.total:
            self._prefilled(at, events)
        elif not self.prefilled:
            events.append(Prefilling(done, self.total))

    def _prefilled(self, at: float, events: list[EngineEvent]) -> None:
        if self.prefilled:
            return
        self.prefilled = True
        self.cached, self.begun = max(self.cached, 0), self.begun or at
        spent = self.t_prefill + at - (self._first or at)
        events.append(Prefilled(self.total, self.cached, self.begun - self.sent, spent))

    def _decoded(self, at: float, choice: Any, timings: dict[str, Any] | None, tokens: list[Token]) -> None:
        dt = round(at - self.sent, DIGITS)
        text: str = choice["text"]
        logprobs = choice["logprobs"]
        entries = logprobs["content"] if logprobs else ()
        count = timings["predicted_n"] if timings else self.new_tokens + max(1, len(entries))
        for _ in range(count - self.new_tokens - max(1, len(entries))):
            tokens.append(Token(UNKNOWN_ID, "", dt))  # it ended inside a character
        self.new_tokens = max(count, self.new_tokens)
        self.texts.append(text)
        if not entries:
            tokens.append(Token(UNKNOWN_ID, text, dt))
            return
        own = [text] if len(entries) == 1 else [e["token"] for e in entries]
        if "".join(own) != text:
            own = [""] * (len(entries) - 1) + [text]
        for entry, piece in zip(entries, own, strict=True):
            others = entry["top_logprobs"][: self._top]
            top = tuple([Alternative(t["id"], t["token"], round(t["logprob"], DIGITS)) for t in others])
            raw = bytes(entry["bytes"])
            shown = "" if raw == piece.encode("utf-8", "surrogatepass") else raw.hex()
            tokens.append(Token(entry["id"], piece, dt, round(entry["logprob"], DIGITS), top, shown))

    def _finish(self, raw: dict[str, Any]) -> None:
        usage, timings = raw.get("usage") or {}, raw.get("timings") or {}
        self.new_tokens = usage.get("completion_tokens", self.new_tokens)
        self.usage = Usage(
            prompt_tokens=self.total,
            cached_tokens=self.cached,
            new_tokens=self.new_tokens,
            t_queue=self.begun - self.sent,
            t_prefill=self.t_prefill + timings.get("prompt_ms", 0.0) / 1000,
            t_decode=timings.get("predicted_ms", 0.0) / 1000,
            timing_source="engine",
        )
