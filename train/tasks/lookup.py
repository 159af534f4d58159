"""Multi-hop lookup over facts that are given in the task or as an attached input; a key is two tokens, verbatim.

A step answers with the whole fact (`Meg boss: Kim`): saying the key first makes finding the value plain copying.
"""

from __future__ import annotations

import random

from .base import Drill, Problem, Work, constrained, on_side
from .topics import made_up_word
from .words import NAMES, RELATIONS, VALUES


def _value(rng: random.Random, relation: str, person: str, people: list[str]) -> str:
    return rng.choice(VALUES[relation]) if relation in VALUES else rng.choice([p for p in people if p != person])


def _people(rng: random.Random, count: int) -> list[str]:
    people = rng.sample(NAMES, count)
    if rng.random() < 0.05:  # some names that no vocabulary holds
        people = [made_up_word(rng).capitalize() if rng.random() < 0.4 else p for p in people]
    return people if len(set(people)) == count else _people(rng, count)


def drills(rng: random.Random, facts: dict[tuple[str, str], str]) -> tuple[Drill, ...]:
    """Every fact asked for once, by name or through the result of an earlier step."""
    asked = []
    for (person, relation), value in facts.items():
        if rng.random() < 0.6:
            step = rng.randint(1, 6)
            before = f"{rng.choice(NAMES)} {rng.choice(RELATIONS)}: {person}"
            asked.append(Drill(((step, before),), f"find #{step} {relation}", f"{person} {relation}: {value}"))
        else:
            asked.append(Drill((), f"find {person} {relation}", f"{person} {relation}: {value}"))
    rng.shuffle(asked)
    return tuple(asked)


def problem(rng: random.Random, depth: int, side: str | None = None, crowd: int = 0) -> Problem:
    """A task of `depth` hops among `crowd` more facts than usual; `side` is one of the split, `None` any."""
    while True:
        leaf = rng.random() < 0.6
        relations = tuple(rng.choice(RELATIONS) for _ in range(depth - leaf))
        relations += (rng.choice(list(VALUES)),) if leaf else ()
        if on_side(side, "lookup", relations):
            break
    people = _people(rng, depth + 1 + rng.randint(1, 2) + crowd // 4)
    facts: dict[tuple[str, str], str] = {}
    work: list[Work] = []
    for index, relation in enumerate(relations):
        value = rng.choice(VALUES[relation]) if relation in VALUES else people[index + 1]
        facts[people[index], relation] = value
        shown = f"#{index}" if index else people[0]
        fact = f"{people[index]} {relation}: {value}"
        work.append(Work(f"find {shown} {relation}", (index,) if index else (), fact))
    wanted = depth + rng.randint(1, 4) + crowd
    for _ in range(40 + 4 * crowd):  # more facts of the same people and relations, so that neither alone is a key
        relation = rng.choice(relations) if rng.random() < 0.6 else rng.choice([*RELATIONS, *VALUES])
        person = rng.choice(people)
        if len(facts) < wanted and (person, relation) not in facts:
            facts[person, relation] = _value(rng, relation, person, people)
    lines = [f"{person} {relation}: {value}" for (person, relation), value in facts.items()]
    rng.shuffle(lines)
    given = "; ".join(lines)
    question = f"Find {people[0]} {', then '.join(relations)}."
    tail, demands = constrained(rng)
    place = rng.random()
    inputs: tuple[tuple[str, str], ...] = ()
    if place < 0.4:  # a long value is attached, and `[facts]` stands where the task named it
        forms = (f"{question}{tail}", f"{question}{tail} Facts: [facts]", f"Facts: [facts] {question}{tail}")
        text, inputs = rng.choice(forms), (("facts", given + "."),)
    elif place < 0.7:
        text = f"{question}{tail} Facts: {given}."
    else:
        text = f"Facts: {given}. {question}{tail}"
    answer = facts[tuple(work[-1].output.split(":")[0].split(" "))]  # type: ignore[index]
    return Problem(
        "lookup",
        relations,
        text,
        tuple(work),
        f"The answer is {answer}.",
        answer,
        "a fact",
        "word",
        inputs=inputs,
        constraints=demands,
        drills=drills(rng, facts),
    )
