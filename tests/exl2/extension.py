"""A stand-in for ExLlamaV2's compiled extension: what its generator, sampler and caches call, in torch on the CPU."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec

import numpy as np
import torch
from torch import Tensor


def count_match(a: Tensor, b: Tensor, longest: int) -> int:
    """Tokens that two (1, n) sequences share at their start."""
    n = max(0, min(a.shape[-1], b.shape[-1], longest))
    different = (a[0, :n] != b[0, :n]).nonzero()
    return int(different[0]) if len(different) else n


def partial_strings_match(text: np.ndarray, offsets: np.ndarray, strings: np.ndarray) -> int:
    """Where one of the strings begins in the text; -2 if one may have begun at its end, -1 if none."""
    said = bytes(text).decode("utf-32-le")
    edges = np.frombuffer(offsets, dtype=np.int32)
    wanted = [bytes(strings[a:b]).decode("utf-32-le") for a, b in zip(edges[:-1], edges[1:])]
    for place in range(len(said)):
        if any(said.startswith(one, place) for one in wanted):
            return place
        if any(one.startswith(said[place:]) for one in wanted):
            return -2
    return -1


def sample_basic(
    logits: Tensor,
    temperature: float,
    top_k: int,
    top_p: float,
    top_a: float,
    min_p: float,
    tfs: float,
    typical: float,
    random: float,
    out_token: Tensor,
    out_prob: Tensor,
    out_top_probs: Tensor,
    out_top_tokens: Tensor,
    logit_filter: Tensor,
    *rest: object,
) -> list[float]:
    """Draws one token: temperature, then top-k, top-p, min-p, then `random` decides."""
    probs = torch.softmax(logits[0, 0] / temperature, -1)
    probs, tokens = probs.sort(descending=True, stable=True)
    if top_k:
        probs, tokens = probs[:top_k], tokens[:top_k]
    if 0 < top_p < 1:
        kept = int((probs.cumsum(-1) < top_p).sum()) + 1
        probs, tokens = probs[:kept], tokens[:kept]
    if min_p:
        kept = int((probs >= probs[0] * min_p).sum())
        probs, tokens = probs[:kept], tokens[:kept]
    probs = probs / probs.sum()
    drawn = min(int((probs.cumsum(-1) < random).sum()), len(probs) - 1)
    out_token[0, 0], out_prob[0, 0] = tokens[drawn], probs[drawn]
    return []


def cache_rotate(cache: Tensor, rotation: Tensor, buffer: Tensor) -> None:
    """Moves pages in a circle: the first takes the second's content, the last the first's."""
    order = rotation.tolist()
    first = cache[order[0]].clone()
    for to, source in zip(order[:-1], order[1:]):
        cache[to].copy_(cache[source])
    cache[order[-1]].copy_(first)


def fast_fill_cpu_ones_bool(mask: Tensor) -> None:
    mask.fill_(True)


def install() -> None:
    """Puts the stand-in where ExLlamaV2 looks for its extension; before it is imported."""
    module = types.ModuleType("exllamav2_ext")
    module.__spec__ = ModuleSpec("exllamav2_ext", None)
    for function in (count_match, partial_strings_match, sample_basic, cache_rotate, fast_fill_cpu_ones_bool):
        setattr(module, function.__name__, function)
    sys.modules.setdefault("exllamav2_ext", module)
