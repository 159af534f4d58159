"""Long runs: what an event costs to handle, to write and to read, and how that grows from 20 steps to 10,000.

The runs are made by the scripted engine: chains of three steps, 64 tokens each, so that no model's time is in it.

* run: `vnb.task(…, plan=…).run()`, everything in it, the executor's own work too;
* handle: each event of that run checked, stored and folded once more, as the executor does it (`Log.append`);
* read, fold: the events from the store, decoded; and then folded;
* open: `vnb.open` and the bundle that a notebook shows; `%vopen`: the magic in a shell of its own, display included.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vnb
from vnb.api import runtime as module
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.events import Event
from vnb.core.fold import Fold
from vnb.engines.scripted import ScriptedEngine
from vnb.executor.log import Log
from vnb.store.store import Store

from .tables import Claim, Scale, Spread, Table

SIZES = (20, 1_000, 10_000)
TOKENS = 64
GROWTH = 1.5
"""How much more an event of the longest run may cost than one of the run before: more than noise would not be linear."""


def make(folder: Path, steps: int) -> tuple[str, float]:
    """A finished run whose every third step begins a chain of three: its id, and the seconds that it took."""
    runtime = Runtime(folder / "runs.sqlite")
    words = " ".join(f"word{number % 97}" for number in range(TOKENS // 2))
    runtime.use(ScriptedEngine(lambda prompt, constraint: f"{words} {len(prompt.text)}", slots=8))
    plan = "\n".join(f"s{n}: do part {n}{f' <- s{n - 1}' if n % 3 else ''}" for n in range(steps))
    task = draft(runtime, "A long task", plan=plan, integrate="concat")
    seconds, run = timed(task.run)
    runtime.close()
    return run.id, seconds


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall seconds, and what came of it."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def handled(folder: Path, events: list[Event], texts: dict[str, str]) -> float:
    """Seconds of handling the events anew, into a store of their own."""
    bodies = [(event.body, _named(event, texts)) for event in events]
    with tempfile.TemporaryDirectory(dir=folder) as name, Store(Path(name) / "again.sqlite") as store:
        log = Log(store, "again", Fold())

        def append() -> None:
            for body, named in bodies:
                log.append(body, *named)

        return timed(append)[0]


def _named(event: Event, texts: dict[str, str]) -> list[str]:
    """The texts that were stored with an event."""
    body: Any = event.body
    found = [getattr(body, "prompt", ""), getattr(body, "output", "")]
    context = getattr(body, "context", None)
    found += [part.digest for part in context.parts] if context is not None else []
    return [texts[digest] for digest in found if digest in texts]


def magic(folder: Path, run_id: str) -> float:
    """Seconds of `%vopen` in a fresh shell that shows what a notebook would show."""
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "vnb")
    module._runtime = Runtime(folder / "runs.sqlite")

    def opened() -> None:
        shell.display_formatter.format(shell.run_line_magic("vopen", run_id))

    seconds, _ = timed(opened)
    module._runtime.close()
    module._runtime = None
    InteractiveShell.clear_instance()
    return seconds


def measure(scale: Scale) -> list[Table]:
    """One table of seconds by length, and one of what an event costs."""
    sizes = (*SIZES[:1], 60) if scale.quick else SIZES
    heads = ["", *(f"{steps:,} steps" for steps in sizes)]
    table = Table(
        "Long runs", heads, notes=[f"{TOKENS} tokens a step, by the scripted engine; seconds, and bytes on disk."]
    )
    found = [_size(steps, max(1, scale.rounds // (5 if steps > 1_000 else 3))) for steps in sizes]
    for what in found[0]:
        table.add(what, *(one[what] for one in found))
    table.notes.append(
        "run: once, all of it. handle: its events checked, stored and folded again. The others: of the stored run."
    )
    if not scale.quick:
        for what in ("handle, ms an event", "fold, ms an event"):
            growth = found[2][what].median / found[1][what].median
            table.claims.append(Claim(f"{what}: 10,000 steps / 1,000 steps", growth, GROWTH))
    return [table]


def _size(steps: int, rounds: int) -> dict[str, Any]:
    """Everything about runs of one length."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_id, run_seconds = make(folder, steps)
        store = folder / "runs.sqlite"
        size = sum(file.stat().st_size for file in folder.glob("runs.sqlite*"))
        times: dict[str, list[float]] = {name: [] for name in ("handle", "read", "fold", "open", "%vopen")}
        for _ in range(rounds):
            runtime = Runtime(store)
            seconds, events = timed(lambda runtime=runtime: list(runtime.store.events(run_id)))
            times["read"].append(seconds)
            times["fold"].append(timed(lambda events=events: Fold.of(events))[0])
            texts = runtime.store.blobs(runtime.store.references(run_id))
            times["handle"].append(handled(folder, events, texts))
            runtime.close()
            module._runtime = Runtime(store)
            times["open"].append(timed(lambda: vnb.open(run_id).bundle())[0])
            module._runtime.close()
            times["%vopen"].append(magic(folder, run_id))
        count = len(events)
    return {
        "events": count,
        "bytes a step": round(size / steps),
        "run, ms a step": 1000 * run_seconds / steps,
        **{
            f"{what}, ms an event": Spread.of([1000 * one / count for one in times[what]])
            for what in ("handle", "fold")
        },
        **{f"{what}, seconds": Spread.of(times[what]) for what in ("read", "fold", "open", "%vopen")},
    }
