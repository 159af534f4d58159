"""The GPU engine: EXL2-quantized models through ExLlamaV2's dynamic generator, over a paged KV cache."""

from .engine import ExLlamaV2Engine
from .options import Options

__all__ = ["ExLlamaV2Engine", "Options"]
