"""Reruns, choices, stale marks, early cutoff: what runs again, what counts, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.executor.conftest import engine
from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.digest import seed_for
from vnb.engines.scripted import Fail, ScriptedEngine
from vnb.errors import RunError, UsageError

from .moments import asked

DIAMOND = "s1: a\ns2: b <- s1\ns3: c <- s1\ns4: d <- s2, s3"


def diamond(runtime: Runtime, plan: str = DIAMOND, **said: Any) -> tuple[Run, ScriptedEngine]:
    """A finished run; replies that are lists are used up one by one."""
    options = {name: said.pop(name) for name in ("integrate", "schema", "seed", "budget") if name in said}
    whole = said.pop("whole", None)
    played = engine(**said, **({"integrate": whole} if whole is not None else {}))
    runtime.use(played)
    return draft(runtime, "x", plan=plan, **options).run(), played


def counts(run: Run) -> dict[str, int]:
    return {step.id: len(step.attempts) for step in run}


def test_a_rerun_of_the_root_that_says_the_same_costs_one_call(runtime: Runtime) -> None:
    run, played = diamond(runtime)
    before = {step.id: step.context.digest for step in run if step.context}
    run.rerun("s1", down=True)
    assert asked(played, 4) == ["a"]
    assert counts(run) == {"s1": 2, "s2": 1, "s3": 1, "s4": 1, "integrate": 1}
    assert (run.stale, run.status) == ({}, "finished")
    assert {step.id: step.context.digest for step in run if step.context} == before


def test_down_runs_exactly_the_descendants_of_a_changed_step(runtime: Runtime) -> None:
    run, played = diamond(runtime, b=["b1", "b2"], d=["d1", "d2"])
    sibling = run["s3"].context
    run.rerun("s2", down=True)
    assert asked(played, 4) == ["b", "d"]
    assert counts(run) == {"s1": 1, "s2": 2, "s3": 1, "s4": 2, "integrate": 2}
    assert run["s3"].context == sibling
    assert (run.result, run.stale) == ("d2", {})


def test_down_from_the_root_runs_everything_once_if_everything_changes(runtime: Runtime) -> None:
    said: dict[str, Any] = {word: [f"{word}1", f"{word}2"] for word in "abcd"}
    run, played = diamond(runtime, **said)
    run.rerun("s1", down=True)
    assert asked(played, 4) == ["a", "b", "c", "d"]
    assert run["s4"].context is not None
    assert [part.text for part in run["s4"].context.parts if part.kind == "result"] == ["b2", "c2"]
    assert (run.result, run.stale) == ("d2", {})


def test_down_stops_where_nothing_changes(runtime: Runtime) -> None:
    run, played = diamond(runtime, a=["a1", "a2"])
    run.rerun("s1", down=True)
    assert asked(played, 4) == ["a", "b", "c"]
    assert counts(run)["s4"] == 1


def test_only_marks_what_would_be_shown_something_else_and_a_choice_takes_it_back(runtime: Runtime) -> None:
    run, played = diamond(runtime, a=["a1", "a2"])
    run.rerun("s1")
    assert run.stale == {"s2": "s1 changed", "s3": "s1 changed"}
    run["s1"].choose(1)
    assert run.stale == {}
    run["s1"].choose(2)
    assert set(run.stale) == {"s2", "s3"}
    assert len(played.requests) == 5
    run.rerun_stale()
    assert asked(played, 5) == ["b", "c"]
    assert (run.stale, counts(run)["s4"]) == ({}, 1)
    assert run.rerun_stale() is run
    assert len(played.requests) == 7


def test_several_steps_run_each_after_those_of_them_that_it_needs(runtime: Runtime) -> None:
    run, played = diamond(runtime, a=["a1", "a2"], b=["b1", "b2"])
    run.rerun("s4", "s2", "s1")
    assert asked(played, 4) == ["a", "b", "d"]
    assert run["s4"].context is not None
    assert [part.text for part in run["s4"].context.parts if part.kind == "result"] == ["b2", "<c>"]
    assert set(run.stale) == {"s3"}


def test_a_failed_attempt_never_counts(runtime: Runtime) -> None:
    run, _ = diamond(runtime, b=["b1", Fail(1, "it broke"), "b3"])
    with pytest.raises(RunError, match=r"s2 failed: it broke\. Attempt 1 still counts"):
        run.rerun("s2", down=True)
    assert (run["s2"].output, run.status, run.stale) == ("b1", "finished", {})
    assert [one.status for one in run["s2"].attempts] == ["finished", "failed"]
    with pytest.raises(UsageError, match="s2 has no finished attempt 2"):
        run["s2"].choose(2)


def test_new_words_are_kept_also_when_they_fail_and_make_the_step_stale(runtime: Runtime) -> None:
    said: dict[str, Any] = {"b, but shorter": [Fail(0, "no"), "short"]}
    run, played = diamond(runtime, **said)
    with pytest.raises(RunError):
        run.rerun("s2", instruction="b, but shorter")
    assert run.stale == {"s2": "its instruction was edited"}
    run.rerun_stale()
    assert asked(played, 4) == ["b, but shorter", "b, but shorter", "d"]
    assert (run["s2"].output, run.stale) == ("short", {})
    run["s2"].choose(1)
    assert "its instruction was edited" in run.stale["s2"]


def test_the_same_key_is_not_asked_for_twice_unless_it_is_said(runtime: Runtime) -> None:
    run, played = diamond(runtime, b=[f"b{number}" for number in range(9)])
    run.rerun("s2", seed=7)
    run.rerun("s2", seed=7)
    assert (len(played.requests), run["s2"].output) == (5, "b1")
    assert run["s2"].attempts[2].view.source == f"{run.id}:s2#2"
    run.rerun("s2", seed=7, temperature=0.9)
    run.rerun("s2", seed=7, reuse="off")
    assert (len(played.requests), run["s2"].output) == (7, "b3")
    run.rerun("s2", seed=7, reuse="refresh")
    run.rerun("s2", seed=7)
    assert (len(played.requests), run["s2"].output) == (8, "b4")


def test_a_rerun_draws_a_new_seed_also_where_the_plan_fixed_one(runtime: Runtime) -> None:
    run, _ = diamond(runtime, plan="s1 [seed=3]: a\ns2: b <- s1")
    run.rerun("s1", "s2")
    assert [one.view.sampling.seed for one in run["s1"].attempts] == [3, seed_for(0, "s1", 2)]
    assert [one.view.sampling.seed for one in run["s2"].attempts] == [seed_for(0, "s2", n) for n in (1, 2)]
    run.rerun("s1", seed=3)
    assert run["s1"].attempts[2].status == "reused"


def test_parts_of_a_split_step_run_again_like_any_other(runtime: Runtime) -> None:
    plan = "s1: a\ns2: b <- s1\ns2.1: p\ns2.2: q <- s2.1\ns3: c <- s2"
    run, played = diamond(runtime, plan=plan, p=["p1", "p2"], q=["q1", "q2", "q3"], a=["a1", "a2"])
    run.rerun("s2.1", down=True)
    assert asked(played, 4) == ["c", "p", "q"]
    assert run["s2"].output == "q2"
    run.rerun("s2.2")
    assert run.stale == {"s2": "s2.2 changed"}
    run.rerun("s1")
    assert set(run.stale) == {"s2", "s2.1", "s2.2"}


def test_an_integration_that_is_written_is_a_step_like_any_other(runtime: Runtime) -> None:
    run, played = diamond(runtime, integrate="write", whole=["first", "second", "third"], d=["d1", "d2"])
    run.rerun("integrate")
    assert (run.result, len(played.requests)) == ("second", 6)
    run["integrate"].choose(1)
    assert run.result == "first"
    run.rerun("s4")
    assert (run.stale, run.result) == ({"integrate": "s4 changed"}, "first")
    run.rerun_stale()
    assert (run.stale, run.result) == ({}, "third")


def test_a_result_that_does_not_match_its_schema_never_counts(runtime: Runtime) -> None:
    run, _ = diamond(runtime, schema={"type": "object"}, whole=["{}", "[]"])
    with pytest.raises(RunError, match="does not match its constraint"):
        run.rerun("integrate")
    assert (run.status, run.result) == ("finished", "{}")


def test_what_was_cut_makes_a_step_stale_only_if_the_cut_differs(runtime: Runtime) -> None:
    long = "".join(f"{a}{b}{c}{d} " for a in "bdfgkl" for b in "aeiou" for c in "mnr" for d in "aeiou")
    run, played = diamond(
        runtime, plan="s1: a\ns2: b <- s1", a=[long + "end", long + "another end", "other " + long], budget=400
    )
    assert run["s2"].context is not None
    shown = next(part for part in run["s2"].context.parts if part.kind == "result")
    assert shown.tokens < shown.full_tokens
    run.rerun("s1", down=True)
    assert asked(played, 2) == ["a"]
    assert set(run.stale) == set()
    run.rerun("s1")
    assert run.stale == {"s2": "s1 changed"}
    run["s1"].choose(1)
    assert run.stale == {}


@pytest.mark.parametrize(
    ("steps", "how", "said"),
    [
        ((), {}, "No step was named"),
        (("s9",), {}, "no step 's9'"),
        (("s1",), {"heat": 1}, "no setting 'heat'"),
        (("s1",), {"temperature": -1}, "temperature must be"),
        (("s1",), {"reuse": "perhaps"}, "reuse must be"),
        (("s1", "s2"), {"instruction": "x"}, "Only one step"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_event(
    runtime: Runtime, steps: tuple[str, ...], how: dict[str, Any], said: str
) -> None:
    run, played = diamond(runtime)
    before = run.events
    with pytest.raises(UsageError, match=said):
        run.rerun(*steps, **how)
    assert (run.events, len(played.requests)) == (before, 4)


def test_a_step_whose_needs_never_finished_is_refused_with_what_to_type(runtime: Runtime) -> None:
    played = engine(b=[Fail(0, "no"), "b2"])
    runtime.use(played)
    run = draft(runtime, "x", plan=DIAMOND).start().awaited()
    with pytest.raises(UsageError, match="s4 needs s2, which is failed") as error:
        run.rerun("s4")
    assert "%vrerun s2 s4" in error.value.hint
    run.rerun("s2", "s4")
    assert (run["s4"].output, run.status) == ("<d>", "stopped")
    assert run.resume().result == "<d>"
    assert counts(run) == {"s1": 1, "s2": 2, "s3": 1, "s4": 1, "integrate": 1}
