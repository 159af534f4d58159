import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnb.core import dag
from vnb.core.types import Constraint, Plan, Sampling, Step
from vnb.errors import PlanError
from vnb.planner.parse import clean, parse_plan, print_plan

TEXT = """\
# the founding example
s1: Write the history
s2 [temperature=0.9 model=tiny title="The present"]: Write the present
    in two
      parts

    with a gap <- s1
s2.1: a part of it with a literal \\<- arrow
s3 [check="\\\\d+" stop="\\n" max_tokens=20]: Join: all, of it <- s1, s2
"""


def test_a_plan_is_read_as_it_is_written() -> None:
    plan = parse_plan(TEXT)
    s1, s2, s21, s3 = plan.steps
    assert s1 == Step("s1", "Write the history")
    assert (s2.instruction, s2.needs) == ("Write the present\nin two\n  parts\n\nwith a gap", ("s1",))
    assert (s2.sampling.temperature, s2.engine, s2.title) == (0.9, "tiny", "The present")
    assert (s21.parent, s21.instruction) == ("s2", "a part of it with a literal <- arrow")
    assert s3.needs == ("s1", "s2")
    assert (s3.check, s3.sampling) == (Constraint("regex", r"\d+"), Sampling(stop=("\n",), max_tokens=20))
    assert parse_plan(print_plan(plan)) == plan


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("", "no steps", "s1: what to do"),
        ("write it", "Line 1 is not a step", "s1: what to do"),
        ("s1: a\n s2 b\nfoo bar", "Line 3 is not a step", "s1:"),
        ("  s1: a", "Line 1 is indented", "s1:"),
        ("s1: a <- s2", "'s1' needs 's2'", "Steps of the plan: s1"),
        ("s1: a <- s2\ns2: b <- s1", "cycle: s1 -> s2 -> s1", "Remove"),
        ("s1: a\ns1: b", "'s1' is used twice", ""),
        ("s1: x <- y + 1", "after '<-' is not a step's id", r"\<-"),
        ("s1 [temprature=1]: a", "no option 'temprature'", "Did you mean temperature"),
        ("s1 [temperature=hot]: a", "temperature must be a number from 0 to 100, not 'hot'", "temperature=0"),
        ("s1 [temperature=nan]: a", "temperature must be", ""),
        ("s1 [max_tokens=0]: a", "max_tokens must be a whole number from 1", "max_tokens=1"),
        ("s1 [budget=-5]: a", "budget must be", "budget=500"),
        ('s1 [check="("]: a', "is no regular expression", "check="),
        ('s1 [schema="{"]: a', "is no JSON schema", "schema="),
        ("s1 [what is this]: a", "not a list of options", "temperature=0.9"),
        ("s1:", "'s1' has no instruction", "s1: what to do"),
        ("integrate: all", "'integrate' is reserved", "s1"),
        ("s1 [think=maybe]: a", "Line 1: think must be on, off or a number", "think=on"),
        ("s1 [think=0]: a", "think must be on, off", ""),
        ("s1 [repeat_penalty=no]: a", "repeat_penalty must be a number from 0 to 10", "repeat_penalty=0"),
        ("s1: a\n-> s1, s2", "Line 2: 's2' after '->' is not a step of the plan", "Steps of the plan: s1"),
        ("s1: a\n->", "Line 2: '' after '->' is not a step of the plan", "Steps of the plan: s1"),
        ("-> s1\ns1: a\n-> s1", "Line 3: line 1 says already what the plan delivers", "-> s1, s3"),
        ("-> s1", "no steps", "s1: what to do"),
    ],
)
def test_what_is_no_plan_names_the_line_and_what_to_type(text: str, said: str, hint: str) -> None:
    with pytest.raises(PlanError, match=said) as error:
        parse_plan(text)
    assert hint in error.value.hint


@pytest.mark.parametrize("text", ["-> s2, s1\n{}", "{}\n->s2,s1", "s1: a\n-> s2,\n    s1, s2\ns2: b <- s1"])
def test_a_plan_says_anywhere_what_it_delivers(text: str) -> None:
    plan = parse_plan(text.format("s1: a\ns2: b <- s1"))
    assert (plan.deliver, [step.instruction for step in plan.steps]) == (("s2", "s1"), ["a", "b"])
    assert print_plan(plan) == "s1: a\ns2: b <- s1\n-> s2, s1"


def test_an_arrow_in_an_instruction_delivers_nothing() -> None:
    plan = parse_plan("s1: a\n    -> s1\ns2: -> s1")
    assert [step.instruction for step in plan.steps] == ["a\n-> s1", "-> s1"] and plan.deliver == ()
    assert parse_plan(print_plan(plan)) == plan


instructions = (
    st.text(alphabet=st.sampled_from(list('ab \\<-\n\t[]:=#"s1,é中\u2028')), max_size=30).map(clean).filter(bool)
)
values = st.text(alphabet=st.sampled_from(list('ab \\<-\n[]:="é中')), max_size=10)
constraints = (
    st.none()
    | st.builds(Constraint, st.just("regex"), values.map(re.escape))
    | st.builds(Constraint, st.just("json_schema"), values.map(json.dumps))
)


def test_a_backslash_is_itself_where_it_escapes_nothing() -> None:
    (step,) = parse_plan(r's1 [check="\d+ \"x\" \\ \bend"]: a').steps
    assert step.check == Constraint("regex", r'\d+ "x" \ \bend')


def test_blanks_on_empty_lines_are_nothing() -> None:
    assert parse_plan("s1: a\n   \n    b").steps[0].instruction == clean("a\n  \nb") == "a\n\nb"


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 5))):
        step_id = f"s{number + 1}" if not steps or draw(st.booleans()) else f"{steps[-1].id}.{number}"
        sampling = Sampling(
            temperature=draw(st.none() | st.floats(0, 3)),
            stop=draw(st.none() | st.lists(values.filter(bool), max_size=2).map(tuple)),
            seed=draw(st.none() | st.integers(0, 2**32 - 1)),
            logprobs=draw(st.none() | st.integers(0, 9)),
            dry=draw(st.none() | st.floats(0, 3)),
            think=draw(st.none() | st.sampled_from(["on", "off", "80"])),
        )
        steps.append(
            Step(
                step_id,
                draw(instructions),
                tuple(step.id for step in steps if draw(st.booleans())),
                draw(values),
                parent=draw(st.sampled_from(["", *[step.id for step in steps]])),
                engine=draw(values),
                sampling=sampling,
                budget=draw(st.none() | st.integers(1)),
                constraint=draw(constraints),
                check=draw(constraints),
            )
        )
    return Plan(tuple(steps), tuple(step.id for step in reversed(steps) if draw(st.booleans())))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_printing_loses_nothing(plan: Plan) -> None:
    try:
        dag.validate(plan.steps)
    except PlanError:
        return
    assert parse_plan(print_plan(plan)) == plan


@given(st.text(max_size=80))
def test_any_text_is_a_plan_or_a_plan_error(text: str) -> None:
    try:
        plan = parse_plan(text)
    except PlanError:
        return
    dag.validate(plan.steps)
