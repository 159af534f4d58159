"""What vnb costs beside the engine alone, and what decoding together gains, on a random-weight model made on the spot.

    python -m benchmarks.overhead --rounds 10 --save

Two ways to answer the same eight prompts, in turn, so that a noisy machine hurts both alike:

* vnb: a plan of eight independent steps through `vnb.task(…, plan=…).run()`: contexts, events on disk, fold, all of it;
* direct: eight threads, each with one streaming call on the very same loaded server, with the same token ids, sampling,
  log-probabilities and slots, and a callback that only keeps what comes.

Every round has new prompts, so neither finds anything in the KV cache. Times are taken per decoded token, since a model
may end an answer early; a round's ratio is vnb's time over the direct one's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import vnb
from benchmarks.random_model import write_random_llama
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Sampling
from vnb.engines.llamacpp.request import body_of
from vnb.models import TINY

STEPS = 8
WORDS = "the of and to in is that for it as was with be by on not he his but at are this have from or had".split()
RESULTS = Path(__file__).parent / "results"


def plan_text(steps: int, length: int) -> str:
    """A plan of independent steps, each with an instruction of `length` words of its own."""
    return "\n".join(
        f"s{number}: {' '.join(WORDS[(number * 7 + word * (number + 3)) % len(WORDS)] for word in range(length))}"
        for number in range(1, steps + 1)
    )


class Rig:
    """One loaded model, driven both ways."""

    def __init__(self, path: str, folder: Path, tokens: int, threads: int | None, sampling: Sampling) -> None:
        self.runtime = Runtime(folder / "runs.sqlite")
        self.engine: Any = self.runtime.load(path, ctx=512, parallel=STEPS, threads=threads)
        self.sampling = {"temperature": sampling.temperature, "top_k": sampling.top_k, "max_tokens": tokens}
        self.count = 0

    def vnb(self, steps: int) -> Any:
        """A run of `steps` steps on a task that was not seen before."""
        self.count += 1
        task = draft(
            self.runtime,
            f"{self.count:05d} task",
            plan=plan_text(steps, 40),
            reuse="off",
            seed=self.count,
            **self.sampling,
        )
        return task.run()

    def bodies(self, run: Any, steps: int) -> list[dict[str, Any]]:
        """The requests of that run as the server gets them, under a task of the same length that was not seen before."""
        self.count += 1
        found = []
        for number in range(1, steps + 1):
            attempt = run[f"s{number}"].attempts[0]
            ids = list(attempt.prompt.token_ids)
            text = attempt.prompt.text.replace(run.task.text, f"{self.count:05d} task")
            fresh = self.engine._server.ask("/tokenize", {"content": text, "parse_special": True, "add_special": False})
            assert len(fresh["tokens"]) == len(ids), "both ways must prefill the same number of tokens"
            body = body_of(fresh["tokens"], attempt.view.sampling, None, attempt.view.sampling.max_tokens)
            found.append(body | {"seed": self.count})
        return found

    def direct(self, bodies: list[dict[str, Any]]) -> int:
        """The requests at once, one thread each, straight into llama.cpp; returns how many tokens were decoded."""
        server = self.engine._server._live.server
        heard: list[list[Any]] = [[] for _ in bodies]
        threads = [
            threading.Thread(target=server.handle_completions, args=(body, events.append))
            for body, events in zip(bodies, heard)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(max(event.get("timings", {}).get("predicted_n", 0) for event in events) for events in heard)


def new_tokens(run: Any) -> int:
    """Tokens that a run decoded."""
    return sum(attempt.usage.new_tokens for step in run.steps for attempt in step.attempts)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, CPU seconds of the whole process, and what `work` returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def spread(values: list[float]) -> dict[str, float]:
    """Median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return {"median": round(middle, 4), "q1": round(low, 4), "q3": round(high, 4)}


