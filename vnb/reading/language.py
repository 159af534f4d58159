"""The language that a text is written in, and the language that a task asks for: by script and words, without a model."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from .asked import asked
from .spans import QUOTED, own_words, prose

LONGEST = 20_000
"""Characters that are enough to tell a language by."""

_SCRIPTS = {
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Japanese": "\u3040-\u30ff\uff66-\uff9d",
    "Korean": "\u1100-\u11ff\uac00-\ud7af",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f",
    "Hebrew": "\u0590-\u05ff",
    "Thai": "\u0e00-\u0e7f",
    "Hindi": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Tamil": "\u0b80-\u0bff",
    "Georgian": "\u10a0-\u10ff",
    "Armenian": "\u0530-\u058f",
}
_COUNTED = {name: re.compile(f"[{ranges}]") for name, ranges in _SCRIPTS.items()}
_LATIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ASCII_NAME = re.compile(r"\b\w*(?:_\w|\d|[a-z][A-Z])\w*\b")

_LANGUAGES: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("latin.json").read_text(encoding="utf-8"))
"""Of each language in Latin letters its frequent words, those of tasks among them, and the letters that are its own."""

_KNOWN = {name: frozenset(language["words"].split()) for name, language in _LANGUAGES.items()}
_SHARED = Counter(word for words in _KNOWN.values() for word in words)


def language_of(text: str) -> str:
    """The language that the deliverable of a task should have: the one it asks for, or else its own; "" if unclear."""
    return wanted(text) or detect(text)


def wanted(text: str) -> str:
    """The language that a task asks for outright, as its English name; "" where it asks for none or for several."""
    return asked(text)[1]


def detect(text: str) -> str:
    """The language of a text, as its English name, or "" where that cannot be decided.

    What a text quotes or brings along (code, addresses, notes, quotations) decides only where there is nothing else.
    """
    text = text[:LONGEST]
    for mask in (own_words(text), prose(text), prose(text, quotes=False)):
        if found := _language(mask.replace(QUOTED, " ")):
            return found
    return ""


def _language(text: str) -> str:
    counts = {name: len(pattern.findall(text)) for name, pattern in _COUNTED.items()}
    words = [
        word.lower().replace("’", "'") for word in _LATIN.findall(_ASCII_NAME.sub(" ", text)) if word[0] < "\u0250"
    ]
    latin, score = _latin(words)
    eastern = counts["Han"] + counts["Japanese"] + counts["Korean"]
    letters = {name: count for name, count in counts.items() if name not in ("Han", "Japanese", "Korean")}
    other = max(letters, key=lambda name: letters[name])
    if eastern >= 2 and eastern / 1.6 * (2 if score < 2 else 1) >= len(words) and eastern >= letters[other] / 3:
        if counts["Korean"] * 2 >= counts["Han"] + counts["Japanese"]:
            return "Korean"
        return "Japanese" if counts["Japanese"] * 10 >= eastern else "Chinese"
    if letters[other] >= 3 and letters[other] / 5 * (2 if score < 2 else 1) >= len(words):
        return _CLOSE[other](text) if other in _CLOSE else other
    return latin


def _latin(words: list[str]) -> tuple[str, float]:
    """The language of words in Latin letters, and the evidence for it; "" where that is thin or undecided."""
    scores: dict[str, float] = {}
    for name, known in _KNOWN.items():
        hits = sum(1 / min(3, _SHARED[word]) for word in words if word in known)
        own = _LANGUAGES[name]["letters"]
        scores[name] = hits + 0.5 * sum(any(char in own for char in word) for word in words) if hits else 0
    if not words or not scores:
        return "", 0
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    score = scores[best]
    enough = score >= 1 and (len(words) >= 3 or score >= 2) and score >= 0.06 * len(words)
    if not enough or score < 1.15 * scores[second]:
        return "", score
    return best, score


def _cyrillic(text: str) -> str:
    text = text.lower()
    if re.search("[іїєґ]", text):
        return "Ukrainian" if "ў" not in text else "Belarusian"
    if re.search("[ђћџјљњ]", text):
        return "Serbian"
    return (
        "Bulgarian" if "ъ" in text and not re.search("[ыэё]", text) and text.count("ъ") * 60 > len(text) else "Russian"
    )


def _arabic(text: str) -> str:
    if re.search("[ٹڈڑےں]", text):
        return "Urdu"
    return "Persian" if len(re.findall("[پچژگکی]", text)) * 25 > len(text) else "Arabic"


_CLOSE = {"Cyrillic": _cyrillic, "Arabic": _arabic}
