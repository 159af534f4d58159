"""Results joined without a model call: `--integrate concat`, and the result of a step that was split."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import events as ev
from ..core.digest import digest, text_digest
from ..core.types import Sampling, Step, Usage
from ..errors import VnbError
from .log import Log
from .validate import require

SEPARATOR = "\n\n"
ENGINE = "concat"
"""Stands where an attempt names its engine's fingerprint."""


def join(log: Log, step: Step, results_of: Sequence[str]) -> bool:
    """Carries an attempt of `step` whose output is the results of these steps, in the order of the plan.

    Returns:
        Whether the output is what the step's constraint and check ask for.
    """
    number = len(log.view.steps[step.id].attempts) + 1
    sources = [known for known in log.view.steps if known in set(results_of)]
    digests = [log.view.steps[source].output for source in sources]
    refs = tuple(ev.PartRef("result", source, output, 0, 0) for source, output in zip(sources, digests, strict=True))
    context = ev.ContextRef(refs, 0, 0, digest([ENGINE, *digests]))
    text = SEPARATOR.join(log.store.blob(output) for output in digests)
    log.append(ev.StepQueued(step.id, number))
    log.append(ev.StepStarted(step.id, number, context, "", Sampling(), None, ENGINE, ""))
    try:
        require(step.constraint, text, "output")
        require(step.check, text, "check")
    except VnbError as error:
        log.append(ev.StepFailed(step.id, number, error.message, error.hint, text_digest(text)), text)
        return False
    log.append(ev.StepFinished(step.id, number, text_digest(text), "stop", Usage()), text)
    return True
