"""`%config Vnb.lang`: the language that vnb speaks in one shell."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from traitlets import TraitError, Unicode, default, observe, validate
from traitlets.config import Configurable

from .. import locale
from ..errors import UsageError
from ..locale import say
from . import base, display

_SETTINGS = Path("@jupyterlab", "translation-extension", "plugin.jupyterlab-settings")
_LOCALE = re.compile(r'^\s*"locale"\s*:\s*"([^"]*)"', re.MULTILINE)


class NoLanguage(UsageError, TraitError):
    """No language has that name. `%config` shows errors as they are, so it speaks the user's; traitlets goes back then."""


class Vnb(Configurable):
    """Settings of vnb: `%config Vnb` shows them, `%config Vnb.lang = "zh_CN"` changes one."""

    lang = Unicode().tag(config=True)

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        super().__init__(parent=shell)
        self._speak(None)

    @default("lang")
    def _default_lang(self) -> str:
        return locale.default("" if display.in_terminal(self._shell) else jupyterlab_language())

    @validate("lang")
    def _known(self, proposal: dict[str, Any]) -> str:
        said = str(proposal["value"])
        found = said if said in locale.LANGUAGES else locale.named(said)
        if not found:
            names = ", ".join(locale.LANGUAGES)
            raise NoLanguage(say(f"There is no language {said!r}."), say(f'%config Vnb.lang = "…" with one of {names}'))
        return found

    @observe("lang")
    def _speak(self, change: Any) -> None:
        locale.choose(self.lang)
        names = ", ".join(f"{name} ({own})" for name, own in locale.LANGUAGES.items())
        default = "By default VNB_LANG, else JupyterLab's language, else that of the system."
        self.traits()["lang"].help = say(f"Language of messages, views and help: {names}.") + " " + say(default)
        base.document_anew()


def load(shell: Any) -> None:
    """Gives the shell the settings, and speaks the language that they say."""
    shell.configurables.append(Vnb(shell))


def unload(shell: Any) -> None:
    """Takes the settings away."""
    shell.configurables[:] = [one for one in shell.configurables if not isinstance(one, Vnb)]
    locale.choose(None)
    base.document_anew()


def jupyterlab_language() -> str:
    """The language that the user has chosen in JupyterLab, as a tag; empty if none."""
    from jupyter_core.paths import jupyter_config_dir

    folder = os.environ.get("JUPYTERLAB_SETTINGS_DIR") or Path(jupyter_config_dir(), "lab", "user-settings")
    try:
        found = _LOCALE.search(Path(folder, _SETTINGS).read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found.group(1) if found else ""
