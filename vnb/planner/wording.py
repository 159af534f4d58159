"""What the deliverable of an English task must or must not say, and what it must begin or end with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand, DemandKind
from .asking import DELIVERABLE, VERB, asks
from .spans import QUOTED, Sentence

Value = tuple[int, int, str]
"""Where a value stands in its sentence, and the value."""

NOT = re.compile(
    r"\b(?:do(?:es)? not|don't|doesn't|never|must not|mustn't|should not|shouldn't|may not|cannot|can not|can't|shall not|not|without|avoid(?:ing)?|refrain from"
    r"|nor|no|forbidden|not allowed|leave out|omit(?:ting)?|exclud(?:e|ing)|skip(?:ping)?|nowhere|free of)\b(?:\W+[\w']+){0,4}\W*$",
    re.IGNORECASE,
)
_IF = re.compile(r"\b(?:if|when|unless|whether|whenever|where|how|why)\b[^,]{0,60}$", re.IGNORECASE)
_NOUN = r"(?P<noun>words?|phrases?|terms?|expressions?|names?|sentences?|letters?|keywords?|hashtags?|numbers?|line|title|string)"
_QUOTES = "“”\"„«»「」『』'‘’＂《》` "
_SAYING = (
    r"(?:us(?:e|es|ing)|includ(?:e|es|ing)|contain(?:s|ing)?|mention(?:s|ing)?|say(?:s|ing)?|writ(?:e|ing)|featur(?:e|es|ing)|work in|insert|have|has|with|without"
    r"|avoid(?:ing)?|omit|exclude|add(?:ing)?|quote|no|repeat|employ|incorporate|weave in)"
)
_NAMED = re.compile(
    rf"\b(?P<verb>{_SAYING}) (?:only )?(?:(?:(?:any|all|each|both|either|one|none) of the|the|any|all|both|a|an|these|this|following) ){{0,2}}"
    rf"(?:(?:exact|following|three|two|four|five|single|key|English) ){{0,2}}{_NOUN}:? ?",
    re.IGNORECASE,
)
_QUOTED_OBJECT = re.compile(
    rf"\b(?P<verb>{_SAYING}|refer(?:ring)? to)(?: the| both| either| all of| it)?(?: following)?:? (?={QUOTED})", re.IGNORECASE
)
_APPEARS = re.compile(
    rf"\bthe (?P<noun>words?|phrases?|terms?|letters?|names?|sentences?)? ?(?P<value>{QUOTED}+(?:(?:,|,? and|,? or) {QUOTED}+)*|[\w-]{{1,20}}) "
    r"(?P<must>must not|mustn't|should not|shouldn't|may not|cannot|can't|is not to|are not to|must never|must|should|ha(?:s|ve) to|needs? to|is to|may never)"
    r" (?:not |never )?(?:be )?(?:appear|occur|used|mentioned|included|contained|show up|present|come up|written)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"\b(?P<verb>mention(?:s|ing)?(?: of)?|refer(?:s|ring)? to|references? to|talk(?:ing)? about|speak(?:ing)? (?:of|about)|bring(?:ing)? up|nam(?:e|ing)|discuss(?:ing)?) ",
    re.IGNORECASE,
)
_PIECE_END = re.compile(
    r"[.;:!?()\n–—]|\b(?:in|by|when|while|unless|until|because|so|if|for|at|on|but|anywhere|ever|explicitly|directly|again|twice|once|more|yet|only|either|too"
    r"|as|anymore|of|with|within|during|from|exactly|before|after|somewhere|somehow|that|which|who|where|to|neither|please|throughout|and (?:do|don't|never|end|begin|start|use|keep|write|make))\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"^(?:(?:both|either|neither|the|a|an|any|some|its|his|her|their|your|our|my|this|such|all|word|words|name)\s+)+", re.IGNORECASE)
_VAGUE = re.compile(
    r"^(?:it|them|him|her|you|me|us|yourself|anything|anyone|everything|something|nothing|that|how|why|what|whether|who|where|when|each|every|at|one|two|three|four|five"
    r"|several|many|more|other|others|few|no|\d+|this|these|those|exactly|only|here|facts?|details?|things?|examples?|people|sources?|reasons?)\b",
    re.IGNORECASE,
)


def split(mask: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces of a list between two offsets: between commas, "and" and "or"."""
    at = start
    for match in [*re.finditer(r",|;|&|\b(?:and|or|nor)\b", mask[start:end], re.IGNORECASE), None]:
        close = start + match.start() if match else end
        piece = mask[at:close]
        if piece.strip():
            yield at + len(piece) - len(piece.lstrip()), at + len(piece.rstrip())
        at = start + match.end() if match else end


