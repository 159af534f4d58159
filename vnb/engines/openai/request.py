"""The body of a chat completion, and what of it a server does not take."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ...core.types import Constraint, Sampling
from ..base import REPEATS_WITHIN
from ..constraints import regex_grammar, schema_of, without_anchors
from ..think_first import template_settings
from .refusals import Refused
from .survey import Kind, Server

SAMPLING = ("temperature", "top_p", "top_k", "min_p", "seed")
PENALTIES: dict[Kind, dict[str, str]] = {
    "vLLM": {"repeat_penalty": "repetition_penalty"},
    "llama-server": {"repeat_penalty": "repeat_penalty", "dry": "dry_multiplier"},
    "TabbyAPI": {"repeat_penalty": "repetition_penalty", "dry": "dry_multiplier"},
    "Ollama": {},
    "LM Studio": {"repeat_penalty": "repeat_penalty"},
    "server": {"repeat_penalty": "repetition_penalty", "dry": "dry_multiplier"},
}
"""What servers call the penalties of repetitions that they have; an unknown one is asked by the most common names."""
NEUTRAL = {"top_k": 0, "min_p": 0.0, "top_p": 1.0, "repeat_penalty": 1.0, "dry": 0.0}
"""Values that are missed by nobody."""
CONSTRAINTS = ("response_format", "json_schema", "structured_outputs", "guided_regex", "regex_pattern", "grammar")
ASIDE = (
    "stream_options",
    "chat_template_kwargs",
    "reasoning_effort",
    "return_token_ids",
    "return_progress",
    "timings_per_token",
    "cache_prompt",
)
"""What can be left out without another answer, or with no more than other reasoning."""
_UNSUPPORTED = re.compile(
    r"un(supported|recognized|known|expected|available)|(not|n't|no) (be )?(support|permit|allow|implement|avail|recogni|enabl)"
    r"|extra_forbidden|extra (fields|inputs)|failed to parse grammar|does not exist|invalid (parameter|argument)",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"system.{0,20}(role|message|prompt)|roles? must alternate", re.IGNORECASE)
LIMIT = "max_tokens"
NEW_LIMIT = "max_completion_tokens"  # what OpenAI's own later models call it
SYSTEM = "system"
"""Stands among the refused fields for messages of that role."""
STRICT = "strict"
"""Stands there for a schema that is to be kept to by all means: OpenAI's takes fewer keywords then."""


def body_of(
    server: Server,
    messages: list[dict[str, Any]],
    sampling: Sampling,
    constraint: Constraint | None,
    max_tokens: int,
    refused: Collection[str],
) -> dict[str, Any]:
    """The request, without what the server has refused; what `sampling` leaves open is the server's default.

    Raises:
        EngineError: The constraint is none.
    """
    body: dict[str, Any] = {
        "model": server.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        (NEW_LIMIT if LIMIT in refused else LIMIT): max_tokens,
    }
    body |= {name: value for name in SAMPLING if (value := getattr(sampling, name)) is not None}
    names = PENALTIES[server.kind]
    body |= {names[name]: value for name in names if (value := getattr(sampling, name)) is not None}
    if server.kind == "llama-server" and sampling.repeat_penalty is not None:
        body["repeat_last_n"] = REPEATS_WITHIN
    if stops := [stop for stop in sampling.stop or () if stop]:
        body["stop"] = stops
    if sampling.logprobs is not None:
        most = max(1, sampling.logprobs)  # llama-server takes 0 for none at all
        own = server.kind == "TabbyAPI"  # there it is a number
        body |= {"logprobs": max(1, sampling.logprobs)} if own else {"logprobs": True, "top_logprobs": most}
    if constraint is not None:
        body |= _held(server, constraint, STRICT not in refused)
    body |= _thinking(server.kind, sampling.think)
    if server.kind == "vLLM":
        body["return_token_ids"] = True
    if server.kind == "llama-server":
        body |= {"return_progress": True, "timings_per_token": True, "cache_prompt": True}
    if "logprobs" in refused:
        body.pop("top_logprobs", None)
    return {name: value for name, value in body.items() if name not in refused or name == LIMIT}


