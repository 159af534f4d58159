"""What is asked for in texts with constraints, and how the constraints are put."""

from __future__ import annotations

from dataclasses import dataclass

from ..items import Language, Side


@dataclass(frozen=True)
class Prose:
    """A request for a text, with words that it may have to contain, to avoid, and to end with."""

    text: str
    contain: tuple[str, ...]
    avoid: tuple[str, ...]
    end: tuple[str, ...]


@dataclass(frozen=True)
class Structured:
    """What a list names, what a JSON object describes and its possible keys, and a word to avoid in each."""

    items: str
    thing: str
    keys: tuple[str, ...]
    avoid: tuple[str, ...]


def _prose(text: str, contain: str, avoid: str, end: str) -> Prose:
    return Prose(text, tuple(contain.split()), tuple(avoid.split()), tuple(end.split()))


def _structured(items: str, thing: str, keys: str, avoid: str) -> Structured:
    return Structured(items, thing, tuple(keys.split()), tuple(avoid.split()))


PROSE: dict[Language, dict[Side, tuple[Prose, ...]]] = {
    "en": {
        "dev": (
            _prose("Write an advertisement for a city bicycle.", "freedom basket", "price car", "Enjoy Ride"),
            _prose("Describe a rainy day in a small town.", "umbrella puddle", "sun grey", "silence home"),
            _prose(
                "Write a note to thank a neighbour for watering the plants.", "garden holiday", "money", "Thanks soon"
            ),
            _prose("Explain to a child why the sky is blue.", "light air", "physics wavelength", "blue eyes"),
            _prose("Write a short story about a lost key.", "pocket door", "thief", "found night"),
            _prose("Describe your favourite kind of soup.", "spoon warm", "meat salt", "delicious winter"),
            _prose("Write an invitation to a garden party.", "Saturday music", "gift", "welcome there"),
            _prose("Describe what a lighthouse is for.", "ship coast", "tourist", "safe sea"),
        ),
        "held": (
            _prose("Write an advertisement for a wool blanket.", "cosy evening", "cheap discount", "Relax Tonight"),
            _prose("Describe a busy market in the morning.", "fruit voices", "noise crowd", "breakfast again"),
            _prose("Write a message to a colleague who is leaving the company.", "team lunch", "sad", "Goodbye touch"),
            _prose("Explain to a child why leaves fall in autumn.", "tree water", "die", "spring sleep"),
            _prose("Write a short story about a train that is late.", "platform clock", "angry", "home together"),
            _prose("Describe the sea at night.", "moon waves", "dark black", "stars dreams"),
            _prose("Write a reminder about a lost property box in a school.", "jacket office", "steal", "Friday week"),
            _prose("Describe what a bridge is for.", "river road", "concrete", "side together"),
        ),
    },
    "zh": {
        "dev": (
            _prose("为一款城市自行车写一段广告。", "自由 轻便", "价格 汽车", "出发 享受"),
            _prose("描写小镇的一个雨天。", "雨伞 街道", "太阳 灰色", "安静 回家"),
            _prose("写一张便条，感谢邻居帮忙浇花。", "阳台 假期", "钱", "谢谢 再见"),
            _prose("向小朋友解释天空为什么是蓝色的。", "阳光 空气", "物理 波长", "眼睛 天空"),
            _prose("写一个关于丢失的钥匙的小故事。", "口袋 门口", "小偷", "晚上 微笑"),
            _prose("介绍一种你喜欢的汤。", "勺子 温暖", "肉 盐", "美味 冬天"),
            _prose("写一份花园聚会的邀请。", "星期六 音乐", "礼物", "欢迎 相聚"),
            _prose("介绍灯塔的用途。", "船只 海岸", "游客", "平安 大海"),
        ),
        "held": (
            _prose("为一条羊毛毯写一段广告。", "夜晚 柔软", "便宜 打折", "今晚 放松"),
            _prose("描写清晨热闹的菜市场。", "水果 吆喝", "噪音 拥挤", "早餐 开始"),
            _prose("给一位即将离职的同事写一段留言。", "团队 午餐", "难过", "再会 顺利"),
            _prose("向小朋友解释树叶为什么在秋天落下。", "大树 水分", "死", "春天 睡觉"),
            _prose("写一个关于火车晚点的小故事。", "站台 时钟", "生气", "团聚 回家"),
            _prose("描写夜晚的大海。", "月亮 海浪", "黑暗", "星星 梦"),
            _prose("写一则学校失物招领的提醒。", "外套 办公室", "偷", "星期五 本周"),
            _prose("介绍桥梁的用途。", "河流 道路", "混凝土", "对岸 远方"),
        ),
    },
}

