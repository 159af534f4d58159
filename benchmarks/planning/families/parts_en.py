"""The topics of English texts with demanded parts; `parts_topics.py` says how they are read."""

DEV = """
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
registering with the authorities = register, registration, registering, authorit
meeting people = meeting people, people, friend, social
exploring the neighbourhood = explor, neighbo
# starting a small café
the concept = concept, the idea, your idea, business idea
a business plan = business plan
finding a location = location, place
the menu = menu
hiring staff = staff, hiring, employ
advertising = advertise, advertising, advertisement, marketing, promot
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

HELD = """
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
locks = lock, theft, secure, security
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
