"""What a task demands of its deliverable that can be checked without a model, read from the task's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..core.types import Demand
from . import counts, counts_zh, edges, parts, parts_zh, wording, wording_zh
from .asked import asked
from .each import of_each
from .json_demand import json_demand
from .language import detect
from .spans import Sentence, read

_COUNTED = ("sentences", "words", "characters", "paragraphs", "items", "lines")


def demands(text: str, language: str = "") -> tuple[Demand, ...]:
    """The demands of a task on the deliverable that can be checked mechanically, in the order of its words.

    A count that is about one part or about a thing in the story is not among them; one that is about each part says so.

    Args:
        text: The task.
        language: The language that the deliverable is to have, where that is known otherwise.
    """
    sentences = read(text)
    words, wanted = asked(text)
    own = detect(text)
    translated = bool(words) and wanted != own
    found: list[Demand] = []
    for sentence in sentences:
        for reader in (counts.counts, counts.listed, counts_zh.counts, counts_zh.listed):
            found += _once(reader(sentence, text))
        for reader in (wording.wordings, edges.edges, wording_zh.wordings, wording_zh.edges):
            found += [demand for demand in reader(sentence, text) if not translated or _is_quoted(demand)]
    found = list(_consistent(found))
    found += json_demand(sentences, text)
    if not translated:
        named = list(_parts(sentences, text, found))
        found += named
        if len(named) > 1:
            found += [demand for sentence in sentences for demand in of_each(sentence, text)]
    if language or wanted or (own and not words):
        found.append(Demand(words if wanted and not language else "", "language", value=language or wanted or own))
    return tuple(dict.fromkeys(found))


def _parts(sentences: list[Sentence], text: str, found: list[Demand]) -> Iterator[Demand]:
    said = {demand.value.lower() for demand in found if demand.kind in ("contains", "excludes")}
    for demand in list(parts.lines(sentences, text)) or [
        *parts.parts(sentences, text),
        *parts_zh.parts(sentences, text),
    ]:
        if demand.value.lower() not in said:
            yield demand


def _is_quoted(demand: Demand) -> bool:
    return bool(re.search("[\"'“”‘’「」『』«»„《》]", demand.text))


def _once(found: Iterable[Demand]) -> list[Demand]:
    """Leaves out exact counts of one kind that a sentence gives twice: "two lines on cats and two lines on dogs"."""
    several = list(found)
    exact = [demand.kind for demand in several if demand.low == demand.high]
    return [demand for demand in several if not (demand.low == demand.high and exact.count(demand.kind) > 1)]


def _consistent(found: list[Demand]) -> Iterator[Demand]:
    """Leaves out counts of one kind that cannot hold together: each is then about a part that was not recognised."""
    for demand in found:
        if demand.kind in _COUNTED:
            others = [other for other in found if other.kind == demand.kind and other is not demand]
            if any(not _together(demand, other) for other in others):
                continue
        yield demand


def _together(one: Demand, other: Demand) -> bool:
    low = max(one.low or 0, other.low or 0)
    high = min(one.high if one.high is not None else low, other.high if other.high is not None else low)
    return low <= high
