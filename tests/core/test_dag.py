import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.core import dag
from vnb.core.types import Step
from vnb.errors import PlanError


def step(step_id: str, *needs: str, parent: str = "") -> Step:
    return Step(step_id, "do it", needs, parent=parent)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "no steps"),
        ([step("s1"), step("s1")], "'s1' is used twice"),
        ([step("s1", "s9")], "needs 's9'"),
        ([step("s1", "s2"), step("s2", "s1")], "cycle: s1 -> s2 -> s1"),
        ([step("s1", "s1")], "cycle: s1 -> s1"),
        ([step("a", "c"), step("b", "a"), step("c", "b"), step("d", "c")], "cycle: a -> c -> b -> a"),
        ([step("plan")], "'plan' is reserved"),
        ([step("review.2")], "reserved"),
        ([Step("s1", "  ")], "no instruction"),
        ([Step("", "x")], "no id"),
        ([step("s1.1", parent="s1")], "part of 's1'"),
        ([step("s1"), step("s1.1", "s1", parent="s1")], "cycle: s1 -> s1.1 -> s1"),
    ],
)
def test_what_is_no_plan_is_named(steps: list[Step], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        dag.validate(steps)


def test_too_many_steps_are_counted() -> None:
    with pytest.raises(PlanError, match="3 steps; at most 2"):
        dag.validate([step("a"), step("b"), step("c")], most=2)


def test_a_split_step_waits_for_the_ends_of_its_parts_and_the_parts_for_what_it_needed() -> None:
    steps = [
        step("s1"),
        step("s2", "s1"),
        step("s2.1", parent="s2"),
        step("s2.2", "s2.1", parent="s2"),
        step("s3", "s2"),
    ]
    dag.validate(steps)
    assert dag.edges(steps) == {
        "s1": (),
        "s2": ("s2.2",),
        "s2.1": ("s1",),
        "s2.2": ("s2.1", "s1"),
        "s3": ("s2",),
    }
    assert dag.sinks(steps) == ("s3",)
    assert dag.order(dag.edges(steps)) == ("s1", "s2.1", "s2.2", "s2", "s3")


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    pairs = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=16))
    return {name: tuple(sorted(need for other, need in pairs if other == name)) for name in names}


def reaches(graph: dict[str, tuple[str, ...]], start: str, goal: str) -> bool:
    seen, todo = set(), list(graph[start])
    while todo:
        name = todo.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            todo += graph[name]
    return False


@given(graphs())
def test_cycles_orders_and_descendants_agree_with_plain_reachability(graph: dict[str, tuple[str, ...]]) -> None:
    cyclic = any(reaches(graph, name, name) for name in graph)
    cycle = dag.find_cycle(graph)
    assert bool(cycle) == cyclic
    for name, need in zip(cycle, cycle[1:], strict=False):
        assert need in graph[name]
    for name in graph:
        expected = {other for other in graph if reaches(graph, other, name)}
        assert dag.descendants(graph, [name]) == expected
    if cyclic:
        with pytest.raises(PlanError, match="cycle"):
            dag.order(graph)
    else:
        placed = dag.order(graph)
        assert sorted(placed) == sorted(graph)
        assert all(placed.index(need) < placed.index(name) for name in graph for need in graph[name])


def test_a_long_chain_does_not_overflow_the_stack() -> None:
    steps = [step("s0")] + [step(f"s{number}", f"s{number - 1}") for number in range(1, 5000)]
    random.Random(0).shuffle(steps)
    dag.validate(steps)
    assert len(dag.descendants(dag.edges(steps), ["s0"])) == 4999
