"""Numbers as people write them, in English and Chinese, and the bounds that stand around them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL = {**{name: value for value, name in enumerate(_UNITS)}, **{name: 10 * (i + 2) for i, name in enumerate(_TENS)}}
_WORDS = {**_SMALL, "a": 1, "an": 1, "single": 1, "half a dozen": 6, "a dozen": 12, "dozen": 12}
_PLAIN = "|".join(sorted(_SMALL, key=len, reverse=True))

NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|(?:a|one|two|three|four|five|six|seven|eight|nine) (?:hundred"
    rf"|thousand)(?: and (?:{_PLAIN}))?"
    rf"|half a dozen|a dozen|(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_UNITS[1:10])})|{_PLAIN})"
)
"""An English number, in digits or words; without a name, to be put into larger expressions."""

_DIGITS_ZH = {**{char: value for value, char in enumerate("零一二三四五六七八九")}, "两": 2, "〇": 0, "俩": 2}
_FACTORS_ZH = {"十": 10, "百": 100, "千": 1000, "万": 10000}

NUMBER_ZH = "(?:[0-9０-９]{1,6}[千百万]?|[一二三四五六七八九两十百千万零〇]{1,8})"
"""A Chinese number, in digits or characters."""


def value_of(text: str) -> int:
    """The value of a text that matches `NUMBER` or `NUMBER_ZH`."""
    text = text.strip().lower().replace(",", "")
    if text.isdecimal():
        return int(text)
    if text in _WORDS:
        return _WORDS[text]
    if text[:1].isascii() and text[:1].isalpha():
        total = 0
        for word in re.split(r"[- ]", text):
            if word in ("hundred", "thousand"):
                total = max(total, 1) * (100 if word == "hundred" else 1000)
            elif word != "and":
                total += _WORDS.get(word, 0)
        return total
    return _chinese(text)


def _chinese(text: str) -> int:
    if match := re.fullmatch(r"(\d+)([千百万])", text):
        return int(match[1]) * _FACTORS_ZH[match[2]]
    total, digit, factor = 0, 0, 1
    for char in text:
        if char in _FACTORS_ZH:
            total += (digit or (1 if not total else 0)) * _FACTORS_ZH[char]
            digit, factor = 0, _FACTORS_ZH[char]
        elif char in _DIGITS_ZH:
            digit = _DIGITS_ZH[char]
            factor = 1 if char in "零〇" else factor
    return total + digit * (factor // 10 if factor >= 100 else 1)  # 一百五 is 150


_LEAST = (
    r"(?:at least|at the least|no fewer than|not fewer than|no less than|not less than|a minimum of"
    r"|minimum of|minimum:?|min\.?:?|no shorter than|not shorter than"
    r"|(?:should|must) exceed|or more than)"
)
_MORE = r"(?:(?<!no )(?<!not )more than|over|above|upwards of|longer than(?<!no longer than)(?<!not longer than))"
_MOST = (
    r"(?:at most|at the most|no more than|not more than|not over|up to|(?:a )?maximum of|maximum:?|max\.?:?"
    r"|no longer than|not longer than|not exceed(?:ing)?"
    r"|(?:don't|do not|never|not to|without) exceed(?:ing)?|does not exceed|(?:don't|do not|never) (?:use|write|go over"
    r"|go beyond)(?: more than)?|within|limit(?:ed)?(?: (?:it|yourself|the \w+|your \w+))? to"
    r"|restrict(?:ed)?(?: (?:it|yourself|the \w+|your \w+))? to|capped at|cap (?:it )?at|limit(?: of|:| is)"
    r"|as many as|not above)"
)
_FEWER = (
    r"(?:(?<!no )(?<!not )(?:fewer|less) than|under|below|(?:shorter than)(?<!no shorter than)(?<!not shorter than))"
)
_ABOUT = r"(?:about|around|approximately|approx\.?|roughly|some|circa|ca\.?|nearly|almost|close to|~|≈|more or less)"
_EXACT = r"(?:exactly|precisely|just|only|no more and no less than|strictly|a total of|in total|all of)"
_NOUN_OF_BOUND = {"least": _LEAST, "more": _MORE, "most": _MOST, "fewer": _FEWER, "about": _ABOUT, "exact": _EXACT}

BOUND = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NOUN_OF_BOUND.items())
"""What may stand before an English number; the group that matches says what it means."""

AFTER = (
    r"(?P<after_most>or (?:fewer|less|under|shorter)|at (?:the )?most|max(?:imum)?|tops|limit|and no more|or below)"
    r"|(?P<after_least>or (?:more|longer|above)|at (?:the )?least|min(?:imum)?|and up|plus)"
    r"|(?P<after_about>or so|or thereabouts|give or take|approximately|roughly)|(?P<after_exact>exactly"
    r"|precisely|only|in total|no more,? no less)"
)
"""What may stand behind an English count."""

_ZH = {
    "most": "不(?:得|能|要|可以?|应|许)?(?:超过|多于|超出|大于|高于)|至多|最多|控制在|限制在|限于|限定在?|限"
    "|少于等于|上限(?:为|是)?|别超过|勿超过",
    "least": "(?:不|别)(?:得|能|要|可以?|应|许)?(?:少于|低于|下于|短于|小于|少過)|至少(?:要?有?|写|用|包含)?|最少"
    "|起码(?:要?有?)?|下限(?:为|是)?",
    "more": "超过|多于|大于|高于",
    "fewer": "少于|不到|不足|低于|小于|短于",
    "about": "大约|大概|约为?|差不多|将近|接近|左右",
    "exact": "恰好|正好|刚好|恰恰|只能?(?:用|写|有|列出?)?|仅(?:用|限|写|列出?)?|严格|总共|一共|共",
}
BOUND_ZH = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _ZH.items())
AFTER_ZH = (
    "(?P<after_most>以内|之内|以下|封顶|内(?!容|心|部)|为限|为上限)|(?P<after_least>以上|起(?!来))"
    "|(?P<after_about>左右|上下|前后|出头)|(?P<after_exact>整|即可)"
)


@dataclass(frozen=True)
class Bounds:
    """Bounds of a count, inclusive; `None` is open. `explicit`: the task gave more than the number."""

    low: int | None
    high: int | None
    explicit: bool = True

    @staticmethod
    def read(groups: dict[str, str | None], number: int, to: int | None = None, loose: bool = False) -> Bounds:
        """The bounds that the groups of `BOUND`, `AFTER` and their like say of a number.

        Args:
            to: The other end of a range.
            loose: A bare number means about that many, as for the words of an essay.
        """
        said = {name.removeprefix("after_") for name, value in groups.items() if value}
        if to is not None and to >= number:
            return _near(number, to, 0.1) if "about" in said else Bounds(number, to)
        if "most" in said:
            return Bounds(None, number)
        if "fewer" in said:
            return Bounds(None, max(0, number - 1))
        if "least" in said:
            return Bounds(number, None)
        if "more" in said:
            return Bounds(number + 1, None)
        if "about" in said:
            return _near(number, number, 0.2)
        if "exact" in said:
            return Bounds(number, number)
        if loose and number >= 20:
            return _near(number, number, 0.1, explicit=False)
        return Bounds(number, number, explicit=False)


def _near(low: int, high: int, share: float, explicit: bool = True) -> Bounds:
    return Bounds(math.floor(round(low * (1 - share), 6)), math.ceil(round(high * (1 + share), 6)), explicit)
