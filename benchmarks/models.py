"""The random-weight model that is measured: 40M parameters, made on the spot, the same every time."""

from __future__ import annotations

import random
from pathlib import Path

from .random_model import WORDS, write_random_llama


def said(quick: bool) -> str:
    """What the model is, in words."""
    return f"{'0.3' if quick else '40'}M parameters, Q8_0, random weights"


def write(folder: Path, quick: bool = False, profile: str = "", quant: str = "Q8_0") -> Path:
    """Writes the model into a folder; with `quick` one that is as small as can be."""
    path = folder / f"random{profile and '-' + profile}-{quant}.gguf"
    size = {"hidden": 64, "layers": 2, "heads": 4, "kv_heads": 2, "vocab": 2048}
    if not quick:
        size = {"hidden": 512, "layers": 8, "heads": 8, "kv_heads": 4, "vocab": 8192}
    if not path.exists():
        write_random_llama(path, **size, quant=quant, profile=profile, context=8192)  # type: ignore[arg-type]
    return path


def words(count: int, seed: object) -> str:
    """Text of so many words, each of which is one token of the random model."""
    chance = random.Random(str(seed))
    return " ".join(chance.choice(WORDS) for _ in range(count))
