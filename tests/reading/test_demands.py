"""The counts, words, edges, formats and parts that tasks demand, and those that only look like demands."""

import json

import pytest

from vnb.core.types import Demand
from vnb.reading.demands import demands

Count = tuple[str, int | None, int | None]

COUNTS: list[tuple[str, list[Count]]] = [
    ("Write exactly three sentences about a lamp.", [("sentences", 3, 3)]),
    ("Describe a bicycle in at most 50 words.", [("words", None, 50)]),
    ("Write a 200-word essay on tea.", [("words", 180, 220)]),
    ("Summarise the plot in a single sentence.", [("sentences", 1, 1)]),
    ("Write one paragraph about the sea.", [("paragraphs", 1, 1)]),
    ("Explain gravity in 50 words or fewer.", [("words", None, 50)]),
    ("Explain gravity in 50 or fewer words.", [("words", None, 50)]),
    ("Write between 100 and 150 words on the topic of bees.", [("words", 100, 150)]),
    ("Write a poem of exactly four lines.", [("lines", 4, 4)]),
    ("Write a four-line poem about rain.", [("lines", 4, 4)]),
    ("List five reasons to walk.", [("items", 5, 5)]),
    ("Give me three tips for better sleep.", [("items", 3, 3)]),
    ("Make a list of exactly 7 items to pack.", [("items", 7, 7)]),
    ("Use no more than 280 characters.", [("characters", None, 280)]),
    ("Answer in two or three sentences.", [("sentences", 2, 3)]),
    ("Answer in 2-3 sentences.", [("sentences", 2, 3)]),
    ("Write a story about a dog with three legs.", []),
    ("Each section must have at least two sentences.", []),
    ("Describe spring and autumn in three sentences each.", []),
    ("Write three paragraphs of two sentences each.", [("paragraphs", 3, 3)]),
    ("Write a paragraph of exactly four sentences.", [("paragraphs", 1, 1), ("sentences", 4, 4)]),
    ("Ann types 50 words per minute. How many words does she type in 10 minutes?", []),
    ("Ben has at least 5 stickers. How many does he need?", []),
    ("Write a story about a parrot that knows 50 words.", []),
    ("Keep it under 100 words.", [("words", None, 99)]),
    ("The answer must be no longer than 30 words.", [("words", None, 30)]),
    ("Write fewer than five sentences.", [("sentences", None, 4)]),
    ("Use more than 10 words.", [("words", 11, None)]),
    ("What is photosynthesis in one sentence?", [("sentences", 1, 1)]),
    ("Can you describe the moon in exactly two sentences?", [("sentences", 2, 2)]),
    ("Write a story with a title of at most five words.", []),
    ("Write about 100 words on cats.", [("words", 80, 120)]),
    ("Write a text with at least 50 but no more than 80 words.", [("words", 50, 80)]),
    ("Maximum 40 words.", [("words", None, 40)]),
    ("Exactly three sentences.", [("sentences", 3, 3)]),
    ("Three paragraphs, please.", [("paragraphs", 3, 3)]),
    ("Length: 100-150 words.", [("words", 100, 150)]),
    ("Word limit: 60.", [("words", None, 60)]),
    ("Give the answer as five bullet points.", [("items", 5, 5)]),
    ("Write at least four bullets.", [("items", 4, None)]),
    ("Summarize in three bullet points, each at most 10 words.", [("items", 3, 3)]),
    ("Translate the first three sentences.", []),
    ("Write a story that has at least six sentences.", [("sentences", 6, None)]),
    ("Write a play with three characters.", []),
    ("List three advantages and three disadvantages of cars.", []),
    ("Name exactly four planets.", [("items", 4, 4)]),
    ("Name four planets and their moons.", [("items", 4, 4)]),
    ("Write a letter in which a man orders 20 items.", []),
    ("Write a short story in five sentences or less.", [("sentences", None, 5)]),
    ("Limit your answer to 75 words.", [("words", None, 75)]),
    ("Do not write more than three sentences.", [("sentences", None, 3)]),
    ("Don't exceed 120 words.", [("words", None, 120)]),
    ("Your response should contain at least 3 paragraphs.", [("paragraphs", 3, None)]),
    ("Write a recipe in six steps.", [("items", 6, 6)]),
    ("Write a sentence about winter.", [("sentences", 1, 1)]),
    ("Tell a story about the sea in a paragraph.", [("paragraphs", 1, 1)]),
    ("Start with a two-sentence introduction.", []),
    ("End with one sentence of advice.", []),
    ("I want a text of roughly 80 words.", [("words", 64, 96)]),
    ("Write twenty-five words about fog.", [("words", 22, 28)]),
    ("A shop must sell at least 5 items each day.", []),
    ("A shop must sell at least 5 items.", []),
    ("Please reply with no more than two short sentences.", [("sentences", None, 2)]),
    ("Compose a poem with three stanzas.", [("paragraphs", 3, 3)]),
    ("Write a product text of three to five sentences.", [("sentences", 3, 5)]),
    ("There are three lines at the counter. Write how long Bob waits.", []),
    ("Rewrite the two sentences in one sentence.", [("sentences", 1, 1)]),
    ("It should be exactly 5 lines long.", [("lines", 5, 5)]),
    ("Write precisely one sentence.", [("sentences", 1, 1)]),
    ("Write only one sentence.", [("sentences", 1, 1)]),
    ("Use a minimum of 30 words.", [("words", 30, None)]),
    ("Give a summary (max. 50 words).", [("words", None, 50)]),
    ("Write a summary, 50 words max.", [("words", None, 50)]),
    ("Describe it using exactly 3 sentences and at most 40 words.", [("sentences", 3, 3), ("words", None, 40)]),
    ("Mention at least two cities.", []),
    ("For every city, write two sentences.", []),
    ("Write 3 paragraphs with 2 sentences per paragraph.", [("paragraphs", 3, 3)]),
    ("Suggest ten names for a cat.", [("items", 10, 10)]),
    ("Top 5 reasons to learn Python.", [("items", 5, 5)]),
    ("Describe the theory in no fewer than 4 sentences.", [("sentences", 4, None)]),
    ("Sum up the text below in up to three sentences.", [("sentences", None, 3)]),
    ("Write a story in which the hero says at least three words.", []),
    ("The essay has to consist of exactly 3 paragraphs.", [("paragraphs", 3, 3)]),
    ("Write a story about a boy who reads 100 words every day.", []),
    ("In exactly two sentences, explain tides.", [("sentences", 2, 2)]),
    ("Explain tides to a child. Two sentences are enough.", []),
    ("The sentence has 12 words. Count the vowels.", []),
    ("用三句话介绍北京。", [("sentences", 3, 3)]),
    ("写一篇不超过100字的短文。", [("characters", None, 100)]),
    ("用一句话概括这本书。", [("sentences", 1, 1)]),
    ("写一段话描述秋天。", [("paragraphs", 1, 1)]),
    ("100字左右介绍长城。", [("characters", 80, 120)]),
    ("字数控制在50字以内。", [("characters", None, 50)]),
    ("写一篇500字的作文。", [("characters", 450, 550)]),
    ("全文不少于两百字。", [("characters", 200, None)]),
    ("至少写四句话。", [("sentences", 4, None)]),
    ("恰好五句话。", [("sentences", 5, 5)]),
    ("分三段写。", [("paragraphs", 3, 3)]),
    ("列出五条建议。", [("items", 5, 5)]),
    ("列举三个理由。", [("items", 3, 3)]),
    ("每段至少两句话。", []),
    ("分别用一句话介绍猫和狗。", []),
    ("写三段，每段两句话。", [("paragraphs", 3, 3)]),
    ("标题不超过10个字。", []),
    ("写一首四行诗。", [("lines", 4, 4)]),
    ("小明认识50个字，小红认识80个字，一共多少个字？", []),
    ("小明写了300字的日记。", []),
    ("字数在50到100字之间。", [("characters", 50, 100)]),
    ("50—80字。", [("characters", 50, 80)]),
    ("用两三句话说明。", [("sentences", 2, 3)]),
    ("请用不多于三句话回答。", [("sentences", None, 3)]),
    ("不得少于3段。", [("paragraphs", 3, None)]),
    ("总结成三点。", [("items", 3, 3)]),
    ("写一个有三条腿的狗的故事。", []),
    ("下午三点开会，写一份通知。", []),
    ("只用一句话回答。", [("sentences", 1, 1)]),
    ("限50字。", [("characters", None, 50)]),
    ("百字以内。", [("characters", None, 100)]),
    ("以一句话结尾。", []),
    ("最后用一句话总结全文。", []),
    ("写一篇关于四字成语的文章。", []),
    ("总结以下三段话。", []),
    ("翻译前两句话。", []),
    ("用英语写，不超过80个单词。", [("words", None, 80)]),
    ("写两个自然段。", [("paragraphs", 2, 2)]),
    ("至少列出3个例子。", [("items", 3, 3)]),
    ("列出至少3个例子。", [("items", 3, None)]),
    ("写5-8句话。", [("sentences", 5, 8)]),
    ("不要超过三句话。", [("sentences", None, 3)]),
    ("介绍北京，60字以上。", [("characters", 60, None)]),
    ("约200字。", [("characters", 160, 240)]),
    ("超过三句话。", [("sentences", 4, None)]),
    ("少于五句话。", [("sentences", None, 4)]),
    ("正好10个字。", [("characters", 10, 10)]),
    ("用三个词形容春天。", [("words", 3, 3)]),
    ("列出三个优点和三个缺点。", []),
    ("第二段要写三句话。", []),
    ("写一段对话。", []),
    ("写三句话，总共不超过50字。", [("sentences", 3, 3), ("characters", None, 50)]),
    ("篇幅：300字左右", [("characters", 240, 360)]),
    ("用3个要点概括。", [("items", 3, 3)]),
    ("要求：1. 不少于三句话；2. 不超过60字。", [("sentences", 3, None), ("characters", None, 60)]),
    ("一百五十字以内", [("characters", None, 150)]),
    ("请写一篇800字的文章介绍茶文化", [("characters", 720, 880)]),
    ("写四段文字，各写一个季节。", [("paragraphs", 4, 4)]),
    ("甲、乙各写两句话。", []),
    ("写一个句子描写大海。", [("sentences", 1, 1)]),
    ("最多5行。", [("lines", None, 5)]),
    ("给出三种方法。", [("items", 3, 3)]),
    ("推荐五本书。", [("items", 5, 5)]),
    ("回答控制在三句话之内", [("sentences", None, 3)]),
    ("介绍三个城市，每个城市写两句话。", [("items", 3, 3)]),
]

