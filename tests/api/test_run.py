import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import vnb
from tests.executor.conftest import engine, plan_json, until
from vnb.api import runtime as module
from vnb.api.opening import open_run, runs
from vnb.api.plan import WrittenPlan
from vnb.api.run import Run
from vnb.api.runtime import Runtime, home
from vnb.api.task import draft
from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.engines.scripted import Answer, Fail
from vnb.errors import RunError, StoreError, UsageError
from vnb.planner.parse import parse_plan
from vnb.store.lease import Lease
from vnb.store.store import Store

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]))


def test_a_run_can_be_read_from_the_outside_in(runtime: Runtime) -> None:
    runtime.use(engine(PLAN))
    run = draft(runtime, "Write {{topic}}", topic="tides").run()
    assert (run.status, run.result) == ("finished", "<b>")
    assert run.task.text == "Write tides"
    assert run.brief is not None
    assert [step.id for step in run.plan.steps] == ["s1", "s2"]
    step = run["s2"]
    assert (step.status, step.output, len(step.attempts)) == ("finished", "<b>", 1)
    assert step.context is not None
    assert [part.text for part in step.context.parts if part.kind == "result"] == ["<a>"]
    attempt = step.attempts[0]
    assert "".join(token.text for token in attempt.tokens) == "<b>"
    assert attempt.prompt is not None
    assert len(attempt.prompt.token_ids) == attempt.usage.prompt_tokens
    with pytest.raises(UsageError, match="no step 's9'") as error:
        run["s9"]
    assert "s1, s2" in error.value.hint
    assert Fold.of(run.events).view == run.view
    assert set(run.bundle()) >= {"application/vnd.vnb.run+json", "text/html", "text/markdown", "text/plain"}
    assert "s2" in str(run)


def test_a_run_says_what_is_wrong_with_its_outputs_and_what_was_checked(runtime: Runtime) -> None:
    runtime.use(engine(**{"Describe tea in exactly two sentences.": "<think>Which tea?</think>Tea is a drink."}))
    run = draft(runtime, "Describe tea in exactly two sentences.", retries=0).run()
    assert (run.status, run.result) == ("finished", "Tea is a drink.")
    assert "s1: misses: exactly two sentences (1 sentence)" in run.warnings
    assert {check.demand.kind: check.met for check in run.checks} == {"sentences": False, "language": True}
    step = run["s1"]
    assert (step.reasoning.strip(), step.output) == ("<think>Which tea?</think>", "Tea is a drink.")
    assert step.warnings == step.attempts[0].warnings and step.checks == run.checks
    assert run.plan.deliver == ("s1",)
    table = run.to_pandas()
    attempt = table.attempts.set_index("step").loc["s1"]
    assert attempt.warnings == "misses: exactly two sentences (1 sentence)"
    assert 0 < attempt.reasoning_tokens < attempt.new_tokens
    tokens = table.tokens
    assert "".join(tokens.text[~tokens.reasoning]) == "Tea is a drink."


def test_a_run_says_how_it_was_done_and_shows_its_program(runtime: Runtime) -> None:
    task = "Ben buys 3 pens at 2 euros each. How many euros does he pay?"
    runtime.use(engine(**{task: ["answer = price", "answer = 3 * 2"]}))
    run = draft(runtime, task).run()
    assert (run.strategy, run.why, run.result) == ("code", "the answer has to be computed", "6")
    first, second = (attempt.program for attempt in run["s1"].attempts)
    assert first is not None and "NameError" in first.error
    assert second is not None and (second.source, second.result) == ("answer = 3 * 2", "6")
    assert run["s1"].program == second
    assert run["integrate"].program is None


def test_retries_bound_how_often_a_step_is_asked_again(runtime: Runtime) -> None:
    played = engine()
    runtime.use(played)
    for retries, calls in ((0, 1), (2, 3)):
        before = len(played.requests)
        draft(runtime, "Describe tea in exactly two sentences.", retries=retries, seed=retries).run()
        assert len(played.requests) - before == calls


def test_a_task_can_be_asked_as_it_is(runtime: Runtime) -> None:
    played = engine()
    runtime.use(played)
    text = "Compare tea and coffee: taste, price and health."
    settings: dict[str, Any] = {"think": "off", "repeat_penalty": 1.1, "dry": 0.5, "temperature": 0.2}
    run = draft(runtime, text, strategy="direct", retries=0, **settings).run()
    assert [step.id for step in run] == ["s1", "integrate"]
    (request,) = played.requests
    assert [(one.role, one.content) for one in request.prompt.messages] == [("user", text)]
    sampling = request.sampling
    assert (sampling.think, sampling.repeat_penalty, sampling.dry) == ("off", 1.1, 0.5)
    assert run["s1"].attempts[0].view.sampling == sampling


