"""(step, view, budget) -> Context. Pure: the same arguments give the same context, byte for byte.

Parts come in one order for the reader and for the KV cache: what all steps share first, what is this step's own last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ..core import dag
from ..core.digest import chained, text_digest
from ..core.types import Attachment, Brief, Context, Part, Step, Task
from ..core.view import RunView
from .budget import Counter, fit, part, part_digest
from .items import outline, value_of
from .passages import Passage, rank, split

ITEM = "item"
"""Source of the part with the item of a map's sub-step, which comes last: the sub-steps share what is before it."""


def build(
    step: Step,
    view: RunView,
    text: Callable[[str], str],
    count: Counter,
    budget: int,
    system: str = "",
    shows_brief: bool = True,
    whole: bool = False,
    notes: Sequence[tuple[str, str]] = (),
    needs: Sequence[str] | None = None,
    images: Mapping[str, int] = MappingProxyType({}),
    beside: int = 0,
    task: Task | None = None,
) -> Context:
    """The context of `step` as the run stands.

    Args:
        step: The step; a reserved one is built like any other.
        view: The run. Results are taken from the chosen attempts of the steps that `step` waits for.
        text: The text of a blob by its digest.
        count: Tokens of a text.
        budget: The most tokens of all parts together.
        system: What the model is told first; empty leaves the part out.
        shows_brief: Whether the brief is a part.
        whole: The instruction is the whole task, which is then not shown beside it.
        notes: Further parts as (title, text), before the instruction.
        needs: The steps whose results are shown; by default those that `step` waits for, in the order of the run.
        images: Tokens of each image of the task, by digest.
        beside: Tokens of the prompt beside the parts.
        task: The task as it is shown; by default the run's.

    Raises:
        BudgetError: The parts do not fit even when trimmed.
    """
    task = task or view.task
    parts = [part("system", "vnb", system, count)] if system else []
    parts += [part("input", "task", task.text, count)] if not whole else []
    mapped = {one.over for one in view.plan if one.kind == "map"}  # in pieces; no step is shown the whole
    parts += [part("input", name, task.inputs[name], count) for name in task.attached if name not in mapped]
    parts += [_image(attachment, images.get(attachment.digest, 0)) for attachment in task.attachments]
    brief = brief_text(view.brief) if shows_brief and view.brief is not None else ""
    parts += [part("brief", "understand", brief, count)] if brief else []
    passages = split(task.documents) if step.role != "understand" and not step.item and "docs" not in mapped else ()
    parts += [part("doc", passage.title, passage.text, count) for passage in rank(passages, step.instruction)]
    for need in needs_of(step, view) if needs is None else needs:
        shown = view.steps.get(need)
        if shown is not None and shown.output:
            parts.append(_result(step, shown.step, text(shown.output), count))
    parts += [part("note", title, note, count) for title, note in notes]
    parts.append(part("instruction", step.id, step.instruction, count))
    parts += [part("input", ITEM, step.item, count)] if step.item else []
    fitting, omitted = fit(parts, budget, count, beside)
    kept = _in_reading_order(fitting, passages)
    digest = ""
    for one in kept:
        digest = chained(digest, one.digest)
    return Context(kept, budget, sum(one.tokens for one in kept), digest, omitted)


def _in_reading_order(parts: Sequence[Part], passages: Sequence[Passage]) -> tuple[Part, ...]:
    """The best passages as they stand in the documents: easier to read, and steps with the same ones share a prefix."""
    places = {(passage.title, passage.text): place for place, passage in enumerate(passages)}
    docs = iter(sorted((one for one in parts if one.kind == "doc"), key=lambda one: places[one.source, one.text]))
    return tuple(next(docs) if one.kind == "doc" else one for one in parts)


def needs_of(step: Step, view: RunView) -> tuple[str, ...]:
    """The steps whose results `step` is shown: what it waits for, in the order of the plan."""
    if step.role == "work":
        wanted = set(dag.edges(view.plan).get(step.id, step.needs))
    else:
        wanted = set(step.needs)
    return tuple(known for known in list(view.steps) if known in wanted)


def brief_text(brief: Brief) -> str:
    """What steps are shown of the brief: the task's constraints, a line each. The rest they read in the task itself."""
    return "\n".join(f"- {constraint}" for constraint in brief.constraints)


def _result(step: Step, source: Step, text: str, count: Counter) -> Part:
    """A result as a step is shown it; a program, which has the rows of a map as a variable, is shown what they are like."""
    value = value_of(text) if step.kind == "code" and source.kind == "map" else text
    if not isinstance(value, list):
        return part("result", source.id, text, count)
    return replace(part("result", source.id, outline(source.id, value), count), whole=text_digest(text))


def _image(image: Attachment, tokens: int) -> Part:
    return Part("image", image.name, "", tokens, tokens, part_digest("image", "", image.digest), image.digest)
