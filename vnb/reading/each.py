"""How much a task demands of each part of its deliverable, as in "each section has at least three sentences"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..core.types import Demand
from . import counts, counts_zh
from .spans import Sentence

KINDS = ("sentences", "words", "characters", "paragraphs")
"""What a part is counted in."""

_PART = r"(?:sub)?(?:sections?|parts?|chapters?|headings?|topics?|aspects?|points?|questions?|areas?|themes?|phases?|stages?)"
_OF_EACH = (
    rf"\b(?:each|every|all|both|per)(?: (?:single )?one)?(?: of)?(?: (?:the|these|those|your|its|them))?(?: {_PART})?\b"
)
_NAMED = re.compile(
    rf"{_PART}|\b(?:of|about|on|for) (?:them|these|those|each)|\bone\b|\beach (?:of|has|have|should|must)"
)
_BEFORE = re.compile(rf"(?P<of>{_OF_EACH})[^.;:]{{0,40}}$", re.I)
_AFTER = re.compile(rf"^ ?(?:(?:for|about|on|in|to|under|long|of text|of prose|,) ?)?(?P<of>{_OF_EACH})", re.I)
_OTHER = re.compile(
    r"\b(?:lines?|bullets?|items?|steps?|paragraphs?|sentences?|stanzas?|poems?|jokes?|stories|titles?|headings?|examples?"
    r"|names?|slogans?|answers?|definitions?|reasons?|tips?|ideas?)\b",
    re.I,
)
_PART_ZH = "(?:部分|小?节|章节?|方面|要点|点|主题|板块|环节|阶段|话题|问题)"
_BEFORE_ZH = re.compile(f"(?:每(?:一|个|一个)?|各个?){_PART_ZH}(?:的?(?:内容|篇幅|字数|长度))?[^，。；、]{{0,12}}$")
_AFTER_ZH = re.compile(f"^[^，。；、]{{0,4}}(?:每(?:一|个|一个)?|各个?){_PART_ZH}")


def of_each(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The one count that a sentence demands of each part of the deliverable, in English or Chinese."""
    mask = re.sub(r"\s", " ", sentence.mask)
    found = [
        *((demand, at) for demand, at in counts.every_count(sentence, text) if _is_of_each(mask, *at)),
        *((demand, at) for demand, at in counts_zh.every_count(sentence, text) if _is_of_each_zh(mask, *at)),
    ]
    if len(found) == 1 and found[0][0].kind in KINDS:
        yield replace(found[0][0], each=True)


def _is_of_each(mask: str, start: int, end: int) -> bool:
    before, after = mask[:start], mask[end:]
    if re.search(r"\b(?:together|in total|combined|altogether|overall)\b", mask, re.I):
        return False
    found = _BEFORE.search(before)
    if found is not None:
        said = before[found.start() :]
        return bool(_NAMED.search(said)) and not _OTHER.search(said.replace("points", "").replace("headings", ""))
    found = _AFTER.match(after)
    if found is None:
        return False
    if _NAMED.search(found.group()):
        return True
    listed = re.search(_PART, before, re.I) and not _OTHER.search(re.split("[.,;:]", before)[-1])
    return bool(listed) and not re.match(r" \w", after[found.end() :])


def _is_of_each_zh(mask: str, start: int, end: int) -> bool:
    return bool(_BEFORE_ZH.search(mask[:start]) or _AFTER_ZH.match(mask[end:]))
