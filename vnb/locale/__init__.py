"""The language in which vnb speaks to its user.

Messages are written in English where they arise, and what is stored stays English, so that a run reads and digests the
same everywhere. `say` translates a message where it is shown.
"""

from __future__ import annotations

import json
import locale
import os
from functools import cache
from pathlib import Path

from .catalogue import Catalogue

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文"}
"""The languages that there are, and what they call themselves."""

_chosen: str | None = None


def say(english: str) -> str:
    """A message, or a label of a view, in the user's language; as it is where there is no translation."""
    spoken = language()
    return english if spoken == ENGLISH else _catalogue(spoken).say(english)


def language() -> str:
    """The language that is spoken now, one of `LANGUAGES`."""
    global _chosen
    if _chosen is None:
        _chosen = default()
    return _chosen


def choose(name: str | None) -> None:
    """Speaks a language of `LANGUAGES` from now on; `None` is the default one."""
    global _chosen
    _chosen = name


def named(tag: str) -> str:
    """The language that a tag means (`zh`, `zh-CN`, `zh_CN.UTF-8`, `C`); empty if it is none of those that there are."""
    first = tag.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return {"zh": "zh_CN", "chinese (simplified)": "zh_CN", "en": ENGLISH, "c": ENGLISH, "posix": ENGLISH}.get(
        first, ""
    )


def default(host: str = "") -> str:
    """What is spoken unless the user says otherwise: `VNB_LANG`, else the host's language, else the process's locale.

    Args:
        host: The tag of the language in which the user's front end speaks; empty where unknown.
    """
    variables = (os.environ.get(name, "").partition(":")[0] for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    system = next(filter(None, variables), "") or locale.getlocale()[0] or ""
    return named(os.environ.get("VNB_LANG", "")) or named(host) or named(system) or ENGLISH


def templates() -> dict[str, str]:
    """The translations of the language that is spoken now, by English template; none for English."""
    return {} if language() == ENGLISH else _read(language())


@cache
def _catalogue(name: str) -> Catalogue:
    return Catalogue(_read(name))


def _read(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return found
