"""Small data-to-text: each step says one value in a sentence; sentences vary, values must not."""

from __future__ import annotations

import random
import re

from .base import Problem, Work, constrained, on_side
from .topics import made_up_word
from .words import NAMES, VALUES

DATA: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "city": (tuple(VALUES["city"]), ("{n} lives in {v}.", "The home of {n} is in {v}.", "{n} comes from {v}.")),
    "job": (tuple(VALUES["job"]), ("{n} works as a {v}.", "The job of {n} is {v}.", "{n} earns a living as a {v}.")),
    "color": (
        tuple(VALUES["color"]),
        ("{n} likes the color {v}.", "The color of {n} is {v}.", "{n} always picks {v}."),
    ),
    "food": (tuple(VALUES["food"]), ("{n} likes to eat {v}.", "The food of {n} is {v}.", "{n} often orders {v}.")),
    "pet": (tuple(VALUES["pet"]), ("{n} has a {v}.", "The pet of {n} is a {v}.", "{n} takes care of a {v}.")),
    "age": (tuple(str(n) for n in range(10, 90)), ("{n} is {v} years old.", "The age of {n} is {v}.")),
}


def right(name: str, field: str, value: str, sentence: str) -> bool:
    """Whether a sentence is one that the grammar makes of this value."""
    return any(sentence == form.format(n=name, v=value) for form in DATA[field][1])


def problem(rng: random.Random, depth: int, side: str | None = None) -> Problem:
    """A description of `depth` values; `side` is one of the split, `None` any."""
    while True:
        fields = tuple(rng.sample(list(DATA), min(depth, len(DATA))))
        if on_side(side, "describe", fields):
            break
    name = rng.choice(NAMES) if rng.random() < 0.9 else made_up_word(rng).capitalize()
    values = [rng.choice(DATA[field][0]) for field in fields]
    work = [
        Work(f"say {name} {field}", (), rng.choice(DATA[field][1]).format(n=name, v=value))
        for field, value in zip(fields, values, strict=True)
    ]
    table = "; ".join(f"{field}: {value}" for field, value in zip(fields, values, strict=True))
    tail, demands = constrained(rng)
    question = rng.choice(("Describe {n}.", "Write about {n} from the data.")).format(n=name)
    inputs: tuple[tuple[str, str], ...] = ()
    if rng.random() < 0.3:
        text, inputs = rng.choice((question + tail, f"{question}{tail} Data: [data]")), (("data", table + "."),)
    else:
        text = f"{question}{tail} Data: {table}."
    whole = " ".join(step.output for step in work)
    return Problem(
        "describe",
        fields,
        text,
        tuple(work),
        whole,
        whole,
        f"a description of {name}",
        "text",
        inputs=inputs,
        constraints=demands,
    )


def field_of(instruction: str) -> tuple[str, str] | None:
    """Name and field of a step's instruction."""
    found = re.fullmatch(r"say (\S+) (\w+)", instruction)
    return (found[1], found[2]) if found else None
