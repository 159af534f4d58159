"""Tells, while an answer decodes, that it only repeats itself.

Three watchers read the same text. Two look for a cycle at its end: one in the text as it is, one in its outline, in which
case, white space and markup do not count and every number is `0`. The third looks for a stretch of sentences that were
all there before, in whatever order. How many copies make a loop depends on what is repeated: a sentence six times is
one; six equal lines of code or cells of a table are not; rows of different numbers are not, however many they are.
The figures were tuned on loops of small models, and on licences, code, data and manuals that must not be stopped.
"""

from __future__ import annotations

import re
from collections import Counter

STRIDE = 48
"""Characters from one look to the next: always at the same places, however the text is cut into pieces."""

SEED = 32
"""The shortest end of the text that is looked for further up."""

KEEP = 8192
"""Characters of the past that are looked through; a block of up to a quarter of it can be found."""

SHOWN = 80
"""The most characters of the repeated text that are shown."""

_DIGITS = 32  # of one number: a longer row of digits is read as several
_COPIES = 100  # of a block, the last ones, of which the numbers are looked at
_NUMBER = re.compile(rf"\d{{1,{_DIGITS}}}")
_OPEN_NUMBER = re.compile(r"\d+\Z")
_GAP = re.compile(r"[\s*#`~>|]+")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[*_(']*[^\W\d_][^\W\d_'’-]*[^\W\d_][.,;!?)*_']*")
_COUNTER = re.compile(r"\A\W*(?:[^\W\d_]+\s)?\d+\s*[:.)–-]")
_NAME = re.compile(r"[^\W_]+")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CODE = re.compile(r"[={}\[\];<>\\]|\w\(")
_SENTENCE_END = re.compile(r"[\n.!?。！？]")
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\s*\n\s*")


class Repeats:
    """Watches an answer as it decodes, and tells when it only repeats itself."""

    def __init__(self) -> None:
        self._text, self._outline, self._sentences = _Cycle(), _Outline(), _Sentences()
        self._waiting = ""
        self._block = 0

    def feed(self, text: str) -> bool:
        """Takes the next piece of the text, a token or several; true once it loops, and from then on."""
        if self._block:
            return True
        text = self._waiting + text
        whole = len(text) - len(text) % STRIDE
        for start in range(0, whole, STRIDE):
            piece = text[start : start + STRIDE]
            found = self._text.feed(piece), self._outline.feed(piece), self._sentences.feed(piece)
            if any(found):
                self._block = next(filter(None, found))
                return True
        self._waiting = text[whole:]
        return False

    @property
    def what(self) -> str:
        """The text that is repeated, cut short; empty as long as nothing is."""
        return _shown(self._text.past[: 3 * self._block + STRIDE][::-1]) if self._block else ""


class _Cycle:
    """Looks for a block that comes again and again at the end of a text.

    Attributes:
        past: The text backwards, so that `str.find`, whose time is linear, looks for its end.
    """

    def __init__(self) -> None:
        self.past = ""

    def feed(self, text: str) -> int:
        """The length of the block, once it has come often enough, else 0."""
        self.past = (text[::-1] + self.past)[:KEEP]
        size = SEED
        while (period := self.past.find(self.past[:size], 1)) > 0:  # the shortest that explains the last `size`
            covered = period + _in_common(self.past, self.past[period:])
            if covered >= max(64, 4 * period) and self._loops(self.past[: 2 * period][::-1], covered):
                return period
            size = covered + 1
        return 0

    def _loops(self, twice: str, covered: int) -> bool:
        """Whether a cycle of that many characters is a loop; `twice` is two copies of its block."""
        return covered > _enough(twice)


class _Outline(_Cycle):
    """Looks for a cycle that is one but for case, white space, markup, and numbers that count on or change."""

    def __init__(self) -> None:
        super().__init__()
        self._digits = ""  # of a number that may go on
        self._in_gap = True
        self._numbers: list[int] = []

    def feed(self, text: str) -> int:
        text = self._digits + text
        number = _OPEN_NUMBER.search(text)
        cut = len(text) - (len(number[0]) % _DIGITS if number else 0)
        text, self._digits = text[:cut], text[cut:]
        if not text:
            return 0
        self._numbers += map(int, _NUMBER.findall(text))
        outline = _GAP.sub(" ", _NUMBER.sub("0", text.casefold()))
        if self._in_gap:
            outline = outline.removeprefix(" ")
        self._in_gap = _GAP.fullmatch(text[-1]) is not None
        return super().feed(outline)

    def _loops(self, twice: str, covered: int) -> bool:
        words, period = _words(twice), len(twice) // 2
        if not words:
            return False
        copies = min(covered // period, _COPIES)
        growth = self._growth(twice[:period].count("0"), copies)
        steady = 1 + next((at for at, grown in enumerate(growth) if grown != growth[0]), len(growth))
        long, code = period >= 300, _CODE.search(twice)
        if not any(growth[0]):
            return steady * period > _enough(twice)
        if words < 3:
            counted = 48  # chapters, figures
        elif words < 5 or code:
            counted = 24
        elif long:
            counted = 5
        else:
            counted = 6 if growth[0] == [1] else 10  # items of a list; verses of a song that counts
        if len({*growth[0]} - {0}) == 1 and steady > counted:
            return True
        return words >= 4 and not code and copies > (10 if long else 32)

    def _growth(self, width: int, copies: int) -> list[list[int]]:
        """By how much each number of the block grew from copy to copy, the last first."""
        last = self._numbers[len(self._numbers) - width * copies :]
        rows = [last[width * copy : width * (copy + 1)] for copy in range(copies)]
        return [[new - old for old, new in zip(above, row)] for above, row in zip(rows, rows[1:])][::-1]


class _Sentences:
    """Looks for a stretch of sentences that were all there before, each of them several times within the stretch."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._seen: set[str] = set()
        self._again: set[str] = set()  # of the stretch
        self._length = 0

    def feed(self, text: str) -> int:
        """The length of one of the sentences, once the stretch is long enough, else 0."""
        *ended, rest = _SENTENCE_END.split(text)
        for end in ended:
            sentence = "".join((*self._open, end))
            self._open = []
            key = " ".join(_NAME.findall(_COUNTER.sub("", sentence.casefold(), count=1)))
            if key not in self._seen:
                if _LETTER.search(key):
                    self._seen.add(key)
                    self._again, self._length = set(), 0
            elif _words(f". {sentence} .") >= 3:
                self._again.add(key)
                self._length += 1
                if self._length >= max(16, 4 * len(self._again)):
                    return len(sentence)
        self._open.append(rest)
        return 0


def _enough(twice: str) -> int:
    """How many characters of a cycle are no loop yet; `twice` is two copies of its block."""
    period, words = len(twice) // 2, _words(twice)
    if twice.isspace() and "\n" in twice:
        return 64
    if not _LETTER.search(twice):
        return max(384, 32 * period)  # a rule, a matrix of zeros, an empty table
    ideographs = _IDEOGRAPH.search(twice)
    if period <= 2 and not ideographs:
        return 256  # base64, a scream
    if words >= 5 or (words >= 3 and period >= 300):
        copies = 6 if period < 120 else 5 if period < 300 else 4  # sentences
    elif words >= 3:
        copies = 8
    else:
        copies = 20 if period < 60 else 16 if period < 300 else 6  # code, cells, one word
    return max(64 if ideographs else 160, copies * period)


def _words(text: str) -> int:
    """How many different words there are: what code and data consist of is none, two ideographs are one.

    The first and the last may be cut and do not count.
    """
    ideographs = len({*_IDEOGRAPH.findall(text)})
    return ideographs // 2 + len({word for word in text.split()[1:-1] if _WORD.fullmatch(word)})


def _in_common(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shown(copies: str) -> str:
    """One whole sentence or line of what is repeated, or else some of its words."""
    whole = [part.strip() for part in _SENTENCE_GAP.split(copies)[1:-1] if _LETTER.search(part)]
    text = max(whole, key=len, default="") or " ".join(copies.split()[1:] or copies.split()) or repr(copies)[1:-1]
    return text if len(text) <= SHOWN else text[: SHOWN - 2].rstrip() + " …"


LEAST = 120
"""Characters of a repetition in a finished text that is one; a chorus may say a short thing four times."""


SHARE = 0.25
"""A finished text repeats itself if so much of it are whole long sentences that stood in it before."""

SHORT, SHORT_HAN = 40, 16
"""Letters of a sentence that a poem or a list may well say again."""

REPEATED = 50
"""The fewest letters that are repeated."""


def repeats_itself(text: str) -> bool:
    """Whether a finished text says the same over and over; numbers may count up meanwhile. Code and tables may."""
    return _in_a_row(text) or _here_and_there(text)


def _here_and_there(text: str) -> bool:
    """Whether much of a text are long sentences of it once more."""
    sentences = [
        "".join(_LETTER.findall(one)) for one in _SENTENCE_END.split(text) if not _CODE.search(one) and "|" not in one
    ]
    counted = Counter(one for one in sentences if len(one) >= (SHORT_HAN if _IDEOGRAPH.search(one) else SHORT))
    repeated = sum((times - 1) * len(sentence) for sentence, times in counted.items())
    return repeated >= REPEATED and repeated >= SHARE * sum(map(len, sentences))


def _in_a_row(text: str) -> bool:
    """Whether a text says the same four times in a row."""
    plain = re.sub(r"\s+", " ", re.sub(r"\d+", "0", text))
    for at in range(0, len(plain) - LEAST, 8):
        again = plain.find(plain[at : at + 24], at + 4, at + 424)
        if again < 0:
            continue
        block = plain[at:again]
        times = max(3, -(-LEAST // len(block)))  # and the beginning of the first one, before this place
        if plain.startswith(block * times, at) and len(set(_LETTER.findall(block))) > 1:
            return not (_CODE.search(block) or "|" in block)
    return False
