"""The counts that a Chinese task demands of its deliverable as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.types import Demand, DemandKind
from .numbers import AFTER_ZH, BOUND_ZH, NUMBER_ZH, Bounds, value_of
from .spans import Sentence

_KINDS: tuple[DemandKind, ...] = ("sentences", "words", "characters", "paragraphs", "items", "lines")
_UNIT = (
    "(?P<sentences>个?(?:完整的?|简短的?|短|长|简单的?|陈述)?(?:句子|句话|句(?![号型式中首末尾诗词法])))"
    "|(?P<characters>个?(?:汉字|中文字|字符|字(?![母典词符段体样幕谜成经节头眼塔画句])))"
    "|(?P<words>个?(?:英文|英语|中文)?(?:单词|词(?![语汇典牌性组句类])))"
    "|(?P<paragraphs>个?(?:短|小)?(?:自然段|段落|段话|段文字|段短文|段(?![时距路旅历对代音视关感经故落子位式录])))"
    "|(?P<items>个?(?:要点|条目|列表项|项目符号|步骤|条|点|项)(?![钟儿半狗鱼河路街蛇裤领绳腿]))"
    "|(?P<lines>行(?![为业星程李人走动驶政]))"
)
_RANGE = "一两|两三|三四|四五|五六|六七|七八|八九|三五"
_COUNT = re.compile(
    rf"(?:{BOUND_ZH})?(?P<between>介于|在)?\s?(?<![第几\d.])(?:(?P<loose>{_RANGE})|(?P<number>{NUMBER_ZH})"
    rf"(?:个?[字句段条行点]?(?:话)?\s?(?:[-—–~～至到]|或者?|(?:和|与)(?=[^，。]{{1,10}}之间))+\s?(?P<to>{NUMBER_ZH}))?)"
    rf"\s?(?:{_UNIT})(?:之间|的?篇幅)?(?:{AFTER_ZH})?"
)
_LIST_VERB = (
    "列出|列举出?|举出?|写出|说出|给出?|提出|提供|推荐|想出|总结出?|归纳出?|概括出?|概括为|归纳为|总结为"
    "|总结成|概括成|归纳成|整理成|整理出|分为?|分成|用|以|写|准备|要有|包含|包括|有|罗列|制作|拟定?|起|取"
    "|设计"
)
_LISTED = re.compile(
    rf"(?:列出|给我|列举出?|举出|写出|说出|给出|提出|提供|推荐|想出|罗列|介绍|起|取"
    rf"|拟)(?:了)?(?:[^，。；、每各]{{1,14}}的)?(?:{BOUND_ZH})?(?P<number>{NUMBER_ZH})(?:(?:[-—~～至到])(?P<to>{NUMBER_ZH}))?"
    "(?:个|种|件|本|部|位|首|座|款|类|则|道|条|点|项)(?!要点|条目|列表项|部分|方面|段|字|月|小时|阶段"
    "|句子|词|单词|汉字|步骤|项目符号|人物)(?P<after_exact>)[^，。；、]{0,20}"
)
_PER = re.compile("每|各|分别|一一|逐")
_PART = re.compile(
    "标题|题目|开头|开篇|结尾|末尾|结束|最后|首先|然后|接着|再用|第[一二三四五六七八九十\\d]+(?:句|段|行"
    "|部分|点|条|个|节|章)|[首末]段|[首末]句|引言|导语|前言|结语|附言|称呼|其中"
)
_PART_AFTER = re.compile("^的?(?:标题|开头|开篇|结尾|引言|导语|前言|结语|题目)")
_GIVEN = re.compile("(?:[这那前后上]|上述|上面|下列|下面|以下|原文|该|此|共有的|其余|另外)的?$")
_FACT = re.compile("(?:了|过|认识|学会|会写|会背|能写|能打|背诵|会说|掌握)$")
_ASKED = re.compile("多少|几[个句段字条行]|第几")
_PLACE_BEFORE = re.compile(
    "(?:^|用|写|以|为|成|分|出|共|在|约|篇|[:：（(]|个|的|来|是|说|讲|给|概括|总结|生成|输出|回答|请|做"
    "|作|列|字数|篇幅|长度|总长|全文|控制|限|要|需|须|应|有|包含|由|一篇|一首|一段|内|到)$"
)
_PLACE_AFTER = re.compile(
    "^(?:$|[\\s，。；！？、）).,!]|的|介绍|描述|概括|总结|说明|回答|解释|讲|写|来|形容|表达|点评|评价"
    "|阐述|作文|短文|故事|文章|诗|文|话|长|组成|构成|左右|内|为|完成|叙述|复述|简介|说|论述|归纳|描写"
    "|告诉|翻译|改写|答|就|即)"
)
_CLAUSE = re.compile("[，,；;。：:（(]")
_SECOND = re.compile(f"^[^，。]{{0,12}}(?:和|与|以及|及|、|，){NUMBER_ZH}(?:个|种|件|本|部|位|首|座|款|类|则|条|点|项)")


def counts(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The demands of a Chinese sentence on how much there is of something in the whole deliverable."""
    mask = sentence.mask
    if _ASKED.search(mask):
        return
    earlier: list[tuple[int, int]] = []
    for match in _COUNT.finditer(mask):
        kind = next(kind for kind in _KINDS if match[kind])
        number, to = _numbers(match)
        clause = _CLAUSE.split(mask[: match.start()])[-1]
        nested = any(count > 1 and not _CLAUSE.search(mask[end : match.start()]) for end, count in earlier)
        earlier.append((match.end(), number))
        if not number or (nested and not re.search("共|总|全文|、|和|且|并", mask[earlier[-2][0] : match.end()])):
            continue
        bounds = Bounds.read(_said(match), number, to, loose=kind in ("words", "characters"))
        of_a_list = re.search(f"(?:{_LIST_VERB})[^，。]{{0,6}}$", clause) or (bounds.explicit and not clause)
        if "字符" in match.group() and number < 20:
            continue  # of a password
        if _about_a_part(mask, match, clause) or (kind == "items" and not of_a_list):
            continue
        if (
            kind in ("sentences", "paragraphs")
            and not bounds.explicit
            and number == 1
            and re.match("[^一]*一[句段]$", match.group())
        ):
            continue  # 一句 or 一段 of something: a saying, a dialogue
        if (
            kind == "characters"
            and not bounds.explicit
            and number < 20
            and not re.match("^(?:$|[，。；、）]|以|回答|概括|总结|介绍)", mask[match.end() :])
        ):
            continue
        if bounds.explicit or (_PLACE_BEFORE.search(clause) and _PLACE_AFTER.match(mask[match.end() :])):
            yield _demand(sentence, text, match, kind, bounds)


