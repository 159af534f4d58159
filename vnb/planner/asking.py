"""How the reserved steps of a run are asked: one place that knows the profile, the task's language and the engine."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Literal

from ..core import dag
from ..core.types import Brief, Constraint, Demand, Options, Role, Step, StepKind, Task
from ..core.view import RunView
from ..reading.language import detect, wanted
from ..reading.shape import has_one_answer, is_one_text, is_short, parts_of
from . import schemas
from .brief import read_task
from .instruct import words
from .prompts import PROBLEM, Profile
from .review import problem_of
from .sound import Soundness
from .strategy import Choice, choose
from .stream import PlanStream
from .table import TablePlan, question_of, table_of

TITLES: dict[Role, str] = {
    "understand": "Understand the task",
    "plan": "Plan the steps",
    "review": "Review the plan",
    "integrate": "Integrate the results",
}
"""How the reserved steps are shown; no model sees these words."""

JUDGE, JUDGE_TITLE = "best", "Choose the best answer"
"""Id and title of the step that names the best of several answers."""

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
        """The step that makes the plan; the parts of an outline are steps that need no other, and of a table it names the
        columns.
        """
        if self.tabulates(view):
            table = schemas.constraint(schemas.table())
            return Step("plan", words(self.language).table, title=TITLES["plan"], role="plan", constraint=table)
        step = self._step("plan", self.bounds(view), independent=view.strategy == "outline")
        if view.strategy == "outline":
            return replace(step, instruction=f"{step.instruction}\n{words(self.language).independent}")
        return step

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
        fix = any(map(problem_of, view.steps.values()))
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
        if options.schema or (options.integrate == "write" and view.strategy != "vote"):
            return "write"
        if (
            options.integrate == "concat"
            or self.is_compact
            or view.strategy == "vote"
            or len(dag.delivered(view.plan, view.deliver)) < 2
        ):
            return "concat"
        return "write" if is_one_text(view.task.text, _demands(view)) else "concat"

    def whole_task(self, view: RunView, title: str = "") -> Step:
        """The one step that does the whole task: ordinary models are asked as their users ask them."""
        text = view.task.text.strip() or self.profile.instruction("work", language=self.language)
        kind: StepKind = "code" if view.strategy == "code" else "write"
        return Step("s1", self.profile.instruction("work") if self.is_compact else text, title=title, kind=kind)

    def samples(self, view: RunView) -> tuple[Step, ...]:
        """The same step as often as answers are wanted, each with a seed of its own; and a judge, if they are texts."""
        step = self.whole_task(view)
        ids = [f"s{number}" for number in range(1, view.task.options.samples + 1)]
        answers = tuple(replace(step, id=name) for name in ids)
        if has_one_answer(view.task.text):
            return answers
        chosen = Constraint("regex", "|".join(ids))
        judge = Step(
            JUDGE,
            words(self.language).judge,
            tuple(ids),
            title=JUDGE_TITLE,
            engine=view.task.options.judge,
            constraint=chosen,
        )
        return (*answers, judge)

    def sections(self, view: RunView) -> tuple[Step, ...]:
        """A step for each part that the task names; none if it names fewer than two."""
        parts = parts_of(read_task(view.task.text).demands)
        section = words(self.language).section
        found = [Step(f"s{number}", section.format(part), title=part) for number, part in enumerate(parts, 1)]
        return tuple(found) if len(found) > 1 else ()

    def mapped(self, view: RunView, name: str) -> tuple[Step, ...]:
        """A map over a long input or `docs`, and the whole task with what it finds."""
        task = self.whole_task(view)
        said = words(self.language)
        instruction = said.extract if has_one_answer(view.task.text) else said.digest
        found = Step("s1", instruction, title=f"Read {name}", kind="map", over=name)
        return found, replace(task, id="s2", needs=("s1",))

    def tabulates(self, view: RunView) -> bool:
        """Whether the answer is computed from a table of the task's list."""
        return not self.is_compact and view.strategy == "map" and bool(table_of(view.task))

    def quotes(self, step: Step) -> bool:
        """Whether what a map's sub-steps answer has to stand in their items."""
        return step.instruction == words(self.language).extract

    def strategy(self, task: Task, brief: Brief, too_long: str) -> Choice | None:
        """How the task is done, where its options leave that open; `None` where they do not.

        Args:
            too_long: Name of an input that does not fit into a step; empty if all do.
        """
        return None if self.is_compact or task.options.strategy != "auto" else choose(task, brief, too_long)

    def is_one_step(self, task: Task, brief: Brief) -> bool:
        """Whether the task itself says that there is nothing to divide: it asks for one answer or one short text."""
        low, high = task.options.steps
        if self.is_compact or low > 1:
            return False
        return high == 1 or is_short(task.text, brief.demands)

    def stream(self, view: RunView) -> PlanStream | TablePlan:
        """What reads the planner's answer as it comes."""
        if self.tabulates(view):
            said = words(self.language)
            return TablePlan(table_of(view.task), question_of(view.task, said), said)
        high = self.bounds(view)[1]
        if self.is_compact:
            return PlanStream(high)
        sound = Soundness(view.task.text, words(self.language))
        return PlanStream(high, sound, lambda title: self.whole_task(view, title))

    def demands(self, view: RunView, step: Step) -> tuple[Demand, ...]:
        """What a step's answer is checked for: all that the task demands if it is the whole answer.

        If it is one of several that are delivered, it is what the task demands of each part, and the language.
        """
        if self.is_compact or step.role not in ("work", "integrate") or step.constraint is not None:
            return ()
        demands = _demands(view)
        if step.role == "integrate" or (is_whole(view, step) and self.integration(view) == "concat"):
            return tuple(_in_all(demand, len(parts_of(demands))) for demand in demands)
        delivered = step.id in dag.delivered(view.plan, view.deliver)
        kinds = () if wanted(view.task.text) else ("language",)
        found = tuple(demand for demand in demands if demand.kind in kinds or (demand.each and delivered))
        said = words(self.language)
        if step.instruction != said.section.format(step.title) or any(demand.each for demand in demands):
            return found
        return (*found, Demand(said.length, "sentences", 3))

    def retry_note(self, problem: str) -> tuple[str, str]:
        """What a second try is shown about the first."""
        return PROBLEM, words(self.language).retry.format(problem)

    def repair_note(self, error: str) -> tuple[str, str]:
        """What a second try of a program is shown about the first; `error` is what went wrong with it."""
        return PROBLEM, words(self.language).failed.format(error.rstrip("."))

    def _step(self, role: Role, bounds: tuple[int, int], fix: bool = False, independent: bool = False) -> Step:
        instruction = self.profile.instruction(role, bounds, self.language)
        constraint = self.profile.constraint(
            role, bounds, self.language, strict=self.strict, fix=fix, independent=independent
        )
        return Step(role, instruction, title=TITLES[role], role=role, constraint=constraint)


