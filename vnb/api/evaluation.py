"""What an evaluation found: answers, scores, comparisons, as a table and as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..core import scores
from ..core.scores import Answered, Paired, Score
from ..errors import UsageError, listed
from ..locale import say
from ..views import evaluation as views
from .questions import Question
from .run import Run
from .runtime import Runtime
from .tables import frame

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..views.run_figure import RunFigure


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Ways of answering, compared on the same tasks. Prints as a table.

    Attributes:
        model: The model's name; of several, all their names. Which one answered stands in each answer and score.
        ways: The ways that were compared.
        answers: Each task's answer in each way, with what it cost.
    """

    _runtime: Runtime = field(repr=False, compare=False)
    model: str
    questions: tuple[Question, ...]
    ways: tuple[str, ...]
    answers: tuple[Answered, ...]

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """Accuracy with its 95 % Wilson interval, and costs, of each way on each group, then on all tasks."""
        return scores.scores(self.answers)

    @cached_property
    def paired(self) -> tuple[Paired, ...]:
        """Every two ways on the same tasks, with the p-value of McNemar's exact test."""
        return scores.paired(self.answers)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of the tasks, in their order."""
        return tuple(dict.fromkeys(question.group for question in self.questions))

    def of(self, *groups: str) -> Evaluation:
        """The same of these groups alone.

        Raises:
            UsageError: There is no such group.
        """
        for group in groups:
            if group not in self.groups:
                raise UsageError(f"There is no group {group!r}.", f"Groups: {listed(self.groups)}")
        questions = tuple(one for one in self.questions if one.group in groups)
        return replace(self, questions=questions, answers=tuple(one for one in self.answers if one.group in groups))

    def wrong(self, way: str) -> tuple[Answered, ...]:
        """The answers of one way that are not right.

        Raises:
            UsageError: There is no such way.
        """
        if way not in self.ways:
            raise UsageError(f"There is no way {way!r} here.", f"Ways: {listed(self.ways)}")
        return tuple(one for one in self.answers if one.way == way and not one.right)

    def run(self, task: str, way: str) -> Run:
        """The run that answered a task, to be looked into.

        Args:
            task: The task's id.

        Raises:
            UsageError: There is no such answer.
        """
        for one in self.answers:
            if (one.task, one.way) == (task, way):
                return Run(self._runtime, one.run)
        raise UsageError(f"{task!r} was not answered {way!r}.", f"Ways: {listed(self.ways)}")

    def to_pandas(self) -> DataFrame:
        """A row for each answer; columns as in `vnb.core.scores.Answered`.

        Raises:
            VnbError: pandas is not installed.
        """
        names = {one.name: "" for one in fields(Answered)}
        return frame(names, ([getattr(answer, name) for name in names] for answer in self.answers))

    def plot(self, dark: bool | None = None) -> RunFigure:
        """A matplotlib figure: accuracies with their intervals by group, and what a solved task took.

        Args:
            dark: Light on dark; by default as matplotlib's own style is.
        """
        from ..views.plot_scores import figure

        return figure(self._title, self.scores, dark)

    @property
    def _title(self) -> str:
        return f"{self.model}: {', '.join(self.ways)} on {len(self.questions)} tasks"

    @property
    def _shown(self) -> tuple[str, Sequence[Score], Sequence[Paired]]:
        return say(self._title), self.scores, self.paired

    def __repr__(self) -> str:
        return views.text(*self._shown)

    def _repr_html_(self) -> str:
        return views.html(*self._shown)

    def _repr_markdown_(self) -> str:
        return views.markdown(*self._shown)
