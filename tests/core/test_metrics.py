import pytest

from vnb.core import metrics
from vnb.core.types import Step, Token, Usage
from vnb.core.view import AttemptView, RunView, StepView


def test_the_figures_follow_their_definitions() -> None:
    tokens = [Token(1, "a", 0.5), Token(2, "b", 0.7), Token(3, "c", 1.1)]
    attempt = AttemptView(1, tokens=tokens, queued_at=10.0, started_at=10.25, ended_at=12.0)
    assert metrics.ttft(attempt) == pytest.approx(0.75)
    assert metrics.itl(attempt) == pytest.approx((0.2, 0.4))
    assert metrics.tpot(attempt) == pytest.approx(0.3)
    assert metrics.decode_rate(attempt) == pytest.approx(1 / 0.3)
    assert metrics.seconds(attempt) == pytest.approx(2.0)
    usage = Usage(prompt_tokens=100, cached_tokens=75, new_tokens=3, t_prefill=0.5)
    assert metrics.prefill_rate(usage) == pytest.approx(50.0)
    assert metrics.prefix_hit(usage) == 0.75
    view = RunView(started_at=10.0, ended_at=13.0, steps={"s1": StepView(Step("s1", "x"), attempts=[attempt])})
    assert metrics.aggregate_rate(view) == pytest.approx(1.0)


def test_what_cannot_be_said_is_none_not_zero() -> None:
    attempt = AttemptView(1)
    assert metrics.ttft(attempt) is metrics.tpot(attempt) is metrics.decode_rate(attempt) is None
    assert metrics.seconds(attempt) is metrics.prefix_hit(Usage()) is metrics.prefill_rate(Usage(10, 10)) is None
    assert metrics.aggregate_rate(RunView()) is None


def test_the_engines_own_clock_is_taken_where_there_is_one() -> None:
    tokens = [Token(1, "a", 0.5), Token(2, "b", 0.7), Token(3, "c", 1.1)]
    attempt = AttemptView(1, tokens=tokens, queued_at=10.0, started_at=10.25)
    attempt.usage = Usage(8, 0, 3, t_queue=0.1, t_prefill=0.3, t_decode=0.8, timing_source="engine")
    assert metrics.tpot(attempt) == pytest.approx(0.4)
    assert metrics.decode_rate(attempt) == pytest.approx(2.5)
    assert metrics.ttft(attempt) == pytest.approx(0.75)
    assert metrics.queue_time(attempt) == pytest.approx(0.35)
    attempt.usage = Usage(8, 0, 3, t_decode=0.8)
    assert metrics.tpot(attempt) == pytest.approx(0.3)


def test_percentiles_lie_between_the_values() -> None:
    assert metrics.percentile([4.0, 1.0, 2.0, 3.0], 0.5) == pytest.approx(2.5)
    assert [metrics.percentile([7.0], share) for share in (0.0, 0.5, 1.0)] == [7.0, 7.0, 7.0]
    assert metrics.percentile([], 0.5) is None


def test_each_role_has_its_tokens_and_seconds() -> None:
    made = AttemptView(1, "finished", usage=Usage(10, 4, 6), queued_at=1.0, ended_at=3.0)
    again = AttemptView(2, "cancelled", tokens=[Token(1, "a", 0.5)], usage=Usage(10, 10), queued_at=4.0, ended_at=5.0)
    reused = AttemptView(1, "reused", queued_at=6.0, ended_at=7.0)
    steps = {
        "plan": StepView(Step("plan", "x", role="plan"), attempts=[made]),
        "s1": StepView(Step("s1", "x"), attempts=[made, again]),
        "s2": StepView(Step("s2", "x"), attempts=[reused]),
    }
    found = metrics.by_role(RunView(steps=steps))
    assert list(found) == ["plan", "work"]
    assert found["plan"] == metrics.RoleCost(1, 10, 4, 6, 2.0)
    assert found["work"] == metrics.RoleCost(3, 20, 14, 7, 3.0)
