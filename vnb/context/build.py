"""(step, view, budget) -> Context. Pure: the same arguments give the same context, byte for byte.

Parts come in one order for the reader and for the KV cache: what all steps share first, what is this step's own last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core import dag
from ..core.digest import chained
from ..core.types import Brief, Context, Part, Step
from ..core.view import RunView
from .budget import Counter, fit, part
from .passages import rank, split


def build(
    step: Step,
    view: RunView,
    text: Callable[[str], str],
    count: Counter,
    budget: int,
    system: str = "",
    shows_brief: bool = True,
    notes: Sequence[tuple[str, str]] = (),
) -> Context:
    """The context of `step` as the run stands.

    Args:
        step: The step; a reserved one is built like any other.
        view: The run. Results are taken from the chosen attempts of the steps that `step` waits for.
        text: The text of a blob by its digest.
        count: Tokens of a text.
        budget: The most tokens of all parts together.
        system: The profile's system text; empty leaves the part out.
        shows_brief: Whether the brief is a part.
        notes: Further parts as (title, text), before the instruction.

    Raises:
        BudgetError: The parts do not fit even when trimmed.
    """
    task = view.task
    parts = [part("system", "vnb", system, count)] if system else []
    parts.append(part("input", "task", task.text, count))
    parts += [part("input", name, task.inputs[name], count) for name in task.attached]
    parts += [_image(attachment.name, attachment.digest, count) for attachment in task.attachments]
    if shows_brief and view.brief is not None and step.role != "understand":
        parts.append(part("brief", "understand", brief_text(view.brief), count))
    if task.documents and step.role != "understand":
        passages = rank(split(task.documents), step.instruction)
        parts += [part("doc", passage.title, passage.text, count) for passage in passages]
    for need in needs_of(step, view):
        shown = view.steps.get(need)
        if shown is not None and shown.output:
            parts.append(part("result", need, text(shown.output), count))
    parts += [part("note", title, note, count) for title, note in notes]
    parts.append(part("instruction", step.id, step.instruction, count))
    kept, omitted = fit(parts, budget, count)
    digest = ""
    for one in kept:
        digest = chained(digest, one.digest)
    return Context(kept, budget, sum(one.tokens for one in kept), digest, omitted)


def needs_of(step: Step, view: RunView) -> tuple[str, ...]:
    """The steps whose results `step` is shown: what it waits for, in the order of the plan."""
    if step.role == "work":
        wanted = set(dag.edges(view.plan).get(step.id, step.needs))
    else:
        wanted = set(step.needs)
    return tuple(known for known in list(view.steps) if known in wanted)


def brief_text(brief: Brief) -> str:
    """The brief as the lines that steps are shown."""
    lines = [f"Goal: {brief.goal}"]
    if brief.deliverable:
        lines.append(f"Deliverable: {brief.deliverable}")
    lines += [f"Constraint: {constraint}" for constraint in brief.constraints]
    if brief.language:
        lines.append(f"Language: {brief.language}")
    return "\n".join(lines)


def _image(name: str, digest: str, count: Counter) -> Part:
    return part("image", name, "", count, media=digest)
