import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.context.budget import LEAST, MARK, fit, part
from vnb.context.build import build
from vnb.context.passages import rank, split
from vnb.core.types import Attachment, Brief, Document, Part, Step, Task
from vnb.core.view import AttemptView, RunView, StepView
from vnb.errors import BudgetError


def words(text: str) -> int:
    return len(text.split())


def a_view(**task: object) -> RunView:
    view = RunView(task=Task("t", "Write about tides", **task), brief=Brief("an article", "text", ("short",), "en"))  # type: ignore[arg-type]
    for step_id, output in (("s1", "one"), ("s2", "two")):
        attempt = AttemptView(1, status="finished", output=output)
        view.steps[step_id] = StepView(Step(step_id, f"do {step_id}"), "finished", [attempt], 1)
    view.steps["s3"] = StepView(Step("s3", "join them", ("s2", "s1")))
    return view


TEXTS = {"one": "first result", "two": "second result"}


def kinds(parts: tuple[Part, ...]) -> list[str]:
    return [f"{one.kind}:{one.source}" for one in parts]


def test_parts_come_shared_ones_first_and_results_in_plan_order() -> None:
    view = a_view(inputs={"data": "x y"}, attached=("data",), documents=(Document("d", "about tides"),))
    context = build(view.steps["s3"].step, view, TEXTS.__getitem__, words, 100, "You are.")
    assert kinds(context.parts) == [
        "system:vnb",
        "input:task",
        "input:data",
        "brief:understand",
        "doc:d",
        "result:s1",
        "result:s2",
        "instruction:s3",
    ]
    assert context.tokens == sum(words(one.text) for one in context.parts)


def test_the_digest_follows_what_is_shown_and_nothing_else() -> None:
    view = a_view()
    step = view.steps["s3"].step
    before = build(step, view, TEXTS.__getitem__, words, 100).digest
    assert build(step, view, TEXTS.__getitem__, words, 90).digest == before
    assert build(step, view, lambda digest: TEXTS[digest] + "!", words, 100).digest != before
    view.steps["s9"] = StepView(Step("s9", "another step"))
    assert build(step, view, TEXTS.__getitem__, words, 100).digest == before


def test_a_sub_step_is_shown_what_its_parent_needed() -> None:
    view = a_view()
    view.steps["s3.1"] = StepView(Step("s3.1", "half of it", parent="s3"))
    context = build(view.steps["s3.1"].step, view, TEXTS.__getitem__, words, 100)
    assert "result:s1" in kinds(context.parts)
    assert "result:s2" in kinds(context.parts)


def test_passages_that_do_not_fit_are_left_out_and_listed() -> None:
    passages = "\n\n".join(f"# Part {number}\n{' '.join(['filler'] * 30)} topic{number}" for number in range(6))
    view = a_view(documents=(Document("book", passages),))
    step = Step("s9", "Write about topic4")
    context = build(step, view, TEXTS.__getitem__, words, 100)
    shown = [one.source for one in context.parts if one.kind == "doc"]
    assert any("Part 4" in title for title in shown)
    assert len(shown) + len(context.omitted) == 6
    assert context.tokens <= 100


def test_passages_stand_in_the_order_of_their_document_so_that_siblings_share_a_prefix() -> None:
    view = a_view(
        documents=(Document("book", "\n\n".join(f"# {name}\nabout {name}" for name in ("sun", "moon", "sea"))),)
    )
    shown = []
    for step in (Step("s8", "Write about the sea"), Step("s9", "Write about the sun")):
        context = build(step, view, TEXTS.__getitem__, words, 1000)
        shown.append([one.source for one in context.parts if one.kind == "doc"])
    assert shown[0] == shown[1] == ["book: sun (1/3)", "book: moon (2/3)", "book: sea (3/3)"]


