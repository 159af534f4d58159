"""vnb-tiny, the model that comes with vnb: its file, the digest that the file must have, and tasks to try it on."""

from __future__ import annotations

from pathlib import Path

TINY = Path(__file__).parent / "vnb-tiny-q8_0.gguf"
"""The weights, quantized to 8 bits; `README.md` beside them is the model card."""

TINY_DIGEST = "5abe054d1021a0d6ff3d45dd289e37a4"
"""What `vnb.core.digest.digest_bytes` makes of the file's bytes: corrupt weights load silently, so compare before use."""

HELD_OUT = Path(__file__).parent / "held_out.jsonl"
"""Tasks with answers for `vnb.evaluate`, of compositions that no training text held; `train/questions.py` makes them."""
