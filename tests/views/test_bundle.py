"""The bundle: valid for every notebook, whole without a kernel, bounded, and readable while the run goes on."""

from __future__ import annotations

import json
import math
from typing import Any

import nbformat
import pytest

from tests.fixtures import NAMES, events, load, moments
from tests.fixtures.scenes import parts
from tests.fixtures.writer import Writer
from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.core.types import Alternative, Document, Step, Task, Token
from vnb.views import bundle, snapshot
from vnb.views.bundle import MIME

from .test_html import Page, long_run


def made(name: str, **more: Any) -> dict[str, Any]:
    fixture = load(name)
    *_, view = moments(name)
    return bundle.bundle(view, fixture["blobs"], fixture["now"], **more)


def document(w: Writer, limit: int = bundle.LIMIT) -> dict[str, Any]:
    return bundle.document(w.view, w.blobs, w.now, limit=limit)


def strict(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_moment_of_every_run_renders_in_every_format(name: str) -> None:
    fixture = load(name)
    for view in moments(name):
        found = bundle.bundle(view, fixture["blobs"], fixture["now"])
        assert sorted(found) == [MIME, "text/html", "text/markdown", "text/plain"]
        strict(found)
        Page(found["text/html"])


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_takes_it(name: str) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": made(name)}
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": "%%vtask",
        "metadata": {},
        "execution_count": 1,
        "outputs": [output],
    }
    source = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}, allow_nan=False)
    notebook = nbformat.reads(source.encode("utf-8").decode("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert notebook.cells[0].outputs[0].data == output["data"]


@pytest.mark.parametrize("name", sorted({*NAMES} - {"hostile"}))
def test_the_json_holds_the_whole_view_and_its_texts(name: str) -> None:
    fixture, found = load(name), made(name)[MIME]
    assert found["view"] == fixture["view"] and found["omitted"] == []
    assert found["blobs"].items() <= fixture["blobs"].items()
    assert found["omitted_blobs"] == [] and found["cut"] == {}
    assert (found["version"], found["seq"], found["status"]) == (
        1,
        len(fixture["events"]),
        found["view"].get("status", "running"),
    )


def test_steps_keep_their_order_though_notebooks_sort_their_keys() -> None:
    w = Writer("numbers", Task("t", "Count."))
    w.plan(Step("10", "a"), Step("2", "b"))
    assert document(w)["order"] == ["10", "2"]
    assert made("article")[MIME]["order"] == ["understand", "plan", "s1", "s2", "s3", "integrate"]


def test_live_says_where_the_kernel_is() -> None:
    assert "live" not in made("article")[MIME]
    assert made("article", live={"model_id": "m1"})[MIME]["live"] == {"model_id": "m1"}


def test_no_surrogate_and_no_nan_gets_out() -> None:
    w = Writer("odd", Task("t", "odd \ud800"))
    w.plan(Step("s1", "x"))
    w.start("s1", parts("x"))
    w.prefill("s1")
    token = Token(1, "\udfff", 0.1, -math.inf, (Alternative(2, "a", math.nan),))
    w.add(ev.StepDecoded("s1", 1, (token,)))
    found = document(w)
    strict(found)
    assert found["view"]["steps"]["s1"]["attempts"][0]["tokens"][0] == [1, "\ufffd", 0.1, None, [[2, "a", None]]]


def chatty(tokens: int, output: bool = True) -> Writer:
    w = Writer("chatty", Task("t", "Talk."))
    w.plan(Step("s1", "Talk."))
    w.start("s1", parts("Talk."))
    w.prefill("s1")
    w.decode("s1", "word " * tokens, chunk=1000)
    if output:
        w.finish("s1")
    return w


def test_alternatives_are_the_first_to_go_then_the_tokens() -> None:
    w = chatty(8_000)
    whole = snapshot.size(document(w, 10**8))
    some = document(w, whole * 2 // 3)
    assert some["omitted"] == ["alternatives"]
    tokens = some["view"]["steps"]["s1"]["attempts"][0]["tokens"]
    assert len(tokens) == len(w.view.steps["s1"].attempts[0].tokens) and all(token[4] == [] for token in tokens)
    none = document(w, whole // 10)
    assert none["omitted"] == ["alternatives", "tokens"]
    assert "tokens" not in none["view"]["steps"]["s1"]["attempts"][0]
    assert none["view"]["steps"]["s1"]["attempts"][0]["usage"]["new_tokens"] == len(tokens)
    assert snapshot.size(none) < whole // 10 + 2_000


def test_text_without_a_stored_output_outlives_its_tokens() -> None:
    w = chatty(2_000, output=False)
    found = document(w, 50_000)
    assert found["omitted"] == ["alternatives", "tokens"]
    [[_, text, _]] = found["view"]["steps"]["s1"]["attempts"][0]["tokens"]
    assert text == "word " * 2_000


@pytest.mark.parametrize("limit", [10_000, 40_000])
def test_reasoning_does_not_become_the_answer_where_tokens_go(limit: int) -> None:
    w = Writer("thinking", Task("t", "Think."))
    w.plan(Step("s1", "Answered."), Step("s2", "Half an answer."), Step("s3", "None yet."))
    for step, answer in (("s1", "42"), ("s2", "4"), ("s3", "")):
        w.start(step, parts("Think."))
        w.prefill(step)
        w.decode(step, "hm " * 1_000, chunk=1000, thought=True)
        w.decode(step, answer)
    w.finish("s1")
    found = document(w, limit)
    assert "tokens" in found["omitted"]
    first, second, third = (found["view"]["steps"][step]["attempts"][0] for step in ("s1", "s2", "s3"))
    thought = w.view.steps["s1"].attempts[0].thought
    assert (first["thought"], third["thought"]) == (thought, thought) and not {"tokens"} & {*first, *third}
    assert [token[1] for token in second["tokens"]] == ["4"] and "thought" not in second


@pytest.mark.parametrize("letter", ["x", "汉", "\x00", '"'])
def test_a_megabyte_is_cut_and_says_so(letter: str) -> None:
    text = letter * (2_000_000 // len(letter.encode()))
    w = long_run(3, text, instruction=text)
    found = bundle.bundle(w.view, w.blobs, w.now)
    assert snapshot.size(found[MIME]) < bundle.LIMIT * 1.1
    assert found[MIME]["cut"][w.view.output] == len(text)
    assert "more characters" in found[MIME]["view"]["steps"]["s0"]["step"]["instruction"]
    assert "more characters" in found["text/markdown"] and "more characters" in found["text/plain"]
    assert len(found["text/plain"]) < 50_000


def test_a_large_task_does_not_fill_every_notebook() -> None:
    documents = tuple(Document(f"d{number}", "text " * 100_000) for number in range(10))
    w = Writer("docs", Task("t", "Summarise.", documents=documents))
    assert snapshot.size(document(w)) < 300_000


def test_a_thousand_steps_stay_within_bounds_and_keep_their_results() -> None:
    w = long_run(1_000, "A sentence or two that a step puts out. " * 5)
    for number in range(1_000):
        step = w.view.steps[f"s{number}"]
        step.attempts[0].output = w.keep(f"Result {number}. " * 20)
    found = bundle.bundle(w.view, w.blobs, w.now)
    assert snapshot.size(found[MIME]) < bundle.LIMIT * 1.1
    assert sum(map(len, found.values())) < 3 * bundle.LIMIT
    assert all(step.output in found[MIME]["blobs"] for step in w.view.steps.values())
    assert found[MIME]["omitted"] == ["alternatives", "tokens", "contexts"]


def test_what_does_not_fit_is_named() -> None:
    w = long_run(20, "x" * 5_000)
    for number in range(20):
        w.view.steps[f"s{number}"].attempts[0].output = w.keep(f"{number} " * 3_000)
    found = document(w, 60_000)
    outputs = {step.output for step in w.view.steps.values()}
    kept, left = found["blobs"].keys() & outputs, {*found["omitted_blobs"]} & outputs
    assert kept and left and kept | left == outputs and not kept & left
    assert snapshot.size(found) < 66_000


@pytest.mark.parametrize("name", ["article", "failed", "rerun"])
def test_a_view_may_change_while_it_is_rendered(name: str) -> None:
    fixture, waiting = load(name), events(name)
    fold = Fold()
    for event in waiting[: len(waiting) // 3]:
        fold.apply(event)
    rest = iter(waiting[len(waiting) // 3 :])

    def blobs(digest: str) -> str:
        for event in rest:
            fold.apply(event)
            break
        return str(fixture["blobs"][digest])

    while fold.view.seq < len(waiting):
        before = fold.view.seq
        strict(bundle.bundle(fold.view, blobs, fixture["now"]))
        assert fold.view.seq > before
