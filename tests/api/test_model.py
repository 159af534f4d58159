"""Random plans, reruns, edits, choices, forks, failures, stops and crashes against the model in `reference`."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.executor.conftest import instruction_of
from tests.executor.reference import How, Model, Planned, World, answer
from vnb.api.loop import LoopThread
from vnb.api.opening import open_run
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.context.build import build
from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Constraint, Plan, Prompt, Step
from vnb.core.view import RunView
from vnb.engines.scripted import Answer, Fail, ScriptedEngine
from vnb.errors import StoreError, UsageError
from vnb.planner.asking import language_of_prompts
from vnb.planner.prompts import INSTRUCT

LOOP = LoopThread()
WORDS = ("constant", "deaf", "lively", "lively")
NUMBER = st.integers(0, 11)
"""Picks a run or a step; what there is to pick from depends on what came before."""
Ending = tuple[str, int]
ENDING = st.tuples(st.sampled_from(["whole", "whole", "whole", "stop", "crash"]), st.integers(1, 40))
"""How an episode ends: by itself, or after so many events."""
HOW = st.builds(
    How,
    st.sampled_from([None, None, 1, 2]),
    st.sampled_from([None, 0.5]),
    st.sampled_from(["use", "use", "refresh", "off"]),
)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Planned]:
    """A DAG of 3 to 7 steps; sometimes one of them has two parts."""
    found: dict[str, Planned] = {}
    for number in range(1, draw(st.integers(3, 6)) + 1):
        needs = draw(st.lists(st.sampled_from([*found]), unique=True, max_size=2)) if found else []
        found[f"s{number}"] = Planned(f"s{number}", f"{draw(st.sampled_from(WORDS))} {number}", tuple(needs))
    if draw(st.booleans()):
        split = draw(st.sampled_from([*found]))
        between = (f"{split}.1",) if draw(st.booleans()) else ()
        for part, needs_of in ((f"{split}.1", ()), (f"{split}.2", between)):
            found[part] = Planned(part, f"{draw(st.sampled_from(WORDS))} {part}", needs_of, split)
    return found


class Crash(StoreError):
    """What a process sees that dies: nothing can be stored any more."""


class Reruns(RuleBasedStateMachine):
    """One store with runs in it, beside what the model says about them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World()
        self.runs: dict[str, Model] = {}
        self.settled: dict[str, bool] = {}
        self.rows: dict[str, list[tuple[object, ...]]] = {}
        self.changed: set[str] = set()
        self.engine = ScriptedEngine(self._answer, slots=3)
        self.runtime = self._opened()

    def _opened(self) -> Runtime:
        runtime = Runtime(self.folder / "runs.sqlite")
        runtime.loop = LOOP
        runtime.use(self.engine)
        return runtime

    def teardown(self) -> None:
        self.runtime._close_store()
        shutil.rmtree(self.folder)

    def _answer(self, prompt: Prompt, constraint: Constraint | None) -> Answer | str | Fail:
        request = next(one for one in reversed(self.engine.requests) if one.prompt is prompt)
        instruction = instruction_of(prompt)
        if instruction in self.world.broken:
            return Fail(1, "broken")
        shown = re.findall(r"# Result of [\w.]+\n(.*?)(?=\n\n#)", prompt.text, re.DOTALL)
        return answer(instruction, shown, request.sampling.seed or 0)

    # ---------------------------------------------------------------- what is done

    @initialize(plan=plans(), broken=st.booleans())
    def begin(self, plan: dict[str, Planned], broken: bool) -> None:
        if broken:
            self.world.broken.add(plan["s2"].instruction)
        self._start(plan)

    @precondition(lambda self: len(self.runs) < 4)
    @rule(plan=plans())
    def begin_another(self, plan: dict[str, Planned]) -> None:
        self._start(plan)

    def _start(self, plan: dict[str, Planned]) -> None:
        steps = tuple(Step(one.id, one.instruction, one.needs, parent=one.parent) for one in plan.values())
        run = draft(self.runtime, "the task", plan=Plan(steps), retries=0).start()
        self.runs[run.id], self.settled[run.id] = Model(plan), True
        self.runs[run.id].carry(self.world)
        run.awaited()

    @rule(which=NUMBER, steps=st.lists(NUMBER, min_size=1, max_size=3), down=st.booleans(), how=HOW, end=ENDING)
    def rerun(self, which: int, steps: list[int], down: bool, how: How, end: Ending) -> None:
        run, model = self._one(which)
        known = [*model.given, "integrate"]
        self._command(run, model, list({known[step % len(known)]: None for step in steps}), down, how, end)

    @rule(which=NUMBER, step=NUMBER, down=st.booleans(), word=st.sampled_from(WORDS), end=ENDING)
    def edit(self, which: int, step: int, down: bool, word: str, end: Ending) -> None:
        run, model = self._one(which)
        name = [*model.given][step % len(model.given)]
        self._command(run, model, [name], down, How(), end, f"{word} {step} {name}")

    @rule(which=NUMBER, end=ENDING)
    def rerun_stale(self, which: int, end: Ending) -> None:
        run, model = self._one(which)
        self._command(run, model, [], True, How(), end)

    @rule(which=NUMBER, end=ENDING)
    def resume(self, which: int, end: Ending) -> None:
        run, model = self._one(which)
        after, world = model.copy(), self.world.copy()
        after.carry(world)
        self._carry(run, after, world, run.start_again, end)

    def _command(
        self, run: Run, model: Model, steps: list[str], down: bool, how: How, end: Ending, instruction: str = ""
    ) -> None:
        said: dict[str, Any] = {"seed": how.seed, "temperature": how.temperature, "instruction": instruction or None}
        said = {name: value for name, value in said.items() if value is not None}
        if how.reuse != "use":
            said["reuse"] = how.reuse

        def ask() -> Run:
            if not steps:
                return run.start_rerun(down=True).run
            return run.start_rerun(*steps, down=down, **said).run

        if model.refuses(steps):
            with pytest.raises(UsageError):
                ask()
            return
        after, world = model.copy(), self.world.copy()
        after.rerun(world, steps, down, how, instruction)
        self._carry(run, after, world, ask, end)

    def _carry(self, run: Run, after: Model, world: World, do: Callable[[], Run], end: Ending) -> None:
        """Does something with a run, to its end or until it is stopped or its process dies."""
        ending, number = end
        before = self.runs[run.id]
        calls = len(self.engine.requests)
        if ending == "whole":
            do().awaited()
            self.runs[run.id], self.world, self.settled[run.id] = after, world, True
            return
        if ending == "stop":
            with self._watched(lambda: run.stop(0), number):
                do().awaited()
        else:
            with self._crashing(number), contextlib.suppress(StoreError):
                do().awaited()
            self.runtime._close_store()
            self.runtime = self._opened()
        view = open_run(self.runtime, run.id).view
        self._cut(run.id, before, after, view)
        made = [one for step, all_ in self.runs[run.id].attempts.items() for one in all_[len(before.made(step)) :]]
        fewest = sum(1 for one in made if one.seed >= 0 and one.status in ("finished", "failed"))
        most = fewest + sum(1 for one in made if one.status == "cancelled")
        new = len(self.engine.requests) - calls
        assert fewest <= new <= most, (fewest, new, most)
        self.world.calls += new
        self.world.outputs |= {one.key for one in made if one.key is not None and one.status == "finished"}
        self.settled[run.id] = view.status != "running"

    def _cut(self, run_id: str, before: Model, after: Model, view: RunView, past: bool = False) -> None:
        seen = {step: [_status(one.status) for one in found.attempts] for step, found in view.steps.items()}
        cut = after.cut(seen, {step: found.chosen for step, found in view.steps.items()})
        for step, planned in cut.plan.items():
            now = view.steps[step].step.instruction
            assert past or now in (planned.instruction, before.plan.get(step, planned).instruction)
            cut.plan[step] = replace(planned, instruction=now)
        for step, number in before.chosen.items():
            assert past or cut.chosen[step] in (number, after.chosen[step])
        self.runs[run_id] = cut

    @contextlib.contextmanager
    def _watched(self, then: Callable[[], object], number: int) -> Iterator[None]:
        """Does something after so many further events."""
        append, left = self.runtime.store.append, [number]

        def counting(event: ev.Event, *rest: Any, **named: Any) -> None:
            append(event, *rest, **named)
            left[0] -= 1
            if left[0] == 0:
                then()

        self.runtime.store.append = counting  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.runtime.store.append = append  # type: ignore[method-assign]

    @contextlib.contextmanager
    def _crashing(self, number: int) -> Iterator[None]:
        """The process dies right after so many further events: what it does then is not stored."""
        append, left = self.runtime.store.append, [number]

        def dying(event: ev.Event, *rest: Any, **named: Any) -> None:
            if left[0] > 0:
                append(event, *rest, **named)
                left[0] -= 1
            if left[0] == 0:
                raise Crash("the process is dead")

        self.runtime.store.append = dying  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.runtime.store.append = append  # type: ignore[method-assign]

    @rule(which=NUMBER, step=NUMBER, number=st.integers(1, 4))
    def choose(self, which: int, step: int, number: int) -> None:
        run, model = self._one(which)
        known = [*model.given, "integrate"]
        name, chosen = known[step % len(known)], model.copy()
        if not chosen.choose(name, number):
            with pytest.raises(UsageError):
                run.choose(name, number)
            return
        run.choose(name, number)
        self.runs[run.id], self.settled[run.id] = chosen, True

    @precondition(lambda self: len(self.runs) < 4)
    @rule(which=NUMBER, share=st.integers(1, 100))
    def fork(self, which: int, share: int) -> None:
        run, model = self._one(which)
        seq = max(1, run.view.seq * share // 100)
        fork = run.fork(None if share == 100 else seq)
        assert Fold.of(list(run.events)[:seq]).view == run.at(seq).view
        self._cut(fork.id, model, model, fork.view, past=True)
        self.settled[fork.id] = fork.view.status != "paused" and self.settled[run.id]

    @rule(which=NUMBER, step=NUMBER)
    def breaks_or_mends(self, which: int, step: int) -> None:
        _, model = self._one(which)
        self.world.broken ^= {
            [one.instruction for one in (model.plan or model.given).values()][step % len(model.plan or model.given)]
        }

    def _one(self, which: int) -> tuple[Run, Model]:
        run_id = [*self.runs][which % len(self.runs)]
        return open_run(self.runtime, run_id), self.runs[run_id]

    # ---------------------------------------------------------------- what must hold

    @invariant()
    def events_only_grow(self) -> None:
        with self.runtime.store._database.reading() as connection:
            for run_id in self.runs:
                rows = connection.execute(
                    "SELECT e.seq, e.at, e.type, e.packing, e.body, e.blob FROM events e JOIN runs ON runs.id = e.run"
                    " WHERE runs.run_id = ? ORDER BY e.seq",
                    (run_id,),
                ).fetchall()
                known = self.rows.get(run_id, [])
                assert rows[: len(known)] == known
                self.rows[run_id] = rows
                self.changed |= {run_id} if len(rows) > len(known) else set()

    @invariant()
    def every_run_is_as_the_model_says(self) -> None:
        while self.changed:
            run_id = self.changed.pop()
            model = self.runs[run_id]
            run = open_run(self.runtime, run_id)
            view = run.view
            assert Fold.of(self.runtime.store.events(run_id)).view == view
            for step in [*model.given, "integrate"]:
                found = view.steps.get(step)
                attempts = found.attempts if found is not None else []
                now = [
                    (_status(one.status), run.blob(one.output) if one.output and _ended(one.status) else "")
                    for one in attempts
                ]
                assert now == [(one.status, one.output) for one in model.made(step)], step
                assert (found.chosen if found is not None else 0) == model.chosen.get(step, 0), step
                for one, made in zip(attempts, model.made(step), strict=True):
                    assert made.seed < 0 or one.sampling.seed == made.seed
            if self.settled[run_id]:
                assert {name for name, found in view.steps.items() if found.stale} == model.stale
                assert model.stale == self._differing(view)
                done = model.done and not self._failing(view)
                assert view.status in (("finished", "stopped") if done else ("failed", "stopped", "paused"))
                if view.status == "finished":
                    assert run.result == model.output("integrate")

    def _failing(self, view: RunView) -> bool:
        return any(found.status == "failed" for found in view.steps.values())

    def _differing(self, view: RunView) -> set[str]:
        """The steps whose context, built anew, is not the one that they ran with."""
        found = set()
        for name, step in view.steps.items():
            ran = step.attempts[step.chosen - 1] if step.chosen else None
            if ran is None or ran.context is None:
                continue
            if ran.engine == "concat":
                now = [view.steps[need].output for need in self._joined_of(view, name)]
                differs = [part.digest for part in ran.context.parts] != [output for output in now if output]
            else:
                answer = view.brief.language if view.brief is not None else ""
                system = INSTRUCT.system("work", language_of_prompts(view), answer)
                context = build(
                    step.step, view, self.runtime.store.blob, self.engine.count, ran.context.budget, system, False
                )
                differs = context.digest != ran.context.digest
            if differs:
                found.add(name)
        return found

    def _joined_of(self, view: RunView, step: str) -> list[str]:
        plan = {one.id: Planned(one.id, one.instruction, one.needs, one.parent) for one in view.plan}
        return Model(plan, plan).waits_for(step)

    @invariant()
    def the_engine_was_asked_as_often_as_the_keys_demand(self) -> None:
        assert len(self.engine.requests) == self.world.calls


def _status(status: str) -> str:
    return status if _ended(status) or status == "failed" else "cancelled"


def _ended(status: str) -> bool:
    return status in ("finished", "reused")


TestReruns = Reruns.TestCase
TestReruns.settings = settings(
    max_examples=30,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    report_multiple_bugs=False,
)
