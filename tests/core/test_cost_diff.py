from typing import Any

import pytest

from tests.fixtures import NAMES, moments
from vnb.core import metrics
from vnb.core.cost_diff import Cost, CostRow, cost, diff
from vnb.core.types import AttemptStatus, Step, Token, Usage
from vnb.core.view import AttemptView, RunView, StepView
from vnb.views.rows import summary


def attempt(prompt: int = 100, cached: int = 40, new: int = 3, **more: Any) -> AttemptView:
    tokens = [Token(0, "x", 0.1 * number) for number in range(new)]
    usage = Usage(prompt, cached, new)
    return AttemptView(1, "finished", tokens=tokens, usage=usage, queued_at=10.0, ended_at=12.0, **more)


def run(*steps: tuple[str, list[AttemptView]]) -> RunView:
    return RunView(steps={id: StepView(Step(id, "x"), attempts=attempts) for id, attempts in steps})


def test_attempts_of_a_step_are_added_up() -> None:
    found = cost([attempt(), attempt(cached=60, new=5)])
    assert (found.attempts, found.prompt_tokens, found.cached_tokens, found.new_tokens) == (2, 200, 100, 8)
    assert (found.prefix_hit, found.seconds) == (0.5, 2.0)
    assert found.rate == pytest.approx(10.0)
    assert cost([attempt()]).rate == pytest.approx(metrics.decode_rate(attempt()))


def test_what_is_not_known_is_not_zero() -> None:
    silent = AttemptView(1, "failed", prompt="digest")
    assert cost([silent]) == Cost(attempts=1)
    assert CostRow("s1", cost([attempt()]), cost([silent])).difference == Cost(attempts=0)
    assert CostRow("s1", cost([attempt()]), Cost()).difference == Cost()


@pytest.mark.parametrize("status", ["reused", "finished", "cancelled"])
def test_where_no_model_was_asked_nothing_was_spent(status: AttemptStatus) -> None:
    found = cost([AttemptView(1, status, prompt="digest" if status == "reused" else "")])
    assert found == Cost(1, 0, 0, 0)
    assert CostRow("s1", cost([attempt()]), found).difference == Cost(0, -100, -40, -3)
    assert cost([]) == Cost(0, 0, 0, 0)


def test_steps_are_aligned_and_the_whole_is_added_up() -> None:
    found = diff(run(("s1", [attempt()]), ("s2", [attempt()])), run(("s1", [attempt(cached=90)]), ("s3", [])))
    assert [row.name for row in found.rows] == ["s1", "s2", "s3"]
    assert found.rows[0].difference.cached_tokens == 50
    assert found.rows[1].after == Cost() and found.rows[1].difference == Cost()
    assert found.rows[2].before == Cost() and found.rows[2].after == Cost(0, 0, 0, 0)
    assert found.total is not None and found.total.difference.prompt_tokens == -100


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_is_what_the_runs_headline_says(name: str) -> None:
    *_, view = moments(name)
    total, said = diff(view, view).total, summary(view, 0.0)
    assert total is not None
    assert (total.after.prompt_tokens or 0, total.after.new_tokens or 0) == (said.prompt_tokens, said.new_tokens)
    if view.status != "running":
        assert (total.after.prefix_hit, total.after.rate, total.after.seconds) == (said.hit, said.rate, said.seconds)
