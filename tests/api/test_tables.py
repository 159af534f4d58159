import sys

import pytest

from tests.executor.conftest import engine, plan_json
from tests.fixtures import NAMES, events
from tests.fixtures.writer import EPOCH
from vnb.api import tables
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.fold import Fold
from vnb.engines.scripted import Fail
from vnb.errors import RunError, VnbError

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]))


def test_a_run_as_tables(runtime: Runtime) -> None:
    runtime.use(engine(PLAN))
    run = draft(runtime, "x").run()
    found = run.to_pandas()
    assert list(found.steps.step) == ["understand", "plan", "s1", "s2", "integrate"]
    assert list(found.steps.needs) == ["", "", "", "s1", "s2"]
    attempt = found.attempts.set_index("step").loc["s2"]
    usage = run["s2"].attempts[0].usage
    assert (attempt.prompt_tokens, attempt.new_tokens, attempt.timing) == (
        usage.prompt_tokens,
        usage.new_tokens,
        "engine",
    )
    assert attempt.prefix_hit == pytest.approx(usage.cached_tokens / usage.prompt_tokens)
    tokens = found.tokens[found.tokens.step == "s2"]
    assert "".join(tokens.text) == "<b>"
    assert tokens.gap.isna().sum() == 1 and list(tokens.place) == list(range(len(tokens)))
    assert len(found.events) == run.view.seq and found.events.type.iloc[-1] == "RunFinished"
    assert "attempts: 5 rows" in repr(found)


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_are_the_documented_ones_for_every_run(name: str) -> None:
    known = events(name)
    found = tables.tables(Fold.of(known).view, known, EPOCH + 30)
    assert list(found.steps) == list(tables.STEPS)
    assert list(found.attempts) == list(tables.ATTEMPTS)
    assert list(found.tokens) == list(tables.TOKENS)
    assert list(found.events) == list(tables.EVENTS)
    assert all([*tables.STEPS.values(), *tables.ATTEMPTS.values(), *tables.TOKENS.values(), *tables.EVENTS.values()])
    assert str(found.attempts.prompt_tokens.dtype) == "Int64" and str(found.tokens.gap.dtype) == "float64"


def test_what_cannot_be_said_is_missing(runtime: Runtime) -> None:
    runtime.use(engine(PLAN, b=Fail(0, "it broke")))
    with pytest.raises(RunError):
        draft(runtime, "x").run()
    runtime.use(engine(PLAN))
    run = draft(runtime, "x").run()  # what had finished is reused
    attempt = run.to_pandas().attempts.set_index("step").loc["s1"]
    assert attempt.status == "reused"
    assert attempt[["prompt_tokens", "new_tokens", "ttft", "decode_rate", "queue", "timing"]].isna().all()


def test_without_pandas_the_error_says_how_to_get_it(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    runtime.use(engine(PLAN))
    with pytest.raises(VnbError, match="pandas") as error:
        draft(runtime, "x").run().to_pandas()
    assert error.value.hint == "pip install pandas"


def test_runs_are_plotted_together(runtime: Runtime) -> None:
    runtime.use(engine(PLAN))
    one, two = draft(runtime, "x").run(), draft(runtime, "y", seed=4).run()
    found = one.plot(two, what=["timeline", "prefix"], dark=True)
    assert one.id in found.alt and two.id in found.alt
    assert len(found.axes) == 2
    assert runtime.live(one.id) is not None


def test_energy_and_price_are_columns_that_may_be_missing() -> None:
    events_ = events("measured")
    table = tables.tables(Fold.of(events_).view, events_, 0.0).attempts
    assert list(table.joules.isna()) == [False, True, True] and table.joules[0] == 3.21
    assert list(table.price.isna()) == [True, False, False]
    assert list(table.spec) == ["tiny", "http://127.0.0.1:8000#large", "http://127.0.0.1:8000#large"]
