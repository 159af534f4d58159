"""A view as JSON that a notebook can keep: valid everywhere, and no larger than it may be.

What is left out is said: first the tokens' alternatives, then the tokens, then the contexts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, cast

from ..core.codec import encode
from ..core.types import Json, Token
from ..core.view import AttemptView, RunView, StepView
from . import clean

LEAST = 8
"""Bytes that a token or an alternative takes in JSON at the least."""

CHANGES = 50
"""The most steps that are listed of one change of the plan; see MOST in labextension/src/ui/AboutTab.tsx."""

_PLACES = 4
"""Decimals of times and log-probabilities of tokens: a tenth of a millisecond."""


def encode_view(view: RunView) -> dict[str, Json]:
    """The whole view as JSON. Fields that have their default are left out; commands carry their `type`."""
    steps = list(view.steps.items())
    found: dict[str, Json] = {}
    rest = RunView(**{f.name: getattr(view, f.name) for f in fields(RunView) if f.name not in ("steps", "commands")})
    found.update(cast("dict[str, Json]", encode(rest)))
    if steps:
        found["steps"] = {id: encode_step(step) for id, step in steps}
    commands = list(view.commands)
    if commands:
        found["commands"] = [
            {"type": type(command).__name__, **cast("dict[str, Json]", encode(command))} for command in commands
        ]
    return found


def encode_step(step: StepView) -> Json:
    """One step of a view as JSON."""
    return encode(step)


def bounded(view: RunView, limit: int) -> tuple[dict[str, Json], list[str]]:
    """The view as valid JSON of at most about `limit` bytes, and what had to be left out for that.

    Returns:
        The encoded view, and names of what is missing in it: `alternatives`, `tokens`, `contexts`, in this order. Long
        items and programs say themselves where they were cut.
    """
    thin, omitted = _without_what_cannot_fit(view, limit)
    found = cast("dict[str, Json]", valid(encode_view(thin)))
    _each_attempt(found, _round_tokens)
    for name, drop in _DROPS[len(omitted) :]:
        if size(found) <= limit:
            break
        drop(found)
        omitted += [name] if name else []
    return found, omitted


def _without_what_cannot_fit(view: RunView, limit: int) -> tuple[RunView, list[str]]:
    """The view without what is sure to be dropped, so that a long run is not encoded for nothing; and its names."""
    tokens = [token for step in list(view.steps.values()) for one in list(step.attempts) for token in list(one.tokens)]
    if LEAST * (len(tokens) + sum(len(token.top) for token in tokens)) <= limit:
        return view, []
    whole = LEAST * len(tokens) <= limit
    steps = {}
    for name, step in list(view.steps.items()):
        attempts = [_thinned(one, whole) for one in list(step.attempts)]
        steps[name] = replace(step, attempts=attempts)
    return replace(view, steps=steps), ["alternatives"] if whole else ["alternatives", "tokens"]


def _thinned(attempt: AttemptView, whole: bool) -> AttemptView:
    """The attempt without its tokens' alternatives; or without tokens, but for one with the text if no output is stored."""
    tokens = list(attempt.tokens)
    if whole:
        return replace(attempt, tokens=[replace(token, top=()) for token in tokens])
    text = "" if attempt.output else attempt.text
    if not text:
        return replace(attempt, tokens=[])
    return replace(attempt, tokens=[Token(tokens[0].id, clean.part(text, clean.LONGEST), tokens[-1].dt)], thought=0)


def size(value: Json) -> int:
    """Bytes of a value as compact JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def valid(value: Json) -> Json:
    """The value with only what JSON and UTF-8 can carry, and no endless text: NaN becomes `null`."""
    if isinstance(value, str):
        return clean.unicode_text(clean.part(value, clean.LONGEST))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [valid(item) for item in value]
    if isinstance(value, dict):
        return {clean.unicode_text(key): valid(item) for key, item in value.items()}
    return value


# ---------------------------------------------------------------- what is left out


def _each_attempt(found: dict[str, Json], change: Callable[[dict[str, Any]], None]) -> None:
    for step in cast("dict[str, Any]", found.get("steps", {})).values():
        for attempt in step.get("attempts", ()):
            change(attempt)


def _round_tokens(attempt: dict[str, Any]) -> None:
    for token in attempt.get("tokens", ()):
        token[2:4] = [_rounded(value) for value in token[2:4]]
        for alternative in token[4] if len(token) > 4 else ():
            alternative[2] = _rounded(alternative[2])


def _rounded(value: Any) -> Any:
    return round(value, _PLACES) if isinstance(value, float) else value


def _shorten_texts(found: dict[str, Any], most: int) -> None:
    """Leaves the beginnings of what maps go over, and of programs; of each change of the plan, what views list of it."""
    steps = list(found.get("steps", {}).values())
    for revision in found.get("revisions", ()):
        revision["changes"] = revision.get("changes", [])[:CHANGES]
    after = [change.get("after") for revision in found.get("revisions", ()) for change in revision["changes"]]
    programs = [attempt.get("program") for step in steps for attempt in step.get("attempts", ())]
    for one in filter(None, [*(step["step"] for step in steps), *after, *programs]):
        for name in {"item", "source", "printed", "result"} & one.keys():
            one[name] = clean.part(one[name], most)


def _drop_alternatives(attempt: dict[str, Any]) -> None:
    for token in attempt.get("tokens", ()):
        if len(token) > 4:
            token[4] = []


def _drop_tokens(attempt: dict[str, Any]) -> None:
    """Leaves one token where no output is stored: the text stays, its tokens' own figures and the reasoning do not."""
    tokens = attempt.pop("tokens", ())
    text = "".join(token[1] for token in tokens[attempt.get("thought", 0) :])
    if text and not attempt.get("output"):
        attempt["tokens"] = [[tokens[0][0], clean.part(text, clean.LONGEST), tokens[-1][2]]]
        attempt.pop("thought", None)


def _drop_contexts(attempt: dict[str, Any]) -> None:
    if "context" in attempt:
        attempt["context"] = {**attempt["context"], "parts": [], "omitted": []}


_DROPS: tuple[tuple[str, Callable[[dict[str, Any]], None]], ...] = (
    ("alternatives", lambda found: _each_attempt(found, _drop_alternatives)),
    ("tokens", lambda found: _each_attempt(found, _drop_tokens)),
    ("", lambda found: _shorten_texts(found, 400)),
    ("contexts", lambda found: _each_attempt(found, _drop_contexts)),
    ("", lambda found: _shorten_texts(found, 60)),
)
