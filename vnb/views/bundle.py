"""The MIME bundle of a run: what one display of it holds, with and without a kernel, on every front end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..core.types import Json
from ..core.view import RunView
from . import clean, html, markdown, snapshot, text
from .rows import Blobs, blob, shown

MIME = "application/vnd.vnb.run+json"
VERSION = 1

LIMIT = 1_000_000
"""About the most bytes of the JSON in one bundle."""


def bundle(view: RunView, blobs: Blobs, now: float, live: Mapping[str, Json] | None = None) -> dict[str, Any]:
    """A run in every form that a front end may want: vnb's JSON, HTML without script, Markdown, text.

    Args:
        view: The run; it may change meanwhile.
        blobs: Where texts lie.
        now: Seconds since the epoch, until which running attempts last.
        live: What leads to the live panel while its kernel is there, such as `{"model_id": …}`.
    """
    return {
        MIME: document(view, blobs, now, live),
        "text/html": html.render(view, blobs, now),
        "text/markdown": markdown.render(view, blobs, now),
        "text/plain": text.render(view, blobs, now),
    }


def document(
    view: RunView, blobs: Blobs, now: float, live: Mapping[str, Json] | None = None, limit: int = LIMIT
) -> dict[str, Json]:
    """The run as one JSON object that can be rendered without a kernel.

    Its keys:
        version, run_id, seq, status, task, at: Which run it is, and when this was made.
        view: `RunView` as `vnb.core.codec` writes it.
        order: The steps' ids as they were announced: notebooks are saved with their keys sorted.
        omitted: What is missing in `view` for size: `alternatives`, `tokens`, `contexts`.
        blobs: Texts by digest; `cut` has the full length of those that are not whole.
        omitted_blobs: Digests that `view` names and `blobs` lacks.
        live: As it was given.
    """
    texts = _Texts(blobs, limit // 2)
    texts.add(view.output)
    steps = list(view.steps.values())
    for step in steps:
        texts.add(step.output)
    encoded, omitted = snapshot.bounded(view, limit - texts.used)
    texts.left = limit - texts.used - snapshot.size(encoded)
    attempts = [attempt for step in steps for attempt in list(step.attempts)]
    for attempt in attempts:
        texts.add(attempt.output)
    if "contexts" not in omitted:
        for attempt in [*filter(None, map(shown, steps)), *attempts]:
            for part in attempt.context.parts if attempt.context else ():
                texts.add(part.digest)
        for attempt in attempts:
            texts.add(attempt.prompt)
    encoded_steps = cast("dict[str, Json]", encoded.get("steps", {}))
    found: dict[str, Json] = {
        "version": VERSION,
        "run_id": view.run_id,
        "seq": encoded.get("seq", 0),
        "status": view.status,
        "task": clean.label(view.task.text),
        "at": round(now, 3),
        "view": encoded,
        "order": [*encoded_steps],
        "omitted": [*omitted],
        "blobs": {**texts.kept},
        "cut": {**texts.cut},
        "omitted_blobs": [*texts.omitted],
    }
    if live is not None:
        found["live"] = {**live}
    return found


class _Texts:
    """Blobs for as long as there is room: the first asked are the first kept."""

    def __init__(self, blobs: Blobs, room: int) -> None:
        self._blobs = blobs
        self.left = room
        self.used = 0
        self.kept: dict[str, str] = {}
        self.cut: dict[str, int] = {}
        self.omitted: dict[str, None] = {}

    def add(self, digest: str) -> None:
        """Takes the text behind `digest` in, shortened if it is long; counts it as omitted if there is no room."""
        if not digest or digest in self.kept:
            return
        found = blob(self._blobs, digest) if self.left > 0 else None
        kept = clean.unicode_text((found or "")[: clean.LONGEST])
        cost = snapshot.size(kept) + len(digest) + 4
        if found is None or cost > self.left:
            self.omitted[digest] = None
            return
        self.kept[digest] = kept
        self.omitted.pop(digest, None)
        if len(found) > clean.LONGEST:
            self.cut[digest] = len(found)
        self.left -= cost
        self.used += cost
