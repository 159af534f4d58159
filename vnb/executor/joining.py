"""Results put together without a model call: what the plan delivers, and the result of a step that was split."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from ..core import events as ev
from ..core.digest import digest, text_digest
from ..core.types import Demand, Json, Sampling, Step, Usage
from ..errors import VnbError
from ..planner.asked_words import with_asked
from ..planner.asking import JUDGE
from ..planner.brief import find_span
from ..planner.table import is_table
from ..reading.answers import majority
from ..reading.shape import ask_of, computes
from .log import Log
from .outcome import judged, warnings_of
from .program import require_all

SEPARATOR = "\n\n"
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
ENGINE = "concat"
"""Stands where an attempt names its engine's fingerprint."""


async def join(
    log: Log, step: Step, results_of: Sequence[str], demands: tuple[Demand, ...] = (), quoted: bool = False
) -> bool:
    """Runs an attempt of `step` whose output is the results of these steps, in this order.

    One result stands as it is; several come under the titles of their steps. Those of a map follow on each other, or are a
    JSON list where they are JSON.

    Args:
        quoted: The results are quotations of their items; what does not stand there is left out.

    Returns:
        Whether the output is what the step's constraint and check ask for.
    """
    sources = [source for source in results_of if source in log.view.steps]
    texts = [log.store.blob(log.view.steps[source].output) for source in sources]
    if quoted:
        texts = [_quoted(text, log.view.steps[source].step.item) for source, text in zip(sources, texts, strict=True)]
    if step.kind == "map":
        is_data = step.constraint is not None and step.constraint.kind == "json_schema"
        text = _listed(_rows(log, step, sources, texts)) if is_data else SEPARATOR.join(filter(_says_something, texts))
        over = [step.over] if step.over in log.view.steps else []
        return await _finish(log, replace(step, constraint=None, check=None), [*sources, *over], text, demands)
    if len(texts) > 1:
        texts = [titled(log.view.steps[source].step.title, text) for source, text in zip(sources, texts, strict=True)]
    return await _finish(log, step, sources, SEPARATOR.join(texts), demands)


async def elect(log: Log, step: Step, results_of: Sequence[str], demands: tuple[Demand, ...] = ()) -> bool:
    """Runs an attempt of `step` whose output is the one of these results that most agree with, or that a judge names."""
    sources = [source for source in results_of if source in log.view.steps]
    texts = {source: log.store.blob(log.view.steps[source].output) for source in sources}
    judged_best = texts.pop(JUDGE, "").strip()
    place, votes = majority(list(texts.values()), computes(log.view.task.text))
    warning = ""
    if judged_best in texts:
        text = texts[judged_best]
    else:
        text = list(texts.values())[place]
        warning = "" if votes > 1 else "no two answers agree; this is the first"
    return await _finish(log, step, sources, text, demands, (warning,) if warning else ())


def fail(log: Log, step: Step, error: VnbError) -> None:
    """Runs an attempt of `step` that fails before anything is asked."""
    number = len(log.view.steps[step.id].attempts) + 1
    log.append(ev.StepQueued(step.id, number))
    log.append(ev.StepFailed(step.id, number, error.message, error.hint))


def _rows(log: Log, step: Step, sources: Sequence[str], texts: Sequence[str]) -> list[Json]:
    """The values of a map's items; those of a table tell which items have what the task asks about."""
    values: list[Json] = [json.loads(text) for text in texts]
    if not is_table(step):
        return values
    return with_asked(ask_of(log.view.task.text), [log.view.steps[source].step.item for source in sources], values)


def _listed(values: Sequence[Json]) -> str:
    """A JSON list, an element a line."""
    return "[\n" + ",\n".join(json.dumps(value, ensure_ascii=False) for value in values) + "\n]"


def _quoted(text: str, item: str) -> str:
    """The sentences of an item of which a text quotes something, each once and whole."""
    spans = [span for sentence in _SENTENCE.findall(text) if (span := find_span(sentence, item))]
    whole = [sentence.strip() for sentence in _SENTENCE.findall(item) if any(span in sentence for span in spans)]
    return " ".join(dict.fromkeys([*whole, *(span for span in spans if not any(span in one for one in whole))]))


def _says_something(text: str) -> bool:
    """Whether a passage had anything that helps."""
    return text.strip(" \t\n.。!\"'").casefold() not in ("", "nothing", "none", "无", "没有")


async def _finish(
    log: Log, step: Step, sources: Sequence[str], text: str, demands: tuple[Demand, ...], warned: tuple[str, ...] = ()
) -> bool:
    number = len(log.view.steps[step.id].attempts) + 1
    digests = [log.view.steps[source].output for source in sources]
    refs = tuple(ev.PartRef("result", source, output, 0, 0) for source, output in zip(sources, digests, strict=True))
    context = ev.ContextRef(refs, 0, 0, digest([ENGINE, *digests]))
    log.append(ev.StepQueued(step.id, number))
    log.append(ev.StepStarted(step.id, number, context, "", Sampling(), None, ENGINE, ""))
    try:
        await require_all(log, step, text)
    except VnbError as error:
        log.append(ev.StepFailed(step.id, number, error.message, error.hint, text_digest(text)), text)
        return False
    verdicts = judged(demands, text)
    warnings = (*warned, *warnings_of(text, "stop", verdicts))
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
