"""`http(s)://host:port/v1#model`, taken apart. What it holds is shown and stored, so it may hold no secret."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ...errors import EngineError

FORM = "%vmodel http://127.0.0.1:8000/v1#model"
KEYS = 'import os, getpass; os.environ["VNB_API_KEY"] = getpass.getpass()'
"""How a key is given without leaving it in the notebook."""


@dataclass(frozen=True)
class Address:
    """Where a server is.

    Attributes:
        spec: What was typed.
        base: Where the OpenAI-compatible paths begin: `http://host:8000/v1`.
        host: Host and port, as a keyring names them.
        model: The model that was named; empty if none was.
    """

    spec: str
    base: str
    host: str
    model: str

    @property
    def root(self) -> str:
        """Where a server's own paths begin: those beside `/v1`."""
        return self.base.removesuffix("/v1")

    def naming(self, model: str) -> str:
        """The spec with that model."""
        return f"{self.spec.partition('#')[0]}#{model}"


def read_address(spec: str) -> Address:
    """Takes a spec apart; without a path, `/v1` is meant.

    Raises:
        EngineError: It is no address, or it holds what must not be stored. The message does not repeat it then.
    """
    try:
        parts = urlsplit(spec)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise EngineError(f"That is no address of a server: {error}.", FORM) from None
    if "@" in parts.netloc or parts.query:
        raise EngineError(
            "The address of a server may hold no user, password or query: it is stored with every run.",
            f"{KEYS}    then the address without them",
        )
    if not host:
        raise EngineError(f"{spec} names no server.", FORM)
    path = parts.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/models")
    return Address(spec, f"{parts.scheme}://{parts.netloc}{path or '/v1'}", parts.netloc, parts.fragment)
