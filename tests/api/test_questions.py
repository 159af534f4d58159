"""What tasks with known answers may look like, and which answers are right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vnb.api.questions import Question, is_right, read, voted
from vnb.errors import UsageError
from vnb.models import HELD_OUT


def question(answer: Any, check: Any = None) -> Question:
    (found,) = read([{"task": "t", "answer": answer, "check": check}])
    return found


@pytest.mark.parametrize(
    ("answer", "check", "given", "right"),
    [
        ("Berlin", None, "  berlin.", True),
        ("Berlin", None, "“Berlin”", True),
        ("Berlin", None, "Berlin, Germany", False),
        ("北京", None, "北京。", True),
        ("50%", None, "50 %", False),
        ("-3", None, "3", False),
        ("Berlin", "exact", "Berlin\n", True),
        ("Berlin", "exact", "berlin", False),
        (42, None, "So 6 × 7 = 42.", True),
        (42, None, "42 or 43", False),
        (1204, None, "1,204", True),
        (-5, None, "It is −5", True),
        (7, None, "10-3 = 7", True),
        (3, None, "10-3", True),
        (0.1, None, "1e-1", True),
        (5, None, "none", False),
        ("5", "number", "5.0", True),
        (r"(the )?cat|dog", "regex", "the cat", True),
        (r"cat", "regex", "the cat", False),
        (["red", "crimson"], None, "Crimson", True),
        ([1, 2], None, "2", True),
    ],
)
def test_answers_are_compared_as_asked(answer: Any, check: Any, given: str, right: bool) -> None:
    assert is_right(given, question(answer, check)) is right


def test_a_vote_goes_to_the_most_frequent_answer_and_then_to_the_earliest() -> None:
    assert voted(["Rome", "Paris", "paris."], None) == "Paris"
    assert voted(["a", "b"], None) == "a"
    assert voted(["no idea", "it is 4", "4.0", "no idea"], "number") == "it is 4", "words without a number do not vote"
    assert voted(["no idea", "none"], "number") == "no idea"
    assert voted(["A", "a", "a"], "exact") == "a"
    assert voted([], None) == ""


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    lines = [
        {"id": 7, "task": "Add {{a}}.", "answer": 5, "inputs": {"a": "2 and 3"}, "source": "mine"},
        {"task": "Name it.", "answer": ["x", "y"], "group": "names", "check": "exact"},
    ]
    file.write_text("\n\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    first, second = read(str(file))
    assert (first.id, first.check, first.group, first.inputs) == ("7", "number", "other", {"a": "2 and 3"})
    assert second.answers == ("x", "y") and second.group == "names" and len(second.id) == 12
    assert read([first, second]) == (first, second)


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ('{"task": "a"}', "line 1 has no 'answer'", '"answer": 5'),
        ('{"task": "a", "answer": ""}', "line 1 has no 'answer'", '"answer": 5'),
        ('{"task": "a", "anwser": 1}', "no field 'anwser'", "Did you mean 'answer'?"),
        ('{"task": "a", "answer": {"x": 1}}', "must be text, a number", "answer"),
        ('{"task": 3, "answer": 1}', "'task' must be text", "task"),
        ('{"task": "a", "answer": "b", "check": "fuzzy"}', "check must be one of exact, text", "check"),
        ('{"task": "a", "answer": "b", "check": "number"}', "no number in the answer 'b'", '"check": "text"'),
        ('{"task": "a", "answer": "(", "check": "regex"}', "is no regular expression", '"check": "text"'),
        ("nonsense", "line 1 is no JSON", '"task"'),
        ("[1]", "a task is an object, not list", '"task"'),
        ("", "There are no tasks", '"task"'),
        ('{"task": "a", "answer": 1}\n{"task": "a", "answer": 2}', "Two tasks have the id", '"id"'),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(tmp_path: Path, line: str, says: str, hint: str) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read(file)
    assert says in refused.value.message and hint in refused.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl cannot be read"):
        read(tmp_path / "none.jsonl")


def test_the_held_out_tasks_of_vnb_tiny_can_be_read() -> None:
    found = read(HELD_OUT)
    assert len(found) == 840 and len({one.group for one in found}) == 21
    assert all(is_right(str(answer), one) for one in found for answer in one.answers)