WORDINGS: list[tuple[str, list[tuple[str, str]]]] = [
    ("Do not mention the price.", [("excludes", "price")]),
    ("End with the word Enjoy.", [("ends", "Enjoy")]),
    ("Include the word 'moon'.", [("contains", "moon")]),
    ('Never use the word "very".', [("excludes", "very")]),
    ("Write a poem without the letter e.", [("excludes", "e")]),
    ("Use the words apple, river and moon.", [("contains", "apple"), ("contains", "river"), ("contains", "moon")]),
    ("Mention the garden and the river.", [("contains", "garden"), ("contains", "river")]),
    ("Do not mention Paris or London.", [("excludes", "Paris"), ("excludes", "London")]),
    ('Start with "Dear Anna".', [("starts", "Dear Anna")]),
    (
        "Begin the letter with Dear Sir and end it with Yours faithfully.",
        [("starts", "Dear Sir"), ("ends", "Yours faithfully")],
    ),
    ("The last word must be 'home'.", [("ends", "home")]),
    ("End with a question.", [("ends", "?")]),
    ("Each line must start with the letter A.", []),
    ("Write about cats without mentioning dogs.", [("excludes", "dogs")]),
    ('The text must contain the phrase "open every day".', [("contains", "open every day")]),
    ("Avoid the words good and nice.", [("excludes", "good"), ("excludes", "nice")]),
    ("The word 'sun' must not appear.", [("excludes", "sun")]),
    ("The word sun must appear.", [("contains", "sun")]),
    ("Do not use the passive voice.", []),
    ("Do not mention that it is old.", []),
    ("Mention at least two cities.", []),
    ("Mention why it matters.", []),
    ("Avoid mentioning the company's name.", [("excludes", "company's name")]),
    ("Write a review with no mention of money.", [("excludes", "money")]),
    ("Anna mentions the price. How much is it?", []),
    ("If you mention a price, explain it.", []),
    ('Finish with the sentence "See you soon."', [("ends", "See you soon.")]),
    ("Do not end with a question.", []),
    ("Do not use the words 'big' or 'small'.", [("excludes", "big"), ("excludes", "small")]),
    (
        "It should include 'free entry' and \"every Sunday\".",
        [("contains", "free entry"), ("contains", "every Sunday")],
    ),
    ("Start with the history of tea.", []),
    ("End each paragraph with a question.", []),
    ("Conclude with the words Thank you.", [("ends", "Thank you")]),
    ("Open with Once upon a time.", [("starts", "Once upon a time")]),
    ("Use 'Amen' as the last word.", [("ends", "Amen")]),
    ("You must not use the word blue.", [("excludes", "blue")]),
    ("Do not include any explanations.", []),
    ("Write a story. It must mention a dragon.", [("contains", "dragon")]),
    ("Don't talk about politics.", [("excludes", "politics")]),
    ('Write "hello" in French.', []),
    ('Close the email with "Best wishes".', [("ends", "Best wishes")]),
    ("不要提到价格。", [("excludes", "价格")]),
    ("必须包含“春天”这个词。", [("contains", "春天")]),
    ("以“谢谢”结尾。", [("ends", "谢谢")]),
    ("用“从前”开头。", [("starts", "从前")]),
    ("不得出现“但是”二字。", [("excludes", "但是")]),
    ("文中要提到长江和黄河。", [("contains", "长江"), ("contains", "黄河")]),
    ("避免提及政治。", [("excludes", "政治")]),
    ("以问句结尾。", [("ends", "？")]),
    ("最后一句话必须是“欢迎光临”。", [("ends", "欢迎光临")]),
    ("不要使用“非常”和“很”。", [("excludes", "非常"), ("excludes", "很")]),
    ("请勿提及品牌、价格或颜色。", [("excludes", "品牌"), ("excludes", "价格"), ("excludes", "颜色")]),
    ("文中提到的人是谁？", []),
    ("每句话以“我”开头。", []),
    ("以第一人称写。", []),
    ("使用下列词语：春天、河流、风筝。", [("contains", "春天"), ("contains", "河流"), ("contains", "风筝")]),
    ("写一篇短文，不超过100字，不要提到狗，以“再见”结束。", [("excludes", "狗"), ("ends", "再见")]),
    ("提到至少两个城市。", []),
    ("“月亮”一词必须出现。", [("contains", "月亮")]),
    ("用一句话结尾。", []),
    ("别提他的名字。", []),
    ("不含“的”字。", [("excludes", "的")]),
    ("开头写“亲爱的妈妈”。", [("starts", "亲爱的妈妈")]),
    ("介绍故宫，提到明朝。", [("contains", "明朝")]),
    ("以一句号召结尾。", []),
    ("以谢谢结尾。", [("ends", "谢谢")]),
    ("禁止使用字母e。", [("excludes", "e")]),
    ("包含关键词“环保”。", [("contains", "环保")]),
]

