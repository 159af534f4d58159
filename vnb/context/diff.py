"""Context x Context -> ContextDiff: what a step was shown in two attempts, part by part, and how far the KV prefix reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..core.align import Aligned, align
from ..core.cost_diff import CostDiff
from ..core.plan_diff import PlanDiff
from ..core.text_diff import TextDiff, shared
from ..core.text_diff import diff as diff_texts
from ..core.types import Context, Part, PartKind, Prompt
from .budget import MARK

PartChange = Literal["kept", "changed", "compacted", "added", "dropped"]

_ONE_OF_A_KIND: frozenset[PartKind] = frozenset({"system", "brief", "instruction"})
"""Parts that belong together wherever they come from: a context has one of each."""


@dataclass(frozen=True)
class PartDiff:
    """A part in two contexts.

    Attributes:
        change: `compacted` if both show the same text and one shows less of it; `changed` if the text is another one.
        before, after: The part; `None` where the context does not show it.
        moved: It stands in another order.
        omitted: The context that does not show it lists it as not fitting.
        text: What differs between the texts of a part that was changed or compacted.
    """

    change: PartChange
    before: Part | None
    after: Part | None
    moved: bool = False
    omitted: bool = False
    text: TextDiff | None = None

    @property
    def kind(self) -> PartKind:
        return self._shown.kind

    @property
    def source(self) -> str:
        return self._shown.source

    @property
    def _shown(self) -> Part:
        found = self.after or self.before
        assert found is not None, "a part is in one of the contexts"
        return found


@dataclass(frozen=True)
class Place:
    """Where the first `tokens` of a prompt of `total` tokens end.

    Attributes:
        part: The part that the next token belongs to; `None` behind the last one, or where spans were not recorded.
        offset: How many tokens of that part come before.
    """

    tokens: int
    total: int
    part: Part | None = None
    offset: int = 0


@dataclass(frozen=True)
class SharedPrefix:
    """The tokens that two prompts have in common at their start, by their recorded ids.

    Attributes:
        cause: The part that ended it; `None` if no part did.
    """

    tokens: int
    before: Place
    after: Place
    cause: PartDiff | None


@dataclass(frozen=True)
class ContextDiff:
    """Two contexts.

    Attributes:
        parts: All parts, in the order of the context after; what it lacks stands where it stood before.
        before_tokens, after_tokens: Tokens of all parts.
        prefix: `None` where a prompt was not recorded, since no model was called, or its token ids are not known.
        before_cached, after_cached: What the engine really had in its KV cache; `None` where unknown.
    """

    parts: tuple[PartDiff, ...]
    before_tokens: int
    after_tokens: int
    prefix: SharedPrefix | None = None
    before_cached: Place | None = None
    after_cached: Place | None = None


@dataclass(frozen=True)
class Diff:
    """All that was compared of two runs, steps or attempts, which `before` and `after` name; `None` what was not."""

    before: str
    after: str
    context: ContextDiff | None = None
    output: TextDiff | None = None
    plan: PlanDiff | None = None
    cost: CostDiff | None = None


def diff(
    before: Context,
    after: Context,
    prompts: tuple[Prompt | None, Prompt | None] = (None, None),
    cached: tuple[int | None, int | None] = (None, None),
) -> ContextDiff:
    """What differs from `before` to `after`.

    Args:
        before: The parts that were shown first.
        after: The parts that were shown then.
        prompts: What the engine was sent for each.
        cached: How many tokens of each prompt were in the KV cache.
    """
    rows = align(before.parts, after.parts, _partners(before.parts, after.parts))
    parts = tuple(
        replace(_part_diff(row.before, row.after), moved=row.moved, omitted=_is_omitted(row, before, after))
        for row in rows
    )
    place, place_after = (
        _place(prompt, context.parts, tokens) for prompt, context, tokens in zip(prompts, (before, after), cached)
    )
    prefix = _prefix(prompts[0], prompts[1], before, after, parts) if prompts[0] and prompts[1] else None
    return ContextDiff(parts, before.tokens, after.tokens, prefix, place, place_after)


# ---------------------------------------------------------------- parts


def _partners(before: Sequence[Part], after: Sequence[Part]) -> dict[int, int]:
    """Which parts belong together: the same text of the same source; else the same source; else the same text."""
    found: dict[int, int] = {}
    keys: tuple[Callable[[Part], Hashable], ...] = (
        lambda part: (part.kind, part.source, part.text, part.media),
        lambda part: (part.kind, part.source),
        lambda part: (part.kind, part.text, part.media),
        lambda part: part.kind if part.kind in _ONE_OF_A_KIND else None,
    )
    for key in keys:
        free: defaultdict[Hashable, list[int]] = defaultdict(list)
        taken = set(found.values())
        for place, part in enumerate(before):
            if place not in taken and key(part) is not None:
                free[key(part)].append(place)
        for place, part in enumerate(after):
            if place not in found and free[key(part)]:
                found[place] = free[key(part)].pop(0)
    return found


def _part_diff(before: Part | None, after: Part | None) -> PartDiff:
    if before is None or after is None:
        return PartDiff("added" if before is None else "dropped", before, after)
    if (before.text, before.media) == (after.text, after.media):
        return PartDiff("kept", before, after)
    return PartDiff(
        "compacted" if _is_compacted(before, after) else "changed",
        before,
        after,
        text=diff_texts(before.text, after.text),
    )


def _is_compacted(before: Part, after: Part) -> bool:
    """Whether one is the beginning of the other, since it was trimmed."""
    short, long = sorted((before, after), key=lambda part: (len(_untrimmed(part)), not _is_trimmed(part)))
    return _is_trimmed(short) and _untrimmed(long).startswith(_untrimmed(short))


def _is_trimmed(part: Part) -> bool:
    return part.full_tokens > part.tokens


def _untrimmed(part: Part) -> str:
    """The text without the mark of where it was cut."""
    return part.text.removesuffix(MARK) if _is_trimmed(part) else part.text


def _is_omitted(row: Aligned[Part], before: Context, after: Context) -> bool:
    """Whether a part is missing on one side because it did not fit there."""
    part, lacking = (row.before, after) if row.after is None else (row.after, before)
    if part is None or (row.before and row.after):
        return False
    return any((left.kind, left.source) == (part.kind, part.source) for left in lacking.omitted)


# ---------------------------------------------------------------- tokens


def _place(prompt: Prompt | None, parts: Sequence[Part], tokens: int | None) -> Place | None:
    if prompt is None or not prompt.token_ids or tokens is None:
        return None
    total = len(prompt.token_ids)
    for span in sorted(prompt.spans, key=lambda span: span.start):
        if tokens < span.end and tokens < total:
            return Place(tokens, total, parts[span.part], max(0, tokens - span.start))
    return Place(tokens, total)


def _prefix(
    sent: Prompt, sent_after: Prompt, before: Context, after: Context, parts: tuple[PartDiff, ...]
) -> SharedPrefix | None:
    tokens = shared(sent.token_ids, sent_after.token_ids)
    place, place_after = _place(sent, before.parts, tokens), _place(sent_after, after.parts, tokens)
    if place is None or place_after is None:
        return None
    here = [*_rows_of(place_after.part, parts), *_rows_of(place.part, parts)]
    causes = [row for row in here if row.change != "kept" or row.moved]
    return SharedPrefix(tokens, place, place_after, next(iter([*causes, *here]), None))


def _rows_of(part: Part | None, rows: tuple[PartDiff, ...]) -> Iterator[PartDiff]:
    return (row for row in rows if part is not None and (row.before is part or row.after is part))
