"""What the tests of a run under way share: waiting for a moment of it, and what its engine was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.engines.scripted import ScriptedEngine


def reached(run: Run, holds: Callable[[], object]) -> None:
    """Waits until something holds of a run under way."""
    live = run._live
    assert live is not None
    seen = threading.Event()
    stop = live.log.listen(lambda _: seen.set() if holds() else None)
    try:
        assert holds() or seen.wait(20), "waited in vain"
    finally:
        stop()


def decodes(run: Run, step: str) -> Callable[[], bool]:
    """Whether the last attempt of a step has said something and not ended."""

    def holds() -> bool:
        found = run.view.steps.get(step)
        return bool(found and found.attempts and found.attempts[-1].active and found.attempts[-1].tokens)

    return holds


def asked(engine: ScriptedEngine, since: int = 0) -> list[str]:
    """The instructions of the engine's requests, in alphabetical order; reserved ones by their first word."""
    sections = (one.prompt.text.rpartition("\n# ")[2].partition("\n")[2] for one in engine.requests[since:])
    said = [section.removesuffix("<|end|><|assistant|>") for section in sections]
    return sorted(one if len(one) < 40 else one.split()[0] for one in said)


def let_go(runtime: Runtime, engine: ScriptedEngine) -> None:
    """Lets held answers go on, from the loop on which they wait."""
    runtime.loop.call_soon(engine.let_go)
