"""Packs of rows of one length: every pack is a function of (seed, stage, step, part), so a resumed run sees the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from .generate import END, MIXES, OPEN, TURN, Tree, tree
from .tasks.words import NAMES, RELATIONS, VALUES
from .tokenizer import ASSISTANT, SPECIAL, USER


@dataclass
class Row:
    """One sequence. `branch` is 0 on the trunk, 1, 2, … on its branches; `weight` is 0 where nothing is learnt."""

    ids: list[int]
    positions: list[int]
    branch: list[int]
    weight: list[float]


@dataclass
class Pack:
    """Sequences side by side in rows of one length. `weight[:, i]` belongs to the prediction of `ids[:, i]`."""

    ids: Tensor
    positions: Tensor
    seen: Tensor
    weight: Tensor


def tree_row(tokenizer: Tokenizer, sample: Tree, longest: int = 512) -> Row:
    """A tree as one sequence; branches beyond `longest` tokens are left out."""
    texts = [OPEN + sample.trunk]
    for branch in sample.branches:
        texts += [branch.prompt + TURN, branch.answer + END]
    trunk, *parts = (e.ids for e in tokenizer.encode_batch_fast(texts))
    row = Row(list(trunk), list(range(len(trunk))), [0] * len(trunk), [0.0] * len(trunk))
    pairs = zip(sample.branches, parts[::2], parts[1::2], strict=True)
    for number, (branch, asked, answer) in enumerate(pairs, 1):
        length = len(asked) + len(answer)
        if len(row.ids) + length > longest:
            continue
        row.ids += asked + answer
        row.positions += range(len(trunk), len(trunk) + length)
        row.branch += [number] * length
        part = sample.family == "article" and branch.role == "work"
        each = len(answer) ** (-0.3 if branch.role == "plan" or part else -0.5)
        each *= sample.plans if branch.role == "plan" else 1.0
        row.weight += [0.0] * len(asked) + [each] * len(answer)
    return row


def _single(ids: list[int], weight: list[float]) -> Row:
    return Row(ids, list(range(len(ids))), [0] * len(ids), weight)


def copy_row(rng: random.Random, vocabulary: int, length: int) -> Row:
    """A random string, then the same again: the densest signal for copying."""
    text = [rng.randrange(len(SPECIAL), vocabulary) for _ in range(length)]
    return _single([USER, *text, ASSISTANT, *text], [0.0] * (length + 2) + [0.3] * length)


def recall_row(rng: random.Random, vocabulary: int) -> Row:
    """Random facts `a b : v ;` then the same facts in other orders, learnt where the value stands."""
    pool = rng.sample(range(len(SPECIAL), vocabulary), 14)
    width = rng.choice((1, 2, 2))
    keys = set()
    for _ in range(rng.randint(3, 9)):
        keys.add(tuple(rng.choice(pool[:7] if i else pool[7:]) for i in range(width)))
    facts = [(key, rng.randrange(len(SPECIAL), vocabulary)) for key in sorted(keys)]
    mark = rng.sample(range(len(SPECIAL), vocabulary), 2)
    ids, weight = [USER], [0.0]
    for turn in range(4):
        rng.shuffle(facts)
        for key, value in facts:
            ids += [*key, mark[0], value, mark[1]]
            weight += [0.0] * (len(key) + 1) + [0.7 if turn else 0.0] + [0.0]
    return _single(ids, weight)


def fact_row(rng: random.Random, tokenizer: Tokenizer) -> Row:
    """The same with the words and the form of the lookup family."""
    people, relations = rng.sample(NAMES, rng.randint(2, 5)), rng.sample([*RELATIONS, *VALUES], rng.randint(2, 4))
    facts = {(p, r): rng.choice(VALUES.get(r, NAMES)) for p in people for r in relations if rng.random() < 0.6} or {
        (people[0], relations[0]): people[1]
    }
    lines = [e.ids for e in tokenizer.encode_batch_fast([f" {p} {r}: {v};" for (p, r), v in list(facts.items())[:9]])]
    ids, weight = [USER], [0.0]
    for turn in range(4):
        rng.shuffle(lines)
        for line in lines:
            ids += line
            weight += [0.0] * (len(line) - 2) + [0.7 if turn else 0.0, 0.0]
    return _single(ids, weight)


SHARES = {
    "copy": (1.0, 0.0),
    "drill": (0.15, 0.06),
    "full": (0.05, 0.03),
    "even": (0.05, 0.02),
    "last": (0.05, 0.02),
    "parts": (0.05, 0.02),
    "sums": (0.05, 0.02),
    "long": (0.0, 0.0),
}
"""How much of a stage's tokens are copies and recalls, beside the copies that fill the rows' ends. With one percent of
copies, copying was forgotten in 500 steps."""


LONG_EVERY = {"full": 8, "even": 16, "last": 16, "parts": 16, "sums": 16}


def lines_of(
    tokenizer: Tokenizer, stage: str, rng: random.Random, step: int, width: int, lines: int
) -> Iterator[list[Row]]:
    """Rows side by side until they fill a line: copies and recalls by their share, trees, then copies to the end."""
    vocabulary = tokenizer.get_vocab_size()
    copies, recalls = (int(share * width * lines) for share in SHARES[stage])
    length = rng.randint(3, min(40, 4 + step // 6))  # short strings first, of one length: copying forms far sooner
    for _ in range(lines):
        line: list[Row] = []
        room, missed = width, 0
        while room > 2 * length + 2:
            if copies > 0 or stage == "copy":
                row = copy_row(rng, vocabulary, length if stage == "copy" else rng.randint(3, 40))
                copies -= len(row.ids)
            elif recalls > 0:
                row = fact_row(rng, tokenizer) if rng.random() < 0.6 else recall_row(rng, vocabulary)
                recalls -= len(row.ids)
            elif room > width // 3 and missed < 8:
                row = tree_row(tokenizer, tree(rng, MIXES[stage]), room)
            else:
                row = copy_row(rng, vocabulary, length)
            if any(row.weight) and len(row.ids) <= room:
                line.append(row)
                room -= len(row.ids)
            else:
                missed += 1
        yield line


def pack(shelves: list[list[Row]], width: int) -> Pack:
    """Lines of rows as tensors, filled up to `width`."""

    def filled(values: list[list[list[float]]], filler: float) -> Tensor:
        lists = [[v for part in line for v in part] for line in values]
        return torch.tensor([line + [filler] * (width - len(line)) for line in lists])

    ids = filled([[r.ids for r in line] for line in shelves], 0)
    positions = filled([[r.positions for r in line] for line in shelves], 0)
    weight = filled([[r.weight for r in line] for line in shelves], 0.0)
    branch = filled([[r.branch for r in line] for line in shelves], 0)
    tree_of = filled([[[n] * len(r.ids) for n, r in enumerate(line, 1)] for line in shelves], 0)
    return Pack(ids.long(), positions.long(), visible(branch, tree_of), weight)


def visible(branch: Tensor, tree_of: Tensor) -> Tensor:
    """What each token sees, `(rows, length, length)`: before it, of its own tree, on the trunk or its own branch."""
    length = branch.shape[1]
    same = (branch[:, None, :] == 0) | (branch[:, None, :] == branch[:, :, None])
    one = tree_of[:, None, :] == tree_of[:, :, None]
    return torch.ones(length, length, dtype=torch.bool).tril() & same & one


def draw(tokenizer: Tokenizer, stage: str, seed: int, step: int, part: int, width: int, lines: int) -> Pack:
    """One part of a step's batch. Of some stages one in a few is of rows twice as long."""
    if stage in LONG_EVERY and step % LONG_EVERY[stage] == 7:
        stage, width, lines = "long", 2 * width, max(1, lines // 2)
    rng = random.Random(f"{seed}:{stage}:{step}:{part}")
    return pack(list(lines_of(tokenizer, stage, rng, step, width, lines)), width)
