"""Translations by template: `{}` in the English one stands for whatever a message was filled with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

HOLE = re.compile(r"\{(\d*)(:say)?\}")
"""A hole of a translation: the next one or that of a number; with `:say`, what fills it is translated too."""

_REMEMBERED = 4096
_TELLING = 8
"""Letters with which a template that begins with a hole is told from other sentences."""


class Catalogue:
    """Finds the template that a message was made of, and fills its translation with what the message was filled with.

    The twin of `told` in labextension/src/ui/told.ts.

    Args:
        templates: Translations by English template.
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._whole = {english: said for english, said in templates.items() if "{}" not in english}
        forms = [_Form(english, said) for english, said in templates.items() if "{}" in english]
        self._forms = sorted(forms, key=lambda form: -form.literal)
        self.say = lru_cache(_REMEMBERED)(self._say)

    def _say(self, english: str) -> str:
        """The translation; of the templates that fit, that of the most literal one. Lines of no template go one by one."""
        if english in self._whole:
            return self._whole[english]
        for form in self._forms:
            values = form.values(english)
            if values is not None:
                return self._filled(form.said, values)
        if "\n" in english:
            return "\n".join(map(self._say, english.split("\n")))
        return english

    def _filled(self, said: str, values: tuple[str, ...]) -> str:
        order = iter(values)

        def fill(hole: re.Match[str]) -> str:
            value = values[int(hole[1])] if hole[1] else next(order)
            return self._say(value) if hole[2] else value

        return HOLE.sub(fill, said)


class _Form:
    """A template with holes, and its translation. Where few letters tell it apart, as in `{} of {}`, no sentence fits it."""

    def __init__(self, english: str, said: str) -> None:
        pieces = english.split("{}")
        self.said, self.literal = said, sum(map(len, pieces))
        self._first, self._last = pieces[0], pieces[-1]
        hole = r"(\S*?)" if not self._first and self.literal < _TELLING else "(.*?)"
        self._pattern = re.compile(hole.join(map(re.escape, pieces)), re.DOTALL)

    def values(self, text: str) -> tuple[str, ...] | None:
        """What the holes hold in a text that was made of this template; `None` if it was not."""
        if not (text.startswith(self._first) and text.endswith(self._last)):
            return None
        found = self._pattern.fullmatch(text)
        return found.groups() if found else None