def every_count(sentence: Sentence, text: str) -> Iterator[tuple[Demand, tuple[int, int]]]:
    """All counts of a Chinese sentence, whatever they are about, each with its span in the sentence's mask."""
    for match in _COUNT.finditer(sentence.mask):
        kind = next(kind for kind in _KINDS if match[kind])
        number, to = _numbers(match)
        if number:
            bounds = Bounds.read(_said(match), number, to, loose=kind in ("words", "characters"))
            yield _demand(sentence, text, match, kind, bounds), match.span()


def listed(sentence: Sentence, text: str) -> Iterator[Demand]:
    """The number of things that a Chinese sentence wants to be listed."""
    mask = sentence.mask
    if _ASKED.search(mask):
        return
    for match in _LISTED.finditer(mask):
        number = value_of(match["number"])
        end = match.start("after_exact")
        clause = _CLAUSE.split(mask[: match.start()])[-1]
        if (
            number < 2
            or _PER.search(clause)
            or _FACT.search(clause)
            or _SECOND.match(mask[end:])
            or (re.match("介绍", match.group()) and mask[end:][:1] in "人")
        ):
            continue
        if match.group()[end - match.start() - 1] in "条点项" and not mask[end : end + 1].strip("，。；！ ）"):
            continue  # counted already
        bounds = Bounds.read(_said(match), number, value_of(match["to"]) if match["to"] else None)
        yield Demand(text[sentence.start + match.start() : sentence.start + end], "items", bounds.low, bounds.high)


def _numbers(match: re.Match[str]) -> tuple[int, int | None]:
    if loose := match["loose"]:
        return value_of(loose[0]), value_of(loose[1])
    return value_of(match["number"]), value_of(match["to"]) if match["to"] else None


def _said(match: re.Match[str]) -> dict[str, str | None]:
    names = ("most", "least", "more", "fewer", "about", "exact")
    said = {name: value for name, value in match.groupdict().items() if name.removeprefix("after_") in names}
    if said.get("after_about") and re.match("控制|限", said.get("most") or ""):
        said["most"] = None  # 控制在80字左右
    return said


def _demand(sentence: Sentence, text: str, match: re.Match[str], kind: DemandKind, bounds: Bounds) -> Demand:
    return Demand(
        text[sentence.start + match.start() : sentence.start + match.end()].strip(), kind, bounds.low, bounds.high
    )


def _about_a_part(mask: str, match: re.Match[str], clause: str) -> bool:
    """Whether a count is about each part, one part, a given text or a thing in the story."""
    before, after = mask[: match.start()], mask[match.end() :]
    previous = _CLAUSE.split(before)[-2:-1]
    if (
        _PER.search(clause)
        or _PART.search(clause[-14:])
        or _PART_AFTER.match(after)
        or _GIVEN.search(before[-3:])
        or _FACT.search(before[-3:])
    ):
        return True
    if re.match("[^，。；]{0,4}[每各]", after) and not re.match("[，。；]", after):
        return True
    return bool(previous and re.match("(?:对|为|给)?(?:于)?(?:每|标题|题目|开头|结尾)", previous[0]) and not clause)
