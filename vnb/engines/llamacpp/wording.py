"""The server's tokenizer and chat template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..prompts import Pieces
from ..think_first import template_settings

Ask = Callable[[str, dict[str, Any]], Any]


class ServerWording:
    """Asks the server.

    Args:
        ask: Posts a body to a path of the server.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def apply(self, messages: Sequence[tuple[str, str]], think: str) -> str:
        body = {
            "messages": [{"role": role, "content": content} for role, content in messages],
            "chat_template_kwargs": template_settings(think),
        }
        return str(self._ask("/apply-template", body)["prompt"])

    def opening(self) -> Pieces:
        return self._pieces({"content": "", "add_special": True})

    def pieces(self, text: str, special: bool) -> Pieces:
        return self._pieces({"content": text, "add_special": False, "parse_special": special})

    def count(self, text: str) -> int:
        return len(self._ask("/tokenize", {"content": text, "parse_special": False})["tokens"])

    def detokenize(self, ids: Sequence[int]) -> str:
        return str(self._ask("/detokenize", {"tokens": list(ids)})["content"])

    def _pieces(self, body: dict[str, Any]) -> Pieces:
        tokens = self._ask("/tokenize", {**body, "with_pieces": True})["tokens"]
        ids = tuple(int(t["id"]) for t in tokens)
        raw = tuple(p.encode() if isinstance(p := t["piece"], str) else bytes(p) for t in tokens)
        return ids, raw
