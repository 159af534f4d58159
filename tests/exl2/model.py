"""A stand-in for the weights: its logits are a function of the whole context, which it reads from the KV cache.

Each token's key and value are its id in two bytes. So a page that holds other tokens than it claims, or that belongs to
another request, changes the output, and `expected` says what it should have been.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from exllamav2 import ExLlamaV2
from exllamav2.embedding import EMBEDDING_INDEX
from torch import Tensor

from vnb.engines.exllamav2.preflight import GB, Gpu, Machine

HOME = Path(__file__).parents[2] / "train/weights/vnb-tiny"
CONFIG = json.loads((HOME / "config.json").read_text())
VOCABULARY: int = CONFIG["vocab_size"]
MODULES = 2 * CONFIG["num_hidden_layers"] + 3
"""Attention and MLP of each layer, the embedding, the norm and the head."""
SPECIAL = 5
FACTOR = 6364136223846793005
MACHINE = Machine(
    exllamav2="0.3.2", torch="2.13.0", cuda="13.0", gpus=(Gpu("stand-in", 9, 8 * GB, 8 * GB),), extension=True
)


class Weights:
    """What the patched model class computes with, and the faults it is told to have.

    Attributes:
        calls: (sequences, tokens, whether only prefilled) of each forward.
        fail: Raised in the forward of that number from now on, once.
        unclean: Tokens that are no whole characters, made improbable.
        agree: Share of the contexts where the draft model draws the same token.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, bool]] = []
        self.fail: dict[int, BaseException] = {}
        self.unclean: Tensor | None = None
        self.agree = 0.7
        self.loads: list[str] = []
        self.loras: list[Any] = []

    def logits(self, context: int) -> Tensor:
        chance = torch.Generator().manual_seed(context & 0x7FFFFFFFFFFFFFFF)
        logits = 3 * torch.randn(VOCABULARY, generator=chance)
        logits[:SPECIAL] = -20
        if self.unclean is not None:
            logits[self.unclean] -= 10
        return logits

    def forward_chunk(
        self,
        model: ExLlamaV2,
        input_ids: Tensor,
        cache: Any = None,
        preprocess_only: bool = False,
        attn_params: Any = None,
        loras: Any = None,
        indexed_embeddings: Any = None,
        **_: Any,
    ) -> dict[str, Tensor]:
        self.calls.append((*input_ids.shape, preprocess_only))  # type: ignore[arg-type]
        input_ids = seen(input_ids, indexed_embeddings or ())
        error = self.fail.pop(len(self.calls), None)
        if error is not None:
            raise error
        self.loras = loras or []
        drafting = model.config.model_dir.endswith("draft")
        batch, length = input_ids.shape
        out = torch.zeros((batch, length, VOCABULARY))
        page = attn_params.page_size
        for row in range(batch):
            start = int(attn_params.cache_seqlens[row])
            where = torch.arange(start + length)
            cells = attn_params.block_index[row].long()[where // page] * page + where % page
            keys, values = cache.key_states[0][0, :, 0, 0], cache.value_states[0][0, :, 0, 0]
            keys[cells[start:]] = (input_ids[row] % 256).to(keys.dtype)
            values[cells[start:]] = (input_ids[row] // 256).to(values.dtype)
            if preprocess_only:
                continue
            ids = keys[cells].long() + 256 * values[cells].long()
            for place, context in enumerate(digests(ids.tolist())[start:]):
                said = context + (len(self.loras) if not drafting else 0)
                if drafting and (context >> 7) % 100 >= 100 * self.agree:
                    said += 1
                out[row, place] = self.logits(said)
        return {} if preprocess_only else {"logits": out}

    def expected(self, ids: Sequence[int], count: int) -> list[int]:
        """The greedy answer to a prompt, computed without a cache."""
        context = list(ids)
        for _ in range(count):
            context.append(int(self.logits(digests(context)[-1]).argmax()))
        return context[len(ids) :]


def seen(ids: Tensor, embeddings: Sequence[Any]) -> Tensor:
    """The ids with those of images replaced by what stands for their content, so that it decides the output."""
    if int(ids.max()) < EMBEDDING_INDEX:
        return ids
    found = ids.clone()
    for one in embeddings:
        for row, embedding in enumerate(one.embeddings):
            found[ids == one.first_index + row] = content_id(embedding)
    assert int(found.max()) < EMBEDDING_INDEX, "an image came without its embedding"
    return found


def content_id(embedding: Tensor) -> int:
    """A number of two bytes, beyond the vocabulary; another one for another embedding."""
    return 30_000 + int(torch.round(embedding.float().mean() * 1000)) % 30_000


def digests(ids: Sequence[int]) -> list[int]:
    """A number for each beginning of a sequence."""
    found, so_far = [], 0
    for token in ids:
        so_far = (so_far * FACTOR + token + 1) % (1 << 63)
        found.append(so_far)
    return found


def install(weights: Weights, monkeypatch: Any) -> None:
    """Puts the weights behind the real model class, on the CPU; its caches and all that is above stay real."""

    def place(model: ExLlamaV2, callback: Any) -> None:
        for number in range(len(model.modules) + 1):
            callback(number, len(model.modules))
        model.cache_map = dict.fromkeys(range(model.config.num_hidden_layers), "cpu")
        model.loaded = True

    def load_autosplit(
        model: ExLlamaV2,
        cache: Any,
        reserve_vram: Any = None,
        last_id_only: bool = False,
        callback: Any = lambda *_: None,
    ) -> None:
        weights.loads.append(f"autosplit {reserve_vram}")
        place(model, callback)
        cache.update_cache_tensors()

    def load(model: ExLlamaV2, split: list[float], callback: Any) -> None:
        weights.loads.append(f"split {split}")
        place(model, callback)

    def forward_chunk(model: ExLlamaV2, *args: Any, **named: Any) -> Any:
        return weights.forward_chunk(model, *args, **named)

    monkeypatch.setattr(ExLlamaV2, "load_autosplit", load_autosplit)
    monkeypatch.setattr(ExLlamaV2, "load", load)
    monkeypatch.setattr(ExLlamaV2, "forward_chunk", forward_chunk)
    monkeypatch.setattr("vnb.engines.exllamav2.preflight.survey", lambda: MACHINE)
