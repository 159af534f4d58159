"""A run carried on the scripted engine, without threads or notebooks."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Constraint, Options, Plan, Prompt, Role, Task
from vnb.engines.base import Engine
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.executor.commands import Command
from vnb.executor.executor import Executor
from vnb.executor.log import Log
from vnb.planner.instruct import CHINESE, ENGLISH
from vnb.planner.parse import parse_plan
from vnb.store.store import Store

Reply = str | Answer | Fail
BRIEF = json.dumps({"goal": "g", "deliverable": "d", "constraints": []})


def plan_json(*steps: tuple[str, str, list[str]], deliver: Sequence[str] = ()) -> str:
    written = [{"id": i, "title": "", "instruction": t, "needs": n} for i, t, n in steps]
    return json.dumps({"steps": written, **({"deliver": deliver} if deliver else {})}, ensure_ascii=False)


def role_of(prompt: Prompt) -> Role:
    """The role of the step that asks, by the instruction of its profile."""
    for said in (ENGLISH, CHINESE):
        if said.table in prompt.text:
            return "plan"
        for role, instruction in said.instruction.items():
            if role != "work" and instruction.partition("{")[0] in prompt.text:
                return role
    return "work"


def instruction_of(prompt: Prompt) -> str:
    """What a step was asked, without what a second try is shown; a whole task is asked without a heading."""
    asked = prompt.text.rpartition("<|user|>")[2].removesuffix("<|end|><|assistant|>")
    for said in (ENGLISH, CHINESE):
        for name in ("work", "other"):
            asked = asked.rpartition(f"{said.headings[name]}\n")[2]
        for end in (
            said.retry.partition("{")[0],
            said.failed.partition("{")[0],
            said.code,
            said.compute.partition("{")[0],
            said.check,
            said.headings["item"],
        ):
            asked = asked.partition(end)[0]
    return asked.strip()


def shown(prompt: Prompt) -> list[str]:
    """The steps whose results a step was shown, in their order."""
    headings = re.finditer(r"^# (?:Result of (?P<a>\S+)|(?P<b>\S+) 的结果)$", prompt.text, re.MULTILINE)
    return [found["a"] or found["b"] for found in headings]


def script(plan: str = "", **replies: Any) -> Callable[[Prompt, Constraint | None], Reply]:
    """Answers by role and by the instruction of the step; a list is used up one by one."""
    used: dict[str, int] = {}
    usual = {"understand": BRIEF, "plan": plan, "review": plan, "integrate": "whole"}

    def answer(prompt: Prompt, constraint: Constraint | None) -> Reply:
        role, instruction = role_of(prompt), instruction_of(prompt)
        key = instruction if role == "work" else role
        if key not in replies:  # it stands behind a result or an input, without a heading
            key = next((known for known in replies if key.endswith(f"\n{known}")), key)
        return one(key, replies.get(key, usual.get(role, f"<{instruction}>")))

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

    def begin(
        self,
        run_id: str = "r",
        text: str = "the task",
        plan: str = "",
        given: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Log:
        """A run that has started; `given` is what comes with the task, such as inputs and documents."""
        log = Log(self.store, run_id, Fold())
        task = Task("t", text, options=Options(**options), **(given or {}))
        written = parse_plan(plan) if plan else Plan(())
        log.append(ev.RunStarted(task, "0", "scripted", written.steps, written.deliver))
        return log

    def executor(self, log: Log, engine: Engine, command: Command | None = None) -> Executor:
        async def same(spec: str) -> Engine:
            return engine

        return Executor(log, same, self.store.output_for, command)

    def carry(self, engine: Engine, log: Log | None = None, **begin: Any) -> Log:
        log = log or self.begin(**begin)
        asyncio.run(self.executor(log, engine).run())
        return log

    def command(self, engine: Engine, log: Log, command: Command) -> Log:
        """The run after a command, which another process gives it."""
        log = self.resumed(log)
        asyncio.run(self.executor(log, engine, command).run())
        return log

    def resumed(self, log: Log) -> Log:
        """The run as another process goes on with it."""
        again = self.reopened(log)
        again.append(ev.RunResumed(log.view.status))
        return again

    def reopened(self, log: Log) -> Log:
        """The run as another process finds it in the store."""
        return Log(self.store, log.run_id, Fold.of(self.store.events(log.run_id)))


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Store(":memory:") as store:
        yield Bench(store)


def engine(written: str = "", /, **kwargs: Any) -> ScriptedEngine:
    settings = {name: kwargs.pop(name) for name in ("slots", "context_length", "profile") if name in kwargs}
    return ScriptedEngine(script(kwargs.pop("plan", written), **kwargs), **settings)


async def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Lets others run until `holds()`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.001)


def statuses(log: Log) -> dict[str, str]:
    return {step.step.id: step.status for step in log.view.steps.values()}
