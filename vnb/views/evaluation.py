"""The tables of an evaluation, as text, HTML and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.scores import Paired, Score
from ..locale import say
from . import clean, markup
from .markdown import inline

_PAIRED = ("Way", "Other way", "Both right", "Only the one", "Only the other", "Neither", "p")
_NOTE = (
    "Accuracy with 95 % Wilson intervals. Tokens, seconds and the like are those of all tasks, divided by the right answers. "
    "p: McNemar's exact test, two-sided, not corrected for several comparisons."
)


def text(title: str, scores: Sequence[Score], paired: Sequence[Paired]) -> str:
    """The tables as text."""
    heads, rows = _table(scores)
    parts = [clean.label(title), clean.table(heads, rows, right=_right(heads))]
    if paired:
        parts += ["", clean.table(_PAIRED, [_pair(pair) for pair in paired], right=range(2, len(_PAIRED)))]
    return "\n".join([*parts, "", *clean.wrap(say(_NOTE), 120)])


def html(title: str, scores: Sequence[Score], paired: Sequence[Paired]) -> str:
    """The tables as HTML."""
    heads, rows = _table(scores)
    left = set(range(len(heads))) - set(_right(heads))
    parts = [markup.table(markup.line(title), heads, [[markup.line(cell) for cell in row] for row in rows], left)]
    if paired:
        cells = [[markup.line(cell) for cell in _pair(pair)] for pair in paired]
        parts.append(markup.table(say("The same tasks, one way beside the other"), _PAIRED, cells, left=(0, 1)))
    return "\n".join([*parts, markup.aside(say(_NOTE))])


def markdown(title: str, scores: Sequence[Score], paired: Sequence[Paired]) -> str:
    """The tables as Markdown."""
    heads, rows = _table(scores)
    parts = [f"**{inline(clean.label(title))}**", _pipes(heads, rows, _right(heads))]
    if paired:
        parts.append(_pipes(_PAIRED, [_pair(pair) for pair in paired], range(2, len(_PAIRED))))
    return "\n\n".join([*parts, inline(say(_NOTE))]) + "\n"


def _pipes(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    lines = [list(map(say, heads)), ["--:" if place in right else "---" for place in range(len(heads))]]
    lines += [[inline(clean.label(cell)) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _right(heads: Sequence[str]) -> list[int]:
    return [place for place, head in enumerate(heads) if head not in ("Group", "Way", "Model")]


def _table(scores: Sequence[Score]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows; groups, models, failures, energy and price have columns where there is something to tell."""
    grouped, failed = any(score.group for score in scores), any(score.failed for score in scores)
    counted = [what for what, _, told in _SPENT if any(told(score) is not None for score in scores)]
    several = len({score.model for score in scores}) > 1
    heads = [*(["Group"] if grouped else []), "Way", *(["Model"] if several else []), "Right", "Accuracy", "95 %"]
    heads += [f"{what} / solved" for what in counted] + (["Failed"] if failed else [])
    rows = []
    before = None
    for score in scores:
        group = (score.group or say("all")) if score.group != before else ""
        before = score.group
        row = [*([group] if grouped else []), score.way, *([score.model] if several else [])]
        row += [say(f"{score.right} of {score.asked}"), share(score.accuracy)]
        row += ["–".join(share(end) for end in score.interval).replace(" %–", "–"), *_per_solved(score, counted)]
        rows.append(row + ([str(score.failed or "")] if failed else []))
    return heads, rows


def share(part: float) -> str:
    """`0.975` as `97.5 %`, and the ends as `0 %` and `100 %`."""
    return f"{100 * part:.0f} %" if part in (0, 1) else f"{100 * part:.1f} %"


def _per_solved(score: Score, counted: Sequence[str]) -> list[str]:
    """What was spent for each task that was solved; a dash where none was."""
    spent = [(words, score.per_solved(told(score))) for what, words, told in _SPENT if what in counted]
    return ["–" if value is None else words(value) for words, value in spent]


_SPENT: tuple[tuple[str, Callable[[float], str], Callable[[Score], float | None]], ...] = (
    ("Prompt tokens", lambda value: f"{value:,.0f}", lambda score: score.prompt_tokens),
    ("New tokens", lambda value: f"{value:,.0f}", lambda score: score.new_tokens),
    ("Seconds", clean.seconds, lambda score: score.seconds),
    ("Energy", clean.joules, lambda score: score.joules),
    ("Price", clean.price, lambda score: score.price),
)
"""What is counted for each solved task: its name, its words, and where it stands."""


def _pair(pair: Paired) -> list[str]:
    counts = (pair.both, pair.only_first, pair.only_second, pair.neither)
    return [pair.first, pair.second, *map(clean.count, counts), probability(pair.p)]


def probability(p: float) -> str:
    """`0.0312`, `2e-07`."""
    return f"{p:.0e}" if p < 0.0001 else f"{p:.2g}"
