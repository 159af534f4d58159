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


def parts_of(demands: Sequence[Demand]) -> tuple[str, ...]:
    """The parts of the answer that the task names."""
    return tuple(demand.value for demand in demands if demand.kind == "part")


def is_short(text: str, demands: Sequence[Demand]) -> bool:
    """Whether the task asks for one answer or one short text, so that there is nothing to divide."""
    if len(parts_of(demands)) > 1 and not any(demand.kind == "json" for demand in demands):
        return False
    if any(_is_short_limit(demand) for demand in demands):
        return True
    asked = _last_ask(text)
    if asked.endswith(("?", "？")):
        return bool(_ONE_ANSWER.search(asked)) and not _ASKS_WHY.search(asked)
    return bool(_COUNTED.search(asked)) or bool(_ONE_TEXT.search(_first(text)))


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


def _last_ask(text: str) -> str:
    """The last sentence that asks or orders, or else the last one; material in fences aside."""
    plain = _MATERIAL.sub("", text)
    sentences = [one.strip() for one in re.findall(r"[^.!?。！？\n]+[.!?。！？]*", plain) if one.strip()]
    asked = [one for one in sentences if one.endswith(("?", "？")) or _COUNTED.search(one)]
    return asked[-1] if asked else sentences[-1] if sentences else ""
