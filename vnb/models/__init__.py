"""vnb-tiny, the model that comes with vnb: its file and the digest that the file must have."""

from __future__ import annotations

from pathlib import Path

TINY = Path(__file__).parent / "vnb-tiny-q8_0.gguf"
"""The weights, quantized to 8 bits; `README.md` beside them is the model card."""

TINY_DIGEST = "25a42eb56bebd58fb442886b4d6e845d"
"""What `vnb.core.digest.digest_bytes` makes of the file's bytes: corrupt weights load silently, so compare before use."""
