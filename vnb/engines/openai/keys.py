"""The user's key: from the environment, else from the keyring. It goes into one request header, and nowhere else."""

from __future__ import annotations

import importlib
import os

from ...errors import EngineError

VARIABLES = ("VNB_API_KEY", "OPENAI_API_KEY")


def find_key(host: str) -> str:
    """The key for a server; empty if there is none.

    Args:
        host: Host and port; in a keyring, the user name under the service `vnb`.

    Raises:
        EngineError: A variable holds what no header can carry; the message does not repeat it.
    """
    for name in VARIABLES:
        key = os.environ.get(name, "").strip()
        if key and not (key.isascii() and key.isprintable()):
            raise EngineError(f"{name} holds characters that no key has.", f"Set {name} again.")
        if key:
            return key
    try:  # whatever ails a keyring, the server's own refusal says what to do
        return importlib.import_module("keyring").get_password("vnb", host) or ""
    except Exception:
        return ""
