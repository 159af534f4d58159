"""A run with parallel steps beside the plain loop that one would write: the same prompts, one after the other.

The run: eight steps over a shared document, and a ninth that reads all of their results. Ways, in turn:

* vnb: `vnb.task(…, plan=…).run()`, with everything that it keeps;
* llama.cpp, a loop: the same GGUF file and prompts, one call at a time, nothing reused;
* llama.cpp, a loop that reuses: the same with the engine's own prefix cache, as its server does by default;
* transformers, a loop: the same weights in 32 bits, `generate` for one prompt at a time.

All draw with temperature 1 from the 40 most probable tokens; answers have a fixed length. Every round has a new document.
"""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Plan, Step

from . import models
from .tables import Scale, Spread, Table

STEPS = 8


def plan() -> Plan:
    """The steps, and one that waits for all of them."""
    steps = [Step(f"s{number}", f"Write part {number} of the article") for number in range(1, STEPS + 1)]
    last = Step(f"s{STEPS + 1}", "Write the summary", tuple(step.id for step in steps))
    return Plan((*steps, last))


class Loops:
    """One model, asked one prompt after the other."""

    def __init__(self, engine: Any, path: Path, new: int) -> None:
        self.server, self.path, self.new = engine._server._live.server, path, new
        self.hf: Any = None

    def llama(self, prompts: Sequence[Sequence[int]], reuse: bool) -> None:
        """Each prompt in one streaming call."""
        for ids in prompts:
            body = {"prompt": list(ids), "max_tokens": self.new, "stream": True, "cache_prompt": reuse}
            events: list[Any] = []
            self.server.handle_completions(body | {"temperature": 1.0, "top_k": 40}, events.append)
            drawn = max(event.get("timings", {}).get("predicted_n", 0) for event in events)
            assert drawn == self.new, "all answers must have the same length"

    def transformers(self, prompts: Sequence[Sequence[int]]) -> None:
        """Each prompt by `generate`."""
        import torch

        if self.hf is None:
            from transformers import AutoModelForCausalLM

            made = AutoModelForCausalLM.from_pretrained(
                str(self.path.parent), gguf_file=self.path.name, dtype="float32"
            )
            self.hf = made.eval()
        with torch.inference_mode():
            for ids in prompts:
                self.hf.generate(
                    torch.tensor([list(ids)]),
                    attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                    do_sample=True,
                    temperature=1.0,
                    top_k=40,
                    min_new_tokens=self.new,
                    max_new_tokens=self.new,
                    pad_token_id=0,
                )


def has_transformers() -> bool:
    """Whether transformers can load a GGUF file here."""
    return all(importlib.util.find_spec(name) for name in ("torch", "transformers", "accelerate", "gguf"))


def measure(scale: Scale) -> list[Table]:
    """Seconds of the whole, and how often vnb's go into those of the others."""
    document, new = (40, 8) if scale.quick else (512, 64)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = models.write(folder, scale.quick)
        runtime = Runtime(folder / "runs.sqlite")
        engine: Any = runtime.load(str(path), ctx=2048, parallel=STEPS, threads=scale.threads)
        loops = Loops(engine, path, new)
        if scale.threads and has_transformers():
            import torch

            torch.set_num_threads(scale.threads)

        def run(turn: int) -> Any:
            sampling = {"temperature": 1.0, "top_k": 40, "max_tokens": new}
            text = models.words(document, turn)
            return draft(runtime, f"Write an article. {text}", plan=plan(), reuse="off", seed=turn, **sampling).run()

        ways: dict[str, Callable[[list[Any]], object]] = {
            "llama.cpp, a loop": lambda prompts: loops.llama(prompts, reuse=False),
            "llama.cpp, a loop that reuses": lambda prompts: loops.llama(prompts, reuse=True),
        }
        if has_transformers():
            ways["transformers, a loop"] = loops.transformers
        made = run(-1)
        warm = prompts_of(made)[:1]
        for way in ways.values():
            way(warm)
        seconds: dict[str, list[float]] = {"vnb": [], **{way: [] for way in ways}}
        for turn in range(scale.rounds):
            prompts = prompts_of(made)
            for way in seconds if turn % 2 else reversed(seconds):
                own = unseen(prompts, list(seconds).index(way))
                begun = time.perf_counter()
                if way == "vnb":
                    made = run(turn)
                else:
                    ways[way](own)
                seconds[way].append(time.perf_counter() - begun)
        tokens = (STEPS + 1) * new
        sent = sum(map(len, prompts))
        threads = dict(engine.info.details)["threads"]
        runtime.close()
    about = f"{STEPS} steps over a document of {document} tokens and one that reads their results: {sent:,} prompt tokens are "
    about += f"sent, {tokens} come back. {models.said(scale.quick)}; {threads} threads."
    table = Table(
        "Parallel steps beside a plain loop",
        ["way", "seconds", "output tokens a second", "times vnb's seconds"],
        notes=[about],
    )
    for way, times in seconds.items():
        ratios = [other / own for other, own in zip(times, seconds["vnb"], strict=True)]
        table.add(way, Spread.of(times), Spread.of([tokens / one for one in times]), Spread.of(ratios))
    if not has_transformers():
        table.notes.append("transformers is absent: `pip install -r benchmarks/requirements.txt`.")
    return [table]


def prompts_of(run: Any) -> list[list[int]]:
    """The token ids that the run's steps were sent."""
    return [list(run[f"s{number}"].attempts[0].prompt.token_ids) for number in range(1, STEPS + 2)]


def unseen(prompts: Sequence[Sequence[int]], by: int) -> list[list[int]]:
    """The prompts with each word moved by so many places in the vocabulary: as long, and in no cache."""
    return [[one + by if 300 < one < 2000 else one for one in ids] for ids in prompts]
