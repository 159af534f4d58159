"""Multi-step arithmetic: numbers from 0 to 99, operands of one digit; chains, word problems, trees of two sums."""

from __future__ import annotations

import random

from .base import Drill, Problem, Work, constrained, on_side
from .words import NAMES, THINGS

OPS = ("add", "sub", "mul", "dbl", "half")
SAID = {"add": "add {n}", "sub": "subtract {n}", "mul": "multiply by {n}", "dbl": "double it", "half": "halve it"}
HAPPENS = {
    "add": "buys {n} more",
    "sub": "gives away {n}",
    "mul": "makes it {n} times as many",
    "dbl": "doubles them",
    "half": "keeps half",
}
STEP = {
    "add": "add {n} to {x}",
    "sub": "subtract {n} from {x}",
    "mul": "multiply {x} by {n}",
    "dbl": "double {x}",
    "half": "halve {x}",
}
SYMBOL = {"+": "add", "-": "sub", "*": "mul"}


def apply(op: str, value: int, n: int) -> int | None:
    """The result, or `None` where it leaves 0 to 99 or is no whole number."""
    if op == "half" and value % 2:
        return None
    result = {"add": value + n, "sub": value - n, "mul": value * n, "dbl": value * 2, "half": value // 2}[op]
    return result if 0 <= result <= 99 else None


def operand(rng: random.Random, op: str) -> int:
    """One digit: what a network of this size learns in the time that there is."""
    return rng.randint(2, 5) if op == "mul" else rng.randint(1, 9)


def drill(rng: random.Random) -> Drill:
    """One operation, on a number that is given or on the result of an earlier step."""
    while True:
        op, value = rng.choice(OPS), rng.randint(0, 99)
        n = operand(rng, op)
        result = apply(op, value, n)
        if result is None or (op == "mul" and rng.random() < 0.3):
            continue
        if rng.random() < 0.65:
            step = rng.randint(1, 6)
            return Drill(((step, str(value)),), STEP[op].format(n=n, x=f"#{step}"), str(result))
        return Drill((), STEP[op].format(n=n, x=value), str(result))


def _tree(rng: random.Random, side: str | None) -> tuple[tuple[str, ...], str, list[Work], int] | None:
    signs = [rng.choice("+-*") for _ in range(3)]
    key = ("tree", *signs)
    if not on_side(side, "arithmetic", key):
        return None

    def pair(sign: str) -> tuple[int, int]:
        return (rng.randint(2, 9), rng.randint(2, 5)) if sign == "*" else (rng.randint(1, 20), rng.randint(1, 9))

    (a, b), (c, d) = pair(signs[0]), pair(signs[1])
    left, right = apply(SYMBOL[signs[0]], a, b), apply(SYMBOL[signs[1]], c, d)
    if left is None or right is None:
        return None
    whole = apply(SYMBOL[signs[2]], left, right)
    if whole is None or not 1 <= right <= (5 if signs[2] == "*" else 9):
        return None
    work = [
        Work(STEP[SYMBOL[signs[0]]].format(n=b, x=a), (), str(left)),
        Work(STEP[SYMBOL[signs[1]]].format(n=d, x=c), (), str(right)),
        Work(STEP[SYMBOL[signs[2]]].format(n="#2", x="#1"), (1, 2), str(whole)),
    ]
    text = rng.choice(("Compute {e}.", "What is {e}?")).format(e=f"({a}{signs[0]}{b}){signs[2]}({c}{signs[1]}{d})")
    return key, text, work, whole


def _chain(rng: random.Random, depth: int, side: str | None) -> tuple[tuple[str, ...], str, list[Work], int] | None:
    ops = tuple(rng.choice(OPS) for _ in range(depth))
    if not on_side(side, "arithmetic", ops):
        return None
    first = value = rng.randint(1, 40)
    work, numbers = [], []
    for index, op in enumerate(ops):
        n = operand(rng, op)
        result = apply(op, value, n)
        if result is None:
            return None
        value = result
        numbers.append(n)
        shown = f"#{index}" if index else str(first)
        work.append(Work(STEP[op].format(n=n, x=shown), (index,) if index else (), str(value)))
    if rng.random() < 0.6:
        said = ", then ".join(SAID[op].format(n=n) for op, n in zip(ops, numbers, strict=True))
        text = rng.choice(("Start with {v}: {s}.", "Take {v}: {s}.")).format(v=first, s=said)
    else:
        who, what = rng.choice(NAMES), rng.choice(THINGS)
        said = ", then ".join(HAPPENS[op].format(n=n) for op, n in zip(ops, numbers, strict=True))
        text = f"{who} has {first} {what}: {said}. How many {what} now?"
    return ops, text, work, value


def problem(rng: random.Random, depth: int, side: str | None = None) -> Problem:
    """A task of `depth` steps; `side` is one of the split, `None` any."""
    while True:
        tree = depth == 3 and rng.random() < 0.2
        made = _tree(rng, side) if tree else _chain(rng, depth, side)
        if made is None:
            continue
        key, text, work, value = made
        tail, demands = constrained(rng)
        return Problem(
            "arithmetic",
            key,
            text + tail,
            tuple(work),
            f"The answer is {value}.",
            str(value),
            "a number",
            "number",
            constraints=demands,
        )
