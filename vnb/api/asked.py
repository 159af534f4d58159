"""A command that a run was given, until it is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.events import CommandRejected
from ..errors import RunError
from ..executor.commands import Command

if TYPE_CHECKING:
    from .run import Run


class Asked:
    """A command that a run was given; what comes of it is read from the run."""

    def __init__(self, run: Run, command: Command) -> None:
        self.run, self.command = run, command
        self._before = {name: len(found.attempts) for name, found in run.view.steps.items()}

    def wait(self) -> Run:
        """Waits until the run has ended, and returns it.

        Raises:
            RunError: The command could not be carried out, or a step failed; what counted before still does.
        """
        self.run.awaited()
        self.check()
        return self.run

    def check(self) -> None:
        """Says what went wrong, once the run has ended.

        Raises:
            RunError: The command could not be carried out, or a step failed.
        """
        view = self.run.view
        for said in view.commands:
            if isinstance(said, CommandRejected) and said.command_id == self.command.id:
                raise RunError(said.reason, said.hint, run=self.run)
        for name, found in view.steps.items():
            new = found.attempts[self._before.get(name, 0) :]
            if found.status == "superseded" or not new or new[-1].status not in ("failed", "cancelled"):
                continue
            why = new[-1].error.removesuffix(".") + "."
            raise RunError(
                f"{name} {'failed' if new[-1].status == 'failed' else 'was stopped'}: {why}"
                f"{f' Attempt {found.chosen} still counts.' if found.chosen else ''}",
                new[-1].hint,
                run=self.run,
            )
        for name in getattr(self.command, "steps", ()):
            if len(view.steps[name].attempts) == self._before[name] and view.steps[name].status != "superseded":
                raise RunError(f"{name} did not run again: what it needs has not finished.", run=self.run)
