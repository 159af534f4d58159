"""The CPU engine: quantized GGUF models through llama.cpp, inside this process (package `xllamacpp`)."""

from .engine import LlamaCppEngine

__all__ = ["LlamaCppEngine"]
