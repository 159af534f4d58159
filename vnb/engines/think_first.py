"""A thinking model that answers under a constraint, or may think for so many tokens only: it thinks, then it answers.

A grammar holds from the first token on, so reasoning is decoded without it, by a request of its own that ends at the closing
tag; another request goes on from there. What the reasoning has in the KV cache, it finds there.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from ..core.types import Constraint, Prompt, Sampling, Token, Usage
from .base import Decoded, EngineEvent, Stopped
from .thinking import TAGS

Generate = Callable[[Prompt, Sampling, Constraint | None], AsyncGenerator[EngineEvent, None]]
DIGITS = 5  # of times: more would only take room


@dataclass(frozen=True)
class Habit:
    """How a model thinks, by its chat template.

    Attributes:
        opening, closing: The tags.
        switch: The template can be told whether it is to think; it does not unless it is told.
    """

    opening: str
    closing: str
    switch: bool


def habit_of(template: str) -> Habit | None:
    """Whether a model thinks, and how; `None` if its chat template knows nothing of it."""
    code = " ".join(re.findall(r"\{[{%].*?[%}]\}", template, re.DOTALL))
    names = re.sub(r"'[^']*'|\"[^\"]*\"", "", code)
    switch = re.search(r"(?<![.\w])(enable_thinking|thinking)\b", names) is not None
    known = [tags for tags in TAGS if tags[1] in template] or [tags for tags in TAGS if tags[0] in template]
    if not known and not switch:
        return None
    return Habit(*(known or TAGS)[0], switch)


def template_settings(think: str) -> dict[str, bool]:
    """What a chat template is told; templates that have a switch are told not to think unless that was asked for."""
    if not think:
        return {"enable_thinking": False}
    return {"enable_thinking": think != "off", "thinking": think != "off"}  # DeepSeek and Granite say `thinking`


@dataclass(frozen=True)
class ThinkFirst:
    """Reasoning first, and how much of it.

    Attributes:
        opened: The template has opened the reasoning already.
        most: The most tokens of reasoning.
    """

    habit: Habit
    opened: bool
    most: int

    async def generate(
        self,
        generate: Generate,
        pieces: Callable[[str, bool], tuple[int, ...]],
        prompt: Prompt,
        sampling: Sampling,
        constraint: Constraint | None,
        max_tokens: int,
        context: int,
    ) -> AsyncGenerator[EngineEvent, None]:
        """The events of both requests as those of one; see `Engine.generate`.

        Args:
            generate: Answers one request of the two.
            pieces: Token ids of a text; with `True`, texts of special tokens become these tokens.
            max_tokens: The most tokens of reasoning and answer together.
            context: The most tokens of prompt and output.
        """
        habit, begun = self.habit, time.perf_counter()
        if not self.opened:
            prompt = _longer(prompt, f"{habit.opening}\n", pieces(f"{habit.opening}\n", True))
        tokens: list[Token] = []
        first = replace(sampling, max_tokens=self.most, stop=(habit.closing,))
        async with aclosing(generate(prompt, first, None)) as events:
            async for event in events:
                if isinstance(event, Stopped):
                    thought = event.usage
                elif isinstance(event, Decoded):
                    tokens += event.tokens
                    yield Decoded(event.tokens, thinking=True)
                else:
                    yield event
        text = "".join(token.text for token in tokens)
        closing = f"{'' if text.endswith(chr(10)) else chr(10)}{habit.closing}\n\n"
        ids = tuple(token.id for token in tokens)
        if min(ids, default=0) < 0:  # the engine does not name them all
            ids = pieces(text, False)
        prompt = _longer(prompt, text + closing, ids + pieces(closing, True))
        shift = time.perf_counter() - begun
        yield Decoded((Token(-1, closing, round(shift, DIGITS)),), thinking=True)
        room = min(max_tokens - thought.new_tokens, context - len(prompt.token_ids))
        rest = replace(sampling, max_tokens=max(1, room))
        async with aclosing(generate(prompt, rest, constraint)) as events:
            async for event in events:
                if isinstance(event, Decoded):
                    yield Decoded(tuple(replace(t, dt=round(t.dt + shift, DIGITS)) for t in event.tokens))
                elif isinstance(event, Stopped):
                    yield Stopped(event.reason, _both(thought, event.usage))


def think_first(
    habit: Habit | None, prompt: Prompt, sampling: Sampling, constraint: Constraint | None, max_tokens: int
) -> ThinkFirst | None:
    """How a request is to think first; `None` if it is answered by one request as it is.

    Without a number in `sampling.think`, reasoning before a constrained answer gets half of the tokens; a quarter is the
    answer's in any case.
    """
    think = sampling.think
    number = int(think) if think and think.isdigit() else None
    if habit is None or think == "off" or (number is None and constraint is None):
        return None
    end = prompt.text.rstrip()
    opened = end.endswith(habit.opening)
    if end.endswith(habit.closing) or (think is None and habit.switch and not opened):
        return None  # the template has switched it off
    most = min(number or max_tokens // 2, max_tokens - max(1, max_tokens // 4))
    return ThinkFirst(habit, opened, most) if most > 0 else None


def _longer(prompt: Prompt, text: str, ids: tuple[int, ...]) -> Prompt:
    return replace(prompt, text=prompt.text + text, token_ids=prompt.token_ids + ids)


def _both(one: Usage, two: Usage) -> Usage:
    """What both requests cost, as if the second one's prompt had been in the cache."""
    return replace(
        one,
        new_tokens=one.new_tokens + two.new_tokens,
        t_decode=one.t_decode + two.t_queue + two.t_prefill + two.t_decode,
        draft_accepted=_sum(one.draft_accepted, two.draft_accepted),
        draft_rejected=_sum(one.draft_rejected, two.draft_rejected),
    )


def _sum(one: int | None, two: int | None) -> int | None:
    return one if two is None else two + (one or 0)
