"""The counts that a task demands of its deliverable as a whole: sentences, words, characters, paragraphs, items, lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand, DemandKind
from .asking import DELIVERABLE, VERB, asks
from .numbers import AFTER, BOUND, NUMBER, Bounds, value_of
from .spans import Sentence

_UNIT = (
    r"(?P<sentences>sentences?)|(?P<words>words?)|(?P<characters>characters?|chars)|(?P<paragraphs>paragraphs?|stanzas?)"
    r"|(?P<items>bullet[- ]?points?|bullets?|(?:list |numbered )?items?|key points?|points"
    r"|(?:list )?entries|steps?)|(?P<lines>lines?)"
)
_ADJECTIVES = (
    r"(?:(?!(?:of|in|and|or|to|the|on|about|for|with|per|each|by|at|than|but|from|is|are|was|were"
    r"|sentences?|words?|paragraphs?|lines?|items?|more|fewer|less|characters?|points?|bullets?)\b)[a-z][a-z-]{1,14}[ ]){0,2}"
)
_COUNT = re.compile(
    rf"(?<![\w.])(?:(?:{BOUND})[ ](?:(?:about|only|the)[ ])?)?(?:between[ ]|from[ ]|either[ ])?"
    rf"(?P<number>{NUMBER}|a[ ]single|an?|only[ ]one)(?:[ ]?(?:-|–|—|to|or|and"
    rf"|/)[ ]?(?P<to>{NUMBER}))?(?:[ ]?[-‑][ ]?|[ ])"
    rf"{_ADJECTIVES}(?:{_UNIT})\b(?![-’'])(?:[ ]long|[ ]in[ ]length)?(?:,?[ ]\(?(?:{AFTER})(?![a-z]))?",
    re.IGNORECASE,
)
_OPEN_COUNT = re.compile(
    rf"(?:(?P<least>at least|no fewer than|no less than|a minimum of|minimum)|(?P<more>more than"
    rf"|over)) (?P<low>{NUMBER})(?: \w+)?,? "
    rf"(?:and|but|or|to)?,? ?(?:(?P<most>at most|no more than|not more than|up to|a maximum of|maximum"
    rf"|not exceed)|(?P<fewer>fewer than|less than|under)) "
    rf"(?P<high>{NUMBER}) {_ADJECTIVES}(?:{_UNIT})\b",
    re.IGNORECASE,
)
_BEFORE_NUMBER = re.compile(  # "50 or fewer words", "words: 50", "a word limit of 50", "word count: 100-150"
    rf"\b(?P<number>{NUMBER}) (?:{AFTER}) (?:{_UNIT})\b"
    rf"|\b(?:(?P<l_words>word)|(?P<l_characters>character)|(?P<l_sentences>sentence)|(?P<l_paragraphs>paragraph))s? "
    rf"(?:(?P<limit>limit|maximum|cap)|count|number)(?: (?:of|is|must be|should be|to)"
    rf"|:)? ?(?:{BOUND})? ?(?P<n2>{NUMBER})(?:[ ]?(?:-|–|to)[ ]?(?P<to>{NUMBER}))?",
    re.IGNORECASE,
)
_PER = r"(?:each|every|per|apiece|respectively|individually|both)"
_PER_BEFORE = re.compile(rf"\b{_PER}\b", re.IGNORECASE)
_PER_AFTER = re.compile(
    rf"^\)? ?(?:(?!(?:and|but|then|{NUMBER})\b)[\w'-]+ ){{0,4}}\(?{_PER}\b|^,? one (?:sentence |line )?\w+ each",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"^[ ,(]{0,2}(?:in total|altogether|overall|in all|total)\b", re.IGNORECASE)
_ORDINAL = r"(?:first|second|third|fourth|fifth|last|final|opening|closing|middle|next|other|remaining)"
_ONE_PART = re.compile(
    rf"\b(?:titles?|headlines?|headings?|subject|introduction|intro|conclusion|ending|opening|caption"
    rf"|postscript|footnotes?|preamble|lead|summary line"
    rf"|{_ORDINAL} (?:sentence|paragraph|line|section|part|word|bullet|stanza|item|point|one|half))\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\b(?:sections|parts|chapters|bullets|bullet points|points|items|steps|answers|sentences|lines"
    r"|paragraphs|stanzas|examples|entries|definitions|descriptions"
    r"|reasons|tips|ideas|verses|slides|slogans|titles|names|questions|haikus|poems|stories|summaries"
    r"|sentence|line|section|bullet|item|point)\b",
    re.IGNORECASE,
)
_SEQUENCE = re.compile(
    r"(?:\b(?:followed by|preceded by|then|plus|(?:end|start|begin|clos|open|finish"
    r"|conclud)\w{0,4}(?: it)? (?:with|by|on|in)|after that|afterwards?|first)"
    r"(?:,? (?:write|give|add|list))?|^(?:finally|then|next|first|second|lastly)\b[^,]{0,60},?[^,]{0,60}) ?$",
    re.IGNORECASE,
)
_SEQUEL = re.compile(r"^(?: \w+){0,8},? (?:followed by|and then|then)\b", re.IGNORECASE)
_GIVEN = re.compile(
    r"\b(?:the|these|those|this|that|first|last|next|all|his|her|their|its|other|another|previous|following|given) ?$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"(?:^|[,:;(–—]|\b(?:in|into|to|of|with|using|within|as|be|is|are|have|has|contains?|containing"
    rf"|consists? of|consisting of|comprising|comprises?|me|us|it|need|want|for|by"
    rf"|and|but|just|only|or|out|like|use|long|about|around|a|an|one|take|takes|span|spans|exceed|fill"
    rf"|totall?ing|reach|{VERB})) ?$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:who|whom|whose|where|that|which)\b", re.IGNORECASE)
_NEGATED = re.compile(r"(?:\b(?:not|cannot|never|without|avoid)|n't)\b(?:\W+\w+){0,3}\W*$", re.IGNORECASE)
_OF_THE_TEXT = re.compile(
    rf"\b{DELIVERABLE} (?:that|which) (?:(?:is|are|has|have|contains?|consists? of|uses?|does|may|can"
    rf"|stays?|fits?|runs?|must|should"
    r"|takes?)\b[^,]{0,30})?$",
    re.IGNORECASE,
)
_ONE_CONTAINER = re.compile(
    r"\b(?:a|one|single|the) (?:\w+ ){0,2}(?:paragraph|sentence|stanza|list)\b[^,]{0,30}$", re.IGNORECASE
)
_MAIN_OBJECT = re.compile(rf"^\W*(?:please )?{VERB} (?:me |us )?(?:an?|the|one) (?:[\w-]+ ){{0,2}}$", re.IGNORECASE)


def counts(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of an English sentence on how much there is of something in the whole deliverable."""
    mask = re.sub(r"\s", " ", sentence.mask)
    taken: list[tuple[int, int]] = []
    for match in _OPEN_COUNT.finditer(mask):
        if _of_the_whole(mask, match.start(), match.end(), match, True):
            low = value_of(match["low"]) + (1 if match["more"] else 0)
            high = value_of(match["high"]) - (1 if match["fewer"] else 0)
            yield _demand(sentence, text, match, _kind(match), Bounds(low, high))
        taken.append(match.span())
    for match in _BEFORE_NUMBER.finditer(mask):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        number = value_of(match["number"] or match["n2"])
        groups = {**match.groupdict(), "most": match["most"] or match["limit"]}
        to = value_of(match["to"]) if match["to"] else None
        if not _PER_BEFORE.search(mask[: match.start()]) and (asks(mask) or match["n2"]):
            yield _demand(sentence, text, match, _kind(match), Bounds.read(_bounds(groups), number, to, loose=True))
        taken.append(match.span())
    for match in _COUNT.finditer(mask):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        kind = _kind(match)
        number = 1 if match["number"].lower() in ("a single", "a", "an", "only one") else value_of(match["number"])
        to = value_of(match["to"]) if match["to"] else None
        bounds = Bounds.read(
            _bounds(match.groupdict(), mask[: match.start()]), number, to, loose=kind in ("words", "characters")
        )
        if kind == "items" and number == 1 and not bounds.explicit:
            continue  # in a single step
        if match["number"].lower() in ("a", "an") and not _is_a_text(mask, match, kind):
            continue
        if kind == "characters" and max(number, to or 0) < 20:
            continue  # the characters of a story
        if kind == "words" and re.search(
            r"\b(?:list|name|give|suggest|think of|find) (?:me )?$", mask[: match.start()], re.I
        ):
            continue  # a list of words
        if _of_the_whole(mask, match.start(), match.end(), match, bounds.explicit):
            yield _demand(sentence, text, match, kind, bounds)