def language_of_prompts(view: RunView) -> str:
    """The language that a run's prompts are in: the task's, or that of the plan if there is no task."""
    return _language(view.task.text or "\n".join(step.instruction for step in view.given))


_language = functools.lru_cache(maxsize=32)(detect)  # asked at every prompt


def as_check(step: Step, judge: str) -> Step:
    """A check step as it is asked: by the judge, if there is one, for a verdict."""
    return replace(step, engine=step.engine or judge, constraint=schemas.constraint(schemas.verdict()))


def is_in_own_words(step: Step) -> bool:
    """Whether the brief that this step makes may say what the task does not: vnb-tiny's, which names the language too."""
    return step.constraint is not None and '"language"' in step.constraint.text


def is_whole(view: RunView, step: Step) -> bool:
    """Whether a step asks for the task in the task's own words; then it is shown nothing else of it.

    So does the program that answers from a table, and what fills that in needs only its item.
    """
    text, asked = view.task.text.strip(), step.instruction.strip()
    if step.role != "work" or not text:
        return False
    if asked == text:
        return True
    if view.strategy != "map":
        return False
    said = words(language_of_prompts(view))
    return asked == said.fill or (step.kind == "code" and asked == question_of(view.task, said))


def _demands(view: RunView) -> tuple[Demand, ...]:
    return view.brief.demands if view.brief is not None else ()


def _in_all(demand: Demand, parts: int) -> Demand:
    """A demand on the whole answer: what is demanded of each part, as often as there are parts."""
    if not demand.each:
        return demand
    low, high = (bound and bound * parts for bound in (demand.low, demand.high))
    return replace(demand, low=low, high=high, text=f"{demand.text} × {parts}")
