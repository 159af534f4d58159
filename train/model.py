"""The network: a Llama of a few small layers, in plain torch, with one addition that exists in training only.

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

    vocab: int = 6144
    hidden: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    inner: int = 768
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

    def weights(self) -> tuple[Tensor, ...]:
        return self.n1, self.n2, self.qkv.weight, self.o.weight, self.gate_up.weight, self.down.weight

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor, past: Past = None) -> tuple[Tensor, Past]:
        return layer(x, self.weights(), self.s, cos, sin, bias, past)


Past = tuple[Tensor, Tensor] | None
"""Keys and values of what came before, `(rows, kv heads, length, head)` each."""


def bias_of(seen: Tensor) -> Tensor:
    """What is added to attention's scores: 0 where a token is seen."""
    return torch.zeros(seen.shape, device=seen.device).masked_fill_(~seen, -1e4)


def layer(
    x: Tensor,
    weights: tuple[Tensor, ...],
    s: Shape,
    cos: Tensor,
    sin: Tensor,
    bias: Tensor,
    past: Past = None,
    kind: torch.dtype = torch.float32,
) -> tuple[Tensor, Past]:
    """One layer; `bias` (rows, length, all) is 0 where a token sees another (`bias_of`). Products are made in `kind`.

    The query heads that share a key head are rows of one product. Attention is written out, since on a CPU the fused
    backward takes twice as long, and a compiler joins the rest.
    """
    n1, n2, qkv, o, gate_up, down = (w if w.dim() == 1 else w.to(kind) for w in weights)
    rows, length, _ = x.shape
    wide, group = s.kv_heads * s.head, s.heads // s.kv_heads
    q, k, v = F.linear(F.rms_norm(x, (s.hidden,), n1, s.eps).to(kind), qkv).split((s.hidden, wide, wide), -1)
    q = rotate(q.view(rows, length, s.heads, s.head).transpose(1, 2).float(), cos, sin) * s.head**-0.5
    k = rotate(k.view(rows, length, s.kv_heads, s.head).transpose(1, 2).float(), cos, sin).to(kind)
    v = v.view(rows, length, s.kv_heads, s.head).transpose(1, 2)
    if past is not None:
        k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
    scores = q.to(kind).reshape(rows, s.kv_heads, group * length, s.head) @ k.transpose(-1, -2)
    scores = scores.view(rows, s.kv_heads, group, length, k.shape[2]).float()
    shares = torch.softmax(scores + bias[:, None, None], -1).to(kind)
    mixed = (shares.view(rows, s.kv_heads, group * length, k.shape[2]) @ v).view(rows, s.heads, length, s.head)
    x = x + F.linear(mixed.transpose(1, 2).reshape(rows, length, s.hidden), o)
    gate, up = F.linear(F.rms_norm(x, (s.hidden,), n2, s.eps).to(kind), gate_up).chunk(2, -1)
    return x + F.linear(F.silu(gate) * up, down), (k, v)


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

    def rounds(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines of positions `(rows, length)`, ready to broadcast over heads."""
        return self.cos[positions][:, None], self.sin[positions][:, None]

    def final(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (self.shape.hidden,), self.norm, self.shape.eps)

    def trunk(self, ids: Tensor, positions: Tensor, seen: Tensor) -> Tensor:
        """Hidden states `(rows, length, hidden)`; `positions` (rows, length), `seen` (rows, length, length)."""
        x, (cos, sin), bias = self.embed(ids), self.rounds(positions), bias_of(seen)
        for one in self.layers:
            x, _ = one(x, cos, sin, bias)
        return self.final(x)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of plain causal rows, `(rows, length, vocab)`."""
        length = ids.shape[1]
        seen = torch.ones(1, length, length, dtype=torch.bool, device=ids.device).tril()
        positions = torch.arange(length, device=ids.device)[None]
        return self.head(self.trunk(ids, positions, seen))

    @torch.no_grad()
    def greedy(self, prompts: list[list[int]], limit: int, end: int = 4) -> list[list[int]]:
        """Greedy continuations, rows padded on the left (RoPE is relative, so the shift does not matter)."""
        width = max(map(len, prompts))
        ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
        seen = torch.tensor([[False] * (width - len(p)) + [True] * len(p) for p in prompts])
        mask = (torch.ones(width, width).tril().bool()[None] & seen[:, None]) | torch.eye(width).bool()[None]
        past: list[Past] = [None] * self.shape.layers
        done = torch.zeros(len(prompts), dtype=torch.bool)
        drawn: list[Tensor] = []
        start = 0
        for _ in range(limit):
            length = ids.shape[1]
            x, cos, sin = self.embed(ids), self.cos[start : start + length], self.sin[start : start + length]
            for i, one in enumerate(self.layers):
                x, past[i] = one(x, cos, sin, bias_of(mask), past[i])
            best = self.head(self.final(x[:, -1])).argmax(-1).masked_fill(done, end)
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
