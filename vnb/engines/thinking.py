"""Reasoning apart from answers: how far into the tokens of a thinking model its reasoning reaches.

Reasoning stands before the answer, between tags that models were trained to write; or a server has taken it out already and
flags its tokens. The opening tag may stand in the prompt, and some servers swallow it. Tags anywhere else are words of an
answer about them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from ..core.types import StopReason, Token

TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
)
"""What reasoning stands between: Qwen, DeepSeek, GLM and most others; Seed; Magistral; Kimi; Command."""
CHANNELS = ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>")
"""The same for gpt-oss, whose closing tag opens the answer."""

MARKS = tuple(tag for tags in (*TAGS, CHANNELS) for tag in tags)
_PAIRS = {opening.lower(): closing.lower() for opening, closing in (*TAGS, CHANNELS)}
_EVERY = (*_PAIRS, *_PAIRS.values())
_LONGEST = max(map(len, _EVERY))
_OPENING, _CLOSING = ("|".join(map(re.escape, tags)) for tags in (_PAIRS, _PAIRS.values()))
_BEGUN = re.compile(rf"{_OPENING}|<(?:think|thinking|thought|reasoning)\s")
_ENDED = re.compile(_CLOSING)
_QUOTES = {"`": "`", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "「": "」"}
_SENTENCE_ENDS = ".!?…:。！？：\n"


class Reasoning:
    """Follows the tokens of one answer. Nothing is held back: what turns out to be reasoning later is counted then.

    Args:
        prompt_text: The end of it says whether the chat template has opened the reasoning.

    Attributes:
        thought: So many of all tokens so far are reasoning: the first ones, the tags and the blank space behind included.
        answer_was_reasoning: What looked like reasoning was the answer: the server flagged all that the model wrote, or
            the model was held to JSON though its prompt had opened the reasoning.
    """

    def __init__(self, prompt_text: str = "") -> None:
        end = prompt_text[-4 * _LONGEST :].rstrip().lower()
        self._close = next((closing for opening, closing in _PAIRS.items() if end.endswith(opening)), "")
        self._opened = self._seen = bool(self._close)  # a tag: what follows on it may be blank space that belongs to it
        self._answering = False  # other text than tags and blank space has come outside of them
        self._text = ""  # since the last flagged token, in lower case
        self._at = 0  # what is before is decided
        self._count = 0
        self._flagged = ""  # the end of what was flagged
        self.thought = 0
        self.answer_was_reasoning = False

    def feed(self, tokens: Sequence[Token], flagged: bool = False) -> tuple[Token, ...]:
        """Takes the next tokens in; returns them, one that reaches from the reasoning into the answer as two.

        Args:
            flagged: The server says that they are reasoning. Behind an answer they lose their text.
        """
        if not flagged:
            return tuple(part for token in tokens for part in self._take(token))
        self._count += len(tokens)
        if self._answering:
            return tuple(replace(token, text="", bytes="") for token in tokens)
        self._flagged = (self._flagged + "".join(token.text for token in tokens))[-2 * _LONGEST :]
        self._text, self._at, self._close, self._seen = "", 0, "", True
        self.thought = self._count
        return tuple(tokens)

    def finish(self, reason: StopReason) -> int:
        """The model has stopped: what is reasoning now, all things considered."""
        closed = self._flagged.rstrip().lower().endswith(tuple(_PAIRS.values()))
        if reason == "stop" and (
            (self._flagged and not self._text.strip() and not closed)
            or (self._opened and self._close and not self._flagged and _is_json(self._text))
        ):
            self.answer_was_reasoning, self.thought = True, 0
        elif self._answering and not self._seen and self._orphan(ended=True):
            self.thought = self._count
        return self.thought

    def _take(self, token: Token) -> tuple[Token, ...]:
        self._count += 1
        if self._answering and self._seen:  # nothing can change any more
            return (token,)
        start = len(self._text)
        self._text += _lower(token.text)
        end = self._end()
        if not self._seen:
            return (token,)
        if not start < end < len(self._text):
            if end >= start:
                self.thought = self._count if end == len(self._text) else self._count - 1
            return (token,)
        self.thought = self._count
        self._count += 1
        cut = end - start
        first = replace(token, text=token.text[:cut], bytes="")
        return first, replace(token, text=token.text[cut:], logprob=None, top=(), bytes="")

    def _end(self) -> int:
        """Where the reasoning ends in the text, as far as can be said now; `_seen` says whether there is any."""
        while True:
            if self._close:
                found = self._closed()
                if not found:
                    return len(self._text)
                self._at, self._close = found, ""
            elif self._answering:
                found = self._orphan()
                if not found:
                    return self._at
                self._at, self._seen, self._answering = found, True, False
            else:
                rest = self._text[self._at :].lstrip()
                begins = len(self._text) - len(rest)
                tag = next((tag for tag in _EVERY if rest.startswith(tag)), "")
                if not tag:
                    self._answering = bool(rest) and not any(tag.startswith(rest) for tag in _EVERY)
                    if not self._answering or self._seen:
                        return begins
                    continue
                self._at, self._close, self._seen = begins + len(tag), _PAIRS.get(tag, ""), True

    def _closed(self) -> int:
        """Behind the tag that ends the reasoning; 0 if there is none yet. One between quotes is only talked about."""
        while (place := self._text.find(self._close, self._at)) >= 0:
            behind = place + len(self._close)
            quote = _QUOTES.get(self._text[place - 1 : place])
            if quote is None or self._text[behind : behind + 1] not in ("", quote):
                return behind
            if behind == len(self._text):
                return 0
            self._at = behind
        self._at = max(self._at, len(self._text) - len(self._close))
        return 0

    def _orphan(self, ended: bool = False) -> int:
        """Behind a closing tag whose opening one was swallowed, where there is one; else 0."""
        while found := _ENDED.search(self._text, self._at):
            if found.end() == len(self._text) and not ended:
                return 0
            if not (_BEGUN.search(self._text) or _talked_about(self._text, found.start(), found.end())):
                return found.end()
            self._at = found.end()
        self._at = max(self._at, len(self._text) - _LONGEST)
        return 0


def split(text: str, prompt_text: str = "") -> tuple[str, str]:
    """The reasoning in a text that is complete, and the answer."""
    reasoning = Reasoning(prompt_text)
    parts = [token.text for token in reasoning.feed((Token(-1, text, 0.0),))]
    thought = reasoning.finish("stop")
    return "".join(parts[:thought]), "".join(parts[thought:])


def _talked_about(text: str, start: int, end: int) -> bool:
    """Whether a closing tag is a word of the text: in code, between quotes, or amid a sentence."""
    before, after = text[:start], text[end : end + 1]
    line = before.rpartition("\n")[2]
    if before.count("```") % 2 or line.count("`") % 2:
        return True
    if before and _QUOTES.get(before[-1]) == after:
        return True
    words = line.rstrip(" ")
    if not words or words[-1] in _SENTENCE_ENDS or after == "\n":
        return False
    return words != line or (words[-1] > "\u2e7f" and words[-1].isalpha())


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def _lower(text: str) -> str:
    """In lower case, as long as before: that of some letters is longer."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
