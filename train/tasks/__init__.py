"""The families of synthetic tasks that vnb-tiny is trained on."""

from __future__ import annotations

import random
from collections.abc import Callable

from . import arithmetic, articles, describe, lists, lookup
from .base import Problem

FAMILIES: dict[str, Callable[[random.Random, int, str | None], Problem]] = {
    "arithmetic": arithmetic.problem,
    "list": lists.problem,
    "lookup": lookup.problem,
    "describe": describe.problem,
    "article": articles.problem,
}
