"""Whether a finished text meets the demands of its task, and what to say about those that it misses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence

from ..core.types import Demand, Verdict
from . import measure
from .language import detect

_CLOSING = " \t\n\r*_`#~\"'“”‘’„«»「」『』()（）[]【】>"
_POINTS = ".!?。！？…,，;；:："
_WIDE = str.maketrans("！？，。；：（）", "!?,.;:()")


def judge(demands: Sequence[Demand], output: str) -> tuple[Verdict, ...]:
    """Whether a finished text meets each of the demands; never raises, whatever the text."""
    return tuple(_JUDGES[demand.kind](demand, output) for demand in demands)


def _within(demand: Demand, number: int) -> bool:
    return (demand.low is None or number >= demand.low) and (demand.high is None or number <= demand.high)


def _sentences(demand: Demand, output: str) -> Verdict:
    number = measure.sentences(output)
    return Verdict(demand, _within(demand, number), f"{number} sentence{'s' * (number != 1)}")


def _words(demand: Demand, output: str) -> Verdict:
    number = measure.words(output)
    return Verdict(demand, _within(demand, number), f"{number} word{'s' * (number != 1)}")


def _characters(demand: Demand, output: str) -> Verdict:
    every = not re.search("字|Chinese", demand.text) and not measure.is_eastern(output)
    number = measure.characters(output, every)
    return Verdict(demand, _within(demand, number), f"{number} character{'s' * (number != 1)}")


def _paragraphs(demand: Demand, output: str) -> Verdict:
    number = measure.paragraphs(output)
    return Verdict(demand, _within(demand, number), f"{number} paragraph{'s' * (number != 1)}")


def _items(demand: Demand, output: str) -> Verdict:
    number = measure.items(output)
    return Verdict(demand, _within(demand, number), f"{number} item{'s' * (number != 1)}")


def _lines(demand: Demand, output: str) -> Verdict:
    number = measure.lines(output)
    return Verdict(demand, _within(demand, number), f"{number} line{'s' * (number != 1)}")


def _occurs(value: str, output: str, letters: bool = False) -> bool:
    """Whether a word or phrase occurs, in any case and number; where it has no letters or is Chinese, as it stands."""
    value, output = _folded(value), _folded(output)
    if letters or not re.search(r"[^\W_]", value) or measure.is_eastern(value):
        return value in output
    pattern = r"\s+".join(re.escape(word) for word in value.split())
    plural = "(?:s|es|'s)?"
    if value.endswith("y") and value[-2:-1] not in "aeiou":
        pattern, plural = pattern[:-1], "(?:y|ies|y's)"
    elif value.endswith("s") and not value.endswith("ss") and len(value) > 3:
        pattern, plural = pattern[:-1], "(?:s|s'|'s)?"
    return bool(re.search(rf"(?<!\w){pattern}{plural}(?!\w)", output))


def _folded(text: str) -> str:
    text = text.casefold().translate(_WIDE).replace("’", "'").replace("‘", "'")
    return re.sub(r"(?<=\s)[*_]{1,3}(?=\w)|(?<=\w)[*_]{1,3}(?=[\s.,;:!?]|$)", "", text)


def _is_of_letters(demand: Demand) -> bool:
    return len(demand.value) == 1 and bool(re.search(r"\bletters?\b|字母", demand.text))


def _contains(demand: Demand, output: str) -> Verdict:
    words = [word for word in demand.value.split() if len(word) > 2]
    met = _occurs(demand.value, output, _is_of_letters(demand))
    if (
        not met
        and len(words) > 1
        and demand.text.lower().startswith(("mention", "refer"))
        and not re.search("[\"'“]", demand.text)
    ):
        met = all(_occurs(word, output) for word in words)  # "mention the opening hours": in whatever order
    return Verdict(demand, met, "found" if met else "not found")


def _excludes(demand: Demand, output: str) -> Verdict:
    found = _occurs(demand.value, output, _is_of_letters(demand))
    return Verdict(demand, not found, "found" if found else "not found")


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", _folded(text)).strip(_CLOSING)


def _starts(demand: Demand, output: str) -> Verdict:
    value, start = _bare(demand.value), re.sub(r"^(?:[-+•]|\d+[.)])\s+", "", _bare(output))
    met = start.startswith(value) and not re.match(
        r"\w", start[len(value) : len(value) + 1] if value[-1:].isascii() else ""
    )
    if re.search(r"\bletter\b|字母", demand.text):
        met = start.startswith(value)
    return Verdict(demand, met, f'begins with "{_glimpse(output, first=True)}"')


def _ends(demand: Demand, output: str) -> Verdict:
    value, end = _bare(demand.value), _bare(output)
    if not value.strip(_POINTS) or value[-1:] in "?!":
        met = end.endswith(value)
    else:
        value, end = (
            value.rstrip(_POINTS + _CLOSING),
            re.sub(r"[\W_]+$", "", end) if value[-1:].isalnum() else end.rstrip(_POINTS + _CLOSING),
        )
        before = end[: len(end) - len(value)]
        met = end.endswith(value) and not (before[-1:].isalnum() and value[:1].isalnum() and value[:1].isascii())
    return Verdict(demand, met, f'ends with "{_glimpse(output, first=False)}"')


def _glimpse(output: str, first: bool) -> str:
    """The first or last few words of a text."""
    text = re.sub(r"\s+", " ", output[:400] if first else output[-400:]).strip(_CLOSING)
    if measure.is_eastern(text):
        return text[:10] if first else text[-10:]
    words = text.split(" ")
    return " ".join(words[:4] if first else words[-4:])[-60:]


def _json(demand: Demand, output: str) -> Verdict:
    text = output.strip()
    if fenced := re.fullmatch(r"(?:```|~~~)\w*[ \t]*\n(.*)\n[ \t]*(?:```|~~~)", text, re.DOTALL):
        text = fenced[1]
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Verdict(demand, False, "no JSON")
    keys = json.loads(demand.value) if demand.value else []
    objects = found if isinstance(found, list) else [found]
    missing = [
        key for key in keys if not objects or not all(isinstance(each, dict) and key in each for each in objects)
    ]
    return Verdict(demand, not missing, f"JSON without {', '.join(missing)}" if missing else "JSON")


def _language(demand: Demand, output: str) -> Verdict:
    found = detect(output)
    return Verdict(demand, found in ("", demand.value), found or "unclear")


_STRUCTURE = re.compile(
    r"(?:introduction|intro|conclusion|body|closing|opening|greeting|ending|end|beginning|middle|title"
    r"|signature|summary|verdict|引言|导语|结论|开头|结尾|正文|标题|称呼|落款|总结|主体|前言|结语)$",
    re.IGNORECASE,
)
_SMALL = frozenset(
    "the a an of for and or in on at to with by from its their how what why when where which that this"
    " about as is are be do does some possible main short".split()
)


def _part(demand: Demand, output: str) -> Verdict:
    name = demand.value
    met = _occurs(name, output) or any(_stem_occurs(word, output) for word in _heads(name))
    if not met and (_STRUCTURE.search(name) or not name.strip()):  # shown by its place, not by its name
        met = measure.paragraphs(output) > 1 or measure.sentences(output) > 2
    return Verdict(demand, met, "found" if met else "not found")


def _heads(name: str) -> list[str]:
    """The words that a part can be known by: those before its first preposition."""
    if measure.is_eastern(name):
        return [name[:2], name[-2:]] if len(name) > 2 else [name]
    head = re.split(r"\b(?:of|for|in|on|at|with|by|from|between|to)\b", name, maxsplit=1)[0]
    words = [word for word in re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", head.lower()) if word not in _SMALL]
    return words or [word for word in re.findall(r"[^\W_]+", name.lower()) if word not in _SMALL]


def _stem_occurs(word: str, output: str) -> bool:
    if measure.is_eastern(word):
        return word in output
    stem = re.sub(r"(?:ical|ation|ing|ies|es|ed|s|y|e)$", "", word.casefold())
    if len(stem) < 4:
        ending = "(?:e|es|s|ed|ing|y|ies)" + ("" if len(stem) < 3 else "?")
        return _occurs(word, output) or bool(re.search(rf"(?<!\w){re.escape(stem)}{ending}(?!\w)", _folded(output)))
    return bool(re.search(rf"(?<!\w){re.escape(stem)}", _folded(output)))


_JUDGES: dict[str, Callable[[Demand, str], Verdict]] = {
    "sentences": _sentences,
    "words": _words,
    "characters": _characters,
    "paragraphs": _paragraphs,
    "items": _items,
    "lines": _lines,
    "contains": _contains,
    "excludes": _excludes,
    "starts": _starts,
    "ends": _ends,
    "json": _json,
    "language": _language,
    "part": _part,
}

_UNITS_ZH = {"sentences": "句", "words": "个词", "characters": "字", "paragraphs": "段", "items": "项", "lines": "行"}


def feedback(verdicts: Iterable[Verdict], language: str = "English") -> str:
    """What a text missed, as sentences for the model that is to write it again; "" if nothing.

    Args:
        language: In which language: Chinese, or else English.
    """
    missed = [verdict for verdict in verdicts if not verdict.met]
    say = _in_chinese if language == "Chinese" else _in_english
    return "\n".join(dict.fromkeys(say(verdict) for verdict in missed))


def _in_english(verdict: Verdict) -> str:
    demand, quoted = verdict.demand, f'"{verdict.demand.text}"'
    if demand.kind in _UNITS_ZH:
        return f"It has {verdict.found}; the task asks for: {quoted}."
    if demand.kind == "contains":
        return f'It does not say "{demand.value}"; the task asks for: {quoted}.'
    if demand.kind == "excludes":
        return f'It says "{demand.value}"; the task asks for: {quoted}.'
    if demand.kind in ("starts", "ends"):
        return f"It {verdict.found}; the task asks for: {quoted}."
    if demand.kind == "json":
        return (
            f"It is {'not valid JSON' if verdict.found == 'no JSON' else verdict.found}; the task asks for: {quoted}."
        )
    if demand.kind == "language":
        return f"It is written in {verdict.found}; it must be in {demand.value}."
    return f'The part "{demand.value}" is missing.'


def _in_chinese(verdict: Verdict) -> str:
    demand, quoted = verdict.demand, f"“{verdict.demand.text}”"
    if demand.kind in _UNITS_ZH:
        return f"答案有{verdict.found.partition(' ')[0]}{_UNITS_ZH[demand.kind]}；任务要求：{quoted}。"
    if demand.kind == "contains":
        return f"答案没有出现“{demand.value}”；任务要求：{quoted}。"
    if demand.kind == "excludes":
        return f"答案出现了“{demand.value}”；任务要求：{quoted}。"
    if demand.kind in ("starts", "ends"):
        shown = verdict.found.partition('"')[2].rstrip('"')
        return f"答案的{'开头' if demand.kind == 'starts' else '结尾'}是“{shown}”；任务要求：{quoted}。"
    if demand.kind == "json":
        keys = verdict.found.removeprefix("JSON without ")
        return (
            f"答案不是有效的 JSON；任务要求：{quoted}。"
            if verdict.found == "no JSON"
            else f"JSON 中缺少：{keys}；任务要求：{quoted}。"
        )
    if demand.kind == "language":
        return f"答案的语言不对：应当用{_LANGUAGES_ZH.get(demand.value, demand.value)}写。"
    return f"缺少“{demand.value}”这一部分。"


_LANGUAGES_ZH = {
    "Chinese": "中文",
    "English": "英文",
    "German": "德文",
    "French": "法文",
    "Spanish": "西班牙文",
    "Italian": "意大利文",
    "Japanese": "日文",
    "Korean": "韩文",
    "Russian": "俄文",
    "Portuguese": "葡萄牙文",
    "Dutch": "荷兰文",
    "Arabic": "阿拉伯文",
}
