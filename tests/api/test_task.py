from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import engine, plan_json
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.core.types import Document, Options, Sampling
from vnb.errors import EngineError, PlanError, UsageError

PLAN = plan_json(("s1", "a", []), ("s2", "b", ["s1"]))


def test_text_inputs_and_options_become_a_task(runtime: Runtime) -> None:
    made = draft(
        runtime,
        "Write {{topic}} in {{style.name}}",
        topic="tides",
        namespace={"style": type("S", (), {"name": "prose"}), "unused": 1},
        temperature=1,
        stop="END",
        seed=4,
        steps="3..5",
        schema={"type": "object"},
    ).task
    assert (made.text, dict(made.inputs)) == ("Write tides in prose", {"topic": "tides", "style.name": "prose"})
    assert made.options == Options(
        steps=(3, 5),
        seed=4,
        schema='{"type":"object"}',
        integrate="write",
        sampling=Sampling(temperature=1.0, stop=("END",)),
    )
    assert draft(runtime, "{{x}}", raw=True).task.text == "{{x}}"
    assert draft(runtime, "at {{seed}}", inputs={"seed": "dawn"}).task.text == "at dawn"


@pytest.mark.parametrize(
    ("text", "named", "said", "hint"),
    [
        ("", {}, "The task is empty", "plain words"),
        ("x", {"tempertaure": 1}, "no {{tempertaure}}", "Did you mean temperature="),
        ("x", {"temperature": "hot"}, "temperature must be a number", "temperature=0"),
        ("x", {"temperature": True}, "temperature must be a number", ""),
        ("x", {"top_p": 2}, "top_p must be a number from 0 to 1", ""),
        ("x", {"steps": "8..2"}, "steps must say the least and the most", "--steps 1..8"),
        ("x", {"steps": "a"}, "steps must say", ""),
        ("x", {"replan": -1}, "replan must be a whole number from 0", "replan=1"),
        ("x", {"retries": -1}, "retries must be a whole number from 0", "retries=1"),
        ("x", {"strategy": "straight"}, "strategy must be one of auto, direct", "strategy='auto'"),
        ("x", {"integrate": "join"}, "integrate must be one of auto, concat, write", "integrate='auto'"),
        ("x", {"think": "hard"}, "think must be on, off or a number of tokens", "think=on"),
        ("x", {"repeat_penalty": -1}, "repeat_penalty must be a number from 0", ""),
        ("x", {"dry": "wet"}, "dry must be a number from 0", ""),
        ("x", {"parallel": 0}, "parallel must be a whole number from 1", "parallel=1"),
        ("x", {"reuse": "maybe"}, "reuse must be one of use, refresh, off", ""),
        ("x", {"schema": "{"}, "The schema is no JSON", "schema="),
        ("x", {"schema": [1]}, "must be a JSON object", ""),
        ("x", {"seed": "one"}, "seed must be a whole number", "seed=1"),
        ("x", {"plan": 7}, "int is not a plan", "plan's text"),
        ("x", {"docs": "no/such/file.txt"}, "There is no", "Check the path"),
        ("x", {"images": {"pic": 5}}, "pic is no image", "PNG"),
    ],
)
def test_what_makes_no_sense_is_said_before_any_call(
    runtime: Runtime, text: str, named: dict[str, Any], said: str, hint: str
) -> None:
    played = runtime.use(engine(PLAN))
    with pytest.raises(UsageError, match=said) as error:
        draft(runtime, text, **named)
    assert hint in error.value.hint
    assert played.requests == []  # type: ignore[attr-defined]
    assert runtime.store.runs() == []


def test_a_bad_plan_names_the_line(runtime: Runtime) -> None:
    with pytest.raises(PlanError, match="Line 1"):
        draft(runtime, "x", plan="no plan")


def test_documents_come_from_files_folders_and_pairs(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("alpha", encoding="utf-8")
    (tmp_path / "b.txt").write_text("βeta", encoding="utf-8")
    (tmp_path / "c.bin").write_bytes(b"\xff\xfe")
    made = draft(runtime, "x", docs=[tmp_path, ("note", "text")]).task
    assert made.documents == (Document("a.md", "alpha"), Document("b.txt", "βeta"), Document("note", "text"))
    with pytest.raises(UsageError, match="cannot be read as text"):
        draft(runtime, "x", docs=tmp_path / "c.bin")
    with pytest.raises(UsageError, match="There is no") as error:
        draft(runtime, "x", docs=tmp_path / "aa.md")
    assert "a.md" in error.value.hint


def test_an_image_is_refused_by_an_engine_without_eyes(runtime: Runtime) -> None:
    runtime.use(engine())
    run = draft(runtime, "x", plan="s1: look", images={"pic": b"\x89PNG"}).start()
    with pytest.raises(Exception, match="no images"):
        run.wait()


def test_an_unknown_model_ends_the_run_with_the_engines_words(runtime: Runtime) -> None:
    run = draft(runtime, "x", model="./no-such.gguf").start()
    with pytest.raises(Exception, match=r"no-such\.gguf"):
        run.wait()
    with pytest.raises(EngineError):
        runtime.load("./no-such.gguf")


def test_more_budget_never_shows_fewer_passages(runtime: Runtime, tmp_path: Path) -> None:
    runtime.use(engine())
    notes = tmp_path / "notes.md"
    notes.write_text("\n\n".join(f"# A heading of words {n}\n\nalpha beta {'gamma ' * n}" for n in range(1, 7)))
    shown = []
    for budget in range(200, 460, 10):
        attempt = draft(runtime, "x", docs=notes, plan="s1: alpha", budget=budget).run()["s1"].attempts[0]
        assert attempt.context is not None and attempt.prompt is not None
        assert len(attempt.prompt.token_ids) <= budget
        shown.append(sum(part.kind == "doc" for part in attempt.context.parts))
    assert shown == sorted(shown) and shown[0] < shown[-1], shown
