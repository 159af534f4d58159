"""The scripted engine keeps the contract of every engine."""

from __future__ import annotations

from collections.abc import Sequence

from vnb.core.types import Constraint, Prompt
from vnb.engines.base import Engine
from vnb.engines.scripted import Answer, ScriptedEngine

from .contract import Contract


def script(prompt: Prompt, constraint: Constraint | None) -> Answer:
    if constraint is not None:
        return Answer('{"a": "x", "n": 3}' if constraint.kind == "json_schema" else "123-abcd")
    numbered = "on and on " in prompt.text  # these are cancelled or closed on the way
    return Answer("".join(f"word{i} 字😀 " for i in range(60)), hold_after=3 if numbered else None)


class TestScripted(Contract):
    special = range(5)

    async def make(self) -> Engine:
        return ScriptedEngine(script, slots=3, context_length=512)

    def detokenize(self, engine: Engine, ids: Sequence[int]) -> str:
        assert isinstance(engine, ScriptedEngine)
        return engine.detokenize(ids)
