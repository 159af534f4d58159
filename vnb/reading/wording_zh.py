"""What the deliverable of a Chinese task must or must not say, and what it must begin or end with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand, DemandKind
from .spans import QUOTED, QUOTES, Sentence, quotations

_NOT = "(?:不要|不得|不能|不可以?|不许|不准|禁止|避免|请勿|切勿|严禁|不应该?|绝不|不必|勿|别|不)"
_IN_TEXT = "(?:在?(?:文中|文章中|文章里|回答中|正文中|故事中|故事里|全文|其中|内容中|里面?|再|去|直接|明确|有)){0,2}"
_ANY = "(?:任何|具体的?|到|关于|有关)?"
_TELL = "(?:提到|提及|谈到|谈及|说到|讲到|涉及|写到|提(?!供|出|高|示|醒|升|前|议|问|交|炼|取))"
_USE = "(?:出现|使用|用到|用上|用|包含|包括|含有|含|带有|写上|写出|加入|加上|写入|提到|提及)"
_WORD = (
    "(?:(?:以下|下列|下面|这些|这几个|这两个|[一两二三四五几]个|的|单词|词语|词|字|短语|成语|关键词|句子"
    "|这句话|名字|名称|字样|数字|字母)*[:：]?)"
)
_VALUES = rf"(?P<values>{QUOTED}+(?:[、，和或与及以\s]{{0,3}}{QUOTED}+)*)"
_BARE = (
    "(?P<bare>[^，。；！？：:、\\s（）()的了过]{1,8}(?:(?:、|和|或者?|以及|与"
    "|及)[^，。；！？：:、\\s（）()的了过]{1,8}){0,6})(?![的了过])"
)
_LETTER = "(?P<bare>[A-Za-z])(?![A-Za-z])"
_EXCLUDES = [
    re.compile(rf"{_NOT}{_IN_TEXT}(?:{_TELL}|{_USE}){_ANY}{_WORD}{_VALUES}"),
    re.compile(rf"{_NOT}{_IN_TEXT}{_TELL}{_ANY}{_BARE}"),
    re.compile(rf"{_NOT}{_IN_TEXT}{_USE}(?:字母|单词|词语?|数字){_LETTER}"),
    re.compile(
        rf"(?P<values>{QUOTED}+)(?:这个|一|这|二|两个?|三)?(?:词|字|词语|字眼|字样)?{_NOT}(?:在文中)?(?:出现|使用|提)"
    ),
]
_MARK_NAMES = {"逗号": "，", "感叹号": "！", "叹号": "！", "问号": "？", "分号": "；", "冒号": "：", "顿号": "、"}
_MARK = re.compile(f"{_NOT}{_IN_TEXT}{_USE}{_ANY}(?P<mark>{'|'.join(_MARK_NAMES)})")
_CONTAINS = [
    re.compile(rf"(?<![不勿别得能可许准])(?:{_TELL}|{_USE}){_WORD}{_VALUES}"),
    re.compile(rf"(?<![不勿别])(?:要|须|需|应|请|并|且|得|必|定|该|至少|务必|还|中){{1,3}}{_TELL}(?:到)?{_BARE}"),
    re.compile(rf"(?:^|[，,。；：])(?:文中|文章中|其中|还|并且?|同时|且|请)?{_TELL}(?:到)?{_BARE}"),
    re.compile(
        rf"(?:使用|用上|用到|用|包含|包括|含有|出现|加入)(?:以下|下列|下面|这些|这几个|[两三四五几]个"
        rf"|的){{1,3}}(?:关键词|词语|词|短语|成语|字)[:：]?{_BARE}"
    ),
    re.compile(
        rf"(?P<values>{QUOTED}+)(?:这个|一|这|二|两个?|三)?(?:词|字|词语|字眼|字样)?(?:必须|一定要|要|应该?"
        rf"|需要?)(?:在文中)?(?:出现|使用|被?提到)"
    ),
]
_VAGUE = re.compile(
    "至少|最多|[一二两三四五几各每\\d]|所有|任何|其|它|他|她|自己|我|你|这|那|什么|如何|为什么|怎|上述|相关|具体"
)
_CLOSE = "(?:结尾|结束|收尾|作结|收束|结语|末尾|结束语)"
_OPEN = "(?:开头|开始|开篇|起头|开场|打头|起始)"
_EDGE = re.compile(
    rf"(?:以|用)(?:一个|一句|一句话)?(?:词语?|短语|句子|单词|字)?[:：]?(?:(?P<values>{QUOTED}+)"
    rf"|(?P<bare>[^，。；！？、\s以用的{QUOTED}]{{1,8}}?))"
    rf"(?:这个|这两个|这|一|二|两个?|三个?|四个?)?(?:词|字|词语|句话|句|单词|短语)?(?:来|作为|做|作"
    rf"|为)?(?:全文|文章|故事|整篇|回答|短文|全篇|本文)?的?(?:(?P<close>{_CLOSE})|(?P<open>{_OPEN}))"
)
_EDGE_IS = re.compile(
    rf"(?:(?P<close>最后(?:一?(?:句话|句|个词|个字|行))?|末尾|结尾|文末|{_CLOSE})|(?P<open>开头|第一(?:句话"
    rf"|句|个词|个字|行)|首句|{_OPEN}))"
    rf"(?:部分)?(?:必须|需要?|要|应该?|须|得|请|务必)?(?:是|为|写上?|用|说|加上?|使用|：|:){{1,2}}(?P<values>{QUOTED}+)"
)
_MARKS = {"问": "？", "疑问": "？", "反问": "？", "设问": "？", "感叹": "！", "惊叹": "！", "句号": "。"}


def wordings(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of a Chinese sentence on what must and what must not be said."""
    mask, written = sentence.mask, sentence.of(text)
    seen: list[tuple[int, int]] = [
        match.span() for pattern in (_EDGE, _EDGE_IS) for match in pattern.finditer(mask) if _of_edge(match)
    ]
    patterns: list[tuple[DemandKind, list[re.Pattern[str]]]] = [("excludes", _EXCLUDES), ("contains", _CONTAINS)]
    for match in _MARK.finditer(mask):
        yield Demand(match_text(match, written), "excludes", value=_MARK_NAMES[match["mark"]])
    for kind, several in patterns:
        for pattern in several:
            for match in pattern.finditer(mask):
                if any(start < match.end() and match.start() < end for start, end in seen):
                    continue
                clause = re.split("[，。；]", mask[: match.start()])[-1]
                if (kind == "contains" and re.search("每|各|如果|若|是否|材料|资料|原文", clause)) or re.search(
                    "如果|若|没有", clause
                ):
                    continue
                values = _values(match, written)
                if values:
                    seen.append(match.span())
                for value in values:
                    yield Demand(match_text(match, written), kind, value=value)


