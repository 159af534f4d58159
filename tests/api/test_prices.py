"""`vnb.prices`: what an attempt cost is recorded with it."""

from __future__ import annotations

import pytest

import vnb
from tests.executor.conftest import engine
from vnb.api.evaluate import evaluate
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.errors import UsageError


def test_the_table_counts_from_the_next_run_on(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.use(engine())
    before = draft(runtime, "x", plan="s1: a").run()
    monkeypatch.setattr(vnb, "prices", {"scripted:scripted": (1, 10)})
    after = draft(runtime, "y", plan="s1: a\ns2: b <- s1").run()
    assert before["s1"].attempts[0].usage.price is None
    for step in ("s1", "s2"):
        usage = after[step].attempts[0].usage
        assert usage.price == pytest.approx((usage.prompt_tokens + 10 * usage.new_tokens) / 1e6)
    assert "Price" in str(before.diff(after, what="cost"))
    vnb.prices["scripted:scripted"] = (0, 0)
    again = after.rerun("s2")
    assert [attempt.usage.price for attempt in again["s2"].attempts] == [pytest.approx(usage.price), 0.0]


def test_a_table_that_makes_no_sense_is_refused_before_the_run(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.use(engine())
    monkeypatch.setattr(vnb, "prices", {"scripted:scripted": 3})
    with pytest.raises(UsageError, match="The price of 'scripted:scripted'"):
        draft(runtime, "x", plan="s1: a").run()
    assert not runtime.store.runs()


def test_an_evaluation_says_what_a_solved_task_cost(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.use(engine(**{"Say 7.": "7"}))
    tasks = [{"task": "Say 7.", "answer": 7}]
    assert "Price" not in repr(evaluate(runtime, tasks, ways=("direct",)))
    monkeypatch.setattr(vnb, "prices", {"scripted:scripted": (0, 1e6)})
    found = evaluate(runtime, tasks, ways=("direct",), seed=1)
    assert found.scores[0].price == found.scores[0].new_tokens == 1
    assert "Price / solved" in repr(found) and "Energy" not in repr(found)
