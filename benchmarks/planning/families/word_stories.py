"""The stories of the word problems. `{N}`, `{M}`, `{K}` are people, the other letters numbers from the ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..items import Language, Side

LARGE = 17


@dataclass(frozen=True)
class Story:
    """A word problem.

    Attributes:
        large: Letters whose numbers are `LARGE` times as large in every second round of the stories.
    """

    name: str
    text: str
    ranges: dict[str, tuple[int, int]]
    answer: Callable[..., float]
    large: str = ""


NAMES: dict[Language, dict[Side, list[str]]] = {
    "en": {
        "dev": ["Anna", "Tom", "Maria", "Felix", "Nina", "Oscar", "Clara", "Ben", "Julia", "Paul"],
        "held": ["Priya", "Daniel", "Lena", "Marcus", "Sofia", "Henry", "Amira", "Leo", "Grace", "Victor"],
    },
    "zh": {
        "dev": ["小明", "小红", "小刚", "小丽", "小华", "小芳", "小军", "小燕"],
        "held": ["王磊", "李娜", "张伟", "陈静", "刘洋", "赵敏", "孙浩", "周婷"],
    },
}

EN_DEV = [
    Story(
        "pencils",
        "{N} buys {a} packs of pencils with {b} pencils in each pack. {N} gives {c} pencils to a friend and loses {d}. "
        "How many pencils does {N} have left?",
        {"a": (4, 9), "b": (8, 15), "c": (5, 15), "d": (2, 6)},
        lambda a, b, c, d: a * b - c - d,
        "abcd",
    ),
    Story(
        "rolls",
        "A bakery makes {a} trays of {b} rolls in the morning and another {c} rolls in the afternoon. By the evening "
        "{d} rolls have been sold. How many rolls are left?",
        {"a": (5, 12), "b": (12, 24), "c": (20, 60), "d": (40, 75)},
        lambda a, b, c, d: a * b + c - d,
        "abcd",
    ),
    Story(
        "bus",
        "A bus sets out with {a} passengers. At the first stop {b} people get off and {c} get on. At the second stop "
        "half of the passengers get off. How many passengers are on the bus after the second stop?",
        {"a": (24, 50), "b": (5, 14), "c": (3, 16)},
        lambda a, b, c: (a - b + c) / 2,
    ),
    Story(
        "savings",
        "{N} saves {a} euros a week for {b} weeks. Then {N} spends {c} euros on a book and {d} euros on a concert ticket. "
        "How many euros does {N} have left?",
        {"a": (9, 18), "b": (6, 12), "c": (11, 19), "d": (20, 34)},
        lambda a, b, c, d: a * b - c - d,
        "acd",
    ),
    Story(
        "eggs",
        "A farmer has {a} hens, and each hen lays {b} eggs a week. The farmer keeps {c} eggs and packs the rest into "
        "boxes of {d}. How many boxes does the farmer fill each week?",
        {"a": (12, 40), "b": (4, 6), "c": (6, 20), "d": (6, 10)},
        lambda a, b, c, d: (a * b - c) / d,
        "ac",
    ),
    Story(
        "ages",
        "{N} is {a} years old. {M} is {b} years older than {N}, and {K} is twice as old as {M}. "
        "How old are the three of them together?",
        {"a": (6, 15), "b": (2, 9)},
        lambda a, b: a + (a + b) + 2 * (a + b),
    ),
    Story(
        "tickets",
        "A boat ticket costs {a} euros for an adult and half as much for a child. How many euros do {b} adults and "
        "{c} children pay in total?",
        {"a": (8, 30), "b": (2, 6), "c": (3, 9)},
        lambda a, b, c: a * b + a / 2 * c if a % 2 == 0 else 0,
        "bc",
    ),
    Story(
        "shelves",
        "A school library has {a} shelves with {b} books on each. Today {c} books are lent out and {d} new books arrive "
        "and are put on the shelves. How many books are on the shelves now?",
        {"a": (6, 14), "b": (18, 35), "c": (25, 60), "d": (10, 24)},
        lambda a, b, c, d: a * b - c + d,
        "abcd",
    ),
]

EN_HELD = [
    Story(
        "apples",
        "{N} picks {a} baskets of apples with {b} apples in each. {c} of the apples are rotten and are thrown away. The "
        "others are shared equally among {d} neighbours. How many apples does each neighbour get?",
        {"a": (4, 9), "b": (15, 30), "c": (5, 14), "d": (4, 8)},
        lambda a, b, c, d: (a * b - c) / d,
        "abcd",
    ),
    Story(
        "seats",
        "A cinema has {a} rows of {b} seats. {c} seats are already taken when another {d} people come in and sit down. "
        "How many seats are still free?",
        {"a": (10, 18), "b": (12, 22), "c": (40, 75), "d": (11, 39)},
        lambda a, b, c, d: a * b - c - d,
        "abcd",
    ),
    Story(
        "tank",
        "There are {a} litres of water in a tank. {b} litres are used every day for {c} days, and after that the rain adds "
        "{d} litres. How many litres of water are in the tank now?",
        {"a": (300, 600), "b": (15, 35), "c": (4, 8), "d": (40, 95)},
        lambda a, b, c, d: a - b * c + d,
        "abd",
    ),
    Story(
        "reading",
        "A novel has {a} pages. {N} reads {b} pages a day for {c} days and wants to finish the rest in {d} days, with the "
        "same number of pages on each of these days. How many pages a day is that?",
        {"a": (240, 480), "b": (18, 30), "c": (4, 7), "d": (4, 9)},
        lambda a, b, c, d: (a - b * c) / d,
    ),
    Story(
        "wages",
        "{N} works {a} hours a day on {b} days a week and earns {c} dollars an hour. A weekly bus pass costs {N} {d} "
        "dollars. How many dollars of a week's pay are left after buying the pass?",
        {"a": (5, 8), "b": (3, 5), "c": (12, 25), "d": (18, 35)},
        lambda a, b, c, d: a * b * c - d,
    ),
    Story(
        "stickers",
        "{N} has {a} stickers. {M} has {b} times as many stickers as {N}, and {K} has {c} fewer stickers than {M}. How many "
        "stickers do the three of them have altogether?",
        {"a": (11, 25), "b": (3, 5), "c": (4, 10)},
        lambda a, b, c: a + a * b + (a * b - c),
        "ac",
    ),
    Story(
        "clothes",
        "A shirt costs {a} dollars, and a pair of trousers costs twice as much as a shirt. {N} buys {b} shirts and {c} "
        "pairs of trousers. How many dollars does {N} pay?",
        {"a": (12, 30), "b": (3, 6), "c": (3, 5)},
        lambda a, b, c: a * b + 2 * a * c,
        "bc",
    ),
    Story(
        "flowers",
        "A gardener plants {a} rows of {b} tulips and {c} rows of {d} roses. A storm destroys {e} of the flowers. How many "
        "flowers are left?",
        {"a": (4, 9), "b": (11, 20), "c": (3, 7), "d": (8, 15), "e": (16, 40)},
        lambda a, b, c, d, e: a * b + c * d - e,
        "abcde",
    ),
]

ZH_DEV = [
    Story(
        "笔记本",
        "{N}买了{a}包笔记本，每包{b}本。{N}送给同学{c}本，自己用掉了{d}本。{N}还剩多少本笔记本？",
        {"a": (4, 9), "b": (8, 15), "c": (5, 15), "d": (2, 6)},
        lambda a, b, c, d: a * b - c - d,
        "abcd",
    ),
    Story(
        "包子",
        "一家早餐店早上蒸了{a}笼包子，每笼{b}个，后来又蒸了{c}个。到中午一共卖出{d}个。还剩多少个包子？",
        {"a": (5, 12), "b": (12, 20), "c": (20, 50), "d": (35, 75)},
        lambda a, b, c, d: a * b + c - d,
        "abcd",
    ),
    Story(
        "地铁",
        "一节地铁车厢里有{a}名乘客。第一站下去{b}人，上来{c}人。第二站有一半的乘客下了车。第二站之后车厢里还有多少名乘客？",
        {"a": (30, 60), "b": (6, 15), "c": (5, 18)},
        lambda a, b, c: (a - b + c) / 2,
    ),
    Story(
        "零花钱",
        "{N}每周存{a}元，存了{b}周。后来{N}买书花了{c}元，买文具花了{d}元。{N}还剩多少元？",
        {"a": (12, 20), "b": (6, 11), "c": (21, 38), "d": (13, 19)},
        lambda a, b, c, d: a * b - c - d,
        "acd",
    ),
    Story(
        "牛奶",
        "奶牛场有{a}头奶牛，每头奶牛每天产奶{b}升。每天留下{c}升自己用，其余的装桶，每桶{d}升，正好装满。每天能装多少桶？",
        {"a": (10, 30), "b": (14, 24), "c": (10, 40), "d": (8, 20)},
        lambda a, b, c, d: (a * b - c) / d,
        "ac",
    ),
    Story(
        "年龄",
        "{N}今年{a}岁。{M}比{N}大{b}岁，{K}的年龄是{M}的2倍。三个人的年龄加起来是多少岁？",
        {"a": (6, 15), "b": (3, 9)},
        lambda a, b: a + (a + b) + 2 * (a + b),
    ),
    Story(
        "公园",
        "公园门票成人每张{a}元，儿童票是成人票的一半。{b}名成人和{c}名儿童一共要付多少元？",
        {"a": (20, 60), "b": (2, 6), "c": (3, 9)},
        lambda a, b, c: a * b + a / 2 * c if a % 2 == 0 else 0,
        "bc",
    ),
    Story(
        "书架",
        "学校图书室有{a}个书架，每个书架放{b}本书。今天借出{c}本，又新到{d}本放上书架。现在书架上一共有多少本书？",
        {"a": (6, 14), "b": (20, 40), "c": (25, 60), "d": (10, 19)},
        lambda a, b, c, d: a * b - c + d,
        "abcd",
    ),
]

ZH_HELD = [
    Story(
        "橘子",
        "{N}摘了{a}筐橘子，每筐{b}个。其中有{c}个坏了，扔掉了，剩下的平均分给{d}户邻居。每户邻居分到多少个橘子？",
        {"a": (4, 9), "b": (15, 30), "c": (5, 14), "d": (4, 8)},
        lambda a, b, c, d: (a * b - c) / d,
        "abcd",
    ),
    Story(
        "剧院",
        "一个剧院有{a}排座位，每排{b}个座位。已经坐了{c}人，后来又进来{d}人坐下。还有多少个空座位？",
        {"a": (10, 18), "b": (14, 24), "c": (40, 85), "d": (25, 39)},
        lambda a, b, c, d: a * b - c - d,
        "abcd",
    ),
    Story(
        "水箱",
        "水箱里有{a}升水。每天用掉{b}升，用了{c}天，然后又加进{d}升。现在水箱里有多少升水？",
        {"a": (300, 600), "b": (15, 35), "c": (4, 8), "d": (40, 95)},
        lambda a, b, c, d: a - b * c + d,
        "abd",
    ),
    Story(
        "小说",
        "一本小说有{a}页。{N}每天读{b}页，读了{c}天，剩下的打算{d}天读完，每天读的页数相同。剩下的这些天每天要读多少页？",
        {"a": (240, 480), "b": (18, 30), "c": (4, 7), "d": (4, 9)},
        lambda a, b, c, d: (a - b * c) / d,
    ),
    Story(
        "工资",
        "{N}每天工作{a}小时，每周工作{b}天，每小时挣{c}元。每周坐车要花{d}元。扣掉车费后，{N}一周还剩多少元？",
        {"a": (5, 8), "b": (3, 5), "c": (22, 40), "d": (42, 80)},
        lambda a, b, c, d: a * b * c - d,
    ),
    Story(
        "邮票",
        "{N}有{a}张邮票，{M}的邮票数是{N}的{b}倍，{K}比{M}少{c}张。三个人一共有多少张邮票？",
        {"a": (11, 25), "b": (3, 5), "c": (4, 10)},
        lambda a, b, c: a + a * b + (a * b - c),
        "ac",
    ),
    Story(
        "桌椅",
        "一把椅子{a}元，一张桌子的价钱是一把椅子的2倍。学校买了{b}把椅子和{c}张桌子。一共要付多少元？",
        {"a": (35, 90), "b": (5, 9), "c": (3, 4)},
        lambda a, b, c: a * b + 2 * a * c,
        "bc",
    ),
    Story(
        "树苗",
        "工人种了{a}排杨树，每排{b}棵，又种了{c}排柳树，每排{d}棵。后来有{e}棵树没有成活。成活的树一共有多少棵？",
        {"a": (4, 9), "b": (11, 20), "c": (3, 7), "d": (8, 15), "e": (16, 40)},
        lambda a, b, c, d, e: a * b + c * d - e,
        "abcde",
    ),
]

STORIES: dict[Language, dict[Side, list[Story]]] = {
    "en": {"dev": EN_DEV, "held": EN_HELD},
    "zh": {"dev": ZH_DEV, "held": ZH_HELD},
}
