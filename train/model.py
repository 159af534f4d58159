"""The network: a Llama of four small layers, in plain torch, with one addition that exists in training only.

`forward` takes positions and a mask, so that the calls of a task share its trunk in one sequence (see `train.generate`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Sizes that every target format accepts: hidden a multiple of 256, heads of 64, vocabulary a multiple of 32."""

    vocab: int = 2560
    hidden: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    inner: int = 512
    context: int = 1024
    theta: float = 10000.0
    eps: float = 1e-5

    @property
    def head(self) -> int:
        return self.hidden // self.heads

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE in the half-split form of Hugging Face; `cos` and `sin` broadcast over heads."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Layer(nn.Module):
    def __init__(self, s: Shape):
        super().__init__()
        self.s = s
        wide = s.kv_heads * s.head
        self.n1 = nn.Parameter(torch.ones(s.hidden))
        self.n2 = nn.Parameter(torch.ones(s.hidden))
        self.qkv = nn.Linear(s.hidden, s.hidden + 2 * wide, bias=False)
        self.o = nn.Linear(s.hidden, s.hidden, bias=False)
        self.gate_up = nn.Linear(s.hidden, 2 * s.inner, bias=False)
        self.down = nn.Linear(s.inner, s.hidden, bias=False)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None, past: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        s = self.s
        rows, length, _ = x.shape
        wide = s.kv_heads * s.head
        q, k, v = self.qkv(F.rms_norm(x, (s.hidden,), self.n1, s.eps)).split((s.hidden, wide, wide), -1)
        q = rotate(q.view(rows, length, s.heads, s.head).transpose(1, 2), cos, sin)
        k = rotate(k.view(rows, length, s.kv_heads, s.head).transpose(1, 2), cos, sin)
        v = v.view(rows, length, s.kv_heads, s.head).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        repeat = s.heads // s.kv_heads
        past = k, v
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        if mask is not None and mask.is_floating_point():  # by hand: on a CPU the fused backward takes twice as long
            scores = (q * s.head**-0.5).to(v.dtype) @ k.to(v.dtype).transpose(-1, -2) + mask.to(v.dtype)
            mixed = torch.softmax(scores, -1) @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self.o(mixed.transpose(1, 2).reshape(rows, length, s.hidden))
        gate, up = self.gate_up(F.rms_norm(x, (s.hidden,), self.n2, s.eps)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up), past


class Tiny(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = s = shape
        self.embed = nn.Embedding(s.vocab, s.hidden)
        self.layers = nn.ModuleList(Layer(s) for _ in range(s.layers))
        self.norm = nn.Parameter(torch.ones(s.hidden))
        self.head = nn.Linear(s.hidden, s.vocab, bias=False)
        for name, weight in self.named_parameters():
            if name.endswith(("o.weight", "down.weight")):
                nn.init.zeros_(weight)  # silent branches at first: the token's identity must dominate the stream
            elif name == "embed.weight":
                nn.init.normal_(weight, std=0.7)
            elif weight.dim() == 2:
                nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
        with torch.no_grad():  # in and out begin alike, so that copying is one linear map and not one a token
            self.head.weight.copy_(self.embed.weight * (0.02 / 0.7))
        inverse = 1 / s.theta ** (torch.arange(0, s.head, 2).float() / s.head)
        angles = torch.outer(torch.arange(s.context).float(), inverse)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def tie_spaced(self, pairs: list[tuple[int, int]]) -> None:
        """Start ` word` near `word`, in and out: a word is often read with a space before it and answered without."""
        with torch.no_grad():
            table = self.embed.weight
            space = torch.randn(table.shape[1]) * 0.7
            for bare, spaced in pairs:
                table[spaced] = (0.9 * table[bare] + 0.3 * space + 0.3 * table[spaced]) / 0.995
            self.head.weight.copy_(table * (0.02 / 0.7))

    def trunk(self, ids: Tensor, positions: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Hidden states `(rows, length, hidden)`; `positions` (rows, length), `mask` (rows, 1, length, length), True = seen."""
        x = self.embed(ids)
        if positions is None:
            cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        else:
            cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        for layer in self.layers:
            x, _ = layer(x, cos, sin, mask)
        return F.rms_norm(x, (self.shape.hidden,), self.norm, self.shape.eps)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of plain causal rows, `(rows, length, vocab)`."""
        return self.head(self.trunk(ids))

    @torch.no_grad()
    def greedy(self, prompts: list[list[int]], limit: int, end: int = 4) -> list[list[int]]:
        """Greedy continuations, rows padded on the left (RoPE is relative, so the shift does not matter)."""
        width = max(map(len, prompts))
        ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
        seen = torch.tensor([[False] * (width - len(p)) + [True] * len(p) for p in prompts])
        mask = (torch.ones(width, width).tril().bool()[None] & seen[:, None]) | torch.eye(width).bool()[None]
        past: list[tuple[Tensor, Tensor] | None] = [None] * self.shape.layers
        done = torch.zeros(len(prompts), dtype=torch.bool)
        drawn: list[Tensor] = []
        start = 0
        for _ in range(limit):
            length = ids.shape[1]
            x, cos, sin = self.embed(ids), self.cos[start : start + length], self.sin[start : start + length]
            for i, layer in enumerate(self.layers):
                x, past[i] = layer(x, cos, sin, mask[:, None], past[i])
            hidden = F.rms_norm(x[:, -1], (self.shape.hidden,), self.norm, self.shape.eps)
            best = self.head(hidden).argmax(-1).masked_fill(done, end)
            drawn.append(best)
            done |= best == end
            if done.all():
                break
            start += length
            ids = best[:, None]
            seen = torch.cat((seen, torch.ones(len(prompts), 1, dtype=torch.bool)), 1)
            mask = seen[:, None]
        rows = torch.stack(drawn, 1).tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]