JSON: list[tuple[str, list[str] | None]] = [
    ("Return JSON with the keys a and b.", ["a", "b"]),
    ("Answer as JSON.", []),
    ("List three cities as a JSON array.", []),
    ("Give the result in JSON format with fields name, age and city.", ["name", "age", "city"]),
    ("Write a Python function that parses JSON.", None),
    ("Explain what JSON is.", None),
    ("Write an article about JSON.", None),
    ('Convert this JSON to YAML: {"a": 1}', None),
    ("Output only valid JSON.", []),
    ("Format: JSON", []),
    ('Respond with a JSON object that has the keys "title" and "year".', ["title", "year"]),
    ("以JSON格式输出，包含字段name和age。", ["name", "age"]),
    ("返回JSON，字段为标题、作者。", ["标题", "作者"]),
    ("写一个解析JSON的函数。", None),
    ("用JSON回答。", []),
    ('Extract the names. Output JSON like {"name": "x", "age": 1}', ["name", "age"]),
    ("Do not answer in JSON.", None),
    ("The output must be JSON with keys: id (integer), label (string).", ["id", "label"]),
    ("Describe the lamp as JSON with name and price as keys.", ["name", "price"]),
    ("介绍一下JSON的历史。", None),
    ("Summarize the note as a JSON object with exactly the keys who, what and when.", ["who", "what", "when"]),
    ("Translate the text, in JSON.", []),
    ("Read the JSON file and list the names.", None),
    ("输出一个JSON对象，键为city和country。", ["city", "country"]),
    ("Describe Paris. Use JSON. The keys are name, river and country.", ["name", "river", "country"]),
    ("How do I write a list in JSON?", None),
]

