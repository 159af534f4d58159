"""Scripted engines for notebooks: they plan an article of three steps and write it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from vnb.core.types import Constraint, Prompt
from vnb.engines.scripted import Answer, Reply, ScriptedEngine

BRIEF = json.dumps({"goal": "An article", "deliverable": "An article", "constraints": [], "language": "en"})
STEPS = (
    {"id": "s1", "title": "Past", "instruction": "Write the past", "needs": []},
    {"id": "s2", "title": "Present", "instruction": "Write the present", "needs": []},
    {"id": "s3", "title": "Future", "instruction": "Write the future", "needs": ["s1", "s2"]},
)
PLAN = json.dumps({"steps": STEPS})
ANSWERS: Mapping[str, Reply] = {
    "Write the past": "Once there were abacuses and patient clerks.",
    "Write the present": "Now there are chips and impatient models.",
    "Write the future": "Soon there will be something else.",
}


def engine(answers: Mapping[str, Reply] | None = None, delay: float = 0.0) -> ScriptedEngine:
    """An engine that plans and writes the article.

    Args:
        answers: Other answers, by what the step's own instruction contains.
        delay: Seconds between tokens of the steps.
    """
    replies = {**ANSWERS, **(answers or {})}

    def answer(prompt: Prompt, constraint: Constraint | None) -> Reply:
        asked = constraint.text if constraint is not None else ""
        if '"goal"' in asked:
            return BRIEF
        if '"steps"' in asked:
            return PLAN
        instruction = prompt.text.rpartition("\n# ")[2]
        found = next((reply for key, reply in replies.items() if key in instruction), "It is done.")
        return Answer(found, delay=delay) if isinstance(found, str) else found

    return ScriptedEngine(answer)


def use(answers: Mapping[str, Reply] | None = None, delay: float = 0.0) -> ScriptedEngine:
    """Makes such an engine the default."""
    from vnb.api.runtime import runtime

    made = engine(answers, delay)
    runtime().use(made)
    return made


def held(tokens: int = 6) -> Mapping[str, Reply]:
    """Answers of which the present stops after some tokens until the engine lets go."""
    return {"Write the present": Answer(str(ANSWERS["Write the present"]), hold_after=tokens)}


def let_go(engine: ScriptedEngine) -> None:
    """Lets what is held go on; an engine is only spoken to on its own loop."""
    from vnb.api.runtime import runtime

    async def go() -> None:
        engine.let_go()

    runtime().loop.call(go())


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for a condition that another thread brings about."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "the condition never came"
        time.sleep(0.01)
