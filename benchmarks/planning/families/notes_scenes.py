"""What the notes are about. `{day}`, `{who}`, `{what}` and `{n}` are filled in."""

from __future__ import annotations

from dataclasses import dataclass

from ..items import Language, Side


@dataclass(frozen=True)
class Scene:
    """Notes of one kind: on `day`, `who` did something with `n` of `what`.

    Attributes:
        layout: Where notes and question stand in the task.
        questions: One for each kind.
    """

    name: str
    days: tuple[str, ...]
    who: tuple[str, ...]
    what: tuple[str, ...]
    sentences: tuple[str, ...]
    layout: str
    questions: dict[str, str]


WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WEEK_ZH = ("星期一", "星期二", "星期三", "星期四", "星期五")

PARCELS = Scene(
    "parcels",
    WEEK,
    ("Ben", "Ruth", "Karl"),
    ("Elmford", "Northwick", "Sandby"),
    (
        "{day}: {who} drove to {what} and delivered {n} parcels.",
        "On {day}, {who} took {n} parcels to {what}.",
        "{who} delivered {n} parcels in {what} on {day}.",
    ),
    "These are the notes of a parcel service for one week:\n{notes}\n\n{question}",
    {
        "sum": "How many parcels were delivered in the whole week?",
        "sum of one": "How many parcels did {who} deliver in the whole week?",
        "sum at one": "How many parcels were delivered to {what} in the whole week?",
        "count": "How many of these trips went to {what}?",
        "look up": "Which town did {who} go to on {day}?",
        "figure": "How many parcels did {who} deliver on {day}?",
    },
)

HARVEST = Scene(
    "harvest",
    WEEK,
    ("Maria", "Tom", "Nina"),
    ("beans", "carrots", "onions"),
    (
        "{who} picked {n} kg of {what} on {day}.",
        "{day}: {n} kg of {what}, picked by {who}.",
        "On {day}, {who} brought in {n} kg of {what}.",
    ),
    "Our garden club wrote down what was harvested last week:\n{notes}\n\n{question}",
    {
        "sum": "How many kilograms were harvested last week altogether?",
        "sum of one": "How many kilograms did {who} harvest last week altogether?",
        "sum at one": "How many kilograms of {what} were harvested last week altogether?",
        "count": "How many of these notes are about {what}?",
        "look up": "What did {who} harvest on {day}?",
        "figure": "How many kilograms did {who} harvest on {day}?",
    },
)

MUSEUM = Scene(
    "museum",
    WEEK,
    ("Eva", "Samuel", "Priya"),
    ("Egypt", "Rome", "China"),
    (
        "{who} showed the {what} room to {n} visitors on {day}.",
        "{day}: a tour of the {what} room with {who}, {n} visitors.",
        "On {day}, {n} visitors saw the {what} room with {who}.",
    ),
    "{question} Use the museum's notes about its guided tours:\n\n{notes}",
    {
        "sum": "How many visitors took part in guided tours in total?",
        "sum of one": "How many visitors did {who} guide in total?",
        "sum at one": "How many visitors were shown the {what} room in total?",
        "count": "How many tours of the {what} room were there?",
        "look up": "Which room did {who} show on {day}?",
        "figure": "How many visitors did {who} guide on {day}?",
    },
)

MARKET = Scene(
    "market",
    WEEK,
    ("Jonas", "Lena", "Amira"),
    ("cod", "salmon", "trout"),
    (
        "On {day}, {who} sold {n} kg of {what}.",
        "{who}, {day}: {n} kg of {what} sold.",
        "{day}: {who} sold {n} kg of {what} at the stall.",
    ),
    "{question} Here are the notes from our fish stall:\n\n{notes}",
    {
        "sum": "How many kilograms of fish were sold in all?",
        "sum of one": "How many kilograms of fish did {who} sell in all?",
        "sum at one": "How many kilograms of {what} were sold in all?",
        "count": "How many of the notes are about {what}?",
        "look up": "Which fish did {who} sell on {day}?",
        "figure": "How many kilograms did {who} sell on {day}?",
    },
)

