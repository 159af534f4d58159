"""A task's own words, apart from the material that it brings, and cut into sentences.

Everything here keeps offsets: a mask is as long as its text, so that a span of the mask is a span of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LONGEST = 1500
"""Sentences are read this far, and materials that are longer than any task are cut here: no reading is quadratic."""

MOST = 400
"""Sentences of a task that are read."""

QUOTES = "“”\"„«»「」『』'‘’＂《》` "

QUOTED = "\ufffc"
"""What stands for a quoted character in a mask."""

_LINE_OF_MATERIAL = re.compile(r"^[ \t]*(?:>|\|)[^\n]*$", re.M)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s，。）)]+|[\w.+-]{1,64}@[\w-]{1,64}(?:\.\w{1,20})+")
_CODE = re.compile(r"`[^`\n]{1,300}`")
_JSON = re.compile(r"\{\s{0,40}\"[^{}]{0,2000}\}")
_OPEN_TAG = re.compile(r"<(\w{1,20})>|\"\"\"")
_QUOTE = re.compile(
    r"“[^“”\n]{1,1500}”|„[^“”\n]{1,1500}[“”]|«[^«»\n]{1,1500}»|「[^「」\n]{1,1500}」|『[^『』\n]{1,1500}』"
    r"|《[^《》\n]{1,200}》"
    r"|(?<![\w\"])\"[^\"\n]{1,1500}\"(?![\w\"])|[\"＂][^\"＂\n]{1,200}[\"＂]"
    r"|(?<![\w'])'[^'\n]{1,200}(?:'\w[^'\n]{0,100}){0,5}'(?![\w'])|‘[^‘’\n]{1,200}’(?!\w)"
)

_MATERIAL = (
    r"(?:notes?|texts?|articles?|passages?|e-?mails?|letters?|data|documents?|sources?|transcripts?"
    r"|contexts?|tables?|inputs?"
    r"|messages?|reviews?|facts|logs?|conversations?|minutes|excerpts?|quotes?|snippets?|records?"
    r"|statements?|materials?"
    r"|background|information|figures|numbers|reports?|paragraphs?|sentences?|stor(?:y|ies)|poems?|code|csv)"
)
_MATERIAL_ZH = "(?:笔记|资料|材料|原文|文本|文章|数据|邮件|记录|对话|评论|文档|表格|背景|上下文|短文|代码|输入|已知)"
_GIVEN_ZH = f"(?:{_MATERIAL_ZH}|文字|内容|信息|段落|句子|正文|诗|话|故事|消息|一段话)"
_HEADING = re.compile(
    r"^[ \t#*_]{0,8}(?:(?:here (?:is|are)|these are|below (?:is|are))(?![^\n:：]{0,60}(?:rule|requirement"
    r"|constraint|instruction"
    r"|guideline|section|part|topic|point|question|key|field|condition))[^\n:：]{0,60}"
    r"|(?!(?:write|use|give|include|required|output|response|answer|create|return|list) )(?:(?:the|my|our"
    r"|some) )?(?:\w{1,20} )?"
    rf"{_MATERIAL}(?: (?:\d+|[A-Z])\b)?(?: below)?(?: ?\([^\n)]{{0,40}}\))?)[*_ ]{{0,3}}[:：]"
    r"|^[ \t#*_]{0,8}(?:以下是|下面是|这是)[^\n：:，。要求规则条件]{0,16}[:：]"
    rf"|^[ \t#*_]{{0,8}}(?:会议|参考|客户|我的|这些|相关|背景|销售|用户|原始|附|输入"
    rf"|待译){{0,2}}{_MATERIAL_ZH}[*_ ]{{0,3}}(?:如下)?[:：]"
    r"|^[ \t]{0,3}-{3,80}[ \t]{0,3}$",
    re.M | re.IGNORECASE,
)
_INLINE = re.compile(
    rf"\b(?:this|these|following|below|given)\s{{1,3}}(?:\w{{1,20}}\s{{1,3}})?{_MATERIAL}\b[^\n.!?:：]{{0,80}}[:：]"
    r"|\b(?:translate|paraphrase|rewrite|rephrase|proofread|summari[sz]e"
    r"|correct)\b[^\n.!?:：]{0,80}[:：](?=\s{0,3}(?-i:[A-Z\ufffc]))"
    rf"|(?:以下|下面|下列|这段|这句|这篇|下边)(?:这|的|一|几|两|三|段|句|篇|个|条"
    rf"|些){{0,4}}{_GIVEN_ZH}[^\n。！？：:]{{0,40}}[:：]"
    r"|(?:翻译|译成|译为|改写|润色|校对|总结)[^\n。！？：:，]{0,30}[:：]",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"[ \t#*_]{0,8}(?:(?:please|now|then|finally|using|based on|from (?:this|these|the)|task|question|instructions?"
    r"|requirements?|rules?|constraints?|write|list|give|summari[sz]e|translate|answer|reply|respond"
    r"|explain|describe|do not|don't"
    r"|never|make sure|return|create|compose|draft|produce|what|which|how many|how much|who|when|where|why"
    r"|extract|output|format|length"
    r"|include|mention|use|keep|in (?:one|two|three|four|five|at most|no more|exactly|german|english|french|\d+))\b"
    r"|请|根据|问题|要求|任务|用[^\n，。]{1,12}(?:句|字)|写|总结|翻译|列出|不要|必须)",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\b(?:includ|cover|contain|mention|provid|giv|list|with)\w{0,3} (?:all )?(?:the )?$|(?:包括|包含|涵盖"
    r"|介绍|写出|列出)$",
    re.IGNORECASE,
)
_GAP = re.compile(r"\n[ \t]*\n\s*|\n(?=\S)|\Z")


def _masked(pattern: re.Pattern[str], text: str, filler: str = " ") -> str:
    def fill(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", filler, match.group())

    return pattern.sub(fill, text)


def prose(text: str, quotes: bool = True) -> str:
    """The text without code, addresses and JSON, and if asked with quoted characters as `QUOTED`: as long as it was."""
    text = _without_tagged(_without_fences(text))
    for pattern in (_LINE_OF_MATERIAL, _URL, _CODE, _JSON):
        text = _masked(pattern, text)
    return _masked(_QUOTE, text, QUOTED) if quotes else text


def _without_fences(text: str) -> str:
    """Blanks fenced code; a fence that stays open reaches to the end."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = line.lstrip()[:3]
        if fence:
            fence = "" if mark == fence else fence
            lines.append(" " * len(line))
        elif mark in ("```", "~~~"):
            rest = line.lstrip().strip("`~")
            fence = "" if mark in line.lstrip()[3:] and rest else mark
            lines.append(" " * len(line))
        else:
            lines.append(line)
    return "\n".join(lines)


