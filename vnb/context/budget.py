"""What happens when parts do not fit: a stated order of trimming, each cut visible, and an error when it cannot be.

System, task, brief, notes and instruction are never cut. Passages that do not fit are left out (the worst first, by
whoever ranked them). Then results, then attached inputs are shortened: the longest first, down to a common length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..core.digest import digest, text_digest
from ..core.types import Omitted, Part, PartKind
from ..errors import BudgetError

Counter = Callable[[str], int]
"""Tokens of a text, by the engine's own tokenizer."""

LEAST = 16
"""A result or input is never cut below this many tokens."""

MARK = " […]"
"""Stands where a text was cut."""


def part(kind: PartKind, source: str, text: str, count: Counter, media: str = "") -> Part:
    """A part as it is before any trimming."""
    tokens = count(text)
    return Part(kind, source, text, tokens, tokens, part_digest(kind, text, media), media)


def part_digest(kind: PartKind, text: str, media: str = "") -> str:
    """Digest of what a part shows: kind, text and media; not its source or its counts."""
    return digest([kind, text, media])


def fit(
    parts: Sequence[Part], budget: int, count: Counter, beside: int = 0
) -> tuple[tuple[Part, ...], tuple[Omitted, ...]]:
    """Trims `parts` to `budget` tokens by the policy above.

    Args:
        beside: Tokens of the prompt beside the parts, which a budget that is enough has to hold too.

    Raises:
        BudgetError: They do not fit even so; the message names the parts and their sizes.
    """
    over = sum(one.tokens for one in parts) - budget
    left_out: set[int] = set()
    for index in [index for index, one in enumerate(parts) if one.kind == "doc"][::-1]:
        if over <= 0:
            break
        left_out.add(index)
        over -= parts[index].tokens
    kept = [one for index, one in enumerate(parts) if index not in left_out]
    omitted = [Omitted(parts[index].kind, parts[index].source, parts[index].tokens) for index in sorted(left_out)]
    for trimmable in (_is_result, _is_attached):
        over = sum(one.tokens for one in kept) - budget
        if over > 0:
            _shorten(kept, [index for index, one in enumerate(kept) if trimmable(one)], over, count)
    if sum(one.tokens for one in kept) > budget:
        sizes = ", ".join(f"{one.kind} {one.source or ''}".strip() + f" {one.full_tokens}" for one in parts)
        raise BudgetError(
            f"The context needs {sum(one.tokens for one in kept)} tokens, but only {budget} fit ({sizes}).",
            f"Shorten the task or its inputs, or raise the budget: "
            f"--budget {sum(one.full_tokens for one in parts) + beside}, "
            "or load the model with more context: %vmodel … --ctx N",
        )
    return tuple(kept), tuple(omitted)


def _is_result(one: Part) -> bool:
    return one.kind == "result"


def _is_attached(one: Part) -> bool:
    return one.kind == "input" and one.source != "task"


def _shorten(kept: list[Part], which: Sequence[int], surplus: int, count: Counter) -> None:
    """Cuts the longest of `which` down to a common length so that `surplus` tokens go, as far as they can."""
    sizes = sorted((kept[index].tokens for index in which), reverse=True)
    wanted = sum(sizes) - surplus
    level = LEAST
    for rank, size in enumerate(sizes):
        rest = sum(sizes[rank + 1 :])
        candidate = (wanted - rest) // (rank + 1)
        following = sizes[rank + 1] if rank + 1 < len(sizes) else LEAST
        if candidate >= following or rank + 1 == len(sizes):
            level = max(LEAST, min(candidate, size))
            break
    for index in which:
        if kept[index].tokens > level:
            kept[index] = _cut(kept[index], level, count)


def _cut(one: Part, tokens: int, count: Counter) -> Part:
    """The longest beginning of a part that, with the mark, has at most `tokens` tokens."""

    def fits(characters: int) -> bool:
        return count(one.text[:characters].rstrip() + MARK) <= tokens

    # Counting costs as much as the text is long, so the search begins where the cut should be, not in the middle.
    low, high = 0, min(len(one.text), 2 * len(one.text) * tokens // max(one.tokens, 1) + 8)
    while high < len(one.text) and fits(high):
        low, high = high, min(len(one.text), 2 * high)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    text = one.text[:low].rstrip() + MARK
    return replace(
        one,
        text=text,
        tokens=count(text),
        digest=part_digest(one.kind, text, one.media),
        whole=one.whole or text_digest(one.text),
    )
