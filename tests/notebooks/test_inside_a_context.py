"""The tutorial on contexts shows what its words say: parts, prefixes, what is left out, what is cut, what is refused."""

from __future__ import annotations

import ast
import re
from typing import Any

from .conftest import RUN, cell, notebooks, shown, text

notebook = notebooks("04_inside_a_context.ipynb")


def prefixes(said: str) -> dict[str, tuple[int, int]]:
    """Prompt tokens and cached tokens by step."""
    rows = re.findall(r"^(\w+) +(\d+) prompt tokens, +(\d+) cached", said, re.MULTILINE)
    return {step: (int(prompt), int(cached)) for step, prompt, cached in rows}


def answers(notebook: Any, beginning: str) -> str:
    bundle = shown(notebook, beginning)
    assert bundle[RUN]["status"] == "finished"
    return str(bundle["text/plain"]).rpartition("─")[2]


def test_parts_and_spans_are_those_of_the_prompt(notebook: Any) -> None:
    rows = [line.split()[:3] for line in text(notebook, "def parts(step)").splitlines()]
    assert rows[0] == ["s1", "input", "task"] and rows[1] == ["s1", "instruction", "s1"]
    assert rows[2:] == [["s4", "input", "task"], ["s4", "result", "s1"], ["s4", "instruction", "s4"]]
    spans = re.findall(r"tokens (\d+) to (\d+) of (\d+)", text(notebook, "attempt = look"))
    assert len(spans) == 3 and [end for _, end, _ in spans][:-1] == [start for start, _, _ in spans][1:]


def test_siblings_find_the_task_in_the_cache(notebook: Any) -> None:
    found = prefixes(text(notebook, "def prefix(run)"))
    task = re.search(r"task +(\d+) tokens", text(notebook, "def parts(step)"))
    assert task is not None and set(found) == {"s1", "s2", "s3", "s4", "s5"}
    assert found["s1"][1] < 10
    assert all(found[step][1] >= int(task.group(1)) for step in ("s2", "s3", "s4", "s5"))
    assert "the shared prefix ends here" in text(notebook, "%vdiff look:s1 :s4")


def test_the_order_of_the_words_decides(notebook: Any) -> None:
    first, second = re.findall(r"(\d+) of \d+ tokens cached", text(notebook, "import vnb\n\ndef second_question"))
    assert int(first) < 10 and int(second) > 50


def test_passages_are_chosen_by_step_and_what_is_missing_is_made_up(notebook: Any) -> None:
    assert "Max pet: dog" in answers(notebook, "%%vtask roomy") and "Max city: Rome" in answers(
        notebook, "%%vtask tight"
    )
    said = text(notebook, "for step in tight")
    for step, heading in (("s1", "Bosses"), ("s2", "Pets"), ("s3", "Cities")):
        assert re.search(rf"^{step} was shown \['people\.md: {heading}[^\]']*'\] and not", said, re.MULTILINE)
    assert "did not fit" in text(notebook, "%vdiff roomy:s2 tight")
    assert "Max pet: dog" not in answers(notebook, "%%vtask blind")
    assert text(notebook, 'print(blind["s2"]').count("people.md") == 4


def test_a_long_input_is_cut_and_says_so(notebook: Any) -> None:
    tokens, whole = re.search(
        r"register +(\d+) of (\d+) tokens.*\[…\]", text(notebook, "for part in long_input")
    ).groups()  # type: ignore[union-attr]
    assert 600 < int(tokens) < int(whole)
    assert "≈ compacted  input register" in text(notebook, "%vdiff long_input:s1 short_input")


def test_what_cannot_fit_is_refused_with_what_to_type(notebook: Any) -> None:
    for beginning, hint in (("%%vtask never", "--budget"), ("%%vtask capped", "--max-tokens-total")):
        error = cell(notebook, beginning).outputs[-1]
        assert error.output_type == "error" and hint in error.evalue
    statuses = [status for _, status, _ in ast.literal_eval(text(notebook, "[(step.id, step.status"))]
    assert statuses == ["finished", "finished", "failed"]
    figure = cell(notebook, "%vplot look").outputs[0].data
    assert "image/png" in figure and "prompt tokens" in figure["text/plain"]
