"""What can be typed after a magic's name: words, options, and errors that name the nearest option."""

from __future__ import annotations

import argparse
import difflib
import shlex
from typing import Any, NoReturn

from ..errors import UsageError
from ..locale import say
from ..views import clean

HELP = "--help"
_WIDTH = 100


class OneOf:
    """A word out of a few."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, text: str) -> str:
        if text not in self.words:
            near = difflib.get_close_matches(text, self.words, 1)
            said = f"{text!r} (did you mean {near[0]}?)" if near else repr(text)
            raise argparse.ArgumentTypeError(f"must be one of {', '.join(self.words)}, not {said}")
        return text


class SomeOf(OneOf):
    """Words out of a few, with commas between."""

    def __call__(self, text: str) -> str:
        return ",".join(super(SomeOf, self).__call__(word.strip()) for word in text.split(","))


class Offered(OneOf):
    """Any word; these few are offered."""

    def __call__(self, text: str) -> str:
        return text


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None


def number(text: str) -> float:
    """A number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None


class Parser(argparse.ArgumentParser):
    """An argument parser that never leaves the process and whose errors are `UsageError`s.

    What was not typed is not in the result. The metavar of an argument says what completes it (see `complete`).
    """

    def __init__(self, magic: str, places: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=magic,
            usage=f"%(prog)s {places}",
            description=description,
            epilog=epilog,
            formatter_class=_Help,
            argument_default=argparse.SUPPRESS,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
        )
        self.add_argument(HELP, action="store_true", help="print this")

    @property
    def options(self) -> dict[str, argparse.Action]:
        """The options by what is typed: `--seed`, `-m`."""
        return dict(self._option_string_actions)

    @property
    def places(self) -> list[argparse.Action]:
        """The arguments without an option, in order."""
        return self._get_positional_actions()

    def read(self, line: str) -> dict[str, Any] | None:
        """What was typed, by name; `None` after printing the help that was asked for.

        Raises:
            UsageError: It makes no sense; the hint is what can be typed instead.
        """
        typed = words(line)
        if HELP in typed:
            print(self.format_help())
            return None
        try:
            said, extra = self.parse_known_intermixed_args(typed)
        except argparse.ArgumentError as error:
            raise UsageError(f"{error.argument_name}: {error.message}.", self._ask()) from None
        if extra:
            self._refuse(extra)
        return {name: value for name, value in vars(said).items() if value not in (None, [])}

    def _refuse(self, extra: list[str]) -> NoReturn:
        unknown = [word for word in extra if word.startswith("-") and word != "-"]
        if not unknown:
            raise UsageError(f"{extra[0]!r} is one word too many.", self._ask())
        option = unknown[0].partition("=")[0]
        near = difflib.get_close_matches(option, list(self.options), 1, 0.5)
        raise UsageError(
            f"{self.prog} has no option {option}.", f"Did you mean {near[0]}?" if near else f"{self._ask()} lists them."
        )

    def _ask(self) -> str:
        return f"{self.prog} {HELP}"

    def error(self, message: str) -> NoReturn:
        """Raises what argparse would print before leaving."""
        raise UsageError(f"{self.prog}: {message}.", self._ask())


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help in the user's language."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=_WIDTH)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, say("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and say(heading))

    def add_text(self, text: str | None) -> None:
        super().add_text(text and say(text))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help and say(action.help)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """Wide characters take two columns, and a line may end behind any of them."""
        if clean.width(text) == len(text):
            return super()._split_lines(text, width)
        return clean.wrap(" ".join(text.split()), width)


def words(line: str) -> list[str]:
    """The words of a line as a shell splits them, but for the backslash, which is itself (as in `C:\\models`).

    Raises:
        UsageError: A quote is not closed.
    """
    reader = shlex.shlex(line, posix=True)
    reader.whitespace_split = True
    reader.commenters = reader.escape = ""
    try:
        return list(reader)
    except ValueError:
        raise UsageError(
            f"A quote is not closed: {line.strip()}", "Close it, or put the other kind around it."
        ) from None
