"""Word problems of two to four operations with one whole number as the answer; large numbers in every second round."""

from __future__ import annotations

import random
import re

from ..items import Language, Question, Side
from .word_stories import LARGE, NAMES, STORIES


def generate(language: Language, side: Side, index: int, chance: random.Random) -> Question:
    stories = STORIES[language][side]
    story = stories[index % len(stories)]
    large = story.large if index // len(stories) % 2 else ""
    ranges = {
        name: (low * LARGE, high * LARGE) if name in large else (low, high)
        for name, (low, high) in story.ranges.items()
    }
    while True:
        numbers = {name: chance.randrange(low, high + 1) for name, (low, high) in ranges.items()}
        answer = story.answer(**numbers)
        names = dict(zip("NMK", chance.sample(NAMES[language][side], 3)))
        text = story.text.format(**names, **numbers)
        # An answer that stands in the task already could be right by copying.
        if answer == int(answer) > 1 and str(int(answer)) not in re.findall(r"\d+", text):
            return Question(text, {"number": int(answer), "story": story.name})
