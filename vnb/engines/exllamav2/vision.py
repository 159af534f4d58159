"""Images, for models with a vision tower: embedded once in the engine's thread, and then part of every prompt that shows
them, under token ids of their own."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from ...core.types import Attachment
from ...errors import EngineError
from .loaded import Loaded, as_error, first_line
from .owner import Owner
from .towers import TOWERS

FIRST = 1_000_000_000
"""The least token id that stands for a piece of an image (ExLlamaV2's `EMBEDDING_INDEX`)."""

KEPT = 64
"""The most images that are kept, the last ones, unless one task has more."""


class Gallery:
    """The images that an engine has taken in, by digest.

    Args:
        owner: The thread that embeds them.
        name: The model's.
        blind: Why it takes none; empty if it does.
    """

    def __init__(self, owner: Owner, name: str, blind: str) -> None:
        self._owner, self._name, self._blind = owner, name, blind
        self._images: dict[str, Future[Any]] = {}

    async def take_in(self, images: Sequence[Attachment], read: Callable[[Attachment], bytes]) -> dict[str, int]:
        """Embeds what is new; returns the tokens of each image by its digest.

        Raises:
            EngineError: The model takes no images, or one of them cannot be read.
        """
        if images and self._blind:
            raise EngineError(
                f"{self._name} takes no images: {self._blind}.",
                f"Leave out --image, or load one of {', '.join(TOWERS.values())} without --draft and --tp.",
            )
        for image in images:
            found = self._images.pop(image.digest, None)  # to the end: it is the last that was used
            self._images[image.digest] = found or self._owner.call(_embedding(self._owner, image, read))
        for digest in list(self._images)[: -max(KEPT, len(images))]:
            del self._images[digest]
        return {image.digest: await self._tokens(image.digest) for image in images}

    async def _tokens(self, digest: str) -> int:
        future = self._images[digest]
        try:  # several attempts may wait for one image; that one of them is cancelled does not concern the others
            return int((await asyncio.shield(asyncio.wrap_future(future))).length)
        except Exception:
            if self._images.get(digest) is future:
                del self._images[digest]
            raise

    def ids(self, digest: str) -> tuple[int, ...]:
        """The tokens that stand for an image.

        Raises:
            EngineError: It has not been taken in.
        """
        future = self._images.get(digest)
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            raise EngineError(f"{self._name} has not been shown the image {digest[:12]}.", "Run the step again.")
        return tuple(future.result().get_ids())

    def shown_in(self, ids: Sequence[int]) -> list[Any]:
        """The embeddings of the images that a prompt shows.

        Raises:
            EngineError: One of them is gone.
        """
        wanted = {token for token in ids if token >= FIRST}
        if not wanted:
            return []
        found = [future.result() for future in self._images.values() if future.done() and not future.exception()]
        shown = [one for one in found if one.first_index in wanted]
        if sum(one.length for one in shown) != len(wanted):
            raise EngineError(f"{self._name} does not have an image of this prompt any more.", "Run the step again.")
        return shown

    def clear(self) -> None:
        """Lets go of all of them, and of the model that they hold."""
        self._images.clear()


def _embedding(owner: Owner, image: Attachment, read: Callable[[Attachment], bytes]) -> Callable[[], Any]:
    content = read(image)
    return lambda: embed(owner.loaded, image.name, content)


def embed(loaded: Loaded, name: str, content: bytes) -> Any:
    """What the tower sees in an image, as embeddings; in the engine's thread.

    Raises:
        EngineError: It is no image, or the tower failed.
    """
    import torch
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            picture = image.copy()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EngineError(
            f"The image {name} cannot be read: {first_line(error)}", "Give a PNG or JPEG file that other programs open."
        ) from None
    try:
        with torch.inference_mode():
            return loaded.tower.get_image_embeddings(loaded.model, loaded.tokenizer, picture)
    except Exception as error:
        raise as_error(error, f"The image {name} could not be taken in") from None