def every_count(sentence: Sentence, text: str) -> Iterator[tuple[Demand, tuple[int, int]]]:
    """All counts of an English sentence, whatever they are about, each with its span in the sentence's mask."""
    for match in _COUNT.finditer(re.sub(r"\s", " ", sentence.mask)):
        kind, groups = _kind(match), _bounds(match.groupdict(), sentence.mask[: match.start()])
        if match["number"].lower() not in ("a", "an", "a single", "only one"):
            number, to = value_of(match["number"]), value_of(match["to"]) if match["to"] else None
            bounds = Bounds.read(groups, number, to, loose=kind in ("words", "characters"))
            yield _demand(sentence, text, match, kind, bounds), match.span()


def _kind(match: re.Match[str]) -> DemandKind:
    kinds: tuple[DemandKind, ...] = ("sentences", "words", "characters", "paragraphs", "items", "lines")
    groups = match.groupdict()
    return next(kind for kind in kinds if groups.get(kind) or groups.get(f"l_{kind}"))


def _bounds(groups: dict[str, str | None], before: str = "") -> dict[str, str | None]:
    """The groups that say how a number bounds; behind a "not", more than five is at most five."""
    turned = {"more": "most", "fewer": "least"} if _NEGATED.search(before) else {}
    return {turned.get(name, name): value for name, value in _bound_groups(groups).items() if value}


