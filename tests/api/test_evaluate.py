"""Evaluations: what is asked, what counts, that nothing is asked twice, and that they can be stopped and killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

import vnb
from tests.api.killed_evaluation import TASKS, WAYS, engine
from tests.executor.conftest import BRIEF, plan_json
from tests.notebook.scripts import until
from vnb.api import runtime as module
from vnb.api.evaluate import evaluate
from vnb.api.questions import Question
from vnb.api.runtime import Runtime
from vnb.core.types import Constraint, Prompt, Strategy
from vnb.engines.scripted import Answer, Fail, Reply, ScriptedEngine
from vnb.errors import EngineError, RunError, UsageError
from vnb.models import HELD_OUT
from vnb.views.run_figure import RunFigure

PLAN = plan_json(("s1", "first", []), ("s2", "second", ["s1"]))


def planner(work: Callable[[str], Reply], slots: int = 4) -> ScriptedEngine:
    """Plans two steps; `work` answers everything that is no plan, given the prompt."""

    def answer(prompt: Prompt, constraint: Constraint | None) -> Reply:
        asked = constraint.text if constraint is not None else ""
        if '"goal"' in asked:
            return BRIEF
        return PLAN if '"steps"' in asked else work(prompt.text)

    return ScriptedEngine(answer, slots=slots)


def test_every_way_answers_every_task(runtime: Runtime) -> None:
    played = planner(lambda text: "5" if "second" in text else "4" if "first" in text else "6")
    runtime.use(played)
    found = evaluate(runtime, [{"task": "Add.", "answer": 5}, {"task": "Double.", "answer": 6}], samples=3)
    assert [(one.way, one.answer, one.right) for one in found.answers] == [
        ("planned", "5", True),
        ("direct", "6", False),
        ("self-consistency", "6", False),
        ("planned", "5", False),
        ("direct", "6", True),
        ("self-consistency", "6", True),
    ]
    calls = {one.way: sum(len(step.attempts) for step in found.run(one.task, one.way)) for one in found.answers}
    assert calls == {"planned": 5, "direct": 2, "self-consistency": 4}, "and the joining of the results each"
    planned, direct, votes = found.answers[:3]
    assert planned.prompt_tokens > direct.prompt_tokens and votes.new_tokens == 3 * direct.new_tokens
    assert planned.seconds > 0 and not planned.failed
    assert played.high_water == 3, "the samples decode together"


def test_the_baselines_are_the_model_as_its_users_ask_it(runtime: Runtime) -> None:
    played = planner(lambda text: "cat")
    runtime.use(played)
    task = "Name one animal in exactly three words."
    found = evaluate(runtime, [{"task": task, "answer": "cat"}], ways=("direct", "self-consistency"), samples=3)
    asked = {"".join(f"{one.role}: {one.content}" for one in request.prompt.messages) for request in played.requests}
    assert asked == {f"user: {task}"}, "nothing of vnb's stands beside the task"
    assert len(played.requests) == 1 + 3, "nobody tells them that an answer misses a demand"
    assert [(one.right, one.failed) for one in found.answers] == [(True, False), (True, False)]


def test_a_planned_answer_with_warnings_is_an_answer(runtime: Runtime) -> None:
    played = planner(lambda text: "cat")
    runtime.use(played)
    found = evaluate(
        runtime, [{"task": "Name one animal in exactly three words.", "answer": "cat"}], ways=("planned",), retries=1
    )
    (answer,) = found.answers
    assert (answer.right, answer.failed) == (True, False)
    assert len(played.requests) == 2, "it was told once what it misses"
    assert any("misses: exactly three words" in warning for warning in found.run(answer.task, answer.way).warnings)


def test_the_votes_are_drawn_differently_and_counted_by_the_check(runtime: Runtime) -> None:
    said = iter(["it is 1", "two: 2", "maybe 3", "2", "no idea"])
    played = planner(lambda text: next(said))
    runtime.use(played)
    found = evaluate(runtime, [{"task": "Count.", "answer": 2}], ways=("self-consistency",), temperature=0)
    assert found.answers[0].right and found.answers[0].answer == "two: 2"
    assert len({request.sampling.seed for request in played.requests}) == 5
    assert {request.sampling.temperature for request in played.requests} == {0.7}, "the way's own goes before"


def test_ways_of_ones_own_have_options_of_their_own(runtime: Runtime) -> None:
    played = planner(lambda text: "x")
    runtime.use(played)
    ways = {"cold": {"calls": 1, "temperature": 0.0}, "hot": {"calls": 1, "temperature": 1.5}}
    found = evaluate(runtime, [{"task": "Say x.", "answer": "x"}], ways=ways, max_tokens=7)
    assert found.ways == ("cold", "hot")
    asked = {(one.sampling.temperature, one.sampling.max_tokens) for one in played.requests}
    assert asked == {(0.0, 7), (1.5, 7)}


def test_a_check_of_ones_own_judges(runtime: Runtime) -> None:
    runtime.use(planner(lambda text: "about seven"))
    asked: list[tuple[str, str]] = []

    def judge(given: str, question: Question) -> bool:
        asked.append((given, question.id))
        return str(question.answer) in given

    tasks = [{"id": "a", "task": "How many?", "answer": "seven"}, {"id": "b", "task": "And now?", "answer": "eight"}]
    found = evaluate(runtime, tasks, ways=("direct",), check=judge)
    assert [one.right for one in found.answers] == [True, False] and asked == [
        ("about seven", "a"),
        ("about seven", "b"),
    ]
    assert [one.task for one in found.wrong("direct")] == ["b"]
    assert evaluate(runtime, tasks, ways=("direct",), check="exact").scores[0].right == 0


def test_inputs_are_put_in_and_braces_without_inputs_are_left(runtime: Runtime) -> None:
    played = planner(lambda text: "ok")
    runtime.use(played)
    tasks: list[dict[str, Any]] = [
        {"task": "Print {{x}}.", "answer": "ok"},
        {"task": "Add {{n}} to 1.", "answer": "ok", "inputs": {"n": 4}},
    ]
    evaluate(runtime, tasks, ways=("direct",))
    texts = [request.prompt.text for request in played.requests]
    assert "Print {{x}}." in texts[0] and "Add 4 to 1." in texts[1]


# ---------------------------------------------------------------- strategies and models


STRATEGIES = tuple(name for name in get_args(Strategy) if name not in ("auto", "direct"))


def test_every_strategy_is_a_way(runtime: Runtime) -> None:
    played = planner(lambda text: "answer = 5")
    runtime.use(played)
    task = "Two and three apples: how many are there?"
    found = evaluate(runtime, [{"id": "a", "task": task, "answer": 5}], ways=get_args(Strategy), samples=2)
    assert [(one.way, one.right) for one in found.answers] == [(name, True) for name in get_args(Strategy)]
    assert {name: found.run("a", name).view.strategy for name in STRATEGIES} == {name: name for name in STRATEGIES}
    assert found.run("a", "auto").view.strategy == "code", "as the task's own words say"
    assert found.run("a", "direct").view.given and not found.run("a", "code").view.given, "direct is the bare call"
    assert [one.answer for one in found.answers if one.way in ("code", "direct")] == ["answer = 5", "5"]


def test_the_samples_are_those_of_the_ways_that_vote(runtime: Runtime) -> None:
    played = planner(lambda text: "5")
    runtime.use(played)
    task = [{"id": "a", "task": "Two and three apples: how many are there?", "answer": 5}]
    ways: dict[str, dict[str, Any]] = {"plan": {"strategy": "direct"}, "vote": {"strategy": "vote"}}
    first = evaluate(runtime, task, ways=ways, samples=3)
    assert len(first.run("a", "vote").view.plan) == 3
    asked = len(played.requests)
    again = evaluate(runtime, task, ways=ways, samples=4)
    assert len(again.run("a", "vote").view.plan) == 4
    assert len(played.requests) == asked + 4, "the other way is not asked again"


def test_the_answers_of_a_vote_are_drawn_differently_though_the_others_are_greedy(runtime: Runtime) -> None:
    played = planner(lambda text: "5")
    runtime.use(played)
    task = "Two and three apples: how many are there?"
    evaluate(runtime, [{"task": task, "answer": 5}], ways=("vote", "direct"), samples=2, temperature=0)
    assert [request.sampling.temperature for request in played.requests] == [0.7, 0.7, 0.0]


def test_ways_with_the_same_options_share_their_runs(runtime: Runtime) -> None:
    def answer(prompt: Prompt, constraint: Constraint | None) -> Reply:
        if len(played.requests) > 1:
            played.let_go()
        return Answer("It is long", hold_after=2)

    played = ScriptedEngine(answer, slots=4)
    runtime.use(played)
    ways = {"one": {"calls": 1}, "two": {"calls": 1}, "other": {"calls": 1, "seed": 1}}
    found = evaluate(runtime, TASKS[:1], ways=ways, at_once=3)
    assert [one.way for one in found.answers] == ["one", "two", "other"] and len(played.requests) == 2
    assert found.answers[0].run == found.answers[1].run


def two_models(runtime: Runtime) -> tuple[ScriptedEngine, ScriptedEngine]:
    """A model that says 5, loaded last, and one that says 6."""
    small, large = (
        ScriptedEngine(lambda prompt, _, said=said: said, name=name)  # type: ignore[misc]
        for name, said in (("small", "5"), ("<large>", "6"))
    )
    runtime.use(large)
    runtime.use(small)
    return small, large


def test_models_are_compared_side_by_side(runtime: Runtime) -> None:
    small, large = two_models(runtime)
    ways: dict[str, dict[str, Any]] = {
        "by the small one": {"calls": 1},
        "by the large one": {"calls": 1, "model": "scripted:<large>"},
        "with a strategy": {"strategy": "direct", "model": Path("scripted:<large>")},
    }
    tasks = [{"id": "a", "task": "Add.", "answer": 6}, {"id": "b", "task": "Add up.", "answer": 6}]
    found = evaluate(runtime, tasks, ways=ways)
    assert [(one.model, one.right) for one in found.answers[:3]] == [
        ("small", False),
        ("<large>", True),
        ("<large>", True),
    ]
    assert (len(small.requests), len(large.requests)) == (2, 4)
    assert found.model == "small, <large>" and runtime.default == "scripted:small"
    assert [row.split()[:6] for row in repr(found).splitlines()[2:4]] == [
        ["by", "the", "small", "one", "small", "0"],
        ["by", "the", "large", "one", "<large>", "2"],
    ]
    html, markdown = found._repr_html_(), found._repr_markdown_()
    assert html.count("&lt;large&gt;") == 3 and "| by the small one | small | 0 of 2 |" in markdown
    assert list(found.to_pandas().model) == ["small", "<large>", "<large>"] * 2
    figure = found.plot()
    legend = figure.axes[0].get_legend()
    assert legend is not None and legend.get_texts()[1].get_text() == "by the large one (<large>)"
    assert "by the large one (<large>): 2 of 2 right" in figure.alt
    again = evaluate(runtime, tasks, ways=ways)
    assert again.answers == found.answers and len(large.requests) == 4
    assert "Model" not in repr(evaluate(runtime, tasks, ways=("direct",), model="scripted:<large>"))
    assert len(large.requests) == 4, "the same call to the same model is the same, whatever its way is called"


def test_models_of_one_name_are_told_apart(runtime: Runtime) -> None:
    for spec, profile in (("./q4.gguf", "instruct"), ("./q8.gguf", "compact")):
        played = ScriptedEngine(lambda prompt, _: "6", name="Same", profile=profile)  # type: ignore[arg-type]
        played._info = replace(played.info, spec=spec)
        runtime.use(played)
    ways = {name: {"calls": 1, "model": f"./{name}.gguf"} for name in ("q4", "q8")}
    found = evaluate(runtime, [{"task": "Add.", "answer": 6}], ways=ways)
    assert [score.model for score in found.scores] == ["Same (./q4.gguf)", "Same (./q8.gguf)"]


def test_only_the_models_that_are_asked_are_loaded(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    small, _ = two_models(runtime)
    runtime.default = "./not-needed.gguf"
    loaded: list[str] = []

    async def choose(spec: str, **options: Any) -> Any:
        loaded.append(spec)

        async def load(**options: Any) -> ScriptedEngine:
            return small

        return load

    monkeypatch.setattr("vnb.engines.registry.choose_engine", choose)
    ways = {name: {"calls": count, "model": "./late.gguf"} for name, count in (("one", 1), ("two", 2))}
    evaluate(runtime, TASKS[:2], ways=ways)
    assert loaded == ["./late.gguf"], "once"


def test_a_way_whose_model_cannot_be_loaded_is_refused_before_any_call(runtime: Runtime, tmp_path: Path) -> None:
    small, large = two_models(runtime)
    ways: dict[str, dict[str, Any]] = {"direct": {"calls": 1}, "x": {"model": str(tmp_path / "none.gguf")}}
    with pytest.raises(EngineError, match=r"none\.gguf"):
        evaluate(runtime, TASKS, ways=ways)
    assert not small.requests and not large.requests and not runtime.store.runs()


def test_one_model_that_is_gone_ends_the_evaluation_though_another_answers(runtime: Runtime) -> None:
    _, large = two_models(runtime)
    runtime.engines["scripted:small"] = gone = ScriptedEngine(lambda prompt, _: Fail(0, "it is gone"), name="small")
    ways: dict[str, dict[str, Any]] = {"here": {"calls": 1, "model": "scripted:<large>"}, "gone": {"calls": 1}}
    with pytest.raises(RunError, match=r"3 runs in a row got no answer: .*it is gone"):
        evaluate(runtime, TASKS, ways=ways)
    assert len(gone.requests) == 3 and len(large.requests) in (2, 3)


# ---------------------------------------------------------------- what is kept


def test_what_was_answered_is_not_asked_again(runtime: Runtime) -> None:
    played = engine()
    runtime.use(played)
    first = evaluate(runtime, TASKS, ways=WAYS, samples=3)
    asked = len(played.requests)
    assert asked == 6 + 18
    again = evaluate(runtime, TASKS, ways=WAYS, samples=3)
    assert again.answers == first.answers and len(played.requests) == asked
    evaluate(runtime, TASKS, ways=WAYS, samples=4)
    assert len(played.requests) == asked + 24, "other samples are other runs; the direct answers stand"
    evaluate(runtime, TASKS, ways=("direct",), seed=1)
    assert len(played.requests) == asked + 24 + 6
    assert [one.right for one in first.answers if one.way == "direct"] == [True, True, True, False, True, True]


@pytest.mark.parametrize("answers", [0, 1, 6, 14])
def test_a_killed_evaluation_goes_on_where_it_was(tmp_path: Path, answers: int) -> None:
    path = tmp_path / "runs.sqlite"
    command = [sys.executable, "-m", "tests.api.killed_evaluation", str(path), str(answers)]
    died = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert died.returncode == 9, died.stderr
    runtime = Runtime(path)
    try:
        played = engine()
        runtime.use(played)
        found = evaluate(runtime, TASKS, ways=WAYS, samples=3)
        whole = Counter(one.right for one in found.answers)
        assert whole == {True: 10, False: 2}
        # Samples that decoded beside the one during which it died had not ended, and are drawn again.
        assert 24 - answers <= len(played.requests) <= 24 - answers + 1
        assert len(runtime.store.runs()) == 12, "no run was begun twice"
    finally:
        runtime.close()


def test_an_interrupt_stops_what_runs_and_keeps_what_was_answered(runtime: Runtime) -> None:
    played = ScriptedEngine(
        lambda prompt, _: Answer("It is long", hold_after=2) if "Say 1" in prompt.text else "It is 0", slots=2
    )
    runtime.use(played)

    def interrupt(words: str) -> None:
        until(lambda: any(one.new_tokens == 2 for one in played.requests))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"after 1 of 6 answers.*goes on from there"):
        evaluate(runtime, TASKS, ways=("direct",), at_once=2, on_progress=interrupt)
    assert not runtime.busy
    assert sorted(row.status for row in runtime.store.runs()) == ["finished", "stopped"]
    played.let_go()
    found = evaluate(runtime, TASKS, ways=("direct",), at_once=2)
    texts = Counter(request.prompt.text.split("Say ")[1][0] for request in played.requests)
    assert texts == {"0": 1, "1": 2, "2": 1, "3": 1, "4": 1, "5": 1}
    assert found.scores[0].right == 1 and found.scores[0].failed == 0


# ---------------------------------------------------------------- what goes wrong


def test_a_failed_run_is_a_wrong_answer_and_is_counted(runtime: Runtime) -> None:
    runtime.use(planner(lambda text: Fail(2) if "Break" in text else "1"))
    tasks: list[dict[str, Any]] = [{"task": "Break.", "answer": "x"}, {"task": "One.", "answer": 1}]
    found = evaluate(runtime, tasks, ways=("planned", "direct"))
    assert [(score.right, score.failed) for score in found.scores] == [(1, 1), (1, 1)]
    assert "Failed" in repr(found)
    assert found.run(found.wrong("direct")[0].task, "direct").status == "failed"


def test_the_votes_of_a_run_with_a_failed_sample_count(runtime: Runtime) -> None:
    said = iter([Answer("4"), Answer("5", fail=Fail(1)), Answer("4")])
    runtime.use(planner(lambda text: next(said)))
    (answer,) = evaluate(
        runtime, [{"task": "Two and two.", "answer": 4}], ways=("self-consistency",), samples=3
    ).answers
    assert answer.right and answer.failed


def test_an_engine_that_is_gone_ends_the_evaluation(runtime: Runtime) -> None:
    broken = planner(lambda text: Fail(0, "the server is gone"))
    runtime.use(broken)
    with pytest.raises(RunError, match=r"3 runs in a row got no answer: .*the server is gone"):
        evaluate(runtime, TASKS, ways=("direct",))
    assert len(broken.requests) == 3
    mended = engine()
    runtime.engines[runtime.default] = mended
    assert evaluate(runtime, TASKS, ways=("direct",)).scores[0].right == 5
    assert len(mended.requests) == 6, "what got no answer is asked again"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"ways": ("planed",)}, "There is no way 'planed'"),
        ({"ways": ()}, "No way was named"),
        ({"ways": {"x": {"calls": -1}}}, "whole numbers up to 1000"),
        ({"ways": {"x": {"calls": 1, "strategy": "code"}}}, "'x' has both calls and a strategy"),
        ({"ways": {"x": {"strategy": "codes"}}}, "strategy must be one of"),
        ({"ways": ("vote",), "samples": 1}, "samples must be a whole number from 2"),
        ({"samples": 0.5}, "whole numbers up to 1000"),
        ({"reuse": "use"}, "no option 'reuse'"),
        ({"temprature": 1}, "no option 'temprature'"),
        ({"temperature": -1}, "temperature must be"),
        ({"check": "fuzzy"}, "check must be one of"),
        ({"at_once": 0}, "at_once must be at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_call(runtime: Runtime, said: dict[str, Any], says: str) -> None:
    played = engine()
    runtime.use(played)
    with pytest.raises(UsageError, match=says):
        evaluate(runtime, TASKS, **said)
    assert not played.requests and not runtime.store.runs()


def test_a_model_that_cannot_be_loaded_says_so(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        evaluate(runtime, TASKS, model=str(tmp_path / "none.gguf"))


# ---------------------------------------------------------------- what is shown


def test_the_result_is_a_table_in_every_form_and_a_figure(runtime: Runtime, tmp_path: Path) -> None:
    runtime.use(engine())
    tasks = [{**task, "group": "low" if task["answer"] < 3 else "<b>high"} for task in TASKS]  # type: ignore[operator]
    found = evaluate(runtime, tasks, ways=WAYS, samples=3)
    text, html, markdown = repr(found), found._repr_html_(), found._repr_markdown_()
    for shown in (text, html, markdown):
        assert all(words in shown for words in ("consistency", "5 of 6", "2 of 3", "Wilson", "McNemar"))
        assert "83.3 %" in shown and "Failed" not in shown
    assert "<b>" not in html and "<b>" not in markdown
    assert found.of("low").scores[0].asked == 3 and len(found.of("low").scores) == 2
    table = found.to_pandas()
    assert list(table.way[:2]) == list(WAYS) and len(table) == 12 and set(table.group) == {"low", "<b>high"}
    figure = found.plot()
    assert isinstance(figure, RunFigure) and "direct on low: 3 of 3 right, 100 %" in figure.alt
    legend = figure.axes[0].get_legend()
    assert legend is not None and [text.get_text() for text in legend.get_texts()] == list(WAYS)
    figure.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_what_is_not_there_is_named(runtime: Runtime) -> None:
    runtime.use(engine())
    found = evaluate(runtime, TASKS, ways=("direct",))
    for wrong in (lambda: found.wrong("planned"), lambda: found.run("t9", "direct"), lambda: found.of("none")):
        with pytest.raises(UsageError, match=r"There is no|was not answered"):
            wrong()


def test_a_way_that_solves_nothing_has_no_cost_of_solving(runtime: Runtime) -> None:
    runtime.use(planner(lambda text: "wrong"))
    found = evaluate(runtime, [{"task": "Be right.", "answer": "right"}], ways=("direct",))
    assert "–" in repr(found) and "0 of 1" in repr(found)
    assert [text.get_text() for text in found.plot().axes[1].texts] == ["–"]


def test_vnb_evaluate_takes_a_file_and_tells_how_far_it_is(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_runtime", runtime)
    runtime.use(engine())
    file = tmp_path / "tasks.jsonl"
    file.write_text("\n".join(map(json.dumps, TASKS)))
    told: list[str] = []
    found = vnb.evaluate(file, ways=("direct",), on_progress=told.append)
    assert found.scores[0].right == 5
    assert told[0] == "1 of 6 answers; right: direct 1 of 1" and told[-1] == "6 of 6 answers; right: direct 5 of 6"


def test_vnb_tiny_is_measured_on_tasks_that_it_was_not_trained_on(runtime: Runtime) -> None:
    tasks = [json.loads(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]
    some = [task for task in tasks if task["id"] in {f"arithmetic-3-{number}" for number in range(1, 5)}]
    found = evaluate(runtime, some, model="tiny", temperature=0, ways=("planned", "direct"))
    planned, direct = found.scores
    assert planned.right > direct.right, "the model card has it at nearly all against a few percent"
