import copy

import pytest

from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Change, Sampling, Step, Task, Token, Usage
from vnb.errors import FoldError

CONTEXT = ev.ContextRef((), 100, 0, "c")


class Story:
    """Appends bodies to a fold and keeps the events."""

    def __init__(self) -> None:
        self.fold = Fold()
        self.events: list[ev.Event] = []

    def tell(self, *bodies: ev.Body, run_id: str = "r") -> None:
        for body in bodies:
            event = ev.Event(run_id, self.fold.view.seq + 1, float(self.fold.view.seq + 1), body)
            self.fold.apply(event)
            self.events.append(event)


def started(step: str, attempt: int) -> ev.StepStarted:
    return ev.StepStarted(step, attempt, CONTEXT, "p", Sampling(), None, "engine", "key")


def finished(step: str, attempt: int, output: str = "out") -> tuple[ev.Body, ...]:
    return (
        ev.StepQueued(step, attempt),
        started(step, attempt),
        ev.StepPrefilled(step, attempt, 10, 4, 0.0, 0.1),
        ev.StepDecoded(step, attempt, (Token(1, "he", 0.2), Token(2, "llo", 0.3))),
        ev.StepFinished(step, attempt, output, "stop", Usage(10, 4, 2)),
    )


@pytest.fixture
def story() -> Story:
    story = Story()
    story.tell(ev.RunStarted(Task("t", "do it"), "0"), ev.StepPlanned(Step("s1", "a")))
    story.tell(ev.StepPlanned(Step("s2", "b", ("s1",))), ev.PlanFinished(("s1", "s2")))
    return story


def test_an_attempt_goes_from_queued_to_finished(story: Story) -> None:
    story.tell(*finished("s1", 1))
    step = story.fold.view.steps["s1"]
    assert (step.status, step.chosen, step.output) == ("finished", 1, "out")
    assert step.attempts[0].text == "hello"
    assert step.attempts[0].usage.cached_tokens == 4
    assert [step.attempts[0].queued_at, step.attempts[0].started_at, step.attempts[0].ended_at] == [5.0, 6.0, 9.0]


def test_a_failed_attempt_never_becomes_the_chosen_one(story: Story) -> None:
    story.tell(*finished("s1", 1), ev.StepQueued("s1", 2), ev.StepFailed("s1", 2, "broken", "mend it"))
    step = story.fold.view.steps["s1"]
    assert (step.status, step.chosen, step.attempts[1].error) == ("finished", 1, "broken")
    story.tell(*finished("s1", 3, "new"))
    assert (step.chosen, step.output) == (3, "new")
    story.tell(ev.AttemptChosen("s1", 1))
    assert (step.chosen, step.output) == (1, "out")


def test_an_abandoned_attempt_lasted_until_it_was_last_heard_of(story: Story) -> None:
    queued, sent, prefilled, decoded, _ = finished("s1", 1)
    story.tell(queued, sent, prefilled, decoded)
    heard = story.fold.view.steps["s1"].attempts[0].last_heard
    story.tell(ev.StepCancelled("s1", 1, "interrupted", until=heard))
    assert story.fold.view.steps["s1"].attempts[0].ended_at == heard < story.events[-1].at


def test_a_revision_adds_drops_and_rewords(story: Story) -> None:
    story.tell(ev.StepQueued("s1", 1), ev.StepFailed("s1", 1, "no"), ev.StepSkipped("s2", "s1 failed"))
    changes = (
        Change("reword", "s1", Step("s1", "a better a")),
        Change("drop", "s2"),
        Change("add", "s3", Step("s3", "c", ("s1",))),
    )
    story.tell(ev.PlanRevised("review.1", changes))
    view = story.fold.view
    assert [step.id for step in view.plan] == ["s1", "s3"]
    assert view.steps["s1"].status == "waiting"
    assert (view.steps["s2"].status, view.steps["s2"].note) == ("superseded", "review.1")


def test_what_is_no_longer_in_the_plan_is_not_delivered(story: Story) -> None:
    story.tell(ev.PlanFinished(("s1", "s2"), ("s2", "s1")))
    delivered = [story.fold.view.whole_plan.deliver]
    story.tell(ev.PlanRevised("", (Change("drop", "s2"),)))
    delivered.append(story.fold.view.whole_plan.deliver)
    story.tell(ev.PlanRevised("edited", (), ()))
    assert [*delivered, story.fold.view.whole_plan.deliver] == [("s2", "s1"), ("s1",), ()]


