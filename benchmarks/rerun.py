"""What has to run again after a change: model calls of vnb, of a plain script, and of LangGraph. The same everywhere.

Nine steps in three levels (`benchmarks.graph`), answered by a script, so that only the calls count.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Constraint, Prompt
from vnb.engines.scripted import Fail, Reply, ScriptedEngine
from vnb.errors import RunError

from . import langgraph_peer
from .graph import NEEDS, answer, plan
from .tables import Cell, Scale, Table

CASES = {
    "the same again": ("", ""),
    "s2 gets other words, and answers otherwise": ("s2", "Write s2 otherwise"),
    "s2 gets other words, and answers the same": ("s2", "Write  s2"),
    "s5 gets other words, and answers otherwise": ("s5", "Write s5 otherwise"),
    "s9 gets other words, and answers otherwise": ("s9", "Write s9 otherwise"),
    "s6 fails once, and is taken up": ("s6", ""),
}
"""What is changed, and in which words; two spaces instead of one are other words with the same answer."""


def replies(fails: set[str]) -> Callable[[Prompt, Constraint | None], Reply]:
    """Answers each step from what it is told and shown; the steps in `fails` fail once."""

    def reply(prompt: Prompt, constraint: Constraint | None) -> Reply:
        said = prompt.text.rpartition("# Your part\n")[2].partition("<|end|>")[0]
        step = said.split()[1]
        if step in fails:
            fails.discard(step)
            return Fail()
        shown = "".join(one.partition("\n")[2].strip() for one in prompt.text.split("# Result of")[1:])
        return answer(said, shown.partition("\n\n# ")[0])

    return reply


def of_vnb(case: str, folder: Path) -> tuple[int, int]:
    """Model calls of the first run, and of what the case asks for then."""
    step, words = CASES[case]
    fails = {step} if step and not words else set()
    runtime = Runtime(folder / "vnb.sqlite")
    engine = ScriptedEngine(replies(fails), slots=8)
    runtime.use(engine)

    def start() -> Run:
        return draft(runtime, "An article", plan=plan()).run()

    try:
        run = start()
    except RunError as error:
        run = error.run  # type: ignore[assignment]
    first = len(engine.requests)
    if not step:
        start()
    elif not words:
        run.resume()
    else:
        run.rerun(step, instruction=words, down=True)
    assert run.status == "finished" and not run.stale
    runtime.close()
    return first, len(engine.requests) - first


def of_langgraph(case: str, folder: Path, cached: bool) -> int:
    """Node runs of what the case asks for after a first run."""
    step, words = CASES[case]
    fails = {step} if step and not words else set()

    def fail(node: str) -> None:
        if node in fails:
            fails.discard(node)
            raise RuntimeError("as told")

    peer = langgraph_peer.Graph(folder / f"{'cached' if cached else 'plain'}.sqlite", cached, fail)
    first: Any = None
    with contextlib.suppress(RuntimeError):
        first = peer.run("a")
    peer.calls.clear()
    if first is None:
        peer.go_on("a")
    elif cached:
        peer.run("b", {f"i_{step}": words} if step else None)
    elif step:
        peer.from_before("a", step, words)
    else:
        peer.run("b")
    peer.close()
    return len(peer.calls)


def measure(scale: Scale) -> list[Table]:
    """Model calls of each case."""
    here = langgraph_peer.is_here()
    heads = ["after a whole run", "vnb", "a script that runs all again"]
    heads += ["LangGraph from its checkpoint", "LangGraph with its node cache"] if here else []
    table = Table("Model calls after a change", heads)
    for case in CASES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            first, again = of_vnb(case, folder)
            cells: list[Cell] = [case, again, len(NEEDS)]
            assert first <= len(NEEDS)
            if here:
                cells += [of_langgraph(case, folder, cached) for cached in (False, True)]
            table.add(*cells)
    table.notes.append(
        f"{len(NEEDS)} steps in three levels; each of the second level needs two of the first, the last needs all four. vnb: "
        "`run.rerun(step, instruction=…, down=True)`, or the same task again."
    )
    table.notes.append(
        "LangGraph: forked from the checkpoint before the step, as its documentation has it; and, in another column, run anew "
        "with `CachePolicy` on every node and an input schema of just what the node reads, its cache in memory."
        if here
        else langgraph_peer.ABSENT
    )
    return [table]
