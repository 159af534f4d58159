"""The parts that a Chinese task names for its deliverable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand
from .spans import QUOTED, Sentence, with_lists

_N = "[一二两三四五六七八九十几\\d]"
_CUES = [
    re.compile(
        f"(?:分为|分成|分|有|包括|包含|含|写成|按|设|需要?)?(?:以下|下列|如下)?{_N}?个?(?:大|小)?(?:部分|方面"
        f"|章节?|小节|要点|段落?|阶段|板块|内容|环节|栏目|主题)(?:来?(?:介绍|说明|写|论述|组织|展开))?(?:[:：]"
        f"|，(?:分别|依次)(?:是|为|写|介绍|讲)?|分别(?:是|为|写|介绍|讲)?)"
    ),
    re.compile("(?:每|各)[^，。：:]{0,8}(?:节|部分|章|段|方面|页|项|条)[^，。：:]{0,6}[:：]"),
    re.compile("(?:要|需要?|应|须|必须)(?:有|含有?)(?:以下内容[:：]|[:：])?"),
    re.compile(f"从(?P<list>[^，。；：]{{3,60}}?)(?:这|等)?{_N}?(?:个|大)?(?:方面|角度|层面|维度)"),
    re.compile(
        "(?:内容|文章|文中|正文|报告|其中)?(?:要|须|必须|应|需|应该|需要|请)?(?:包括|包含|涵盖|涉及"
        "|覆盖)(?:了|到|以下内容[:：]|[:：])?"
    ),
    re.compile(
        "(?:分别|依次)(?:用[^，。]{1,8})?(?:介绍|说明|描述|讨论|写出?|讲述|阐述|分析|论述|谈谈?|列出)(?:一下|了)?"
    ),
    re.compile(
        "(?:介绍|说明|描述|讨论|讲述|阐述|分析|论述|比较|对比|谈谈|写出|列出|概述|评价|总结|叙述|写写"
        "|解释)(?:一下|清楚)?(?=[^，。；：]{1,16}[、和与及])"
    ),
    re.compile("(?:写|安排|计划|规划|制定|列出|给出|设计)[^。；：]{0,30}[:：]"),
    re.compile("(?=(?:上午|早上|早晨|清晨|中午|下午|傍晚|晚上|春|夏|早餐|午餐)(?:、|和)[^。，]{2,30})"),
]
_SEQUENCE = re.compile(
    "(?:首先|先)(?P<rest>[^。；]{2,200})|(?P<from>从[^，。；]{1,14}(?:写起|讲起|说起|谈起|开始|入手|开头)[^。；]{2,200})"
)
_SEQUENCE_SPLIT = re.compile("[，,；]?(?:然后|接着|接下来|其次|最后|再|随后)")
_EDGES = re.compile("^(?:从|由|以|用)(?P<name>.+?)(?:写起|讲起|说起|谈起|开始|入手|开头|结尾|收尾|结束|作结)$")
_VERB = re.compile(
    "^(?:第[一二三四五六\\d](?:个?段|个?部分|节|章|点)[,，：:]?)?(?:要(?!求|点|素|件|闻)|请|并|来"
    "|去)?(?:简要|简单|详细|分别|依次|用[^，。]{1,6})?(?:地)?(?:介绍|说明|描述|讨论|讲述"
    "|讲|阐述|分析|论述|列出|写出|写|提出|给出|总结|谈谈?|指出|解释|概括|比较|附上|加上|列举|交代|叙述"
    "|评价|展望|推荐|表示|表达|是|为|举)?(?:一下|出|了)?"
)
_PREFIX = re.compile(
    f"^(?:(?:它|其|他们?|她|该)的?|关于|以及|还有|和|与|及|这|主要|相关|可能|一些|{_N}(?:个|条|种|点|段|份)|一)+"
)
_SUFFIX = re.compile(f"(?:等等?)?(?:{_N}?个?(?:部分|方面|小节|章节)|等?(?:内容|信息))?(?:等等?)?$")
_DEMAND = re.compile(
    f"不|至少|最多|必须|字以|以内|左右|{_N}+(?:字|句)|每|结尾|开头|JSON|用[^，。]{{1,4}}(?:文|语)|请|翻译|写一"
)
_BOTH = re.compile("(?P<whole>优缺点|利弊|利与弊|优劣|得失|异同|因果|成败)")
_HALVES = {
    "优缺点": ("优点", "缺点"),
    "利弊": ("利", "弊"),
    "利与弊": ("利", "弊"),
    "优劣": ("优", "劣"),
    "异同": ("相同", "不同"),
}


def parts(sentences: list[Sentence], text: str) -> tuple[Demand, ...]:
    """The parts of the deliverable that a Chinese task names, in order."""
    found: dict[str, Demand] = {}
    for sentence in with_lists(sentences):
        mask = sentence.mask
        if re.search("[？?]$|多少|(?i:json)|字段", mask):
            continue
        for start, end in _named(mask):
            written = sentence.of(text)[start:end]
            value = _cleaned(written)
            if value and value not in found:
                found[value] = Demand(written, "part", value=value)
        if match := _BOTH.search(mask):
            for half in _HALVES.get(match["whole"], ()):
                found.setdefault(half, Demand(match["whole"], "part", value=half))
    return tuple(found.values())


def _named(mask: str) -> Iterator[tuple[int, int]]:
    if (sequence := _SEQUENCE.search(mask)) and len(
        pieces := _sequence(mask, max(sequence.start("rest"), sequence.start("from")))
    ) > 1:
        yield from pieces
        return
    for pattern in _CUES:
        for match in pattern.finditer(mask):
            if re.search("不|无需|没有|如果|关于[^，。]*$", mask[max(0, match.start() - 6) : match.start()]):
                continue
            bounded = "list" in match.re.groupindex
            start, end = (match.span("list")) if bounded else (match.end(), len(mask))
            pieces = _list(
                mask,
                start,
                end,
                commas=match.group().endswith(("：", ":")) or ("分别" in match.group() and "，" in match.group()),
            )
            if len(pieces) > 1:
                yield from pieces
                return


def _sequence(mask: str, start: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for match in [*_SEQUENCE_SPLIT.finditer(mask, start), None]:
        end = match.start() if match else len(mask)
        piece = re.split("[，。；]", mask[start:end])[0]
        several = _list(mask, start, start + len(piece), commas=False) if "、" in piece else []
        if several:
            found += several
        elif piece.strip() and not _DEMAND.search(_EDGES.sub(r"\g<name>", piece.strip())) and len(piece) <= 20:
            found.append((start, start + len(piece)))
        start = match.end() if match else end
    return found


def _list(mask: str, start: int, end: int, commas: bool) -> list[tuple[int, int]]:
    """The pieces of a list: between 、 and before the last 和, and at commas where the list stands behind a colon."""
    by_semicolons = commas and bool(re.match("[^，。、！？]{1,20}[；;]", mask[start:end]))
    stops = "[。！？（(]" if by_semicolons else "[。；！？;（(]" if commas else "[，。；：！？;（(]|,"
    stop = re.search(stops, mask[start:end])
    end = min(start + stop.start() if stop else end, start + 200)
    found: list[tuple[int, int]] = []
    at = start
    for close, after in [*_joints(mask, start, end, by_semicolons), (end, end)]:
        piece = mask[at:close]
        bare = piece.strip(" ；;")
        if bare:
            if len(bare) > 14 or _DEMAND.search(bare) or QUOTED in bare:
                return found if len(found) > 1 else []
            left = at + piece.index(bare)
            found.append((left, left + len(bare)))
        at = after
    return found


def _joints(mask: str, start: int, end: int, by_semicolons: bool) -> list[tuple[int, int]]:
    """What stands between the pieces of a list. Beside 、 or 以及, a 和 in front of the last piece belongs to a piece."""
    clear = list(re.finditer("[；;]" if by_semicolons else "[、，,]?(?:以及|还有)|[、，,]", mask[start:end]))
    found = [(start + one.start(), start + one.end()) for one in clear]
    if by_semicolons or any("以及" in one.group() or "还有" in one.group() for one in clear):
        return found
    tail = found[-1][1] if found else start
    ands = "和(?!平|谐)|及(?!时)" if found else "和(?!平|谐)|与(?!众)|及(?!时)"
    return [*found, *((tail + one.start(), tail + one.end()) for one in re.finditer(ands, mask[tail:end]))]


def _cleaned(written: str) -> str:
    """A part's name: without verbs and pronouns before it, and of "the history of tea" the history."""
    value = _VERB.sub("", _EDGES.sub(r"\g<name>", written.strip(" ，。：:、")))
    value = _SUFFIX.sub("", _PREFIX.sub("", value)) or value
    return value.rpartition("的")[2] or value
