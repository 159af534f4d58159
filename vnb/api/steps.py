"""The steps of a run and their attempts, as users hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..core.types import Context, Part, Program, Prompt, Span, Step, StepStatus, Token, Usage, Verdict
from ..core.view import AttemptView, StepView
from . import compare

if TYPE_CHECKING:
    from .run import Run


class Attempt:
    """One attempt of a step: what it was shown, what it answered, what that cost."""

    diff = compare.of_attempt

    def __init__(self, run: Run, step: Step, view: AttemptView) -> None:
        self._run, self.step, self.view = run, step, view

    @property
    def number(self) -> int:
        return self.view.number

    @property
    def status(self) -> str:
        return self.view.status

    @property
    def output(self) -> str:
        """The text, also of an attempt that was cut short."""
        return self._run.blob(self.view.output) if self.view.output else self.view.text

    @property
    def reasoning(self) -> str:
        """What the model reasoned before it answered; no part of the output. A reused attempt has none."""
        return self.view.reasoning

    @property
    def program(self) -> Program | None:
        """The program that it wrote, and what came of running it; `None` unless it is one of a code step."""
        return self.view.program

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the output though the attempt finished: it was cut, is empty, or misses a demand."""
        return self.view.warnings

    @property
    def checks(self) -> tuple[Verdict, ...]:
        """The demands of the task that the output was checked for."""
        return self.view.verdicts

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All that was decoded, the reasoning included."""
        return tuple(self.view.tokens)

    @property
    def usage(self) -> Usage:
        return self.view.usage

    @property
    def context(self) -> Context | None:
        """The parts that the attempt was shown; `None` before it was sent."""
        ref = self.view.context
        if ref is None:
            return None
        parts = tuple(
            Part(
                part.kind,
                part.source,
                self._run.blob(part.digest),
                part.tokens,
                part.full_tokens,
                part.digest,
                part.media,
                part.whole,
            )
            for part in ref.parts
        )
        return Context(parts, ref.budget, ref.tokens, ref.digest, ref.omitted)

    @property
    def prompt(self) -> Prompt | None:
        """What the engine was really sent; `None` where no model was called."""
        if not self.view.prompt:
            return None
        data = json.loads(self._run.blob(self.view.prompt))
        return Prompt((), data["text"], tuple(data["token_ids"]), tuple(Span(**span) for span in data["spans"]))

    def __repr__(self) -> str:
        return f"<attempt {self.number}: {self.status}, {len(self.view.tokens)} tokens>"


class RunStep:
    """A step of a run with its attempts."""

    diff = compare.of_step

    def __init__(self, run: Run, view: StepView) -> None:
        self._run, self.view = run, view

    @property
    def id(self) -> str:
        return self.view.step.id

    @property
    def step(self) -> Step:
        return self.view.step

    @property
    def status(self) -> StepStatus:
        return self.view.status

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        return tuple(Attempt(self._run, self.step, view) for view in list(self.view.attempts))

    @property
    def chosen(self) -> Attempt | None:
        """The attempt that counts, or else the last one; `None` if there is none."""
        view = self.view.attempt
        return Attempt(self._run, self.step, view) if view is not None else None

    @property
    def output(self) -> str | None:
        return self.chosen.output if self.chosen is not None else None

    @property
    def reasoning(self) -> str:
        """What the model reasoned before it gave this output; empty if it did not."""
        return self.chosen.reasoning if self.chosen is not None else ""

    @property
    def program(self) -> Program | None:
        """The program that the chosen attempt wrote; `None` unless it is a code step."""
        return self.chosen.program if self.chosen is not None else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the output though the step finished."""
        return self.chosen.warnings if self.chosen is not None else ()

    @property
    def checks(self) -> tuple[Verdict, ...]:
        """The demands of the task that the output was checked for."""
        return self.chosen.checks if self.chosen is not None else ()

    @property
    def context(self) -> Context | None:
        return self.chosen.context if self.chosen is not None else None

    def __repr__(self) -> str:
        return f"<step {self.id}: {self.status}, {len(self.view.attempts)} attempts>"

    @property
    def stale(self) -> str:
        """Why the step is stale; empty if it is not."""
        return self.view.stale

    def rerun(self, **how: Any) -> Run:
        """One more attempt of this step; takes what `Run.rerun` takes."""
        return self._run.rerun(self.id, **how)

    def choose(self, attempt: int) -> Run:
        """Makes an attempt the one that counts; what was made from another one becomes stale.

        Raises:
            UsageError: It did not finish, or there is none of that number.
        """
        return self._run.choose(self.id, attempt)