def test_other_needs_alone_are_no_edit(story: Story) -> None:
    step = story.fold.view.steps["s2"]
    story.tell(ev.StepEdited(Step("s2", "b")))
    assert (step.step.needs, step.edited) == ((), False)
    story.tell(ev.StepEdited(Step("s2", "better")))
    story.tell(ev.StepEdited(Step("s2", "better", ("s1",))))
    assert step.edited


def test_a_plan_that_was_written_anew_is_not_there_before_it_is_finished(story: Story) -> None:
    story.tell(ev.StepPlanned(Step("plan", "p", role="plan")))
    assert story.fold.view.planned
    story.tell(*finished("plan", 1))
    assert not story.fold.view.planned


def test_the_end_of_an_episode_is_not_the_end_of_the_stream(story: Story) -> None:
    story.tell(ev.RunFinished("stopped", error="stopped"), ev.RunResumed("stopped"))
    assert story.fold.view.status == "running"
    story.tell(*finished("s1", 1), ev.RunFinished("finished", "out"))
    assert (story.fold.view.status, story.fold.view.output) == ("finished", "out")


def test_a_fork_goes_on_where_its_parent_stood(story: Story) -> None:
    story.tell(ev.RunForked("r", 4), run_id="child")
    story.tell(*finished("s1", 1), run_id="child")
    view = story.fold.view
    assert (view.run_id, view.parent, view.parent_seq, view.steps["s1"].status) == ("child", "r", 4, "finished")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (ev.RunStarted(Task("t", "x"), "0"), "starts once"),
        (ev.StepPlanned(Step("s1", "again")), "there is a step 's1' already"),
        (ev.StepPlanned(Step("s3", "c", ("s9",))), "unknown step 's9'"),
        (ev.StepQueued("s9", 1), "no step 's9'"),
        (ev.StepQueued("s1", 2), "next attempt of 's1' is 1"),
        (started("s1", 1), "has no attempt 1"),
        (ev.StepDecoded("s1", 1, ()), "has no attempt 1"),
        (ev.AttemptChosen("s1", 1), "has no attempt 1"),
        (ev.StaleSet({"s9": "x"}), "no step 's9'"),
        (ev.RunForked("other", 4), "it forks other@4"),
        (ev.PlanRevised("r", (Change("drop", "s1"),)), "needs 's1'"),
        (ev.PlanRevised("r", (Change("reword", "s1", Step("s1", "a", ("s2",))),)), "cycle"),
        (ev.PlanRevised("r", (Change("add", "s2", Step("s2", "b")),)), "there is a step 's2' already"),
        (ev.PlanRevised("r", (Change("add", "s4"),)), "does not say what the step is now"),
    ],
)
def test_an_event_that_does_not_fit_is_refused_and_changes_nothing(story: Story, body: ev.Body, why: str) -> None:
    before = copy.deepcopy(story.fold.view)
    with pytest.raises(FoldError, match=why):
        story.tell(body)
    assert story.fold.view == before


def test_a_gap_and_a_foreign_run_are_refused(story: Story) -> None:
    with pytest.raises(FoldError, match="should be number 5"):
        story.fold.apply(ev.Event("r", 7, 0.0, ev.PlanApproved()))
    with pytest.raises(FoldError, match="belongs to the run other"):
        story.fold.apply(ev.Event("other", 5, 0.0, ev.PlanApproved()))


def test_no_second_attempt_while_one_is_under_way(story: Story) -> None:
    story.tell(ev.StepQueued("s1", 1))
    for body in (ev.StepQueued("s1", 2), ev.StepSkipped("s1", "x"), ev.RunFinished("finished")):
        with pytest.raises(FoldError, match="under way"):
            story.tell(body)


def test_refolding_any_beginning_gives_what_the_view_was_then(story: Story) -> None:
    story.tell(*finished("s1", 1), *finished("s2", 1), ev.RunFinished("finished", "out"))
    fold = Fold()
    for number, event in enumerate(story.events, 1):
        fold.apply(event)
        assert Fold.of(story.events[:number]).view == fold.view
    assert fold.view == story.fold.view
