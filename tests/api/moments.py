"""What the tests of a run under way share: waiting for a moment of it, and what its engine was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.executor.conftest import instruction_of, role_of
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
    """The instructions of the engine's requests, in alphabetical order; reserved ones by their role in brackets."""
    prompts = [one.prompt for one in engine.requests[since:]]
    return sorted(instruction_of(one) if role_of(one) == "work" else f"[{role_of(one)}]" for one in prompts)


def let_go(runtime: Runtime, engine: ScriptedEngine) -> None:
    """Lets held answers go on, from the loop on which they wait."""
    runtime.loop.call_soon(engine.let_go)
