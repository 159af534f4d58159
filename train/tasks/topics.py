"""What articles are about: listed topics, and made-up ones that can only be copied."""

from __future__ import annotations

import random
from functools import cache

from .base import side_of

DEMO_TOPICS = ("artificial intelligence", "人工智能")
"""The topics of vnb's first example; always in training, never held out."""

TOPICS_EN = tuple(
    topic.strip()
    for topic in """
artificial intelligence, tea, coffee, chess, glass, paper, bread, salt, sugar, silk, cotton, wool, steel, copper,
bridges, trains, ships, bicycles, clocks, maps, radios, robots, lasers, batteries, vaccines, gardens, forests, rivers,
bees, whales, horses, wolves, opera, jazz, theatre, cinema, painting, pottery, poetry, football, tennis, skiing,
sailing, coal, wind energy, solar power, deep learning, machine translation, public libraries, city parks, space
travel, ocean science, folk music, rice farming, data centers, electric cars, world trade, night trains, street food,
board games, stone bridges, weather science, tides, volcanoes, lighthouses, honey, the internet, quantum computers,
language models, renewable energy, databases, compilers, operating systems, open source software, computer games,
video games, mobile phones, satellites, telescopes, microscopes, rockets, aircraft, airports, railways, tunnels,
canals, harbors, dams, windmills, water wheels, steam engines, printing, photography, newspapers, books, libraries,
museums, universities, schools, hospitals, medicine, surgery, antibiotics, genetics, evolution, biology, chemistry,
physics, mathematics, statistics, geometry, logic, philosophy, economics, banking, money, insurance, taxes, markets,
farming, fishing, hunting, gardening, cooking, baking, brewing, cheese, chocolate, spices, pepper, olive oil, wine,
beer, milk, eggs, potatoes, tomatoes, apples, oranges, bananas, coconuts, wheat, corn, rice, soil, compost, recycling,
plastics, rubber, concrete, bricks, timber, furniture, carpets, clothing, fashion, shoes, jewelry, gold, silver,
diamonds, iron, aluminium, magnets, electricity, light bulbs, heating, air conditioning, refrigerators, washing
machines, elevators, plumbing, sewers, drinking water, rain, snow, storms, hurricanes, floods, droughts, deserts,
mountains, glaciers, islands, coral reefs, oceans, lakes, wetlands, climate change, earthquakes, fossils, dinosaurs,
birds, owls, eagles, penguins, parrots, cats, dogs, elephants, lions, tigers, bears, dolphins, sharks, turtles, frogs,
butterflies, ants, spiders, beekeeping, mushrooms, flowers, roses, bamboo, trees, swimming, running, cycling,
climbing, hiking, basketball, baseball, cricket, golf, boxing, wrestling, archery, dancing, ballet, singing, the
piano, the violin, guitars, drums, choirs, rock music, classical music, radio plays, comics, cartoons, novels, fairy
tales, myths, languages, translation, writing, alphabets, calendars, time zones, postage stamps, mail, telephones,
telegraphs, television, advertising, tourism, hotels, restaurants, cities, villages, castles, cathedrals, temples,
gardens of Japan, urban planning, public transport, buses, taxis, traffic lights, roads, parking, self driving cars,
drones, 3D printing, search engines, social media, cloud computing, machine learning, neural networks, computer
vision, speech recognition, cryptography, passwords, spreadsheets, programming languages, the stock market, democracy,
elections, human rights, law, courts, police, fire safety, first aid, sleep, dreams, memory, happiness, friendship,
childhood, education, nutrition, exercise, yoga, meditation, tea houses, coffee shops, kites, toys, puzzles, card
games, magic tricks, circuses, festivals, fireworks, candles, perfume, soap, mirrors, glasses, watches, compasses,
ink, pencils, typewriters
""".replace("\n", " ").split(",")
)
TOPICS_ZH = tuple(
    """
人工智能 茶叶 咖啡 象棋 玻璃 纸张 面包 丝绸 钢铁 桥梁 火车 轮船 自行车 钟表 地图 机器人 电池 疫苗 花园 森林 河流 蜜蜂 鲸鱼 戏剧
电影 绘画 陶瓷 诗歌 足球 网球 滑雪 航海 煤炭 风能 太阳能 深度学习 机器翻译 图书馆 城市公园 航天 海洋科学 民间音乐 水稻 数据中心
电动汽车 国际贸易 街头美食 天气预报 书法 武术 潮汐 火山 灯塔 蜂蜜 互联网 量子计算 语言模型 新能源 大数据 云计算 数据库 编译器
操作系统 开源软件 电子游戏 手机 卫星 望远镜 显微镜 火箭 飞机 机场 铁路 隧道 运河 港口 水坝 风车 蒸汽机 印刷术 摄影 报纸 书籍
博物馆 大学 学校 医院 医学 外科手术 抗生素 遗传学 进化论 生物学 化学 物理学 数学 统计学 几何 逻辑学 哲学 历史学 经济学 银行 货币
保险 税收 市场 农业 渔业 园艺 做饭 烘焙 酿酒 奶酪 巧克力 香料 胡椒 花生油 葡萄酒 啤酒 牛奶 鸡蛋 土豆 西红柿 苹果 橙子 香蕉 小麦
玉米 大米 土壤 肥料 垃圾分类 塑料 橡胶 水泥 砖瓦 木材 家具 地毯 服装 时装 鞋子 珠宝 黄金 白银 钻石 铝材 磁铁 电力 电灯 暖气 空调
冰箱 洗衣机 电梯 饮用水 降雨 雪花 暴风雨 台风 洪水 干旱 沙漠 高山 冰川 海岛 珊瑚 海洋 湖泊 湿地 气候变化 地震 化石 恐龙 鸟类
老鹰 企鹅 孔雀 猫 狗 大象 狮子 老虎 熊猫 海狮 鲸群 海龟 青蛙 蝴蝶 蚂蚁 养蜂 蘑菇 鲜花 玫瑰 竹子 树木 游泳 跑步 骑行 登山 篮球
棒球 高尔夫 拳击 射箭 舞蹈 歌唱 钢琴 小提琴 吉他 鼓乐 合唱 摇滚音乐 古典音乐 广播剧 漫画 动画片 小说 童话 神话 语言 翻译 写作
文字 历法 时区 邮票 邮政 电话 电报 电视 广告 旅游 旅馆 餐馆 城市 乡村 城堡 寺庙 园林 城市规划 公共交通 公共汽车 出租车 红绿灯
公路 停车场 自动驾驶 无人机 三维打印 搜索引擎 社交媒体 机器学习 神经网络 计算机视觉 语音识别 密码学 电子表格 编程语言 股票市场
选举 法律 法院 警察 消防 急救 睡眠 梦境 记忆 幸福 友谊 童年 教育 营养 锻炼 体操 茶馆 木偶 玩具 拼图 纸牌 魔术 马戏 节日 烟花
蜡烛 香水 肥皂 镜子 眼镜 手表 指南针 墨水 铅笔 打字机 围棋 京剧 剪纸 刺绣 中药 针灸 饺子 面条 豆腐 火锅 长城 故宫 黄河 长江
春节 中秋节 月亮 星星 太阳 宇宙 黑洞 机械 纺织 芯片 半导体 光纤 雷达 核电站 高速铁路 地铁 共享单车 网上购物 移动支付 远程办公
""".split()
)
SYLLABLES = (
    "b c d f g h k l m n p r s t v w br cl dr gr pl st tr sh ch".split(),
    "a e i o u ai ea oo".split(),
    ["", "", "n", "r", "s", "l", "t", "m", "nd", "st", "ck"],
)


