"""A store in a fresh folder, and runs to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vnb.core import events as ev
from vnb.core.digest import text_digest
from vnb.core.types import Sampling, Step, Task, Usage
from vnb.store.store import Store

MakeRun = Callable[..., list[ev.Event]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "runs.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


@pytest.fixture
def make_run() -> MakeRun:
    """Stores a run of `steps` finished steps; the output of step n is `outputs(n)`, its key `key n`."""

    def make(
        store: Store,
        run_id: str,
        *,
        steps: int = 2,
        text: str = "Write about tides",
        at: float = 100.0,
        key: str = "key",
        outputs: Callable[[int], str] = "output {}".format,
    ) -> list[ev.Event]:
        events: list[ev.Event] = []

        def append(body: ev.Body, texts: dict[str, str] | None = None) -> None:
            events.append(ev.Event(run_id, len(events) + 1, at + len(events), body))
            store.append(events[-1], texts)

        append(ev.RunStarted(Task("t", text), "0.1.0", "tiny"))
        for n in range(1, steps + 1):
            step, output = f"s{n}", outputs(n)
            context = ev.ContextRef((), 100, 10, "c")
            append(ev.StepPlanned(Step(step, f"do {n}")))
            append(ev.StepQueued(step, 1))
            append(ev.StepStarted(step, 1, context, "", Sampling(), None, "tiny", f"{key} {n}"))
            append(
                ev.StepFinished(step, 1, text_digest(output), "stop", Usage(new_tokens=3)),
                {text_digest(output): output},
            )
        append(ev.RunFinished("finished"))
        return events

    return make
