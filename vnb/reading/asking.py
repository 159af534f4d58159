"""Whether a sentence of a task asks for something, and how its clauses hang together."""

from __future__ import annotations

import re

_VERBS = (
    "write|list|give|name|describe|explain|summari[sz]e|create|compose|draft|make|produce|provide|answer"
    "|reply|respond|return|output|generate|translate"
    "|tell|state|outline|present|design|develop|compare|discuss|define|suggest|propose|recommend"
    "|introduce|prepare|use|include|mention|keep|limit"
    "|begin|start|end|finish|conclude|add|show|print|enumerate|identify|rewrite|rephrase|paraphrase"
    "|shorten|condense|invent|imagine|plan|review"
    "|argue|report|narrate|retell|brainstorm|offer|say|express|put|format|structure|organi[sz]e|split"
    "|divide|classify|extract|find|convert|turn|pen"
    "|craft|sketch|illustrate|formulate|read|restrict|stick|aim|stay|stop|fill|complete|continue|expand"
    "|evaluate|assess|analy[sz]e|praise|greet|thank"
    "|invite|persuade|advertise|help|sum|cover|quote|sort|rank|choose|pick|select|come up|avoid|never"
    "|ensure|do not|don't|let|remember|note|wrap|close|open"
    "|consider|build|deliver|contain|have|be"
)
VERB = rf"(?:{_VERBS})"

DELIVERABLE = (
    r"(?:texts?|story|poems?|essays?|summary|answers?|responses?|articles?|letters?|e-?mails?|lists?"
    r"|outputs?|results?|reports?|descriptions?|speech|reviews?"
    r"|explanations?|posts?|tweets?|messages?|haiku|limericks?|songs?|recipes?|plans?|notes?|piece|whole"
    r"|entire|total|length|repl(?:y|ies)|deliverable"
    r"|documents?|advertisements?|advert|ad|slogans?|captions?|abstract|biography|bio|dialogue|script|blog"
    r"|translation|version|table|outline|everything"
    r"|word count|statement|announcement|invitation|guide|tale|fable|presentation|proposal|advice|verdict"
    r"|argument|prose|paper|entry|content|writing|wording"
    r"|introduction|conclusion|comparison|definition|instructions|pitch|memo|paragraph|sentence|legend"
    r"|monologue|joke|riddle|quiz|product text|text message)"
)
"""What a task may want to be written."""

_IMPERATIVE = re.compile(
    rf"(?:^|[,:;(]\s*|\b(?:and|then|please|but|also|so|to)\s+)(?:please\s+|kindly\s+|briefly\s+|just\s+"
    rf"|now\s+|only\s+)*{VERB}\b",
    re.I,
)
_UNKNOWN_VERB = re.compile(
    r"^(?:please\s+)?(?!(?:there|the|a|an|this|that|these|those|he|she|it|they|we|i|you|his|her|its|our"
    r"|their|my|if|when|while|as|on|at|in|by|for|since"
    r"|and|but|or|all|some|many|most|each|every|both|one|two|three|four|five|what|who|how|why|where|is|are"
    r"|was|were|did|does|has|had|with|from|of|to)\b)"
    r"[a-z]{3,14}\s+(?:an?|the|me|us|my|your|our|this|that|these|those|its|some|exactly|at least|at most|no more)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:can|could|would|will) you\b|\bi(?: would|'d)? (?:want|need|like)\b|\bwe(?: would|'d)? (?:want"
    r"|need|like)\b|\byou (?:must|should|may|have to|need to|can|are to|will)\b"
    r"|\byour task\b|\bthe task is\b|\bis (?:wanted|needed|required|requested)\b",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\b(?:must|should|shall|needs? to|ha(?:s|ve) to|is to|are to|may|can|can ?not|can't|ought to"
    r"|is limited to|is restricted to|needs|requires|will)\b",
    re.I,
)
_SUBJECT = re.compile(rf"\b(?:it|this|there|{DELIVERABLE})\b", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"^(?:(?:the )?top \d+|in|with|without|using|no|not|max|min|maximum|minimum|at least|at most|exactly"
    r"|precisely|only|about|around|approximately|between|under|over|up to"
    r"|fewer|less|more than|length|format|tone|style|language|size|limit|word (?:count|limit)"
    r"|requirements?|constraints?|rules?|structure|(?:one|two|three|four|five"
    r"|six|seven|eight|nine|ten|twelve|twenty|a|an|\d+)(?:[- ]\w+){0,3}[- ](?:sentences?|words?"
    r"|paragraphs?|lines?|bullets?|points?|items?|characters?|stanzas?))\b",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"^[^,:]{0,60}\b(?:was|were|had|wrote|typed|read|made|used|gave|has|contains|said|are|is)\b", re.IGNORECASE
)
_WH = re.compile(
    r"^(?:so |and |then |but )?(?:how|what|which|who|whose|when|where|why|is|are|was|were|do|does|did|has|have)\b",
    re.IGNORECASE,
)


_RELATIVE = re.compile(r"(?P<noun>\b[\w-]+),? (?P<word>who|whom|whose|that|which|where)\b[^,;:]*$", re.IGNORECASE)


def is_about_another(before: str) -> bool:
    """Whether what follows these words stands in a relative clause about something other than the deliverable."""
    match = _RELATIVE.search(before)
    return bool(match and not re.fullmatch(DELIVERABLE, match["noun"], re.IGNORECASE))


def is_question(sentence: str) -> bool:
    """Whether a sentence asks for a fact, not (politely) for something to be done."""
    return sentence.rstrip(" \t*_)\"'”").endswith(("?", "？")) and not re.match(
        r"\W*(?:\w+, )?(?:(?:can|could|would|will|may) (?:you|i)|please)\b|请|能否|能不能|可以", sentence, re.I
    )


def asks(sentence: str) -> bool:
    """Whether an English sentence asks for something: a command, a wish, a rule about the deliverable, or a bare demand."""
    if is_question(sentence):
        return False
    if _IMPERATIVE.search(sentence) or _UNKNOWN_VERB.match(sentence) or _WISH.search(sentence):
        return True
    if (modal := _MODAL.search(sentence)) and _SUBJECT.search(sentence[: modal.start()]):
        return True
    if _FRAGMENT.match(sentence):
        return not _FACT.match(sentence)
    return bool(
        re.match(
            rf"^(?:the |your |its |this )?(?:whole |entire |total |final )?{DELIVERABLE}\b[^.]{{0,40}}[:：]",
            sentence,
            re.I,
        )
    )