def match_text(match: re.Match[str], written: str) -> str:
    """What was written where a pattern matched its mask."""
    return written[match.start() : match.end()].strip("，,。；：: ")


def _values(match: re.Match[str], written: str) -> list[str]:
    groups = match.groupdict()
    if groups.get("values"):
        start = match.start("values")
        runs = re.finditer(rf"{QUOTED}+", match["values"])
        return [value for run in runs for value in quotations(written[start + run.start() : start + run.end()])]
    found: list[str] = []
    for piece in re.split("、|和|或者?|以及|与|及", match["bare"]):
        value = re.sub(
            "(?:一词|这个词|二字|两个字|字样|等词?|这些词)$", "", re.sub("^(?:任何|关于|到|有关)", "", piece)
        )
        if not value or _VAGUE.match(value) or QUOTED in value:
            return found
        found.append(value)
    return found


def edges(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of a Chinese sentence on what the deliverable begins and ends with."""
    mask, written = sentence.mask, sentence.of(text)
    for pattern in (_EDGE, _EDGE_IS):
        for match in pattern.finditer(mask):
            clause = re.split("[，。；]", mask[: match.start()])[-1]
            if not _of_edge(match) or re.search("每|各|第[一二三四\\d]+[段行节]|不要|不得|不能|避免|别", clause):
                continue
            kind: DemandKind = "ends" if match["close"] else "starts"
            value = (
                written[match.start("values") : match.end("values")].strip(QUOTES + "，。")
                if match["values"]
                else match["bare"]
            )
            if not match["values"] and (
                mark := next((mark for name, mark in _MARKS.items() if value.startswith(name)), "")
            ):
                value = mark if kind == "ends" else ""
            if value:
                yield Demand(match_text(match, written), kind, value=value)


def _of_edge(match: re.Match[str]) -> bool:
    """Whether the value is given in so many words, not described ("with a call for action")."""
    bare = match.groupdict().get("bare")
    if not bare:
        return True
    if re.match("(?:疑问|反问|设问|问|感叹|惊叹)(?:句|号|题)?$|句号$", bare):
        return True
    return len(bare) <= 4 and not re.search(
        "[一二两三四五几个句段话种]|总结|号召|名言|诗|故事|问候|对话|场景|祝福|比喻|景|人称|悬念|建议|呼吁"
        "|结论|时间|感谢语|它|此|为",
        bare,
    )