def _quoted(mask: str, text: str, at: int) -> list[Value]:
    """The quoted values that stand in a row from an offset on."""
    found: list[Value] = []
    for match in re.finditer(rf"{QUOTED}+", mask[at : at + 400]):
        gap = mask[at + (0 if not found else found[-1][1] - at) : at + match.start()]
        if not re.fullmatch(r"\s*(?:,?\s*(?:and|or|nor)?(?: the words?| the phrase)?)?\s*", gap, re.IGNORECASE):
            break
        start, end = at + match.start(), at + match.end()
        found += [(start, end, piece) for piece in [text[start:end].strip(_QUOTES).rstrip(",")] if piece]
    return found


def _bare(mask: str, at: int, noun: str) -> list[Value]:
    """The unquoted words behind "the word", "the words", "the letter"; a phrase reaches to the end of its clause."""
    if re.match(r"(?:phrase|expression|sentence|line|title|string)", noun, re.IGNORECASE):
        match = re.match(r"[^.;:!?,()\n]{1,60}", mask[at:])
        words = match.group().strip() if match else ""
        return [(at, at + len(words), words)] if words and words[:1].isupper() else []
    found: list[Value] = []
    plural = noun.lower().endswith("s")
    while match := re.match(r"[#\w][\w'’-]{0,30}", mask[at:]):
        word = match.group()
        if not found and re.match(r"(?:of|in|that|which|you|from|for|is|are|on|to|as|below|above|given|count|limit|order|and|or|must|should|only|per|with)$", word, re.I):
            break
        found.append((at, at + len(word), word))
        more = re.match(r"(?:,? (?:and|or|nor) (?:the word )?|, (?:and |or )?)(?=[\w])", mask[at + len(word) :], re.IGNORECASE)
        if not more or not (plural or "or" in more.group() or "nor" in more.group()):
            break
        at += len(word) + more.end()
        if re.match(rf"(?:{VERB}|it|the|in)\b", mask[at:], re.IGNORECASE):
            break
    return found


def _nouns(mask: str, at: int) -> list[Value]:
    """The things that "mention …" names: short noun phrases, without their articles."""
    stop = _PIECE_END.search(mask, at)
    end = min(stop.start() if stop else len(mask), at + 200)
    if stop and stop.group().lower() in ("of", "that", "which", "who", "where", "to") and not re.search(r"\b(?:,|and|or)\b", mask[at:end]):
        return []
    found: list[Value] = []
    for start, close in split(mask, at, end):
        piece = mask[start:close]
        value = _DETERMINER.sub("", piece).strip(" '\"*_")
        if re.match(rf"(?:{VERB}|not|never)\b", piece, re.I) and not _DETERMINER.match(piece) and " " in piece:
            break
        if not value or _VAGUE.match(value) or len(value.split()) > 3:
            break
        found.append((close - len(piece) + piece.rfind(value), close - len(piece) + piece.rfind(value) + len(value), value))
    return found


