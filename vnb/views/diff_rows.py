"""What every view shows of a comparison: figures, sentences, and texts whose long unchanged parts are folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from ..context.diff import ContextDiff, PartDiff, Place
from ..core.cost_diff import Cost, CostDiff, CostRow
from ..core.plan_diff import OptionDiff, StepDiff
from ..core.text_diff import Piece, TextDiff
from ..locale import say
from . import clean

SIGNS: Mapping[str, str] = {"kept": "=", "changed": "~", "compacted": "≈", "added": "+", "dropped": "−"}
"""A sign for what became of a part or a step; the word always stands beside it."""

_COST_HEADS = ("Step", "", "Attempts", "Prompt", "Cached", "New", "Prefix hit", "Time", "Tok/s", "Energy", "Price")

_EDGE = 120
"""Characters of unchanged text that are shown beside a change."""

_WORD_END = 24
"""How far from there the end of a word is looked for."""

ShownKind = Literal["kept", "dropped", "added", "note"]


# ---------------------------------------------------------------- texts


def folded(pieces: Sequence[Piece], most: int) -> Iterator[tuple[ShownKind, str]]:
    """The pieces with long unchanged ones folded, at most about `most` characters; notes say what is not shown."""
    left = most
    for index, piece in enumerate(pieces):
        if left <= 0:
            yield "note", clean.more(sum(len(other.text) for other in pieces[index:]))
            return
        if piece.kind != "kept":
            yield piece.kind, piece.text[:left]
            if len(piece.text) > left:
                yield "note", clean.more(len(piece.text) - left)
            left -= len(piece.text)
            continue
        head = _head(piece.text) if index else ""
        tail = _tail(piece.text) if index + 1 < len(pieces) else ""
        hidden = len(piece.text) - len(head) - len(tail)
        if hidden <= _EDGE:
            yield "kept", piece.text
            left -= len(piece.text)
            continue
        yield from (("kept", head), ("note", say(f"… {clean.count(hidden)} characters unchanged …")), ("kept", tail))
        left -= len(head) + len(tail)


def _head(text: str) -> str:
    end = max(text.rfind(" ", _EDGE - _WORD_END, _EDGE), text.rfind("\n", _EDGE - _WORD_END, _EDGE))
    return text[: end + 1 if end >= 0 else _EDGE]


def _tail(text: str) -> str:
    return _head(text[-_EDGE:][::-1])[::-1]


def blank(text: str) -> str:
    """Spaces and line ends that were dropped or added, made visible; other text is left as it is."""
    return text if text.strip() else text.replace(" ", "·").replace("\t", "→").replace("\n", "↵\n")


def alike(text: TextDiff) -> str:
    """`the same 1,204 characters`, or how much of both texts is the same."""
    if text.same:
        return say(f"the same {clean.count(len(text.after))} characters")
    sizes = " → ".join(clean.count(len(one)) for one in (text.before, text.after))
    return say(f"{sizes} characters, {int(text.similarity * 100)}% alike")


# ---------------------------------------------------------------- contexts


def part_tokens(part: PartDiff) -> tuple[str, str, str]:
    """The part's tokens before, after, and the difference; empty where it is not shown, or was not counted."""
    before, after = (one.tokens if one and (one.tokens or not one.text) else None for one in (part.before, part.after))
    more = difference(after - before) if before is not None and after is not None and after != before else ""
    return ("" if before is None else clean.count(before), "" if after is None else clean.count(after), more)


def sizes(context: ContextDiff) -> str:
    """`812 → 640 tokens · 3 kept, 1 changed`; no tokens where none were counted, since results were only joined."""
    tokens = " → ".join(map(clean.count, (context.before_tokens, context.after_tokens)))
    counted = say(f"{tokens} tokens · ") if context.before_tokens or context.after_tokens else ""
    return counted + _parts_count(context)


def _parts_count(context: ContextDiff) -> str:
    counts = {change: sum(part.change == change for part in context.parts) for change in SIGNS}
    said = [f"{count} {say(change)}" for change, count in counts.items() if count]
    moved = sum(part.moved for part in context.parts)
    return ", ".join([*said, *([say(f"{moved} moved")] if moved else [])])


def part_notes(part: PartDiff, context: ContextDiff) -> list[str]:
    """What is out of the ordinary about a part, in words."""
    said = [say("moved")] if part.moved else []
    said += [say("did not fit")] if part.omitted else []
    if part.before and part.after and part.before.source != part.after.source and part.kind != "instruction":
        said.append(say(f"was {clean.label(part.before.source, 80)}"))
    for name, one in (("before", part.before), ("after", part.after)):
        if one is not None and one.full_tokens > one.tokens:
            said.append(say(f"{name}: trimmed from {clean.count(one.full_tokens)}"))
    if context.prefix is not None and context.prefix.cause is part:
        said.append(say("the shared prefix ends here"))
    return said


