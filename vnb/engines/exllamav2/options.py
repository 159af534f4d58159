"""What the user may choose, and what it comes to for one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ...errors import EngineError, UsageError
from .folder import KV_BITS, Folder
from .loaded import DRAFTED, STEP, Sizes
from .queueing import PAGE, pages_for

CONTEXT = 4096  # tokens of one request, unless said otherwise
PARALLEL = 4  # whole contexts that the KV cache holds
BATCH = 8
NGRAM = "ngram"


@dataclass(frozen=True)
class Options:
    """The options of `%vmodel FOLDER`.

    Attributes:
        ctx: The most tokens of one request; by default what the model was trained for, at most 4096.
        parallel: How many requests of full length the KV cache holds.
        max_batch: How many requests decode together while their pages fit; by default `parallel`, or 8.
        kv: Type of the KV cache: fp16, q8, q6 or q4.
        gpu_split: `auto`, or GB of weights for each GPU: `20,24`.
        tp: Tensor-parallel over all GPUs.
        draft: A folder with a small model of the same vocabulary, or `ngram`: tokens are drafted ahead.
        loras: Folders of LoRAs.
        reserve: GB of each GPU that stay free.
    """

    ctx: int | None = None
    parallel: int | None = None
    max_batch: int | None = None
    kv: str = "fp16"
    gpu_split: str = "auto"
    tp: bool = False
    draft: str = ""
    loras: tuple[str, ...] = ()
    reserve: float | None = None

    @classmethod
    def of(
        cls,
        lora: str | Sequence[str] = (),
        gpu_split: str | Sequence[float] = "auto",
        draft: object = "",
        **others: Any,
    ) -> Options:
        """From what was typed: one LoRA or several, a split as text or as numbers, folders as texts or paths."""
        loras = (str(lora),) if isinstance(lora, (str, PurePath)) else tuple(map(str, lora))
        split = gpu_split if isinstance(gpu_split, str) else ",".join(map(str, gpu_split))
        return cls(loras=loras, gpu_split=split, draft=str(draft), **others)

    @property
    def drafted(self) -> int:
        """Tokens that are drafted ahead."""
        return DRAFTED if self.draft else 0

    @property
    def has_draft_model(self) -> bool:
        return self.draft not in ("", NGRAM)

    def sizes(self, folder: Folder, spec: str, attention: str, reason: str) -> Sizes:
        """What is loaded of this folder.

        Args:
            attention: The one that will run, and the `reason` if that is not flash-attn.

        Raises:
            UsageError: An option makes no sense.
            EngineError: It does not suit the model or the machine.
        """
        trained = folder.trained_context
        if self.ctx and trained and self.ctx > trained:
            raise EngineError(
                f"{folder.path.name} was trained for {trained} tokens, not {self.ctx}.",
                f"%vmodel {spec} --ctx {trained}",
            )
        if self.kv not in KV_BITS:
            raise UsageError(f"--kv must be one of {', '.join(KV_BITS)}, not {self.kv!r}.", f"%vmodel {spec} --kv q8")
        if self.kv != "fp16" and folder.head_dim % 32:
            raise EngineError(
                f"--kv {self.kv} needs heads of a multiple of 32 elements; {folder.path.name} has {folder.head_dim}.",
                f"%vmodel {spec} --kv fp16",
            )
        if self.reserve is not None and self.reserve < 0:
            raise UsageError(f"--reserve must be 0 GB or more, not {self.reserve:g}.", f"%vmodel {spec} --reserve 1")
        if self.tp and attention == "sdpa":
            raise EngineError(
                f"--tp needs flash-attn: {reason}.", "Leave out --tp: layers are then split by --gpu-split."
            )
        context = self.ctx or min(trained or CONTEXT, CONTEXT)
        length = pages_for(context + self.drafted) * PAGE
        if trained:
            length = min(length, max(PAGE, trained // PAGE * PAGE))
        slots = self.max_batch or self.parallel or BATCH
        if slots * STEP > length:
            raise UsageError(
                f"{slots} requests at once are more than a context of {context} allows.",
                f"%vmodel {spec} --max-batch {length // STEP}",
            )
        return Sizes(
            length=length,
            slots=slots,
            tokens=pages_for(context + self.drafted) * PAGE * (self.parallel or min(slots, PARALLEL)),
            kv=self.kv,
            split=self._split(spec),
            tp=self.tp,
            reserve=self.reserve,
            attention=attention,
        )

    def context(self, folder: Folder, sizes: Sizes) -> int:
        """The most tokens of one request; what is drafted must fit, too."""
        return min(self.ctx or min(folder.trained_context or CONTEXT, CONTEXT), sizes.length - self.drafted)

    def _split(self, spec: str) -> tuple[float, ...] | None:
        if self.gpu_split == "auto":
            return None
        try:
            split = tuple(float(gb) for gb in self.gpu_split.split(","))
        except ValueError:
            split = ()
        if not split or min(split) <= 0:
            raise UsageError(
                f"--gpu-split must be auto or GB for each GPU, not {self.gpu_split!r}.",
                f"%vmodel {spec} --gpu-split 20,24",
            )
        return split
