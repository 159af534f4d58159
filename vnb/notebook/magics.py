"""The magics: they parse, and hand over to the Python API."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from IPython.core.magic import Magics, cell_magic, line_cell_magic, line_magic, magics_class, no_var_expand

from ..api import task as tasks
from ..api.plan import WrittenPlan
from ..api.run import Run, open_run
from ..api.runtime import runtime
from ..core.types import Plan
from ..errors import RunError, StoreError, UsageError
from ..planner.parse import parse_plan
from . import display, listing, options
from .arguments import Parser

F = TypeVar("F", bound=Callable[..., Any])

LAST = "_v"
"""The variable that always holds the last run."""

_RUN_NAMED = ("PLAN", "name", "view", "background")


def _documented(parser: Parser) -> Callable[[F], F]:
    """Makes the parser's help the docstring, which is what `%%vtask?` shows."""

    def document(magic: F) -> F:
        magic.__doc__ = parser.format_help()
        return magic

    return document


@magics_class
class VnbMagics(Magics):
    """`%vmodel`, `%%vtask`, `%%vplan`, `%vplan`, `%vrun`, `%vruns`, `%vopen`."""

    @no_var_expand
    @cell_magic
    @_documented(options.TASK)
    def vtask(self, line: str, cell: str) -> None:
        said = options.TASK.read(line)
        if said is None:
            return
        name = _checked_name(said.pop("NAME", None))
        view, background = said.pop("view", "tree"), said.pop("background", False)
        named = self._looked_up(said)
        draft = tasks.draft(runtime(), cell.removesuffix("\n"), namespace=self._variables, **named)
        screen = display.screen_for(self._ip, view)
        self._carry(draft.start(), screen, name, background)

    @no_var_expand
    @line_cell_magic
    @_documented(options.PLAN)
    def vplan(self, line: str, cell: str | None = None) -> WrittenPlan | None:
        said = options.PLAN.read(line)
        if said is None:
            return None
        if cell is None:
            return self._plan_of(said.get("RUN", LAST))
        name = _checked_name(said.get("RUN"))
        if name is None:
            raise UsageError("The plan needs a name.", "%%vplan article")
        if not cell.strip():
            raise UsageError("The plan is empty.", "s1: what to do\ns2: what to do then <- s1")
        plan = WrittenPlan(runtime(), parse_plan(cell))
        self._variables[name] = plan
        display.show(plan)
        return None

    @no_var_expand
    @line_magic
    @_documented(options.RUN)
    def vrun(self, line: str) -> Run | None:
        said = options.RUN.read(line)
        if said is None:
            return None
        name = _checked_name(said.get("name"))
        view, background = said.get("view", "tree"), said.get("background", False)
        screen = display.screen_for(self._ip, view, returned=not background)
        found = self._plan_or_run(said["PLAN"])
        own = {option: value for option, value in said.items() if option not in _RUN_NAMED}
        if isinstance(found, WrittenPlan):
            run = found.task(**self._looked_up(own)).start()
        elif own:
            option = "--" + next(iter(own)).replace("_", "-")
            raise UsageError(
                f"{option}: a run goes on with the options that it has.",
                f"%vplan {said['PLAN']} prints its plan, to be run anew.",
            )
        else:
            run = found.start_again()
        if view == "none" or not display.in_terminal(self._ip):
            run = display.ShownRun(runtime(), run.id, self._ip)
        self._carry(run, screen, name, background)
        return run

    @no_var_expand
    @line_magic
    @_documented(options.MODEL)
    def vmodel(self, line: str) -> listing.ModelList | None:
        said = options.MODEL.read(line)
        if said is None:
            return None
        specs = said.pop("SPEC", [])
        if specs[:1] == ["unload"] and len(specs) <= 2 and not said:
            runtime().unload(*specs[1:])
        elif specs[:1] == ["bench"]:
            raise UsageError("%vmodel cannot measure models.", "%vmodel [SPEC], %vmodel unload [SPEC]")
        elif len(specs) > 1:
            raise UsageError(
                f"{specs[1]!r} is one word too many.", "%vmodel SPEC; put quotes around a path with spaces."
            )
        elif specs or said:
            spec, progress = specs[0] if specs else runtime().default, display.Progress(self._ip)
            runtime().load(spec, **said, on_progress=progress.say)
            progress.end(f"loaded {spec}")
        return listing.models(runtime(), Path.cwd())

    @no_var_expand
    @line_magic
    @_documented(options.RUNS)
    def vruns(self, line: str) -> listing.RunList | None:
        said = options.RUNS.read(line)
        if said is None:
            return None
        rows = runtime().store.runs(said.get("n", 20), " ".join(said.get("SEARCH", [])))
        return listing.RunList(runtime(), rows)

    @no_var_expand
    @line_magic
    @_documented(options.OPEN)
    def vopen(self, line: str) -> Run | None:
        said = options.OPEN.read(line)
        if said is None:
            return None
        name = _checked_name(said.get("NAME"))
        run = self._run_of(said["RUN"])
        self._bind(run, name)
        return run

    # ---------------------------------------------------------------- carrying a run

    def _carry(self, run: Run, screen: display.Screen, name: str | None, background: bool) -> None:
        """Binds the run and shows it until it ends; an interrupt stops it."""
        self._bind(run, name)
        if background:
            display.follow_in_background(run, screen)
            return
        try:
            display.follow(run, screen)
        except KeyboardInterrupt:
            display.stop(run, screen)
            raise _interrupted(run, name or LAST) from None
        run.wait()
        if run.status == "stopped":
            raise RunError("The run was stopped.", f"Go on with it: %vrun {name or LAST}", run=run)

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

    def _plan_of(self, word: str) -> WrittenPlan:
        found = self._plan_or_run(word)
        if isinstance(found, WrittenPlan):
            return found
        if not found.plan.steps:
            raise UsageError(f"The run {found.id} has no plan yet.", f"%vopen {found.id} shows how far it came.")
        return found.plan


def _checked_name(name: str | None) -> str | None:
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
    said = "The run was stopped." if run.settle(0) else "The run is being stopped."
    hint = f"What was decoded is kept. Go on with it: %vrun {name}"
    error = KeyboardInterrupt(f"{said} {hint}")
    error._render_traceback_ = lambda: [f"KeyboardInterrupt: {said}", hint]  # type: ignore[attr-defined]
    return error
