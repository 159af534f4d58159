"""What users hold of a run: it, its steps, their attempts. All of it is read from the events; nothing is kept twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core import events as ev
from ..core.fold import Fold
from ..core.types import Brief, Context, Part, Plan, Prompt, RunStatus, Span, Step, StepStatus, Task, Token, Usage
from ..core.view import AttemptView, RunView, StepView
from ..errors import RunError, UsageError
from .live import LiveRun
from .plan import WrittenPlan
from .runtime import Runtime


class Attempt:
    """One attempt of a step: what it was shown, what it answered, what that cost."""

    def __init__(self, run: Run, view: AttemptView) -> None:
        self._run, self.view = run, view

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
    def tokens(self) -> tuple[Token, ...]:
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
        return tuple(Attempt(self._run, view) for view in list(self.view.attempts))

    @property
    def chosen(self) -> Attempt | None:
        """The attempt that counts, or else the last one; `None` if there is none."""
        view = self.view.attempt
        return Attempt(self._run, view) if view is not None else None

    @property
    def output(self) -> str | None:
        return self.chosen.output if self.chosen is not None else None

    @property
    def context(self) -> Context | None:
        return self.chosen.context if self.chosen is not None else None

    def __repr__(self) -> str:
        return f"<step {self.id}: {self.status}, {len(self.view.attempts)} attempts>"


class Run:
    """A run, carried by this process or read from the store."""

    def __init__(self, runtime: Runtime, run_id: str) -> None:
        self._runtime = runtime
        self.id = run_id
        self._read: Fold | None = None
        self._carried = runtime.live(run_id)  # kept, so that what this run decoded need not be read again

    # ---------------------------------------------------------------- what it is

    @property
    def _live(self) -> LiveRun | None:
        self._carried = self._runtime.live(self.id)
        return self._carried

    @property
    def view(self) -> RunView:
        """The fold of the run's events: live if this process carries it, else as it stands in the store."""
        live = self._live
        if live is not None:
            return live.log.view
        if self._read is None or self._read.view.seq != self._runtime.store.last_seq(self.id):
            self._read = Fold.of(self._runtime.store.events(self.id))
        return self._read.view

    def shown(self) -> RunView:
        """The view with the status that a reader should see: `interrupted` if nobody carries the run any more."""
        view = self.view
        return view if view.status == self.status else replace(view, status=self.status)

    def blob(self, digest: str) -> str:
        """A text of the run by its digest."""
        return self._runtime.store.blob(digest)

    @property
    def status(self) -> RunStatus:
        status = self.view.status
        if status != "running" or (self._live is not None and not self._live.done):
            return status
        return "running" if self._runtime.store.is_live(self.id) else "interrupted"

    @property
    def task(self) -> Task:
        return self.view.task

    @property
    def brief(self) -> Brief | None:
        return self.view.brief

    @property
    def plan(self) -> WrittenPlan:
        """The plan as it stands; prints as the text that `%%vplan` takes."""
        return WrittenPlan(self._runtime, Plan(self.view.plan))

    @property
    def result(self) -> str | None:
        """The deliverable; `None` before there is one."""
        return self.blob(self.view.output) if self.view.output else None

    @property
    def events(self) -> tuple[ev.Event, ...]:
        return tuple(self._runtime.store.events(self.id))

    @property
    def steps(self) -> tuple[RunStep, ...]:
        return tuple(RunStep(self, view) for view in list(self.view.steps.values()))

    def __getitem__(self, step: str) -> RunStep:
        found = self.view.steps.get(step)
        if found is None:
            raise UsageError(f"The run has no step {step!r}.", f"Its steps: {', '.join(self.view.steps) or 'none yet'}")
        return RunStep(self, found)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.view.steps)

    def __iter__(self) -> Iterator[RunStep]:
        return iter(self.steps)

    # ---------------------------------------------------------------- what can be done

    def wait(self) -> Run:
        """Waits until the run has ended or paused.

        Raises:
            RunError: It failed; `error.run` is this run.
        """
        if self._live is not None:
            self._live.wait()
        return self.checked()

    async def await_end(self) -> Run:
        """`wait` for a coroutine; cancelling it stops the run."""
        if self._live is not None:
            await self._live.await_end()
        return self.checked()

    def checked(self) -> Run:
        """This run, if it did not fail.

        Raises:
            RunError: It did; `error.run` is this run.
        """
        view = self.view
        if view.status == "failed":
            raise RunError(view.error, view.hint, run=self)
        return self

    def stop(self, seconds: float = 1.0) -> Run:
        """Stops the run; what was decoded is kept. Waits up to `seconds` for its end."""
        if self._live is not None:
            self._live.stop()
            self._live.settle(seconds)
        return self

    def settle(self, seconds: float) -> bool:
        """Waits up to `seconds` for the end of the episode under way; whether none is under way any more."""
        return self._live is None or self._live.settle(seconds)

    def start_again(self) -> Run:
        """Takes up a run that stopped, failed, was killed or waits for approval, in the background.

        What has finished is not done again. A finished run is left as it is.

        Raises:
            StoreError: Another process carries it.
        """
        view = self.view
        if view.status == "finished" and "integrate" in view.steps:
            return self
        bodies: list[ev.Body] = [ev.RunResumed(self.status)]
        options = view.task.options
        if view.planned and not view.approved and (options.approve or options.plan_only):
            bodies.append(ev.PlanApproved())
        self._runtime.resume(self.id, *bodies)
        return self

    def resume(self) -> Run:
        """`start_again`, and waits for the end.

        Raises:
            RunError: It failed.
            StoreError: Another process carries it.
        """
        return self.start_again().wait()

    def export(self, path: str | Path, *, force: bool = False) -> Path:
        """Writes the run to a file, complete or not at all, and returns its path. The suffix decides: `.html` is one page
        for any browser, `.md` Markdown, `.ipynb` a notebook that runs the task again, `.jsonl` what `vnb.open(path)` takes.
        An unchanged export of this run is replaced, any other file only with `force`.

        Raises:
            UsageError: The suffix is none of these, or another file is there.
            StoreError: The file cannot be written.
        """
        from .exporting import export

        return export(self._runtime.store, self, path, force)

    # ---------------------------------------------------------------- how it shows itself

    def bundle(self) -> dict[str, Any]:
        """The run as a Jupyter MIME bundle: vnb's JSON, HTML without script, Markdown, text."""
        from ..views.bundle import bundle

        return bundle(self.shown(), self.blob, time.time())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.bundle()

    def __str__(self) -> str:
        from ..views.text import render

        return render(self.shown(), self.blob, time.time())

    def __repr__(self) -> str:
        view = self.view
        done = sum(1 for step in view.plan if view.steps[step.id].status == "finished")
        return f"<run {self.id}: {self.status}, {done}/{len(view.plan)} steps>"
