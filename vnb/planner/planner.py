"""What to ask an engine before, between and after the steps of a plan, and how to read its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..core import dag
from ..core.types import Brief, Change, Constraint, Demand, Json, Options, Plan, Role, Step, Task
from ..core.view import RunView, StepView
from ..errors import PlanError
from .brief import read_object
from .instruct import words
from .language import detect, wanted
from .parse import is_id, print_plan
from .prompts import PROBLEM, Profile
from .shape import is_one_text, is_short, parts_of
from .sound import Soundness
from .stream import PlanStream, read_step

OPEN = ("waiting", "queued", "failed", "skipped", "cancelled")
"""A step in one of these statuses can still be changed by a review."""

TITLES: dict[Role, str] = {
    "understand": "Understand the task",
    "plan": "Plan the steps",
    "review": "Review the plan",
    "integrate": "Integrate the results",
}
"""How the reserved steps are shown; no model sees these words."""

COMPACT_BOUNDS = (2, 8)
"""What vnb-tiny was trained to plan."""

EXTRA = 2
"""So many more steps than the task names parts may be planned."""


@dataclass(frozen=True)
class Asking:
    """How the reserved steps of one run are asked.

    Attributes:
        language: Of the task, by its English name.
        strict: Whether the engine holds a JSON schema to the letter.
    """

    profile: Profile
    language: str = ""
    strict: bool = False

    @property
    def is_compact(self) -> bool:
        return self.profile.name == "compact"

    def understand(self) -> Step:
        """The step that makes the brief."""
        return self._step("understand", (1, 1))

    def plan(self, view: RunView) -> Step:
        """The step that makes the plan."""
        return self._step("plan", self.bounds(view))

    def bounds(self, view: RunView) -> tuple[int, int]:
        """The least and the most steps of a plan: as the options say, or by the parts that the task names."""
        low, high = view.task.options.steps
        if (low, high) != Options.steps:
            return low, high
        if self.is_compact:
            return COMPACT_BOUNDS
        parts = len(parts_of(_demands(view)))
        return (parts, max(parts, min(high, parts + EXTRA))) if parts > 1 else (low, high)

    def review(self, view: RunView) -> Step:
        """The next review: it is shown the results of all finished steps."""
        number = 1 + sum(1 for step in view.steps.values() if step.step.role == "review")
        finished = tuple(step.id for step in view.plan if view.steps[step.id].chosen)
        fix = any(_problem(step) for step in view.steps.values())
        return replace(self._step("review", view.task.options.steps, fix), id=f"review.{number}", needs=finished)

    def integrate(self, view: RunView) -> Step:
        """The step that makes the deliverable: of what the plan delivers, or, if it is written, of all results."""
        options = view.task.options
        named = dag.delivered(view.plan, view.deliver)
        others = tuple(step.id for step in view.plan if not step.parent and step.id not in named)
        written = self.integration(view) == "write" and not self.is_compact
        return Step(
            "integrate",
            self.profile.instruction("integrate", language=self.language),
            needs=(*named, *others) if written else named,
            title=TITLES["integrate"],
            role="integrate",
            sampling=options.sampling,
            constraint=Constraint("json_schema", options.schema) if options.schema else None,
        )

    def integration(self, view: RunView) -> Literal["concat", "write"]:
        """Whether the results are joined as they are, or written into one by a call.

        By itself, one result stands as it is; several are joined, unless the task asks for one text or limits the whole.
        """
        options = view.task.options
        if options.schema or options.integrate == "write":
            return "write"
        if options.integrate == "concat" or self.is_compact or len(dag.delivered(view.plan, view.deliver)) < 2:
            return "concat"
        return "write" if is_one_text(view.task.text, _demands(view)) else "concat"

    def whole_task(self, view: RunView, title: str = "") -> Step:
        """The one step that does the whole task: ordinary models are asked as their users ask them."""
        text = view.task.text.strip() or self.profile.instruction("work", language=self.language)
        return Step("s1", self.profile.instruction("work") if self.is_compact else text, title=title)

    def is_one_step(self, task: Task, brief: Brief) -> bool:
        """Whether the task itself says that there is nothing to divide: it asks for one answer or one short text."""
        low, high = task.options.steps
        if self.is_compact or low > 1:
            return False
        return high == 1 or is_short(task.text, brief.demands)

    def stream(self, view: RunView) -> PlanStream:
        """What reads the planner's answer as it comes."""
        high = self.bounds(view)[1]
        if self.is_compact:
            return PlanStream(high)
        sound = Soundness(view.task.text, words(self.language))
        return PlanStream(high, sound, lambda title: self.whole_task(view, title))

    def demands(self, view: RunView, step: Step) -> tuple[Demand, ...]:
        """What a step's answer is checked for: all that the task demands if it is the whole answer, else the language."""
        if self.is_compact or step.role not in ("work", "integrate") or step.constraint is not None:
            return ()
        if step.role == "integrate" or is_whole(view, step):
            return _demands(view)
        if wanted(view.task.text) or step.constraint is not None:
            return ()
        return tuple(demand for demand in _demands(view) if demand.kind == "language")

    def retry_note(self, problem: str) -> tuple[str, str]:
        """What a second try is shown about the first."""
        return PROBLEM, words(self.language).retry.format(problem)

    def _step(self, role: Role, bounds: tuple[int, int], fix: bool = False) -> Step:
        instruction = self.profile.instruction(role, bounds, self.language)
        constraint = self.profile.constraint(role, bounds, self.language, strict=self.strict, fix=fix)
        return Step(role, instruction, title=TITLES[role], role=role, constraint=constraint)