def _bound_groups(groups: dict[str, str | None]) -> dict[str, str | None]:
    return {
        name: value
        for name, value in groups.items()
        if name.removeprefix("after_") in ("most", "least", "more", "fewer", "about", "exact")
    }


def _demand(sentence: Sentence, text: str, match: re.Match[str], kind: DemandKind, bounds: Bounds) -> Demand:
    start, end = sentence.start + match.start(), sentence.start + match.end()
    return Demand(text[start:end].strip(" ,("), kind, bounds.low, bounds.high)


def _is_a_text(mask: str, match: re.Match[str], kind: DemandKind) -> bool:
    """Whether "a paragraph" or "in a sentence" is what is to be written; other units need a number."""
    before = mask[: match.start()]
    if kind not in ("sentences", "paragraphs"):
        return False
    if re.search(rf"(?:^|\b(?:please|{VERB}|me|us)) ?$", before, re.I):
        return not re.match(
            r"\s*(?:of (?!at|about|no|exactly|\d|one|two|three|four|five|six|seven|eight|ten|up)|(?:and|or|,) an? )",
            mask[match.end() :],
            re.I,
        )
    return bool(re.search(r"\b(?:in|as) $", before, re.I)) and not re.match(
        r"\s*(?:and|or|,) an? ", mask[match.end() :], re.I
    )


def _of_the_whole(mask: str, start: int, end: int, match: re.Match[str], explicit: bool) -> bool:
    """Whether a count is about the whole deliverable: not about each part, one part, a given text or a thing in the story."""
    before, after = mask[:start], mask[end:]
    total = bool(_TOTAL.match(after)) or "total" in match.group().lower()
    if _PER_AFTER.match(after) or (not total and _PER_BEFORE.search(before)):
        return False
    if not asks(mask):
        asked_at_the_end = re.search(r"\b(?:in|using|within) ?$", before, re.I) and re.match(
            r"[^a-z]*\?$", after.strip()
        )
        if not asked_at_the_end:
            return False
    segment = re.split(r"[,;:(]| and | but ", before)[-1]
    if re.match(r" ?of (?:code|python|javascript|dialogue each)\b", after, re.I) or re.match(
        r" (?:were|was|had|are)\b", after, re.I
    ):
        return False
    if _GIVEN.search(before):
        return False
    if _SEQUENCE.search(before[-120:]) or _SEQUEL.match(after):
        return False
    if not total and _is_nested(segment, before, after, explicit, match):
        return False
    if _RELATIVE.search(segment) and not _OF_THE_TEXT.search(before[-90:]):
        return False
    if (match.groupdict().get("about") or "").lower() == "about" and re.search(
        r"\b(?:an?|the) (?:\w+ ){1,3}$", before, re.I
    ):
        number = value_of(match["number"])
        if number < 20 and "long" not in match.group() and not re.search(r"\b(?:of|in|with|be|is) $", before, re.I):
            return False
    compound = re.search(r"[-‑]", match.group()) is not None
    return explicit or compound or bool(_PLACE.search(before))


