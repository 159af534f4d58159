"""What the task's own words say about the form of its answer: one short text, one coherent text, named parts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.types import Demand

SHORT = {"sentences": 8, "words": 150, "characters": 300, "paragraphs": 1, "lines": 14, "items": 20}
"""An answer within one of these limits is one step."""

_MATERIAL = re.compile(r"```.*?```", re.DOTALL)
_ASKS_WHY = re.compile(
    r"\b(?:why|how (?!many|much|old|long|far|tall|often|big|large|heavy))\b|为什么|怎么样|怎样|如何", re.I
)
_ONE_ANSWER = re.compile(
    r"\b(?:how (?:many|much|old|long|far|tall|often|big|large|heavy)|which|who|whom|whose|when|where|what)\b"
    r"|多少|几|谁|哪|何时|什么|多大|多长|多远|多久|吗",
    re.I,
)
_COUNTED = re.compile(r"^(?:calculate|compute|work out|find|count|add up|determine)\b|(?:计算|算出|求出|求)", re.I)
_ONE_TEXT = re.compile(
    r"\b(?:letter|e-?mail|message|story|tale|fable|poem|haiku|limerick|sonnet|paragraph|abstract|tweet|joke|slogan|song|"
    r"lyrics|toast|caption|headline|postcard|invitation|apology|obituary|note to|notice|announcement|advertisement|advert|ad)\b"
    r"|信(?!息|用|念|任|仰|心|号)|邮件|故事|童话|寓言|诗|段落|一段|摘要|笑话|标语|口号|歌词|贺卡|请柬|微博|短信|明信片|便条|广告|通知|启事",
    re.I,
)


_QUANTITY = re.compile(
    r"\b(?:how (?:many|much|old|long|far|tall|big|large|heavy|fast)"
    r"|what (?:is|was|are|were|will be|would be)? ?(?:the|their|its)? ?(?:\w+ ){0,2}"
    r"(?:total|sum|average|mean|median|difference|number|amount|percentage|share|price|cost|profit|speed|age|area|volume"
    r"|distance|ratio|remainder|balance))\b"
    r"|多少|几(?:个|只|本|人|元|天|次|页|名|位|张|箱|桶|块|条|岁|公里|小时|分钟)|一共|总共|平均|合计|总和|之差|百分之几",
    re.I,
)
_MOST = re.compile(
    r"\b(?:most|least|fewest|more than|fewer than|less than|at least|at most|on average|(?:high|low|larg|small|bigg|long|short"
    r"|cheap|heavi|light|old|young|earli|lat|great|fast|slow|tall)est)\b|最|超过|至少|多于|少于|不到|平均",
    re.I,
)
_FIGURE = re.compile(
    r"(?<![\w.])\d+(?:[.,:]\d+)*|\d+|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|sixty|hundred|thousand|half|twice|double|triple|third|quarter)\b|[一二两三四五六七八九十百千]+(?=[个只本人元天次页名位张箱桶块条倍])|一半",
    re.I,
)


def computes(text: str) -> bool:
    """Whether the task asks for a quantity that has to be worked out of several figures in it."""
    return _asks(text, _QUANTITY) and len(_FIGURE.findall(text)) > 1


def figures(text: str) -> list[str]:
    """The figures in a text, in digits and in words."""
    return _FIGURE.findall(text)


def computes_over(text: str, items: Sequence[str]) -> bool:
    """Whether the task asks for a quantity, or for what is most, that has to be worked out of the figures in a list."""
    asked = _asks(text, _QUANTITY) or _asks(text, _MOST)
    return asked and 2 * sum(bool(_FIGURE.search(item)) for item in items) >= len(items)


def _asks(text: str, what: re.Pattern[str]) -> bool:
    asked = ask_of(text)
    wanted = (asked.endswith(("?", "？")) and what.search(asked)) or _COUNTED.search(asked)
    return bool(wanted) and not _ASKS_WHY.search(asked)


def parts_of(demands: Sequence[Demand]) -> tuple[str, ...]:
    """The parts of the answer that the task names."""
    return tuple(demand.value for demand in demands if demand.kind == "part")


def is_short(text: str, demands: Sequence[Demand]) -> bool:
    """Whether the task asks for one answer or one short text, so that there is nothing to divide."""
    if len(parts_of(demands)) > 1 and not any(demand.kind == "json" for demand in demands):
        return False
    if any(_is_short_limit(demand) for demand in demands):
        return True
    return has_one_answer(text) or (not _is_question(text) and bool(_ONE_TEXT.search(_first(text))))


def has_one_answer(text: str) -> bool:
    """Whether the task asks a question that has one short answer, or for something to be worked out."""
    asked = ask_of(text)
    if _is_question(text):
        return bool(_ONE_ANSWER.search(asked)) and not _ASKS_WHY.search(asked)
    return bool(_COUNTED.search(asked))


def _is_question(text: str) -> bool:
    return ask_of(text).endswith(("?", "？"))


def is_one_text(text: str, demands: Sequence[Demand]) -> bool:
    """Whether the answer has to be one coherent text, or is limited as a whole."""
    limited = any(demand.kind in SHORT and demand.high is not None and not demand.each for demand in demands)
    return (
        limited
        or any(demand.kind in ("starts", "ends", "json") for demand in demands)
        or bool(_ONE_TEXT.search(_first(text)))
    )


def _is_short_limit(demand: Demand) -> bool:
    if demand.each:
        return False
    return demand.kind in ("json", "starts", "ends") or (
        demand.high is not None and demand.high <= SHORT.get(demand.kind, 0)
    )


def _first(text: str) -> str:
    """The sentence with which the task begins, which mostly names what is to be written."""
    return re.split(r"[.!?。！？\n]", text.strip(), maxsplit=1)[0]


def ask_of(text: str) -> str:
    """The last sentence that asks or orders, or else the last one; material in fences aside."""
    plain = _MATERIAL.sub("", text)
    sentences = [one.strip() for one in re.findall(r"[^.!?。！？\n]+[.!?。！？]*", plain) if one.strip()]
    asked = [one for one in sentences if one.endswith(("?", "？")) or _COUNTED.search(one)]
    return asked[-1] if asked else sentences[-1] if sentences else ""
