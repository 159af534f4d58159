import json

import pytest

from vnb.core.types import Options, Step, Task
from vnb.core.view import AttemptView, RunView, StepView
from vnb.errors import PlanError
from vnb.planner import review, revise
from vnb.planner.asking import Asking
from vnb.planner.brief import read_brief
from vnb.planner.prompts import INSTRUCT


@pytest.fixture
def view() -> RunView:
    view = RunView(task=Task("t", "x", options=Options(schema='{"type":"object"}', integrate="write")))
    done = AttemptView(1, status="finished", output="o")
    lost = AttemptView(1, status="failed", error="it broke")
    view.steps["s1"] = StepView(Step("s1", "a"), "finished", [done], 1)
    view.steps["s2"] = StepView(Step("s2", "b", ("s1",)), "failed", [lost])
    view.steps["s3"] = StepView(Step("s3", "c", ("s2",)))
    return view


def changes(*items: dict[str, object]) -> str:
    return json.dumps({"changes": list(items)})


def test_a_review_is_shown_what_is_open_and_what_went_wrong(view: RunView) -> None:
    assert review.review_notes(view) == (
        ("Steps that have not finished", "s2: b <- s1\ns3: c <- s2"),
        ("Problems", "Problem: s2: it broke"),
    )
    asking = Asking(INSTRUCT)
    step = asking.review(view)
    assert (step.id, step.role, step.needs) == ("review.1", "review", ("s1",))
    assert asking.integrate(view).needs == ("s3", "s1", "s2")  # written, so of all results, the delivered ones first
    assert asking.integrate(view).constraint is not None


def test_changes_add_reword_drop_and_split(view: RunView) -> None:
    found, repairs = review.read_changes(
        changes(
            {"op": "add", "id": "s2.1", "instruction": "half of b", "needs": []},
            {"op": "reword", "id": "s2", "instruction": "b, better", "needs": ["s1"]},
            {"op": "drop", "id": "s3"},
        ),
        view,
    )
    assert [(change.kind, change.step) for change in found] == [("add", "s2.1"), ("reword", "s2"), ("drop", "s3")]
    assert repairs == ""
    assert found[0].after is not None
    assert found[0].after.parent == "s2"
    assert found[1].after is not None
    assert found[1].after.instruction == "b, better"


def test_a_dropped_step_goes_from_the_needs_of_those_behind_it(view: RunView) -> None:
    found, _ = review.read_changes(changes({"op": "drop", "id": "s2"}), view)
    assert [(change.kind, change.step, change.after and change.after.needs) for change in found] == [
        ("drop", "s2", None),
        ("reword", "s3", ()),
    ]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([{"op": "reword", "id": "s1", "instruction": "x"}], "'s1', which is finished"),
        ([{"op": "drop", "id": "s9"}], "'s9', which is not in the plan"),
        ([{"op": "add", "id": "s3", "instruction": "x"}], "'s3', which is there already"),
        ([{"op": "add", "id": "s1.1", "instruction": "x"}], "'s1', which is finished"),
        ([{"op": "add", "id": "s9.1", "instruction": "x"}], "'s9', which is not in the plan"),
        ([{"op": "reword", "id": "s2", "instruction": " "}], "'s2' no instruction"),
        ([{"op": "explode", "id": "s2"}], "'explode' a step"),
        ([7], "not a list of changes"),
        ([{"op": "add", "id": "s 4: x <- q\n", "instruction": "x"}], "which is not an id"),
        ([{"op": "add", "id": f"s{n}", "instruction": "x"} for n in range(4, 12)], "more than the 8 steps"),
        ([{"op": "reword", "id": "s2", "instruction": "x", "needs": ["s3"]}], "cycle"),
    ],
)
def test_changes_that_will_not_do_are_refused_with_the_reason(view: RunView, items: list[object], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        review.read_changes(json.dumps({"changes": items}), view)


@pytest.mark.parametrize("text", ["no", "[]", '{"changes": 1}'])
def test_what_is_no_list_of_changes_is_refused(view: RunView, text: str) -> None:
    with pytest.raises(PlanError):
        review.read_changes(text, view)


def test_added_steps_may_need_one_another_and_what_is_mended_is_said(view: RunView) -> None:
    found, repairs = review.read_changes(
        changes(
            {"op": "add", "id": "s4", "instruction": "x", "needs": ["s5", "s77"]},
            {"op": "add", "id": "s5", "instruction": "y", "needs": []},
            {"op": "reword", "id": "s2", "instruction": "b again"},
        ),
        view,
    )
    assert [change.after.needs for change in found if change.after] == [("s5",), (), ("s1",)]
    assert "s4 needed 's77'" in repairs


def test_revising_keeps_what_is_the_same(view: RunView) -> None:
    plan = list(view.plan)
    assert revise.revise(view, plan) == ()
    found = revise.revise(view, [plan[0], Step("s2", "other"), Step("s4", "new")])
    assert [(change.kind, change.step) for change in found] == [("drop", "s3"), ("reword", "s2"), ("add", "s4")]


def test_briefs_are_read_leniently_but_need_a_goal() -> None:
    text = '```json\n{"goal": " win ", "constraints": ["a", 2], "language": 5}\n```'
    brief = read_brief(text, "play and win", own_words=True)
    assert (brief.goal, brief.constraints, brief.language, brief.deliverable) == ("win", ("a", "2"), "", "")
    copied = read_brief(text, "Play, and do not lose.")
    assert (copied.goal, copied.constraints, copied.language) == (
        "Play, and do not lose.",
        ("do not lose.",),
        "English",
    )
    for text in ("{}", '{"goal": " "}', "nothing"):
        with pytest.raises(PlanError):
            read_brief(text, "play and win")
