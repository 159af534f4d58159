import json
from dataclasses import replace

import pytest

from vnb.core.types import Context, Part, PartKind, Role
from vnb.planner.prompts import PROFILES, ProfileName, result_name


def context(*parts: tuple[PartKind, str, str]) -> Context:
    return Context(tuple(Part(kind, source, text, 1, 1, "d") for kind, source, text in parts), 100, 10, "c")


WORK = context(
    ("input", "task", "Who is Meg's boss?"),
    ("input", "facts", "Meg boss: Kim;"),
    ("result", "s1", "Kim"),
    ("result", "s2.1", "Tom"),
    ("instruction", "s3", "join #1 and #2.1"),
)


def test_compact_prompts_are_what_the_model_was_trained_on() -> None:
    profile = PROFILES["compact"]
    (message,) = profile.render(WORK, "work")
    assert message.role == "user"
    assert message.content == (
        "Task: Who is Meg's boss?\nfacts: Meg boss: Kim;\n#1 = Kim\n#2.1 = Tom\nStep: join #1 and #2.1"
    )
    words: dict[Role, str] = {"understand": "Brief", "plan": "Plan", "review": "Review", "integrate": "Write"}
    for role, word in words.items():
        parts = context(("input", "task", "T"), ("instruction", role, profile.instruction(role)))
        (message,) = profile.render(parts, role)
        assert message.content == f"Task: T\n{word}"
    assert result_name("intro") == "#intro"


@pytest.mark.parametrize("name", ["compact", "instruct"])
def test_every_part_can_be_traced_and_siblings_share_their_beginning(name: ProfileName) -> None:
    profile = PROFILES[name]
    parts = (("system", "vnb", "You are."),) if name == "instruct" else ()
    shared: tuple[tuple[PartKind, str, str], ...] = (*parts, ("input", "task", "T"))
    one = profile.render(context(*shared, ("instruction", "s1", "do one")), "work")
    two = profile.render(context(*shared, ("instruction", "s2", "do two")), "work")
    assert sorted(segment.part for message in one for segment in message.segments if segment.part >= 0) == list(
        range(len(shared) + 1)
    )
    text_one, text_two = ("\n".join(message.content for message in messages) for messages in (one, two))
    common = next(place for place, (a, b) in enumerate(zip(text_one, text_two, strict=True)) if a != b)
    assert text_one[common:] == "one"


@pytest.mark.parametrize("name", ["compact", "instruct"])
def test_planners_share_their_beginning_with_the_steps_or_with_every_other_planner(name: ProfileName) -> None:
    profile = PROFILES[name]
    asked: tuple[PartKind, str, str] = ("instruction", "plan", profile.instruction("plan"))
    one, two = (
        "\n".join(message.content for message in profile.render(context(("input", "task", task), asked), "plan"))
        for task in ("T1", "T2")
    )
    if name == "compact":
        assert one.startswith("Task: T1")
    else:  # rules and examples come first, then the task alone
        assert one.removesuffix("\nT1") == two.removesuffix("\nT2") != one


@pytest.mark.parametrize("name", ["compact", "instruct"])
def test_the_schemas_bound_the_plan_and_keep_the_order_of_the_fields(name: ProfileName) -> None:
    profile = PROFILES[name]
    constraint = profile.constraint("plan", (3, 5))
    assert constraint is not None
    schema = json.loads(constraint.text)
    steps = schema["properties"]["steps"]
    assert (steps["minItems"], steps["maxItems"]) == (3, 5)
    fields = list(steps["items"]["properties"])
    assert fields == (["id", "title", "instruction", "needs"] if name == "instruct" else ["id", "instruction", "needs"])
    assert profile.constraint("work") is profile.constraint("integrate") is None


def test_the_frame_around_compact_content_is_small() -> None:
    (message,) = PROFILES["compact"].render(WORK, "work")
    around = len(message.content) - sum(len(part.text) for part in WORK.parts)
    assert around <= 60  # characters, so tokens too


@pytest.mark.parametrize("name", ["compact", "instruct"])
def test_an_image_stands_behind_the_words_that_name_it(name: ProfileName) -> None:
    image = Part("image", "photo", "", 9, 9, "d", "m1")
    shown = replace(WORK, parts=(WORK.parts[0], image, *WORK.parts[1:]))
    segments = [segment for message in PROFILES[name].render(shown, "work") for segment in message.segments]
    assert [(segment.part, segment.media) for segment in segments if segment.media] == [(1, "m1")]
    assert all(not segment.media for segment in segments if segment.part != 1)