def wordings(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of an English sentence on what must and what must not be said."""
    mask, written = re.sub(r"\s", " ", sentence.mask), sentence.of(text)
    seen: set[int] = set()

    def demand(values: list[Value], kind: DemandKind, start: int) -> Iterator[Demand]:
        for at, end, value in values:
            if at not in seen:
                seen.add(at)
                yield Demand(written[start:end] if len(values) == 1 else written[start : values[-1][1]], kind, value=value)

    for match in _APPEARS.finditer(mask):
        values = _quoted(mask, written, match.start("value")) or ([(*match.span("value"), match["value"])] if match["noun"] else [])
        negative = re.search(r"not|n't|never", match.group()[match.start("must") - match.start() :], re.I)
        yield from demand(values, "excludes" if negative else "contains", match.start())
    ends = [match.span() for match in _EDGE.finditer(mask)]
    for pattern in (_NAMED, _QUOTED_OBJECT, _MENTION):
        for match in pattern.finditer(mask):
            before = mask[: match.start()]
            verb = match["verb"].lower()
            kind = _kind(before, verb)
            if any(start <= match.start() < end for start, end in ends) or _IF.search(before) or not (asks(mask) or kind == "excludes"):
                continue
            if re.search(r"\b(?:each|every|per)\b", before, re.I) and kind == "contains":
                continue
            values = _quoted(mask, written, match.end())
            if not values and pattern is _NAMED:
                values = _bare(mask, match.end(), match["noun"])
            if not values and pattern is _MENTION and (kind == "excludes" or verb.startswith(("mention", "refer"))):
                values = _nouns(mask, match.end())
            if values and re.match(r" (?:as|at) (?:the|its) (?:first|last|final|opening|closing|end|start|beginning)", mask[values[-1][1] :], re.I):
                continue
            if verb in ("write", "writing", "say", "says", "saying", "with") and pattern is _QUOTED_OBJECT and kind == "contains" and verb != "with":
                continue  # "write 'X' in capitals" is about a text, not about a word in one
            negation = NOT.search(before)
            yield from demand(values, kind, negation.start() if negation and kind == "excludes" else match.start())


def _kind(before: str, verb: str) -> DemandKind:
    clause = re.split(r"[,;:.]| but | and (?=(?:mention|include|use|end|begin|start|write|say)\b)", before)[-1]
    negative = verb in ("without", "avoid", "avoiding", "omit", "exclude", "no") or NOT.search(clause)
    return "excludes" if negative else "contains"


_EDGE = re.compile(
    rf"\b(?P<verb>begin|beginning|begins|start|starting|starts|open|opening|opens|end|ending|ends|finish|finishing|finishes|conclude|concluding|concludes|close|closing|closes)"
    rf"(?: (?P<what>it|off|(?:the|your|this|its|every|each|all|both|up) ?(?:[\w-]+ ?){{0,3}}?))? ?\b(?:with|on|by saying|by writing|using|in)(?P<colon>:)? "
    rf"(?:exactly )?(?:(?:the|these|this|a|an|one) )?(?:(?:exact|following|single|two|three|four|very) )*"
    rf"(?:(?P<noun>words?|phrase|sentence|line|letter|greeting|sign-off|slogan|hashtag|expression|question|exclamation(?: mark| point)?|question mark|full stop|period)\b:? ?)?",
    re.IGNORECASE,
)
_EDGE_WORD = re.compile(
    rf"\b(?:the|its|your) (?:very )?(?P<edge>first|last|final|opening|closing) (?P<noun>words?|sentence|line|phrase)(?: of (?:the|your|this) {DELIVERABLE})?"
    r"(?: (?:must|should|has to|have to|is to|needs to|shall))?(?: be| is| are| read|:)+:? (?:exactly )?(?:the (?:word|phrase|sentence)s? )?",
    re.IGNORECASE,
)
_AS_EDGE = re.compile(
    rf"\b(?i:us\w+|with|have|put|write|place|includ\w+) (?:the (?:word|phrase|sentence)s? )?(?P<value>{QUOTED}+|[A-Z][\w-]{{1,20}}) (?:as (?:the|its|your) (?:very )?"
    r"(?P<edge>first|last|final|opening|closing) (?:words?|sentence|line|phrase)|at (?:the|its) (?:very )?(?P<place>end|start|beginning))",
)
_MARKS = {"question": "?", "question mark": "?", "exclamation": "!", "exclamation mark": "!", "exclamation point": "!", "full stop": ".", "period": "."}
_CALENDAR = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december", re.I)


def edges(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of an English sentence on what the deliverable begins and ends with."""
    mask, written = re.sub(r"\s", " ", sentence.mask), sentence.of(text)
    about_it = asks(mask) or re.search(rf"\b(?:it|{DELIVERABLE})\b", mask, re.IGNORECASE)
    for match in _EDGE.finditer(mask) if about_it else ():
        before, what = mask[: match.start()], match["what"] or ""
        if NOT.search(before) or re.search(r"\b(?:each|every|all|both|first|second|third|last|final|paragraphs|lines|sentences|section|list)\b", f"{before[-60:]} {what}", re.I):
            continue
        kind: DemandKind = "starts" if match["verb"].lower()[0] in "bso" else "ends"
        noun = (match["noun"] or "").lower()
        value = _edge_value(mask, written, match.end(), noun, kind)
        if value:
            yield Demand(written[match.start() : value[1]], kind, value=value[2])
    for match in _EDGE_WORD.finditer(mask):
        value = _edge_value(mask, written, match.end(), match["noun"].lower(), "ends")
        if value and not re.search(r"\b(?:each|every)\b", mask, re.I):
            yield Demand(written[match.start() : value[1]], "starts" if match["edge"].lower() in ("first", "opening") else "ends", value=value[2])
    for match in _AS_EDGE.finditer(mask):
        start, end = match.span("value")
        edge = match["edge"] or match["place"]
        yield Demand(
            written[match.start() : match.end()], "starts" if edge in ("first", "opening", "start", "beginning") else "ends",
            value=written[start:end].strip(_QUOTES),
        )  # fmt: skip


def _edge_value(mask: str, written: str, at: int, noun: str, kind: DemandKind) -> Value | None:
    if values := _quoted(mask, written, at)[:1]:
        return values[0]
    if noun in _MARKS:
        return (at, len(mask[:at].rstrip()), _MARKS[noun]) if kind == "ends" else None
    match = re.match(r"[^.;:,()\n!?]{1,80}[!?]?", mask[at:])
    if not match:
        return None
    words = re.split(r" (?:and|but|then) (?=[a-z])", match.group())[0].rstrip()
    if noun in ("word", "letter", "hashtag"):
        first = re.match(r"[#\w][\w'’-]*[!?]?", words)
        return (at, at + first.end(), first.group()) if first and first.group() not in ("that", "of", "which", "you") else None
    if noun in ("words", "phrase", "sentence", "line", "expression", "greeting", "slogan", "sign-off", "question"):
        return (at, at + len(words), words) if words[:1].isupper() or (noun == "words" and words) else None
    if not words[:1].isupper() or _CALENDAR.match(words) or mask[at - 2 : at] in ("a ", "e ") and len(words.split()) > 4:
        return None
    return (at, at + len(words), words)