def language_of_prompts(view: RunView) -> str:
    """The language that a run's prompts are in: the task's, or that of the plan if there is no task."""
    return detect(view.task.text or "\n".join(step.instruction for step in view.given))


def is_whole(view: RunView, step: Step) -> bool:
    """Whether a step asks for the task in the task's own words; then it is shown nothing else of it."""
    return step.role == "work" and step.instruction.strip() == view.task.text.strip() != ""


def _demands(view: RunView) -> tuple[Demand, ...]:
    return view.brief.demands if view.brief is not None else ()


# ---------------------------------------------------------------- plans


def plan_notes(error: str) -> tuple[tuple[str, str], ...]:
    """What a second attempt of the plan is shown about the first."""
    return ((PROBLEM, f"Problem: {error}"),) if error else ()


def revise(view: RunView, steps: Sequence[Step]) -> tuple[Change, ...]:
    """The changes that turn the run's plan into `steps`: what is the same stays."""
    now = {step.id: step for step in view.plan}
    wanted = {step.id: step for step in steps}
    changes = [Change("drop", step) for step in now if step not in wanted]
    for step in steps:
        if step.id not in now:
            changes.append(Change("add", step.id, step))
        elif now[step.id] != step:
            changes.append(Change("reword", step.id, step))
    return tuple(changes)


def edit(view: RunView, plan: Plan) -> tuple[Change, ...]:
    """The changes that make a plan which was edited by hand the run's.

    Raises:
        PlanError: It is no plan, or has more steps than the run's options allow.
    """
    dag.validate(plan.steps, deliver=plan.deliver)
    top, most = sum(1 for step in plan.steps if not step.parent), _most(view)
    if top > most and not view.given:  # what was written by hand from the first was never bounded
        raise PlanError(
            f"The plan has {top} steps; at most {most} are allowed in this run.",
            "Make some of them parts of another (s2.1), or run it as a task of its own: %vrun PLAN",
        )
    return revise(view, plan.steps)


def _most(view: RunView) -> int:
    """The most steps that the plan may have, sub-steps aside: never fewer than it has."""
    return max(view.task.options.steps[1], sum(1 for step in view.plan if not step.parent))


# ---------------------------------------------------------------- reviews


def review_notes(view: RunView) -> tuple[tuple[str, str], ...]:
    """What a review is shown beside the results: the steps that are open, and what went wrong."""
    still = [step for step in view.plan if view.steps[step.id].status in (*OPEN, "running")]
    notes = []
    if still:
        notes.append(("Steps that have not finished", print_plan(still)))
    problems = [f"Problem: {step.step.id}: {problem}" for step in view.steps.values() if (problem := _problem(step))]
    if problems:
        notes.append(("Problems", "\n".join(problems)))
    return tuple(notes)


def delivered_after(view: RunView, changes: Sequence[Change]) -> tuple[str, ...] | None:
    """What the plan delivers after a review: also the steps that it adds and that nothing else uses.

    `None` where the plan names nothing, or that stays as it is.
    """
    if not view.deliver:
        return None
    plan = {step.id: step for step in view.plan}
    for change in changes:
        plan.pop(change.step, None)
        if change.after is not None:
            plan[change.step] = change.after
    used = {need for step in plan.values() for need in step.needs}
    added = [change.step for change in changes if change.kind == "add" and change.step not in used]
    found = tuple(dict.fromkeys(name for name in (*view.deliver, *added) if name in plan))
    return found if found != view.deliver else None