def prefix_lines(context: ContextDiff) -> list[str]:
    """How far both prompts are the same, and what the KV cache really held."""
    said: list[str] = []
    if context.prefix is not None:
        tokens, before, after = context.prefix.tokens, context.prefix.before, context.prefix.after
        if tokens == before.total == after.total:
            said.append(say(f"Both prompts are the same {clean.count(tokens)} tokens."))
        else:
            first, one, other = map(clean.count, (tokens, before.total, after.total))
            said.append(say(f"Shared prefix: the first {first} tokens of {one} and {other}. {_ending(context)}"))
    cached = [("before", context.before_cached), ("after", context.after_cached)]
    known = [f"{say(name)} {_cached(place)}" for name, place in cached if place is not None]
    return [*said, *([say(f"Found in the KV cache: {'; '.join(known)}.")] if known else [])]


def _ending(context: ContextDiff) -> str:
    prefix = context.prefix
    if prefix is None or prefix.cause is None:
        return say("It ends behind the last part.")
    part = prefix.cause
    place = prefix.after if part.after is not None and prefix.after.part is part.after else prefix.before
    return say(f"It ends {_within(place)}, which was {say('moved' if part.moved else part.change)}.")


def _cached(place: Place) -> str:
    found = say(f"{clean.count(place.tokens)} of {clean.count(place.total)} tokens")
    return found if not place.tokens or place.part is None else say(f"{found}, ending {_within(place)}")


def _within(place: Place) -> str:
    if place.part is None:
        return say("behind the last part")
    name = part_name(place.part.kind, place.part.source)
    return say(f"{clean.count(place.offset)} tokens into {name}" if place.offset else f"where {name} begins")


def part_name(kind: str, source: str) -> str:
    """`result s1`; the kind alone where the source says no more."""
    source = clean.label(source, 80)
    return say(kind) if source == kind or kind in ("system", "brief") else f"{say(kind)} {source}"


# ---------------------------------------------------------------- plans and costs


def step_words(step: StepDiff) -> list[str]:
    """What became of a step, in words: `reworded`, `needs s1 → s1, s2`, `temperature 0.3 → 0.9`."""
    said: list[str] = [say(change) for change in step.changes if change not in ("needs", "options")]
    if "needs" in step.changes and step.before and step.after:
        needs = (clean.label(", ".join(one.needs), 80) or say("none") for one in (step.before, step.after))
        said.append(say(f"needs {' → '.join(needs)}"))
    return [*said, *map(option_words, step.options)]


def step_sign(step: StepDiff) -> str:
    return SIGNS["kept" if not step.changes else step.changes[0] if step.changes[0] in SIGNS else "changed"]


def option_words(option: OptionDiff) -> str:
    """`temperature 0.3 → 0.9`; `default` where it is not set."""
    return (
        f"{option.name} {' → '.join(clean.label(one or say('default'), 80) for one in (option.before, option.after))}"
    )


def cost_table(cost: CostDiff) -> tuple[list[str], list[list[str]]]:
    """Heads and cells: for each step what it cost before, after, and the difference; energy and price where known."""
    rows = [line for row in (*cost.rows, *([cost.total] if cost.total else [])) for line in _cost_lines(row)]
    places = [
        place
        for place, head in enumerate(_COST_HEADS)
        if head not in ("Energy", "Price") or any(row[place] for row in rows)
    ]
    return [_COST_HEADS[place] for place in places], [[row[place] for place in places] for row in rows]


def _cost_lines(row: CostRow) -> Iterator[tuple[str, ...]]:
    name = clean.label(row.name, 40) or say("Total")
    lines = [("before", row.before, False), ("after", row.after, False), ("difference", row.difference, True)]
    for word, cost, signed in lines:
        cells = _cost_cells(cost, signed)
        if any(cells):
            yield (name, say(word), *cells)
            name = ""


def _cost_cells(cost: Cost, signed: bool) -> tuple[str, ...]:
    counts = (cost.attempts, cost.prompt_tokens, cost.cached_tokens, cost.new_tokens)
    if not signed:
        figures = (clean.share(cost.prefix_hit), clean.seconds(cost.seconds), clean.rate(cost.rate))
        spent = (clean.joules(cost.joules), clean.price(cost.price))
        return (*("" if count is None else clean.count(count) for count in counts), *figures, *spent)
    points = None if cost.prefix_hit is None else f"{abs(cost.prefix_hit) * 100:.0f} pp"
    time = None if cost.seconds is None else clean.seconds(abs(cost.seconds))
    rate = None if cost.rate is None else clean.rate(abs(cost.rate))
    joules = None if cost.joules is None else clean.joules(abs(cost.joules))
    price = None if cost.price is None else clean.price(abs(cost.price))
    return (
        *(difference(count) for count in counts),
        _signed(cost.prefix_hit, points),
        _signed(cost.seconds, time),
        _signed(cost.rate, rate),
        _signed(cost.joules, joules),
        _signed(cost.price, price),
    )


def difference(number: int | None) -> str:
    """`+12`, `−3`, `0`; empty where unknown."""
    return _signed(number, None if number is None else clean.count(abs(number)))


def _signed(number: float | None, words: str | None) -> str:
    if number is None or words is None:
        return ""
    return words if not any(digit in words for digit in "123456789") else ("+" if number > 0 else "−") + words