def test_long_results_are_cut_to_a_common_length_and_marked() -> None:
    parts = [
        part("input", "task", "do it", words),
        part("result", "s1", "a " * 300, words),
        part("result", "s2", "b " * 100, words),
        part("result", "s3", "c " * 10, words),
        part("instruction", "s4", "go on", words),
    ]
    kept, omitted = fit(parts, 150, words)
    sizes = {one.source: one.tokens for one in kept}
    assert omitted == ()
    assert sum(sizes.values()) <= 150
    assert sizes["s3"] == 10
    assert abs(sizes["s1"] - sizes["s2"]) <= 1
    cut = next(one for one in kept if one.source == "s1")
    assert cut.text.endswith(MARK)
    assert (cut.full_tokens, cut.tokens < cut.full_tokens) == (300, True)


def test_what_cannot_fit_names_the_parts_and_their_sizes() -> None:
    parts = [part("input", "task", "word " * 50, words), part("instruction", "s1", "go", words)]
    with pytest.raises(BudgetError, match=r"needs 51 tokens, but only 20 fit .*input task 50.*instruction s1 1"):
        fit(parts, 20, words)


def test_leaving_out_and_cutting_count_little_of_a_long_text() -> None:
    counted: list[int] = []

    def count(text: str) -> int:
        counted.append(len(text))
        return words(text)

    long = part("input", "book", "word " * 100_000, count)
    counted.clear()
    kept, _ = fit([part("input", "task", "t", count), long], 500, count)
    assert sum(one.tokens for one in kept) <= 500
    assert kept[1].tokens > 450
    assert sum(counted) < 200_000  # a plain bisection would count several times 500,000 characters


@given(st.lists(st.integers(0, 200), max_size=6), st.integers(0, 400))
def test_fitting_keeps_the_budget_or_says_so(sizes: list[int], budget: int) -> None:
    parts = [part("input", "task", "t t", words)]
    parts += [part("result", f"s{number}", "w " * size, words) for number, size in enumerate(sizes)]
    try:
        kept, _ = fit(parts, budget, words)
    except BudgetError:
        assert sum(min(size, LEAST) for size in sizes) + 2 > budget
        return
    assert sum(one.tokens for one in kept) <= budget
    whole = {one.source: one for one in parts}
    for one in kept:
        assert one.tokens == words(one.text)
        assert one.text == whole[one.source].text or one.text.removesuffix(MARK) in whole[one.source].text


def test_passages_are_split_at_headings_and_ranked_by_what_is_asked() -> None:
    text = "# Tides\nThe moon pulls.\n\n# Winds\nThe sun heats the air.\n\n潮汐由月亮引起。"
    passages = split((Document("sea", text),))
    assert [passage.title for passage in passages] == ["sea: Tides (1/2)", "sea: Winds (2/2)"]
    assert rank(passages, "what does the moon do")[0].title.startswith("sea: Tides")
    assert rank(passages, "月亮")[0].title.startswith("sea: Winds")
    assert split(()) == rank((), "x") == ()


def test_images_count_with_the_tokens_that_the_engine_gives_them() -> None:
    view = a_view(attachments=(Attachment("photo", "image/png", "m1"), Attachment("plan", "image/png", "m2")))
    contexts = [
        build(view.steps["s3"].step, view, TEXTS.__getitem__, words, 100, images={"m1": tokens, "m2": 7})
        for tokens in (40, 20)
    ]
    images = [part for part in contexts[0].parts if part.kind == "image"]
    assert [(one.source, one.media, one.tokens, one.text) for one in images] == [
        ("photo", "m1", 40, ""),
        ("plan", "m2", 7, ""),
    ]
    assert contexts[0].tokens - contexts[1].tokens == 20
    assert contexts[0].digest == contexts[1].digest, "what is shown is the same, however an engine counts it"
    with pytest.raises(BudgetError, match="image photo 90"):
        build(view.steps["s3"].step, view, TEXTS.__getitem__, words, 100, images={"m1": 90, "m2": 7})
