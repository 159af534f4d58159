"""What the deliverable of an English task must begin or end with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand, DemandKind
from .asking import DELIVERABLE, asks, is_about_another
from .spans import QUOTED, QUOTES, Sentence, quotations

Value = tuple[int, int, str]
"""Where a value stands in its sentence, and the value."""

NOT = re.compile(
    r"\b(?:do(?:es)? not|don't|doesn't|never|must not|mustn't|should not|shouldn't|may not|cannot|can not"
    r"|can't|shall not|not|without|avoid(?:ing)?|refrain from"
    r"|nor|no|forbidden|not allowed|leave out|omit(?:ting)?|exclud(?:e|ing)|skip(?:ping)?|nowhere"
    r"|free of)\b(?:\W+[\w']+){0,4}\W*$",
    re.IGNORECASE,
)
EDGE = re.compile(
    r"\b(?P<verb>begin|beginning|begins|start|starting|starts|open|opening|opens|end|ending|ends|finish"
    r"|finishing|finishes|conclude|concluding|concludes|close|closing|closes)"
    r"(?: (?P<what>it|off|(?:the|your|this|its|every|each|all|both|up) ?(?:[\w-]+ ?){0,3}?))? ?\b(?:with"
    r"|on|by saying|by writing|using|in)(?P<colon>:)? "
    r"(?:exactly )?(?:(?:the|these|this|a|an|one) )?(?:(?:exact|following|single|two|three|four|very) )*"
    r"(?:(?P<noun>words?|phrase|sentence|line|letter|greeting|sign-off|slogan|hashtag|expression|question"
    r"|exclamation(?: mark| point)?|question mark|full stop|period)\b:? ?)?",
    re.IGNORECASE,
)
_EDGE_WORD = re.compile(
    rf"\b(?:the|its|your|whose|with a|with) (?:very )?(?P<edge>first|last|final|opening"
    rf"|closing) (?P<noun>words?|sentence"
    rf"|line|phrase)(?: of (?:the|your|this) {DELIVERABLE})?"
    r"(?: (?:must|should|has to|have to|is to|needs to|shall))?(?: be| is| are| read"
    r"|:)+:? (?:exactly )?(?:the (?:word|phrase|sentence)s? )?",
    re.IGNORECASE,
)
_AS_EDGE = re.compile(
    rf"\b(?i:us\w+|with|have|put|write|place|includ\w+) (?:the (?:word|phrase"
    rf"|sentence)s? )?(?P<value>{QUOTED}+|[A-Z][\w-]{{1,20}}) (?:as (?:the|its|your) (?:very )?"
    r"(?P<edge>first|last|final|opening|closing) (?:words?|sentence|line|phrase)|at (?:the"
    r"|its) (?:very )?(?P<place>end|start|beginning))",
)
_MARKS = {
    "question": "?",
    "question mark": "?",
    "exclamation": "!",
    "exclamation mark": "!",
    "exclamation point": "!",
    "full stop": ".",
    "period": ".",
}
_CALENDAR = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|september|october|november|december",
    re.I,
)


def edges(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of an English sentence on what the deliverable begins and ends with."""
    mask, written = re.sub(r"\s", " ", sentence.mask), sentence.of(text)
    about_it = asks(mask) or re.search(rf"\b(?:it|{DELIVERABLE})\b", mask, re.IGNORECASE)
    for match in EDGE.finditer(mask) if about_it else ():
        before, what = mask[: match.start()], match["what"] or ""
        if (
            NOT.search(before)
            or is_about_another(before)
            or re.search(
                r"\b(?:each|every|all|both|first|second|third|last|final|paragraphs|lines|sentences|section|list)\b",
                f"{before[-60:]} {what}",
                re.I,
            )
        ):
            continue
        kind: DemandKind = "starts" if match["verb"].lower()[0] in "bso" else "ends"
        noun = (match["noun"] or "").lower()
        value = _edge_value(mask, written, match.end(), noun, kind)
        if value:
            yield Demand(written[match.start() : value[1]], kind, value=value[2])
    for match in _EDGE_WORD.finditer(mask):
        value = _edge_value(mask, written, match.end(), match["noun"].lower(), "ends")
        if value and not re.search(r"\b(?:each|every)\b", mask, re.I):
            yield Demand(
                written[match.start() : value[1]],
                "starts" if match["edge"].lower() in ("first", "opening") else "ends",
                value=value[2],
            )
    for match in _AS_EDGE.finditer(mask):
        start, end = match.span("value")
        edge = match["edge"] or match["place"]
        yield Demand(
            written[match.start() : match.end()], "starts" if edge in ("first", "opening", "start", "beginning") else "ends",
            value=written[start:end].strip(QUOTES),
        )  # fmt: skip


def _edge_value(mask: str, written: str, at: int, noun: str, kind: DemandKind) -> Value | None:
    if values := quoted(mask, written, at)[:1]:
        return values[0]
    if noun in _MARKS:
        return (at, len(mask[:at].rstrip()), _MARKS[noun]) if kind == "ends" else None
    match = re.match(r"[^.;:,()\n!?]{1,80}[!?]?", mask[at:])
    if not match:
        return None
    words = re.split(r" (?:and|but|then) (?=[a-z])", match.group())[0].rstrip()
    if noun in ("word", "letter", "hashtag"):
        first = re.match(r"[#\w][\w'’-]*[!?]?", words)
        return (
            (at, at + first.end(), first.group())
            if first and first.group() not in ("that", "of", "which", "you")
            else None
        )
    if noun in ("words", "phrase", "sentence", "line", "expression", "greeting", "slogan", "sign-off", "question"):
        return (at, at + len(words), words) if words[:1].isupper() or (noun == "words" and words) else None
    if (
        not words[:1].isupper()
        or _CALENDAR.match(words)
        or (mask[at - 2 : at] in ("a ", "e ") and len(words.split()) > 4)
    ):
        return None
    return (at, at + len(words), words)


def quoted(mask: str, text: str, at: int) -> list[Value]:
    """The quoted values that stand in a row from an offset on."""
    found: list[Value] = []
    for match in re.finditer(rf"{QUOTED}+", mask[at : at + 400]):
        gap = mask[at + (0 if not found else found[-1][1] - at) : at + match.start()]
        if not re.fullmatch(r"\s*(?:,?\s*(?:and|or|nor)?(?: the words?| the phrase)?)?\s*", gap, re.IGNORECASE):
            break
        start, end = at + match.start(), at + match.end()
        found += [(text.find(piece, start), end, piece) for piece in quotations(text[start:end])]
    return found
