import pytest

from vnb.core import timeline
from vnb.core.timeline import BusyClock, Phase
from vnb.core.types import Step, Token, Usage
from vnb.core.view import AttemptView, RunView, StepView


def decoded(start: float, *dts: float, **more: object) -> AttemptView:
    """A finished attempt, queued at `start` and sent a second later, whose tokens came `dts` after that."""
    found = AttemptView(1, "finished", queued_at=start, started_at=start + 1, usage=Usage(10, 0, len(dts), t_queue=0.5))
    found.tokens = [Token(1, "x", dt) for dt in dts]
    found.ended_at = found.started_at + dts[-1] + 0.25
    for name, value in more.items():
        setattr(found, name, value)
    return found


def run(*attempts: AttemptView) -> RunView:
    return RunView(
        steps={f"s{place}": StepView(Step(f"s{place}", "x"), attempts=[one]) for place, one in enumerate(attempts)}
    )


def test_an_attempt_waits_prefills_and_decodes() -> None:
    assert timeline.phases(decoded(10.0, 1.0, 2.0, 3.0)) == (
        Phase("queue", 10.0, 11.5),
        Phase("prefill", 11.5, 12.0),
        Phase("decode", 12.0, 14.0),
    )


def test_what_is_under_way_lasts_until_now() -> None:
    attempt = decoded(10.0, 1.0, status="decoding", ended_at=0.0)
    assert timeline.phases(attempt, now=20.0)[-1] == Phase("decode", 12.0, 20.0)
    queued = AttemptView(1, "queued", queued_at=10.0)
    assert timeline.phases(queued, now=12.0) == (Phase("queue", 10.0, 12.0),)
    assert timeline.phases(queued) == ()


def test_a_failure_during_prefill_has_no_decode() -> None:
    failed = AttemptView(1, "failed", queued_at=10.0, started_at=11.0, prefill_total=50, ended_at=13.0)
    assert [(phase.kind, phase.end) for phase in timeline.phases(failed)] == [("queue", 11.0), ("prefill", 13.0)]


def test_what_called_no_model_has_no_phases() -> None:
    reused = AttemptView(1, "reused", queued_at=10.0, ended_at=10.1)
    joined = AttemptView(1, "finished", queued_at=10.0, started_at=10.1, ended_at=10.2)
    assert timeline.phases(reused) == timeline.phases(joined) == ()


def test_the_batch_size_is_how_many_decode_together() -> None:
    view = run(decoded(0.0, 1.0, 4.0), decoded(1.0, 1.0, 2.0), decoded(4.0, 1.0, 2.0))
    assert timeline.batch_size(view) == [(2.0, 1), (3.0, 2), (4.0, 1), (5.0, 0), (6.0, 1), (7.0, 0)]


def test_the_busy_clock_stands_still_in_pauses() -> None:
    clock = BusyClock([(100.0, 102.0), (101.0, 103.0), (163.0, 164.0), (164.2, 165.0)])
    assert clock.total == pytest.approx(5.0)
    assert [*clock.cuts[0]] == pytest.approx([3.0, 60.0]) and len(clock.cuts) == 1
    places = [clock.at(time) for time in (90.0, 100.0, 102.5, 103.0, 130.0, 163.0, 164.1, 165.0, 999.0)]
    assert places == pytest.approx([0.0, 0.0, 2.5, 3.0, 3.0, 3.0, 4.1, 5.0, 5.0])
    assert (BusyClock([]).total, BusyClock([]).at(5.0)) == (0.0, 0.0)


def test_rates_count_every_token_once() -> None:
    times = [0.0, 0.1, 0.19, 0.2, 0.55, 0.6]
    assert timeline.rates(times, 0.6, 0.2) == pytest.approx([15.0, 5.0, 10.0])
    assert sum(timeline.rates(times, 0.6, 0.2)) * 0.2 == pytest.approx(len(times))


@pytest.mark.parametrize(
    ("total", "decoding", "tokens", "size"),
    [(60.0, 60.0, 6000, 1.0), (0.13, 0.12, 128, 0.005), (61.0, 1.0, 4, 2.0), (0.0, 0.0, 0, 1.0)],
)
def test_windows_are_round_and_hold_some_tokens(total: float, decoding: float, tokens: int, size: float) -> None:
    assert timeline.window(total, decoding, tokens) == pytest.approx(size)
