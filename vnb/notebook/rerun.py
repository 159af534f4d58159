"""The magics that change a run that there is: other attempts, another choice, its end, a fork."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import line_magic, magics_class, no_var_expand

from ..api.run import Run
from ..api.runtime import runtime
from ..errors import UsageError
from . import display, references, run_options
from .arguments import HELP
from .base import LAST, VnbMagic, checked_name, documented, shown_how

_STOPPING = 5.0
"""Seconds that a run gets to end; one that needs longer is shown as it is by then."""


@magics_class
class RerunMagics(VnbMagic):
    """`%vrerun`, `%vchoose`, `%vstop`, `%vfork`."""

    @no_var_expand
    @line_magic
    @documented(run_options.RERUN)
    def vrerun(self, line: str) -> Run | None:
        said = run_options.RERUN.read(line)
        if said is None:
            return None
        if said.pop("only", False) and said.get("down"):
            raise UsageError("--only and --down say different things.", "Leave one of them away.")
        view, background, plot = shown_how(said)
        steps, run = said.pop("STEP", []), self._run_of(said.pop("run", LAST))
        if "edit" in said:
            said["instruction"] = self._words(said.pop("edit"))
        screen = display.screen_for(self._ip, view, returned=not background)
        asked = run.start_rerun(*steps, **_settings(said.pop("set", [])), **said)
        if view == "none" or not display.in_terminal(self._ip):
            run = display.ShownRun(runtime(), run.id, self._ip)
        self._carry(run, screen, None, background, asked.check, plot)
        return run

    @no_var_expand
    @line_magic
    @documented(run_options.CHOOSE)
    def vchoose(self, line: str) -> Run | None:
        said = run_options.CHOOSE.read(line)
        if said is None:
            return None
        wanted = references.read(f":{said['ATTEMPT']}")
        if wanted.attempt is None:
            raise UsageError(f"{wanted.step} does not say which attempt.", f"%vchoose {wanted.step}#1")
        return self._run_of(said.get("run", LAST)).choose(wanted.step, wanted.attempt)

    @no_var_expand
    @line_magic
    @documented(run_options.STOP)
    def vstop(self, line: str) -> Run | None:
        said = run_options.STOP.read(line)
        if said is None:
            return None
        run = self._run_of(said.get("RUN", LAST))
        if not run.settle(0) or run.status == "running":
            return run.stop(_STOPPING)
        hint = "%vruns lists the runs." if run.status == "finished" else f"%vrun {run.id} goes on with it."
        raise UsageError(f"The run {run.id} is not under way: it is {run.status}.", hint)

    @no_var_expand
    @line_magic
    @documented(run_options.FORK)
    def vfork(self, line: str) -> Run | None:
        said = run_options.FORK.read(line)
        if said is None:
            return None
        name = checked_name(said["NAME"])
        found = references.read(said["PLACE"])
        if found.attempt is not None:
            hint = f"%vfork {found.run}:{found.step} {name}"
            raise UsageError(f"{found}: a run is forked just before a step's first attempt.", hint)
        fork = self._run_of(found.run).fork(found.step or found.seq)
        self._bind(fork, name)
        return fork

    def _words(self, name: str) -> str:
        """The text of a variable, as new words for a step."""
        words = self._variable(name, "--edit")
        if not isinstance(words, str) or not words.strip():
            raise UsageError(f"--edit: {name} holds no text.", f'{name} = "what the step should do"')
        return words


def _settings(said: list[str]) -> dict[str, Any]:
    """`KEY=VALUE` words as keyword arguments."""
    found: dict[str, Any] = {}
    for word in said:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"--set: {word!r} is not KEY=VALUE.", "--set temperature=1.2")
        if key in ("instruction", "down", "reuse"):
            raise UsageError(f"--set: {key} is no setting.", f"It has an option of its own: %vrerun {HELP}")
        found[key] = value
    return found
