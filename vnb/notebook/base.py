"""What the magics of vnb share: what the names in their arguments mean, and how a run is carried in a cell."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from IPython.core.magic import Magics

from ..api.opening import open_run, stored_run
from ..api.plan import WrittenPlan
from ..api.run import Run
from ..api.runtime import runtime
from ..core.types import Plan
from ..errors import RunError, StoreError, UsageError
from ..locale import say
from ..planner.parse import parse_plan
from . import display
from .arguments import Parser

F = TypeVar("F", bound=Callable[..., Any])

LAST = "_v"
"""The variable that always holds the last run."""

_SHOWN = (("view", "tree"), ("background", False), ("plot", False))


def documented(parser: Parser) -> Callable[[F], F]:
    """Makes the parser's help the docstring, which is what `%%vtask?` shows."""

    def document(magic: F) -> F:
        _DOCUMENTED.append((magic, parser))
        magic.__doc__ = parser.format_help()
        return magic

    return document


_DOCUMENTED: list[tuple[Callable[..., Any], Parser]] = []


def document_anew() -> None:
    """Makes the docstrings of the magics from the parsers' help once more, since the language has changed."""
    for magic, parser in _DOCUMENTED:
        magic.__doc__ = parser.format_help()


class VnbMagic(Magics):
    """A class of magics that know the shell's variables and the store's runs."""

    # ---------------------------------------------------------------- carrying a run

    def _carry(
        self,
        run: Run,
        screen: display.Screen,
        name: str | None,
        background: bool,
        check: Callable[[], None] | None = None,
        plot: bool = False,
    ) -> None:
        """Binds the run and shows it until it ends; an interrupt stops it.

        Args:
            plot: Show its figure after it has ended well.
            check: Raises what went wrong, if that is not the run's own end.
        """
        self._bind(run, name)
        if background:
            display.follow_in_background(run, screen)
            return
        try:
            display.follow(run, screen)
        except KeyboardInterrupt:
            display.stop(run, screen)
            raise _interrupted(run, name or LAST) from None
        if check is not None:
            check()
        elif run.wait().status == "stopped":
            raise RunError("The run was stopped.", f"Go on with it: %vrun {name or LAST}", run=run)
        if plot:
            display.show(run.plot())

    def _bind(self, run: Run, name: str | None) -> None:
        for variable in (LAST, name):
            if variable is not None:
                self._variables[variable] = run

    # ---------------------------------------------------------------- what names mean

    @property
    def _ip(self) -> Any:
        return self.shell

    @property
    def _variables(self) -> dict[str, Any]:
        variables: dict[str, Any] = self._ip.user_ns
        return variables

    def _looked_up(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The options with the variables that some of them name."""
        named = dict(said)
        for option in ("plan", "schema"):
            if option in named:
                named[option] = self._variable(named[option], f"--{option}")
        if "image" in named:
            named["images"] = {image: _image(self._variable(image, "--image")) for image in named.pop("image")}
        return named

    def _variable(self, name: str, option: str) -> Any:
        if name not in self._variables:
            raise UsageError(f"{option}: there is no variable {name!r}.", f"Define it first: {name} = …")
        return self._variables[name]

    def _plan_or_run(self, word: str) -> WrittenPlan | Run:
        """The variable `word`, or the stored run whose id begins with it."""
        value = self._variables.get(word)
        if isinstance(value, (Run, WrittenPlan)):
            return value
        if isinstance(value, Plan):
            return WrittenPlan(runtime(), value)
        if isinstance(value, str):
            return WrittenPlan(runtime(), parse_plan(value))
        if value is not None:
            raise UsageError(f"{word} is neither a plan nor a run, but of type {type(value).__name__}.", "%%vplan NAME")
        try:
            return open_run(runtime(), word)
        except StoreError as error:
            if not word.isidentifier() or "begin with" in error.message:
                raise
            raise UsageError(
                f"There is no variable {word!r}, and no run of that id.", "%vruns lists the runs."
            ) from None

    def _run_of(self, word: str) -> Run:
        found = self._plan_or_run(word)
        if isinstance(found, WrittenPlan):
            raise UsageError(f"{word} is a plan that has not run.", f"%vrun {word}")
        return found

    def _stored(self, word: str) -> Run:
        """The run in the variable `word`, or the one in the store whose id begins with it; never a run from a file."""
        value = self._variables.get(word)
        return value if isinstance(value, Run) else stored_run(runtime(), word)

    def _plan_of(self, word: str) -> WrittenPlan:
        found = self._plan_or_run(word)
        if isinstance(found, WrittenPlan):
            return found
        if not found.plan.steps:
            raise UsageError(f"The run {found.id} has no plan yet.", f"%vopen {found.id} shows how far it came.")
        return found.plan


def shown_how(said: dict[str, Any]) -> tuple[display.Form, bool, bool]:
    """`--view`, `--background` and `--plot`, taken out of what was typed."""
    view, background, plot = (said.pop(name, default) for name, default in _SHOWN)
    if background and plot:
        raise UsageError("--plot waits for the run's end, --background does not.", "%vplot shows it afterwards.")
    return view, background, plot


def checked_name(name: str | None) -> str | None:
    """`name`, if it can be that of a variable."""
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise UsageError(f"{name!r} cannot be the name of a variable.", "Use letters, digits and _, as in  article_2")
    return name


def _image(value: object) -> object:
    if not isinstance(value, (str, Path)):
        return value
    try:
        return Path(value).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(f"--image: {value} cannot be read: {error.strerror}.", "Check the path.") from None


def _interrupted(run: Run, name: str) -> KeyboardInterrupt:
    """What ends the cell, and Run All with it, in two lines instead of a traceback."""
    said = say("The run was stopped." if run.settle(0) else "The run is being stopped.")
    hint = say(f"What was decoded is kept. Go on with it: %vrun {name}")
    error = KeyboardInterrupt(f"{said} {hint}")
    error._render_traceback_ = lambda: [f"KeyboardInterrupt: {said}", hint]  # type: ignore[attr-defined]
    return error