STRUCTURED: dict[Language, dict[Side, tuple[Structured, ...]]] = {
    "en": {
        "dev": (
            _structured("things to take to the beach", "a cat", "name age colour favourite_food", "towel black"),
            _structured("rules for a shared kitchen", "a city", "name country population river", "clean capital"),
            _structured("reasons to learn to swim", "a book", "title author year genre", "drown magic"),
            _structured("games for a rainy afternoon", "a robot", "name height task battery", "chess metal"),
            _structured("ways to save water at home", "a recipe", "title servings minutes ingredients", "shower sugar"),
        ),
        "held": (
            _structured("things to pack for a winter hike", "a dog", "name breed weight owner", "gloves brown"),
            _structured("rules for a quiet library", "a planet", "name moons colour distance", "phone red"),
            _structured("reasons to plant trees", "a film", "title director length country", "shade love"),
            _structured("presents for a grandmother", "a ship", "name captain cargo speed", "flowers wood"),
            _structured("ways to save electricity", "a restaurant", "name street dish seats", "lamp pizza"),
        ),
    },
    "zh": {
        "dev": (
            _structured("去海边要带的东西", "一只猫", "名字 年龄 颜色 爱吃的食物", "毛巾 黑色"),
            _structured("合租厨房的规定", "一座城市", "名称 国家 人口 河流", "干净 首都"),
            _structured("学游泳的理由", "一本书", "书名 作者 年份 类型", "溺水 魔法"),
            _structured("雨天可以玩的游戏", "一个机器人", "名字 身高 任务 电池", "象棋 金属"),
            _structured("在家节约用水的方法", "一份菜谱", "菜名 人数 分钟 食材", "洗澡 白糖"),
        ),
        "held": (
            _structured("冬天徒步要带的东西", "一只狗", "名字 品种 体重 主人", "手套 棕色"),
            _structured("图书馆的规定", "一颗行星", "名称 卫星 颜色 距离", "手机 红色"),
            _structured("植树的理由", "一部电影", "片名 导演 片长 国家", "树荫 爱情"),
            _structured("送给奶奶的礼物", "一艘船", "船名 船长 货物 航速", "鲜花 木头"),
            _structured("节约用电的方法", "一家餐馆", "店名 街道 招牌菜 座位", "电灯 火锅"),
        ),
    },
}

FORMS: dict[Language, dict[Side, dict[str, str]]] = {
    "en": {
        "dev": {
            "between": " ",
            "joint": ", ",
            "items": "List exactly {n} {what}, and write nothing but the list.",
            "json": "Invent {what} and describe it as a JSON object with exactly these keys: {keys}. Write only the JSON.",
            "exactly": "Write exactly {n} sentences.",
            "at most": "Use at most {n} sentences.",
            "length": "Use at most {n} words.",
            "contain": 'The text must contain the word "{word}".',
            "avoid": 'Do not use the word "{word}".',
            "end": 'The last word must be "{word}".',
            "language": "Write it in Chinese.",
        },
        "held": {
            "between": " ",
            "joint": ", ",
            "items": "Give me a list of {what} with exactly {n} items and no other text.",
            "json": "Make up {what}. Reply with nothing but one JSON object, with the keys {keys} and no others.",
            "exactly": "It should have exactly {n} sentences.",
            "at most": "It may not have more than {n} sentences.",
            "length": "Keep it to no more than {n} words.",
            "contain": "Be sure to include the word {word}.",
            "avoid": "Never mention the word {word}.",
            "end": "End with the word {word}.",
            "language": "The answer must be in Chinese.",
        },
    },
    "zh": {
        "dev": {
            "between": "",
            "joint": "、",
            "items": "请列出{n}项{what}，不多不少，只写列表。",
            "json": "虚构{what}，用一个JSON对象描述，键只能是：{keys}。只输出JSON。",
            "exactly": "正好写{n}句话。",
            "at most": "最多写{n}句话。",
            "length": "不超过{n}个字。",
            "contain": "文中必须出现“{word}”这个词。",
            "avoid": "不要出现“{word}”这个词。",
            "end": "全文最后一个词必须是“{word}”。",
            "language": "请用英文写。",
        },
        "held": {
            "between": "",
            "joint": "、",
            "items": "请给出一个列表：{what}，恰好{n}项，不要写其他内容。",
            "json": "请编造{what}的资料，只回复一个JSON对象，包含{keys}这几个键，不要有别的键。",
            "exactly": "全文必须恰好{n}句。",
            "at most": "全文不能多于{n}句。",
            "length": "字数控制在{n}字以内。",
            "contain": "一定要用到“{word}”一词。",
            "avoid": "禁止使用“{word}”一词。",
            "end": "以“{word}”一词结尾。",
            "language": "必须用英语回答。",
        },
    },
}
