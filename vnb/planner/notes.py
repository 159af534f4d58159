"""What steps are shown besides their context."""

from __future__ import annotations

from collections.abc import Mapping

from ..context.items import outline
from ..core.types import Json, Step
from ..core.view import RunView
from .asking import is_whole
from .instruct import words
from .prompts import PROBLEM, PROGRAM, Profile


def standing_notes(
    profile: Profile, view: RunView, step: Step, variables: Mapping[str, Json], language: str
) -> tuple[tuple[str, str], ...]:
    """What a step is shown at every try besides its context: the sections of an outline, the variables of a program."""
    if profile.name == "compact" or step.role != "work":
        return ()
    said, notes = words(language), []
    if view.strategy == "outline" and not step.parent and not is_whole(view, step):
        titles = [other.title or other.id for other in view.plan if not other.parent]
        if not all(title in view.task.text for title in titles):  # the task names them: said twice, they distract
            notes.append(("outline", said.outline.format("; ".join(titles))))
    rows = {other.id for other in view.plan if other.kind == "map"}  # their results show what they are like
    if outlined := [outline(name, value) for name, value in variables.items() if name not in rows]:
        notes.append(("variables", said.variables.format("\n".join(outlined))))
    if step.kind == "check":
        notes.append((PROGRAM, said.check))
    if step.kind == "code":
        given = variables and (
            not is_whole(view, step) or any(isinstance(one, (list, dict)) for one in variables.values())
        )
        notes.append((PROGRAM, said.compute.format(", ".join(variables)) if given else said.code))
    return tuple(notes)


def plan_notes(error: str) -> tuple[tuple[str, str], ...]:
    """What a second attempt of the plan is shown about the first."""
    return ((PROBLEM, f"Problem: {error}"),) if error else ()
