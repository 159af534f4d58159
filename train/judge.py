"""Whether an answer is right."""

from __future__ import annotations

from .tasks import articles, describe
from .tasks.base import Problem


def right(problem: Problem, role: str, at: int, answer: str, given: str) -> bool:
    """Whether an answer is right; sentences are judged by their grammar, the rest by equality."""
    if role == "work" and problem.family == "article":
        return articles.on_topic(problem.language, problem.key[1 + at], problem.topic, given)
    if role == "work" and problem.family == "describe":
        named = describe.field_of(problem.work[at].instruction)
        value = dict(part.split(": ", 1) for part in _table(problem).split("; "))
        return named is not None and describe.right(named[0], named[1], value[named[1]], given)
    return given == answer


def _table(problem: Problem) -> str:
    text = problem.inputs[0][1] if problem.inputs else problem.text.split("Data: ")[1]
    return text.rstrip(".")
