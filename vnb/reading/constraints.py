"""The constraints of a task: its own sentences and clauses that demand something, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .asking import asks, is_question
from .numbers import NUMBER, NUMBER_ZH
from .spans import Sentence, read

_UNITS = (
    r"(?:sentences?|words?|characters?|paragraphs?|lines?|bullets?|bullet points?|points|items?|stanzas?"
    r"|steps|pages?|sections?|parts?|minutes|letters|syllables|verses?)"
)
_STRONG = re.compile(
    rf"\b(?:exactly|precisely|at least|at most|at the most|no more than|not more than|no fewer than"
    rf"|no less than|fewer than|less than|up to (?={NUMBER})|between {NUMBER} and"
    rf"|minimum|maximum|max\.?|min\.?(?= \d)|do not|don't|never|avoid(?:ing)?|without|must not|mustn't"
    rf"|should not|shouldn't|may not|refrain|make sure|ensure|be sure|not to exceed|limit(?:ed)?"
    r"|(?:end|start|begin|finish|conclude|open|close)(?:s|ing|ning)? (?:it |off |the [\w ]{1,20}"
    r"|your [\w ]{1,20}|each [\w ]{1,20}|every [\w ]{1,20})?(?:with|by|on)"
    r"|in the (?:form|style|tone|voice) of|in (?:a|an) [\w-]{1,20} (?:tone|style|voice|way|manner|format)"
    r"|keep (?:it|the|your|this|to|each"
    r"|every|them|everything|sentences|within|under)"
    rf"|(?:as|in|using|with|valid|only) (?:an? |valid |strict |only )*(?:json|markdown|yaml|csv|html|xml"
    rf"|table|bullet|numbered|list form|prose|past tense|present tense|rhyme|first person|second person"
    rf"|third person|uppercase|lowercase|capital)"
    r"|(?:past|present|future) tense|(?:first|second|third) person|nothing (?:else|but)|no other"
    r"|no mention|leave out|omit|json|whose (?:first|last)|(?:first|last) (?:word|line|sentence|letter)"
    r"|excluding"
    r"|except|not (?:use|mention|include|exceed|write|contain|repeat|more|be)|only (?:the|use|include|one"
    r"|in|with|a|mention|write|output|return)"
    r"|(?:use|using|include|including|mention|contain(?:ing)?) (?:only|the words?|the phrase|the name"
    r"|simple|plain|short|formal|informal)|(?:suitable|appropriate|written|meant|intended) for"
    r"|(?:in|into) (?:simple |plain |formal )?(?:English|French|German|Spanish|Italian|Chinese|Japanese"
    r"|Korean|Portuguese|Russian|Dutch|Arabic|Latin)\b|each (?:of|with|in|has|have|one)|(?:each"
    r"|every) (?:\w+ ){1,2}(?:must|should|has|have|with|starts?|ends?)"
    r"|for (?:each|every)|following (?:the|this|these) (?:format|rules?|structure|template)|(?:format"
    r"|length|tone|style|language|audience|structure) ?:)(?!\w)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"\b(?:{NUMBER}(?:\+|[- ]\w+)?[- ]{_UNITS}|(?:an?|one) (?:single |short |brief )?(?:sentence"
    rf"|paragraph))\b",
    re.IGNORECASE,
)
_LISTED = re.compile(
    rf"\b(?:list|name|enumerate|give|suggest|provide|write|produce|find|include|recommend|propose|create"
    rf"|make|generate)(?: me| us)?(?: the| exactly| only)?(?: best| top)? {NUMBER} \w"
    f"|(?:列出|列举|给出|举出?|写出?|说出|推荐|提出|想出)(?:了)?{NUMBER_ZH}(?:个|种|条|点|件|本|位|首)",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"(?<!that )(?<!who )(?<!which )\b(?:must|should|shall|needs? to|ha(?:s|ve) to|ought to|required|only"
    r"|is to|are to|may only|can only|cannot|can't|allowed|forbidden|mandatory|not longer|no longer than"
    r"|shorter than|longer than)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^(?:please |also |and |then |but |finally,? |and also |always )*(?:use|using|keep|include|mention"
    r"|avoid|leave out|omit|stick to|stay|no (?!matter|doubt|one\b)\w+|not\b|only|limit|ensure|make (?:it"
    r"|the|them|each|every|all)|write (?:in|it|for|as|only|like|from)"
    r"|answer (?:in|with|only|as)|reply (?:in|with|only|as)|respond (?:in|with|only|as)|return|output"
    r"|format|give only|put|highlight|cite|address|let|refer|end|begin|start|do|let it|be|add|sign|number"
    r"|rhyme|always)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "不要|不得|不能|不可|不许|不准|不应|不必|不用|不超过|不多于|不少于|不低于|不含|不包|别(?!人|的|墅|名"
    "|致|称|处|样|离|出|扭)|请勿|切勿|勿|禁止|避免|严禁|无需|必须|务必|一定要|至少|至多|最多|最少"
    "|只[能要用写有需包提输回给列说]|仅[限用供写输需]?|恰好|正好|刚好"
    "|以内|之内|以上|以下(?=[，。；]|$)|左右|控制在|限制在|限[于制定]?(?=[0-9一二三四五六七八九十百])"
    "|应当?(?!用|该是)|应该|须|需要|需(?=[要用有包])|结尾|结束|收尾|开头|开篇|格式|形式|语气|口吻|风格"
    "|文体|体裁|要求"
    f"|{NUMBER_ZH}(?:个)?(?:句|字(?!母|典)|段|词(?!语)|行(?!业)|条|点(?!钟)|项|个要点|单词|部分|方面|步)"
    f"|用(?:中文|英文|英语|法语|德语|日语|[^，。]{{1,8}}(?:语言|口吻|语气|方式|格式|形式|表格|列表|人称"
    f"|笔法|手法|文))|翻译成|译成"
    "|使用|采用|包括|包含|提到|提及|出现|保持|确保|保证|注意|每(?:段|句|部分|点|条|个|行|章)|分(?:为|成"
    "|[一二两三四五六七八九十\\d])|除了|第[一二三]人称|押韵|以[^，。]{1,10}(?:方式|形式|格式|口吻|身份"
    "|角度|人称|为题)|适合"
)
_OTHERS = re.compile(  # of other languages, enough not to miss what is plain
    r"\b(?:genau|mindestens|höchstens|maximal|nicht mehr als|kein(?:e|en|er)?|ohne|muss|müssen|soll|sollen"
    r"|darf nicht|nur|verwende|vermeide|exactement|au moins|au plus|pas plus de|sans|doit|doivent"
    r"|uniquement"
    r"|seulement|évite[rz]?|n'utilise[rz]?|exactamente|al menos|por lo menos|como máximo|no más de|sin"
    r"|debe|deben|solo|sólo|evita|esattamente|almeno|al massimo|non più di|senza|deve|solo|evita"
    r"|exatamente|pelo menos"
    r"|no máximo|sem|deve|apenas|precies|minstens|hoogstens|zonder|moet|alleen|ровно|не менее|не более|без"
    r"|должен|должна|только|не используй)\b|ちょうど|以内|以上|以下|必ず|しないで|ないこと|てはいけ|のみ"
    r"|だけ|정확히|이상|이하|이내|반드시|하지 마|만 ",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?:if|when|unless|where|for|in case|whenever|while|in|as|with|after|before|on|at|given)\b|如果|若|当"
    r"|对于|对|在|除|为",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"[,;，；]\s*(?:(?:and|but|also|or)\s+)?|\s(?:and|but)\s(?=(?:do not|don't|never|avoid|must|should"
    r"|end|begin|start|make sure|keep|use|without|only|exactly|at least|at most)\b)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^\d\s]{1,16}(?: [^\d\s]{1,16})?[:：]")  # "Requirements:"
_NO_LETTERS = re.compile(r"^[\W_]*$")


def constraints(text: str) -> tuple[str, ...]:
    """Every sentence or clause of a task that makes a plain demand: spans of its own words, in order, each once."""
    found: dict[str, None] = {}
    for sentence in read(text):
        for start, end in _demanding(sentence):
            span = text[sentence.start + start : sentence.start + end].strip().strip(",;，；、").strip()
            if span and not _NO_LETTERS.match(span) and not _LABEL.fullmatch(span):
                found[span] = None
    return tuple(found)


def _is_demand(piece: str, question: bool = False) -> bool:
    if question:
        return bool(re.search(rf"\bin (?:\w+ ){{0,3}}(?:{NUMBER}|an?|a single) (?:\w+ )?{_UNITS}\W*$", piece, re.I))
    if _MEASURED.search(piece) and asks(piece):
        return True
    return bool(
        _STRONG.search(piece)
        or _WEAK.search(piece)
        or _FIRST.match(piece)
        or _CHINESE.search(piece)
        or _OTHERS.search(piece)
    )


def _demanding(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """The clauses of a sentence that demand something, each with what goes on from it."""
    mask = re.sub(r"\s", " ", sentence.mask)
    if not _is_demand(mask, is_question(mask)):
        return
    if is_question(mask) or _CONDITION.match(mask) or len(mask) < 12:
        yield 0, len(mask)
        return
    at, begun = 0, -1
    for match in [*_BOUNDARY.finditer(mask), None]:
        end = match.start() if match else len(mask)
        clause = mask[at:end]
        if _is_demand(clause.strip()):
            if begun >= 0 and _stands_alone(clause):
                yield begun, _end_of(mask, at)
                begun = at
            elif begun < 0:
                begun = at
        at = match.end() if match else end
    if begun >= 0:
        yield begun, len(mask)
    else:
        yield 0, len(mask)


def _end_of(mask: str, at: int) -> int:
    """Where the clause before an offset ends: without "and" and the comma."""
    return len(re.sub(r"[\s,;，；、:：]*(?:\b(?:and|but|also|or)\b)?\s*$", "", mask[:at], flags=re.IGNORECASE))


def _stands_alone(clause: str) -> bool:
    """Whether a clause with a demand is one of its own, and not the rest of the one before: "red, only blue"."""
    return len(clause.strip()) >= (3 if re.search("[\u4e00-\u9fff]", clause) else 8)
