"""Words that the tasks are made of. Names, relations and values are chosen so that each becomes one token."""

from __future__ import annotations

import random

NAMES = (
    "Ana Tom Zoe Max Eva Leo Mia Sam Ida Ben Kim Joe Amy Dan Liz Rob Sue Ian Jan Ray Pam Tim Ada Hal Meg Gus Ivy Ned "
    "Una Ron Bea Cal Dot Eli Fay Gil Hub Jed Kay Lou Nia Otto Peg Rex Sid Tess Val Walt"
).split()
RELATIONS = "boss friend sister brother teacher doctor neighbor coach uncle aunt partner cousin".split()
VALUES = {
    "city": "Rome Paris Oslo Lima Cairo Delhi Tokyo Berlin Madrid Boston".split(),
    "pet": "cat dog fish bird horse frog rabbit goat".split(),
    "color": "red blue green black white gold pink brown".split(),
    "job": "cook pilot nurse judge baker clerk farmer singer".split(),
    "food": "soup rice bread salad pasta cheese cake fruit".split(),
}
THINGS = "apples books coins cards pens shells stamps beads nuts tickets".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"

TOPICS_EN = (
    "artificial intelligence,tea,coffee,chess,glass,paper,bread,salt,sugar,silk,cotton,wool,steel,copper,bridges,trains,"
    "ships,bicycles,clocks,maps,radios,robots,lasers,batteries,vaccines,gardens,forests,rivers,bees,whales,horses,wolves,"
    "opera,jazz,theatre,cinema,painting,pottery,poetry,football,tennis,skiing,sailing,coal,wind energy,solar power,"
    "deep learning,machine translation,public libraries,city parks,space travel,ocean science,folk music,rice farming,"
    "data centers,electric cars,world trade,night trains,street food,board games,stone bridges,weather science,"
    "tides,volcanoes,lighthouses,honey,the internet,quantum computers,language models,renewable energy"
).split(",")
TOPICS_ZH = (
    "人工智能 茶叶 咖啡 象棋 玻璃 纸张 面包 丝绸 钢铁 桥梁 火车 轮船 自行车 钟表 地图 机器人 电池 疫苗 花园 森林 "
    "河流 蜜蜂 鲸鱼 戏剧 电影 绘画 "
    "陶瓷 诗歌 足球 网球 滑雪 航海 煤炭 风能 太阳能 深度学习 机器翻译 图书馆 城市公园 航天 海洋科学 民间音乐 水稻 数据中心 "
    "电动汽车 国际贸易 "
    "街头美食 天气预报 书法 武术 潮汐 火山 灯塔 蜂蜜 互联网 量子计算 语言模型 新能源 大数据 云计算"
).split()
DEMO_TOPICS = ("artificial intelligence", "人工智能")
"""The topics of vnb's first example; always in training, never held out."""

_ONSETS = "b c d f g h k l m n p r s t v w br cl dr gr pl st tr sh ch".split()
_VOWELS = "a e i o u ai ea oo".split()
_CODAS = ["", "", "n", "r", "s", "l", "t", "m", "nd", "st", "ck"]


def made_up_word(rng: random.Random) -> str:
    """A word that no one has seen, so that copying it is the only way to say it."""
    return "".join(
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.choice((1, 2, 2, 3)))
    )


def made_up_topic(rng: random.Random, language: str) -> str:
    """A topic of random words or characters, for the same reason."""
    if language == "zh":  # the 3,755 most common characters: rows 16 to 55 of GB 2312
        rows = (bytes((0xA0 + rng.randint(16, 54), 0xA0 + rng.randint(1, 94))) for _ in range(rng.randint(2, 5)))
        return b"".join(rows).decode("gb2312")
    known = [word for topic in TOPICS_EN for word in topic.split()]
    return " ".join(
        rng.choice(known) if rng.random() < 0.3 else made_up_word(rng) for _ in range(rng.choice((1, 1, 2, 2, 3)))
    )
