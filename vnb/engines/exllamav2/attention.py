"""Paged attention without flash-attn: its three functions that ExLlamaV2 calls, over torch's own attention.

Paging, batching and shared pages stay as they are; the price is that each layer gathers the pages of a sequence into one
tensor. Shapes and meanings are those of flash-attn 2: queries (batch, tokens, heads, dim), keys and values with as many
heads or fewer (GQA), causal masks aligned at the lower right. No tensor parallelism: there flash-attn is called from C++.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

Tensor = Any
EVERYWHERE = (-1, -1)
LONG = 16  # queries from which one sequence alone is prefilled by the fused causal kernel


def flash_attn_func(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    softmax_scale: float | None = None,
    causal: bool = False,
    window_size: tuple[int, int] = EVERYWHERE,
    softcap: float = 0.0,
) -> Tensor:
    """Attention of whole sequences: (batch, tokens, heads, dim)."""
    scale = softmax_scale or 1 / math.sqrt(q.shape[-1])
    if softcap or window_size != EVERYWHERE:
        first = torch.full((q.shape[0],), k.shape[1] - q.shape[1], device=q.device)
        return _masked(q, k, v, scale, first, window_size, softcap, causal)
    groups = q.shape[2] // k.shape[2]
    bias = causal_lower_right(q.shape[1], k.shape[1]) if causal else None
    heads = q.transpose(1, 2), _per_query_head(k, groups), _per_query_head(v, groups)
    return scaled_dot_product_attention(*heads, attn_mask=bias, scale=scale).transpose(1, 2)


def flash_attn_varlen_func(
    q: Tensor, k: Tensor, v: Tensor, starts_q: Tensor, starts_k: Tensor, longest_q: int, longest_k: int, **options: Any
) -> Tensor:
    """Attention within each of several sequences that lie one after the other: (all tokens, heads, dim)."""
    out = torch.empty_like(q)
    edges_q, edges_k = starts_q.tolist(), starts_k.tolist()
    for a, b, c, d in zip(edges_q, edges_q[1:], edges_k, edges_k[1:]):
        out[a:b] = flash_attn_func(q[None, a:b], k[None, c:d], v[None, c:d], **options)[0]
    return out


def flash_attn_with_kvcache(
    *,
    q: Tensor,
    k_cache: Tensor,
    v_cache: Tensor,
    k: Tensor | None,
    v: Tensor | None,
    cache_seqlens: Tensor,
    block_table: Tensor,
    causal: bool,
    softmax_scale: float | None = None,
    window_size: tuple[int, int] = EVERYWHERE,
    softcap: float = 0.0,
) -> Tensor:
    """Causal attention over a paged cache: (pages, tokens of a page, heads, dim).

    Args:
        k, v: What is written behind `cache_seqlens` tokens first; `None` where it stands in the cache and is counted already.
        block_table: (batch, pages) the pages of each sequence, in order.
    """
    batch, length, _, dim = q.shape
    page = k_cache.shape[1]
    scale = softmax_scale or 1 / math.sqrt(dim)
    table = block_table.long()
    first = cache_seqlens.long()
    if k is None:
        first = first - length
    else:
        place = first[:, None] + torch.arange(length, device=q.device)
        pages = table.gather(1, place // page)
        k_cache[pages, place % page], v_cache[pages, place % page] = k, v
    if batch == 1 and length > LONG and window_size == EVERYWHERE and not softcap:
        end = int(first[0]) + length
        table = table[0, : -(-end // page)]
        keys, values = (cache[table].flatten(0, 1)[None, :end] for cache in (k_cache, v_cache))
        return flash_attn_func(q, keys, values, softmax_scale=scale, causal=True)
    keys, values = k_cache[table].flatten(1, 2), v_cache[table].flatten(1, 2)
    return _masked(q, keys, values, scale, first, window_size, softcap, causal)


def install() -> None:
    """Gives ExLlamaV2, imported without flash-attn, these functions instead."""
    import exllamav2.attn
    import exllamav2.model

    for function in (flash_attn_func, flash_attn_varlen_func, flash_attn_with_kvcache):
        setattr(exllamav2.attn, function.__name__, function)
    for name in ("", "_with_paged", "_with_window", "_with_softcap"):
        setattr(exllamav2.attn, f"has_flash_attn{name}", True)
    exllamav2.model.has_flash_attn = True


def _masked(
    q: Tensor, k: Tensor, v: Tensor, scale: float, first: Tensor, window: tuple[int, int], softcap: float, causal: bool
) -> Tensor:
    """Attention where the queries of each sequence begin at the absolute place `first`; keys behind them are hidden."""
    groups = q.shape[2] // k.shape[2]
    queries, keys, values = q.transpose(1, 2), _per_query_head(k, groups), _per_query_head(v, groups)
    at_key = torch.arange(k.shape[1], device=q.device)[None, None]
    at_query = first.long()[:, None, None] + torch.arange(q.shape[1], device=q.device)[None, :, None]
    end = at_query if causal else first.long()[:, None, None] + q.shape[1] - 1
    seen = at_key <= end
    if window[0] >= 0:
        seen = seen & (at_key >= at_query - window[0])
    if window[1] >= 0 and not causal:
        seen = seen & (at_key <= at_query + window[1])
    if not softcap:
        return scaled_dot_product_attention(queries, keys, values, attn_mask=seen[:, None], scale=scale).transpose(1, 2)
    weights = softcap * torch.tanh(queries.float() @ keys.float().transpose(-1, -2) * scale / softcap)
    weights = weights.masked_fill(~seen[:, None], float("-inf")).softmax(-1)
    return (weights.to(values.dtype) @ values).transpose(1, 2)


def _per_query_head(x: Tensor, groups: int) -> Tensor:
    """(batch, tokens, kv heads, dim) as (batch, heads, tokens, dim)."""
    x = x.transpose(1, 2)
    return x if groups == 1 else x.repeat_interleave(groups, dim=1)
