"""What one attempt sends to the engine: context, prompt, sampling, and the key under which its output is found again."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..context.build import build
from ..core import events as ev
from ..core.codec import encode
from ..core.digest import canonical, digest, seed_for, text_digest
from ..core.types import Constraint, Context, Json, Prompt, Sampling, Step
from ..engines.base import Engine
from ..errors import BudgetError
from ..planner.asking import is_whole, language_of_prompts
from ..planner.notes import standing_notes
from ..planner.prompts import PROFILES, Profile
from ..planner.table import shown_to
from .log import Log
from .variables import variables_of

TRIES = 12
"""How often a context is built at most, to find what fits with the words around its parts."""
SLACK = 8
"""Tokens of a budget that may stay unused in a trimmed context."""

Notes = Sequence[tuple[str, str]]
"""Further context parts, as (title, text)."""


@dataclass(frozen=True)
class Sent:
    """What is sent, and how it is recorded.

    Attributes:
        engine: Fingerprint of the engine; `spec` is what it was loaded from.
        keyed: Whether the output may be found again.
        variables: Digest of the variables of a program, which its prompt only describes.
    """

    context: Context
    prompt: Prompt
    sampling: Sampling
    constraint: Constraint | None
    engine: str
    keyed: bool
    spec: str = ""
    variables: str = ""

    @property
    def key(self) -> str:
        """Digest of all that decides the output: the prompt to the letter, media, engine, sampling, constraint.

        The prompt rather than the context, since a model is also shown what the context's digest leaves out: the ids
        of results and the titles of passages.
        """
        if not self.keyed:
            return ""
        media: list[Json] = [part.media for part in self.context.parts if part.media]
        decides = [self.prompt.text, media, self.engine, encode(self.sampling), encode(self.constraint)]
        return digest([*decides, self.variables] if self.variables else decides)

    def record(self, step: str, attempt: int) -> dict[str, Any]:
        """The fields that `StepStarted` and `StepReused` share."""
        return {
            "step": step,
            "attempt": attempt,
            "context": self.ref,
            "prompt": text_digest(self.written),
            "sampling": self.sampling,
            "constraint": self.constraint,
            "engine": self.engine,
            "key": self.key,
            "spec": self.spec,
        }

    @property
    def ref(self) -> ev.ContextRef:
        """The context with its texts by digest."""
        parts = tuple(
            ev.PartRef(
                part.kind, part.source, text_digest(part.text), part.tokens, part.full_tokens, part.media, part.whole
            )
            for part in self.context.parts
        )
        context = self.context
        return ev.ContextRef(parts, context.budget, context.tokens, context.digest, context.omitted)

    @cached_property
    def written(self) -> str:
        """The blob that records the prompt: its text, token ids and spans."""
        prompt = self.prompt
        return canonical({"text": prompt.text, "token_ids": list(prompt.token_ids), "spans": encode(prompt.spans)})

    @property
    def texts(self) -> list[str]:
        """Every text that the record names by its digest."""
        return [self.written, *(part.text for part in self.context.parts)]


async def prepare(log: Log, step: Step, engine: Engine, notes: Notes = (), reuse: str = "") -> Sent:
    """Everything that the next attempt of `step` sends, as the run stands.

    Args:
        reuse: What to do about stored outputs, if not what the run's options say.

    Raises:
        BudgetError: The context does not fit.
        EngineError: The engine takes no images, and the task has some.
    """
    images = await engine.see(log.view.task.attachments, lambda one: base64.b64decode(log.store.blob(one.digest)))
    profile = PROFILES[engine.info.profile]
    sampling = _sampling(log, step, profile, engine)
    context, prompt = _context(log, step, profile, engine, sampling, notes, images)
    keyed = (reuse or log.view.task.options.reuse) != "off"
    variables = digest(["code", variables_of(log, step)]) if step.kind == "code" else ""
    return Sent(context, prompt, sampling, step.constraint, engine.info.fingerprint, keyed, engine.info.spec, variables)


def _sampling(log: Log, step: Step, profile: Profile, engine: Engine) -> Sampling:
    options = log.view.task.options
    base = profile.sampling(step.role, engine.info.sampling)
    base = replace(base, max_tokens=min(base.max_tokens or 1, engine.info.context_length // 2))
    said = step.sampling.over(options.sampling) if step.role in ("work", "integrate") else step.sampling
    whole = said.over(base)
    if whole.seed is not None:
        return whole
    # An attempt that was cut short did not use up its seed: a run that was stopped goes on as it would have gone.
    found = log.view.steps[step.id]
    answered = [one for one in found.attempts if one.status in ("finished", "reused", "failed")]
    # Nor did one that a revision of the plan put aside: asked the same thing, the step finds its answer again.
    again = bool(answered) and not found.chosen and answered[-1].status != "failed"
    return replace(whole, seed=seed_for(options.seed, step.id, len(answered) + (0 if again else 1)))


def _context(
    log: Log,
    step: Step,
    profile: Profile,
    engine: Engine,
    sampling: Sampling,
    notes: Notes,
    images: Mapping[str, int],
) -> tuple[Context, Prompt]:
    """The context and its prompt, which together with the new tokens must fit into the engine's context."""
    view = log.view
    room = engine.info.context_length - (sampling.max_tokens or 1)
    if room < 1:
        raise BudgetError(
            f"max_tokens {sampling.max_tokens} of {step.id} leaves no room for a prompt: the engine's context holds "
            f"{engine.info.context_length} tokens.",
            f"--max-tokens {engine.info.context_length // 2}",
        )
    asked = step.budget or (
        view.task.options.budget if step.role != "plan" else None
    )  # its rules and examples are fixed
    limit = allowed = min(room, asked) if asked else room
    language = language_of_prompts(view)
    whole = profile.name != "compact" and is_whole(view, step)
    answer = view.brief.language if view.brief is not None else ""
    system = "" if whole else profile.system(step.role, language, answer, step.kind)
    shows_brief = step.role in profile.shows_brief
    notes = (*standing_notes(profile, view, step, variables_of(log, step), language), *notes)
    best: tuple[Context, Prompt] | None = None
    low, high = (
        -1,
        limit + 1,
    )  # parts of so many tokens fit, or are too few to hold what must be there; of so many do not
    fault = BudgetError("")
    for _ in range(TRIES):
        try:
            context = build(
                step,
                view,
                log.store.blob,
                engine.count,
                allowed,
                system,
                shows_brief,
                whole,
                notes,
                log.graph.needs(step.id),
                images,
                limit - allowed,
                shown_to(step, view.task),
            )
        except BudgetError as error:
            if allowed == limit:
                raise
            fault, low, wanted = error, allowed, -1
        else:
            messages = profile.render(context, step.role, language)
            prompt = engine.render(messages, sampling.think) if sampling.think else engine.render(messages)
            spare = limit - len(prompt.token_ids)
            complete = not context.omitted and all(part.tokens == part.full_tokens for part in context.parts)
            if spare >= 0:
                best, low = (context, prompt), allowed
                if complete or spare < SLACK:
                    return best
            else:
                high = min(allowed, context.tokens)
                fault = _too_long(step, len(prompt.token_ids), limit, sampling, room)
            wanted = (
                context.tokens + spare
            )  # what the words around the parts leave; with other parts they leave another
        if high - low <= 1:
            break
        allowed = wanted if low < wanted < high else (low + high) // 2
    if best is None:
        raise fault
    return best


def _too_long(step: Step, tokens: int, limit: int, sampling: Sampling, room: int) -> BudgetError:
    if limit < room:
        return BudgetError(
            f"The prompt of {step.id} has {tokens} tokens, more than the budget of {limit}.",
            f"Shorten the task or its inputs, or raise the budget: --budget {tokens}",
        )
    return BudgetError(
        f"The prompt of {step.id} has {tokens} tokens, but only {limit} fit beside {sampling.max_tokens} new ones.",
        "Shorten the task or its inputs, or load the model with more context: %vmodel … --ctx N",
    )
