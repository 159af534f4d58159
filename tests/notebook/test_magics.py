"""What the magics do in a shell: run, bind, show once, refuse what makes no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.api.plan import WrittenPlan
from vnb.api.run import Run
from vnb.api.runtime import runtime
from vnb.engines.scripted import Fail
from vnb.errors import EngineError, PlanError, RunError, StoreError, UsageError
from vnb.models import TINY

VNB = "application/vnd.vnb.run+json"


def test_a_task_is_shown_once_and_bound(shell: Shell) -> None:
    scripts.use()
    assert shell("%%vtask article\nWrite an article about tides.") is None
    run = shell.names["article"]
    assert isinstance(run, Run) and shell.names["_v"] is run
    assert run.status == "finished" and "chips" in (run.result or "") + (run["s2"].output or "")
    assert set(shell.shown.last) == {VNB, "text/html", "text/markdown", "text/plain"}
    assert "finished" in shell.shown.last["text/plain"]
    assert run.result in shell.shown.last["text/plain"]


@pytest.mark.parametrize(
    "text",
    [
        "Explain {",
        '{"a": {"b": [1, {"c": "}}"}]}}',
        r"Show $\frac{a}{b} + \sqrt{{x}+1}$ and \begin{align}",
        "Fix this:\n\n    def f(x):\n        return {**x, 'a': f\"{x!r:>10}\"}  # %s $HOME {x}\n",
        ">>> print('a prompt')\n... and no prompt",
        "In [1]: what does this mean?",
        "  an indented task\n\n  with an empty line",
        "编写一篇关于人工智能的文章",
        "اكتب مقالاً عن الذكاء الاصطناعي",
        "Write about 🌊 and 👩‍👩‍👧‍👦.",
        "%time is no magic here\n%%timeit\n!ls ?",
        "Write it;",
        r"Read C:\new\table and \\server\x",
    ],
)
def test_the_text_passes_unaltered(shell: Shell, text: str) -> None:
    engine = scripts.use()
    shell(f"%%vtask t --steps 1..8\n{text}\n")
    assert shell.names["t"].task.text == text
    assert text in engine.requests[0].prompt.text


def test_names_in_the_text_are_looked_up_and_kept_as_inputs(shell: Shell) -> None:
    scripts.use()
    shell("topic = {'name': 'tides', 'parts': [3, 4]}")
    shell("%%vtask t\nWrite about {{topic['name']}} in {{topic['parts'][0]}} parts.")
    assert shell.names["t"].task.text == "Write about tides in 3 parts."
    assert shell.names["t"].task.inputs == {"topic['name']": "tides", "topic['parts'][0]": "3"}
    shell("%%vtask t --raw\nWrite about {{nothing}}.")
    assert shell.names["t"].task.text == "Write about {{nothing}}."


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%vtask t\nWrite about {{topik}}.", "topik"),
        ("%%vtask t --stepz 3\nWrite.", "--steps"),
        ("%%vtask t --view=tre\nWrite.", "tree"),
        ("%%vtask t --seed soon\nWrite.", "whole number"),
        ("%%vtask t --temperature\nWrite.", "expected one argument"),
        ("%%vtask t --steps 8..2\nWrite.", "1..8"),
        ("%%vtask t --strategy straight\nWrite.", "auto, direct"),
        ("%%vtask t --integrate join\nWrite.", "auto, concat, write"),
        ("%%vtask t --think hard\nWrite.", "on, off or a number"),
        ("%%vtask t --repeat-penalty -1\nWrite.", "repeat_penalty"),
        ("%%vtask t --dry wet\nWrite.", "number"),
        ("%%vtask t u\nWrite.", "'u'"),
        ("%%vtask 2nd\nWrite.", "2nd"),
        ("%%vtask class\nWrite.", "class"),
        ("%%vtask t --schema shema\nWrite.", "shema"),
        ("%%vtask t --plan shell\nWrite.", "shell"),
        ("%%vtask t --docs nowhere.md\nWrite.", "nowhere.md"),
        ("%%vtask 't\nWrite.", "quote"),
        ("%%vtask t", "empty"),
        ("%%vtask t\n   \n", "empty"),
        ("%%vplan\ns1: do it", "name"),
        ("%%vplan p\n", "empty"),
        ("%vrun nothing", "nothing"),
        ("%vrun", "PLAN"),
        ("%vstop nobody", "nobody"),
        ("%vstop", "_v"),
        ("%vmodel a b", "'b'"),
        ("%vruns -n many", "many"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_model_call(shell: Shell, cell: str, said: str) -> None:
    engine = scripts.use()
    with pytest.raises(UsageError) as error:
        shell(cell)
    assert said in str(error.value)
    assert error.value.hint
    assert engine.requests == [] and "t" not in shell.names and shell.displays == []


def test_errors_are_shown_without_a_traceback(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    scripts.use()
    with pytest.raises(UsageError):
        shell("%%vtask --stepz 3\nWrite.")
    assert capsys.readouterr().out.strip() == "UsageError: %%vtask has no option --stepz.\nDid you mean --steps?"


def test_errors_of_the_python_api_are_shown_likewise(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError):
        shell("import vnb\nvnb.task('Write.', tempreture=1)")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and said[1] == "Did you mean temperature=?"


@pytest.mark.parametrize(
    "magic", ["%%vtask", "%%vplan", "%vrun", "%vplan", "%vmodel", "%vruns", "%vopen", "%vexport", "%vstop"]
)
def test_help_is_printed_and_nothing_runs(shell: Shell, magic: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine = scripts.use()
    assert shell(f"{magic} --help") is None
    printed = capsys.readouterr().out
    assert printed.startswith("usage: %") and "--help" in printed
    kind = "cell" if magic.startswith("%%") else "line"
    assert shell.ip.magics_manager.magics[kind][magic.strip("%")].__doc__.strip() == printed.strip()
    assert engine.requests == []


def test_a_failed_task_is_shown_bound_and_raised(shell: Shell) -> None:
    scripts.use({"Write the past": Fail(2, "out of ink")})
    with pytest.raises(RunError) as error:
        shell("%%vtask article\nWrite an article.")
    run = shell.names["article"]
    assert isinstance(error.value.run, Run) and error.value.run.id == run.id and "out of ink" in str(error.value)
    assert run.status == "failed" and run["s2"].status == "finished" and run["s3"].status == "skipped"
    assert VNB in shell.shown.last and "failed" in shell.shown.last["text/plain"]


def test_a_failed_run_goes_on_where_it_failed(shell: Shell) -> None:
    scripts.use({"Write the past": Fail(2, "out of ink")})
    with pytest.raises(RunError):
        shell("%%vtask article\nWrite an article.")
    engine = scripts.use()
    shell("again = %vrun article")
    again = shell.names["again"]
    assert again.id == shell.names["article"].id and again.status == "finished"
    assert shell.shown.last["text/plain"].startswith("✓")
    assert {"Write the past", "Write the future"} == {
        key
        for request in engine.requests
        for key in scripts.ANSWERS
        if key in request.prompt.text.rpartition("\n# ")[2]
    }
    with pytest.raises(UsageError, match="--seed"):
        shell("%vrun article --seed 4")


def test_a_finished_run_is_only_shown(shell: Shell) -> None:
    engine = scripts.use()
    shell("%%vtask article\nWrite an article.")
    asked = len(engine.requests)
    shell("%vrun article")
    assert len(engine.requests) == asked and "finished" in shell.shown.last["text/plain"]


def test_a_line_magic_shows_its_run_once_and_returns_it(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    scripts.use()
    shell("%%vplan p\ns1: Write the past")
    run = shell("%vrun p")
    assert run.status == "finished" and shell.names["_v"] is run
    assert len(shell.displays) == 1 and "finished" not in capsys.readouterr().out
    shell("_v")
    assert VNB in shell.shown.last
    assert shell("%vrun p --view none --seed 2").status == "finished" and shell.displays == []


def test_plans_are_written_printed_and_run(shell: Shell) -> None:
    engine = scripts.use()
    text = "s1: Write the past\ns2 [temperature=0.5]: Write the future\n    in one sentence. <- s1"
    shell(f"%%vplan p\n{text}")
    assert isinstance(shell.names["p"], WrittenPlan) and str(shell.names["p"]) == text
    assert shell.shown.last["text/plain"] == text
    run = shell("%vrun p --seed 3 --name mine")
    assert shell.names["mine"] is run and run.task.options.seed == 3
    assert [step.id for step in run.plan.steps] == ["s1", "s2"] and len(engine.requests) == 2
    assert str(shell("%vplan mine")) == text == str(shell("%vplan"))
    with pytest.raises(PlanError, match="s9"):
        shell("%%vplan p\ns1: a <- s9")
    shell("said = 's1: Write the past'")
    shell("%%vtask t --plan said\nWrite an article.")
    assert [step.id for step in shell.names["t"].plan.steps] == ["s1"]


def test_a_run_can_end_or_pause_after_planning(shell: Shell) -> None:
    engine = scripts.use()
    shell("%%vtask a --approve\nWrite an article.")
    assert shell.names["a"].status == "paused" and len(engine.requests) == 2
    shell("%vrun a")
    assert shell.names["a"].status == "finished" and len(engine.requests) == 5
    shell("%%vtask b --plan-only --seed 1\nWrite another article.")
    planned = shell.names["b"]
    assert planned.status == "finished" and len(engine.requests) == 7
    run = shell("%vrun b")
    assert run.id == planned.id  # it goes on beyond its plan
    assert run.status == "finished" and len(engine.requests) == 10


def test_a_plan_is_edited_before_it_is_approved(shell: Shell) -> None:
    engine = scripts.use()
    shell("%%vtask a --approve\nWrite an article.")
    shell("text = str(a.plan).replace('Write the present', 'Write the moment') + '\\ns4: Draw a clock <- s3'")
    with pytest.raises(PlanError, match="'s9'"):
        shell("bad = text + ', s9'\n%vrun a --plan bad")
    assert shell.names["a"].status == "paused" and len(engine.requests) == 2
    run = shell("%vrun a --plan text")
    assert run.status == "finished" and run["s2"].step.instruction == "Write the moment"
    assert [step.id for step in run.plan.steps] == ["s1", "s2", "s3", "s4"] and len(engine.requests) == 6
    assert "the plan was edited" in shell.shown.last["text/html"]
    shell("%%vplan mine\ns1: Write the past")
    assert shell("%vrun a --plan mine --view none")["s2"].status == "superseded"
    for line, said in (
        ("%vrun a --plan nothing", "no variable"),
        ("%vrun mine --plan text", "brings its steps"),
        ("%vrun a --plan mine", "its plan is this one"),
        ("%vrun a --plan text --seed 3", "options that it has"),
    ):
        with pytest.raises(UsageError, match=said):
            shell(line)


def test_options_reach_the_task(shell: Shell) -> None:
    scripts.use({"Write the complete answer": '{"title": "Tides"}'})
    (Path.cwd() / "notes.md").write_text("# Tides\n\nThe moon pulls.", encoding="utf-8")
    shell("shape = {'type': 'object', 'properties': {'title': {'type': 'string'}}}")
    shell(
        "%%vtask t --steps 2..5 --replan 1 --parallel 2 --budget 2000 --max-tokens-total 9000 --schema shape --seed 7"
        " --temperature 0.5 --top-p 0.9 --top-k 30 --min-p 0.1 --max-tokens 99 --reuse refresh --docs notes.md"
        " --retries 1 --think 50 --repeat-penalty 1.1 --dry 0.5\nWrite."
    )
    task = shell.names["t"].task
    options, sampling = task.options, task.options.sampling
    assert (options.steps, options.replan, options.parallel, options.budget) == ((2, 5), 1, 2, 2000)
    assert (options.max_tokens_total, options.integrate, options.seed, options.reuse) == (9000, "write", 7, "refresh")
    assert json.loads(options.schema or "") == shell.names["shape"]
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p, sampling.max_tokens) == (
        0.5, 0.9, 30, 0.1, 99,
    )  # fmt: skip
    assert (options.retries, sampling.think, sampling.repeat_penalty, sampling.dry) == (1, "50", 1.1, 0.5)
    assert [document.title for document in task.documents] == ["notes.md"]


def test_a_task_is_asked_directly_and_warnings_are_shown(shell: Shell) -> None:
    engine = scripts.use({"Describe": "Tides rise and fall."})
    shell("%%vtask t --strategy direct --retries 0\nDescribe tides in exactly two sentences.")
    run = shell.names["t"]
    assert [step.id for step in run.plan.steps] == ["s1"] and len(engine.requests) == 1
    assert run.result == "Tides rise and fall."
    assert "s1: misses: exactly two sentences (1 sentence)" in run.warnings
    for form in ("text/plain", "text/html", "text/markdown"):
        assert "with warnings" in shell.shown.last[form] and "1 sentence" in shell.shown.last[form]


def test_views(shell: Shell) -> None:
    scripts.use()
    shell("%%vtask t --view text\nWrite an article.")
    assert all(set(bundle) == {"text/plain"} for bundle in shell.shown.bundles)
    shell("%%vtask t --view none\nWrite an article.")
    assert shell.displays == [] and shell.names["t"].status == "finished"


def test_models_are_listed_and_closed(shell: Shell) -> None:
    scripts.use()
    (Path.cwd() / "big.gguf").write_bytes(b"GGUF")
    listed = shell("%vmodel")
    assert [(row.spec, row.loaded, row.default) for row in listed] == [
        ("scripted:scripted", True, True), ("tiny", False, False), ("big.gguf", False, False),
    ]  # fmt: skip
    assert "4,096" in repr(listed) and "<table" in listed._repr_html_() and "<script" not in listed._repr_html_()
    assert [row.spec for row in shell("%vmodel unload scripted:scripted")] == ["tiny", "big.gguf"]
    with pytest.raises(EngineError, match="other"):
        shell("%vmodel unload other")
    with pytest.raises(EngineError):
        shell("%vmodel big.gguf --ctx 0")


@pytest.mark.skipif(not TINY.is_file(), reason="the model that comes with vnb is not there")
def test_the_embedded_model_is_loaded_with_its_sizes(shell: Shell) -> None:
    (row, *_) = shell("%vmodel tiny --ctx 512 --parallel 2")
    assert (row.spec, row.context, row.slots, row.loaded, row.default) == ("tiny", 512, 2, True, True)
    assert shell.shown.last["text/plain"].startswith("loaded tiny in ")
    with pytest.raises(EngineError):
        shell("%vmodel nowhere.gguf")
    assert shell("%vmodel")[0].default
    assert not any(row.loaded for row in shell("%vmodel unload"))


def test_runs_are_listed_and_opened(shell: Shell) -> None:
    scripts.use()
    for topic in ("tides", "moons"):
        shell(f"%%vtask {topic}\nWrite about {topic} <b>&</b>.")
    listed = shell("%vruns")
    assert [run.id for run in listed] == [shell.names["moons"].id, shell.names["tides"].id]
    assert "Write about tides" in repr(listed) and "<b>" not in listed._repr_html_()
    assert len(shell("%vruns tides")) == 1 and len(shell("%vruns -n 1")) == 1
    assert repr(shell("%vruns nowhere")) == "no runs"
    opened = shell(f"%vopen {shell.names['tides'].id[:6]} again")
    assert shell.names["again"] is opened is shell.names["_v"] and opened.result == shell.names["tides"].result
    with pytest.raises(StoreError):
        shell("%vopen 000-nowhere")


def test_a_task_in_the_background_returns_at_once(shell: Shell) -> None:
    engine = scripts.use(scripts.held())
    shell("%%vtask t --background\nWrite an article.")
    shown, run = shell.shown, shell.names["t"]
    assert run.status == "running"
    scripts.let_go(engine)
    run.wait()
    shell("t.wait().status")
    scripts.until(lambda: "text/markdown" in shown.last)
    assert "finished" in shown.last["text/plain"] and run.status == "finished"


def test_the_doctor_is_asked_from_a_notebook_and_loads_nothing(shell: Shell, home: Path) -> None:
    report = shell("%vmodel --doctor")
    assert report["vnb-tiny"].status == "ok" and report["Python"].status == "ok"
    assert not runtime().engines and not home.exists()
    for cell in ("%vmodel tiny --doctor", "%vmodel --doctor --ctx 512"):
        with pytest.raises(UsageError, match="stands alone"):
            shell(cell)
