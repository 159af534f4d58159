"""Whether a task wants JSON, and with which keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..core.types import Demand
from .spans import Sentence

_GIVE = (
    r"(?:return|output|respond|reply|answer|give|write|produce|provide|format|present|generate|list"
    r"|extract|print|encode|express|convert|turn|summari[sz]e|describe|make"
    r"|create|put|deliver|use|using|must be|should be|has to be|is to be|want|need|represent|render|emit"
    r"|show|structure|be|only)"
)
_JSON = (
    r"(?:(?:an?|one|only|valid|strict|well-formed|plain|pure|raw|single|the|correct|compact|minified"
    r"|pretty-printed)\s){0,3}json\b"
)
_ENGLISH = [
    re.compile(rf"\b{_GIVE}\b[^.;!?]{{0,120}}?\b(?:as|in|into|to|with|using|of)\s{_JSON}", re.IGNORECASE),
    re.compile(rf"\b{_GIVE}\s(?:me\s|us\s|your answer\s|it\s|them\s|back\s)?{_JSON}", re.IGNORECASE),
    re.compile(
        rf"^(?:(?:output|response|answer|result)?\s?(?:format|type)?\s?[:：]\s?)?(?:as\s"
        rf"|in\s)?{_JSON}(?:\s(?:format|only|output|object|array|please)|[.:,]|$)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:format|output|answer|response|result)[^.;]{0,20}[:：]\s?json\b|\bjson only\b|\bonly (?:valid )?json\b",
        re.IGNORECASE,
    ),
    re.compile(rf",\s(?:as|in)\s{_JSON}", re.IGNORECASE),
]
_CHINESE = re.compile(
    "(?:以|用|按照?|使用|采用|输出|返回|给出|生成|写成|转换?成|转换?为|整理成|整理为|回答|格式(?:为|是|："
    "|:)|输出为|必须是|只能是|一个|合法的?|有效的?|一段)\\s?(?:合法的?|有效的?|标准的?|纯|一个|为"
    "|成)?\\s?json",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:how|functions?|programs?|scripts?|code|pars(?:e|er|es|ing)|class|about|difference|explain|what"
    r"|why|reads?|loads?|convert(?:s|ing)? (?:from )?json|from json|this json|the json"
    r"|given json|tutorial|library|module|api|not|don't|never|avoid|instead of)\b[^,;]{0,60}$|如何|怎么"
    r"|函数|程序|脚本|代码|解析|关于|不要|不得|读取|什么是",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"\b(?:keys?|fields?|properties|attributes|members|names)\b(?:\snamed|\scalled|\sof|\sare|\s(?:must"
    r"|should) be)?\s?[:：]?\s?|(?:键名?|字段名?|属性|键值)(?:必须)?(?:分别)?(?:为|是|包括|包含|有|："
    r"|:)?\s?|"
    r"\bwith (?:exactly )?(?:the )?(?=[\w\ufffc\"'`]+(?:, | and )[^.]{0,80}$)"
)
_KEY_BEFORE = re.compile(
    r"((?:[A-Za-z_]\w*|[\"'`“][^\"'`”]{1,40}[\"'`”])(?:(?:,|、| and |和|, and )\s?(?:[A-Za-z_]\w*"
    r"|[\"'`“][^\"'`”]{1,40}[\"'`”])){1,11})\s?(?:as (?:the )?(?:keys|fields)|(?:两|三|四|五"
    r"|\d)?个?(?:字段|键))"
)
_KEY = re.compile(r"[\"'`“‘]([^\"'`”’\n]{1,40})[\"'`”’]|([A-Za-z_][A-Za-z0-9_-]{0,40}|[\u4e00-\u9fff]{1,8})")
_NO_KEY = frozenset(
    "the of and with each every following for is are must be its their all string number integer list"
    " array boolean".split()
)


def json_demand(sentences: list[Sentence], text: str) -> Iterator[Demand]:
    """The demand for JSON, if a task makes one; the keys that it names are a JSON list in `value`."""
    for place, sentence in enumerate(sentences):
        for pattern in (*_ENGLISH, _CHINESE):
            match = pattern.search(sentence.mask)
            if not match:
                continue
            found = re.search("json", match.group(), re.IGNORECASE)
            start = match.start() + (found.start() if found else 0)
            clause = re.split(r"[;；。]|, (?=\w+ )", sentence.mask[:start])[-1] + " "
            if _OTHER.search(clause.rstrip() if clause.strip() else "") or re.match(
                r"json\s(?:to|into)\b|json(?:文件|是|解析|的(?:历史|用途|优点))", sentence.mask[start:], re.I
            ):
                continue
            keys = next((keys for part in sentences[place : place + 3] if (keys := _keys(part, text))), []) or _example(
                text, sentence.end
            )
            yield Demand(
                sentence.of(text)[match.start() : match.end()],
                "json",
                value=json.dumps(keys, ensure_ascii=False) if keys else "",
            )
            return


def _keys(sentence: Sentence, text: str) -> list[str]:
    written = sentence.of(text)
    if "json" in sentence.mask.lower() and (before := _KEY_BEFORE.search(written)):
        return [
            (key[1] or key[2])
            for key in _KEY.finditer(before[1])
            if not re.match(r"and$|[两三四五\d]个", (key[1] or key[2]).lower())
        ]
    for match in _KEYS.finditer(sentence.mask):
        found: list[str] = []
        rest = re.split(r"[.;。；!！]|\n", written[match.end() : match.end() + 300])[0]
        rest = re.sub(
            r"\([^)]{0,80}\)|（[^）]{0,80}）|:\s?(?:string|number|integer|boolean|array|list|int|str|float)\b", "", rest
        )
        for piece in re.split(r",\s?(?:and\s)?|\sand\s|、|和|以及|，", rest):
            key = _KEY.match(piece.strip())
            name = (key[1] or key[2]) if key else ""
            if not key or name.lower() in _NO_KEY or re.match(r"[两三四五\d]个", name):
                break
            behind = piece.strip()[key.end() :].strip(" .,:")
            if behind and not key[1] and not re.match(r"(?:as|is|being)\b|[（(]|三|两|四", behind):
                break
            found.append(name)
        if found:
            return found
    return []


def _example(text: str, after: int) -> list[str]:
    """The keys of an object that a task shows as an example of what it wants."""
    before = text[max(0, after - 80) : after]
    match = re.search(r"\{[^{}]{3,1500}\}", text[max(0, after - 400) : after + 800])
    if not match or not re.search(
        r"\b(?:form|format|shape|structure|schema|like|example|such as|following)\b|格式|形式|结构|如下|例如",
        text[max(0, after - 400) : after + 60] if before else "",
    ):
        return []
    return re.findall(r"[{,]\s*\"([^\"]{1,40})\"\s*:", match.group())
