"""One program in one worker: it is run, and its value is looked for."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.types import Json
from . import outline
from .faults import is_syntax

if TYPE_CHECKING:
    from pydantic_monty import MontyComplete, MontySession

DEEPEST = 100
"""Lists and dicts inside each other."""

_SHOWER = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SHOW, _VALUE = "_vnb_show", "_vnb_value"


class UnfitError(ValueError):
    """A value cannot go into the sandbox or come out of it; its words say why."""


@dataclass
class Printed:
    """Takes what a program prints, and stops it at the limit.

    Attributes:
        most: The most characters.
        stop: Ends the program.
    """

    most: int
    stop: Callable[[], None] = lambda: None
    text: str = ""
    is_full: bool = False

    def __call__(self, stream: str, text: str) -> None:
        """Called by Monty."""
        if self.is_full:
            return
        self.text += text
        if len(self.text) > self.most:
            self.is_full = True
            self.stop()

    def shown(self) -> str:
        """What was printed, with a mark where it was cut."""
        return f"{self.text[: self.most]}\n… (cut)" if self.is_full else self.text


class Program:
    """A program in a worker of its own.

    Args:
        session: The worker.
        source: The program, with `\\n` as line ends.
        variables: What it finds, by identifier.
        most: The most characters of its value.
        printed: Takes what it prints.
    """

    def __init__(
        self, session: MontySession, source: str, variables: Mapping[str, Json], most: int, printed: Printed
    ) -> None:
        self._session = session
        self._source = source
        self._variables = dict(variables)
        self._most = most
        self._printed = printed
        self.opaque = ""
        """The type of the last expression where that is not a value: `function`, as of a function that is not called."""

    def result(self) -> Json:
        """Runs the program and gives its value; `None` if it has none.

        Raises:
            UnfitError: If the value is too large.
            MontyError: For what the program does.
        """
        lines = outline.statements(self._source)
        self._feed(f"{_SHOWER}\n\n{_SHOW} = _vnb_shower({self._most})\n{_VALUE} = None")
        kept = outline.keeping(self._source, _VALUE, lines)
        try:
            self._feed(kept, self._variables)
        except Exception as error:
            if kept == self._source or not is_syntax(error):
                raise
            self._feed(self._source, self._variables)  # so that the error is of the program as it was written
        value = self._shown()
        for expression in self._others(lines):
            if value is not None:
                break
            try:
                self._feed(f"{_VALUE} = {expression}")
            except Exception:
                if not expression.isidentifier():  # a name that was assigned in a branch not taken
                    raise
            value = self._shown()
        return value

    def _others(self, lines: list[outline.Statement]) -> Iterator[str]:
        yield from outline.others(lines, self._variables)
        if not self._printed.text.strip() and (last := outline.last_assigned(lines)):
            yield last

    def _feed(self, source: str, variables: Mapping[str, Json] | None = None) -> MontyComplete:
        """Runs a piece of source. The value of its last expression stays in the sandbox until it is asked for."""
        from pydantic_monty import MontyComplete

        snapshot = self._session.feed_start(source, inputs=dict(variables or {}), print_callback=self._printed)
        while not isinstance(snapshot, MontyComplete):
            snapshot = snapshot.resume_auto()  # a call for a file or the like, which is refused
        return snapshot

    def _shown(self) -> Json:
        """What the program's value is now; `None` too if it is a function or the like."""
        shown = self._feed(f'f"{{{_SHOW}({_VALUE})}}"')  # an f-string is a text, whatever the program did to the names
        text: str = shown.output
        try:
            found = json.loads(text, parse_int=_whole, parse_constant=_whole) if len(text) <= self._most + 100 else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise UnfitError("cannot be read as JSON")
        if "unfit" in found:
            raise UnfitError(str(found["unfit"]))
        self.opaque = self.opaque or str(found.get("opaque", ""))
        return checked(found.get("value"))


def _whole(number: str) -> int:
    """A whole number of JSON; refuses others, and such as take long to read."""
    if len(number) > 4_001:
        raise ValueError("too many digits")
    return int(number)


def checked(value: Json, depth: int = 0) -> Json:
    """A value as it may cross the border of the sandbox: lone surrogates become U+FFFD.

    Raises:
        UnfitError: If it is nested too deep.
    """
    if depth > DEEPEST:
        raise UnfitError(f"is nested more than {DEEPEST} deep")
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [checked(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {str(checked(key)): checked(one, depth + 1) for key, one in value.items()}
    return value


def variable_name(name: str) -> str:
    """What a variable is called in a program: its name, or the identifier nearest to it (`s2.1` is `s2_1`)."""
    identifier = re.sub(r"\W", "_", name)
    return identifier if identifier.isidentifier() and not keyword.iskeyword(identifier) else f"_{identifier}"
