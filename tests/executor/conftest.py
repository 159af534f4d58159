"""A run carried on the scripted engine, without threads or notebooks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Constraint, Options, Prompt, Step, Task
from vnb.engines.base import Engine
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.executor.executor import Executor
from vnb.executor.log import Log
from vnb.planner.parse import parse_plan
from vnb.store.store import Store

Reply = str | Answer | Fail
BRIEF = json.dumps({"goal": "g", "deliverable": "d", "constraints": [], "language": "en"})


def plan_json(*steps: tuple[str, str, list[str]]) -> str:
    return json.dumps({"steps": [{"id": i, "title": "", "instruction": t, "needs": n} for i, t, n in steps]})


def instruction_of(prompt: Prompt) -> str:
    """What a step was told to do: all that it was asked if it was asked the whole task."""
    asked = prompt.text.rsplit("<|user|>", 1)[-1].replace("<|end|>", "").replace("<|assistant|>", "")
    return asked.rsplit("# Your part\n", 1)[-1].rsplit("# What to do now\n", 1)[-1].strip()


def script(plan: str = "", **replies: Any) -> Callable[[Prompt, Constraint | None], Reply]:
    """Answers by role and by the instruction of the step; a list is used up one by one."""
    used: dict[str, int] = {}

    def answer(prompt: Prompt, constraint: Constraint | None) -> Reply:
        asked = constraint.text if constraint is not None else ""
        for key, member in (("understand", '"goal"'), ("plan", '"steps"'), ("review", '"changes"')):
            if member in asked:
                return one(key, replies.get(key, BRIEF if key == "understand" else plan))
        instruction = instruction_of(prompt)
        if instruction.startswith(("Write the complete answer", "根据上面的结果")):
            return one("integrate", replies.get("integrate", "whole"))
        return one(instruction, replies.get(instruction, f"<{instruction}>"))

    def one(key: str, reply: Any) -> Reply:
        turn = used.get(key, 0)
        used[key] = turn + 1
        found: Reply = reply[min(turn, len(reply) - 1)] if isinstance(reply, list) else reply
        return found

    return answer


class Bench:
    """A store and what is needed to carry runs in it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, run_id: str = "r", text: str = "the task", plan: str = "", **options: Any) -> Log:
        log = Log(self.store, run_id, Fold())
        steps: tuple[Step, ...] = parse_plan(plan).steps if plan else ()
        log.append(ev.RunStarted(Task("t", text, options=Options(**options)), "0", "scripted", steps))
        return log

    def executor(self, log: Log, engine: Engine) -> Executor:
        async def same(spec: str) -> Engine:
            return engine

        def find(key: str) -> tuple[str, str] | None:
            stored = self.store.output_for(key)
            return (stored.output, stored.source) if stored else None

        return Executor(log, same, find)

    def carry(self, engine: Engine, log: Log | None = None, **begin: Any) -> Log:
        log = log or self.begin(**begin)
        asyncio.run(self.executor(log, engine).run())
        return log

    def reopened(self, log: Log) -> Log:
        """The run as another process finds it in the store."""
        return Log(self.store, log.run_id, Fold.of(self.store.events(log.run_id)))


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Store(":memory:") as store:
        yield Bench(store)


def engine(plan: str = "", **kwargs: Any) -> ScriptedEngine:
    settings = {name: kwargs.pop(name) for name in ("slots", "context_length", "profile") if name in kwargs}
    return ScriptedEngine(script(plan, **kwargs), **settings)


async def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Lets others run until `holds()`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.001)


def statuses(log: Log) -> dict[str, str]:
    return {step.step.id: step.status for step in log.view.steps.values()}
