"""Every error that vnb raises on purpose: what happened, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable

from .locale import say


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names for a hint: all of them, or the first ones and how many more there are; `none` if there are none."""
    known = list(names)
    more = f", … ({len(known) - most} more)" if len(known) > most else ""
    return ", ".join(known[:most]) + more or "none"


class VnbError(Exception):
    """An error with a cause and a next step. Its words are English; IPython shows them in the user's language.

    Args:
        message: What happened and why, in one sentence.
        hint: What the user can type or change next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback: the error's lines, since the cause lies in what was typed."""
        return [f"{type(self).__name__}: {say(self.message)}", *([say(self.hint)] if self.hint else [])]


class UsageError(VnbError):
    """The user's own words (an option, a name, a template) do not mean anything."""


class PlanError(VnbError):
    """A plan is not a valid DAG of steps."""


class BudgetError(VnbError):
    """A context does not fit into the tokens that it may use."""


class EngineError(VnbError):
    """An engine could not load, answer, or go on."""


class RepeatsError(EngineError):
    """A model only repeats itself, and was stopped."""


class ProgramError(EngineError):
    """A program that a model wrote failed."""


class SandboxError(VnbError):
    """The sandbox that runs a model's programs is missing or broken."""


class StoreError(VnbError):
    """The store could not be opened, read or written."""


class CodecError(VnbError):
    """JSON does not describe the value that it should."""


class FoldError(VnbError):
    """An event does not fit onto the events before it."""


class RunError(VnbError):
    """A run ended without its result; `run` is that run."""

    def __init__(self, message: str, hint: str = "", run: object = None) -> None:
        super().__init__(message, hint)
        self.run = run
