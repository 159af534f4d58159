"""A fake that answers as vLLM does: its tokenizer, token ids, log-probabilities, constraints."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from vnb.core.types import Message, Segment
from vnb.engines.scripted_tokens import SPECIAL, Pieces

from .fake import DONE, HOLD, Asked, Fake, Reply, chunk, says, usage

CONTEXT = 512
TEXT = "".join(f"word{i} 字😀 " for i in range(60))
# GPT-2's names of bytes that are no printable characters of Latin-1.
_SHOWN = [*range(33, 127), *range(161, 173), *range(174, 256)]
_NAMES = {byte: chr(byte) for byte in _SHOWN} | {
    byte: chr(256 + place) for place, byte in enumerate(one for one in range(256) if one not in _SHOWN)
}


class Vllm(Fake):
    """Tokens are those of `Pieces`, whose names are written as byte-level BPE writes them."""

    def __init__(self, version: str = "0.11.2") -> None:
        super().__init__(
            {
                "/v1/models": Reply(
                    {"data": [{"id": "fake", "owned_by": "vllm", "root": "org/fake", "max_model_len": CONTEXT}]}
                ),
                "/version": Reply({"version": version}),
                "/tokenize": self.tokenize,
                "/detokenize": lambda asked: Reply({"prompt": self._decode(asked.body["tokens"])}),
                "/v1/chat/completions": self._complete,
            }
        )
        self._pieces = Pieces()
        self._lock = threading.Lock()

    def _decode(self, ids: list[int]) -> str:
        with self._lock:
            return self._pieces.decode(ids)

    def _ids(self, body: Any) -> list[int]:
        with self._lock:
            if "prompt" in body:
                return list(self._pieces.encode(body["prompt"]))
            messages = [Message(one["role"], (Segment(one["content"]),)) for one in body["messages"]]
            return list(self._pieces.render(messages).token_ids)

    def tokenize(self, asked: Asked) -> Reply:
        ids = self._ids(asked.body)
        names = [_name(self._decode([one])) for one in ids]
        shown = {"token_strs": names} if asked.body.get("return_token_strs") else {}
        return Reply({"count": len(ids), "max_model_len": CONTEXT, "tokens": ids, **shown})

    def _complete(self, asked: Asked) -> Reply:
        return says(*self._stream(asked.body))

    def _stream(self, body: Any) -> Iterator[bytes]:
        content = body["messages"][-1]["content"]
        text = TEXT
        if "response_format" in body:
            text = '{"a": "x", "n": 3}'
        elif "regex" in body.get("structured_outputs", {}) or "guided_regex" in body:
            text = "123-abcd"
        for stop in body.get("stop", ()):
            text = text.partition(stop)[0]
        with self._lock:
            ids = self._pieces.encode(text)
        limit = body["max_tokens"]
        for place, one in enumerate(ids[:limit]):
            if place == 3 and content.startswith("on and on ") and content[10:].isdigit():
                yield HOLD  # these are cancelled or closed on the way
            piece = self._decode([one])
            logprobs = {"content": [_logprob(piece, body.get("top_logprobs", 0))]} if body.get("logprobs") else None
            yield chunk(piece, logprobs=logprobs, token_ids=[one])
        yield chunk(finish="length" if len(ids) > limit else "stop")
        yield usage(len(self._ids(body)), min(limit, len(ids)))
        yield DONE


def _name(piece: str) -> str:
    return piece if piece in SPECIAL else "".join(_NAMES[byte] for byte in piece.encode("utf-8", "surrogatepass"))


def _logprob(piece: str, top: int) -> dict[str, Any]:
    def one(text: str, logprob: float) -> dict[str, Any]:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    others = [one(f"~{rank}", -1.5 - rank) for rank in range(1, top)]
    return {**one(piece, -0.5), "top_logprobs": [one(piece, -0.5), *others][:top]}