def _without_tagged(text: str) -> str:
    """Blanks what stands between three double quotes or between a tag and its end."""
    ranges: list[tuple[int, int]] = []
    unclosed: set[str] = set()
    at = 0
    for match in _OPEN_TAG.finditer(text):
        close = f"</{match[1]}>" if match[1] else '"""'
        if match.start() < at or close in unclosed:
            continue
        found = text.find(close, match.end())
        if found < 0:
            unclosed.add(close)
        else:
            at = found + len(close)
            ranges.append((match.start(), at))
    return _blanked(text, ranges)


def _blanked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in ranges:
        parts += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        at = end
    return "".join(parts) + text[at:]


def own_words(text: str) -> str:
    """The task's own words: its prose without the notes, texts and data that it brings along."""
    mask = prose(text)
    return _blanked(mask, _materials(mask))


def _materials(mask: str) -> Iterator[tuple[int, int]]:
    """Where material stands: from behind its heading to the next paragraph that asks for something."""
    at = 0
    for start in sorted(
        match.end()
        for pattern in (_HEADING, _INLINE)
        for match in pattern.finditer(mask)
        if not _WANTED.search(mask[max(0, match.start() - 40) : match.start()])
    ):
        if start < at:
            continue
        line = mask.find("\n", start)
        same_line = bool(mask[start : line if line >= 0 else len(mask)].strip())
        at = start
        for gap in _GAP.finditer(mask, start):
            at = gap.start()
            begun = bool(mask[start : min(at, start + 200)].strip())
            by_line = "\n" not in gap.group().rstrip(" \t")[1:] and gap.group() != ""
            if begun and (not by_line or same_line) and (gap.group() == "" or _ASKING.match(mask, gap.end())):
                break
        if mask[start:at].strip():
            yield start, at