DELIVERIES = Scene(
    "送货",
    WEEK_ZH,
    ("老李", "老王", "老张"),
    ("东湖镇", "西山镇", "南桥镇"),
    (
        "{day}，{who}往{what}送了{n}箱货。",
        "{who}{day}去{what}，送到{n}箱货。",
        "{day}：{what}，{n}箱货，由{who}送达。",
    ),
    "下面是一家送货公司一周的记录：\n{notes}\n\n{question}",
    {
        "sum": "这一周一共送了多少箱货？",
        "sum of one": "{who}这一周一共送了多少箱货？",
        "sum at one": "这一周一共往{what}送了多少箱货？",
        "count": "这些记录中有几次是去{what}的？",
        "look up": "{who}{day}去了哪个镇？",
        "figure": "{who}{day}送了多少箱货？",
    },
)

VEGETABLES = Scene(
    "菜园",
    WEEK_ZH,
    ("小红", "小刚", "小丽"),
    ("豆角", "萝卜", "洋葱"),
    (
        "{who}{day}摘了{n}公斤{what}。",
        "{day}：{what}{n}公斤，{who}采收。",
        "{day}，{who}收了{n}公斤{what}。",
    ),
    "我们的菜园上周的收成记录如下：\n{notes}\n\n{question}",
    {
        "sum": "上周一共收了多少公斤蔬菜？",
        "sum of one": "{who}上周一共收了多少公斤蔬菜？",
        "sum at one": "上周一共收了多少公斤{what}？",
        "count": "这些记录中有几条是关于{what}的？",
        "look up": "{who}{day}收的是什么蔬菜？",
        "figure": "{who}{day}收了多少公斤蔬菜？",
    },
)

EXHIBITS = Scene(
    "博物馆",
    WEEK_ZH,
    ("陈静", "刘洋", "赵敏"),
    ("青铜馆", "书画馆", "瓷器馆"),
    (
        "{day}，{who}带{n}名观众参观了{what}。",
        "{who}，{day}，{what}，观众{n}名。",
        "{day}：{n}名观众跟着{who}看了{what}。",
    ),
    "请根据博物馆的讲解记录回答问题：{question}\n\n{notes}",
    {
        "sum": "参加讲解的观众一共有多少名？",
        "sum of one": "{who}一共带了多少名观众？",
        "sum at one": "参观{what}的观众一共有多少名？",
        "count": "{what}的讲解一共有几场？",
        "look up": "{who}{day}讲解的是哪个馆？",
        "figure": "{who}{day}带了多少名观众？",
    },
)

FRUIT = Scene(
    "水果店",
    WEEK_ZH,
    ("王磊", "李娜", "孙浩"),
    ("苹果", "香蕉", "葡萄"),
    (
        "{day}，{who}卖出{n}公斤{what}。",
        "{who}{day}卖了{what}{n}公斤。",
        "{day}：卖出{what}{n}公斤（{who}）。",
    ),
    "请看水果店的记录并回答：{question}\n\n{notes}",
    {
        "sum": "一共卖出多少公斤水果？",
        "sum of one": "{who}一共卖出多少公斤水果？",
        "sum at one": "{what}一共卖出多少公斤？",
        "count": "有几条记录是关于{what}的？",
        "look up": "{who}{day}卖的是什么水果？",
        "figure": "{who}{day}卖出多少公斤水果？",
    },
)

SCENES: dict[Language, dict[Side, tuple[Scene, ...]]] = {
    "en": {"dev": (PARCELS, HARVEST), "held": (MUSEUM, MARKET)},
    "zh": {"dev": (DELIVERIES, VEGETABLES), "held": (EXHIBITS, FRUIT)},
}
