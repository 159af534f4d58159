"""Our three functions in the place of flash-attn: against plain attention, and inside ExLlamaV2's own attention."""

from __future__ import annotations

import itertools
import math
import types
from typing import Any

import exllamav2.attn
import pytest
import torch
from exllamav2.attn import ExLlamaV2Attention
from torch import Tensor

from vnb.engines.exllamav2.attention import flash_attn_func, flash_attn_varlen_func, flash_attn_with_kvcache

PAGE = 256


def plain(q: Tensor, k: Tensor, v: Tensor, causal: bool = True, window: int = -1, softcap: float = 0.0) -> Tensor:
    """Attention of one sequence by its definition: (tokens, heads, dim), the last query at the last key."""
    at_query = torch.arange(q.shape[0])[:, None] + k.shape[0] - q.shape[0]
    at_key = torch.arange(k.shape[0])[None, :]
    seen = (at_key <= at_query) | torch.tensor(not causal)
    if window >= 0:
        seen = seen & (at_key >= at_query - window)
    out = torch.zeros_like(q)
    for head in range(q.shape[1]):
        own = head // (q.shape[1] // k.shape[1])
        scores = q[:, head] @ k[:, own].T / math.sqrt(q.shape[2])
        scores = softcap * torch.tanh(scores / softcap) if softcap else scores
        out[:, head] = torch.softmax(scores.masked_fill(~seen, -math.inf), 1) @ v[:, own]
    return out


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize(("window", "softcap"), [(-1, 0.0), (7, 0.0), (-1, 5.0), (7, 5.0)])
@pytest.mark.parametrize("causal", [True, False])
def test_whole_sequences(kv_heads: int, window: int, softcap: float, causal: bool) -> None:
    q, k, v = drawn(2, 9, 4, 16), drawn(2, 20, kv_heads, 16), drawn(2, 20, kv_heads, 16) + 1
    out = flash_attn_func(q, k, v, causal=causal, window_size=(window, -1), softcap=softcap)
    for row in range(2):
        expected = plain(q[row], k[row], v[row], causal, window, softcap)
        torch.testing.assert_close(out[row], expected, atol=2e-6, rtol=1e-5)


def test_sequences_one_after_the_other() -> None:
    q, k, v = drawn(12, 4, 16), drawn(12, 2, 16), drawn(12, 2, 16) + 1
    edges = torch.tensor([0, 5, 6, 12])
    out = flash_attn_varlen_func(q, k, v, edges, edges, 6, 6)
    for a, b in [(0, 5), (5, 6), (6, 12)]:
        torch.testing.assert_close(out[a:b], plain(q[a:b], k[a:b], v[a:b], causal=False), atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("length", [1, 5, 40])
@pytest.mark.parametrize("kv_heads", [1, 4])
@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize(("window", "softcap"), [(-1, 0.0), (30, 0.0), (-1, 5.0)])
def test_pages(length: int, kv_heads: int, written: bool, window: int, softcap: float) -> None:
    lengths = [3, PAGE - 2, 2 * PAGE + 17] if length < 40 else [PAGE - 2]
    batch = len(lengths)
    table = torch.randperm(12, generator=torch.Generator().manual_seed(1))[: batch * 4].view(batch, 4).int()
    caches = [torch.full((12, PAGE, kv_heads, 16), 100.0) for _ in range(2)]  # none of it may be looked at
    past = [[drawn(n, kv_heads, 16), drawn(n, kv_heads, 16) + 1] for n in lengths]
    q, new = drawn(batch, length, 4, 16), [drawn(batch, length, kv_heads, 16), drawn(batch, length, kv_heads, 16) - 1]
    whole = [[torch.cat([past[row][i], new[i][row]]) for i in range(2)] for row in range(batch)]
    for row, i in itertools.product(range(batch), range(2)):
        content = whole[row][i] if written else past[row][i]
        places = torch.arange(len(content))
        caches[i][table[row].long()[places // PAGE], places % PAGE] = content
    counts = torch.tensor(lengths, dtype=torch.int32)
    out = flash_attn_with_kvcache(
        q=q,
        k=None if written else new[0],
        v=None if written else new[1],
        k_cache=caches[0],
        v_cache=caches[1],
        cache_seqlens=counts + length if written else counts,
        block_table=table,
        causal=True,
        window_size=(window, window),
        softcap=softcap,
    )
    for row in range(batch):
        expected = plain(q[row], *whole[row], window=window, softcap=softcap)
        torch.testing.assert_close(out[row], expected, atol=2e-6, rtol=1e-5)
        for i in range(2):
            cells = caches[i][table[row].long()].flatten(0, 1)[: lengths[row] + length]
            torch.testing.assert_close(cells, whole[row][i])


def test_it_is_what_exllamav2_calls_and_is_causal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real `forward_paged`, with projections that leave everything as it is."""
    heads, dim, length = 2, 32, 20
    monkeypatch.setattr("exllamav2.attn_params.safe_move_tensor", lambda tensor, *_, **__: tensor)
    assert exllamav2.attn.flash_attn_with_kvcache is flash_attn_with_kvcache
    attention = object.__new__(ExLlamaV2Attention)
    same: Any = types.SimpleNamespace(forward=lambda x, loras=None: x.clone())
    attention.__dict__.update(
        model=types.SimpleNamespace(
            config=types.SimpleNamespace(attn_logit_softcapping=None, no_flash_attn=False),
            get_device_context=lambda index, scratch: types.SimpleNamespace(sin=[None], cos=[None]),
        ),
        archparams=types.SimpleNamespace(rope_style=exllamav2.attn.RopeStyle.NONE, residual_stream_fp32=False),
        is_tp=False, q_handle=None, device_idx=None, layer_idx=0, rope_index=0, sliding_window=0, has_norm=False,
        has_residual=False, pre_layernorm=None, post_layernorm=None, q_norm=None, k_norm=None,
        q_proj=same, k_proj=same, v_proj=same, o_proj=same, num_attention_heads=heads, num_key_value_heads=heads,
        head_dim=dim, hidden_size=heads * dim, scaling=dim**-0.5,
    )  # fmt: skip
    keys, values = torch.zeros(1, 2 * PAGE, heads, dim), torch.zeros(1, 2 * PAGE, heads, dim)
    cache = types.SimpleNamespace(q_block=0, get_kv_state=lambda *_: (keys, values), store_kv_state=lambda *_: None)
    params = ExLlamaV2Attention.PagedParams(
        batch_size=1, block_index=torch.tensor([[1, 0]], dtype=torch.int32),
        cache_seqlens=torch.tensor([0], dtype=torch.int32), max_cache_seqlen=0, page_size=PAGE, q_len=length,
    )  # fmt: skip
    x = drawn(1, length, heads * dim)
    out = attention.forward_paged(x.clone(), cache, params)
    split = x.view(length, heads, dim)
    torch.testing.assert_close(out.view(length, heads, dim), plain(split, split, split), atol=2e-6, rtol=1e-5)
