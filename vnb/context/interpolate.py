"""`{{name.attr[0]}}` in a task's text: looked up, never called. A single `{` means nothing, so JSON and LaTeX pass."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import UsageError

_NAME = r"[^\W\d]\w*"
_PATH = re.compile(rf"""{_NAME}(?:\.{_NAME}|\[(?:-?\d+|'[^']*'|"[^"]*")\])*""")
_BRACED = re.compile(r"(\\*)\{\{([^{}]*)\}\}")
_STEP = re.compile(rf"""\.({_NAME})|\[(-?\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")

IN_PLACE = 200
"""Values of at most this many characters on one line stand in the text; longer ones become parts of their own."""


@dataclass(frozen=True)
class Interpolated:
    """A text with its names looked up: `inputs` by what was written, `attached` those too long to stand in it."""

    text: str
    inputs: dict[str, str]
    attached: tuple[str, ...]


def interpolate(template: str, names: Mapping[str, object]) -> Interpolated:
    r"""Looks up every `{{name}}`, `{{name.attr}}`, `{{name[0]}}`, `{{name['key']}}`; `\{{` is a literal `{{`,
    and `\\{{name}}` is a backslash before a value.

    What stands in double braces and is neither a name nor a call (LaTeX, say) is left as it is.

    Raises:
        UsageError: An unknown name or attribute, or a call.
    """
    inputs: dict[str, str] = {}
    attached: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        slashes, inner = match.group(1), match.group(2).strip()
        before = "\\" * (len(slashes) // 2)
        if len(slashes) % 2:
            return before + match.group(0)[len(slashes) :]
        if not _PATH.fullmatch(inner):
            if re.fullmatch(rf"{_PATH.pattern}\(.*\).*", inner):
                raise UsageError(
                    f"{{{{{inner}}}}} is a call; only names, attributes and items are looked up.",
                    "Assign it to a name first, or write --raw (or \\{{) to send it as it is.",
                )
            return match.group(0)
        value = inputs.setdefault(inner, _text(inner, _look_up(inner, names)))
        if len(value) <= IN_PLACE and "\n" not in value:
            return before + value
        attached[inner] = None
        return f"{before}[{inner}]"

    return Interpolated(_BRACED.sub(replace, template), inputs, tuple(attached))


def _look_up(path: str, names: Mapping[str, object]) -> object:
    head = re.match(_NAME, path)
    name = head.group(0) if head else path
    if name not in names:
        values = [key for key, value in names.items() if not key.startswith("_") and not callable(value)]
        near = difflib.get_close_matches(name, values, 1)
        said = f"Did you mean {{{{{near[0]}}}}}?" if near else f"Define it first: {name} = …"
        raise UsageError(f"{{{{{path}}}}}: there is no name {name!r}.", f"{said} --raw sends braces as they are.")
    value = names[name]
    for attribute, index, single, double in _STEP.findall(path[len(name) :]):
        try:
            if attribute:
                value = getattr(value, attribute)
            else:
                value = value[int(index) if index else single or double]  # type: ignore[index]
        except Exception as error:  # a property or an index may raise anything
            raise UsageError(
                f"{{{{{path}}}}}: {error or type(error).__name__}.",
                f"Look at {name} first; --raw sends braces as they are.",
            ) from None
    return value


def _text(path: str, value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        raise UsageError(f"{{{{{path}}}}} is bytes, not text.", f"Decode it first: {path} = {path}.decode()")
    try:
        return str(value)
    except Exception as error:
        raise UsageError(f"{{{{{path}}}}} cannot be written as text: {error}.", f"Look at {path} first.") from None
