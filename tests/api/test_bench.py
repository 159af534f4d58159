import threading

import pytest

import vnb
from tests.executor.conftest import engine, plan_json
from tests.notebook.scripts import until
from vnb.api import runtime as module
from vnb.api.bench import Bench, bench
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.engines.scripted import Answer, ScriptedEngine
from vnb.errors import UsageError

LONG = "word " * 40


def scripted(slots: int = 4) -> ScriptedEngine:
    return ScriptedEngine(lambda prompt, constraint: Answer(LONG, delay=0.001), slots=slots)


def test_a_model_is_measured_at_every_batch_that_it_has_slots_for(runtime: Runtime) -> None:
    measured = runtime.use(scripted())
    told: list[str] = []
    found = bench(runtime, prompt=40, new=8, rounds=2, on_progress=told.append)
    assert (found.spec, found.slots, found.prompt, found.new) == (measured.info.spec, 4, 40, 8)
    assert [speed.batch for speed in found.speeds] == [1, 4] and found.omitted == (8,)
    for speed in found.speeds:
        assert speed.prefill is not None and speed.decode is not None and speed.decode_each is not None
        assert 0 < speed.decode_each <= 1000 and speed.decode > 0.5 * speed.decode_each
    assert found.ttft_cold is not None and found.ttft_cached is not None
    assert found.load_seconds is None  # it was handed over, not loaded
    assert any("batch 4" in words for words in told)


def test_no_prompt_is_measured_twice_but_where_that_is_meant(runtime: Runtime) -> None:
    measured = scripted()
    runtime.use(measured)
    bench(runtime, prompt=20, new=4, rounds=2)
    prompts = [request.prompt.text for request in measured.requests]
    assert len(prompts) - len(set(prompts)) == 2  # once a round, for the cached first token
    answers = [request for request in measured.requests if request.sampling.max_tokens == 4]
    assert len(answers) == 2 * (1 + 4)


def test_the_result_is_a_table_in_every_form(runtime: Runtime) -> None:
    runtime.use(scripted())
    found = bench(runtime, prompt=20, new=4, rounds=1)
    text, html, table = repr(found), found._repr_html_(), found.to_pandas()
    for shown in (text, html):
        assert "Prefill tok/s" in shown and "batch 8: too few slots; %vmodel" in shown and "--parallel 8" in shown
        assert "medians of 1" in shown
    assert list(table.columns) == ["batch", "prefill", "decode", "decode_each"]
    assert list(table.batch) == [1, 4]


def test_what_makes_no_sense_is_refused(runtime: Runtime) -> None:
    runtime.use(scripted())
    with pytest.raises(UsageError, match="at least 1"):
        bench(runtime, rounds=0)
    with pytest.raises(UsageError, match="at least 2"):
        bench(runtime, new=1)


def test_nothing_is_measured_beside_a_run(runtime: Runtime) -> None:
    played = engine(plan_json(("s1", "a", []), ("s2", "b", [])), a=Answer("one two three", hold_after=1))
    runtime.use(played)
    run = draft(runtime, "x").start()
    until(lambda: "s1" in run.view.steps and any(one.text for one in run.view.steps["s1"].attempts))
    with pytest.raises(UsageError, match="A run is under way"):
        bench(runtime)
    run.stop()
    assert run.settle(10)
    assert not runtime.busy


def test_vnb_bench_measures_the_model_that_comes_with_vnb(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_runtime", runtime)
    before = threading.active_count()
    found = vnb.bench("tiny", prompt=32, new=8, rounds=1)
    assert isinstance(found, Bench)
    assert found.load_seconds is not None and found.load_seconds > 0
    assert [speed.batch for speed in found.speeds] == [1, 4]
    assert all(speed.prefill and speed.decode_each for speed in found.speeds)
    assert threading.active_count() < before + 20
