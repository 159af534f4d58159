"""Texts with one to three constraints that can be counted or looked up."""

from __future__ import annotations

import random
from typing import Any

from ..items import Language, Question, Side
from .limits_requests import FORMS, PROSE, STRUCTURED, Prose

Limit = dict[str, Any]
"""`kind`, and what that kind needs; `demands.py` says what is met."""


def generate(language: Language, side: Side, index: int, chance: random.Random) -> Question:
    form = ("prose", "prose", "items", "prose", "json")[index % 5]
    say = FORMS[language][side]
    if form == "prose":
        request = chance.choice(PROSE[language][side])
        limits = _prose(language, request, 1 + index % 3, chance)
        text = request.text
    else:
        one = chance.choice(STRUCTURED[language][side])
        if form == "items":
            n = chance.randint(3, 7)
            limits = [{"kind": "items", "n": n}]
            text = say["items"].format(what=one.items, n=n)
        else:
            chosen = chance.sample(one.keys, chance.randint(3, len(one.keys)))
            keys = [key for key in one.keys if key in chosen]
            limits = [{"kind": "json", "keys": keys}]
            text = say["json"].format(what=one.thing, keys=say["joint"].join(keys))
        if chance.random() < 0.5:
            limits.append({"kind": "avoid", "word": one.avoid[0] if form == "items" else one.avoid[1]})
    sentences = [text, *(_said(say, limit) for limit in limits if limit["kind"] not in ("items", "json"))]
    return Question(say["between"].join(sentences), {"limits": limits})


def _prose(language: Language, request: Prose, count: int, chance: random.Random) -> list[Limit]:
    """So many constraints that can all be met together; what ends the text is demanded last."""
    short = chance.randint(30, 80) if language == "en" else chance.randint(40, 120)
    possible: list[Limit] = [
        {"kind": "sentences", "n": chance.randint(2, 6), "exactly": True},
        {"kind": "sentences", "n": chance.randint(2, 5), "exactly": False},
        {"kind": "length", "n": short // 10 * 10},
        {"kind": "contain", "word": chance.choice(request.contain)},
        {"kind": "avoid", "word": chance.choice(request.avoid)},
        {"kind": "end", "word": chance.choice(request.end)},
        {"kind": "language", "language": "zh" if language == "en" else "en"},
    ]
    while True:
        chosen = sorted(chance.sample(range(len(possible)), count))
        limits = [possible[at] for at in chosen]
        kinds = [limit["kind"] for limit in limits]
        in_other = "language" in kinds and {"contain", "avoid", "end", "length"} & set(kinds)
        if len(set(kinds)) == count and not in_other:
            return limits


def _said(say: dict[str, str], limit: Limit) -> str:
    kind = limit["kind"]
    if kind == "sentences":
        kind = "exactly" if limit["exactly"] else "at most"
    return say[kind].format(**limit)
