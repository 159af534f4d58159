"""A line to one panel: what it asks is answered, whatever happens. It knows nothing of how the messages travel."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from ..core.types import Json
from ..errors import VnbError

SILENCE = 180.0
"""Seconds after which a panel that said nothing is taken for closed: a page that was reloaded does not say so.

A page says `here` twice a minute; browsers let pages in the background say so once a minute at the least.
"""

UNHEARD = 86_400.0
"""The same where a panel is only heard between cells: then it may be the kernel that does not listen."""

_log = logging.getLogger(__name__)

Message = dict[str, Json]


class Subject(Protocol):
    """What a panel is about."""

    def answer(self, name: str, said: dict[str, Any]) -> Json:
        """What comes of a command.

        Raises:
            VnbError: It is refused; the message says why.
        """

    def here(self) -> Json:
        """What a panel is told that only says that it is there."""

    def close(self) -> None:
        """The panel has gone."""


class Channel:
    """Takes the commands of one panel, `{id, name, …}`, and sends `{type: "answer", id, ok, error, hint, value}` for each.

    Args:
        send: Sends one message to the panel, from any thread.
        close: Says to the panel that nothing more will come.
        prompt: Whether the panel is heard while a cell runs.
    """

    def __init__(self, send: Callable[[Message], None], close: Callable[[], None], prompt: bool = True) -> None:
        self._send, self._close = send, close
        self._prompt = prompt
        self._lock = threading.Lock()
        self._heard_at = time.monotonic()
        self._subject: Subject | None = None

    def about(self, subject: Subject) -> None:
        """Says what the panel is about, before anything is heard from it."""
        self._subject = subject

    def hear(self, message: object) -> None:
        """Answers one command of the panel."""
        self._heard_at = time.monotonic()
        if not isinstance(message, dict) or self._subject is None:
            return
        said = {str(name): value for name, value in message.items()}
        id, name = said.pop("id", None), said.pop("name", None)
        answer: Message = {"type": "answer", "id": id, "ok": True}
        try:
            subject = self._subject
            answer["value"] = subject.here() if name == "here" else subject.answer(str(name), said)
        except VnbError as error:
            answer |= {"ok": False, "error": error.message, "hint": error.hint}
        except Exception as error:  # a panel must not wait for ever
            _log.exception("the command %r of a panel failed", name)
            answer |= {"ok": False, "error": f"{type(error).__name__}: {error}", "hint": "This is a fault in vnb."}
        self.tell(answer)

    def tell(self, message: Message) -> None:
        """Sends a message, one at a time; a panel that is silent for too long is let go of instead."""
        if self.let_go():
            return
        with self._lock:
            self._send(message)

    def let_go(self) -> bool:
        """Lets go of a panel that is silent for too long; whether it was."""
        if time.monotonic() - self._heard_at <= (SILENCE if self._prompt else UNHEARD):
            return False
        self.close()
        self._close()
        return True

    def close(self) -> None:
        """Lets go of what the panel is about."""
        subject, self._subject = self._subject, None
        if subject is not None:
            subject.close()
