"""Exact accuracies of a checkpoint by role on development tasks, in torch. For watching a training run, not for claims."""

from __future__ import annotations

import random
from dataclasses import replace

import torch
from tokenizers import Tokenizer

from .generate import END, OPEN, TURN, calls
from .judge import right
from .model import Tiny
from .tasks import FAMILIES
from .tasks.base import Problem
from .tokenizer import ASSISTANT, SPECIAL, USER


def copying(model: Tiny, length: int = 16, rows: int = 8) -> tuple[int, int]:
    """Tokens of random strings that are copied right, and all of them: what everything else rests on."""
    text = torch.randint(len(SPECIAL), model.shape.vocab, (rows, length), generator=torch.Generator().manual_seed(1))
    ids = torch.cat((torch.full((rows, 1), USER), text, torch.full((rows, 1), ASSISTANT), text), 1)
    with torch.no_grad():
        best = model(ids[:, :-1])[:, length + 1 :].argmax(-1)
    return int((best == text).sum()), text.numel()


def accuracies(
    model: Tiny,
    tokenizer: Tokenizer,
    tasks: int = 10,
    seed: int = 5,
    roles: tuple[str, ...] = ("plan", "work", "understand", "answer", "write"),
) -> dict[str, str]:
    """`family/role` to `right/asked`, greedy, on tasks of three to six steps from the development side."""
    rng = random.Random(seed)
    asked: list[tuple[Problem, str, int, str, str]] = []
    for family in FAMILIES:
        for number in range(tasks):
            problem = FAMILIES[family](rng, 3 + number % 4, "dev")
            if family in ("article", "describe"):
                problem = replace(problem, direct="", written="")
            at = 0
            for role, prompt, answer in calls(problem):
                if role in roles and answer:
                    asked.append((problem, role, at, prompt, answer))
                at += role == "work"
    asked.sort(key=lambda call: (call[1], len(call[3])))
    counts: dict[str, list[int]] = {}
    for start in range(0, len(asked), 64):
        part = asked[start : start + 64]
        prompts = [e.ids for e in tokenizer.encode_batch([OPEN + call[3] + TURN for call in part])]
        limit = max(len(e.ids) for e in tokenizer.encode_batch([call[4] + END for call in part])) + 4
        if any(call[1] == "work" and call[0].family == "article" for call in part):
            limit = max(limit, 70)
        for call, ids in zip(part, model.greedy(prompts, limit), strict=True):
            given = tokenizer.decode(ids, skip_special_tokens=False)
            family = call[0].family + (f" {call[0].language}" if call[0].topic else "")
            tally = counts.setdefault(f"{family}/{call[1]}", [0, 0])
            tally[0] += right(call[0], call[1], call[2], call[4], given)
            tally[1] += 1
    counts["copy"] = list(copying(model))
    return {name: f"{good}/{n}" for name, (good, n) in sorted(counts.items())}
