"""The magics that change a run that there is: other attempts, another choice, a fork."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import line_magic, magics_class, no_var_expand

from ..api.run import Run
from ..api.runtime import runtime
from ..errors import UsageError
from . import display, options, references
from .arguments import HELP
from .base import LAST, VnbMagic, checked_name, documented


@magics_class
class RerunMagics(VnbMagic):
    """`%vrerun`, `%vchoose`, `%vfork`."""

    @no_var_expand
    @line_magic
    @documented(options.RERUN)
    def vrerun(self, line: str) -> Run | None:
        said = options.RERUN.read(line)
        if said is None:
            return None
        if said.pop("only", False) and said.get("down"):
            raise UsageError("--only and --down say different things.", "Leave one of them away.")
        view, background = said.pop("view", "tree"), said.pop("background", False)
        steps, run = said.pop("STEP", []), self._run_of(said.pop("run", LAST))
        if "edit" in said:
            said["instruction"] = self._words(said.pop("edit"))
        screen = display.screen_for(self._ip, view, returned=not background)
        asked = run.start_rerun(*steps, **_settings(said.pop("set", [])), **said)
        if view == "none" or not display.in_terminal(self._ip):
            run = display.ShownRun(runtime(), run.id, self._ip)
        self._carry(run, screen, None, background, asked.check)
        return run

    @no_var_expand
    @line_magic
    @documented(options.CHOOSE)
    def vchoose(self, line: str) -> Run | None:
        said = options.CHOOSE.read(line)
        if said is None:
            return None
        wanted = references.read(f":{said['ATTEMPT']}")
        if wanted.attempt is None:
            raise UsageError(f"{wanted.step} does not say which attempt.", f"%vchoose {wanted.step}#1")
        return self._run_of(said.get("run", LAST)).choose(wanted.step, wanted.attempt)

    @no_var_expand
    @line_magic
    @documented(options.FORK)
    def vfork(self, line: str) -> Run | None:
        said = options.FORK.read(line)
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
