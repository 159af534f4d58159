"""Whether a text meets what its task demands, and what is fed back where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.core.types import Demand, DemandKind
from vnb.reading import measure
from vnb.reading.checking import feedback, judge
from vnb.reading.demands import demands

SENTENCES = [
    ("Dr. Smith lives in the U.S. He is 3.5 m tall.", 2),
    ("One. Two! Three?", 3),
    ("# Title\n\nOne sentence here.", 1),
    ("“Really?” he asked. “Yes.”", 2),
    ("Use tools, e.g. a saw. Then rest.", 2),
    ("今天天气很好。我们去公园！你来吗？", 3),
    ("“你好！”他说。她笑了。", 2),
    ("- First item\n- Second item.", 2),
    ("Here are three sentences:\n\n1. A b c.\n2. D e f.\n3. G h i.", 3),
    ("It was dark... He left.", 2),
    ("He waited… and left.", 1),
    ("The lamp shines\nbright tonight.", 1),
    ("No end here", 1),
    ("", 0),
    ("```python\nx = 1. \n```\nDone. Ok.", 2),
    ("**The Lamp**\n\nA lamp glows. It warms.", 2),
    ("他说：“我来了。”然后他走了。", 2),
    ("天黑了……他走了。", 1),
    ("J. R. Tolkien wrote it. I did not.", 2),
    ("It costs $3.50 at 5 p.m. on Monday. Enjoy!", 2),
    ("I like A. Then B.", 2),
    ("Wait!! What?! Ok.", 3),
    ("Enjoy.", 1),
    ("Vitamin C is good. So am I. Yes.", 3),
]

WORDS = [
    ("well-known don't stop", 3),
    ("One, two; three.", 3),
    ("**bold** and _it_ `x`", 4),
    ("3.5 km and 1,000 m", 5),
    ("1. cat\n2. dog", 2),
    ("U.S. law", 2),
]

PARAGRAPHS = [
    ("A b.\n\nC d.\n\nE f.", 3),
    ("# T\n\nA b c.\n\nD e f.", 2),
    ("Dear Anna,\n\nI write to you.\n\nYours,\nBob", 1),
    ("one\ntwo\n\nthree\nfour", 2),
    ("今天天气很好，我们一起去公园里玩，非常高兴。\n第二天天气还是很好，我们又去了公园里玩，也高兴。", 2),
    ("Only one.", 1),
    ("", 0),
]

ITEMS = [
    ("- a\n- b\n  - c\n- d", 3),
    ("1. a\n2. b\n3. c", 3),
    ("**1. A**\n- x\n- y\n**2. B**\n- z", 2),
    ("Dog, cat, and bird", 3),
    ("Here are three:\n* a\n* b\n* c", 3),
    ("dog\ncat\nbird", 3),
    ("### 1. A\ntext\n### 2. B\ntext", 2),
    ("一、甲\n二、乙", 2),
    ("苹果、梨和桃", 3),
    ("1. a\n   more\n\n2. b\n", 2),
    ("Step 1: a\nStep 2: b", 2),
    ("", 0),
]

LINES = [
    ("a\nb\nc\nd", 4),
    ("Autumn\n\na b\nc d\ne f\ng h", 4),
    ("a\nb\n\nc\nd", 4),
    ("## T\na\nb", 2),
]

JUDGED: list[tuple[DemandKind, str, str, str, bool]] = [
    ("excludes", "price", "do not mention the price", "Low prices!", False),
    ("excludes", "cat", "", "This category", True),
    ("contains", "cat", "", "Cats run", True),
    ("ends", "Enjoy", "", "All good. Enjoy!", True),
    ("ends", "Enjoy", "", "**Enjoy.**", True),
    ("ends", "Enjoy", "", "I enjoy it", False),
    ("starts", "Dear Anna", "", "**Dear Anna**, hi", True),
    ("ends", "?", "", "Is it “so?”", True),
    ("ends", "home", "", "go home again", False),
    ("ends", "欢迎", "", "我们欢迎！", True),
    ("starts", "从前", "", "从前有一座山", True),
    ("json", '["a"]', "", '```json\n{"a": 1}\n```', True),
    ("json", '["a"]', "", '{"b": 1}', False),
    ("json", "", "", 'Here: {"b": 1}', False),
    ("language", "Chinese", "", "今天天气很好", True),
    ("language", "Chinese", "", "The weather is nice today.", False),
    ("part", "risks", "", "It is risky", True),
    ("part", "history", "", "Historical facts", True),
    ("part", "uses", "", "used for", True),
    ("part", "pack", "", "Packing list", True),
    ("part", "evening activities", "", "In the evening, go", True),
    ("part", "功效", "", "功效很多", True),
    ("part", "发展历史", "", "历史悠久", True),
    ("excludes", "e", "without the letter e", "A big dog", True),
    ("excludes", "e", "without the letter e", "The dog", False),
    ("contains", "company", "", "two companies", True),
    ("excludes", "dogs", "", "a dog", False),
    ("ends", "Enjoy", "", "", False),
    ("starts", "x", "", "", False),
    ("excludes", "price", "", "pricey", True),
    ("contains", "tide", "", "**tides** rise", True),
    ("ends", "Thank you for reading.", "", "Ok. Thank you for reading", True),
]


@pytest.mark.parametrize(("text", "count"), SENTENCES)
def test_sentences_are_counted(text: str, count: int) -> None:
    assert measure.sentences(text) == count


@pytest.mark.parametrize(("text", "count"), WORDS)
def test_words_are_counted(text: str, count: int) -> None:
    assert measure.words(text) == count


@pytest.mark.parametrize(("text", "count"), PARAGRAPHS)
def test_paragraphs_are_counted(text: str, count: int) -> None:
    assert measure.paragraphs(text) == count


@pytest.mark.parametrize(("text", "count"), ITEMS)
def test_items_are_counted(text: str, count: int) -> None:
    assert measure.items(text) == count


@pytest.mark.parametrize(("text", "count"), LINES)
def test_lines_are_counted(text: str, count: int) -> None:
    assert measure.lines(text) == count


def test_characters_are_counted_as_in_each_language() -> None:
    assert measure.characters("我有2只cat，真好。") == 7
    (verdict,) = judge([Demand("at most 10 characters", "characters", None, 10)], "Hello, you!")
    assert (verdict.met, verdict.found) == (False, "11 characters")
    (verdict,) = judge([Demand("不超过4字", "characters", None, 4)], "你好，世界！")
    assert verdict.met


@pytest.mark.parametrize(("kind", "value", "text", "output", "met"), JUDGED)
def test_what_is_said_is_judged(kind: DemandKind, value: str, text: str, output: str, met: bool) -> None:
    assert judge([Demand(text, kind, value=value)], output)[0].met is met


def test_a_text_is_judged_by_its_task() -> None:
    task = "Write exactly three sentences about a lamp. Do not mention the price. End with the word Enjoy."
    assert all(verdict.met for verdict in judge(demands(task), "A lamp is on the desk. It glows. Sit down and enjoy!"))
    missed = feedback(judge(demands(task), "It is a lamp. Its price is low."))
    assert missed.splitlines() == [
        'It has 2 sentences; the task asks for: "exactly three sentences".',
        'It says "price"; the task asks for: "Do not mention the price".',
        'It ends with "Its price is low."; the task asks for: "End with the word Enjoy".',
    ]


def test_a_chinese_text_is_judged_by_its_task() -> None:
    task = "用两句话介绍茶，不超过30字，不要提到咖啡，以“干杯”结尾。"
    assert all(verdict.met for verdict in judge(demands(task), "茶是一种古老的饮料。朋友们，干杯！"))
    missed = feedback(judge(demands(task), "Tea is better than the coffee that you drink."), language="Chinese")
    assert missed.splitlines() == [
        "答案有1句；任务要求：“两句话”。",
        "答案的结尾是“coffee that you drink.”；任务要求：“以“干杯”结尾”。",
        "答案的语言不对：应当用中文写。",
    ]


def test_nothing_is_fed_back_where_nothing_was_missed() -> None:
    assert feedback(judge(demands("Write one sentence."), "This is the one.")) == ""


def test_feedback_names_what_is_missing() -> None:
    found = judge([Demand("risks", "part", value="risks"), Demand("as JSON", "json", value='["a", "b"]')], '{"a": 1}')
    assert feedback(found) == 'The part "risks" is missing.\nIt is JSON without b; the task asks for: "as JSON".'
    assert feedback(found, language="Chinese") == "缺少“risks”这一部分。\nJSON 中缺少：b；任务要求：“as JSON”。"


KINDS: list[DemandKind] = [
    "sentences",
    "words",
    "characters",
    "paragraphs",
    "items",
    "lines",
    "contains",
    "excludes",
    "starts",
    "ends",
    "json",
    "language",
    "part",
]


@given(st.text(), st.text())
def test_any_text_can_be_judged(output: str, value: str) -> None:
    found = [Demand(value, kind, 1, 2, value='["a"]' if kind == "json" else value) for kind in KINDS]
    verdicts = judge(found, output)
    assert [verdict.demand for verdict in verdicts] == found
    assert all(verdict.found for verdict in verdicts)
    feedback(verdicts)
    feedback(verdicts, language="Chinese")


@given(st.integers(1, 20))
def test_a_text_made_to_measure_is_met(count: int) -> None:
    kinds: dict[DemandKind, str] = {
        "sentences": "The lamp is on. " * count,
        "words": "lamp " * count,
        "paragraphs": "The lamp is on. It glows.\n\n" * count,
        "items": "".join(f"{place}. lamp\n" for place in range(1, count + 1)),
        "lines": "the lamp is on\n" * count,
    }
    for kind, output in kinds.items():
        (verdict,) = judge([Demand("", kind, count, count)], output)
        assert verdict.met, verdict
        (verdict,) = judge([Demand("", kind, count + 1, None)], output)
        assert not verdict.met
    (verdict,) = judge([Demand("字", "characters", count, count)], "灯" * count)
    assert verdict.met
