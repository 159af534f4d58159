"""`diff` of runs, steps and attempts, as users call it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.executor.conftest import engine, plan_json
from vnb.api.compare import Comparison
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.engines.scripted import Fail
from vnb.errors import RunError, UsageError

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]), ("s3", "c", ["s1"]))
MOON = ["The moon pulls on the sea.", "The sun pulls on the sea.", "The moon pulls on the land."]


@pytest.fixture
def run(runtime: Runtime) -> Run:
    """A finished run; each rerun of `s1` answers otherwise."""
    runtime.use(engine(PLAN, a=MOON))
    return draft(runtime, "Write {{topic}}", topic="tides").run()


def marked(found: Comparison) -> str:
    assert found.output is not None
    signs = {"kept": ("", ""), "dropped": ("[-", "-]"), "added": ("{+", "+}")}
    return "".join(piece.text.join(signs[piece.kind]) for piece in found.output.pieces)


def test_the_chosen_attempt_is_compared_with_the_one_before(run: Run) -> None:
    run.rerun("s1")
    found = run["s1"].diff()
    assert (found.before, found.after) == (f"{run.id}:s1#1", f"{run.id}:s1#2")
    assert marked(found) == "The [-moon-]{+sun+} pulls on the sea."
    assert found.context is not None and {part.change for part in found.context.parts} == {"kept"}
    assert found.context.prefix is not None and found.context.prefix.cause is None
    assert found.context.after_cached is not None and found.context.after_cached.tokens > 0
    assert (found.plan, found.cost) == (None, None)
    assert run.diff(step="s1") == found
    run.rerun("s1").rerun("s1")
    assert run["s1"].diff().after.endswith("#4")
    assert marked(run["s1"].diff(1, 3)) == "The moon pulls on the [-sea-]{+land+}."
    first, _, third, _ = run["s1"].attempts
    assert first.diff(third) == run["s1"].diff(1, 3)
    run.choose("s1", 3)
    assert (run["s1"].diff().before, run["s1"].diff(1).after) == (f"{run.id}:s1#2", f"{run.id}:s1#3")


def test_a_dependant_that_was_rerun_shows_which_part_broke_the_prefix(run: Run) -> None:
    run.rerun("s1", down=True)
    found = run["s2"].diff(what=["context", "cost"])
    assert found.context is not None and found.context.prefix is not None and found.output is None
    cause = found.context.prefix.cause
    assert cause is not None and (cause.change, cause.kind, cause.source) == ("changed", "result", "s1")
    assert 0 < found.context.prefix.tokens < found.context.prefix.after.total
    assert found.cost is not None and [row.name for row in found.cost.rows] == ["s2"] and found.cost.total is None
    assert "the shared prefix ends here" in str(found)


def test_siblings_and_the_same_step_of_two_runs(run: Run, runtime: Runtime) -> None:
    siblings = run["s2"].diff(run["s3"])
    assert (siblings.before, siblings.after) == (f"{run.id}:s2#1", f"{run.id}:s3#1")
    assert siblings.context is not None and siblings.context.parts[-1].change == "changed"
    assert siblings.context.prefix is not None and siblings.context.prefix.cause is siblings.context.parts[-1]
    other = draft(runtime, "Write {{topic}}", topic="rain").run()
    across = run.diff(other, step="s2")
    assert (across.before, across.after) == (f"{run.id}:s2#1", f"{other.id}:s2#1")
    assert (
        across.context is not None and {part.source: part.change for part in across.context.parts}["task"] == "changed"
    )
    assert run["s2"].diff(other["s2"], what="plan").plan is not None


def test_two_runs_are_compared_by_plan_result_and_cost(run: Run, runtime: Runtime) -> None:
    runtime.use(engine(plan_json(("s1", "a", []), ("s2", "b again", ["s1"]), ("s4", "d", [])), a=MOON))
    other = draft(runtime, "Write {{topic}}", topic="rain", temperature=1, reuse="off").run()
    found = run.diff(other)
    assert found.context is None
    assert found.plan is not None and found.plan.task is not None and not found.plan.task.same
    assert {step.id: step.changes for step in found.plan.steps} == {
        "s1": (), "s2": ("reworded",), "s3": ("dropped",), "s4": ("added",),
    }  # fmt: skip
    assert {"temperature", "reuse"} <= {one.name for one in found.plan.options}
    assert found.output is not None and (found.output.before, found.output.after) == (run.result, other.result)
    assert found.cost is not None and found.cost.total is not None
    assert {row.name for row in found.cost.rows} == {"understand", "plan", "s1", "s2", "s3", "s4", "integrate"}
    assert run.diff(other, what="cost").plan is None
    same = run.diff(run)
    assert same.plan is not None and same.plan.same and same.output is not None and same.output.same


def test_a_run_is_compared_with_what_it_was(run: Run) -> None:
    before = run.at(run.view.seq)
    run.rerun("s1", down=True)
    found = before.diff(run)
    assert found.cost is not None and {row.name: row.difference.attempts for row in found.cost.rows}["s1"] == 1


def test_what_makes_no_sense_says_what_to_type(run: Run, runtime: Runtime) -> None:
    def refused(**how: Any) -> UsageError:
        with pytest.raises(UsageError) as error:
            run.diff(**how)
        return error.value

    assert 'run["s1"].diff()' in refused().hint
    assert "no attempt before #1" in refused(step="s1").message and "OTHER_RUN" in refused(step="s1").hint
    assert "no step 's9'" in refused(step="s9").message
    assert "Only steps have contexts" in refused(other=run, what="context").message
    assert "context, output, plan, cost" in refused(other=run, what="costs").hint
    with pytest.raises(UsageError, match="no attempt #7") as error:
        run["s1"].diff(1, 7)
    assert error.value.hint == "Its attempts: #1"
    run.rerun("s1")
    run.choose("s1", 1)
    with pytest.raises(UsageError, match="no attempt before #1") as error:
        run["s1"].diff()
    assert 'run["s1"].diff(1, 2)' in error.value.hint
    planned = draft(runtime, "Write {{topic}}", topic="snow").plan()
    with pytest.raises(UsageError, match="no attempt yet"):
        planned["s1"].diff()


def test_an_attempt_that_was_never_sent_has_no_context(runtime: Runtime) -> None:
    runtime.use(engine(PLAN, context_length=4096))
    with pytest.raises(RunError):
        draft(runtime, "x", plan="s1 [max_tokens=9 budget=1]: a").run()
    run = Run(runtime, runtime.store.runs()[0].run_id)
    with pytest.raises(UsageError, match="s1#1 was never sent"):
        run["s1"].diff(run["s1"])
    assert run["s1"].diff(run["s1"], what="output").output is not None


def test_a_failed_attempt_is_passed_over_only_if_it_was_never_sent(runtime: Runtime) -> None:
    runtime.use(engine(PLAN, a=[Fail(2, "it broke"), "The moon."]))
    with pytest.raises(RunError):
        draft(runtime, "x").run()
    run = Run(runtime, runtime.store.runs()[0].run_id).resume()
    assert run["s1"].diff().before.endswith("#1")


def test_the_join_of_results_has_parts_but_no_tokens(run: Run) -> None:
    found = run["integrate"].diff(run["integrate"])
    assert found.context is not None and [part.source for part in found.context.parts] == ["s2", "s3"]
    assert (found.context.prefix, found.context.after_cached) == (None, None)


# ---------------------------------------------------------------- how it shows itself, and as data


def test_it_prints_and_shows_itself(run: Run) -> None:
    run.rerun("s1")
    found = run["s1"].diff()
    assert str(found) == repr(found) and "[-moon-]{+sun+}" in str(found)
    assert "<del" in found._repr_html_() and ">sun</ins>" in found._repr_html_()


def test_as_a_data_frame(run: Run) -> None:
    pandas = pytest.importorskip("pandas")
    run.rerun("s1", down=True)
    frame = run["s2"].diff(what=["context", "output", "plan", "cost"]).to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame) == ["what", "name", "measure", "change", "before", "after", "difference"]
    assert set(frame.what) == {"context", "output", "plan", "cost"}
    prompt = frame[(frame.what == "cost") & (frame.measure == "prompt_tokens")].iloc[0]
    assert prompt.after - prompt.before == prompt.difference
    parts = frame[(frame.what == "context") & (frame.measure == "tokens")]
    assert dict(zip(parts.name, parts.change))["result s1"] == "changed"
    whole = run.at(5).diff(run).to_pandas()
    assert set(whole[whole.what == "cost"].name) >= {"s1", "s2", "total"}


def test_without_pandas_it_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *more: Any) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("vnb.api.compare.import_module", missing)
    with pytest.raises(UsageError) as error:
        run.diff(run).to_pandas()
    assert error.value.hint == "pip install pandas"
