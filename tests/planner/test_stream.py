import json
import random
import string

import pytest

from vnb.core import dag
from vnb.core.types import Step
from vnb.errors import PlanError
from vnb.planner.stream import Planned, PlanStream

GOOD = {
    "steps": [
        {"id": "s1", "title": "A", "instruction": 'say "{[" \\ ok', "needs": []},
        {"id": "s2", "title": "B", "instruction": "二", "needs": ["s1"]},
    ]
}


def read(text: str, size: int, most: int = 8) -> tuple[list[Planned], PlanStream]:
    stream = PlanStream(most)
    found = [planned for start in range(0, len(text), size) for planned in stream.feed(text[start : start + size])]
    return found + stream.finish(), stream


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("frame", ["{}", "```json\n{}\n```", "Here is the plan:\n{}\nDone."])
def test_steps_come_out_however_the_text_is_cut(size: int, frame: str) -> None:
    found, _ = read(frame.format(json.dumps(GOOD, ensure_ascii=False)), size)
    assert [planned.step for planned in found] == [
        Step("s1", 'say "{[" \\ ok', title="A"),
        Step("s2", "二", ("s1",), title="B"),
    ]
    assert not any(planned.repair for planned in found)


def test_a_step_is_there_as_soon_as_its_brace_closes() -> None:
    stream = PlanStream(8)
    text = json.dumps(GOOD)
    closing = text.index("}") + 1
    assert stream.feed(text[: closing - 1]) == []
    assert [planned.step.id for planned in stream.feed(text[closing - 1 : closing])] == ["s1"]


@pytest.mark.parametrize(
    ("steps", "ids", "said"),
    [
        ([{"id": "s1", "instruction": "a"}, {"id": "s1", "instruction": "b"}], ["s1", "s2"], "'s1' is used twice"),
        ([{"id": "plan", "instruction": "a"}], ["s1"], "'plan' is not a step's id"),
        ([{"instruction": "a"}], ["s1"], "'' is not a step's id"),
        ([{"id": 3, "instruction": "a"}], ["s1"], "'3' is not a step's id"),
        ([{"id": "s1", "instruction": "a", "needs": ["s2"]}], ["s1"], "needed 's2', which is not a step before it"),
        ([{"id": "s1", "instruction": "a", "needs": ["s1"]}], ["s1"], "needed 's1'"),
        ([{"id": "s1", "instruction": "a", "needs": "all"}], ["s1"], ""),
    ],
)
def test_what_can_be_mended_is_mended_with_a_reason(steps: list[object], ids: list[str], said: str) -> None:
    found, _ = read(json.dumps({"steps": steps}), 5)
    assert [planned.step.id for planned in found] == ids
    assert said in "; ".join(planned.repair for planned in found)
    dag.validate([planned.step for planned in found])


def test_steps_without_words_and_beyond_the_limit_are_left_out_with_a_reason() -> None:
    steps = [{"id": "s1", "instruction": " "}, {"id": "s2", "instruction": "a"}, {"id": "s3", "instruction": "b"}]
    found, stream = read(json.dumps({"steps": steps}), 9, most=1)
    assert [planned.step.id for planned in found] == ["s2"]
    assert stream.left_out == [
        "step 's1' has no instruction and was left out",
        "only 1 steps are allowed; step 's3' was left out",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I cannot do that.", "is not a plan"),
        ("", "is not a plan"),
        ('{"steps":[]}', "without steps"),
        ('{"steps":[{"id":"s1","instruction":"a","needs":[]},{"id":"s2","inst', "cut off after 1 complete steps"),
        ('{"steps":[1,2]}', "is not a JSON object"),
        ('{"steps":[{"id":"s1" "instruction"}]}', "is not a JSON object"),
        ('{"steps":[{"id":"s1","instruction":" "}]}', "without steps"),
    ],
)
def test_the_rest_is_a_plan_error_that_says_what_was_wrong(text: str, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        read(text, 3)


def mutated(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randint(1, 12)):
        where = rng.randrange(len(letters)) if letters else 0
        how = rng.random()
        if how < 0.4 and letters:
            del letters[where : where + rng.randint(1, 20)]
        elif how < 0.7:
            letters.insert(where, rng.choice('{}[]",:\\s1 \n\x00中\ud800' + string.ascii_letters))
        elif letters:
            start = rng.randrange(len(letters))
            letters[where:where] = letters[start : start + rng.randint(1, 40)]
    return "".join(letters)


def test_a_thousand_broken_plans_each_give_a_dag_or_a_plan_error() -> None:
    rng = random.Random(7)
    whole = json.dumps(
        {
            "steps": [
                {"id": f"s{n}", "instruction": f"do {n}", "needs": [f"s{m}" for m in range(1, n)]} for n in range(1, 7)
            ]
        }
    )
    good = bad = 0
    for _ in range(1000):
        stream = PlanStream(5)
        steps: list[Step] = []
        try:
            for char in mutated(whole, rng):
                for planned in stream.feed(char):
                    assert set(planned.step.needs) <= {step.id for step in steps}
                    steps.append(planned.step)
            steps += [planned.step for planned in stream.finish()]
        except PlanError as error:
            bad += 1
            assert error.message
            continue
        dag.validate(steps, most=5)
        good += 1
    assert good > 20
    assert bad > 50
