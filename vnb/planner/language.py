"""The language that a text is written in, and the language that a task asks for: by script and words, without a model."""

from __future__ import annotations

import re
from collections import Counter

from .asked import asked
from .spans import QUOTED, own_words, prose

LONGEST = 20_000
"""Characters that are enough to tell a language by."""

_SCRIPTS = {
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Japanese": "\u3040-\u30ff\uff66-\uff9d",
    "Korean": "\u1100-\u11ff\uac00-\ud7af",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f",
    "Hebrew": "\u0590-\u05ff",
    "Thai": "\u0e00-\u0e7f",
    "Hindi": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Tamil": "\u0b80-\u0bff",
    "Georgian": "\u10a0-\u10ff",
    "Armenian": "\u0530-\u058f",
}
_COUNTED = {name: re.compile(f"[{ranges}]") for name, ranges in _SCRIPTS.items()}
_LATIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ASCII_NAME = re.compile(r"\b\w*(?:_\w|\d|[a-z][A-Z])\w*\b")

_WORDS = {
    "English": "the and of to is are was were be been it that this with for as on at by from which not have has had"
    " his her their its"
    " an or but they you your we our i he she will would can could should must do does don't if when what"
    " how why who where about"
    " than then there these those into some any no only each between because please write list give"
    " explain describe create make"
    " summarize translate answer compare tell name find add use my me us them sentence sentences words paragraph a",
    "German": "der die das und ist nicht ein eine einen einem einer des dem den mit für auf von zu im am als auch"
    " es sich wird sind war"
    " ich du er sie wir ihr bei nach aus um wie über oder aber nur noch kann hat haben werden zum zur"
    " dass wenn was schreibe schreib"
    " erkläre beschreibe nenne gib bitte fasse übersetze liste sätze satz wörter kein keine vom durch",
    "French": "le la les des un une et est dans pour que qui sur au aux avec pas ne ce cette ces il elle nous vous"
    " je du de en sont par"
    " plus ou mais son sa ses leur être avoir fait où comme tout l'histoire écris écrivez rédige rédigez"
    " explique expliquez donne"
    " donnez décris phrases phrase mots sans deux trois très c'est",
    "Spanish": "el la los las un una y es en para que con por del al se no de lo su sus como más pero este esta son"
    " está fue ser hay muy"
    " sobre también o le ya si sin escribe escriba explica describe dame enumera resume frases palabras"
    " tres dos cuando donde qué",
    "Italian": "il lo la i gli le un una e è di che per con del della dei delle nel nella sono non si da al alla"
    " come più anche ma questo"
    " questa ha essere su o scrivi scrivete spiega descrivi elenca riassumi frasi parole tre due perché"
    " dove quando è l'italia",
    "Portuguese": "o a os as um uma e é de do da dos das em no na nos nas para que com por não se mais como mas ao à"
    " foi são ser está seu"
    " sua também ou muito sobre escreva escreve explique descreva liste resuma frases palavras três dois"
    " quando onde você",
    "Dutch": "de het een en van is in op te dat die voor met zijn niet aan er om als ook maar bij door naar uit"
    " over wordt worden was heeft"
    " hebben ik je jij hij zij wij deze dit schrijf leg beschrijf noem geef zinnen woorden drie twee geen",
    "Swedish": "och att det som en ett på är för med av till inte den de har jag du han hon vi om var från kan ska"
    " eller men så skriv"
    " förklara beskriv meningar ord tre två",
    "Danish": "og at det som en et på er for med af til ikke den de har jeg du han hun vi om var fra kan skal eller"
    " men så skriv forklar"
    " beskriv sætninger ord tre to",
    "Norwegian": "og at det som en et på er for med av til ikke den de har jeg du han hun vi om var fra kan skal eller"
    " men så skriv forklar"
    " beskriv setninger ord tre to",
    "Finnish": "ja on ei että se oli hän ovat kun mutta tai niin myös sekä kuin joka tämä mitä kirjoita selitä"
    " kuvaile lausetta sanaa kolme",
    "Polish": "i w na z się nie to jest do że jak o od po za dla ale czy są był była przez tym tego ich napisz"
    " wyjaśnij opisz podaj wymień"
    " zdania słów trzy oraz",
    "Czech": "a v na je se že s z do to jako pro ale by po od jsou byl nebo které který také napiš vysvětli popiš"
    " uveď věty slov tři",
    "Turkish": "ve bir bu için ile da de olarak olan çok daha gibi ne kadar var en yaz açıkla anlat cümle hakkında"
    " üç iki değil",
    "Indonesian": "dan yang di ke dari untuk dengan ini itu adalah pada tidak dalam akan atau juga oleh tentang tulis"
    " tuliskan jelaskan"
    " sebutkan kalimat kata tiga dua buat",
    "Vietnamese": "và của là có trong một cho không được với các những này đã để người khi về hãy viết giải thích câu"
    " từ ba",
    "Romanian": "și în de la cu pe este un o nu că din pentru care mai sunt sau al ale scrie explică descrie"
    " propoziții cuvinte trei",
    "Hungarian": "a az és egy hogy nem van is ez azt meg de volt mint csak vagy írj írd magyarázd mondat szó három"
    " kell",
}
_LETTERS = {
    "German": "ßäöü", "French": "éèêçàùœ", "Spanish": "ñ¿¡áíóú", "Italian": "ìòàùè", "Portuguese": "ãõçáêâ", "Swedish": "åäö",
    "Danish": "æøå", "Norwegian": "æøå", "Finnish": "äö", "Polish": "łążęśćźń", "Czech": "řěůčžšýť", "Turkish": "ğışçöü",
    "Vietnamese": "ơưđạảấầậếệịọốộớờợụứừữự", "Romanian": "șțăâî", "Hungarian": "őűáéöü",
}  # fmt: skip
_KNOWN = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_SHARED = Counter(word for words in _KNOWN.values() for word in words)