def _problem(step: StepView) -> str:
    if step.status != "failed" or not step.attempts:
        return ""
    return step.attempts[-1].error


def read_changes(text: str, view: RunView) -> tuple[tuple[Change, ...], str]:
    """The changes that a review asks for, checked against the run, and what had to be mended in them.

    A dropped step is also dropped from the needs of those that wait for it.

    Raises:
        PlanError: An answer that is no list of changes, a change of a step that is finished or unknown, or changes
            after which the plan would be none or longer than allowed.
    """
    answer = read_object(text)
    given_up = answer.get("give_up")
    if isinstance(given_up, str) and given_up.strip():
        return (), f"it gives up: {given_up.strip()}"
    listed = answer.get("changes")
    if not isinstance(listed, list) or not all(isinstance(data, dict) for data in listed):
        raise PlanError("The review's answer is not a list of changes.")
    asked = [data for data in listed if isinstance(data, dict)]
    if not asked and any(map(_problem, view.steps.values())):
        raise PlanError("The review changes nothing, though a step failed.", "Change what failed, or give up and say why.")
    plan = {step.id: step for step in view.plan}
    known = {*plan, *(str(data.get("id", "")) for data in asked if data.get("op") == "add")}
    touched: dict[str, Change] = {}
    repairs: list[str] = []
    for data in asked:
        kind, step_id = data.get("op"), str(data.get("id", ""))
        if kind == "drop":
            _must_be_open(step_id, view)
            plan.pop(step_id, None)
            touched[step_id] = Change("drop", step_id)
        elif kind in ("add", "reword"):
            _check_change(str(kind), step_id, plan, view)
            after = _changed(data, step_id, known, view, repairs)
            plan[step_id] = after
            touched[step_id] = Change("add" if kind == "add" else "reword", step_id, after)
        else:
            raise PlanError(f"The review asks to {kind!r} a step; it can add, reword or drop one.")
    for step_id, step in list(plan.items()):
        kept = tuple(need for need in step.needs if need in plan)
        if kept != step.needs:
            plan[step_id] = replace(step, needs=kept)
            if view.steps.get(step_id) is None or view.steps[step_id].status in OPEN:
                kind_now = touched[step_id].kind if step_id in touched else "reword"
                touched[step_id] = Change(kind_now, step_id, plan[step_id])
    dag.validate(plan.values())
    if sum(1 for step in plan.values() if not step.parent) > _most(view):
        raise PlanError(f"The review would make more than the {_most(view)} steps that are allowed.")
    changes = tuple(change for change in touched.values() if not _is_idle(change, view))
    if touched and not changes:
        raise PlanError("The review leaves everything as it is.", "Change what failed, or give up and say why.")
    return changes, "; ".join(repairs)


def _is_idle(change: Change, view: RunView) -> bool:
    """Whether a change leaves a step as it is."""
    found = view.steps.get(change.step)
    return change.kind == "reword" and found is not None and found.step == change.after


def _must_be_open(step_id: str, view: RunView) -> None:
    found = view.steps.get(step_id)
    if found is None or found.step.role != "work":
        raise PlanError(f"The review changes the step {step_id!r}, which is not in the plan.")
    if found.status not in OPEN:
        raise PlanError(f"The review changes the step {step_id!r}, which is {found.status}.")


def _check_change(kind: str, step_id: str, plan: dict[str, Step], view: RunView) -> None:
    if kind == "reword":
        _must_be_open(step_id, view)
        return
    if not is_id(step_id):
        raise PlanError(f"The review adds a step {step_id[:40]!r}, which is not an id.")
    if step_id in view.steps:
        raise PlanError(f"The review adds the step {step_id!r}, which is there already.")
    above = step_id.rpartition(".")[0]
    if above:
        if above not in plan:
            raise PlanError(f"The review adds {step_id!r} as a part of {above!r}, which is not in the plan.")
        if above in view.steps:
            _must_be_open(above, view)


def _changed(data: dict[str, Json], step_id: str, known: set[str], view: RunView, repairs: list[str]) -> Step:
    planned = read_step(data, known - {step_id}, step_id)
    if planned is None:
        raise PlanError(f"The review gives the step {step_id!r} no instruction.")
    if planned.repair:
        repairs.append(planned.repair)
    found, step = view.steps.get(step_id), planned.step
    before = found.step if found is not None else Step(step_id, "", parent=step_id.rpartition(".")[0])
    needs = step.needs if "needs" in data else before.needs
    return replace(before, instruction=step.instruction, needs=needs, title=step.title or before.title)
