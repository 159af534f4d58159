"""What the deliverable of an English task must or must not say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand, DemandKind
from .asking import VERB, asks, is_about_another
from .edges import EDGE, NOT, Value, quoted
from .spans import QUOTED, Sentence

_IF = re.compile(r"\b(?:if|when|unless|whether|whenever|where|how|why)\b[^,]{0,60}$", re.IGNORECASE)
_NOUN = (
    r"(?P<noun>words?|phrases?|terms?|expressions?|names?|sentences?|letters?|keywords?|hashtags?|numbers?"
    r"|line|title|string)"
)
_SAYING = (
    r"(?:us(?:e|es|ing)|includ(?:e|es|ing)|contain(?:s|ing)?|mention(?:s|ing)?|say(?:s|ing)?|writ(?:e|ing)"
    r"|featur(?:e|es|ing)|work in|insert|have|has|with|without"
    r"|avoid(?:ing)?|omit(?:ting)?|exclud(?:e|ing)|leav(?:e|ing) out|drop|skip|add(?:ing)?|quote|no|repeat"
    r"|employ|incorporate|weave in)"
)
_NAMED = re.compile(
    rf"\b(?P<verb>{_SAYING}) (?:only )?(?:(?:(?:any|all|each|both|either|one|none) of the|the|any|all|both"
    rf"|a|an|these|this|following) ){{0,2}}"
    rf"(?:(?:exact|following|three|two|four|five|single|key|English) ){{0,2}}{_NOUN}:? ?",
    re.IGNORECASE,
)
_QUOTED_OBJECT = re.compile(
    rf"\b(?P<verb>{_SAYING}|refer(?:ring)? to)(?: the| both| either| all of| it)?(?: following)?:? (?={QUOTED})",
    re.IGNORECASE,
)
_APPEARS = re.compile(
    rf"\bthe (?P<noun>words?|phrases?|terms?|letters?|names?|sentences?)? ?(?P<value>{QUOTED}+(?:(?:,"
    rf"|,? and|,? or) {QUOTED}+)*|[\w-]{{1,20}}) "
    r"(?P<must>must not|mustn't|should not|shouldn't|may not|cannot|can't|is not to|are not to|must never"
    r"|must|should|ha(?:s|ve) to|needs? to|is to|may never)"
    r" (?:not |never )?(?:be )?(?:appear|occur|used|mentioned|included|contained|show up|present|come up|written)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"\b(?P<verb>mention(?:s|ing)?(?: of)?|refer(?:s|ring)? to|references? to|talk(?:ing)? about"
    r"|speak(?:ing)? (?:of|about)|bring(?:ing)? up|nam(?:e|ing)|discuss(?:ing)?) ",
    re.IGNORECASE,
)
_PIECE_END = re.compile(
    r"[.;:!?()\n–—]|\b(?:in|by|when|while|unless|until|because|so|if|for|at|on|but|anywhere|ever"
    r"|explicitly|directly|again|twice|once|more|yet|only|either|too"
    r"|as|anymore|of|with|within|during|from|exactly|before|after|somewhere|somehow|that|which|who|where"
    r"|to|neither|please|throughout|and (?:do|don't|never|end|begin|start|use|keep|write|make))\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"^(?:(?:both|either|neither|the|a|an|any|some|its|his|her|their|your|our|my|this|such|all|word|words|name)\s+)+",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:it|them|him|her|you|me|us|yourself|anything|anyone|everything|something|nothing|that|how|why"
    r"|what|whether|who|where|when|each|every|at|one|two|three|four|five"
    r"|several|many|more|other|others|few|no|\d+|this|these|those|exactly|only|here|facts?|details?"
    r"|things?|examples?|people|sources?|reasons?)\b",
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
        if not found and re.match(
            r"(?:of|in|that|which|you|from|for|is|are|on|to|as|below|above|given|count|limit|order|and|or|must"
            r"|should|only|per|with)$",
            word,
            re.I,
        ):
            break
        found.append((at, at + len(word), word))
        more = re.match(
            r"(?:,? (?:and|or|nor) (?:the word )?|, (?:and |or )?)(?=[\w])", mask[at + len(word) :], re.IGNORECASE
        )
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
    if (
        stop
        and stop.group().lower() in ("of", "that", "which", "who", "where", "to")
        and not re.search(r"\b(?:,|and|or)\b", mask[at:end])
    ):
        return []
    found: list[Value] = []
    for start, close in split(mask, at, end):
        piece = mask[start:close]
        value = _DETERMINER.sub("", piece).strip(" '\"*_")
        if re.match(rf"(?:{VERB}|not|never)\b", piece, re.I) and not _DETERMINER.match(piece) and " " in piece:
            break
        if not value or _VAGUE.match(value) or len(value.split()) > 3:
            break
        found.append(
            (close - len(piece) + piece.rfind(value), close - len(piece) + piece.rfind(value) + len(value), value)
        )
    return found


_MARK = re.compile(
    r"\b(?:us(?:e|ing)|contain(?:ing)?|includ(?:e|ing)|with|without|have|write|no|avoid(?:ing)?)(?: any| a)? "
    r"(?P<mark>commas?|exclamation (?:marks?|points?)|question marks?|semicolons?|colons?|hashtags?)\b",
    re.IGNORECASE,
)
_MARKS = {
    "comma": ",",
    "exclam": "!",
    "questi": "?",
    "semico": ";",
    "colons": ":",
    "colon": ":",
    "commas": ",",
    "hashta": "#",
}


def _marks(mask: str, written: str) -> Iterator[Demand]:
    """The punctuation marks that must not be used."""
    for match in _MARK.finditer(mask):
        if _kind(mask[: match.start()], match.group().partition(" ")[0].lower()) == "excludes":
            yield Demand(written[match.start() : match.end()], "excludes", value=_MARKS[match["mark"].lower()[:6]])


def wordings(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of an English sentence on what must and what must not be said."""
    mask, written = re.sub(r"\s", " ", sentence.mask), sentence.of(text)
    seen: set[int] = set()

    def demand(values: list[Value], kind: DemandKind, start: int) -> Iterator[Demand]:
        for at, end, value in values:
            if at not in seen:
                seen.add(at)
                yield Demand(
                    written[start:end] if len(values) == 1 else written[start : values[-1][1]], kind, value=value
                )

    for match in _APPEARS.finditer(mask):
        values = quoted(mask, written, match.start("value")) or (
            [(*match.span("value"), match["value"])] if match["noun"] else []
        )
        negative = re.search(r"not|n't|never", match.group()[match.start("must") - match.start() :], re.I)
        yield from demand(values, "excludes" if negative else "contains", match.start())
    yield from _marks(mask, written)
    ends = [match.span() for match in EDGE.finditer(mask)]
    for pattern in (_NAMED, _QUOTED_OBJECT, _MENTION):
        for match in pattern.finditer(mask):
            before = mask[: match.start()]
            verb = match["verb"].lower()
            kind = _kind(before, verb)
            if (
                any(start <= match.start() < end for start, end in ends)
                or _IF.search(before)
                or is_about_another(before)
                or not (asks(mask) or kind == "excludes")
            ):
                continue
            if re.search(r"\b(?:each|every|per)\b", before, re.I) and kind == "contains":
                continue
            values = quoted(mask, written, match.end())
            if not values and pattern is _NAMED:
                values = _bare(mask, match.end(), match["noun"])
            if not values and pattern is _MENTION and (kind == "excludes" or verb.startswith(("mention", "refer"))):
                values = _nouns(mask, match.end())
            if values and re.match(
                r" (?:as|at) (?:the|its) (?:first|last|final|opening|closing|end|start|beginning)",
                mask[values[-1][1] :],
                re.I,
            ):
                continue
            if (
                verb in ("write", "writing", "say", "says", "saying", "with")
                and pattern is _QUOTED_OBJECT
                and kind == "contains"
                and verb != "with"
            ):
                continue  # "write 'X' in capitals" is about a text, not about a word in one
            negation = NOT.search(before)
            yield from demand(values, kind, negation.start() if negation and kind == "excludes" else match.start())


def _kind(before: str, verb: str) -> DemandKind:
    clause = re.split(r"[,;:.]| but | and (?=(?:mention|include|use|end|begin|start|write|say)\b)", before)[-1]
    negative = verb.startswith(("without", "avoid", "omit", "exclu", "leav", "drop", "skip", "no")) or NOT.search(
        clause
    )
    return "excludes" if negative else "contains"
