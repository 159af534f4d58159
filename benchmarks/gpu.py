"""The GPU engine beside ExLlamaV2's own generator and a plain transformers loop, on weights made on the spot.

    python -m benchmarks.gpu --save                    # all cases on the 1B shape
    python -m benchmarks.gpu --shape 8b --cases vnb raw --batches 1 8 32
    python -m benchmarks.gpu --model ./my-exl2-model   # weights of your own

Each case runs in a process of its own, with the card to itself: `vnb` through the engine, `raw` through the dynamic
generator as its authors show it, `transformers` one prompt after the other without reuse, `reuse` eight requests with a
common prefix of 1,024 tokens and without one, `kv` each type of the cache, `sdpa` without flash-attn. All draw greedily,
answers have a fixed length, and every round has new prompts. The first round of each case is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.shapes import SHAPES, write_llama
from vnb.core.types import Prompt, Sampling
from vnb.engines.base import Prefilled, Stopped
from vnb.engines.exllamav2 import ExLlamaV2Engine, Options

RESULTS = Path(__file__).parent / "results"
CASES = ("vnb", "raw", "transformers", "reuse", "kv", "sdpa")
SHARED = 1024
Row = dict[str, Any]


def prompts(count: int, length: int, round_: int, shared: int = 0) -> list[list[int]]:
    """Ids that no other round has; the first `shared` of them are the same within the round."""

    def drawn(name: str, size: int) -> list[int]:
        chance = random.Random(f"{round_} {name}")
        return [chance.randrange(5, 2560) for _ in range(size)]

    head = drawn("head", shared)
    return [head + drawn(str(number), length - shared) for number in range(count)]


def row(case: str, batch: int, seconds: Sequence[float], first: Sequence[float], **more: Any) -> Row:
    """A line of the table: tokens a second of all together, and the time to the first token; medians over the rounds.

    Args:
        seconds: Of each round, by its new tokens.
        first: Seconds to the first token of each answer.
    """
    return {
        "case": case,
        "batch": batch,
        "tokens/s": round(1 / statistics.median(seconds), 1),
        "TTFT ms": round(1000 * statistics.median(first), 1) if first else "",
        **more,
    }


# -------------------------------------------------------------------- one case, in its own process


async def through_vnb(
    model: Path, args: argparse.Namespace, case: str, batch: int, kv: str = "fp16", shared: int = 0
) -> Row:
    """`batch` requests at once through the engine."""
    length = args.prompt + (SHARED if case.startswith("reuse") else 0)
    options = Options(ctx=length + args.tokens, parallel=batch, kv=kv)
    engine = await ExLlamaV2Engine.load(model, options)
    sampling = Sampling(temperature=0, max_tokens=args.tokens, stop=())
    first: list[float] = []
    cached: list[float] = []
    seconds: list[float] = []
    tokens: list[int] = []

    async def one(ids: Sequence[int]) -> int:
        async for event in engine.generate(Prompt((), "", tuple(ids)), sampling):
            if isinstance(event, Prefilled):
                first.append(event.t_queue + event.t_prefill)
                cached.append(event.cached_tokens / event.prompt_tokens)
            if isinstance(event, Stopped):
                return event.usage.new_tokens
        raise AssertionError("the answer has no end")

    try:
        for round_ in range(args.rounds + 1):
            asked = prompts(batch, length, round_, shared)
            begun = time.perf_counter()
            made = await asyncio.gather(*(one(ids) for ids in asked))
            seconds.append((time.perf_counter() - begun) / sum(made))
            tokens.append(sum(made))
    finally:
        await engine.close()
    details = dict(engine.info.details)
    found = row(case, batch, seconds[1:], first[batch:], kv=kv, engine=details["engine"])
    return found | {"cached %": round(100 * statistics.median(cached[batch:])), "tokens": tokens[-1]}


def through_the_generator(model: Path, args: argparse.Namespace, batch: int) -> Row:
    """`batch` jobs at once in the dynamic generator, as its authors show it, on the same sizes."""
    from vnb.engines.exllamav2 import preflight
    from vnb.engines.exllamav2.loading import bring_in

    machine = preflight.survey()
    preflight.check(machine)
    attention = preflight.attention(machine)[0]
    bring_in(attention)
    import exllamav2
    import torch
    from exllamav2.generator import ExLlamaV2DynamicGenerator, ExLlamaV2DynamicJob, ExLlamaV2Sampler

    length = -(-(args.prompt + args.tokens) // 256) * 256
    config = exllamav2.ExLlamaV2Config(str(model))
    config.max_seq_len, config.max_input_len, config.no_flash_attn = length, min(2048, length), False
    weights = exllamav2.ExLlamaV2(config)
    cache = exllamav2.ExLlamaV2Cache(weights, max_seq_len=length * batch, lazy=True)
    weights.load_autosplit(cache)
    tokenizer = exllamav2.ExLlamaV2Tokenizer(config)
    generator = ExLlamaV2DynamicGenerator(weights, cache, tokenizer, max_batch_size=batch)
    seconds, first, made = [], [], 0
    for round_ in range(args.rounds + 1):
        begun, made = time.perf_counter(), 0
        for ids in prompts(batch, args.prompt, round_):
            greedy = ExLlamaV2Sampler.Settings.greedy()
            generator.enqueue(
                ExLlamaV2DynamicJob(torch.tensor([ids]), args.tokens, gen_settings=greedy, stop_conditions=[4])
            )
        while generator.num_remaining_jobs():
            for result in generator.iterate():
                if result["eos"]:
                    made += result["new_tokens"]
                    first.append(result["time_enqueued"] + result["time_prefill"])
        seconds.append((time.perf_counter() - begun) / made)
    return row("raw", batch, seconds[1:], first[batch:], kv="fp16", engine=f"attention by {attention}", tokens=made)


def through_transformers(model: Path, args: argparse.Namespace, batch: int) -> Row:
    """`batch` prompts one after the other, as a plain notebook does it."""
    import torch
    import transformers

    weights = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float16).to(args.device).eval()
    seconds, made = [], 0
    for round_ in range(args.rounds + 1):
        begun, made = time.perf_counter(), 0
        for ids in prompts(batch, args.prompt, round_):
            asked = torch.tensor([ids], device=args.device)
            with torch.inference_mode():
                out = weights.generate(
                    asked,
                    attention_mask=torch.ones_like(asked),
                    max_new_tokens=args.tokens,
                    do_sample=False,
                    pad_token_id=0,
                )
            made += out.shape[1] - len(ids)
        seconds.append((time.perf_counter() - begun) / made)
    engine = f"transformers {transformers.__version__}"
    return row("transformers", batch, seconds[1:], [], kv="fp16", engine=engine, tokens=made)


def carry(case: str, model: Path, args: argparse.Namespace, batch: int) -> list[Row]:
    """The rows of one case."""
    if case == "raw":
        return [through_the_generator(model, args, batch)]
    if case == "transformers":
        return [through_transformers(model, args, batch)]
    if case == "reuse":
        ways = (("reuse on", SHARED), ("reuse off", 0))
        return [asyncio.run(through_vnb(model, args, name, batch, shared=shared)) for name, shared in ways]
    if case == "kv":
        return [asyncio.run(through_vnb(model, args, "kv", batch, kv)) for kv in ("fp16", "q8", "q6", "q4")]
    return [asyncio.run(through_vnb(model, args, case, batch))]


# -------------------------------------------------------------------- all cases


def apart(case: str, model: Path, args: argparse.Namespace, batch: int) -> list[Row]:
    """One case in a process of its own; what it could not do is a row, too."""
    sizes = ["--prompt", args.prompt, "--tokens", args.tokens, "--rounds", args.rounds, "--device", args.device]
    command = [sys.executable, "-m", "benchmarks.gpu", "--model", model, "--one", case, "--batches", batch, *sizes]
    environment = os.environ | ({"EXLLAMA_NO_FLASH_ATTN": "1"} if case == "sdpa" else {})
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()] or ["it ended without a word"]
        return [{"case": case, "batch": batch, "engine": f"failed: {words[-1][:120]}"}]
    found: list[Row] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    heads = ("case", "batch", "kv", "tokens/s", "TTFT ms", "cached %", "tokens", "engine")
    lines = [heads, tuple("-" for _ in heads), *(tuple(str(one.get(head, "")) for head in heads) for one in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="1b", help="random weights of this shape")
    parser.add_argument("--model", type=Path, help="a folder of weights instead")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8, 32], help="of vnb and raw; the others run 8")
    parser.add_argument("--prompt", type=int, default=512, help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=128, help="tokens of an answer, at most")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="cuda", help="of the transformers loop")
    parser.add_argument("--save", action="store_true", help=f"write the table and the rows to {RESULTS}")
    parser.add_argument("--one", choices=CASES, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    args = arguments(words)
    if args.one:
        print(json.dumps(carry(args.one, args.model, args, args.batches[0])))
        return
    with tempfile.TemporaryDirectory(prefix="vnb-gpu-") as made:
        device = "cuda" if args.device.startswith("cuda") else "cpu"
        model = args.model or write_llama(Path(made) / args.shape, SHAPES[args.shape], device=device)
        rows: list[Row] = []
        for case in args.cases:
            for batch in args.batches if case in ("vnb", "raw") else [8]:
                rows += apart(case, model, args, batch)
                print(table(rows[-1:]).splitlines()[-1], flush=True)
    name = args.model.name if args.model else args.shape
    print(f"\n{table(rows)}")
    if args.save:
        file = RESULTS / f"gpu-{name}-{date.today()}"
        file.with_suffix(".json").write_text(json.dumps({"arguments": sys.argv[1:], "rows": rows}, indent=1) + "\n")
        file.with_suffix(".md").write_text(table(rows) + "\n")


if __name__ == "__main__":
    main()
