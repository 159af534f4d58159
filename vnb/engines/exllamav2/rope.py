"""RoPE keys: transformers 5 writes `rope_parameters`; ExLlamaV2 knows `rope_theta` and `rope_scaling` only.

It would read such a checkpoint without a word and run it with a base of 10,000.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import EngineError

NEW = "rope_parameters"
BESIDE = ("rope_theta", "partial_rotary_factor")  # what stands beside the scaling in the old layout, inside in the new


def has_new_keys(config: Mapping[str, Any]) -> bool:
    """Whether a `config.json` says its RoPE in a way that ExLlamaV2 overlooks."""
    return any(isinstance(part.get(NEW), Mapping) for part in _parts(config))


def with_old_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    """The same `config.json` in the old keys.

    Raises:
        EngineError: The layers differ in their RoPE, which the old keys cannot say.
    """
    changed = dict(config)
    if isinstance(changed.get("text_config"), Mapping):
        changed["text_config"] = with_old_keys(changed["text_config"])
    said = changed.pop(NEW, None)
    if not isinstance(said, Mapping):
        return changed
    if any(isinstance(value, Mapping) for value in said.values()):
        raise EngineError(
            "This checkpoint has a RoPE of its own for some layers (rope_parameters), which ExLlamaV2 cannot read.",
            "Use a checkpoint that was written by transformers 4, or a quantized copy of it.",
        )
    scaling = {key: value for key, value in said.items() if key not in BESIDE}
    for key in BESIDE:
        if key in said:
            changed.setdefault(key, said[key])
    original = scaling.get("original_max_position_embeddings")
    if original is not None:
        changed.setdefault("original_max_position_embeddings", original)
    if scaling.get("rope_type", scaling.get("type", "default")) != "default":
        changed.setdefault("rope_scaling", scaling)
    return changed


@contextlib.contextmanager
def readable(folder: Path, config: Mapping[str, Any]) -> Iterator[Path]:
    """A folder that ExLlamaV2 reads rightly: the same, or for a while one of links to it with the old keys."""
    if not has_new_keys(config):
        yield folder
        return
    place = Path(tempfile.mkdtemp(prefix="vnb-rope-"))
    try:
        link_to(folder, config, place)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def link_to(folder: Path, config: Mapping[str, Any], place: Path) -> None:
    """Fills `place` with links to the files of `folder`, and with a `config.json` in the old keys."""
    rewritten = with_old_keys(config)
    place.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        target = place / file.name
        if file.is_file() and file.name != "config.json" and not target.exists():
            _link(file.resolve(), target)
    (place / "config.json").write_text(json.dumps(rewritten), encoding="utf-8")


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source)
    except OSError:  # Windows, for users without the right to
        os.link(source, target)


def _parts(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield config
    text = config.get("text_config")
    if isinstance(text, Mapping):
        yield text
