"""Articles in parts: the plan names the parts, each part is written from a grammar that varies."""

from __future__ import annotations

import random
import re

from .articles_en import FOLLOW as FOLLOW_EN
from .articles_en import OPEN as OPEN_EN
from .articles_en import SLOTS as SLOTS_EN
from .articles_zh import FOLLOW as FOLLOW_ZH
from .articles_zh import OPEN as OPEN_ZH
from .articles_zh import SLOTS as SLOTS_ZH
from .base import Problem, Work, constrained
from .topics import topic

OPEN = {"en": OPEN_EN, "zh": OPEN_ZH}
FOLLOW = {"en": FOLLOW_EN, "zh": FOLLOW_ZH}
SLOTS = {"en": SLOTS_EN, "zh": SLOTS_ZH}
USUAL = {"en": ("history", "present", "future"), "zh": ("历史", "现状", "未来")}
STEP = {"en": "write the {part} of {t}", "zh": "写{t}的{part}"}
ASK = {
    "en": (
        "Write an article about {t}.",
        "Write a short article about {t}.",
        "Write an essay about {t}.",
        "Write an article about {t}",
    ),
    "zh": ("编写一篇关于{t}的文章", "写一篇关于{t}的文章", "请写一篇关于{t}的短文", "编写一篇关于{t}的文章。"),
}


def _fill(rng: random.Random, template: str, language: str, topic: str) -> str:
    slots = {name: rng.choice(choices) for name, choices in SLOTS[language].items()}
    return template.format(t=topic, **slots)


def part(rng: random.Random, language: str, name: str, topic: str) -> str:
    """One to three sentences on a part of the topic."""
    space = "" if language == "zh" else " "
    count = rng.choices((1, 2, 3), (0.3, 0.5, 0.2))[0]
    follow = rng.sample(FOLLOW[language][name], count - 1)
    sentences = [rng.choice(OPEN[language][name]), *follow]
    return space.join(_fill(rng, sentence, language, topic) for sentence in sentences)


def _pattern(template: str, language: str, topic: str) -> str:
    pattern = re.escape(template).replace(re.escape("{t}"), re.escape(topic))
    for name, choices in SLOTS[language].items():
        pattern = pattern.replace(re.escape("{" + name + "}"), "(?:" + "|".join(map(re.escape, choices)) + ")")
    return pattern


def on_topic(language: str, name: str, topic: str, text: str) -> bool:
    """Whether the text is a part of that name, on that topic, as the grammar makes them."""

    def one_of(templates: tuple[str, ...]) -> str:
        return "(?:" + "|".join(_pattern(t, language, topic) for t in templates) + ")"

    space = "" if language == "zh" else " "
    follow = f"(?:{space}{one_of(FOLLOW[language][name])})"
    return re.fullmatch(one_of(OPEN[language][name]) + follow + "{0,2}", text) is not None


def _asked(rng: random.Random, language: str, topic: str) -> tuple[tuple[str, ...], str]:
    """The parts and the words that ask for them."""
    if rng.random() < 0.38:
        return USUAL[language], rng.choice(ASK[language]).format(t=topic)
    if rng.random() < 0.3:
        parts = USUAL[language]
    else:
        parts = tuple(rng.sample(list(OPEN[language]), rng.choice((2, 3, 3, 4))))
    if language == "zh":
        named = "、".join(parts)
        ask = rng.choice(
            (
                "编写一篇关于{t}的文章，包括{p}。",
                "写一篇关于{t}的文章，介绍{p}。",
                "编写一篇关于{t}的文章，包括{p}",
                "编写一篇关于{t}的文章：{p}。",
            )
        )
    else:
        named = f"{', '.join(parts[:-1])} and {parts[-1]}"
        ask = rng.choice(
            (
                "Write an article about {t} with its {p}.",
                "Write about the {p} of {t}.",
                "Write an article about {t}: its {p}.",
                f"Write an article about {{t}}: {', '.join(parts)}.",
            )
        )
    return parts, ask.format(t=topic, p=named)


def problem(rng: random.Random, depth: int = 0, side: str | None = None, language: str = "") -> Problem:
    """An article; `depth` is not used (the parts are those that the task names, or the usual three)."""
    language = language or rng.choice(("en", "zh"))
    about = topic(rng, language, side)
    parts, text = _asked(rng, language, about)
    work = tuple(Work(STEP[language].format(part=p, t=about), (), part(rng, language, p, about)) for p in parts)
    tail, demands = constrained(rng, language) if text.endswith((".", "。")) else ("", ())
    whole = "\n".join(step.output for step in work)
    return Problem(
        "article",
        (language, *parts),
        text + tail,
        work,
        whole,
        whole,
        f"关于{about}的文章" if language == "zh" else f"an article about {about}",
        "文章" if language == "zh" else "article",
        language=language,
        constraints=demands,
        topic=about,
    )
