"""The bench of planning: its tasks are what they should be, its graders fair, its figures right; no model is asked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.planning import __main__ as command
from benchmarks.planning import report, traces
from benchmarks.planning.demands import is_met
from benchmarks.planning.families import FAMILIES, tasks
from benchmarks.planning.families.notes_scenes import SCENES
from benchmarks.planning.families.parts_topics import TOPICS
from benchmarks.planning.families.word_stories import NAMES, STORIES
from benchmarks.planning.grade import grade
from benchmarks.planning.items import LANGUAGES, SIDES, Item, Language
from benchmarks.planning.language import language_of, lengths, sentences
from benchmarks.planning.numbers import answer, choice
from benchmarks.planning.passages import missing
from benchmarks.planning.records import Records
from benchmarks.planning.statistics import mcnemar, wilson
from vnb.core.types import Step

EACH = [(family, language) for family in FAMILIES for language in LANGUAGES]
ALL = [(family, language, side) for family, language in EACH for side in SIDES]


def every(family: str) -> list[Item]:
    return [item for language in LANGUAGES for side in SIDES for item in tasks(family, language, side, 0, 60)]


# -------------------------------------------------------------------- tasks


@pytest.mark.parametrize(("family", "language", "side"), ALL)
def test_tasks_are_distinct_and_the_same_every_time(family: str, language: Language, side: Any) -> None:
    found = tasks(family, language, side, 3, 60)
    assert len({item.text for item in found}) == 60
    assert tasks(family, language, side, 3, 10) == found[:10], "more tasks must not change the first"
    assert {item.text for item in tasks(family, language, side, 4, 60)} != {item.text for item in found}
    for item in found:
        assert "{" not in item.text and "  " not in item.text and item.text == item.text.strip()
        assert language_of(item.text) == language


@pytest.mark.parametrize(("family", "language"), EACH)
def test_the_held_out_side_shares_no_task(family: str, language: Language) -> None:
    dev, held = ({item.text for seed in range(3) for item in tasks(family, language, side, seed)} for side in SIDES)
    assert not dev & held


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_held_out_side_is_of_other_material(language: Language) -> None:
    for material in (
        {side: set(NAMES[language][side]) for side in SIDES},
        {side: {story.name for story in STORIES[language][side]} for side in SIDES},
        {side: {topic.name for topic in TOPICS[language][side]} for side in SIDES},
        {side: {word for scene in SCENES[language][side] for word in scene.who + scene.what} for side in SIDES},
    ):
        assert material["dev"] and material["held"] and not material["dev"] & material["held"]


# What each story comes to, worked out from the numbers of its text in their order, another way than in the bench.
WORKED: dict[str, Callable[..., float]] = {
    "pencils": lambda packs, each, given, lost: sum([each] * packs) - (given + lost),
    "rolls": lambda trays, each, more, sold: more - sold + sum([each] * trays),
    "bus": lambda start, off, on: (start + on - off) * 0.5,
    "savings": lambda week, weeks, book, ticket: sum([week] * weeks) - (book + ticket),
    "eggs": lambda hens, each, kept, box: (sum([each] * hens) - kept) // box,
    "ages": lambda first, older: 4 * first + 3 * older,
    "tickets": lambda adult, adults, children: adult * (2 * adults + children) // 2,
    "shelves": lambda shelves, each, lent, new: new - lent + sum([each] * shelves),
    "apples": lambda baskets, each, bad, people: (sum([each] * baskets) - bad) // people,
    "seats": lambda rows, each, taken, more: sum([each] * rows) - (taken + more),
    "tank": lambda start, used, days, rain: start + rain - sum([used] * days),
    "reading": lambda pages, daily, days, left: (pages - sum([daily] * days)) // left,
    "wages": lambda hours, days, pay, ticket: sum([pay] * (hours * days)) - ticket,
    "stickers": lambda first, times, fewer: first * (1 + 2 * times) - fewer,
    "clothes": lambda shirt, shirts, trousers: shirt * (shirts + 2 * trousers),
    "flowers": lambda a, b, c, d, storm: sum([b] * a) + sum([d] * c) - storm,
}
SAME = dict(
    zip(
        ["笔记本", "包子", "地铁", "零花钱", "牛奶", "年龄", "书架"],
        ["pencils", "rolls", "bus", "savings", "eggs", "ages", "shelves"],
    )
) | dict(zip(["橘子", "剧院", "水箱", "小说", "工资"], ["apples", "seats", "tank", "reading", "wages"]))
IN_CHINESE: dict[str, Callable[..., float]] = {
    "公园": WORKED["tickets"],
    "邮票": WORKED["stickers"],
    "树苗": WORKED["flowers"],
    "桌椅": lambda chair, times, chairs, tables: chair * (chairs + times * tables),
}


def test_word_problems_have_the_right_answers() -> None:
    for item in every("word"):
        story = SAME.get(item.expected["story"], item.expected["story"])
        numbers = [int(found) for found in re.findall(r"\d+", item.text)]
        if story == "ages" and item.language == "zh":
            numbers.remove(2)  # "twice" is a numeral here
        worked = (WORKED | IN_CHINESE)[story](*numbers)
        assert worked == item.expected["number"] and item.expected["number"] not in numbers, item


def test_questions_over_notes_have_the_right_answers() -> None:
    kinds = set()
    for item in every("notes"):
        scene = next(s for s in SCENES[item.language][item.side] if s.name == item.expected["scene"])
        notes = [line[2:] for line in item.text.splitlines() if line.startswith("- ")]
        question = " ".join(line for line in item.text.splitlines() if not line.startswith("- "))
        asked = [word for word in scene.who + scene.what + scene.days if word in question]
        chosen = [note for note in notes if all(word in note for word in asked)]
        kind, figures = item.expected["kind"], [int(re.findall(r"\d+", note)[0]) for note in chosen]
        kinds.add((item.language, kind))
        assert 7 <= len(notes) <= 9 and bool(asked) == (kind != "sum")
        if kind == "look up":
            assert len(chosen) == 1 and [w for w in scene.what if w in chosen[0]] == [item.expected["choice"]]
        elif kind == "count":
            assert item.expected["number"] == len(chosen) >= 2
        else:
            assert item.expected["number"] == sum(figures) and (len(figures) == 1) == (kind == "figure")
    assert len(kinds) == 12


def test_demanded_parts_stand_in_the_task_in_their_order() -> None:
    for item in every("parts"):
        places = [item.text.casefold().index(part.casefold()) for part, _ in item.expected["parts"]]
        assert 3 <= len(places) <= 7 and places == sorted(places)
        assert (item.expected["sentences"] == 3) == any(w in item.text for w in ("three sentences", "三句话"))


def test_constraints_stand_in_the_task_and_one_text_can_meet_them() -> None:
    kinds = set()
    for item in every("limits"):
        limits = item.expected["limits"]
        named = [limit["kind"] for limit in limits]
        assert 1 <= len(limits) <= 3 and len(set(named)) == len(named)
        for limit in limits:
            kinds.add(limit["kind"])
            for word in [str(limit.get("n", "")), limit.get("word", ""), *limit.get("keys", ())]:
                assert word in item.text
        words = {limit["kind"]: limit["word"] for limit in limits if "word" in limit}
        assert words.get("avoid") not in [words.get("contain"), words.get("end")] or "avoid" not in words
    assert kinds == {"sentences", "length", "items", "contain", "avoid", "end", "json", "language"}


# -------------------------------------------------------------------- grades

PENCILS = "Nina buys 5 packs of pencils with 8 pencils in each. Nina gives away 6. How many pencils are left?"


@pytest.mark.parametrize(
    "result",
    [
        "34",
        "The answer is 34 pencils.",
        "Nina has 5 × 8 = 40 pencils.\n40 - 6 = 34",
        "答：34支铅笔。",
        "答案是 **34** 支。希望对你有帮助！",
        "So we get\n\\[ \\boxed{34} \\]\nCheck: 34 + 6 = 40",
        "Nina has **34** pencils left after giving away 6.",
        "There are 34 pencils left, since Nina gave away 6.\n\nI hope this helps!",
        "**Final answer:** $34.00",
        "1. Multiply: 40\n2. Subtract: 34",
        "剩下３４支。",
    ],
)
def test_a_right_number_is_found(result: str) -> None:
    assert answer(result, PENCILS) == 34


@pytest.mark.parametrize(
    "result",
    ["", "40", "The answer is 35.", "34 + 6 = 40", "Nina has 34.5 pencils.", "I cannot tell.", "1. Multiply 5 by 8."],
)
def test_a_wrong_number_is_not_taken_for_the_right_one(result: str) -> None:
    assert answer(result, PENCILS) != 34


def test_numbers_that_stand_in_the_task_and_words_for_numbers() -> None:
    assert answer("On Friday, Jonas sold 17 kg of trout.", "17 kg, 20 kg", in_task=True) == 17
    assert answer("There are three notes about trout.", "17 kg") == 3
    assert answer("去东湖镇的一共有两次。", "17箱") == 2
    assert answer("It is 1,234 metres.", "7") == 1234
    towns = ["Elmford", "Northwick", "Sandby"]
    assert choice("Monday: Ben, Elmford. Tuesday: Ruth, Sandby.\nBen went to **Elmford**.", towns) == "Elmford"
    assert choice("Ben went to Elmford and Sandby.", towns) is None and choice("Home.", towns) is None


EQUIPMENT = (
    "Every beekeeper needs a hive, a smoker, a veil and gloves. The hive is where the bees live. "
    "A smoker calms them while you work, and the veil and the gloves protect you from being stung."
)
COSTS = (
    "A colony costs about as much as a good bicycle. "
    "Together with the hive and clothes you should plan several hundred euros in the first year. "
    "Later years are much cheaper than that one was."
)
PARTS: list[tuple[str, list[str]]] = [("equipment", ["equipment", "tool"]), ("costs", ["costs", "cost", "price"])]
GOOD = [
    f"# Keeping bees\n\n## Equipment\n{EQUIPMENT}\n\n## Costs\n{COSTS}",
    f"**Your tools**\n\n{EQUIPMENT}\n\n**What it will cost:**\n\n{COSTS}",
    f"1. **Equipment**: {EQUIPMENT}\n2. **Costs**: {COSTS}",
    f"Equipment: {EQUIPMENT}\n\nCosts: {COSTS}",
    f"The equipment comes first. {EQUIPMENT}\n\nThe costs are not small. {COSTS}",
    f"The equipment comes first. {EQUIPMENT} The price is not small. {COSTS}",
    f"## Equipment and costs\n\n{EQUIPMENT}\n\n{COSTS}",
]
BAD = [
    ("", ["equipment", "costs"]),
    ("A guide to bees with equipment and costs.", ["equipment", "costs"]),
    (f"## Equipment\n{EQUIPMENT}\n\n## Costs\n\nSee above.", ["costs"]),
    (f"## Equipment\n{EQUIPMENT} Costs are another matter.", ["costs"]),
    (f"## Costs\n{COSTS}", ["equipment"]),
    ("1. Equipment\n2. Costs", ["equipment", "costs"]),
]


@pytest.mark.parametrize("text", GOOD)
def test_delivered_parts_are_found(text: str) -> None:
    assert missing(text, PARTS, "en", "keeping bees", 25, 3) == []


@pytest.mark.parametrize(("text", "lacking"), BAD)
def test_parts_that_are_not_delivered_are_missing(text: str, lacking: list[str]) -> None:
    assert missing(text, PARTS, "en", "keeping bees", 25) == lacking


def test_the_name_of_the_topic_delivers_no_part() -> None:
    parts = [("baking in the oven", ["baking", "oven"]), ("kneading", ["knead"])]
    text = f"# Baking bread\n\n## Kneading\n{EQUIPMENT}"
    assert missing(text, parts, "en", "baking bread", 25) == ["baking in the oven"]


def test_parts_in_chinese() -> None:
    gear = (
        "养蜂需要蜂箱、喷烟器、面网和手套。蜂箱是蜜蜂的家，喷烟器可以让蜜蜂安静下来，面网和手套能保护养蜂人不被蜇伤。"
    )
    money = (
        "一群蜜蜂的价格并不低，再加上蜂箱和衣服，第一年大约要花几千元。以后每年的花费会少得多，只要更换一些用具就够了。"
    )
    parts = [("设备", ["设备", "工具"]), ("成本", ["成本", "费用"])]
    for text in (
        f"## 设备\n{gear}\n## 成本\n{money}",
        f"一、设备\n{gear}\n\n二、费用\n{money}",
        f"**设备**：{gear}\n**成本**：{money}",
    ):
        assert missing(text, parts, "zh", "养蜂", 40, 2) == []
    assert missing(f"## 设备\n{gear}\n## 成本\n见上文。", parts, "zh", "养蜂", 40) == ["成本"]
    assert missing(f"首先说设备。{gear}", parts, "zh", "养蜂", 40) == ["成本"]


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [
        ({"kind": "sentences", "n": 2, "exactly": True}, "# Ode\n\nIt costs 3.50 euros, e.g. today. Enjoy it!", "One."),
        ({"kind": "sentences", "n": 2, "exactly": False}, "One.", "One. Two! Three?"),
        ({"kind": "length", "n": 5}, "Don't use many words!", "One two three four five six."),
        ({"kind": "contain", "word": "light"}, "**Light** is bent.", "It is lightning."),
        ({"kind": "avoid", "word": "sun"}, "A sunny day.", "The Sun shines."),
        ({"kind": "avoid", "word": "sun"}, "A cloud.", ""),
        ({"kind": "end", "word": "Enjoy"}, "Ride on. **Enjoy!**", "Enjoy the ride."),
        ({"kind": "items", "n": 3}, "1. A\n   - more\n2. B\n3. C", "- A\n- B"),
        ({"kind": "items", "n": 2}, "A\nB", "A\nB\nC"),
        ({"kind": "json", "keys": ["a", "b"]}, '```json\n{"b": 1, "a": [2]}\n```', 'Here: {"a": 1, "b": 2}'),
        ({"kind": "json", "keys": ["a"]}, '{"a": 1}', '{"a": 1, "b": 2}'),
        ({"kind": "language", "language": "zh"}, "灯塔为船只指路。", "A lighthouse (灯塔) guides ships."),
    ],
)
def test_constraints_in_english(limit: dict[str, Any], good: str, bad: str) -> None:
    assert is_met(limit, good, "en") and not is_met(limit, bad, "en")


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [
        ({"kind": "sentences", "n": 2, "exactly": True}, "今天下雨。我们“回家吧！”", "今天下雨，我们回家。"),
        ({"kind": "length", "n": 6}, "今天，我们回家。", "今天我们一起回家。"),
        ({"kind": "contain", "word": "阳光"}, "阳光很好。", "光很好。"),
        ({"kind": "avoid", "word": "太阳"}, "下雨了。", "太阳出来了。"),
        ({"kind": "end", "word": "回家"}, "我们一起回家。", "回家的路上。"),
        ({"kind": "items", "n": 2}, "1、毛巾\n2、帽子", "一、毛巾\n二、帽子\n三、水"),
        ({"kind": "json", "keys": ["名字"]}, '{"名字": "咪咪"}', "名字：咪咪"),
        ({"kind": "language", "language": "en"}, "A lighthouse guides ships.", "灯塔为船只指路。"),
    ],
)
def test_constraints_in_chinese(limit: dict[str, Any], good: str, bad: str) -> None:
    assert is_met(limit, good, "zh") and not is_met(limit, bad, "zh")


def test_languages_lengths_and_sentences() -> None:
    assert (language_of("答案是 \\(5 \\times 8 = 40\\)"), language_of("The answer"), language_of("42")) == (
        "zh",
        "en",
        None,
    )
    assert lengths("It's a well-known 3.5 km walk.") == {"en": 6, "zh": 6} and lengths("我爱Python！")["zh"] == 3
    assert sentences('He said "Stop." Then he left.\n- And a point') == [
        'He said "Stop.',
        "Then he left.",
        "And a point",
    ]


def test_a_grade_says_what_is_missing_and_which_language_is_wanted() -> None:
    limits = [{"kind": "language", "language": "zh"}, {"kind": "sentences", "n": 1, "exactly": True}]
    item = Item("limits", "en", "dev", 0, 0, "…", {"limits": limits})
    given = grade(item, "It guides ships.")
    assert not given.right and given.score == 0.5 and given.details["missed"] == limits[:1]
    assert given.in_language is False and grade(item, "指路。").in_language and grade(item, "42").in_language is None


# -------------------------------------------------------------------- figures and records


def test_intervals_and_tests_have_their_known_values() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 16) == pytest.approx((0.0, 0.1936), abs=1e-4) and wilson(0, 0) == (0, 1)
    assert mcnemar(1, 9) == pytest.approx(22 / 1024) and mcnemar(9, 1) == mcnemar(1, 9)
    assert mcnemar(0, 0) == 1 and mcnemar(3, 3) == 1 and mcnemar(0, 6) == pytest.approx(2 / 64)


def test_loops_are_told_from_lists() -> None:
    assert traces.loops("The sea is wide and blue. " * 6) and traces.loops("x " + "因此我们需要继续努力。" * 20)
    assert traces.loops("".join(f"{n}. Add the number to the sum.\n" for n in range(9)))
    assert not traces.loops("The sea is wide and blue. " * 3) and not traces.loops("| --- " * 60)
    assert not traces.loops("".join(f"{n}. Visit {town} and go on.\n" for n, town in enumerate("ABCDEFGHIJK")))
    assert traces.faults_of(" ", "length") == ["length", "empty"] and traces.faults_of("Fine.", "stop") == []


def test_the_shape_of_a_plan() -> None:
    steps = [Step("s1", "a"), Step("s2", "b"), Step("s3", "c", ("s1", "s2")), Step("s4", "d")]
    assert traces.shape(steps) == (3, 2) and traces.shape([]) == (0, 0)


class Answering:
    """Stands for a model: answers every task in every way, and counts."""

    asked: list[tuple[str, str]]

    def __init__(self, *_: object) -> None: ...

    def outcomes(self, way: str, items: list[Item], end: float) -> Any:
        for item in items:
            self.asked.append((way, item.id))
            result = str(item.expected.get("number", "")) if way == "raw" else ""
            yield item, {"seconds": 1.0, "result": result, "status": "finished", "tokens_in": 5, "tokens_out": 2}

    def close(self) -> None: ...


def test_a_second_call_goes_on_where_the_first_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Model", Answering)
    monkeypatch.setattr(Answering, "asked", [], raising=False)
    monkeypatch.setenv("VNB_HOME", "")
    file = tmp_path / "a.gguf"
    file.touch()
    words = [str(file), "--family", "word", "--language", "en", "--out", str(tmp_path / "out"), "--ways", "plan,raw"]
    assert command.main([*words, "--n", "2"]) == 0 and len(Answering.asked) == 4
    with (tmp_path / "out" / "records.jsonl").open("a") as records:
        records.write('{"model": "a", "item": "word/en/d')  # killed while it wrote
    assert command.main([*words, "--n", "3"]) == 0
    assert Answering.asked[4:] == [("plan", "word/en/dev/0/2"), ("raw", "word/en/dev/0/2")]
    assert len(list(Records(tmp_path / "out"))) == 6
    assert "| word | en | 0/3 (0–56 %) | 3/3 (44–100 %) | 0.250 (+0 −3) |" in capsys.readouterr().out


def test_a_model_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VNB_HOME", "")
    assert command.main([str(tmp_path / "none.gguf"), "--out", str(tmp_path)]) == 2
    assert "none.gguf" in capsys.readouterr().err


def record(way: str, item: int, right: bool, **more: Any) -> dict[str, Any]:
    base = {"model": "m", "item": f"limits/en/held/0/{item}", "family": "limits", "language": "en", "way": way}
    details = {"limits": 2, "missed": [] if right else [{"kind": "end"}]}
    rest = {"right": right, "score": 1.0, "details": details, "in_language": True, "status": "finished", "seconds": 1}
    return {**base, **rest, "code": "c", **more}


def test_what_must_hold_is_judged() -> None:
    good = [record(way, n, True) for n in range(8) for way in ("plan", "raw")]
    assert all(claim.holds for claim in report.must_hold("m", good).claims)
    worse = [record("plan", n, False, warnings=["s1 misses a demand"]) for n in range(8)]
    claims = report.must_hold("m", [*worse, *(record("raw", n, True) for n in range(8))]).claims
    assert [claim.what for claim in claims if not claim.holds] == [
        "limits: plan is significantly worse than raw (8 pairs)"
    ]
    bad = [record("plan", 0, False, faults=["s1: length"], echoes=["you are a"], forward=1, in_language=False)]
    assert sum(not claim.holds for claim in report.must_hold("m", bad).claims) == 5


def test_what_is_saved_names_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    records = [record("plan", 0, True), record("raw", 0, True)]
    file = report.save(report.tables(records), records, ["/models/m.gguf", "--out", "/tmp/x", "--n", "1"])
    text, data = file.read_text(encoding="utf-8"), json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert "`python -m benchmarks.planning m.gguf --n 1`" in text and "/tmp" not in text + json.dumps(data)
    assert len(data["records"]) == 2 and data["tables"][0]["rows"]


def test_a_model_file_is_asked_by_vnb_and_without_it(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    bench = [sys.executable, "-m", "benchmarks.planning", "--out", str(tmp_path)]
    words = ["--family", "word", "--language", "en", "--n", "1", "--max-tokens", "24", "--ways", "raw,plan"]
    models = [str(file) for file in root.glob("vnb/models/*.gguf")]
    done = subprocess.run([*bench, *words, *models], cwd=root, capture_output=True, text=True, check=True)
    raw, plan = Records(tmp_path)
    assert (raw["way"], plan["way"]) == ("raw", "plan") and "what must hold" in done.stdout
    assert plan["run"] and plan["plan"] and plan["steps"] >= plan["width"] >= 1
    assert 0 < raw["tokens_out"] <= 24 < plan["tokens_out"]
    shown = subprocess.run([*bench, "--show", raw["item"]], cwd=root, capture_output=True, text=True, check=True).stdout
    assert plan["task"] in shown and plan["plan"] in shown and raw["result"] in shown and "### Sent" in shown