def test_a_stored_run_reads_the_same_in_another_process(runtime: Runtime, tmp_path: Path) -> None:
    runtime.use(engine(PLAN))
    run = draft(runtime, "x").run()
    other = Runtime(tmp_path / "runs.sqlite")
    again = open_run(other, run.id[:6])
    assert (again.id, again.view, again.result) == (run.id, run.view, run.result)
    assert [one.id for one in runs(other)] == [run.id]
    other.close()


def test_a_failure_is_raised_and_carries_the_run(runtime: Runtime) -> None:
    runtime.use(engine(PLAN, b=Fail(0, "it broke")))
    with pytest.raises(RunError, match="s2 failed: it broke") as error:
        draft(runtime, "x").run()
    run = error.value.run
    assert isinstance(run, Run)
    assert run["s1"].output == "<a>"
    runtime.use(engine(PLAN))
    assert run.resume().result == "<b>"
    assert len(run["s1"].attempts) == 1
    assert run.resume() is run  # a finished run is left as it is


def test_stopping_keeps_what_was_decoded(runtime: Runtime) -> None:
    played = engine(PLAN, a=Answer("one two three", hold_after=3))
    runtime.use(played)
    run = draft(runtime, "x").start()
    reached = threading.Event()

    def listen(_: object) -> None:
        if "s1" in run.view.steps and any(one.text for one in run.view.steps["s1"].attempts):
            reached.set()

    live = runtime.live(run.id)
    assert live is not None
    live.log.listen(listen)
    assert reached.wait(20)
    assert run.status == "running"
    with pytest.raises(StoreError, match="is running"):
        run.start_again()
    assert run.stop(20).view.status == "stopped"
    assert (run["s1"].output or "").startswith("one")
    runtime.use(engine(PLAN))
    assert run.resume().status == "finished"


def test_a_run_can_be_stopped_while_it_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(Runtime(tmp_path / "runs.sqlite")) as first:
        first.use(engine(PLAN))
        name = draft(first, "x").run().id
    with contextlib.closing(Runtime(tmp_path / "runs.sqlite")) as runtime:
        played = engine(PLAN)
        runtime.use(played)
        run = open_run(runtime, name)
        append = runtime.store.append

        def stopping(event: ev.Event, *rest: Any, **named: Any) -> None:
            append(event, *rest, **named)
            if isinstance(event.body, ev.RunResumed):
                run.stop(0)

        monkeypatch.setattr(runtime.store, "append", stopping)
        assert run.start_rerun("s1", seed=5).run.awaited().status != "running"
        assert played.requests == []
        monkeypatch.undo()
        assert run.rerun("s1", seed=5)["s1"].attempts[-1].status == "finished"


