"""Results put together without a model call: what the plan delivers, and the result of a step that was split."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core import events as ev
from ..core.digest import digest, text_digest
from ..core.types import Demand, Sampling, Step, Usage
from ..errors import VnbError
from .log import Log
from .outcome import judged, warnings_of
from .validate import require

SEPARATOR = "\n\n"
ENGINE = "concat"
"""Stands where an attempt names its engine's fingerprint."""


def join(log: Log, step: Step, results_of: Sequence[str], demands: tuple[Demand, ...] = ()) -> bool:
    """Runs an attempt of `step` whose output is the results of these steps, in this order.

    One result stands as it is; several come under the titles of their steps.

    Returns:
        Whether the output is what the step's constraint and check ask for.
    """
    number = len(log.view.steps[step.id].attempts) + 1
    sources = [source for source in results_of if source in log.view.steps]
    digests = [log.view.steps[source].output for source in sources]
    refs = tuple(ev.PartRef("result", source, output, 0, 0) for source, output in zip(sources, digests, strict=True))
    context = ev.ContextRef(refs, 0, 0, digest([ENGINE, *digests]))
    texts = [log.store.blob(output) for output in digests]
    if len(texts) > 1:
        texts = [titled(log.view.steps[source].step.title, text) for source, text in zip(sources, texts, strict=True)]
    text = SEPARATOR.join(texts)
    log.append(ev.StepQueued(step.id, number))
    log.append(ev.StepStarted(step.id, number, context, "", Sampling(), None, ENGINE, ""))
    try:
        require(step.constraint, text, "output")
        require(step.check, text, "check")
    except VnbError as error:
        log.append(ev.StepFailed(step.id, number, error.message, error.hint, text_digest(text)), text)
        return False
    verdicts = judged(demands, text)
    warnings = warnings_of(text, "stop", verdicts)
    if len(sources) == 1:  # what the one result is warned of already is not said twice
        known = log.view.steps[sources[0]].attempt
        warnings = tuple(one for one in warnings if known is None or one not in known.warnings)
    log.append(ev.StepFinished(step.id, number, text_digest(text), "stop", Usage(), warnings, verdicts), text)
    return True


def titled(title: str, text: str) -> str:
    """A result under its title; one that begins with that title keeps it once."""
    if not title:
        return text
    body = text.strip("\n")
    first, _, rest = body.partition("\n")
    if _plain(first) == _plain(title):
        body = rest.lstrip("\n")
    return f"## {title}{SEPARATOR}{body}"


def _plain(line: str) -> str:
    return re.sub(r"[\W_]+", " ", re.sub(r"^\s*(?:#+|[-*]|\d+[.)、])\s*", "", line)).strip().casefold()