def measure(path: str, folder: Path, rounds: int, tokens: int, threads: int | None) -> dict[str, Any]:
    """All ratios of one model."""
    rig = Rig(path, folder, tokens, threads, Sampling(temperature=1.0, top_k=40))
    ratios: dict[str, list[float]] = {"wall": [], "cpu": []}
    together: dict[str, list[float]] = {"vnb": [], "direct": []}
    rates: dict[str, list[float]] = {"vnb": [], "direct": []}
    counts: set[int] = set()
    run = rig.vnb(STEPS)  # warms up
    for turn in range(rounds):
        bodies, one = rig.bodies(run, STEPS), rig.bodies(run, STEPS)[:1]
        found: dict[str, tuple[float, float, Any]] = {}
        ways: list[tuple[str, Callable[[], Any]]] = [
            ("vnb", lambda: rig.vnb(STEPS)),
            ("direct", lambda bodies=bodies: rig.direct(bodies)),
            ("vnb one", lambda: rig.vnb(1)),
            ("direct one", lambda one=one: rig.direct(one)),
        ]
        for name, work in ways if turn % 2 else reversed(ways):
            found[name] = timed(work)
        run = found["vnb"][2]
        decoded = {
            name: result if isinstance(result, int) else new_tokens(result) for name, (_, _, result) in found.items()
        }
        counts.add(decoded["vnb"])
        for place, kind in enumerate(("wall", "cpu")):
            each = {way: found[way][place] / decoded[way] for way in ("vnb", "direct")}
            ratios[kind].append(each["vnb"] / each["direct"])
        for way in ("vnb", "direct"):
            rates[way].append(decoded[way] / found[way][0])
            one_by_one = decoded[f"{way} one"] / found[f"{way} one"][0]
            together[way].append(one_by_one / rates[way][-1])
    details = dict(rig.engine.info.details)
    rig.runtime.close()
    return {
        "model": f"{Path(path).name if path != 'tiny' else 'vnb-tiny'}, {details['parameters']} parameters",
        "threads": details["threads"],
        "tokens decoded by 8 steps": f"{min(counts)} to {max(counts)}" if len(counts) > 1 else str(*counts),
        "wall seconds a token, vnb / direct": spread(ratios["wall"]),
        "CPU seconds a token, vnb / direct": spread(ratios["cpu"]),
        "wall seconds a token, 8 steps / 1 step, vnb": spread(together["vnb"]),
        "wall seconds a token, 8 steps / 1 step, direct": spread(together["direct"]),
        "tok/s, 8 steps, vnb": spread(rates["vnb"]),
        "tok/s, 8 steps, direct": spread(rates["direct"]),
    }


def table(results: list[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    lines = ["| | " + " | ".join(result["model"] for result in results) + " |", "|---" * (len(results) + 1) + "|"]
    for name in results[0]:
        if name == "model":
            continue
        cells = []
        for result in results:
            value = result[name]
            cells.append(
                f"{value['median']:.3g} ({value['q1']:.3g} to {value['q3']:.3g})"
                if isinstance(value, dict)
                else str(value)
            )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--tokens", type=int, default=128, help="decoded by each step")
    parser.add_argument("--threads", type=int, default=None, help="default: the cores that this process may use")
    parser.add_argument("--save", action="store_true", help="write the result under benchmarks/results/")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "random-llama.gguf"
        write_random_llama(
            model, hidden=512, layers=8, heads=8, kv_heads=4, vocab=8192, quant="Q8_0", profile="compact", context=2048
        )
        sizes = (options.rounds, options.tokens, options.threads)
        results = [measure(str(model), folder, *sizes)]
        if TINY.exists():
            results.append(measure("tiny", folder, *sizes))
    command = f"python -m benchmarks.overhead --rounds {options.rounds} --tokens {options.tokens}"
    command += f" --threads {options.threads}" if options.threads else ""
    import xllamacpp

    versions = f"vnb {vnb.__version__}, xllamacpp {xllamacpp.__version__}, Python {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {len(os.sched_getaffinity(0))} cores"
    text = f"# Overhead and batching, {date.today()}\n\n`{command}`\n\n{machine}; {versions}. Medians of "
    text += f"{options.rounds} interleaved rounds, quartiles in brackets.\n\n{table(results)}\n"
    print(text)
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        stem = RESULTS / f"overhead-{date.today()}{f'-{options.threads}-threads' if options.threads else ''}"
        stem.with_suffix(".md").write_text(text, encoding="utf-8")
        record = {"command": command, "machine": machine, "versions": versions, "results": results}
        stem.with_suffix(".json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
