"""A loaded model: its generator, how that is renewed, and how the memory is given back."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import EngineError
from .queueing import PAGE
from .wording import FolderWording

CHUNK = 2048
"""Tokens of one step of prefill, during which the others wait."""
DRAFTED = 4
"""Tokens that are drafted ahead."""
STEP = 8
"""Tokens of one sequence in one decode step, at most (ExLlamaV2's `max_q_size`)."""


@dataclass(frozen=True)
class Sizes:
    """What is loaded, and how.

    Attributes:
        length: The longest sequence, whole pages, drafted tokens included.
        slots: The most sequences in one step.
        tokens: Tokens of the KV cache, whole pages.
        kv: The cache's type, one of `fp16`, `q8`, `q6`, `q4`.
        split: GB of weights for each GPU; `None` fills one after the other.
        tp: Tensor-parallel.
        reserve: GB of each GPU that stay free.
        attention: `sdpa`, or flash-attn with its version.
    """

    length: int
    slots: int
    tokens: int
    kv: str = "fp16"
    split: tuple[float, ...] | None = None
    tp: bool = False
    reserve: float | None = None
    attention: str = "sdpa"

    @property
    def chunk(self) -> int:
        """Tokens of one step of prefill; whole pages, and room for a step of all slots."""
        room = -(-STEP * self.slots // PAGE) * PAGE
        return max(min(CHUNK, self.length // PAGE * PAGE), room)


@dataclass(eq=False)
class Loaded:
    """A model in GPU memory with its cache and its generator.

    Attributes:
        drafted: Tokens that are drafted ahead; 0 without drafting.
        draft: The draft model and its cache.
        tower: What makes embeddings of images, where the model has one.
    """

    sizes: Sizes
    wording: FolderWording
    model: Any
    cache: Any
    tokenizer: Any
    drafted: int = 0
    draft: tuple[Any, Any] | None = None
    tower: Any = None
    loras: list[Any] = field(default_factory=list)
    generator: Any = None

    def renew(self) -> None:
        """A new generator with an empty page table on the same weights and cache."""
        from exllamav2.generator import ExLlamaV2DynamicGenerator

        self.end_generator()
        model, cache = self.draft or (None, None)
        self.generator = ExLlamaV2DynamicGenerator(
            model=self.model,
            cache=self.cache,
            tokenizer=self.tokenizer,
            max_batch_size=self.sizes.slots,
            max_seq_len=self.sizes.length,
            max_chunk_size=self.sizes.chunk,
            max_q_size=STEP,
            draft_model=model,
            draft_cache=cache,
            use_ngram_draft=bool(self.drafted) and self.draft is None,
            num_draft_tokens=DRAFTED,
        )
        self.generator.set_loras(self.loras or None)

    def pieces(self) -> Sequence[str]:
        """The text of each token, special ones included."""
        found: Sequence[str] = self.tokenizer.get_id_to_piece_list(True)
        return found

    def apply(self, folders: Sequence[Path]) -> None:
        """Puts these LoRAs in the place of those before. What is cached was computed without them, so it goes.

        Raises:
            EngineError: One cannot be loaded; then none is applied.
        """
        from exllamav2 import ExLlamaV2Lora

        for lora in self.loras:
            lora.unload()
        self.loras = []
        fault = ""
        for folder in folders:
            try:
                self.loras.append(ExLlamaV2Lora.from_directory(self.model, str(folder)))
            except (OSError, ValueError, KeyError, AssertionError) as error:
                fault = f"The LoRA {folder} cannot be loaded: {error}."
                for lora in self.loras:
                    lora.unload()
                self.loras = []
                break
        self.generator.set_loras(self.loras or None)
        self.generator.reset_page_table()
        if fault:
            raise EngineError(fault, "Give a folder with adapter_config.json and adapter_model.safetensors.")

    def try_out(self) -> None:
        """One full step of prefill and a token, so that memory that is short shows now and not in a run."""
        import torch
        from exllamav2.generator import ExLlamaV2DynamicJob, ExLlamaV2Sampler

        length = min(self.sizes.chunk, self.sizes.length - self.drafted - 1)
        ids = torch.zeros((1, length), dtype=torch.long)
        greedy = ExLlamaV2Sampler.Settings.greedy()
        self.generator.enqueue(ExLlamaV2DynamicJob(ids, 1 + self.drafted, gen_settings=greedy))
        while self.generator.num_remaining_jobs():
            self.generator.iterate()
        self.generator.reset_page_table()

    def unload(self) -> None:
        """Gives the memory back: LoRAs, then models, then all that refers to them."""
        for lora in self.loras:
            lora.unload()
        self.loras = []
        self.end_generator()
        for model in [self.model, self.tower, *(self.draft or ())[:1]]:
            if model is not None:
                model.unload()
        self.model = self.cache = self.tokenizer = self.draft = self.tower = None
        free_memory()

    def end_generator(self) -> None:
        """Drops the generator and its threads; `renew` makes another."""
        if self.generator is not None:
            for pool in (self.generator.sampling_pool, self.generator.filter_pool):
                pool.shutdown(wait=False)
            self.generator = None


def free_memory() -> None:
    """Gives back what nothing refers to; raises torch's own error where the GPU's state is broken."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        torch.cuda.empty_cache()


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory was short."""
    return type(error).__name__ == "OutOfMemoryError" or any(
        words in str(error) for words in ("out of memory", "Insufficient VRAM", "Insufficient space")
    )


def as_error(error: BaseException, what: str) -> BaseException:
    """The error with a name and a next step; what vnb or the user raised stays as it is."""
    if isinstance(error, EngineError) or not isinstance(error, Exception):
        return error
    if out_of_memory(error):
        return EngineError(f"{what}: the GPU's memory is short.", "Lower --ctx or --parallel, or try --kv q4.")
    return EngineError(f"{what}: {first_line(error)}")


def first_line(error: BaseException) -> str:
    """An error in one line, with its type."""
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
