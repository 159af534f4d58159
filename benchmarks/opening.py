"""How long a large stored run takes to open: one of 1,000 steps, made with the scripted engine.

    python -m benchmarks.opening --rounds 5 --save

* read: the events from the store, decoded;
* fold: those events into a view;
* open: `vnb.open` and the bundle that a notebook shows, from a runtime that has read nothing yet;
* %vopen: the magic in a shell of its own, display included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import vnb
from vnb.api import runtime as module
from vnb.api.opening import open_run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.fold import Fold
from vnb.engines.scripted import ScriptedEngine

RESULTS = Path(__file__).parent / "results"


def make(folder: Path, steps: int, tokens: int) -> str:
    """A finished run whose every third step begins a chain of three; its id."""
    runtime = Runtime(folder / "runs.sqlite")
    words = " ".join(f"word{number % 97}" for number in range(tokens // 2))
    runtime.use(ScriptedEngine(lambda prompt, constraint: f"{words} {len(prompt.text)}", slots=8))
    plan = "\n".join(f"s{n}: do part {n}{f' <- s{n - 1}' if n % 3 else ''}" for n in range(steps))
    run = draft(runtime, "A long task", plan=plan, integrate="concat").run()
    runtime.close()
    return run.id


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall seconds, and what came of it."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def magic(folder: Path, run_id: str) -> float:
    """Seconds of `%vopen` in a fresh shell that shows what a notebook would show."""
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "vnb")
    module._runtime = Runtime(folder / "runs.sqlite")

    def opened() -> None:
        run = shell.run_line_magic("vopen", run_id)
        shell.display_formatter.format(run)

    seconds, _ = timed(opened)
    module._runtime.close()
    module._runtime = None
    InteractiveShell.clear_instance()
    return seconds


def measure(folder: Path, steps: int, tokens: int, rounds: int) -> dict[str, Any]:
    """Seconds of each part, and the run's size."""
    run_id = make(folder, steps, tokens)
    times: dict[str, list[float]] = {}
    count = 0
    for _ in range(rounds):
        runtime = Runtime(folder / "runs.sqlite")
        seconds, events = timed(lambda runtime=runtime: list(runtime.store.events(run_id)))
        times.setdefault("read", []).append(seconds)
        times.setdefault("fold", []).append(timed(lambda events=events: Fold.of(events))[0])
        count = len(events)
        runtime.close()
        runtime = Runtime(folder / "runs.sqlite")
        times.setdefault("open", []).append(timed(lambda runtime=runtime: open_run(runtime, run_id).bundle())[0])
        runtime.close()
        times.setdefault("%vopen", []).append(magic(folder, run_id))
    size = (folder / "runs.sqlite").stat().st_size
    return {"steps": steps, "tokens": tokens, "events": count, "bytes": size, "seconds": times}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--tokens", type=int, default=64, help="decoded by each step")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--save", action="store_true", help="write the result under benchmarks/results/")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        result = measure(Path(name), said.steps, said.tokens, said.rounds)
    command = f"python -m benchmarks.opening --steps {said.steps} --tokens {said.tokens} --rounds {said.rounds}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    versions = f"vnb {vnb.__version__}, Python {platform.python_version()}"
    lines = ["| | median seconds | least to most |", "|---|---|---|"]
    for what, seconds in result["seconds"].items():
        lines.append(f"| {what} | {statistics.median(seconds):.2f} | {min(seconds):.2f} to {max(seconds):.2f} |")
    text = f"# Opening a run of {said.steps} steps, {date.today()}\n\n`{command}`\n\n{machine}; {versions}. "
    text += f"{result['events']:,} events, {result['bytes'] / 1e6:.1f} MB.\n\n" + "\n".join(lines) + "\n"
    print(text)
    if said.save:
        RESULTS.mkdir(exist_ok=True)
        stem = RESULTS / f"opening-{date.today()}"
        stem.with_suffix(".md").write_text(text, encoding="utf-8")
        record = {"command": command, "machine": machine, "versions": versions, **result}
        stem.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