PARTS: list[tuple[str, list[str]]] = [
    ("Write a report on tea with these parts: origin, kinds, preparation.", ["origin", "kinds", "preparation"]),
    ("Write an article with sections on history, uses and risks.", ["history", "uses", "risks"]),
    ("Write a guide covering safety, tools and cost.", ["safety", "tools", "cost"]),
    ("Describe the bicycle, including its history, uses and risks.", ["history", "uses", "risks"]),
    (
        "First explain the problem, then propose a solution, and finally list the costs.",
        ["problem", "solution", "costs"],
    ),
    (
        "Plan three days in Lisbon: morning, afternoon, evening activities, then list what to pack.",
        ["morning", "afternoon", "evening activities", "pack"],
    ),
    (
        "Plan a day in Rome with morning, afternoon and evening activities.",
        ["morning", "afternoon", "evening activities"],
    ),
    ("Discuss the advantages and disadvantages of remote work.", ["advantages", "disadvantages of remote work"]),
    ("Write about the pros and cons of cars in three sentences.", ["pros", "cons"]),
    (
        "Write a text about bees with the following sections:\n- Habitat\n- Food\n- Enemies",
        ["Habitat", "Food", "Enemies"],
    ),
    (
        "Write a report. It must contain:\n1. Introduction\n2. Methods\n3. Results",
        ["Introduction", "Methods", "Results"],
    ),
    ("Write a story about a dog.", []),
    ("Write exactly three sentences about a lamp. Do not mention the price. End with the word Enjoy.", []),
    ("Do not include prices, names and dates.", []),
    ("Write a paragraph on cats and a paragraph on dogs.", ["cats", "dogs"]),
    ("Explain the causes and effects of inflation.", ["causes", "effects of inflation"]),
    ("Requirements:\n- at least 3 sentences\n- do not mention money", []),
    ("Write a story in which Ann and Bob go to school.", []),
    ("Write a product page with a description, features and price.", ["description", "features", "price"]),
    ("Ann has apples, pears and plums. How many?", []),
    ("Write a speech with a greeting, three arguments and a conclusion.", ["greeting", "arguments", "conclusion"]),
    (
        "Give an overview of volcanoes: formation, types, and famous examples.",
        ["formation", "types", "famous examples"],
    ),
    ("介绍茶，包括历史、种类和功效。", ["历史", "种类", "功效"]),
    ("写一份报告，分为三部分：背景、现状、建议。", ["背景", "现状", "建议"]),
    ("分别介绍北京、上海和广州。", ["北京", "上海", "广州"]),
    ("先介绍背景，再分析原因，最后提出建议。", ["背景", "原因", "建议"]),
    ("从历史、文化和经济三个方面介绍西安。", ["历史", "文化", "经济"]),
    ("介绍茶的历史、种类和功效，不超过100字。", ["历史", "种类", "功效"]),
    ("写一篇关于猫和狗的故事。", []),
    ("写一篇文章，包括以下内容：\n1. 起源\n2. 发展\n3. 影响", ["起源", "发展", "影响"]),
    ("安排一天的行程：上午、下午和晚上的活动。", ["上午", "下午", "活动"]),
    ("分析网购的优点和缺点。", ["优点", "缺点"]),
    ("讨论手机的利弊。", ["利", "弊"]),
    ("编写一篇关于人工智能的文章", []),
    ("不要包括价格、名字和日期。", []),
    ("写一篇文章，内容包括：定义，应用，挑战。", ["定义", "应用", "挑战"]),
    ("用三句话介绍长城，不要提到长度，以“欢迎”结尾。", []),
]

