"""Topics with seven parts each. A line is a part and, after `=`, the words by which a passage about it is recognised.

A part is always recognised by its own words as well. Words are compared without case, and English ones as beginnings
of words, so `harvest` also finds `Harvesting`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..items import Language, Side


@dataclass(frozen=True)
class Topic:
    """A topic and its parts, as (words of the task, words that recognise a passage about it)."""

    name: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]


EN_DEV = """
# keeping bees
equipment = equip, tool, gear
choosing a place = place, location, site
the first spring = spring
diseases = disease, pest, health
harvesting honey = harvest, honey
preparing for winter = winter
costs = cost, price, budget, expens
# growing tomatoes
choosing a variety = variet
preparing the soil = soil
sowing = sow, seed
watering = water
pruning = prun
pests = pest, insect, disease
storing the harvest = storage, storing, store, harvest
# baking bread
ingredients = ingredient
kneading the dough = knead, dough
letting the dough rise = rise, rising, proof, ferment
shaping the loaf = shap, loaf
baking in the oven = oven, baking
common mistakes = mistake, problem, troubleshoot
storing bread = storage, storing, store, keeping bread
# running a first marathon
choosing shoes = shoe, footwear
a training plan = training, plan
nutrition = nutrition, food, diet, eat
avoiding injuries = injur
sleep and rest = sleep, rest, recover
the day before the race = day before, before the race, the eve
the race itself = the race itself, race day, during the race
# electric cars
how the motor works = motor, how it works, how they work
batteries = batter
charging at home = home
charging on the road = on the road, public charg, travel
running costs = cost, price
effects on the environment = environment
buying a used car = used car, buying, second-hand
# moving to a new city
finding a flat = flat, apartment, housing, finding a home
making a budget = budget, financ, money
packing = pack
the day of the move = day of the move, moving day
registering with the authorities = regist, authorit
meeting people = meeting people, people, friend, social
exploring the neighbourhood = explor, neighbo
# starting a small café
the concept = concept, the idea, your idea, business idea
a business plan = business plan
finding a location = location, place
the menu = menu
hiring staff = staff, hiring, employ
advertising = advertis, marketing, promot
the opening day = opening
# hiking in the mountains
planning the route = route
clothing = cloth
food and water = food, water
checking the weather = weather
first aid = first aid
finding the way = the way, navigat, map
protecting nature = nature, environment, leave no trace
"""

EN_HELD = """
# brewing coffee at home
choosing beans = bean
grinding = grind
water temperature = temperature, water
brewing methods = method
milk and sugar = milk, sugar
cleaning the machine = clean, maint
storing coffee = storage, storing, store
# keeping an aquarium
choosing a tank = tank, aquarium size
filters and lights = filter, light
water plants = plant
choosing fish = choosing fish, choosing the fish, choosing your fish, fish species, types of fish
feeding = feed
cleaning = clean, maint
signs of illness = illness, sick, disease, health
# cycling to work
choosing a bicycle = bicycle, bike
safety = safe
planning the way = way, route
rain and cold = rain, cold, weather
locks = lock, theft, secur
repairs = repair, maint
benefits for health = health, benefit
# the Roman Empire
its origins = origin, beginning, founding, early
the army = army, milit, legion
daily life = daily life, everyday, life in
roads and buildings = road, building, architect
religion = relig, god
trade = trade, econom, commerc
its fall = fall, decline, collapse
# volcanoes
how they form = form, origin
types of volcanoes = type, kind
famous eruptions = famous, historic
dangers = danger, hazard, risk
benefits = benefit, advantage
predicting eruptions = predict, forecast, monitor
living near a volcano = living, life near
# wind energy
how a turbine works = turbine, how it works
its history = histor
suitable places = place, location, site, suitable
advantages = advantage, benefit
disadvantages = disadvantage, drawback, challenge
effects on wildlife = wildlife, animal, bird
the future = future, outlook
# organising a wedding
setting the date = date
the guest list = guest
choosing a venue = venue
food and drinks = food, drink, cater, menu
music = music
clothes = cloth, dress, attire
photographs = photo
# repairing old furniture
tools = tool, equip
judging the damage = damage, assess, judging
removing old paint = paint, strip
gluing loose joints = glu, joint
sanding = sand
varnishing = varnish, finish
daily care = care, maint
"""

ZH_DEV = """
# 养蜂
设备 = 工具, 器材
选址 = 地点, 位置, 场地
春季管理 = 春季, 春天
病虫害防治 = 病虫害, 病害, 疾病, 防治
采收蜂蜜 = 采收, 采蜜, 收获, 取蜜
越冬准备 = 越冬, 冬季, 过冬
成本 = 费用, 花费
# 种植番茄
选择品种 = 品种
整地施肥 = 整地, 施肥, 土壤
播种 = 种子
浇水 = 水分, 灌溉
修剪 = 整枝
防治虫害 = 虫害, 病虫
采收与储存 = 采收, 储存, 收获
# 制作面包
原料 = 材料, 食材
揉面 = 和面
发酵 = 醒发
整形 = 成型, 造型
烘烤 = 烤制, 烤箱
常见错误 = 错误, 问题
保存方法 = 保存, 储存
# 第一次跑马拉松
选择跑鞋 = 跑鞋, 鞋
训练计划 = 训练
饮食 = 营养
预防受伤 = 受伤, 伤病, 损伤
睡眠与恢复 = 睡眠, 恢复, 休息
比赛前一天 = 前一天, 赛前
比赛当天 = 当天, 比赛日
# 电动汽车
电机原理 = 电机, 原理
电池 = 蓄电
家庭充电 = 家庭, 在家
公共充电 = 公共
使用成本 = 成本, 费用
环境影响 = 环境, 环保
购买二手车 = 二手
# 在新城市安家
租房 = 房子, 住房, 住处
制定预算 = 预算, 财务
收拾行李 = 行李, 打包
搬家当天 = 搬家, 当天
办理手续 = 手续, 登记
结识朋友 = 朋友, 社交
熟悉周边 = 周边, 社区, 周围
# 开一家小咖啡馆
创意 = 理念, 构思
商业计划 = 计划书, 计划
选择店址 = 店址, 选址, 地点
菜单设计 = 菜单
招聘员工 = 员工, 招聘
宣传推广 = 宣传, 推广, 营销
开业当天 = 开业
# 登山徒步
规划路线 = 路线
服装 = 衣服, 衣物, 穿着
食物和饮水 = 食物, 饮水, 食品
查看天气 = 天气
急救知识 = 急救
辨别方向 = 方向, 导航
保护自然 = 自然, 环境, 环保
"""

ZH_HELD = """
# 在家冲咖啡
挑选咖啡豆 = 咖啡豆, 豆子
研磨 = 磨豆
水温 = 温度
冲泡方法 = 冲泡, 冲煮
牛奶和糖 = 牛奶, 糖
清洁器具 = 清洁, 清洗
储存咖啡 = 储存, 保存
# 饲养观赏鱼
挑选鱼缸 = 鱼缸
过滤与灯光 = 过滤, 灯光, 照明
水草 = 植物
挑选鱼种 = 鱼种, 品种
喂食 = 喂养, 饲料
日常清洁 = 清洁, 清洗, 换水
疾病的征兆 = 疾病, 生病, 征兆
# 骑车上班
挑选自行车 = 自行车, 车型
安全 = 头盔
规划路线 = 路线
雨天和寒冷天气 = 雨天, 寒冷, 天气
防盗 = 锁, 被盗
维修保养 = 维修, 保养
对健康的好处 = 健康, 好处
# 唐朝
建立过程 = 建立, 起源
军事 = 军队
日常生活 = 生活
建筑与城市 = 建筑, 城市, 长安
宗教 = 佛教, 信仰
贸易 = 商业, 丝绸之路, 经济
衰亡原因 = 衰亡, 灭亡, 衰落
# 火山
形成原因 = 形成, 成因
火山类型 = 类型, 种类, 分类
著名的喷发 = 著名, 历史上
危害 = 危险, 灾害
益处 = 好处, 利用
喷发的预测 = 预测, 预报, 监测
火山附近的生活 = 附近, 生活, 居民
# 风力发电
风机的工作原理 = 原理, 风机, 工作方式
发展历史 = 历史, 发展历程
适合的地点 = 地点, 选址, 适合
优点 = 优势, 好处
缺点 = 不足, 劣势, 挑战
对野生动物的影响 = 野生动物, 鸟类, 动物
未来展望 = 未来, 展望, 前景
# 筹备婚礼
确定日期 = 日期
宾客名单 = 宾客, 名单, 客人
选择场地 = 场地, 地点
菜品和酒水 = 菜品, 酒水, 餐饮, 菜单
音乐 = 乐队
礼服 = 服装, 婚纱
摄影 = 拍照, 照片, 摄像
# 修复旧家具
工具 = 材料
检查损坏 = 检查, 损坏, 评估
去除旧漆 = 旧漆, 去漆, 脱漆
粘合松动的接头 = 粘合, 接头, 松动, 胶
打磨 = 砂纸
上漆 = 涂漆, 刷漆, 油漆
日常保养 = 保养, 养护, 维护
"""


def _read(text: str) -> tuple[Topic, ...]:
    topics: list[Topic] = []
    for block in text.strip().split("# ")[1:]:
        name, *lines = block.strip().splitlines()
        parts = []
        for line in lines:
            part, _, words = line.partition(" = ")
            parts.append((part, (part, *words.split(", "))))
        topics.append(Topic(name, tuple(parts)))
    return tuple(topics)


TOPICS: dict[Language, dict[Side, tuple[Topic, ...]]] = {
    "en": {"dev": _read(EN_DEV), "held": _read(EN_HELD)},
    "zh": {"dev": _read(ZH_DEV), "held": _read(ZH_HELD)},
}
