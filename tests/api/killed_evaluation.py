"""An evaluation whose process dies after so many answers: `python -m tests.api.killed_evaluation STORE ANSWERS`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from vnb.api.evaluate import evaluate
from vnb.api.runtime import Runtime
from vnb.core.types import Constraint, Prompt
from vnb.engines.scripted import Answer, Reply, ScriptedEngine

TASKS = [{"id": f"t{number}", "task": f"Say {number}.", "answer": number} for number in range(6)]
WAYS = ("direct", "self-consistency")


def engine(before: Callable[[int], None] = lambda asked: None) -> ScriptedEngine:
    """Says the number that a task asks for, but never 3; `before` each answer it tells which one it is."""
    asked = 0

    def answer(prompt: Prompt, constraint: Constraint | None) -> Reply:
        nonlocal asked
        asked += 1
        before(asked)
        number = prompt.text.split("Say ")[1][0]
        return Answer(f"It is {number.replace('3', '0')}.")

    return ScriptedEngine(answer, slots=2)


def main(path: str, answers: int) -> None:
    runtime = Runtime(path)
    runtime.use(engine(lambda asked: os._exit(9) if asked > answers else None))
    evaluate(runtime, TASKS, ways=WAYS, samples=3)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
