"""Images, as they are sent: data URLs, which hold the picture itself, so that the server fetches nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from ...core.types import Attachment, Message
from ...errors import EngineError
from .estimate import IMAGE_TOKENS

KEPT = 32
"""How many images are held ready, those that were used last."""
MOST = 20_000_000
"""Bytes of one image; servers take about as many."""


class Pictures:
    """The images that messages can show.

    Args:
        name: Who is shown them, to be named in errors.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._urls: dict[str, str] = {}

    def take_in(self, images: Sequence[Attachment], read: Callable[[Attachment], bytes]) -> dict[str, int]:
        """Holds images ready; returns about how many tokens each takes, by its digest.

        Raises:
            EngineError: One is neither PNG nor JPEG, or too large.
        """
        for image in images:
            known = self._urls.pop(image.digest, None)  # to the end: it is the last that was used
            self._urls[image.digest] = known or _url(image, read(image))
        for digest in list(self._urls)[: -max(KEPT, len(images))]:
            del self._urls[digest]
        return {image.digest: IMAGE_TOKENS for image in images}

    def worded(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Messages as they are sent, with their images.

        Raises:
            EngineError: An image is not held ready any more.
        """
        return [{"role": message.role, "content": self._content(message)} for message in messages]

    def _content(self, message: Message) -> str | list[dict[str, Any]]:
        if not any(segment.media for segment in message.segments):
            return message.content
        parts: list[dict[str, Any]] = []
        text = ""
        for segment in message.segments:
            text += segment.text
            if segment.media:
                parts += [{"type": "text", "text": text}] if text else []
                parts.append({"type": "image_url", "image_url": {"url": self._shown(segment.media)}})
                text = ""
        return [*parts, {"type": "text", "text": text}] if text else parts

    def _shown(self, digest: str) -> str:
        if digest not in self._urls:
            raise EngineError(f"{self._name} has not been shown the image {digest[:12]}.", "Run the step again.")
        return self._urls[digest]


def _url(image: Attachment, content: bytes) -> str:
    kinds = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
    kind = next((kind for magic, kind in kinds.items() if content.startswith(magic)), "")
    if not kind:
        raise EngineError(f"The image {image.name} is neither PNG nor JPEG.", "Give a PNG or JPEG file.")
    if len(content) > MOST:
        raise EngineError(
            f"The image {image.name} has {len(content) / 1e6:.0f} MB, too many to be sent.", "Make it smaller."
        )
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
