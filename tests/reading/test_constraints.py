"""The sentences and clauses of a task that demand something, word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.reading.constraints import constraints
from vnb.reading.demands import demands

LAMP = "Write exactly three sentences about a lamp. Do not mention the price. End with the word Enjoy."

CONSTRAINTS = [
    (LAMP, ["Write exactly three sentences about a lamp.", "Do not mention the price.", "End with the word Enjoy."]),
    ("List the planets, and do not mention Pluto.", ["do not mention Pluto."]),
    (
        "Write a story. It should be cheerful. Use short words! No jargon.",
        ["It should be cheerful.", "Use short words!", "No jargon."],
    ),
    (
        "Write a poem about the sea, at least eight lines, without the word blue.",
        ["at least eight lines", "without the word blue."],
    ),
    ("If there is no answer, write exactly 'none'.", ["If there is no answer, write exactly 'none'."]),
    ("Write an article about artificial intelligence.", []),
    ("Explain tides in no more than 50 words.", ["Explain tides in no more than 50 words."]),
    ("What is a lamp? Answer in two sentences.", ["Answer in two sentences."]),
    ("Write a letter. Keep it short. Make sure to thank Ann.", ["Keep it short.", "Make sure to thank Ann."]),
    ("Do not repeat anything; never use lists.", ["Do not repeat anything;", "never use lists."]),
    ("Give the answer as a table.", ["Give the answer as a table."]),
    ("Write it in the form of a letter.", ["Write it in the form of a letter."]),
    ("Use only words that a child knows.", ["Use only words that a child knows."]),
    ("Write two lines.\n\n```\nYou must not pass at most 3\n```", ["Write two lines."]),
    ("Summarize in one sentence:\n\nNotes:\n- Anna must go\n- never open the door", ["Summarize in one sentence:"]),
    ('Translate this into French: "You must never give up."', ["Translate this into French:"]),
    ("写一篇关于猫的文章，不超过100字，不要提到狗，以“喵”结尾。", ["不超过100字", "不要提到狗", "以“喵”结尾。"]),
    ("用三句话介绍北京。必须提到故宫！", ["用三句话介绍北京。", "必须提到故宫！"]),
    ("编写一篇关于人工智能的文章", []),
    ("写一个故事，只用简单的词，至少三段，请勿使用对话。", ["只用简单的词", "至少三段", "请勿使用对话。"]),
    ("介绍长城，字数控制在80字以内，语气要活泼。", ["字数控制在80字以内", "语气要活泼。"]),
    ("要求：\n1. 恰好四句；\n2. 不得出现数字。", ["恰好四句；", "不得出现数字。"]),
    ("总结下面的文章，用一句话。\n\n文章：\n他必须走。不要停下。", ["用一句话。"]),
    ("Schreibe genau drei Sätze. Erwähne den Preis nicht, und verwende kein Fremdwort.", None),
    ("Écris au plus cinq phrases, sans nombres.", None),
]


@pytest.mark.parametrize(("text", "expected"), CONSTRAINTS)
def test_plain_demands_are_found_word_for_word(text: str, expected: list[str] | None) -> None:
    found = constraints(text)
    assert all(span in text for span in found)
    if expected is None:
        assert found
    else:
        assert [span.rstrip(".;；。!！:") for span in found] == [span.rstrip(".;；。!！:") for span in expected]


CUES = [
    "exactly two examples",
    "at least two examples",
    "at most two examples",
    "no more than 30 words",
    "fewer than six lines",
    "between three and five items",
    "do not name it",
    "don't name it",
    "never name it",
    "avoid names",
    "without names",
    "it must rhyme",
    "it should rhyme",
    "only nouns",
    "make sure it rhymes",
    "use plain language",
    "end with a joke",
    "begin with a joke",
    "in the form of a letter",
    "in 40 words",
    "keep it short",
]
CUES_ZH = [
    "不要提名字",
    "不得超时",
    "不能用数字",
    "必须押韵",
    "至少两例",
    "至多两例",
    "最多两例",
    "不超过30字",
    "不少于30字",
    "只用名词",
    "仅用名词",
    "恰好两例",
    "正好两例",
    "以笑话结尾",
    "用书信形式写",
    "请勿重复",
    "共30字",
    "写两句",
    "控制在30字以内",
]


@pytest.mark.parametrize("cue", CUES)
def test_no_english_demand_is_missed(cue: str) -> None:
    assert any(cue in span for span in constraints(f"Write a short text about rivers, {cue}."))
    assert any(
        cue.lower() in span.lower() for span in constraints(f"Write a short text about rivers. {cue.capitalize()}.")
    )


@pytest.mark.parametrize("cue", CUES_ZH)
def test_no_chinese_demand_is_missed(cue: str) -> None:
    assert any(cue in span for span in constraints(f"写一篇关于河流的短文，{cue}。"))
    assert any(cue in span for span in constraints(f"写一篇关于河流的短文。{cue}。"))


WORDS = [
    "Write",
    "exactly",
    "three",
    "sentences",
    "about",
    "a lamp",
    ".",
    ",",
    "do not mention",
    "the price",
    "end with",
    "“Enjoy”",
    "\n",
    "- ",
    "1. ",
    "in German",
    "as JSON",
    "with keys",
    "a and b",
    "each",
    "不要提到",
    "价格",
    "。",
    "，",
    "三句话",
    "用",
    "以",
    "结尾",
    "包括",
    "历史、用途和风险",
    "Notes:",
    "```",
    '"',
    "first",
    "then",
]


@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join),
        st.lists(st.sampled_from(WORDS), max_size=25).map("".join),
    )
)
def test_what_is_read_is_always_the_words_of_the_task(text: str) -> None:
    found = constraints(text)
    assert len(set(found)) == len(found)
    assert all(span and span in text for span in found)
    assert all(demand.text in text for demand in demands(text))