def language_of(text: str) -> str:
    """The language that the deliverable of a task should have: the one it asks for, or else its own; "" if unclear."""
    return wanted(text) or detect(text)


def wanted(text: str) -> str:
    """The language that a task asks for outright, as its English name; "" where it asks for none or for several."""
    return asked(text)[1]


def detect(text: str) -> str:
    """The language of a text, as its English name, or "" where that cannot be decided.

    What a text quotes or brings along (code, addresses, notes, quotations) decides only where there is nothing else.
    """
    text = text[:LONGEST]
    for mask in (own_words(text), prose(text), prose(text, quotes=False)):
        if found := _language(mask.replace(QUOTED, " ")):
            return found
    return ""


def _language(text: str) -> str:
    counts = {name: len(pattern.findall(text)) for name, pattern in _COUNTED.items()}
    words = [
        word.lower().replace("’", "'") for word in _LATIN.findall(_ASCII_NAME.sub(" ", text)) if word[0] < "\u0250"
    ]
    latin, score = _latin(words)
    eastern = counts["Han"] + counts["Japanese"] + counts["Korean"]
    letters = {name: count for name, count in counts.items() if name not in ("Han", "Japanese", "Korean")}
    other = max(letters, key=lambda name: letters[name])
    if eastern >= 2 and eastern / 1.6 * (2 if score < 2 else 1) >= len(words) and eastern >= letters[other] / 3:
        if counts["Korean"] * 2 >= counts["Han"] + counts["Japanese"]:
            return "Korean"
        return "Japanese" if counts["Japanese"] * 10 >= eastern else "Chinese"
    if letters[other] >= 3 and letters[other] / 5 * (2 if score < 2 else 1) >= len(words):
        return _CLOSE[other](text) if other in _CLOSE else other
    return latin


def _latin(words: list[str]) -> tuple[str, float]:
    """The language of words in Latin letters, and the evidence for it; "" where that is thin or undecided."""
    scores: dict[str, float] = {}
    for name, known in _KNOWN.items():
        hits = sum(1 / min(3, _SHARED[word]) for word in words if word in known)
        own = _LETTERS.get(name, "")
        scores[name] = hits + 0.5 * sum(any(char in own for char in word) for word in words) if hits else 0
    if not words or not scores:
        return "", 0
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    score = scores[best]
    enough = score >= 1 and (len(words) >= 3 or score >= 2) and score >= 0.06 * len(words)
    if not enough or score < 1.15 * scores[second]:
        return "", score
    return best, score


def _cyrillic(text: str) -> str:
    text = text.lower()
    if re.search("[іїєґ]", text):
        return "Ukrainian" if "ў" not in text else "Belarusian"
    if re.search("[ђћџјљњ]", text):
        return "Serbian"
    return (
        "Bulgarian" if "ъ" in text and not re.search("[ыэё]", text) and text.count("ъ") * 60 > len(text) else "Russian"
    )


def _arabic(text: str) -> str:
    if re.search("[ٹڈڑےں]", text):
        return "Urdu"
    return "Persian" if len(re.findall("[پچژگکی]", text)) * 25 > len(text) else "Arabic"


_CLOSE = {"Cyrillic": _cyrillic, "Arabic": _arabic}