@dataclass(frozen=True)
class Sentence:
    """A sentence of a task: where it stands, and its characters in the mask."""

    start: int
    end: int
    mask: str

    def of(self, text: str) -> str:
        """The sentence as it was written."""
        return text[self.start : self.end]


ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs etc e.g i.e eg ie cf no nos vol fig figs approx dept est inc ltd co"
    " corp u.s u.k u.n a.m p.m "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun gen col lt capt rev hon"
    " pp p ed eds al min max "
    "z.b d.h bzw usw nr bspw ca ph.d b.c a.d sra av avda mme mlle".split()
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_\ufffc]*(?=\s|$)|[。！？；!?]+[”’」』）)\ufffc]*|;(?=\s)")
_BREAK = re.compile(r"\n(?=[ \t]*(?:\n|[-*•·+]\s|\(?\d{1,3}[.)、]|[^\sa-z]))")
_MARKER = re.compile(
    r"[ \t]*(?:[-*•·+>#]+[ \t]+|\(?(?:\d{1,3}|[a-zA-Z])[.)、．][ \t]*(?!\d)"
    r"|（?[一二三四五六七八九十]{1,2}[、）]|[①-⑩])?[ \t*_]*"
)


def quotations(quoted: str) -> list[str]:
    """What stands in a run of quotations: “a”“b” are two, and “because … therefore” too."""
    pieces = re.split(r"(?<=[^\s])[”\"」』’»]\s*[“\"「『‘«]|…+|\.{3}", quoted.strip(QUOTES))
    return [piece for piece in (piece.strip(QUOTES).rstrip(",") for piece in pieces) if piece]


def read(text: str) -> list[Sentence]:
    """The sentences of a task's own words; of a text that is longer than any task, the first and the last ones."""
    found = list(sentences(own_words(text)))
    return found if len(found) <= MOST else found[: MOST // 2] + found[-MOST // 2 :]


def with_lists(found: Sequence[Sentence]) -> Iterator[Sentence]:
    """Sentences, those joined that are one list: what stands between semicolons behind a colon."""
    joined: Sentence | None = None
    for sentence in found:
        if joined is not None and joined.mask.endswith((";", "；")) and re.search("[:：]", joined.mask):
            gap = " " * (sentence.start - joined.end)
            joined = Sentence(joined.start, sentence.end, joined.mask + gap + sentence.mask)
            continue
        if joined is not None:
            yield joined
        joined = sentence
    if joined is not None:
        yield joined


def ends_a_sentence(text: str, at: int, end: int) -> bool:
    """Whether the point that stands at `at` ends a sentence: not that of `Dr.`, of `e.g.`, or before a small letter."""
    if text[at] not in ".…":
        return not re.match(r"[\s\"'”’)]*[a-z]", text[end : end + 6]) or text[at] in "。！？；;"
    following = text[end : end + 8].lstrip(" \t\"'”’“‘(*_")
    if following[:1].islower() and following[:1].isascii():
        return False
    if text[at : at + 2] in ("..", "…"):
        return True
    word = re.search(r"[\w.]{1,12}$", text[max(0, at - 12) : at])
    if word is None:
        return at > 0
    name = word.group().lower()
    if name in ABBREVIATIONS - {"etc", "u.s", "u.k", "a.m", "p.m", "inc", "co", "no", "max", "min"}:
        return False
    if name in ("no", "max", "min") and following[:1].isdigit():
        return False
    initial = len(name) == 1 and name.isalpha() and name != "i" and following[:1].isupper()
    return not (initial and re.search(r"(?:^|\b[A-Z][\w’']*\.?)\s*$", text[max(0, at - 30) : at - 1]))


def sentences(mask: str) -> Iterator[Sentence]:
    """The sentences of a mask, without the marks of lists around them."""
    for line in _lines(mask):
        at = line[0]
        marker = _MARKER.match(mask, at, line[1])
        start = marker.end() if marker else at
        for match in _END.finditer(mask, start, line[1]):
            if match.start() < start:
                continue
            if ends_a_sentence(mask, match.start(), match.end()):
                yield from _trimmed(mask, start, match.end())
                start = match.end()
        yield from _trimmed(mask, start, line[1])


def _lines(mask: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _BREAK.finditer(mask):
        yield at, match.start()
        at = match.end()
    yield at, len(mask)


def _trimmed(mask: str, start: int, end: int) -> Iterator[Sentence]:
    end = min(end, start + LONGEST)
    piece = mask[start:end]
    left = len(piece) - len(piece.lstrip(" \t\n\r\u3000*_#"))
    right = len(piece.rstrip(" \t\n\r\u3000*_#"))
    if any(char.isalnum() for char in piece):
        yield Sentence(start + left, start + right, piece[left:right])