PARTS += [
    (
        "Write a report on solar power. Please add chapters on how it works, costs and the future.",
        ["works", "costs", "future"],
    ),
    (
        "Write a leaflet on cats, with a section for each of these: feeding; the litter box; toys.",
        ["feeding", "litter box", "toys"],
    ),
    (
        "Write an essay on cats. Begin with feeding, go on with litter and toys, and end with vets.",
        ["feeding", "litter", "toys", "vets"],
    ),
    (
        "Write an essay on work. It should open with the history, move on to benefits, and close with an outlook.",
        ["history", "benefits", "outlook"],
    ),
    ("Begin with the word Yes, go on with a question, and end with an exclamation.", []),
    (
        "Write a guide to hiking with these parts: what to wear, food and water, first aid for blisters.",
        ["wear", "food and water", "first aid for blisters"],
    ),
    (
        "Write about moving, covering making a budget, registering with the authorities and meeting people.",
        ["making a budget", "registering with the authorities", "meeting people"],
    ),
    (
        "Write a guide to tea covering its history, uses and risks with examples for children.",
        ["history", "uses", "risks"],
    ),
    ("请写一篇养猫的概述，分成以下几节：\n- 喂食\n- 猫砂盆\n- 看兽医", ["喂食", "猫砂盆", "看兽医"]),
    ("编写一份介绍养猫的资料，每个方面单独成节：喂食；猫砂盆；看兽医。", ["喂食", "猫砂盆", "看兽医"]),
    (
        "写一篇关于养猫的文章，先从喂食写起，接着写猫砂盆、玩具，最后以看兽医结尾。",
        ["喂食", "猫砂盆", "玩具", "看兽医"],
    ),
    (
        "写一份关于徒步的指南，包括：规划路线、服装、食物和饮水、急救知识。",
        ["规划路线", "服装", "食物和饮水", "急救知识"],
    ),
]

