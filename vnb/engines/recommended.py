"""The sampling that a model's authors recommend, as its files say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.limits import number
from ..core.types import Json, Sampling
from ..errors import UsageError

GGUF = {
    "general.sampling.temp": "temperature",
    "general.sampling.top_p": "top_p",
    "general.sampling.top_k": "top_k",
    "general.sampling.min_p": "min_p",
    "general.sampling.penalty_repeat": "repeat_penalty",
}
FOLDER = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "repetition_penalty": "repeat_penalty",
}
"""Keys of a GGUF header and of `generation_config.json`, with our names."""
DIGITS = 6  # GGUF holds 32 bits, of which more digits are noise

Details = tuple[tuple[str, str], ...]


def of_gguf(values: Mapping[str, Json]) -> tuple[Sampling, Details]:
    """The sampling of a GGUF header, and what to show of it."""
    return _read(values, GGUF)


def of_folder(generation: Mapping[str, Any]) -> tuple[Sampling, Details]:
    """The sampling of a `generation_config.json`; `do_sample: false` is greedy, whatever else it says, as in transformers."""
    if generation.get("do_sample") is False:
        generation = {"temperature": 0, "repetition_penalty": generation.get("repetition_penalty")}
    return _read(generation, FOLDER)


def _read(said: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Sampling, Details]:
    taken: dict[str, Any] = {}
    left: list[str] = []
    for key, name in names.items():
        value = said.get(key)
        if value is None:
            continue
        try:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(value)
            taken[name] = number(name, round(value, DIGITS))
        except (UsageError, TypeError, ValueError, OverflowError):
            left.append(f"{name} {value!r:.40}")
    details = [("sampling", ", ".join(f"{name} {value:g}" for name, value in taken.items()))] if taken else []
    details += [("sampling left out", f"out of range: {', '.join(left)}")] if left else []
    return Sampling(**taken), tuple(details)