def test_a_run_that_cannot_be_taken_up_keeps_nobody_waiting(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.use(engine(PLAN))
    run = draft(runtime, "x").run()

    def full(*_: Any, **__: Any) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(runtime.store, "append", full)
    with pytest.raises(StoreError, match="disk is full"):
        run.start_rerun("s1", seed=5)
    monkeypatch.undo()
    assert run.awaited().status == "finished"
    assert run.rerun("s1", seed=5)["s1"].attempts[-1].status == "finished"


def test_await_runs_on_the_callers_loop_and_cancelling_stops(runtime: Runtime) -> None:
    runtime.use(engine(PLAN))
    assert asyncio.run(draft(runtime, "x").arun()).result == "<b>"
    runtime.use(engine(PLAN, a=Answer("one two", hold_after=1)))

    async def cancelled() -> Run:
        run = draft(runtime, "x", reuse="off").start()
        waiting = asyncio.create_task(run.await_end())
        await until(lambda: "s1" in run.view.steps and run.view.steps["s1"].attempts)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return run

    run = asyncio.run(cancelled())
    live = runtime.live(run.id)
    assert live is not None and live.settle(20)
    assert run.status == "stopped"


def test_planning_only_waits_for_approval(runtime: Runtime) -> None:
    runtime.use(engine(PLAN))
    run = draft(runtime, "x").plan()
    assert (run.status, run["s1"].status) == ("paused", "waiting")
    assert run.resume().result == "<b>"


def test_written_plans_print_as_they_are_and_run(runtime: Runtime) -> None:
    runtime.use(engine())
    text = "s1: a\ns2: b <- s1"
    plan = WrittenPlan(runtime, parse_plan(text))
    assert str(plan) == repr(plan) == text
    assert plan.run().result == "<b>"
    assert plan.run("for {{whom}}", whom="Ann", reuse="off").task.text == "for Ann"
    assert draft(runtime, "x", plan=plan.run()).given == plan.plan


def test_a_run_whose_process_died_is_interrupted_and_can_be_taken_up(tmp_path: Path) -> None:
    code = (
        "import os, sys; from tests.executor.conftest import engine; from vnb.api.runtime import Runtime;"
        "from vnb.api.task import draft; from vnb.engines.scripted import Answer;"
        "runtime = Runtime(sys.argv[1]); runtime.use(engine(a=Answer('one two', hold_after=1)));"
        "run = draft(runtime, 'x', plan='s0: z\\ns1: a').start();"
        "live = runtime.live(run.id);"
        "live.log.listen(lambda event: os._exit(9) if type(event.body).__name__ == 'StepDecoded'"
        " and event.body.step == 's1' else None);"
        "live.wait()"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    path = tmp_path / "runs.sqlite"
    done = subprocess.run([sys.executable, "-c", code, str(path)], env=env, cwd=root, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    runtime = Runtime(path)
    runtime.use(engine())
    run = runs(runtime)[0]
    assert (run.status, run.view.status) == ("interrupted", "running")
    assert run.shown().status == "interrupted"
    assert run.resume().status == "finished"
    runtime.close()


def test_the_modules_functions_are_the_runtimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VNB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module, "_runtime", None)
    assert home() == tmp_path / "home"
    module.runtime().use(engine(PLAN))
    run = vnb.task("Write {{topic}}", topic="tides").run()
    assert vnb.open(run.id).result == vnb.runs()[0].result == "<b>"
    assert vnb.plan("s1: a").run().result == "<a>"
    assert (tmp_path / "home" / "runs.sqlite").exists()
    module.runtime().close()


def test_ending_the_process_stops_what_runs_and_says_so(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.executor.conftest import engine; from vnb.api.runtime import Runtime;"
        "from vnb.api.task import draft; from vnb.engines.scripted import Answer;"
        "runtime = Runtime(sys.argv[1]); runtime.use(engine(a=Answer('one two', hold_after=1)));"
        "run = draft(runtime, 'x', plan='s1: a').start()"
    )
    root = Path(__file__).parents[2]
    path = tmp_path / "runs.sqlite"
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code, str(path)], env=env, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    runtime = Runtime(path)
    assert runs(runtime)[0].status == "stopped"
    runtime.close()


def test_a_run_that_another_process_went_on_with_is_shown_as_it_is_now(runtime: Runtime, tmp_path: Path) -> None:
    runtime.use(engine(PLAN, b=Fail(0, "it broke")))
    with pytest.raises(RunError) as error:
        draft(runtime, "x").run()
    here = error.value.run
    assert isinstance(here, Run)
    other = Runtime(tmp_path / "runs.sqlite")
    other.use(engine(PLAN))
    assert open_run(other, here.id).resume().status == "finished"
    assert (here.status, here.result) == ("finished", "<b>")
    assert open_run(runtime, here.id).result == "<b>"
    other.close()


def test_half_a_character_is_refused_before_any_call(runtime: Runtime) -> None:
    played = runtime.use(engine(PLAN))
    with pytest.raises(UsageError, match="half of a character"):
        draft(runtime, "Write \ud83d about it")
    with pytest.raises(UsageError, match="half of a character"):
        draft(runtime, "Write {{it}}", it="\udc00" * 3)
    assert played.requests == []  # type: ignore[attr-defined]


def test_a_run_that_cannot_begin_leaves_no_lease(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(runtime.store, "append", full)
        with pytest.raises(StoreError, match="disk is full"):
            draft(runtime, "x").start()
    runtime.store.vacuum()  # which refuses while a run is being written


def test_four_who_ask_at_once_are_all_heard(runtime: Runtime) -> None:
    runtime.use(engine(PLAN))
    run = draft(runtime, "x").run()
    for round in range(1, 6):
        start = threading.Barrier(4)

        def again(_: int, start: threading.Barrier = start) -> None:
            own = open_run(runtime, run.id)
            start.wait(20)
            own.start_rerun("s1")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(again, range(4)))
        assert run.wait().status == "finished"
        assert len(run["s1"].attempts) == 1 + 4 * round


def test_a_run_is_read_when_nobody_else_can_go_on_with_it(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.use(engine(PLAN))
    here = draft(runtime, "x").run()
    other = Runtime(tmp_path / "runs.sqlite")
    other.use(engine(PLAN))
    take = Store.lease

    def slow(store: Store, run_id: str) -> Lease:
        if store is runtime.store:
            open_run(other, run_id).rerun("s2")
        return take(store, run_id)

    monkeypatch.setattr(Store, "lease", slow)
    here.rerun("s1")
    other.close()
    assert [len(here[step].attempts) for step in ("s1", "s2")] == [2, 2]
