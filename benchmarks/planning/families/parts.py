"""Texts with demanded parts, three to seven, demanded in several ways."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from ..items import Language, Question, Side
from .parts_topics import TOPICS

WORDS, CHARACTERS = 25, 40
"""The least that a delivered part has: English words, Chinese characters."""

LONG: dict[Language, int] = {"en": 80, "zh": 120}
"""The same where the task says how long each part has to be."""

Phrase = Callable[[str, Sequence[str]], str]


def generate(language: Language, side: Side, index: int, chance: random.Random) -> Question:
    phrases = PHRASES[language][side]
    topic = chance.choice(TOPICS[language][side])
    wanted = sorted(chance.sample(range(len(topic.parts)), chance.randint(3, len(topic.parts))))
    parts = [topic.parts[at] for at in wanted]
    text = phrases[index % len(phrases)](topic.name, [part for part, _ in parts])
    least = WORDS if language == "en" else CHARACTERS
    expected: dict[str, Any] = {"parts": [[part, list(keys)] for part, keys in parts], "least": least, "sentences": 1}
    if index % 3 == 1:
        expected["least"] = LONG[language]
        text += EACH_LONG[language][side].format(LONG[language])
    if index % 3 == 2:
        text += EACH[language][side]
        expected["sentences"] = 3
    return Question(text, {**expected, "topic": topic.name})


def _and(parts: Sequence[str]) -> str:
    comma = "," if any(" and " in part for part in parts) else ""
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"


def _first(parts: Sequence[str]) -> str:
    return f"First describe {', then '.join(parts[:-1])}, and finally {parts[-1]}."


def _begin(parts: Sequence[str]) -> str:
    return (
        f"Begin with {parts[0]}, go on with {_and(parts[1:-1]) if parts[2:-1] else parts[1]}, and end with {parts[-1]}."
    )


def _numbered(parts: Sequence[str]) -> str:
    return "\n".join(f"{at}. {part[0].upper()}{part[1:]}" for at, part in enumerate(parts, 1))


def _dashes(parts: Sequence[str]) -> str:
    return "\n".join(f"- {part[0].upper()}{part[1:]}" for part in parts)


def _and_zh(parts: Sequence[str]) -> str:
    last = "以及" if any("和" in part or "与" in part for part in parts) else "和"
    return f"{'、'.join(parts[:-1])}{last}{parts[-1]}"


EACH: dict[Language, dict[Side, str]] = {
    "en": {
        "dev": "\n\nWrite at least three sentences about each of these points.",
        "held": "\n\nEach of these sections should have at least three sentences.",
    },
    "zh": {"dev": "\n\n每个部分至少写三句话。", "held": "\n\n每一部分不少于三句话。"},
}

EACH_LONG: dict[Language, dict[Side, str]] = {
    "en": {
        "dev": "\n\nWrite at least {} words about each of these points.",
        "held": "\n\nEach of these sections must be at least {} words long.",
    },
    "zh": {"dev": "\n\n每个部分至少写{}字。", "held": "\n\n每一部分不少于{}字。"},
}

PHRASES: dict[Language, dict[Side, tuple[Phrase, ...]]] = {
    "en": {
        "dev": (
            lambda topic, parts: f"Write a guide to {topic} with these parts: {', '.join(parts)}.",
            lambda topic, parts: f"Write an article about {topic}, covering {_and(parts)}.",
            lambda topic, parts: (
                f"Write a beginner's guide to {topic}. It should have the following parts:\n{_numbered(parts)}"
            ),
            lambda topic, parts: f"Write an introduction to {topic}. {_first(parts)}",
        ),
        "held": (
            lambda topic, parts: f"I need a short handbook about {topic}. Please include sections on {_and(parts)}.",
            lambda topic, parts: f"Please write an overview of {topic} that has these sections:\n{_dashes(parts)}",
            lambda topic, parts: (
                f"Write a leaflet about {topic}, with a section for each of these: {'; '.join(parts)}."
            ),
            lambda topic, parts: f"Write an essay about {topic}. {_begin(parts)}",
        ),
    },
    "zh": {
        "dev": (
            lambda topic, parts: f"写一份关于{topic}的指南，包括：{'、'.join(parts)}。",
            lambda topic, parts: f"写一篇关于{topic}的文章，分别介绍{_and_zh(parts)}。",
            lambda topic, parts: f"请写一份{topic}的入门指南，要有下面几个部分：\n{_numbered(parts)}",
            lambda topic, parts: (
                f"写一篇介绍{topic}的文章，首先介绍{parts[0]}，然后介绍{'、'.join(parts[1:-1])}，最后介绍{parts[-1]}。"
            ),
        ),
        "held": (
            lambda topic, parts: f"我需要一本关于{topic}的小册子，内容应包含{_and_zh(parts)}。",
            lambda topic, parts: f"请写一篇{topic}的概述，分成以下几节：\n{_dashes(parts)}",
            lambda topic, parts: f"编写一份介绍{topic}的资料，每个方面单独成节：{'；'.join(parts)}。",
            lambda topic, parts: (
                f"写一篇关于{topic}的文章，先从{parts[0]}写起，接着写{'、'.join(parts[1:-1])}，最后以{parts[-1]}结尾。"
            ),
        ),
    },
}
