"""What users hold of a run: its steps, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core import events as ev
from ..core import limits
from ..errors import RunError, UsageError, listed
from ..executor.commands import Approve, Choose, Command, Rerun, Reuse, check, is_gated
from ..planner.parse import clean
from . import compare
from .asked import Asked
from .live import LiveRun
from .plan import read_plan
from .steps import RunStep
from .stored import StoredRun


class Run(StoredRun):
    """A run, carried by this process or read from the store."""

    diff = compare.of_run

    @property
    def steps(self) -> tuple[RunStep, ...]:
        return tuple(RunStep(self, view) for view in list(self.view.steps.values()))

    def __getitem__(self, step: str) -> RunStep:
        found = self.view.steps.get(step)
        if found is None:
            raise UsageError(f"The run has no step {step!r}.", f"Its steps: {listed(self.view.steps)}")
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
        return self.awaited().checked()

    async def await_end(self) -> Run:
        """`wait` for a coroutine; cancelling it stops the run."""
        if self._live is not None:
            await self._live.await_end()
        return self.checked()

    def awaited(self) -> Run:
        """Waits until the run has ended or paused, however that was."""
        if self._live is not None:
            self._live.wait()
        return self

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
        """Stops the run; what was decoded is kept. Waits up to `seconds` for its end. One that has ended is left alone.

        Raises:
            UsageError: Another process carries it.
        """
        live = self._live
        if live is not None:
            live.stop()
            live.settle(seconds)
        elif self.status == "running":
            raise UsageError(f"The run {self.id} is carried by another process.", "Stop it there, or end that process.")
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
        self.taken_up()
        return self

    def taken_up(self) -> LiveRun | None:
        """`start_again`, and what carries it; `None` for a finished run."""
        view = self.view
        if view.status == "finished" and "integrate" in view.steps:
            return None
        if view.planned and is_gated(view):
            self.start_approve()
            return self._live
        return self._runtime.resume(self.id, ev.RunResumed(self.status))

    def resume(self) -> Run:
        """`start_again`, and waits for the end.

        Raises:
            RunError: It failed.
            StoreError: Another process carries it.
        """
        return self.start_again().wait()

    def approve(self, plan: object = None) -> Run:
        """Lets the plan run that waits for approval, and waits for the end.

        Args:
            plan: The plan as it was edited: its text, a `vnb.plan(…)`, or another run. What is the same in it stays; the
                rest becomes a visible revision. A run that waits for nothing goes on along it, too.

        Raises:
            PlanError: It is no plan, or this run cannot take it; nothing has changed.
            UsageError: There is nothing to approve as the run stands.
            RunError: The run failed.
            StoreError: Another process carries it.
        """
        return self.start_approve(plan).wait().checked()

    def start_approve(self, plan: object = None) -> Asked:
        """`approve` in the background."""
        return self.ask(Approve(None if plan is None else read_plan(plan)))

    def check_plan(self, plan: object) -> compare.Comparison:
        """What would change if an edited plan were approved; changes nothing.

        Raises:
            PlanError: It is no plan, or this run cannot take it: what `approve` would raise.
            UsageError: The run has no plan yet, or is under way.
        """
        found = read_plan(plan)
        command, live = Approve(found), self._live
        if live is None or not live.check(command):
            check(self.view, command)
        return compare.plans(self.view.whole_plan, found)

    # ---------------------------------------------------------------- again, otherwise, elsewhere

    @property
    def stale(self) -> dict[str, str]:
        """The steps whose context would be another one if it were built now, each with the reason."""
        return {name: found.stale for name, found in list(self.view.steps.items()) if found.stale}

    def rerun(self, *steps: str, **how: Any) -> Run:
        """One more attempt of each of these steps; waits for the end. Nothing is overwritten.

        A new attempt that ends well counts from then on; steps that were shown another output become stale.

        Args:
            steps: Ids; also `understand`, `plan`, `review.N` and `integrate`. A new plan is carried at once: what it
                keeps is kept, what it drops stays visible.
            how: `down=True` also reruns what becomes stale, in the order of the plan, until nothing is; `seed` and the
                other settings of `Sampling` (by default a new seed is drawn); `model`, a spec; `instruction`, new
                words for the one step; `reuse` (`use`, `refresh`, `off`).

        Raises:
            UsageError: There is no such step or setting, or a step cannot run as the run stands.
            RunError: An attempt failed; what counted before still does.
            StoreError: Another process carries the run.
        """
        return self.start_rerun(*steps, **how).wait()

    def rerun_stale(self, **how: Any) -> Run:
        """Reruns what is stale, in the order of the plan, until nothing is; takes what `rerun` takes."""
        # A process that was killed may not have come to say what is stale.
        some = self.stale or self.status == "interrupted"
        return self.start_rerun(down=True, **how).wait() if some else self

    def start_rerun(
        self,
        *steps: str,
        down: bool = False,
        model: str = "",
        instruction: str = "",
        reuse: Reuse | None = None,
        **settings: Any,
    ) -> Asked:
        """`rerun` in the background; without steps, `rerun_stale`."""
        named = tuple(dict.fromkeys(steps))
        if not named and not down:
            raise UsageError("No step was named.", 'run.rerun("s2")    %vrerun s2')
        if reuse not in (None, "use", "refresh", "off"):
            raise UsageError(f"reuse must be use, refresh or off, not {reuse!r}.", 'reuse="refresh"')
        sampling = limits.sampling(settings)
        return self.ask(Rerun(named, down, sampling, model, clean(instruction), reuse))

    def choose(self, step: str, attempt: int) -> Run:
        """Makes an attempt of a step the one that counts; what was made from another one becomes stale.

        Raises:
            UsageError: It did not finish, or there is none of that number.
        """
        return self.ask(Choose(step, attempt)).wait()

    def ask(self, command: Command) -> Asked:
        """Hands a command to the run under way, or takes the run up for it, in the background.

        Raises:
            UsageError: The run cannot take it as it stands.
            PlanError: It brings a plan that will not do.
            StoreError: Another process carries the run.
        """
        asked = Asked(self, command)
        with self._runtime.turn:
            live = self._live
            if live is None or not live.submit(command):
                check(self.view, command)
                self._runtime.resume(self.id, ev.RunResumed(command.name), command=command)
        return asked

    def fork(self, at: int | str | None = None) -> Run:
        """A new run that shares everything up to a point; this one stays as it is, byte for byte.

        Args:
            at: The number of the last shared event, or a step: just before its first attempt. By default all that
                there is.

        Raises:
            UsageError: There is no such step, or it has not run.
            StoreError: There is no such event.
        """
        seq = self._first_of(at) if isinstance(at, str) else self.view.seq if at is None else at
        return Run(self._runtime, self._runtime.fork(self.id, seq))

    def _first_of(self, step: str) -> int:
        """The number of the event before a step's first attempt."""
        if not self[step].attempts:
            raise UsageError(
                f"{step} has not run, so there is no moment before that.", f"run.fork()    %vfork {self.id} NAME"
            )
        return next(e.seq for e in self.events if isinstance(e.body, ev.StepQueued) and e.body.step == step) - 1

    def at(self, seq: int) -> Run:
        """The run as it was after its first `seq` events, to be looked at.

        Raises:
            StoreError: It has fewer.
        """
        from .past import PastRun  # which is a run

        return PastRun(self._runtime, self.id, seq)

    def export(self, path: str | Path, *, force: bool = False) -> Path:
        """Writes the run to a file, complete or not at all, and returns its path. The suffix decides: `.html` is one page
        for any browser, `.md` Markdown, `.ipynb` a notebook that runs the task again, `.jsonl` what `vnb.open(path)` takes.
        An unchanged export of this run is replaced, any other file only with `force`.

        Raises:
            UsageError: The suffix is none of these, or another file is there.
            StoreError: The file cannot be written.
        """
        from .exporting import export  # which brings every view

        return export(self._runtime.store, self, path, self._now(), force)

    def delete(self) -> None:
        """Deletes the run from the store, for good, with the texts that no other run names.

        Raises:
            StoreError: It is under way, or has forks, which share its events.
        """
        self._runtime.store.delete_run(self.id)
