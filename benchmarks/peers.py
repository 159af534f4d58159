"""vnb beside LangGraph on the same plan with nothing but its own work in it: what a step costs, and what is kept on disk.

The plan of `benchmarks.graph`: nine steps in three levels, whose answers come from a script at once. LangGraph runs it with
its SQLite saver, a level at a time, and once without a saver; vnb by `vnb.task(…, plan=…).run()`.

What is kept differs: vnb keeps every prompt as it was sent with its token ids, and every token with its time and
alternatives; LangGraph keeps the state after each level.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.engines.scripted import ScriptedEngine

from . import langgraph_peer, models
from .graph import LENGTH, NEEDS, plan
from .rerun import replies
from .storing import timed
from .tables import Scale, Spread, Table

DOCUMENT = 20_000
"""Words of the document that all steps of the larger case are shown: about 100 kB."""


def measure(scale: Scale) -> list[Table]:
    """Milliseconds a step, and bytes a run."""
    if not langgraph_peer.is_here():
        return [Table("vnb beside LangGraph", ["way"], notes=[langgraph_peer.ABSENT])]
    heads = ["way", "ms a step", "ms a step over 100 kB", "kB a run over 100 kB"]
    table = Table("vnb beside LangGraph, without a model", heads)
    table.notes.append(
        f"{len(NEEDS)} steps in three levels, answers of {LENGTH} characters at once. vnb keeps prompts with their token "
        "ids and every token with its time and alternatives; LangGraph keeps the state after each level."
    )
    table.notes.append(
        "vnb's time has the scripted engine's in it, which compares every prompt with those before, token by token: over "
        "100 kB that is a good part of it. A LangGraph node only returns its text."
    )
    runs = 2 if scale.quick else 10
    document = models.words(50 if scale.quick else DOCUMENT, 0)
    found: dict[str, tuple[list[float], list[float], list[float]]] = {}
    for turn in range(scale.rounds):
        for way, work in WAYS.items() if turn % 2 else reversed(WAYS.items()):
            short, long, kept = found.setdefault(way, ([], [], []))
            for times, doc in ((short, ""), (long, document)):
                with tempfile.TemporaryDirectory() as name:
                    times.append(1000 * work(Path(name), runs, doc) / runs / len(NEEDS))
                    size = sum(file.stat().st_size for file in Path(name).glob("*.sqlite*"))
            kept.append(size / runs / 1000)
    for way in WAYS:
        short, long, kept = found[way]
        table.add(way, Spread.of(short), Spread.of(long), round(Spread.of(kept).median, 1) or None)
    table.notes.append(f"Kilobytes: {runs} runs over one document in one file, divided by {runs}.")
    return [table]


def _vnb(folder: Path, runs: int, document: str) -> float:
    """Seconds of so many runs."""
    runtime = Runtime(folder / "runs.sqlite")
    runtime.use(ScriptedEngine(replies(set()), slots=8, context_length=200_000))
    text, inputs = ("Write about {{doc}}", {"doc": document}) if document else ("Write it", {})

    def work() -> None:
        for turn in range(runs):
            draft(runtime, text, inputs=inputs, plan=plan(), seed=turn, reuse="off").run()

    work_seconds, _ = timed(work)
    runtime.close()
    return work_seconds


def _langgraph(saved: bool) -> Callable[[Path, int, str], float]:
    def carry(folder: Path, runs: int, document: str) -> float:
        peer = langgraph_peer.Graph(folder / "runs.sqlite" if saved else None)

        def work() -> None:
            for turn in range(runs):
                peer.run(str(turn), doc=document)

        seconds, _ = timed(work)
        peer.close()
        return seconds

    return carry


WAYS: dict[str, Callable[[Path, int, str], float]] = {
    "vnb": _vnb,
    "LangGraph with its SQLite saver": _langgraph(True),
    "LangGraph without a saver": _langgraph(False),
}