def _thinking(kind: Kind, think: str | None) -> dict[str, Any]:
    """The fields that switch a model's reasoning on or off. An unknown server is only told if somebody asked for it."""
    if kind == "Ollama" and think is not None:
        return {"reasoning_effort": "none" if think == "off" else "medium"}
    if kind == "server" and think is None:
        return {}
    return {"chat_template_kwargs": template_settings(think or "")}


def _held(server: Server, constraint: Constraint, strict: bool) -> dict[str, Any]:
    """The fields that hold an output to a constraint; none for a pattern that the server has no field for."""
    if constraint.kind == "json_schema":
        schema = {name: value for name, value in schema_of(constraint.text).items() if name != "x-guidance"}
        if server.kind == "TabbyAPI":
            return {"json_schema": schema}
        named = {"name": "answer", "schema": schema, "strict": strict and _is_strict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    pattern = without_anchors(constraint.text)
    if server.kind == "vLLM":  # https://docs.vllm.ai/en/latest/features/structured_outputs/
        return {"structured_outputs": {"regex": pattern}} if server.numbers >= (0, 11) else {"guided_regex": pattern}
    if server.kind == "TabbyAPI":
        return {"regex_pattern": pattern}
    return {"grammar": regex_grammar(pattern)} if server.kind == "llama-server" else {}


def is_held(body: Mapping[str, Any]) -> bool:
    """Whether the server was asked to hold its output to the constraint."""
    return any(name in body for name in CONSTRAINTS)


def learn(refused: Refused, body: Mapping[str, Any]) -> str:
    """The field of `body` that the server does not take, if the request is worth sending again without it; else empty."""
    if refused.status not in (400, 404, 422, 500, 501):
        return ""
    said = refused.said
    if _SYSTEM.search(said) and [one["role"] for one in body["messages"][:2]] == ["system", "user"]:
        return SYSTEM
    if not _UNSUPPORTED.search(said):
        return ""
    penalties = {field for names in PENALTIES.values() for field in names.values()}
    fields = (*SAMPLING, *sorted(penalties), LIMIT, "logprobs", "top_logprobs", *CONSTRAINTS, *ASIDE)
    named = [name for name in fields if name in body and (name == refused.param or _mentions(said, name))]
    if not named and "reasoning_effort" in body and "thinking" in said:  # Ollama, of a model that does not
        return "reasoning_effort"
    name = min(named, key=lambda name: (name != refused.param, _place(said, name)), default="")
    strict = name == "response_format" and body[name]["json_schema"]["strict"]
    return STRICT if strict else name


def _mentions(said: str, name: str) -> bool:
    return re.search(rf"(?<![a-z_]){name}(?![a-z_])", said) is not None


def _place(said: str, name: str) -> int:
    """Where the name is said: a server names what it refuses before what it would take."""
    found = re.search(rf"(?<![a-z_]){name}(?![a-z_])", said)
    return found.start() if found else len(said)


def missed(server: Server, refused: Collection[str], sampling: Sampling) -> tuple[str, ...]:
    """What of `sampling` the server did not take, or has no field for."""
    fields = {**{name: name for name in SAMPLING}, "repeat_penalty": "", "dry": "", **PENALTIES[server.kind]}
    names = [
        name
        for name, field in fields.items()
        if (not field or field in refused) and getattr(sampling, name) not in (None, NEUTRAL.get(name))
    ]
    think = sampling.think
    if think is not None and (think.isdigit() or set(_thinking(server.kind, think)) & set(refused)):
        names.append("think")  # no server is told a number of tokens
    if sampling.logprobs is not None and {"logprobs", "top_logprobs"} & set(refused):
        names.append("logprobs")
    return tuple(names)


def _is_strict(schema: Any) -> bool:
    """Whether OpenAI takes it as strict: no object has other properties, and each must be there."""
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, dict):
        return True
    if "properties" in schema and (
        schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(schema["properties"])
    ):
        return False
    return all(map(_is_strict, schema.values()))
