"""The run as a notebook: valid, with the cells that make the run again."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from tests.fixtures import NAMES, load, moments
from tests.fixtures.scenes import EVIL
from vnb.core.types import Attachment, Document, Options, Sampling, Step, Task
from vnb.core.view import RunView
from vnb.notebook import options
from vnb.planner.parse import print_plan
from vnb.views import bundle, cells
from vnb.views.rows import Blobs


def notebook(view: RunView, blobs: Blobs, now: float = 0.0) -> Any:
    plan = print_plan(view.given or view.plan)
    source = cells.render(view, blobs, now, plan=plan, made="%vexport r a.ipynb", seal=f"vnb-export:r:{'0' * 32}")
    source.encode("utf-8")
    found = nbformat.reads(source, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(found, version=4, version_minor=5)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_notebook_with_the_output_that_the_run_showed(name: str) -> None:
    fixture = load(name)
    *_, view = moments(name)
    found = notebook(view, fixture["blobs"], fixture["now"])
    assert (found.nbformat, found.nbformat_minor) == (4, 5)
    intro, setup, *rest = found.cells
    assert intro.cell_type == "markdown" and view.run_id in intro.source and setup.source.startswith("%load_ext vnb")
    (task,) = (cell for cell in rest if cell.source.startswith("%%vtask run"))
    expected = json.loads(json.dumps(bundle.bundle(view, fixture["blobs"], fixture["now"])))
    assert task.outputs[0].data == expected
    assert any(cell.source.startswith("%%vplan plan\n") for cell in rest)


def cell(task: Task, **more: Any) -> tuple[dict[str, Any], str, list[str]]:
    """What the task's cell asks for, its text, and the setup's lines."""
    view = RunView(run_id="r", task=task, **more)
    names = cells.Names(view)
    line, _, body = cells.task_cell(view, names).partition("\n")
    said = options.TASK.read(line.removeprefix("%%vtask "))
    assert said is not None
    return said, body, names.assignments()


def test_every_option_is_said_as_the_magic_takes_it() -> None:
    sampling = Sampling(0.5, 0.9, 30, 0.1, 99, repeat_penalty=1.1, dry=0.8, think="off")
    asked = Options(
        strategy="direct",
        steps=(2, 5),
        replan=1,
        parallel=2,
        budget=900,
        max_tokens_total=9000,
        integrate="write",
        schema='{"type": "object"}',
        sampling=sampling,
        seed=7,
        reuse="refresh",
        approve=True,
        plan_only=True,
        raw=True,
    )
    task = Task("t", "Write.", "Write.", options=asked, documents=(Document("my notes.md", "…"),))
    said, body, setup = cell(task, engine="tiny", given=(Step("s1", "Write."),))
    assert body == "Write."
    assert said == {
        "NAME": "run", "strategy": "direct", "steps": "2..5", "schema": "schema", "replan": 1, "parallel": 2, "budget": 900,
        "max_tokens_total": 9000, "seed": 7, "reuse": "refresh", "temperature": 0.5, "top_p": 0.9, "top_k": 30,
        "min_p": 0.1, "max_tokens": 99, "repeat_penalty": 1.1, "dry": 0.8, "think": "off", "approve": True,
        "plan_only": True, "model": "tiny", "plan": "plan", "raw": True, "docs": ["my notes.md"],
    }  # fmt: skip
    assert setup == ['schema = \'{"type": "object"}\'']


def test_what_is_as_always_is_not_said() -> None:
    assert cell(Task("t", "Write.", "Write."))[0] == {"NAME": "run"}


def test_inputs_become_variables_whatever_they_were_called() -> None:
    inputs = {"topic['name']": "tides", "topic_name": "moons", "plan": "a\nb", "o.rows[0]": "'\"\\", "_x": "y"}
    text = "Write {{topic['name']}} {{ topic_name }} {{plan}} {{o.rows[0]}} {{_x}} {literal}."
    _, body, setup = cell(Task("t", "…", text, inputs))
    assert body == "Write {{topic_name_}} {{topic_name}} {{plan}} {{o_rows_0}} {{_x}} {literal}."
    names: dict[str, str] = {}
    exec("\n".join(setup), names)
    assert [names[name] for name in ("topic_name_", "topic_name", "plan", "o_rows_0", "_x")] == list(inputs.values())
    view = RunView(run_id="r", task=Task("t", "…", text, inputs), given=(Step("s1", "Write."),))
    assert notebook(view, {}).cells[2].source.startswith("%%vplan plan_\n"), "the input keeps its name"


def test_a_plan_without_a_task_is_run_as_a_plan() -> None:
    view = RunView(run_id="r", task=Task("t", "", options=Options(seed=3)), given=(Step("s1", "Write."),))
    found = notebook(view, {})
    assert [cell.source for cell in found.cells[2:]] == ["%%vplan plan\ns1: Write.", "%vrun plan --name run --seed 3"]


def test_what_it_cannot_hold_is_named() -> None:
    task = Task("t", "W", "W", attachments=(Attachment("cover", "image/png", "d"),), documents=(Document("a.md", ""),))
    task = Task(**{**vars(task), "options": Options(sampling=Sampling(stop=("END",)))})
    intro = notebook(RunView(run_id="r", task=task), {}).cells[0].source
    assert "not in this notebook: `a.md`, `cover`, `stop=('END',)`" in intro


@pytest.mark.parametrize("word", ["a b", "a'b", 'a"b', "a'\"b", EVIL, "", "x\ny", "--help"])
def test_a_word_stays_one_word(word: str) -> None:
    said, body, _ = cell(Task("t", "Write.", "Write.", documents=(Document(word, ""),)))
    assert len(said["docs"]) == 1 and body == "Write."
