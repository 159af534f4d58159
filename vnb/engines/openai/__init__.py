"""Any OpenAI-compatible server (vLLM, TabbyAPI, llama-server, Ollama, LM Studio, …), spoken to by chat completions."""

from .address import Address, read_address
from .engine import OpenAIEngine

__all__ = ["Address", "OpenAIEngine", "read_address"]
