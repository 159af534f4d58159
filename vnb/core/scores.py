"""How ways of answering do on tasks with known answers: shares with intervals, paired comparisons, what solving costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

Z95 = 1.959963984540054
"""Standard deviations within which 95 % of a normal distribution lie."""


@dataclass(frozen=True)
class Answered:
    """One task, answered in one way.

    Attributes:
        task, group: The task's id, and the group that it counts in.
        run: Id of the run that answered it.
        answer: The answer that was judged; of several samples the one with the most votes.
        failed: The run did not end well; what it answered is judged all the same.
        prompt_tokens: Tokens of all its prompts; `cached_tokens` of them were in the KV cache.
        new_tokens: Decoded tokens.
        seconds: Seconds in which at least one of its attempts was under way.
        joules, price: As in `Usage`, all attempts together; `None` if one of them does not know.
        model: Name of the model that answered.
    """

    task: str
    group: str
    way: str
    run: str
    answer: str
    right: bool
    failed: bool = False
    prompt_tokens: int = 0
    cached_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    joules: float | None = None
    price: float | None = None
    model: str = ""


@dataclass(frozen=True)
class Score:
    """What one way reached on one group of tasks (`group` is empty for all of them), and what that took together.

    `joules` and `price` are `None` if they are not known of every answer.
    """

    way: str
    group: str
    right: int
    asked: int
    failed: int
    prompt_tokens: int
    cached_tokens: int
    new_tokens: int
    seconds: float
    joules: float | None = None
    price: float | None = None
    model: str = ""

    @property
    def accuracy(self) -> float:
        return self.right / self.asked

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the accuracy."""
        return wilson(self.right, self.asked)

    def per_solved(self, total: float | None) -> float | None:
        """`total`, such as the score's tokens, for each right answer; `None` where there is none, or no total."""
        return total / self.right if self.right and total is not None else None


@dataclass(frozen=True)
class Paired:
    """Two ways on the same tasks.

    Attributes:
        both, only_first, only_second, neither: How many tasks were answered right so.
        p: Two-sided p-value of McNemar's exact test, not corrected for several comparisons.
    """

    first: str
    second: str
    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def p(self) -> float:
        return mcnemar(self.only_first, self.only_second)


def wilson(right: int, asked: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson, 1927): 95 % unless `z` says otherwise; (0, 1) where nothing was asked."""
    if not asked:
        return 0.0, 1.0
    share, q = right / asked, z * z / asked
    middle = (share + q / 2) / (1 + q)
    half = z / (1 + q) * math.sqrt(share * (1 - share) / asked + q / (4 * asked))
    return (0.0 if right == 0 else middle - half), (1.0 if right == asked else middle + half)


def mcnemar(only_first: int, only_second: int) -> float:
    """How probable so uneven a split of the tasks that told the two apart is if neither way is better.

    McNemar's test (1947) by the binomial distribution itself, two-sided.
    """
    told = only_first + only_second
    tail = sum(math.comb(told, count) for count in range(min(only_first, only_second) + 1))
    return min(1.0, float(Fraction(2 * tail, 2**told)))


def scores(answers: Sequence[Answered]) -> tuple[Score, ...]:
    """Every way on every group, in the order in which they occur; then every way on all, if there are several groups."""
    ways = dict.fromkeys(one.way for one in answers)
    groups = dict.fromkeys(one.group for one in answers)
    found = [
        _score(way, group, [one for one in answers if (one.way, one.group) == (way, group)])
        for group in groups
        for way in ways
    ]
    if len(groups) > 1:
        found += [_score(way, "", [one for one in answers if one.way == way]) for way in ways]
    return tuple(score for score in found if score.asked)


def _score(way: str, group: str, answers: Sequence[Answered]) -> Score:
    return Score(
        way,
        group,
        sum(one.right for one in answers),
        len(answers),
        sum(one.failed for one in answers),
        sum(one.prompt_tokens for one in answers),
        sum(one.cached_tokens for one in answers),
        sum(one.new_tokens for one in answers),
        sum(one.seconds for one in answers),
        _whole([one.joules for one in answers]),
        _whole([one.price for one in answers]),
        answers[0].model if answers else "",
    )


def _whole(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def paired(answers: Iterable[Answered]) -> tuple[Paired, ...]:
    """Every two ways on the tasks that both answered."""
    right: dict[str, dict[str, bool]] = {}
    for one in answers:
        right.setdefault(one.way, {})[one.task] = one.right
    found = []
    for first, second in combinations(right, 2):
        outcomes = [(right[first][task], right[second][task]) for task in right[first] if task in right[second]]
        counts = (outcomes.count(kind) for kind in ((True, True), (True, False), (False, True), (False, False)))
        found.append(Paired(first, second, *counts))
    return tuple(found)