EACH: list[tuple[str, Count | None]] = [
    ("Each part must have at least 80 words.", ("words", 80, None)),
    ("Write at least three sentences about each of these points.", ("sentences", 3, None)),
    ("Use exactly two sentences for each part.", ("sentences", 2, 2)),
    ("Write 60 to 90 words per section.", ("words", 60, 90)),
    ("Every section needs two paragraphs.", ("paragraphs", 2, 2)),
    ("The history should have at least 50 words.", None),
    ("All sections together must have at most 200 words.", None),
    ("In each part give three examples of five words.", None),
    ("Write five bullet points of at most ten words each.", None),
    ("每个部分至少写三句话。", ("sentences", 3, None)),
    ("每一节不少于120字。", ("characters", 120, None)),
    ("各部分都要写两段。", ("paragraphs", 2, 2)),
    ("每段两句。", None),
]


def of_kinds(text: str, *kinds: str) -> list[Demand]:
    found = [demand for demand in demands(text) if demand.kind in kinds]
    assert all(demand.text and demand.text in text for demand in found)
    return found


@pytest.mark.parametrize(("text", "expected"), COUNTS)
def test_counts_of_the_whole_deliverable(text: str, expected: list[Count]) -> None:
    found = of_kinds(text, "sentences", "words", "characters", "paragraphs", "items", "lines")
    assert [(demand.kind, demand.low, demand.high) for demand in found] == expected


@pytest.mark.parametrize(("text", "expected"), WORDINGS)
def test_what_must_be_said_and_what_must_not(text: str, expected: list[tuple[str, str]]) -> None:
    found = of_kinds(text, "contains", "excludes", "starts", "ends")
    assert sorted((demand.kind, demand.value) for demand in found) == sorted(expected)


@pytest.mark.parametrize(("text", "keys"), JSON)
def test_json_is_wanted_or_only_talked_about(text: str, keys: list[str] | None) -> None:
    found = of_kinds(text, "json")
    assert [json.loads(demand.value or "[]") for demand in found] == ([] if keys is None else [keys])


@pytest.mark.parametrize(("text", "names"), PARTS)
def test_the_parts_that_a_task_names(text: str, names: list[str]) -> None:
    assert [demand.value for demand in of_kinds(text, "part")] == names


@pytest.mark.parametrize(("text", "expected"), EACH)
def test_counts_of_each_part(text: str, expected: Count | None) -> None:
    task = f"Write a guide to chess with these parts: history, rules, openings. {text}"
    found = [demand for demand in of_kinds(task, "sentences", "words", "characters", "paragraphs") if demand.each]
    assert [(demand.kind, demand.low, demand.high) for demand in found] == ([expected] if expected else [])
    assert not [demand for demand in demands(f"Write about chess. {text}") if demand.each]


def test_counts_that_contradict_each_other_are_about_parts() -> None:
    assert not of_kinds("Write two sentences about cats and three sentences about dogs.", "sentences")
    assert not of_kinds("Write two sentences about cats and two sentences about dogs.", "sentences")
    assert len(of_kinds("Write at least two sentences. It must have at most four sentences.", "sentences")) == 2


def test_the_language_is_demanded_when_it_is_known() -> None:
    (demand,) = of_kinds("Write a poem about rain in German.", "language")
    assert (demand.value, demand.text) == ("German", "in German")
    assert [demand.value for demand in demands("编写一篇关于人工智能的文章")] == ["Chinese"]
    assert not demands("Write it in English and French.")
    assert demands("Poem?", "Italian") == (Demand("", "language", value="Italian"),)


def test_words_of_the_task_are_not_looked_for_in_a_translation() -> None:
    found = demands(
        "Write about tea in German: its history, uses and risks. Mention the price. Include the word “Tee”."
    )
    assert [(demand.kind, demand.value) for demand in found] == [("contains", "Tee"), ("language", "German")]
