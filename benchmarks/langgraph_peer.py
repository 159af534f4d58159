"""The plan of `benchmarks.graph` in LangGraph: a node for each step, edges that wait for all needs, its SQLite checkpoints."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from .graph import NEEDS, answer, instruction

os.environ.setdefault("LANGSMITH_TRACING", "false")


def is_here() -> bool:
    """Whether LangGraph with its SQLite saver is installed."""
    try:
        return all(importlib.util.find_spec(name) for name in ("langgraph.graph", "langgraph.checkpoint.sqlite"))
    except ImportError:
        return False


ABSENT = "LangGraph is absent: `pip install -r benchmarks/requirements.txt`."


class Graph:
    """The compiled graph. What a step is told is part of the state, so that it can be changed.

    Args:
        path: File of the checkpoints; `None` keeps none.
        cached: Gives every node LangGraph's node cache, keyed by what the node reads.
        fail: Raises in a node, if it is to fail.

    Attributes:
        calls: The nodes that ran, in order.
    """

    def __init__(
        self, path: Path | None, cached: bool = False, fail: Callable[[str], None] = lambda step: None
    ) -> None:
        from langgraph.cache.memory import InMemoryCache
        from langgraph.checkpoint.sqlite import SqliteSaver
        from langgraph.graph import END, START, StateGraph
        from langgraph.types import CachePolicy

        self.calls: list[str] = []
        fields = {"doc": str, **{name: str for step in NEEDS for name in (step, f"i_{step}")}}
        typed: Any = TypedDict  # its names are made here, which no type checker follows
        builder: Any = StateGraph(typed("State", fields, total=False))
        for step, needs in NEEDS.items():
            reads = typed(f"Reads_{step}", dict.fromkeys((f"i_{step}", *needs), str), total=False)
            policy = CachePolicy() if cached else None
            builder.add_node(step, self._node(step, needs, fail), input_schema=reads, cache_policy=policy)
            builder.add_edge(list(needs) if needs else START, step)
        builder.add_edge("s9", END)
        self._connection = sqlite3.connect(path, check_same_thread=False) if path is not None else None
        saver = SqliteSaver(self._connection) if self._connection is not None else None
        self.graph = builder.compile(checkpointer=saver, cache=InMemoryCache() if cached else None)

    def _node(
        self, step: str, needs: tuple[str, ...], fail: Callable[[str], None]
    ) -> Callable[[Mapping[str, str]], dict[str, str]]:
        def work(state: Mapping[str, str]) -> dict[str, str]:
            self.calls.append(step)
            fail(step)
            return {step: answer(state[f"i_{step}"], "".join(state[need] for need in needs))}

        return work

    def run(self, thread: str, changed: Mapping[str, str] | None = None, doc: str = "") -> dict[str, str]:
        """A whole run in a thread of its own."""
        given = {"doc": doc, **{f"i_{step}": instruction(step) for step in NEEDS}, **(changed or {})}
        found: dict[str, str] = self.graph.invoke(given, self._config(thread))
        return found

    def go_on(self, thread: str) -> dict[str, str]:
        """Goes on with a run that failed."""
        found: dict[str, str] = self.graph.invoke(None, self._config(thread))
        return found

    def from_before(self, thread: str, step: str, words: str) -> dict[str, str]:
        """Forks a run from its checkpoint just before a step, with other words for that step, and runs it to its end."""
        for moment in self.graph.get_state_history(self._config(thread)):
            if step in moment.next:
                wrote = NEEDS[step][0] if NEEDS[step] else "__start__"
                forked = self.graph.update_state(moment.config, {f"i_{step}": words}, as_node=wrote)
                found: dict[str, str] = self.graph.invoke(None, forked)
                return found
        raise LookupError(step)

    @staticmethod
    def _config(thread: str) -> dict[str, Any]:
        return {"configurable": {"thread_id": thread}}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.commit()
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
