"""Completions behind a magic: options, their values, models, runs, plans, variables, files."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from ..api.opening import open_run
from ..api.plan import WrittenPlan
from ..api.run import Run
from ..api.runtime import runtime
from ..core.types import Plan
from ..errors import VnbError
from . import listing
from .arguments import OneOf, Parser
from .base import LAST
from .options import PARSERS
from .references import FORK_FORM, STEP_FORM

_MAGIC = re.compile(rf"\s*(?:[\w\s,.]+=\s*)?%%?({'|'.join(PARSERS)})\s(.*)")
_LAST_WORD = re.compile(r"(?:[^\s\"']|\"[^\"]*\"?|'[^']*'?)*$")
_RUNS = 30


class Completions:
    """What completes the arguments of vnb's magics in one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

        @context_matcher(identifier="vnb", priority=50)  # type: ignore[untyped-decorator]
        def matcher(context: CompletionContext) -> SimpleMatcherResult:
            return self.match(context)

        matcher.owner = self
        self.matcher = matcher

    def match(self, context: CompletionContext) -> SimpleMatcherResult:
        """What can stand at the cursor; nothing outside of a magic's line."""
        found = _MAGIC.fullmatch(context.text_until_cursor)
        if found is None or (context.cursor_line and found.group(0).lstrip().startswith("%%")):
            return _result([], "")
        fragment, completions = self._arguments(PARSERS[found.group(1)], found.group(2))
        begun = [one for one in completions if one.text.startswith(fragment)]
        return _result(begun, fragment)

    def _arguments(self, parser: Parser, typed: str) -> tuple[str, Iterable[SimpleCompletion]]:
        word = _LAST_WORD.search(typed)
        fragment = word.group(0) if word else ""
        before = typed[: len(typed) - len(fragment)].split()
        option, assigned, value = fragment.partition("=")
        if assigned and option in parser.options:
            return value, self._values(parser.options[option], value, before)
        if before and before[-1] in parser.options and parser.options[before[-1]].nargs != 0:
            return fragment, self._values(parser.options[before[-1]], fragment, before)
        if fragment.startswith("-"):
            return fragment, _options(parser, before)
        place = _place(parser, before)
        return fragment, self._values(place, fragment, before) if place is not None else _options(parser, before)

    def _values(self, action: argparse.Action, begun: str, before: list[str]) -> Iterable[SimpleCompletion]:
        if isinstance(action.type, OneOf):
            return [SimpleCompletion(text=word, type="value") for word in action.type.words]
        wanted = action.metavar if isinstance(action.metavar, str) else action.dest
        if wanted == "SPEC":
            return [*self._models(action.nargs == "*")]
        if wanted in ("RUN", "PLAN|RUN", "RUN|FILE"):
            files = _paths(begun) if begun and "FILE" in wanted else ()
            return [*self._variables(Run), *(self._plans() if "PLAN" in wanted else ()), *_stored(), *files]
        if wanted == "PLAN":
            return [*self._plans(), *self._variables(Run)]
        if wanted == "VAR":
            return [*self._variables(object)]
        if wanted.endswith(STEP_FORM) or wanted == FORK_FORM:
            return self._references(begun)
        if wanted in ("STEP", "STEP#N"):
            run = before[before.index("--run") + 1] if "--run" in before[:-1] else LAST
            return self._steps(run, begun, "" if wanted == "STEP" else "#")
        return _paths(begun) if wanted in ("PATH", "FILE") else []

    def _references(self, begun: str) -> Iterable[SimpleCompletion]:
        """Runs; behind `RUN:` its steps; behind `RUN:STEP#` the numbers of its attempts."""
        name, colon, step = begun.partition(":")
        if not colon:
            yield from (*self._variables(Run), *_stored())
            return
        for one in self._steps(name or LAST, step, "#" if "#" in step else ""):
            yield SimpleCompletion(text=f"{name}:{one.text}", type=one.type)

    def _steps(self, run: str, begun: str, sign: str) -> Iterable[SimpleCompletion]:
        """The steps of a run; with `sign`, and behind `STEP#`, the numbers of attempts too."""
        found = self._shell.user_ns.get(run)
        try:
            steps = (found if isinstance(found, Run) else open_run(runtime(), run)).steps
        except VnbError:
            return
        for one in steps:
            if not sign:
                yield SimpleCompletion(text=one.id, type="step")
            for attempt in one.attempts if sign else ():
                yield SimpleCompletion(text=f"{one.id}#{attempt.number}", type="attempt")

    def _models(self, with_unload: bool) -> Iterable[SimpleCompletion]:
        specs = [*runtime().engines, *listing.known_specs(Path.cwd()), *(["unload", "bench"] if with_unload else [])]
        for spec in dict.fromkeys(specs):
            yield SimpleCompletion(text=_quoted(spec), type="model")

    def _plans(self) -> Iterable[SimpleCompletion]:
        return self._variables(WrittenPlan, Plan)

    def _variables(self, *types: type) -> Iterable[SimpleCompletion]:
        hidden = self._shell.user_ns_hidden
        for name, value in list(self._shell.user_ns.items()):
            if isinstance(value, types) and not name.startswith("_") and name not in hidden:
                yield SimpleCompletion(text=name, type="variable")


def _result(completions: list[SimpleCompletion], fragment: str) -> SimpleMatcherResult:
    """Where there is something to complete here, nothing else is offered."""
    found: dict[str, Any] = {"completions": completions, "suppress": bool(completions), "ordered": True}
    if completions:
        found["matched_fragment"] = fragment
    return cast("SimpleMatcherResult", found)


def _place(parser: Parser, before: list[str]) -> argparse.Action | None:
    """The argument without an option that comes next; `None` if all were given."""
    given = 0
    takes_value = False
    for word in before:
        if takes_value or word.startswith("-"):
            action = parser.options.get(word)
            takes_value = not takes_value and action is not None and action.nargs != 0
        else:
            given += 1
    places = parser.places
    if given < len(places):
        return places[given]
    return places[-1] if places and places[-1].nargs == "*" else None


def _options(parser: Parser, before: list[str]) -> Iterable[SimpleCompletion]:
    for name, action in parser.options.items():
        if not set(action.option_strings) & set(before) or isinstance(action, argparse._AppendAction):
            yield SimpleCompletion(text=name, type="option")


def _stored() -> Iterable[SimpleCompletion]:
    try:
        rows = runtime().store.runs(_RUNS)
    except VnbError:  # completing is no occasion for an error
        return
    for row in rows:
        yield SimpleCompletion(text=row.run_id, type="run")


def _paths(begun: str) -> Iterable[SimpleCompletion]:
    folder, _, _ = begun.rpartition("/")
    lead = begun[: len(folder) + 1] if "/" in begun else ""
    try:
        inside = sorted(os.scandir(os.path.expanduser(lead) or "."), key=lambda one: one.name)
    except OSError:
        return
    for one in inside:
        if not one.name.startswith("."):
            yield SimpleCompletion(text=_quoted(lead + one.name + ("/" if one.is_dir() else "")), type="path")


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word
