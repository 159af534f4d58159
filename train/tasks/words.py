"""Words that the tasks are made of. Names, relations and values are chosen so that each becomes one token."""

from __future__ import annotations

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
