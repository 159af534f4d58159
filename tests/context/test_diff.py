"""What a step was shown in two attempts: parts aligned, changes named, and the place where the KV prefix ended."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from vnb.context.budget import MARK, fit, part
from vnb.context.diff import ContextDiff, Place, diff
from vnb.core.types import Context, Omitted, Part, PartKind, Prompt, Span

Shown = tuple[PartKind, str, str]


def words(text: str) -> int:
    return len(text.split())


def context(*shown: Shown | Part, omitted: Sequence[Omitted] = ()) -> Context:
    parts = tuple(one if isinstance(one, Part) else part(*one, count=words) for one in shown)
    return Context(parts, 1000, sum(one.tokens for one in parts), "", tuple(omitted))


def told(found: ContextDiff) -> list[str]:
    return [f"{one.change} {one.kind} {one.source}{' moved' * one.moved}" for one in found.parts]


SYSTEM: Shown = ("system", "vnb", "You are.")
TASK: Shown = ("input", "task", "Write about tides")


def instruction(text: str, step: str = "s2") -> Shown:
    return ("instruction", step, text)


def test_every_kind_of_change_is_told() -> None:
    before = context(SYSTEM, TASK, ("doc", "a", "alpha"), ("result", "s1", "The moon pulls"), instruction("Go on"))
    after = context(SYSTEM, TASK, ("result", "s1", "The sun pulls"), ("note", "check", "mind"), instruction("Go on"))
    found = diff(before, after)
    assert told(found) == [
        "kept system vnb",
        "kept input task",
        "dropped doc a",
        "changed result s1",
        "added note check",
        "kept instruction s2",
    ]
    text = found.parts[3].text
    assert text is not None
    assert [(piece.kind, piece.text) for piece in text.pieces] == [
        ("kept", "The "), ("dropped", "moon"), ("added", "sun"), ("kept", " pulls"),
    ]  # fmt: skip
    assert (found.before_tokens, found.after_tokens) == (11, 11)
    assert (found.prefix, found.before_cached, found.after_cached) == (None, None, None)


def test_a_part_that_was_cut_shorter_is_compacted_and_not_changed() -> None:
    long = part("result", "s1", " ".join(f"word{number}" for number in range(60)), words)
    (cut,), _ = fit([long], 20, words)
    (shorter,), _ = fit([long], 18, words)
    assert cut.text.endswith(MARK) and cut.full_tokens == 60
    assert told(diff(context(long), context(cut))) == ["compacted result s1"]
    assert told(diff(context(cut), context(long))) == ["compacted result s1"]
    assert told(diff(context(cut), context(shorter))) == ["compacted result s1"]
    assert told(diff(context(cut), context(cut))) == ["kept result s1"]
    other = part("result", "s1", "Something else", words)
    assert told(diff(context(cut), context(other))) == ["changed result s1"]
    at_the_mark = part("result", "s1", cut.text.removesuffix(MARK), words)
    assert told(diff(context(at_the_mark), context(cut))) == ["compacted result s1"]
    begun = part("result", "s1", "word0 word1", words)
    assert told(diff(context(begun), context(long))) == ["changed result s1"], "nothing was cut from it"


def test_a_part_that_did_not_fit_is_told_from_one_that_was_not_meant() -> None:
    before = context(("doc", "a", "alpha"), ("doc", "b", "beta"))
    after = context(("doc", "a", "alpha"), omitted=[Omitted("doc", "b", 1)])
    assert [one.omitted for one in diff(before, after).parts] == [False, True]
    assert [one.omitted for one in diff(after, before).parts] == [False, True]
    assert not any(one.omitted for one in diff(before, context(("doc", "a", "alpha"))).parts)


def test_moved_parts_and_parts_of_the_same_source() -> None:
    a, b, c = (part("doc", "d", text, words) for text in ("one", "two", "three"))
    assert told(diff(context(a, b, c), context(c, a, b))) == ["kept doc d moved", "kept doc d", "kept doc d"]
    assert told(diff(context(a, b), context(b))) == ["dropped doc d", "kept doc d"]
    assert told(diff(context(a, b), context(a, c))) == ["kept doc d", "changed doc d"]


def test_siblings_have_their_own_instructions_which_are_compared() -> None:
    found = diff(context(TASK, instruction("Do one", "s2")), context(TASK, instruction("Do two", "s3")))
    assert told(found) == ["kept input task", "changed instruction s3"]
    renamed = diff(context(("result", "s1", "the same")), context(("result", "s4", "the same")))
    assert told(renamed) == ["kept result s4"]
    assert renamed.parts[0].before is not None and renamed.parts[0].before.source == "s1"


def test_images_are_told_apart_by_their_media() -> None:
    before, after = (context(Part("image", "pic", "", 0, 0, "", media)) for media in "xy")
    assert told(diff(before, before)) == ["kept image pic"]
    assert told(diff(before, after)) == ["changed image pic"]


KINDS: Sequence[PartKind] = ("system", "input", "doc", "result", "note", "instruction")
PARTS = st.builds(
    lambda kind, source, text: part(kind, source, text, words),
    st.sampled_from(KINDS),
    st.sampled_from(["s1", "s2", ""]),
    st.sampled_from(["", "a b", "a c", "历史"]) | st.text(max_size=20),
)
CONTEXTS = st.lists(PARTS, max_size=9).map(lambda parts: context(*parts))


@given(CONTEXTS, CONTEXTS)
def test_every_part_is_there_once_and_says_what_became_of_it(before: Context, after: Context) -> None:
    found = diff(before, after)
    assert [one.after for one in found.parts if one.after is not None] == list(after.parts)
    places = {id(one): place for place, one in enumerate(before.parts)}
    seen = [places[id(one.before)] for one in found.parts if one.before is not None]
    assert sorted(seen) == list(range(len(before.parts)))
    staying = [places[id(one.before)] for one in found.parts if one.before is not None and one.after and not one.moved]
    assert staying == sorted(staying)
    for one in found.parts:
        assert (one.before is None) == (one.change == "added")
        assert (one.after is None) == (one.change == "dropped")
        if one.text is not None and one.before is not None and one.after is not None:
            assert (one.text.before, one.text.after) == (one.before.text, one.after.text)
        if one.change == "kept" and one.before is not None and one.after is not None:
            assert one.before.text == one.after.text


@given(CONTEXTS)
def test_a_context_does_not_differ_from_itself(one: Context) -> None:
    found = diff(one, one)
    assert all(part.change == "kept" and not part.moved for part in found.parts)


# ---------------------------------------------------------------- tokens


def prompt(shown: Context) -> Prompt:
    """A token a word; before each part one for its heading, which belongs to no part; one at the end for the answer."""
    ids: list[int] = []
    spans = []
    for index, one in enumerate(shown.parts):
        ids.append(hash(one.kind))
        spans.append(Span(index, len(ids), len(ids) + words(one.text)))
        ids += map(hash, one.text.split())
    return Prompt((), "", (*ids, 0), tuple(spans))


def compared(before: Context, after: Context, cached: tuple[int | None, int | None] = (None, None)) -> ContextDiff:
    return diff(before, after, (prompt(before), prompt(after)), cached)


def cause(found: ContextDiff) -> tuple[int, str]:
    assert found.prefix is not None
    one = found.prefix.cause
    return found.prefix.tokens, f"{one.change} {one.kind} {one.source}" if one else ""


def test_the_prefix_ends_in_the_part_that_changed() -> None:
    before = context(SYSTEM, TASK, ("result", "s1", "The moon pulls"), instruction("Go on"))
    after = context(SYSTEM, TASK, ("result", "s1", "The sun pulls"), instruction("Go on"))
    found = compared(before, after, (0, 8))
    assert cause(found) == (9, "changed result s1")
    assert found.prefix is not None and found.prefix.after == Place(9, 15, after.parts[2], 1)
    assert found.before_cached == Place(0, 15, before.parts[0], 0)
    assert found.after_cached == Place(8, 15, after.parts[2], 0)


def test_the_prefix_ends_where_a_part_came_went_or_moved() -> None:
    note: Shown = ("note", "check", "mind it")
    doc: Shown = ("doc", "a", "alpha")
    with_note, without = context(SYSTEM, note, TASK), context(SYSTEM, TASK)
    assert cause(compared(with_note, without)) == (3, "dropped note check")
    assert cause(compared(without, with_note)) == (3, "added note check")
    found = compared(context(SYSTEM, doc, note, TASK), context(SYSTEM, note, TASK, doc))
    assert cause(found) == (3, "kept doc a") and [one.moved for one in found.parts] == [False, False, False, True]
    assert cause(compared(context(SYSTEM, TASK), context(SYSTEM, TASK, note))) == (7, "added note check")


def test_equal_prompts_have_no_end_and_an_empty_prompt_no_beginning() -> None:
    same = compared(context(SYSTEM), context(SYSTEM), (None, 3))
    assert cause(same) == (4, "")
    assert same.prefix is not None and same.prefix.before.part is None
    assert same.after_cached == Place(3, 4)
    assert cause(compared(context(), context(SYSTEM))) == (0, "added system vnb")


def test_nothing_is_said_of_prompts_whose_tokens_are_not_known() -> None:
    shown = context(SYSTEM)
    for other in (None, Prompt((), "You are.", ())):
        found = diff(shown, shown, (other, prompt(shown)), (2, 2))
        assert (found.prefix, found.before_cached) == (None, None)
        assert found.after_cached is not None and found.after_cached.tokens == 2


@given(CONTEXTS, CONTEXTS)
def test_the_shared_prefix_is_as_long_as_the_ids_say(before: Context, after: Context) -> None:
    found = compared(before, after)
    assert found.prefix is not None
    ids, ids_after, tokens = prompt(before).token_ids, prompt(after).token_ids, found.prefix.tokens
    assert (ids[:tokens] == ids_after[:tokens] and ids[tokens : tokens + 1] != ids_after[tokens : tokens + 1]) or (
        tokens == len(ids) == len(ids_after)
    )
