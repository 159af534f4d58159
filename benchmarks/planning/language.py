"""Which of the bench's two languages a text is in, by its script."""

from __future__ import annotations

import re

from .items import Language

HAN = r"\u3400-\u9fff"
_NO_WORDS = re.compile(r"```.*?```|\\\[.*?\\\]|\\\(.*?\\\)|\$\$?[^$\n]+\$\$?|https?://\S+", re.DOTALL)


def language_of(text: str) -> Language | None:
    """The language of most of the words; `None` where there are none to tell by, as in a bare number.

    Code and formulas are left out, unless there is nothing else.
    """
    for words in (_NO_WORDS.sub(" ", text), text):
        han = len(re.findall(f"[{HAN}]", words))
        latin = len(re.findall(r"[A-Za-zÀ-ÿ]{3,}", words))
        if han or latin:  # a Chinese word has about two characters
            return "zh" if han >= 2 * latin or (han >= 20 and han > latin) else "en"
    return None


def lengths(text: str) -> dict[Language, int]:
    """How long a text is in English words and in Chinese characters, without punctuation; foreign words count as one."""
    latin = len(re.findall(r"[^\W_]+(?:['’.,:/_-][^\W_]+)*", re.sub(f"[{HAN}]", " ", text)))
    han = len(re.findall(f"[{HAN}]", text))
    return {"en": latin + han, "zh": han + latin}


def sentences(text: str) -> list[str]:
    """The sentences of a text. A line is one sentence at least; a heading or a bold line is none."""
    found: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        if re.match(r"#+\s|(?:\*\*|__)[^*]+(?:\*\*|__):?$|```|[-*_]{3,}$|\|", line):
            continue
        line = re.sub(r"^(?:[-*•+]|\(?\d+[.)、])\s+", "", line)
        line = re.sub(r"\b(Mr|Mrs|Ms|Dr|St|e\.g|i\.e|etc|vs|No)\.(?=\s)", r"\1", line)
        pieces = re.split(r"(?<=[.!?])[\"'”’)*]*\s+(?=[^a-z\s])|(?<=[。！？])[”’」』）*]*", line)
        found += [piece.strip() for piece in pieces if re.search(r"\w", piece)]
    return found
