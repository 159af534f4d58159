"""What differs between two texts, word by word; in scripts without spaces character by character, in code token by token.

The cost is bounded: long texts are first taken apart at runs of words that occur once in both, and what is still too
much then counts as replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, takewhile
from typing import Literal

from .align import rising

PieceKind = Literal["kept", "dropped", "added"]
Edit = tuple[int, int, int, int]
"""`[0]:[1]` of the text before were replaced by `[2]:[3]` of the text after."""

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SIGNS = r"!-/:-@\[-\^`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff65"
_WORD = re.compile(rf"\n| ?(?:[{_ALONE}]|[^\s{_SIGNS}{_ALONE}]+|\S)|[^\S\n]+")
"""A word with the space before it; a line end; spaces that are more than one."""

_PAIRS, _ALL_PAIRS = 100_000, 400_000
"""The most pairs of equal words that one comparison may look at, and all comparisons of two texts together."""

_AREA = 25_000_000
"""The most words before times words after of one comparison."""

_RUN = 12
"""Words of the runs by which long texts are taken apart; of a third of them where that is not enough, and so on."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text that both have, that only the text before has, or that only the text after has."""

    kind: PieceKind
    text: str


@dataclass(frozen=True)
class TextDiff:
    """Two texts as pieces in order; at one place what was dropped comes before what was added."""

    pieces: tuple[Piece, ...]

    @property
    def before(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.kind != "added")

    @property
    def after(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.kind != "dropped")

    @property
    def same(self) -> bool:
        return all(piece.kind == "kept" for piece in self.pieces)

    @property
    def similarity(self) -> float:
        """Twice the characters kept over the characters of both texts, 0 to 1; 1 for two empty texts."""
        sizes = Counter[str]()
        for piece in self.pieces:
            sizes[piece.kind] += len(piece.text) * (1 + (piece.kind == "kept"))
        return sizes["kept"] / sizes.total() if sizes.total() else 1.0


def diff(before: str, after: str) -> TextDiff:
    """What was kept, dropped and added from `before` to `after`."""
    compared = _Words(_WORD.findall(before), _WORD.findall(after))
    starts, new_starts = ([0, *accumulate(map(len, words))] for words in (compared.before, compared.after))
    edits = ((starts[i], starts[end], new_starts[j], new_starts[new_end]) for i, end, j, new_end in compared.edits())
    pieces: list[Piece] = []
    done = 0
    for start, end, new_start, new_end in _readable(edits, before, after):
        pieces += [Piece("kept", before[done:start]), Piece("dropped", before[start:end])]
        pieces.append(Piece("added", after[new_start:new_end]))
        done = end
    pieces.append(Piece("kept", before[done:]))
    return TextDiff(tuple(piece for piece in pieces if piece.text))


def shared(a: Iterable[object], b: Iterable[object]) -> int:
    """How many items two sequences have in common at their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b)))


@dataclass
class _Words:
    """Two lists of words; `left` is how many pairs may still be looked at."""

    before: list[str]
    after: list[str]
    left: int = _ALL_PAIRS

    def edits(self) -> Iterator[Edit]:
        """What was replaced by what, in words."""
        return self._within((0, len(self.before), 0, len(self.after)), _RUN)

    def _within(self, stretch: Edit, run: int) -> Iterator[Edit]:
        """Edits of a stretch; if it is too much, of what lies between runs of `run` words that stand out in both."""
        i, end, j, new_end = stretch
        head = shared(self.before[i:end], self.after[j:new_end])
        i, j = i + head, j + head
        tail = shared(reversed(self.before[i:end]), reversed(self.after[j:new_end]))
        end, new_end = end - tail, new_end - tail
        a, b = self.before[i:end], self.after[j:new_end]
        if self._holds(a, b):
            for code, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
                if code != "equal":
                    yield i + i1, i + i2, j + j1, j + j2
        elif run:
            for i1, i2, j1, j2 in _between(_anchors(a, b, run), len(a), len(b), run):
                yield from self._within((i + i1, i + i2, j + j1, j + j2), run // 3)
        else:
            yield i, end, j, new_end

    def _holds(self, a: list[str], b: list[str]) -> bool:
        """Whether comparing each word with each is little enough; if so, it is counted."""
        there = Counter(b)
        pairs = sum(count * there[word] for word, count in Counter(a).items())
        if pairs > min(_PAIRS, self.left) or len(a) * len(b) > _AREA:
            return False
        self.left -= pairs
        return True


def _anchors(a: list[str], b: list[str], run: int) -> list[tuple[int, int]]:
    """Where runs of words start that occur just once in each list, as far as their order is the same in both."""
    there = _once(b, run)
    places = sorted((place, there[words]) for words, place in _once(a, run).items() if words in there)
    return [places[place] for place in sorted(rising([place for _, place in places]))]


def _once(words: list[str], run: int) -> dict[tuple[str, ...], int]:
    """Where each run of words that occurs once starts."""
    runs = list(zip(*(words[start:] for start in range(run))))
    counts = Counter(runs)
    return {words: place for place, words in enumerate(runs) if counts[words] == 1}


def _between(anchors: Iterable[tuple[int, int]], end: int, new_end: int, run: int) -> Iterator[Edit]:
    """The stretches that no anchor covers."""
    i = j = 0
    for place, new_place in anchors:
        if place >= i and new_place >= j:
            yield i, place, j, new_place
        elif place - i != new_place - j:
            continue  # it overlaps the one before, shifted
        i, j = place + run, new_place + run
    yield i, end, j, new_end


def _readable(edits: Iterable[Edit], before: str, after: str) -> Iterator[Edit]:
    """Edits without the crumbs between them, and without the space that both of their sides begin with.

    What is kept inside a line counts only if it is longer than an edit beside it: the rule of diff-match-patch's
    semantic clean-up.
    """
    kept: list[Edit] = []
    for edit in edits:
        kept.append(edit)
        while len(kept) > 1:
            first, second = kept[-2:]
            gap = second[0] - first[1]
            if gap > min(_size(first), _size(second)) or "\n" in before[first[1] : second[0]]:
                break
            kept[-2:] = [(first[0], second[1], first[2], second[3])]
    for i, end, j, new_end in kept:
        space = before[i:end][:1] == after[j:new_end][:1] == " "
        yield i + space, end, j + space, new_end


def _size(edit: Edit) -> int:
    return max(edit[1] - edit[0], edit[3] - edit[2])
