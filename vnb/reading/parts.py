"""The parts that a task names for its deliverable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand
from .asking import VERB, asks
from .edges import NOT
from .numbers import BOUND, NUMBER
from .spans import QUOTED, Sentence, with_lists

_UNIT = (
    r"(?:parts?|sections?|chapters?|headings?|headers|subheadings?|paragraphs?|topics?|aspects?|points?"
    r"|components?|elements?|stages|phases|themes?|areas|slides"
    r"|subsections|blocks|steps|questions|things|subjects|items|categories|columns|stanzas|bullets|bullet points|sentences)"
)
_PRE = (
    r"(?:(?:the|these|following|separate|short|brief|main|clear|key|different|distinct|three|two|four|five"
    rf"|six|{NUMBER}|all|of) )"
)
_SECTIONS = re.compile(
    rf"\b(?:with|in|into|has|have|having|contain(?:s|ing)?|includ(?:e|es|ing)|divided into|split into"
    rf"|structured? (?:it )?(?:as|into|in)|consist(?:s|ing)? of"
    rf"|made up of|organi[sz]ed? (?:it )?(?:as|into|in|by|under)|use|using|under|cover(?:s|ing)?"
    rf"|address(?:es|ing)?|discuss(?:es|ing)?|write|give|need|one|make|be|are|on|add) "
    rf"{_PRE}{{0,4}}{_UNIT}(?: ?[:：—–(-]| (?:on|about|for|called|named|titled|entitled|covering"
    rf"|dealing with|describing|explaining|as follows[:,]?)(?:[:：])?|,? (?:namely|one on|one about"
    rf"|one for)) ?",
    re.IGNORECASE,
)
_COVERING = re.compile(
    r"\b(?:cover(?:s|ing)?|includ(?:es?|ing)|address(?:es|ing)?|touch(?:es|ing)? (?:up)?on|deal(?:s"
    r"|ing)? with|comprising|in terms of|with (?:respect|regard) to|under the aspects of) (?P<its>its "
    r"|their |his |her |the |both |an? )?",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:describ(?:e|ing)|explain(?:ing)?|discuss(?:ing)?"
    r"|outlin(?:e|ing)|compar(?:e|ing)|analy[sz](?:e|ing)|present(?:ing)?|summari[sz](?:e|ing)"
    r"|treat(?:ing)?|weigh(?:ing)?|look(?:ing)? at|talk about|focus(?:ing)? on"
    r"|consider(?:ing)?|list|state|giv(?:e|ing)|name|say|tell (?:me|us)(?: about)?|introduc(?:e|ing)"
    r"|review(?:ing)?|evaluat(?:e|ing)|report(?:ing)? on) (?P<its>its |their |his |her |the |both |an? )?",
    re.IGNORECASE,
)
_ITS = re.compile(r"\b(?:its|their) (?=[a-z]+(?: [a-z]+)?(?:, | and ))", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(?P<one>advantages?|benefits|pros|strengths|causes|similarities|problems?|opportunities"
    r"|arguments for|upsides|reasons for)(?:,| and| or|, and|/) (?:the |some )?"
    r"(?P<other>disadvantages?|drawbacks|cons|weaknesses|effects|differences|solutions?|consequences|risks"
    r"|threats|arguments against|downsides|reasons against)\b",
    re.IGNORECASE,
)
_ONE_ON_EACH = re.compile(
    r"\b(?:an?|one|two|three|four|the (?:first|second|third|fourth|last)) (?:short |brief )?(?:paragraph"
    r"|section|sentence|part|line|bullet|chapter|stanza|verse|paragraphs|sentences|bullets)? ?"
    r"(?:on|about|for|describing|covering|explaining|to) (?P<part>(?:(?!\b(?:and|one|a|an|the (?:first"
    r"|second|third|last))\b (?:\w+ )?(?:on|about|for|paragraph|section|sentence))[^,.;:]){2,40})",
    re.IGNORECASE,
)
_COLON_LIST = re.compile(r"[:：] ?(?=[^:：]{3,300}$)")
_SEQUENCE = re.compile(rf"\bfirst(?:ly)?(?:,|(?= {VERB}\b)) (?P<rest>.{{3,300}})", re.IGNORECASE)
_FIRST = re.compile(r"^\s*first(?:ly)?,? ", re.IGNORECASE)
_SEQUENCE_SPLIT = re.compile(
    r"[,;.]? ?(?:\b(?:and|but)\b,? ?)?\b(?:then|next|after that|afterwards|second(?:ly)?|third(?:ly)?"
    r"|finally|lastly|at the end|last)\b,? ?",
    re.IGNORECASE,
)
_PART_WORDS = (
    r"(?:history|origins?|uses?|risks?|causes?|effects?|consequences|introduction|conclusion|verdict"
    r"|summary|title|greeting|advantages?|disadvantages?|pros|cons|benefits"
    r"|drawbacks|ingredients|instructions?|examples?|budget|timeline|schedule|itinerary|moral|definition"
    r"|description|background|methods?|results?|discussion|structure|function"
    r"|price|location|opening hours|contact|recommendations?|tips|steps|overview|features|symptoms"
    r"|treatment|climate|culture|food|economy|geography|appearance|habitat|diet"
    r"|behaviou?r|goals?|audience|costs?|packing list|materials|tools|safety|applications|types|kinds"
    r"|strengths|weaknesses|problem|solution|beginning|middle|end|body|closing)"
)
_WITH = re.compile(
    rf"(?<!begin )(?<!start )(?<!open )(?<!end )\b(?:with|(?:must|should|has to) have|needs?|contain(?:s|ing)?"
    rf"|consists? of) (?=(?:[\w' -]{{2,40}}, ){{1,8}}[\w' -]{{0,40}}\b(?:and|or) "
    rf"|[\w' -]{{2,30}} and )(?=[^.;:]{{0,200}}\b{_PART_WORDS}\b)",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(?P<list>(?:morning|afternoon|evening|night|breakfast|lunch|dinner|noon|spring|summer|autumn|fall"
    r"|winter)s?(?:, (?:and )?| and )(?:[a-z]+(?:, (?:and )?| and ))*[a-z]+)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    rf"\b(?:{_UNIT}|following|include|including|cover|covering|contain|structure|outline|contents?"
    rf"|as follows|describe|answer|address)\b[^:：]{{0,60}}[:：]$"
    "|(?:部分|方面|内容|章节|小节|[几各个][节章段块项类点]|结构|提纲|包括|包含|涵盖|如下|要点|问题|介绍|说明|板块)[^：:]{0,12}[:：]$",
    re.IGNORECASE,
)
_RULES = re.compile(
    r"\b(?:requirements?|rules?|constraints?|guidelines?|conditions?|instructions?|criteria|keys?|fields?"
    r"|words?|notes?)\b|要求|规则|条件|注意|字段|词语|事项",
    re.IGNORECASE,
)
_DEMANDING = re.compile(
    r"\b(?:at least|at most|exactly|no more|must|should|do not|don't|never|only|avoid|end with|begin with"
    r"|start with|use|keep|write in|make sure|without|no)\b|不|至少|最多|必须|只|请|字|句",
    re.IGNORECASE,
)
_STOP = re.compile(
    rf"[.;!?()—–]|\b(?:but|so that|while|because|each|in (?:{BOUND.replace('?P<', '?P<s_')}|{NUMBER}|simple"
    rf"|plain|english|german|french|detail|order|total|your|a|an|one|json)"
    rf"|about {NUMBER}|using|without|within|in terms of|under \d|at (?:least|most)|as (?:json|a list|bullet)"
    r"|to (?:help|show)|if|when|where|that|which|who)\b",
    re.IGNORECASE,
)
_MAY_STOP = re.compile(
    r"\b(?:for (?:a|an|children|kids|beginners|students|adults|the|my|our)|with|to (?:a|my|the)|after|before|by|from)\b",
    re.IGNORECASE,
)
"""What ends a list, unless it stands within one of its pieces: "visits to the vet, toys"."""

_ASKING = re.compile(r"^(?:how|what|why|when|where|which|who|whether)\b", re.IGNORECASE)
_OPENING = re.compile(
    r"\b(?:begin|start|open)(?:s|ning|ing)?(?: it| off)? (?:with|by|on) (?P<rest>.{3,300})", re.IGNORECASE
)
_GOING_ON = re.compile(
    r"[,;.]? ?(?:\b(?:and|then|next|finally|lastly)\b,? ?){0,3}"
    r"\b(?:(?:go|move|carry|pass)(?:es|s|ing)? on|continue[sd]?|continuing|proceed(?:s|ing)?|follow(?:s|ed|ing)?(?: up| this)?"
    r"|end(?:s|ing)?|clos(?:es?|ing)|finish(?:es|ing)?|conclud(?:es?|ing))(?: it)? (?:with|to|by|on)\b ?",
    re.IGNORECASE,
)
_WORDING = re.compile(r"\b(?:words?|letters?|phrases?|sentences?|questions?|quot\w+|lines?|characters?|emoji)\b", re.I)
_HALT = re.compile(
    r"^(?:and |then )?(?:write|use|keep|end|begin|start|finish|make|do|don't|avoid|never|limit|answer"
    r"|format|return|output|translate|ensure|put|not|no|please|be)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    rf"^(?:(?:then|finally|also|lastly|next|and|or|please|briefly|both|either|the|a|an|its|their|his|her"
    rf"|your|our|some|any|on|about|of|how|what|why|where|which|to|it|one|two|three|four|five|{NUMBER}|short"
    rf"|brief|possible|main|at least|"
    rf"{VERB}|analy[sz]e|propose|weigh|each|all|several|few|with|for|me|us|up)\s+)+",
    re.IGNORECASE,
)


def parts(sentences: list[Sentence], text: str) -> tuple[Demand, ...]:
    """The parts of the deliverable that an English task names, in order, each with the words that name it."""
    found: dict[str, Demand] = {}
    for sentence in with_lists(sentences):
        mask = re.sub(r"\s", " ", sentence.mask)
        if re.search(r"\bjson\b", mask, re.IGNORECASE):
            continue  # its keys
        for start, end in _named(mask):
            written = sentence.of(text)[start:end].strip()
            value = _cleaned(written)
            if value and value.lower() not in found:
                found[value.lower()] = Demand(written, "part", value=value)
    return tuple(found.values())


def _named(mask: str) -> Iterator[tuple[int, int]]:
    """Where an English sentence names parts: the first of the ways to do so that finds two or more."""
    if not asks(_FIRST.sub("", mask)):
        return
    if (
        mask.lower().count(" on ") + mask.lower().count(" about ") > 1
        and len(pieces := [m.span("part") for m in _ONE_ON_EACH.finditer(mask)]) > 1
    ):
        yield from pieces
        return
    if (sequence := _SEQUENCE.search(mask)) and len(
        pieces := _split_by(_SEQUENCE_SPLIT, mask, sequence.start("rest"))
    ) > 1:
        yield from pieces
        return
    if len(pieces := _opened(mask)) > 1:
        yield from pieces
        return
    for pattern in (_SECTIONS, _COLON_LIST, _COVERING, _ABOUT, _ITS, _WITH, _TIMES):
        for match in pattern.finditer(mask):
            if NOT.search(mask[: match.start()]) or re.search(
                r"\b(?:who|whose|which|where|if)\b[^,]*$", mask[: match.start()], re.I
            ):
                continue
            start = match.start() if pattern is _TIMES else match.end() - len(match.groupdict().get("its") or "")
            pieces = list_at(mask, start)
            if len(pieces) > 1:
                yield from pieces
                return
    if pair := _PAIR.search(mask):
        yield pair.span("one")
        yield pair.span("other")


def _opened(mask: str) -> list[tuple[int, int]]:
    """The pieces of "begin with …, go on with … and …, end with …"."""
    opening = _OPENING.search(mask)
    going_on = [] if opening is None else list(_GOING_ON.finditer(mask, opening.start("rest")))
    if opening is None or not going_on or _WORDING.search(opening["rest"]) or QUOTED in opening["rest"]:
        return []
    starts = [opening.start("rest"), *(match.end() for match in going_on)]
    ends = [*(match.start() for match in going_on), len(mask)]
    found: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        found += list_at(mask[:end], start) or _split_by(re.compile("$"), mask[:end], start)
    return found


def _split_by(pattern: re.Pattern[str], mask: str, start: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for match in [*pattern.finditer(mask, start), None]:
        end = match.start() if match else len(mask)
        piece = re.split(r"[.;]|, (?:in|using|with|without|each)\b", mask[start:end])[0].rstrip(" ,.;!")
        if len(piece.split()) > 10:
            return []
        if piece.strip():
            found.append((start, start + len(piece)))
        start = match.end() if match else end
    return found


def list_at(mask: str, start: int) -> list[tuple[int, int]]:
    """The pieces of the list that stands at an offset; none if it is not a list of short names."""
    stop = _STOP.search(mask, start)
    by_semicolons = stop is not None and stop.group() == ";" and "," not in mask[start : stop.start()]
    while stop and ((stop.start() == start and stop.group() == "(") or (by_semicolons and stop.group() == ";")):
        stop = _STOP.search(mask, stop.end())
    end = min(stop.start() if stop else len(mask), start + 400)
    found: list[tuple[int, int]] = []
    for left, right in _pieces(mask[:end], start, by_semicolons):
        cut = _MAY_STOP.search(mask, left, right)
        last = right == end
        if cut and (last or _MAY_STOP.match(mask[right:end].lstrip(" ,;"))):
            right, last = cut.start(), True
        bare = mask[left:right].strip(" ,;:*_")
        if bare:
            if _HALT.match(bare) and found:
                break
            name = _LEADING.sub("", bare + " ").strip()
            if (
                not name
                or len(bare.split()) > 7
                or len(name.split()) > 5
                or QUOTED in name
                or (
                    re.search(r"\b(?:is|are|was|were|between|who|has|had|will|it|i|you|goes|did)\b", name, re.I)
                    and not _ASKING.match(bare)
                )
            ):
                return found if len(found) > 1 else []
            left += mask[left:right].index(bare)
            found.append((left, left + len(bare)))
        if last:
            break
    return found


def _pieces(mask: str, start: int, by_semicolons: bool) -> Iterator[tuple[int, int]]:
    """Where the pieces of a list stand: at commas and the last "and", so that a piece may have an "and" of its own."""
    marks = r";(?: (?:and|or)\b)?" if by_semicolons else r", (?:and|or|then|finally|as well as|plus)\b|,"
    joints = list(re.finditer(marks, mask[start:], re.I))
    tail = start + (joints[-1].end() if joints else 0)
    ands = list(re.finditer(r"\b(?:and|as well as|plus|then)\b|&", mask[tail:], re.I))
    spans = [(start + joint.start(), start + joint.end()) for joint in joints]
    if not by_semicolons and not (joints and " " in joints[-1].group()):
        spans += [(tail + one.start(), tail + one.end()) for one in (ands[-1:] if joints else ands)]
    at = start
    for left, right in spans:
        yield at, left
        at = right
    yield at, len(mask)


def _cleaned(written: str) -> str:
    """A part's name, without articles, numbers and verbs before it."""
    value = _LEADING.sub("", re.sub(r"\s+", " ", written).strip(" .,:;*_\"'“”") + " ").strip()
    return value if len(value) > 1 and not re.fullmatch(r"[\d\W]+", value) else ""


def lines(sentences: list[Sentence], text: str) -> Iterator[Demand]:
    """The parts that a task lists on lines of their own, below a sentence that introduces them."""
    for place, sentence in enumerate(sentences):
        if not _LEAD.search(sentence.mask) or _RULES.search(sentence.mask[-60:]):
            continue
        found: list[Demand] = []
        for line in sentences[place + 1 :]:
            gap = text[sentences[place + len(found)].end : line.start]
            if not re.fullmatch(
                r"[^\S\n]*\n\s*(?:[-*•·+#]+|\(?\d{1,2}[.)、．]|[a-zA-Z][.)]|（?[一二三四五六七八九十]+[、）.]"
                r"|[①-⑩])[ \t*_]*",
                gap,
            ):
                break
            name = re.split(r"\s?[:：–—(（]\s?|\s-\s|[.。；;]$", line.of(text))[0].strip(' *_.,;。，；"“”')
            if _DEMANDING.search(line.mask.partition(":")[0]) or len(name) > 60 or re.search(r"\d", name):  # data
                found = []
                break
            value = _cleaned(name)
            found.append(Demand(name, "part", value=value or name))
        if len(found) > 1:
            yield from found
