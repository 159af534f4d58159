"""Pipelines over lists of letters, one token an item."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from .base import Drill, Problem, Work, constrained, on_side
from .words import LETTERS

Items = tuple[str, ...]
APPLY: dict[str, Callable[[Items, str], Items]] = {
    "reverse": lambda s, x: s[::-1],
    "sort": lambda s, x: tuple(sorted(s)),
    "dropfirst": lambda s, x: s[1:],
    "droplast": lambda s, x: s[:-1],
    "swap": lambda s, x: (s[-1], *s[1:-1], s[0]),
    "append": lambda s, x: (*s, x),
}
LAST: dict[str, Callable[[Items, str], Items]] = {
    "first": lambda s, x: s[:1],
    "last": lambda s, x: s[-1:],
}
SAID = {
    "reverse": ("reverse it", "turn it around"),
    "sort": ("sort it",),
    "dropfirst": ("drop the first item", "remove the first item"),
    "droplast": ("drop the last item", "remove the last item"),
    "swap": ("swap the ends",),
    "append": ("append {x}",),
    "first": ("take the first item", "give the first item"),
    "last": ("take the last item", "give the last item"),
}
STEP = {
    "reverse": "reverse {l}",
    "sort": "sort {l}",
    "dropfirst": "drop first of {l}",
    "droplast": "drop last of {l}",
    "swap": "swap ends of {l}",
    "append": "append {x} to {l}",
    "first": "first of {l}",
    "last": "last of {l}",
}


def say(items: Sequence[str]) -> str:
    return " ".join(items)


def drill(rng: random.Random) -> Drill:
    """One operation, on a list that is given or on the result of an earlier step."""
    ops = APPLY | LAST
    op, x = rng.choice(list(ops)), rng.choice(LETTERS)
    items = tuple(rng.sample(LETTERS, rng.choice((2, 3, 4, 5, 6, 6, 7))))
    output = say(ops[op](items, x))
    if rng.random() < 0.65:
        step = rng.randint(1, 6)
        return Drill(((step, say(items)),), STEP[op].format(l=f"#{step}", x=x), output)
    return Drill((), STEP[op].format(l=say(items), x=x), output)


def problem(rng: random.Random, depth: int, side: str | None = None) -> Problem:
    """A task of `depth` steps; `side` is one of the split, `None` any."""
    while True:
        ops = tuple(rng.choice(list(APPLY)) for _ in range(depth))
        if rng.random() < 0.2:
            ops = (*ops[:-1], rng.choice(list(LAST)))
        if not on_side(side, "list", ops):
            continue
        first = items = tuple(rng.sample(LETTERS, rng.randint(3, 5)))
        work, letters = [], []
        for index, op in enumerate(ops):
            x = rng.choice([c for c in LETTERS if c not in items])
            items = (APPLY | LAST)[op](items, x)
            letters.append(x)
            if not 2 <= len(items) <= 7 and op not in LAST:
                break
            shown = f"#{index}" if index else say(first)
            work.append(Work(STEP[op].format(l=shown, x=x), (index,) if index else (), say(items)))
        if len(work) < depth:
            continue
        said = ", then ".join(rng.choice(SAID[op]).format(x=x) for op, x in zip(ops, letters, strict=True))
        text = rng.choice(("Take the list {l}: {s}.", "Given {l}: {s}.")).format(l=say(first), s=said)
        tail, demands = constrained(rng)
        output = say(items)
        return Problem(
            "list",
            ops,
            text + tail,
            tuple(work),
            f"The result is {output}.",
            output,
            "a list",
            "list",
            constraints=demands,
        )
