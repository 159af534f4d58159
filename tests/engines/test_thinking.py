"""Reasoning and answer, however the text comes in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnb.core.types import Alternative, StopReason, Token
from vnb.engines.thinking import TAGS, Reasoning, split

OPENED = "<|im_start|>assistant\n<think>\n"

REASONED = [
    *[(f"{opening}\nTwo and two.\n{closing}\n\n", "Four.", "") for opening, closing in TAGS],
    ("\n<think>x</think>", "Four.", ""),
    ("<Think>x</THINK> ", "Four.", ""),
    ("<think></think>", "Four.", ""),
    ("<think>\n\n</think>\n\n", "Four.", ""),
    ("<think>I close it with `</think>`, then “</think>”.</think>\n", "Four.", ""),
    ("<think>```\ncode that is not closed\n</think>\n\n", "Four.", ""),
    ("<think>a <think> b</think>", "Four.", ""),
    ("<think>a</think>\n</think>\n\n", "Four.", ""),
    ("<think>never closed", "", ""),
    ("<think>Two < three </ four </thin", "", ""),
    ("<think>x</think>", "<thing> is a word, </think> is a tag.", ""),
    ("x\n</think>\n\n", "Four.", OPENED),
    ("x</think>", "Four.", "<think>"),
    ("x", "", OPENED),
    ("x[/THINK]", "Four.", "[/INST][THINK]"),
    ("The user wants a sum.</think>\n\n", "Four.", ""),
    ("The user wants a sum.\n</think>", "Four.", ""),
    ("The user wants a sum. </think> ", "Four.", ""),
    ("a sum</think>", "Four.", ""),
    ("用户要一个和。</think>", "四。", ""),
    ("a sum.\n</think>", "", ""),
    ("</think>\n\n", "Four.", ""),
    ("</think>\n\n", "Four.", "<think>\n\n</think>\n\n"),
    ("<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>", "Four.", ""),
    ("<|channel|>final<|message|>", "Four.", ""),
]
PLAIN = [
    "",
    "Four.",
    " \n Four.",
    "<thin ice>",
    "<",
    "Models write <think>first</think>, then the answer.",
    "The tag </think> ends the reasoning.",
    "用</think>结束推理。",
    'It ends with "</think>".',
    "It ends with `</think>`.\nThat is all.",
    "```xml\n</think>\n```\nThat is all.",
    "```xml\n<think>\nx\n</think>\n```\nThat is all.",
    "Start with <thinking kind='x'>.\n</thinking>\n\nThat is all.",
]


def tokens(pieces: Sequence[str]) -> tuple[Token, ...]:
    return tuple(Token(number, piece, 0.1 * number) for number, piece in enumerate(pieces))


def texts(some: Sequence[Token]) -> str:
    return "".join(token.text for token in some)


@st.composite
def pieces_of(draw: st.DrawFn, text: str) -> list[str]:
    """The text in pieces; some are empty, as those of characters that several tokens make up."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=len(text) + 4)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)])]


@pytest.mark.parametrize(("reasoning", "answer", "prompt"), [*REASONED, *(("", text, "") for text in PLAIN)])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_split_into_tokens_gives_the_same_reasoning_and_answer(
    reasoning: str, answer: str, prompt: str, data: st.DataObject
) -> None:
    assert split(reasoning + answer, prompt) == (reasoning, answer)
    follows, seen = Reasoning(prompt), list[Any]()
    for piece in tokens(data.draw(pieces_of(reasoning + answer))):
        before = follows.thought
        seen += follows.feed((piece,))
        assert before <= follows.thought <= len(seen)
    assert texts(seen) == reasoning + answer
    thought = follows.finish("stop")
    assert (texts(seen[:thought]), texts(seen[thought:])) == (reasoning, answer)
    assert not follows.answer_was_reasoning
    if not reasoning:
        assert thought == 0


@settings(deadline=None)
@given(st.text(alphabet="<>/`think \n.x", max_size=60), st.data())
def test_nothing_is_lost_or_counted_twice(text: str, data: st.DataObject) -> None:
    follows = Reasoning(data.draw(st.sampled_from(["", OPENED, "<think>\n</think>"])))
    pieces = data.draw(pieces_of(text))
    seen = follows.feed(tokens(pieces))
    assert texts(seen) == text
    assert [t.id for t in seen if t.text or t.id] == sorted(t.id for t in seen if t.text or t.id)
    assert 0 <= follows.finish("stop") <= len(seen)


def test_a_token_on_both_sides_keeps_its_numbers_once() -> None:
    follows = Reasoning(OPENED)
    token = Token(7, "x</think>\nFour", 0.5, -0.25, (Alternative(7, "x</think>\nFour", -0.25),))
    one, two = follows.feed((token,))
    assert (one.text, two.text) == ("x</think>\n", "Four")
    assert (one.id, one.dt, one.logprob, one.top) == (7, 0.5, -0.25, token.top)
    assert (two.id, two.dt, two.logprob, two.top) == (7, 0.5, None, ())
    assert follows.thought == 1


def test_reasoning_is_known_while_it_is_decoded() -> None:
    follows = Reasoning()
    thoughts = []
    for piece in tokens(["<th", "ink", ">", "so", "</thi", "nk>", "\n", "Four", "."]):
        follows.feed((piece,))
        thoughts.append(follows.thought)
    assert thoughts == [0, 0, 3, 4, 5, 6, 7, 7, 7]


def flagged(*parts: tuple[str, bool], reason: StopReason = "stop") -> tuple[str, str, Reasoning]:
    """Reasoning and answer of what a server flagged."""
    follows, seen = Reasoning(), list[Any]()
    for text, flag in parts:
        seen += follows.feed(tokens([text]), flag)
    thought = follows.finish(reason)
    return texts(seen[:thought]), texts(seen[thought:]), follows


def test_what_a_server_flags_is_reasoning() -> None:
    assert flagged(("Two", True), (" and two", True), ("\n\n", False), ("Four", False))[:2] == (
        "Two and two\n\n",
        "Four",
    )
    assert flagged(("\n", False), ("Two", True), ("Four", False))[:2] == ("\nTwo", "Four")
    assert flagged(("Two", True), ("</think>\n", False), ("Four", False))[:2] == ("Two</think>\n", "Four")
    assert flagged(("<think>Two", True), ("Four, not </think>", False))[1] == "Four, not </think>"


def test_reasoning_that_comes_behind_an_answer_is_no_part_of_it() -> None:
    assert flagged(("Two", True), ("Four", False), ("hm", True), (".", False))[:2] == ("Two", "Four.")


def test_an_answer_that_a_server_took_for_reasoning_is_the_answer() -> None:
    reasoning, answer, follows = flagged(("Fo", True), ("ur", True), ("\n", False))
    assert (reasoning, answer, follows.answer_was_reasoning) == ("", "Four\n", True)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([("Two and", True)], "length"),
        ([("Two and", True)], "repeats"),
        ([("Two and\n</think>\n\n", True)], "stop"),
    ],
)
def test_reasoning_without_an_answer_stays_reasoning(parts: list[tuple[str, bool]], reason: StopReason) -> None:
    reasoning, answer, follows = flagged(*parts, reason=reason)
    assert (reasoning, answer, follows.answer_was_reasoning) == (parts[0][0], "", False)


def test_json_that_an_opened_prompt_was_held_to_is_the_answer() -> None:
    for text, was in (('{"A": 1}', True), ('{"A": 1', False), ("4", False)):
        follows = Reasoning(OPENED)
        follows.feed(tokens([text]))
        assert (follows.finish("stop"), follows.answer_was_reasoning) == ((0, True) if was else (1, False))