def _is_nested(segment: str, before: str, after: str, explicit: bool, match: re.Match[str]) -> bool:
    """Whether the words before a count make it one of a part: "a title of five words", "three paragraphs of two sentences"."""
    if re.match(
        r" (?:\w+ )?(?:introduction|intro|conclusion|title|heading|headline|ending|opening|postscript|caption)\b",
        after,
        re.I,
    ):
        return not _MAIN_OBJECT.match(before)
    if _ONE_PART.search(segment):
        main = re.match(
            rf"^\W*(?:please )?{VERB} (?:me |us )?(?:an?|the|one) (?:[\w-]+ ){{0,2}}(?:title|headline|introduction"
            rf"|intro|conclusion|caption|opening|ending|heading)\b",
            before,
            re.I,
        )
        return not main or len(_ONE_PART.findall(before)) > 1
    if _ONE_CONTAINER.search(segment):
        return False
    joint = re.search(
        r"\b(?:in|using|within|into|under|total of) ?$", segment, re.I
    ) or match.group().lower().startswith(("within", "under"))
    return bool(_PARTS.search(segment)) and not joint


_LISTED = (
    r"(?:reasons|tips|ideas|examples|ways|suggestions|names|titles|facts|questions|benefits|advantages"
    r"|disadvantages|arguments|recommendations|rules"
    r"|headlines|slogans|synonyms|antonyms|options|alternatives|differences|similarities|pros|cons|causes"
    r"|effects|uses|features|strategies|methods|techniques"
    r"|risks|activities|exercises|jokes|riddles|proverbs|quotes|books|films|movies|songs|words|topics"
    r"|things|points|items|steps|goals|lessons|measures|habits)"
)
_LIST = re.compile(
    rf"\b(?:(?:list|name|enumerate|suggest|recommend|brainstorm|identify|find|pick|choose)(?: me| us"
    rf"| out)?(?: the| any| your)?(?: top| best| first| main| largest)?"
    rf"|(?:give|provide|write|generate|propose|state|come up with|offer|produce|create|tell|think of|make"
    rf"|need|want|show|present|mention|invent|draft)(?: me| us)?(?P<strict>)(?: the)?(?: top| best)?"
    rf"|(?:an? )?(?:\w+ )?list (?:of|with)(?: the)?(?: top| best)?|(?P<fragment>^)(?:the )?(?:top )?)"
    rf" ?(?:(?:{BOUND}) )?(?P<number>{NUMBER})(?: ?(?:-|–|to"
    rf"|or) ?(?P<to>{NUMBER}))? {_ADJECTIVES}(?P<noun>[a-z][a-z-]+s|people|children|women|men|mice|fish"
    rf"|species)\b",
    re.IGNORECASE,
)
_SECOND = re.compile(
    rf"^[^.;]{{0,60}}(?:,|\band\b|\bplus\b"
    rf"|\bas well as\b) (?:also )?(?:(?:{BOUND.replace('?P<', '?P<x')}) )?{NUMBER} (?!of\b)[a-z]",
    re.IGNORECASE,
)
_NOT_LISTED = re.compile(
    r"(?:sentences|words|paragraphs|lines|characters|stanzas|bullets|points|items|steps|entries|hours"
    r"|minutes|days|years|times|dollars|euros|parts|sections)$",
    re.I,
)


def listed(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The number of things that an English sentence wants to be listed."""
    mask = re.sub(r"\s", " ", sentence.mask)
    if not asks(mask):
        return
    for match in _LIST.finditer(mask):
        noun = match["noun"].lower()
        verb = match.group().lower()
        words = noun == "words" and re.match(r"(?:list|name|suggest|find|think of|give)", verb)
        if (_NOT_LISTED.search(noun) and not words) or (
            match["strict"] is not None and not re.fullmatch(_LISTED, noun)
        ):
            continue
        if match["fragment"] is not None and not re.fullmatch(_LISTED, noun):
            continue
        number, after = value_of(match["number"]), mask[match.end() :]
        if number < 2 or _PER_AFTER.match(after) or _PER_BEFORE.search(mask[: match.start()]) or _SECOND.match(after):
            continue
        bounds = Bounds.read(_bounds(match.groupdict()), number, value_of(match["to"]) if match["to"] else None)
        start = sentence.start + match.start()
        yield Demand(text[start : sentence.start + match.end()].strip(), "items", bounds.low, bounds.high)
