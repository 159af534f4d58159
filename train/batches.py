"""Rows of token ids: every batch is a function of (seed, step), so a resumed run sees what the first would have seen."""

from __future__ import annotations

import random
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
class Batch:
    """Rows padded to one length. `weight[:, i]` belongs to the prediction of `ids[:, i]`."""

    ids: Tensor
    positions: Tensor
    mask: Tensor
    weight: Tensor


def tree_row(tokenizer: Tokenizer, sample: Tree, longest: int = 700) -> Row:
    """A tree as one sequence; branches beyond `longest` tokens are left out."""
    texts = [OPEN + sample.trunk]
    for branch in sample.branches:
        texts += [branch.prompt + TURN, branch.answer + END]
    trunk, *parts = (e.ids for e in tokenizer.encode_batch_fast(texts))
    row = Row(list(trunk), list(range(len(trunk))), [0] * len(trunk), [0.0] * len(trunk))
    pairs = zip(sample.branches, parts[::2], parts[1::2], strict=True)
    for number, (branch, asked, answer) in enumerate(pairs, 1):
        length = len(asked) + len(answer)
        if len(row.ids) + length > longest and number > 1:
            continue
        row.ids += asked + answer
        row.positions += range(len(trunk), len(trunk) + length)
        row.branch += [number] * length
        part = sample.family == "article" and branch.role == "work"
        each = len(answer) ** (-0.3 if branch.role == "plan" or part else -0.5)
        row.weight += [0.0] * len(asked) + [each] * len(answer)
    return row


def copy_row(rng: random.Random, vocabulary: int, length: int) -> Row:
    """A random string, then the same again: the densest signal for copying."""
    text = [rng.randrange(len(SPECIAL), vocabulary) for _ in range(length)]
    ids = [USER, *text, ASSISTANT, *text]
    return Row(ids, list(range(len(ids))), [0] * len(ids), [0.0] * (length + 2) + [0.3] * length)


def recall_row(rng: random.Random, vocabulary: int) -> Row:
    """Random facts `a b : v ;` then the same facts in other orders, learnt where the value stands."""
    pool = rng.sample(range(len(SPECIAL), vocabulary), 14)
    width = rng.choice((1, 2, 2))
    keys = set()
    for _ in range(rng.randint(3, 9)):
        keys.add(tuple(rng.choice(pool[:7] if i else pool[7:]) for i in range(width)))
    facts = [(key, rng.randrange(len(SPECIAL), vocabulary)) for key in keys]
    mark = rng.sample(range(len(SPECIAL), vocabulary), 2)
    ids, weight = [USER], [0.0]
    for turn in range(4):
        rng.shuffle(facts)
        for key, value in facts:
            ids += [*key, mark[0], value, mark[1]]
            weight += [0.0] * (len(key) + 1) + [0.7 if turn else 0.0] + [0.0]
    return Row(ids, list(range(len(ids))), [0] * len(ids), weight)


SHARES = {"copy": (0.6, 0.4), "mend": (0.55, 0.0), "drill": (0.15, 0.05), "full": (0.05, 0.06)}
"""How much of a stage's tokens are copies and recalls. With one percent of copies, copying was forgotten in 500 steps."""


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
    return Row(ids, list(range(len(ids))), [0] * len(ids), weight)


def pad(rows: list[Row]) -> Batch:
    width = max(len(row.ids) for row in rows)

    def filled(name: str, filler: float) -> Tensor:
        return torch.tensor([getattr(row, name) + [filler] * (width - len(row.ids)) for row in rows])

    branch = filled("branch", -1)
    causal = torch.ones(width, width, dtype=torch.bool).tril()
    same = (branch[:, None, :] == 0) | (branch[:, None, :] == branch[:, :, None])
    mask = (causal & same) | torch.eye(width, dtype=torch.bool)
    return Batch(filled("ids", 0).long(), filled("positions", 0).long(), mask[:, None], filled("weight", 0.0))


def draw(tokenizer: Tokenizer, stage: str, seed: int, step: int, tokens: int) -> list[Batch]:
    """The batches of one step: about `tokens` tokens, in parts of similar row lengths."""
    rng = random.Random(f"{seed}:{stage}:{step}")
    vocabulary = tokenizer.get_vocab_size()
    length = rng.randint(3, min(40, 4 + step // 6))  # short strings first: copying forms several times sooner
    copies, recalls = SHARES[stage]
    if stage == "copy" and step < 350:
        copies, recalls = 1.0, 0.0
    rows: list[Row] = []
    count = 0
    while count < copies * tokens:
        rows.append(copy_row(rng, vocabulary, length))
        count += len(rows[-1].ids)
    while count < (copies + recalls) * tokens:
        rows.append(fact_row(rng, tokenizer) if rng.random() < 0.6 else recall_row(rng, vocabulary))
        count += len(rows[-1].ids)
    while count < tokens:
        rows.append(tree_row(tokenizer, tree(rng, MIXES[stage])))
        count += len(rows[-1].ids)
    short = [row for row in rows if len(row.ids) < 90]
    rows = sorted((row for row in rows if len(row.ids) >= 90), key=lambda row: len(row.ids))
    half = next((i for i in range(1, len(rows)) if sum(len(r.ids) for r in rows[:i]) * 2 >= tokens), len(rows))
    return [pad(part) for part in (short, rows[:half], rows[half:]) if part]
