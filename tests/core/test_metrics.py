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
