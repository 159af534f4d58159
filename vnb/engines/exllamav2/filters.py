"""What looks at the logits before a token is drawn: a recorder of log-probabilities, and a grammar.

ExLlamaV2 calls its filters in order: `begin`, then for each token `mask_logits` and `feed`. While the GPU computes, it
prepares masks in threads; all filters of a request must allow that, or none.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import llguidance
import torch
from exllamav2.generator.filters import ExLlamaV2Filter

from ...errors import EngineError
from .wording import FolderWording

Choice = tuple[float, tuple[tuple[int, float], ...]]
"""A token's log-probability, and the most probable tokens with theirs, best first."""


class _Masking(ExLlamaV2Filter):  # type: ignore[misc]
    def use_background_worker(self) -> bool:
        return True

    def can_mask_logits(self) -> bool:
        return True

    def begin(self, prefix: str) -> None:
        pass

    def prepare_logit_mask(self) -> bool:
        return True


class Recorder(_Masking):
    """Notes log-probabilities as the model has them: before the grammar, temperature and truncation.

    Args:
        size: Tokens of the vocabulary; logits behind are padding.
        top: How many alternatives are kept.
    """

    def __init__(self, model: Any, tokenizer: Any, size: int, top: int) -> None:
        super().__init__(model, tokenizer)
        self._size, self._top = size, top
        self._logprobs: Any = None
        self.choices: deque[Choice] = deque()

    def mask_logits(self, logits: Any) -> Any:
        self._logprobs = torch.log_softmax(logits[: self._size].float(), -1)
        return logits

    def feed(self, token: Any) -> None:
        best = torch.topk(self._logprobs, min(self._top, self._size)) if self._top else None
        top = tuple(zip(best.indices.tolist(), best.values.tolist())) if best is not None else ()
        self.choices.append((float(self._logprobs[int(token)]), top))


class Grammar(_Masking):
    """Leaves only what keeps the output within a grammar of llguidance.

    A fault in the grammar must not end the other requests: it is kept in `fault`, and only end tokens are left.
    """

    def __init__(self, model: Any, tokenizer: Any, wording: FolderWording, grammar: str) -> None:
        super().__init__(model, tokenizer)
        self.fault = ""
        self._ends = list(wording.ends)
        self._size = wording.grammar.vocab_size
        self._matcher = llguidance.LLMatcher(wording.grammar, grammar)
        error = self._matcher.get_error()
        if error:
            raise EngineError(
                f"The engine does not understand the constraint: {error.splitlines()[0]}", "Make it simpler."
            )
        self._mask: Any = None
        self._bits = torch.arange(32, dtype=torch.int32)

    def prepare_logit_mask(self) -> bool:
        self._mask = torch.frombuffer(bytearray(self._matcher.compute_bitmask()), dtype=torch.int32)
        self.fault = self.fault or self._matcher.get_error()
        return True

    def mask_logits(self, logits: Any) -> Any:
        allowed = torch.zeros(logits.shape, dtype=torch.bool)
        size = min(self._size, logits.shape[0])
        allowed[:size] = ((self._mask[:, None] >> self._bits) & 1).bool().flatten()[:size]
        if self.fault or not bool(allowed.any()):
            allowed[self._ends] = True
        return logits.masked_fill_(~allowed, float("-inf"))

    def feed(self, token: Any) -> None:
        if not self.fault and not self._matcher.is_stopped():
            self._matcher.consume_token(int(token))
            self.fault = self._matcher.get_error()
