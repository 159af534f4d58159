"""Which server it is that answers, and what it says of itself. Only the address that the user named is asked."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...core.digest import digest
from ...core.types import Json, Message, Segment
from ...errors import EngineError, listed
from . import wording
from .address import Address
from .estimate import Estimate
from .refusals import Refused
from .wire import Wire

Kind = Literal["vLLM", "llama-server", "TabbyAPI", "Ollama", "LM Studio", "server"]
OWNERS: dict[str, Kind] = {  # what they write in `owned_by`
    "vllm": "vLLM",
    "llamacpp": "llama-server",
    "tabbyAPI": "TabbyAPI",
    "library": "Ollama",
    "organization_owner": "LM Studio",
}
CONTEXTS = ("max_model_len", "context_length", "context_window", "max_context_length", "max_seq_len")
"""What servers call the context length in their lists of models."""
CONTEXT = 4096  # tokens of one request, where the server does not say


@dataclass(frozen=True)
class Server:
    """A server, and the model of it that was named.

    Attributes:
        kind: Which program it is; `server` if it does not say.
        version: Its version in its own words; empty if it says none.
        model: The id of the model, as it is asked for.
        context: The most tokens of one request; 0 if it does not say.
        slots: How many requests it decodes together; 0 if it does not say.
        sees: Whether it takes images; true if it does not say.
        file: Where its weights come from, if it says so.
        tokens: How its prompts are counted.
        facts: What else it says that decides its outputs.
    """

    kind: Kind
    version: str
    model: str
    context: int
    slots: int
    sees: bool
    file: str
    tokens: wording.Tokens
    facts: Json

    @property
    def label(self) -> str:
        return f"{self.kind} {self.version}".strip()

    @property
    def profile(self) -> Literal["instruct", "compact"]:
        """vnb-tiny is known by its name: servers do not tell what else a model's file says."""
        return "compact" if "vnb-tiny" in f"{self.model} {self.file}".lower() else "instruct"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version in numbers; empty if there is none."""
        return tuple(map(int, re.findall(r"\d+", self.version)[:2]))

    def fingerprint(self, address: Address) -> str:
        """Digest of what decides its outputs, as far as it says."""
        return digest(["openai", address.base, self.model, self.kind, self.version, self.facts])


async def survey(wire: Wire) -> Server:
    """Asks the server for its models and what it is.

    Raises:
        EngineError: It does not answer, wants a key, or has no such model; the hint lists those that it has.
    """
    address = wire.address
    try:
        found = await models(wire)
    except Refused as refused:
        if refused.status not in (404, 405, 501) or not address.model:
            raise
        found = {}  # some serve one model, and no list
    card = found.get(address.model, {})
    if not address.model:
        card = dict(next(iter(found.values()), {})) if len(found) == 1 else {}
        if not card:
            raise EngineError(
                f"{address.base} has several models: {listed(found)}." if found else f"{address.base} has no model.",
                f"%vmodel {address.naming(next(iter(found), 'model'))}",
            )
    elif found and not card:
        close = difflib.get_close_matches(address.model, found, n=1, cutoff=0.3) or list(found)
        raise EngineError(
            f"{address.base} has no model {address.model}; it has {listed(found)}.",
            f"%vmodel {address.naming(close[0])}",
        )
    model = str(card.get("id") or address.model)
    kind = OWNERS.get(str(card.get("owned_by")), "server")
    told = await _told(wire, kind, model)
    props, parameters = told.get("default_generation_settings"), told.get("parameters") or card.get("parameters")
    context = _first((card, told, props, parameters), (*CONTEXTS, "n_ctx"), "loaded_context_length")
    return Server(
        kind=kind,
        version=str(told.get("version") or told.get("build_info") or ""),
        model=model,
        context=context,
        slots=_first((told,), ("total_slots",)),
        sees=_sees(told),
        file=str(told.get("model_path") or card.get("root") or ""),
        tokens=_tokens(wire, kind, model),
        facts=[card.get("root"), _sizes(card.get("meta")), told.get("chat_template")],
    )


async def models(wire: Wire) -> dict[str, dict[str, Any]]:
    """What the server says of each of its models, by their ids.

    Raises:
        EngineError: It does not answer, or with something else.
    """
    url = f"{wire.address.base}/models"
    answer = await wire.get(url)
    cards = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(cards, list):
        raise EngineError(f"{url} is no list of models.", "Is it an OpenAI-compatible server?")
    return {str(card["id"]): card for card in cards if isinstance(card, dict) and card.get("id")}


async def _told(wire: Wire, kind: Kind, model: str) -> dict[str, Any]:
    """What this kind of server says at an address of its own; nothing if it does not."""
    address = wire.address
    own = {
        "vLLM": f"{address.root}/version",
        "llama-server": f"{address.root}/props",
        "TabbyAPI": f"{address.base}/model",
        "Ollama": f"{address.root}/api/version",
        "LM Studio": f"{address.root}/api/v0/models/{model}",
    }
    with contextlib.suppress(EngineError):
        answer = await wire.get(own[kind]) if kind in own else None
        if isinstance(answer, dict):
            return answer
    return {}


def _tokens(wire: Wire, kind: Kind, model: str) -> wording.Tokens:
    """The server's own tokenizer, if it lends one that works."""
    makes = {"vLLM": wording.vllm, "llama-server": wording.llamacpp}
    if kind in makes:
        root = wire.address.root
        tokens = makes[kind](lambda path, body: _object(wire.ask(root + path, body), path), model)
        with contextlib.suppress(EngineError):
            tokens.render((Message("user", (Segment("a"),)),))
            tokens.count("a")
            return tokens
    return Estimate()


def _object(answer: Any, path: str) -> Any:
    if not isinstance(answer, dict):
        raise EngineError(
            f"The server's {path} answered {json.dumps(answer)[:80]}.", "Is it an OpenAI-compatible server?"
        )
    return _Answer(answer)


class _Answer(dict[str, Any]):
    """An answer of which a field that is missing is an error with a name."""

    def __missing__(self, name: str) -> Any:
        raise EngineError(f"The server's answer has no {name!r}.", "Is it an OpenAI-compatible server?")


def _first(places: tuple[Any, ...], names: tuple[str, ...], better: str = "") -> int:
    """The first positive whole number under one of these names."""
    for name in (better, *names):
        for place in places:
            value = place.get(name) if isinstance(place, Mapping) else None
            if isinstance(value, int) and value > 0:
                return value
    return 0


def _sees(told: Mapping[str, Any]) -> bool:
    """By llama-server's modalities, or LM Studio's type of the model."""
    modalities = told.get("modalities")
    blind = isinstance(modalities, dict) and modalities.get("vision") is False
    return not blind and told.get("type") not in ("llm", "embeddings")


def _sizes(meta: Any) -> Json:
    """What of llama-server's facts on the weights tells them from others."""
    return (
        {str(name): value for name, value in meta.items() if isinstance(value, int)} if isinstance(meta, dict) else None
    )
