"""What of the prompts of an article has to be computed: contexts with a stable prefix beside other ways to build them.

The article: six parts over one shared document, which can be written at once, and a seventh call that puts them together. The
same document length, instructions and answer lengths in three ways, each with a document of its own:

* stable parts first: what vnb does (`vnb.task(…, plan=…, integrate="write").run()`);
* growing transcript: the usual agent loop; one conversation in which every step is the next turn, one after the other;
* shuffled parts: each step is shown the parts that vnb shows it, in any order.

All on the same engine with its prefix cache.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Constraint, Context, Message, Plan, Prompt, Role, Sampling, Segment, Step, Usage
from vnb.engines.base import Decoded, Stopped
from vnb.planner.prompts import INSTRUCT

from . import models
from .tables import Claim, Scale, Spread, Table

PARTS = ("history", "present", "future", "uses", "benefits", "risks")
ASCII = Constraint("regex", "[ -~]*")
"""Answers have no parts of characters, whose token ids the engine does not tell."""

MOST = 0.35
"""The share of sent prompt tokens that may be computed."""


class Article:
    """One loaded engine, on which the article is written in three ways; each gives the usages of its calls."""

    def __init__(self, runtime: Runtime, engine: Any, document: int, new: int) -> None:
        self.runtime, self.engine, self.document, self.new = runtime, engine, document, new
        self.count = 0

    @property
    def sampling(self) -> Sampling:
        return Sampling(temperature=1.0, top_k=40, max_tokens=self.new, seed=self.count, logprobs=4)

    def fresh(self) -> str:
        """A document that no cache holds."""
        self.count += 1
        return models.words(self.document, self.count)

    def stable(self) -> tuple[list[Usage], Any]:
        named = enumerate(PARTS, 1)
        plan = Plan(tuple(Step(f"s{place}", f"Write about the {part}", constraint=ASCII) for place, part in named))
        run = draft(
            self.runtime,
            "Write an article about {{doc}}",
            doc=self.fresh(),
            plan=plan,
            integrate="write",
            reuse="off",
            temperature=1.0,
            top_k=40,
            max_tokens=self.new,
            seed=self.count,
        ).run()
        return [attempt.usage for step in run for attempt in step.attempts], run

    def growing(self) -> list[Usage]:
        return self.runtime.loop.call(self._growing(self.fresh()))

    def shuffled(self, run: Any) -> list[Usage]:
        """`run` says what the steps are shown; the document is another one."""
        return self.runtime.loop.call(self._shuffled(run, self.fresh()))

    async def _ask(self, prompt: Prompt) -> tuple[list[int], Usage]:
        """The tokens that were drawn, and what that cost."""
        drawn: list[int] = []
        async for said in self.engine.generate(prompt, self.sampling, ASCII):
            if isinstance(said, Decoded):
                drawn += [token.id for token in said.tokens]
            elif isinstance(said, Stopped):
                return drawn, said.usage
        raise AssertionError("the engine ended without a word")

    async def _growing(self, document: str) -> list[Usage]:
        turns = [f"Write about the {part}" for part in PARTS] + [INSTRUCT.instruction("integrate")]
        opening = f"# Task\nWrite an article about [doc]\n\n# Input: doc\n{document}\n\n# Your part\n{turns[0]}"
        system = INSTRUCT.system("work", "English")
        ids = list(self.engine.render([_message("system", system), _message("user", opening)]).token_ids)
        usages = []
        for turn in [*turns[1:], ""]:
            drawn, usage = await self._ask(Prompt((), self.engine.detokenize(ids), tuple(ids)))
            usages.append(usage)
            # The very tokens that were drawn: random words would be cut otherwise if they were read again as text.
            more = list(self.engine.render([_message("user", turn)]).token_ids)
            end = more[-2]  # what closes a turn; the opening of the answer comes after it
            ids += [*drawn, end, *more]
        return usages

    async def _shuffled(self, run: Any, document: str) -> list[Usage]:
        chance = random.Random(self.count)
        calls = []
        for step in run:
            parts = [
                part if part.source != "doc" else type(part)(**{**vars(part), "text": document})
                for part in step.context.parts
            ]
            chance.shuffle(parts)
            role: Role = step.step.role
            calls.append(self.engine.render(INSTRUCT.render(Context(tuple(parts), 0, 0, ""), role)))
        answers = await asyncio.gather(*map(self._ask, calls[:-1]))
        return [usage for _, usage in (*answers, await self._ask(calls[-1]))]


def _message(role: Any, text: str) -> Message:
    return Message(role, (Segment(text),))


def measure(scale: Scale) -> list[Table]:
    """Tokens sent and computed, and seconds, in each way."""
    document, new = (200, 4) if scale.quick else (4000, 64)
    rounds = max(1, scale.rounds // 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runtime = Runtime(folder / "runs.sqlite")
        path = str(models.write(folder, scale.quick))
        engine: Any = runtime.load(path, ctx=1024 if scale.quick else 8192, parallel=len(PARTS), threads=scale.threads)
        article = Article(runtime, engine, document, new)
        found: dict[str, list[tuple[float, list[Usage]]]] = {}
        run: Any = None
        for _ in range(rounds):  # what `run` showed its steps is shown shuffled, so it comes first
            begun = time.perf_counter()
            usages, run = article.stable()
            found.setdefault("stable parts first (vnb)", []).append((time.perf_counter() - begun, usages))
            ways: dict[str, Callable[[], list[Usage]]] = {
                "growing transcript": article.growing,
                "shuffled parts": lambda run=run: article.shuffled(run),  # type: ignore[misc]
            }
            for way, work in ways.items():
                begun = time.perf_counter()
                usages = work()
                found.setdefault(way, []).append((time.perf_counter() - begun, usages))
        threads = dict(engine.info.details)["threads"]
        runtime.close()
    about = f"{len(PARTS) + 1} calls over a document of {document:,} tokens, {new} tokens each. {models.said(scale.quick)}; "
    about += f"{threads} threads, {len(PARTS)} slots. A transcript is computed once, but its steps wait for each other."
    heads = ["way", "sent tokens", "computed", "computed / sent", "seconds"]
    table = Table("Prefill of an article over a shared document", heads, notes=[about])
    for way, times in found.items():
        sent = [sum(usage.prompt_tokens for usage in usages) for _, usages in times]
        computed = [sum(usage.prompt_tokens - usage.cached_tokens for usage in usages) for _, usages in times]
        share = [some / whole for some, whole in zip(computed, sent)]
        table.add(way, Spread.of(sent), Spread.of(computed), Spread.of(share), Spread.of([one for one, _ in times]))
        if way.startswith("stable"):
            table.claims.append(Claim("computed / sent with stable parts first", max(share), MOST))
    return [table]
