"""What vnb costs beside the engine alone, and what decoding together gains, on a random-weight model made on the spot.

Two ways to answer the same eight prompts, in turn:

* vnb: a plan of eight independent steps through `vnb.task(…, plan=…).run()`: contexts, events on disk, fold, all of it;
* direct: eight threads, each with one streaming call on the very same loaded server, with the same token ids, sampling,
  log-probabilities, schema and slots, and a callback that only keeps what comes.

Every round has new prompts, so neither finds anything in the KV cache. Times are taken per decoded token, since a model
may end an answer early; a round's ratio is vnb's time over the direct one's.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Constraint, Plan, Step
from vnb.engines.llamacpp.request import body_of

from . import models
from .random_model import WORDS
from .tables import Claim, Scale, Spread, Table

STEPS = 8
MOST = 1.03
"""The overhead that is wanted at most."""

SCHEMA = {"type": "array", "items": {"enum": WORDS[:16]}, "minItems": 32, "maxItems": 32}


def plan(steps: int, length: int, constraint: Constraint | None) -> Plan:
    """Independent steps, each with an instruction of `length` words of its own."""
    made = (Step(f"s{number}", models.words(length, number), constraint=constraint) for number in range(1, steps + 1))
    return Plan(tuple(made))


class Rig:
    """One loaded model, driven both ways."""

    def __init__(self, path: str, folder: Path, tokens: int, threads: int | None, schema: Any) -> None:
        self.runtime = Runtime(folder / "runs.sqlite")
        self.engine: Any = self.runtime.load(path, ctx=512, parallel=STEPS, threads=threads)
        self.constraint = Constraint("json_schema", json.dumps(schema)) if schema else None
        self.sampling = {"temperature": 1.0, "top_k": 40, "max_tokens": tokens}
        self.count = 0

    def vnb(self, steps: int) -> Any:
        """A run of `steps` steps on a task that was not seen before."""
        self.count += 1
        task = draft(
            self.runtime,
            f"{self.count:05d} task",
            plan=plan(steps, 40, self.constraint),
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
            body = body_of(fresh["tokens"], attempt.view.sampling, self.constraint, self.sampling["max_tokens"])
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


def measure(scale: Scale) -> list[Table]:
    """The overhead and what decoding together gains, with free text and under a JSON schema, and on vnb-tiny."""
    tokens = 16 if scale.quick else 128
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = str(models.write(folder, scale.quick, "compact"))
        ways = [
            _case("free text", path, folder, scale, tokens, None),
            _case("JSON schema", path, folder, scale, 256, SCHEMA),
            _case("vnb-tiny", "tiny", folder, scale, tokens, None),
        ]
    table = Table("Overhead beside the engine alone", ["", *(way["case"] for way in ways)])
    for row in ways[0]:
        if row != "case":
            table.add(row, *(way[row] for way in ways))
    table.notes.append(
        f"The first two on {models.said(scale.quick)}; {STEPS} independent steps in {STEPS} slots, {tokens} tokens each (or "
        "an array of 32 words by the schema). Direct calls have the same token ids, sampling, log-probabilities and schema."
    )
    if not scale.quick:
        table.claims = [Claim(f"vnb / direct, wall, {way['case']}", way[WALL].median, MOST) for way in ways[:2]]
    return [table]


WALL = "wall seconds a token, vnb / direct"


def _case(case: str, path: str, folder: Path, scale: Scale, tokens: int, schema: Any) -> dict[str, Any]:
    """All ratios of one model."""
    rig = Rig(path, folder, tokens, scale.threads, schema)
    ratios: dict[str, list[float]] = {"wall": [], "cpu": []}
    together: dict[str, list[float]] = {"vnb": [], "direct": []}
    rates: dict[str, list[float]] = {"vnb": [], "direct": []}
    counts: set[int] = set()
    run = rig.vnb(STEPS)  # both ways warm up
    rig.direct(rig.bodies(run, STEPS))
    for turn in range(scale.rounds):
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
    threads = dict(rig.engine.info.details)["threads"]
    rig.runtime.close()
    return {
        "case": case,
        "threads": threads,
        f"tokens decoded by {STEPS} steps": f"{min(counts)} to {max(counts)}" if len(counts) > 1 else str(*counts),
        WALL: Spread.of(ratios["wall"]),
        "CPU seconds a token, vnb / direct": Spread.of(ratios["cpu"]),
        f"wall seconds a token, {STEPS} steps / 1 step, vnb": Spread.of(together["vnb"]),
        "the same, direct": Spread.of(together["direct"]),
        f"tok/s, {STEPS} steps, vnb": Spread.of(rates["vnb"]),
        f"tok/s, {STEPS} steps, direct": Spread.of(rates["direct"]),
    }
