from vnb.core.plan_diff import diff
from vnb.core.types import Options, Sampling, Step, Task
from vnb.core.view import RunView, StepView


def planned(*steps: Step, text: str = "Write", engine: str = "tiny", **options: object) -> RunView:
    view = RunView(task=Task("t", text, options=Options(**options)), engine=engine)  # type: ignore[arg-type]
    for step in (Step("plan", "Split", role="plan"), *steps):
        view.steps[step.id] = StepView(step)
    return view


def test_a_plan_does_not_differ_from_itself() -> None:
    view = planned(Step("s1", "a"), Step("s2", "b", ("s1",)))
    found = diff(view, view)
    assert found.same and [step.id for step in found.steps] == ["s1", "s2"]


def test_steps_are_aligned_by_id_and_say_what_changed() -> None:
    hot = Step("s3", "c", engine="big.gguf", sampling=Sampling(temperature=1.5, stop=("END",)), title="C")
    before = planned(Step("s1", "write a"), Step("s2", "b"), Step("s3", "c"), Step("s4", "d"))
    after = planned(Step("s1", "write e"), hot, Step("s4", "d", ("s1", "s3")), Step("s5", "f"))
    found = {step.id: step for step in diff(before, after).steps}
    assert list(found) == ["s1", "s2", "s3", "s4", "s5"]
    changes = {id: step.changes for id, step in found.items()}
    assert changes == {"s1": ("reworded",), "s2": ("dropped",), "s3": ("options",), "s4": ("needs",), "s5": ("added",)}
    assert [(piece.kind, piece.text) for piece in found["s1"].instruction.pieces] == [
        ("kept", "write "), ("dropped", "a"), ("added", "e"),
    ]  # fmt: skip
    assert [(one.name, one.before, one.after) for one in found["s3"].options] == [
        ("title", None, "C"), ("model", None, "big.gguf"), ("temperature", None, "1.5"), ("stop", None, '["END"]'),
    ]  # fmt: skip


def test_another_order_is_told() -> None:
    a, b, c = Step("s1", "a"), Step("s2", "b"), Step("s3", "c")
    assert [step.changes for step in diff(planned(a, b, c), planned(b, c, a)).steps] == [(), (), ("moved",)]


def test_another_deliverable_is_told() -> None:
    before, after = (planned(Step("s1", "a"), Step("s2", "b")) for _ in range(2))
    after.deliver = ("s2", "s1")
    assert [(one.name, one.before, one.after) for one in diff(before, after).options] == [("deliver", None, "s2, s1")]


def test_the_task_and_its_options_are_compared_too() -> None:
    step = Step("s1", "a")
    hot = Sampling(temperature=1.0)
    found = diff(planned(step), planned(step, text="Write more", engine="big", seed=4, sampling=hot))
    assert not found.same and found.task is not None and found.task.after == "Write more"
    assert {one.name: (one.before, one.after) for one in found.options} == {
        "model": ("tiny", "big"), "seed": (None, "4"), "temperature": (None, "1.0"),
    }  # fmt: skip