def made_up_word(rng: random.Random) -> str:
    """A word that no one has seen, so that copying it is the only way to say it."""
    return "".join("".join(rng.choice(sounds) for sounds in SYLLABLES) for _ in range(rng.choice((1, 2, 2, 3))))


def characters() -> list[str]:
    """The 3,755 most common Chinese characters: rows 16 to 55 of GB 2312."""
    codes = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 56) for cell in range(1, 95))
    return [code.decode("gb2312") for code in codes if not (code[0] == 0xD7 and code[1] > 0xF9)]


@cache
def _common() -> list[str]:
    return characters()


def _rare(rng: random.Random) -> str:
    return bytes((0xA0 + rng.randint(56, 87), 0xA0 + rng.randint(1, 94))).decode("gb2312")


@cache
def trained(language: str) -> tuple[str, ...]:
    """The listed topics of the training side."""
    topics = TOPICS_ZH if language == "zh" else TOPICS_EN
    return tuple(t for t in topics if t in DEMO_TOPICS or side_of("topic", (t,)) == "train")


@cache
def _words() -> list[str]:
    return sorted({word for topic in trained("en") for word in topic.split()})


def made_up_topic(rng: random.Random, language: str) -> str:
    """A topic of random words or characters."""
    if language == "zh":
        if rng.random() < 0.3:
            return rng.choice(trained("zh"))[:3] + rng.choice(trained("zh"))[-2:]
        if rng.random() < 0.03:  # characters that are three bytes to the tokenizer
            return _rare(rng) + rng.choice(_common())
        return "".join(rng.choice(_common()) for _ in range(rng.randint(1, 6)))
    known = 0.9 if rng.random() < 0.4 else 0.2
    count = rng.choice((1, 1, 2, 2, 3))
    return " ".join(rng.choice(_words()) if rng.random() < known else made_up_word(rng) for _ in range(count))


def topic(rng: random.Random, language: str, side: str | None = None) -> str:
    """A topic: listed or made up in training, listed on the other sides of the split."""
    training = side in (None, "train")
    if training and rng.random() < 0.04:
        return DEMO_TOPICS[language == "zh"]
    topics = TOPICS_ZH if language == "zh" else TOPICS_EN
    while True:
        listed = not training or rng.random() < 0.35
        chosen = rng.choice(topics) if listed else made_up_topic(rng, language)
        if chosen in DEMO_TOPICS:
            continue
        if side is None or side_of("topic", (chosen,)) == side:
            return chosen
