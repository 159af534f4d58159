"""The language that a task asks its deliverable to be in, where it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Sentence, read

_NAMES = {
    "English": "英语 英文",
    "Chinese": "中文 汉语 普通话 简体中文 繁体中文 华语",
    "Japanese": "日语 日文",
    "Korean": "韩语 韩文 朝鲜语",
    "Russian": "俄语 俄文",
    "German": "德语 德文",
    "French": "法语 法文",
    "Spanish": "西班牙语 西班牙文 西语",
    "Italian": "意大利语 意大利文",
    "Portuguese": "葡萄牙语 葡萄牙文 葡语",
    "Dutch": "荷兰语 荷兰文",
    "Arabic": "阿拉伯语 阿拉伯文",
    "Hebrew": "希伯来语",
    "Greek": "希腊语",
    "Thai": "泰语 泰文",
    "Hindi": "印地语",
    "Vietnamese": "越南语 越语",
    "Turkish": "土耳其语",
    "Polish": "波兰语",
    "Czech": "捷克语",
    "Swedish": "瑞典语",
    "Danish": "丹麦语",
    "Norwegian": "挪威语",
    "Finnish": "芬兰语",
    "Hungarian": "匈牙利语",
    "Romanian": "罗马尼亚语",
    "Indonesian": "印尼语 印度尼西亚语",
    "Ukrainian": "乌克兰语",
    "Bulgarian": "保加利亚语",
    "Persian": "波斯语",
    "Latin": "拉丁语",
    "Bengali": "孟加拉语",
    "Tamil": "泰米尔语",
    "Urdu": "乌尔都语",
    "Serbian": "塞尔维亚语",
}
_IN_CHINESE = {name: english for english, names in _NAMES.items() for name in names.split()}
_OTHERS = {"mandarin": "Chinese", "farsi": "Persian"}
_OWN = {
    "German": "deutsch allemand alemán alemão tedesco duits немецк ドイツ語 독일어",
    "English": "englisch anglais inglés inglês inglese engels английск 英語 영어 إنجليزية",
    "French": "französisch français francés francês francese frans французск フランス語 프랑스어 فرنسية",
    "Spanish": "spanisch espagnol español espanhol spagnolo испанск スペイン語 스페인어",
    "Italian": "italienisch italien italiano итальянск",
    "Chinese": "chinesisch chinois chino китайск 中国語 중국어",
    "Portuguese": "portugiesisch portugais português",
    "Dutch": "niederländisch nederlands",
    "Russian": "russisch russe русск ロシア語 러시아어",
    "Ukrainian": "украинск",
    "Japanese": "japanisch japonais japonés 日本語 일본어",
    "Korean": "韓国語 한국어",
    "Arabic": "عربية",
}
_IN_ITSELF = {name: english for english, names in _OWN.items() for name in names.split()}
_STEM = rf"(?P<stem>{'|'.join(sorted(_IN_ITSELF, key=len, reverse=True))})"
_ELSEWHERE = re.compile(  # "auf Deutsch", "en anglais", "на русском", "日本語で", "영어로"
    rf"(?<!\w)(?:(?:auf|ins|en|em|in(?: het)?|на) |по-|بال){_STEM}\w{{0,3}}(?!\w)".replace("(?P<stem>", "(?P<first>")
    + rf"|{_STEM}(?:で|に(?=翻訳|訳)|로)",
    re.IGNORECASE,
)

_L = rf"(?P<name>{'|'.join([*_NAMES, *map(str.title, _OTHERS)])})"
_ADJECTIVE = (
    r"(?:(?:simple|plain|easy|formal|informal|clear|good|fluent|modern|standard|everyday|basic|polite"
    r"|correct|proper|native|natural|idiomatic"
    r"|simplified|traditional|mandarin|brazilian|european|british|american|mexican|latin|conversational"
    r"|literary|the|only|just)\s){0,2}"
)
_FOLLOW = (
    r"(?:\s+language)?(?:\s+chinese)?(?=\s*(?:$|[.,;:!?)—–(\ufffc-]|(?:only|please|about|on|with|for|using"
    r"|that|which|and|but|or|so|to|of|at|from|in"
    r"|by|as|explaining|describing|without|instead|throughout|not|is|because|under|within|covering"
    r"|including|titled|called|between|no|exactly|the|an?|your|this|my|what|how|why)\b))"
)
_WRITING = (
    r"(?:writ(?:e|ten|ing)|answer|repl(?:y|ied)|respond|translat(?:e|ed|ion)|say|give|compose|summari[sz]e"
    r"|explain|describe|list|output|produce|draft"
    r"|tell|make|create|return|provide|deliver|present|render|speak|rewrite|rephrase|paraphrase|convert"
    r"|prepare|do|be|state|introduce|generate|discuss"
    r"|compare|outline|express|phrase|result|response|text|article|essay|story|poem|letter|e-?mail|summary"
    r"|report|plan|put|name|suggest|want|need)"
)
_TEXT = (
    r"(?:translation|version|essay|summary|text|letter|e-?mail|article|report|abstract|sentences?"
    r"|paragraph|description|answer|introduction|review"
    r"|speech|blog post|dialogue)"
)
_ABOUT_A_LANGUAGE = re.compile(
    r"\b(?:how|why|what|where|words?|nouns?|verbs?|grammar|spelling|pronunciation|pronounced?|phrases?"
    r"|terms?|spoken|called|mean(?:s|ing)?|taught"
    r"|published|printed|schools?|newspapers?|books?|novels?|films?|songs?|alphabets?|lessons?|speakers?"
    r"|learn(?:ing)?|teach(?:ing)?|stud(?:y|ying)"
    r"|difference|literature|history of (?:writing|printing)|expressions?|idioms?|proverbs?|tenses?)\b",
    re.IGNORECASE,
)
_ENGLISH = [
    # "…, written in German", "translate it into French": a verb or a text somewhere before, and nothing of a language's ways
    re.compile(rf"\b(?i:in|into)\s+{_ADJECTIVE}{_L}{_FOLLOW}"),
    re.compile(rf"\b(?i:translat)\w{{1,4}}\b[^.!?]{{0,200}}\b(?:in)?to\s+{_ADJECTIVE}{_L}{_FOLLOW}"),
    re.compile(
        rf"\b(?:use|using)\s+(?:only\s+)?{_ADJECTIVE}{_L}(?:\s+only)?(?=\s*(?:$|[.,;!)]|for\b|throughout\b|in your\b))",
        re.I,
    ),
    re.compile(
        rf"\b(?:write|give|compose|draft|produce|create|prepare|provide|make|need|want)\s+(?:me\s+"
        rf"|us\s+)?(?:an?|one|the|your|my)\s+"
        rf"(?:[\w-]{{1,20}}\s+){{0,2}}{_L}(?:-language)?\s+(?:[\w-]{{1,20}}\s+)?{_TEXT}\b",
        re.I,
    ),
    re.compile(rf"^(?:output |response |answer |target )?language\s*[:：=]\s*{_L}", re.I),
    re.compile(rf"^{_L}\s+(?:only|please)\b", re.I),
    re.compile(rf"\b(?:must|should|shall|has to) be {_L}(?=\s*(?:$|[.,;!)]))", re.I),
]
_Z = rf"(?P<name>{'|'.join(sorted(_IN_CHINESE, key=len, reverse=True))})"
_VERB_ZH = (
    "(?:写|回答|回复|输出|撰写|介绍|描述|作答|表达|书写|完成|解释|总结|说明|概括|列出|列举|给出|起草|编写"
    "|生成|翻译|讲|作文|创作|简述|阐述|叙述|复述|答|来写|来回答|来|为|向|分|给|把|将)"
)
_CHINESE = [
    re.compile(rf"(?:用|以|使用|采用|改用)(?:简单的|简洁的|地道的|流利的|正式的|通俗的|标准的"
    rf"|规范的)?{_Z}(?:语言)?(?={_VERB_ZH}|[，。；！,.;!）)]|$|\s|和|或|[一二两三四五六七八九十\d])"),
    re.compile(rf"(?:翻译|译|翻|改写|转写|转换|转|写|改|润色)(?:成|为|到|作){_Z}"),
    re.compile(rf"(?:语言|文字)(?:[:：]|为|是|使用|用|必须是|必须为|要求为?){_Z}"),
    re.compile(
        rf"(?:写|撰写|给出|提供|生成|编写|创作|起草|输出|要)(?:[一二两三\d]?(?:篇|封|段|份|首|个|则"
        rf"|句))?(?:[^，。关于的]{{0,6}}的)?{_Z}(?:的)?"
        "(?:文章|邮件|作文|短文|摘要|信|介绍|演讲稿|版本|版|翻译|译文|故事|报告|总结|简介|说明|文案|句子|段落"
        "|回答|答案|诗)"
    ),
    re.compile(rf"(?:^|[，,。；请])(?:请)?(?:全文|全部|全程|只|仅)?(?:用)?{_Z}(?:回答|回复|作答|输出|撰写|写作)"),
    re.compile(rf"(?:必须|应|应该|需|需要|要|应当)(?:是|为|使用|用|全部用|全文用){_Z}"),
]  # fmt: skip
_HOW_ZH = re.compile("如何|怎么|怎样|学习|关于|不要|不得|不能|请勿|别|不|能够|能|会|他|她|曾|意思|什么")
_SEVERAL = re.compile(
    rf"\b(?:bilingual|both {'(?:' + '|'.join(_NAMES) + ')'} and)\b|中英(?:双语|文对照|对照|文)|双语"
    rf"|[A-Z][a-z]+ and (?:then )?(?:in(?:to)? )?(?:{'|'.join(_NAMES)})\b"
    rf"|(?:{'|'.join(_IN_CHINESE)})(?:和|与|及|以及|、)(?:{'|'.join(_IN_CHINESE)})"
)
_NOT = re.compile(r"\b(?:not|don't|never|avoid|rather than|instead of|than|from)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)


def asked(text: str) -> tuple[str, str]:
    """The words of a task that ask for a language, and its English name; no name if it asks for several."""
    found: list[tuple[str, str]] = []
    for sentence in read(text):
        for start, end, name in _wanted(sentence):
            found.append((text[sentence.start + start : sentence.start + end], name))
        if found and (several := _SEVERAL.search(sentence.mask)):
            return several.group(), ""
    names = {name for _, name in found}
    if len(names) > 1:
        return found[0][0], ""
    return found[0] if found else ("", "")


def _wanted(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    mask = sentence.mask
    for match in _ELSEWHERE.finditer(mask):
        yield match.start(), match.end(), _IN_ITSELF[(match["first"] or match["stem"]).lower()]
    for place, pattern in enumerate(_ENGLISH):
        for match in pattern.finditer(mask):
            before = mask[: match.start()]
            if place == 0 and not _is_about_the_deliverable(before, mask[match.end() :]):
                continue
            if _NOT.search(before[-40:]):
                continue
            name = match["name"].title()
            yield match.start(), match.end(), _OTHERS.get(name.lower(), name)
    for place, pattern in enumerate(_CHINESE):
        for match in pattern.finditer(mask):
            clause = re.split("[，。；,;]", mask[: match.start()])[-1]
            if place != 1 and _HOW_ZH.search(clause[-12:]):
                continue
            yield match.start(), match.end(), _IN_CHINESE[match["name"]]


def _is_about_the_deliverable(before: str, after: str) -> bool:
    """Whether "in German" between these words says how something is to be written."""
    if not before.strip(" \t(*"):  # "In German, write …" but not "In German, nouns are …"
        return not after.strip(" ,.!)*") or bool(
            re.match(rf"\W{{0,3}}(?:please )?(?:only|please|{_WRITING})\b", after, re.IGNORECASE)
        )
    if before.rstrip().endswith("?") or (
        re.match(r"\s*\?", after) and not re.match(r"\W*(?:can|could|would|will) you", before, re.I)
    ):
        return False
    if _ABOUT_A_LANGUAGE.search(before):
        return bool(
            re.search(
                r",\s*$|\b(?:translate|answer|reply|respond|write)\b(?:\s+(?:it|them|this|briefly))?\s*$", before, re.I
            )
        )
    return bool(re.search(rf"\b{_WRITING}\b|,\s*$|\b(?:sentences?|words?|paragraphs?)\s*$", before, re.IGNORECASE))
