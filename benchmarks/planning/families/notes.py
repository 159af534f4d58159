"""Questions over short notes that stand in the task: sum, filter and sum, look up, count."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from ..items import Language, Question, Side
from .notes_scenes import SCENES, Scene

KINDS = ("sum", "sum of one", "look up", "count", "sum at one", "figure")


@dataclass(frozen=True)
class Note:
    day: str
    who: str
    what: str
    n: int


def generate(language: Language, side: Side, index: int, chance: random.Random) -> Question:
    scenes = SCENES[language][side]
    kind, scene = KINDS[index % len(KINDS)], scenes[(index + index // len(KINDS)) % len(scenes)]
    while True:
        notes = _notes(scene, chance)
        about = chance.choice(notes)
        expected = _expected(kind, notes, about, scene)
        if expected is not None:
            break
    question = scene.questions[kind].format(who=about.who, what=about.what, day=about.day)
    lines = "\n".join(f"- {_words(scene, note, chance)}" for note in notes)
    text = scene.layout.format(notes=lines, question=question)
    return Question(text, {**expected, "kind": kind, "scene": scene.name})


def _notes(scene: Scene, chance: random.Random) -> list[Note]:
    """Seven to nine notes by day; nobody has two on one day, and no two have the same number."""
    pairs = chance.sample([(day, who) for day in range(len(scene.days)) for who in scene.who], chance.choice((7, 8, 9)))
    numbers = chance.sample(range(11, 49), len(pairs))
    return [
        Note(scene.days[day], who, chance.choice(scene.what), n)
        for (day, who), n in zip(sorted(pairs, key=lambda pair: pair[0]), numbers)
    ]


def _words(scene: Scene, note: Note, chance: random.Random) -> str:
    return chance.choice(scene.sentences).format(day=note.day, who=note.who, what=note.what, n=note.n)


def _expected(kind: str, notes: list[Note], about: Note, scene: Scene) -> dict[str, Any] | None:
    """What the grader is given; `None` where these notes make no fair question of this kind."""
    if kind == "look up":
        return {"choice": about.what, "choices": list(scene.what)}
    if kind == "figure":
        return {"number": about.n, "in_task": True}
    field = {"sum of one": "who", "sum at one": "what", "count": "what"}.get(kind, "")
    chosen = [note for note in notes if not field or getattr(note, field) == getattr(about, field)]
    if field and not 2 <= len(chosen) <= len(notes) - 3:
        return None
    number = len(chosen) if kind == "count" else sum(note.n for note in chosen)
    return None if number in {note.n for note in notes} else {"number": number}
