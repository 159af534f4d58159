"""LangGraph's plan-and-execute recipe, asked of the server that `raw` is asked of.

After the tutorial of that name in LangGraph's documentation, in words of our own: a planner lists steps, an agent executes
the first of them, and a replanner answers with the steps that are left or with the response. As there, the agent is shown
the plan and its step, but neither the task nor earlier results: whatever a step needs, the planner has to write into it.
The tutorial's search tool is left out, as no way has tools.
"""

from __future__ import annotations

import json
import operator
import time
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from . import traces

RECURSION_LIMIT = 50
"""As in the tutorial. A node makes one call, so that a task takes at most so many."""

PLANNER = (
    "Make a simple plan for the given objective, step by step. It consists of individual tasks that yield the right answer "
    "when each is executed correctly. Add no superfluous steps. The result of the last step should be the final answer. "
    "Every step must have all the information that it needs: do not skip steps."
)
AGENT = "You are a helpful assistant."
EXECUTE = "This is the plan:\n{plan}\n\nYour task is to execute step 1: {step}"
REPLANNER = (
    PLANNER
    + "\n\nThe objective was:\n{input}\n\nThe original plan was:\n{plan}\n\nThese steps have been done:\n{past_steps}"
    "\n\nUpdate the plan accordingly. If no more steps are needed and you can answer the user, respond with the answer. "
    "Otherwise give the plan, with only the steps that still NEED to be done. Do not return steps that have been done."
)


def _object(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: value}, "required": [name], "additionalProperties": False}


PLAN = _object("steps", {"type": "array", "items": {"type": "string"}})
ACT = _object("action", {"anyOf": [_object("response", {"type": "string"}), PLAN]})


class State(TypedDict, total=False):
    """The graph's state, with the tutorial's names."""

    input: str
    plan: list[str]
    past_steps: Annotated[list[tuple[str, str]], operator.add]
    response: str


Chat = Callable[..., dict[str, Any]]
"""The server's chat completion with its sampling set: given messages, and what else a request has."""


class Unusable(Exception):
    """The recipe cannot continue after this answer."""


class OutOfTime(Exception):
    """The moment has passed after which nothing more is asked."""


class Nodes:
    """The nodes of the graph for one task, and what a record keeps of their calls.

    Args:
        end: A moment of `time.monotonic`, after which no call begins.
    """

    def __init__(self, chat: Chat, end: float) -> None:
        self._chat, self._end = chat, end
        self.replies: list[str] = []
        self.faults: list[str] = []
        self.count = dict.fromkeys(("tokens_in", "tokens_out", "steps"), 0)

    def planner(self, state: State) -> State:
        return {"plan": _steps(_read(self._ask("planner", state["input"], PLANNER, PLAN)))}

    def agent(self, state: State) -> State:
        plan, step = state["plan"], state["plan"][0]
        numbered = "\n".join(f"{number}. {one}" for number, one in enumerate(plan, 1))
        return {"past_steps": [(step, self._ask("agent", EXECUTE.format(plan=numbered, step=step), AGENT))]}

    def replan(self, state: State) -> State:
        action = _read(self._ask("replan", REPLANNER.format(**state), schema=ACT)).get("action")
        if isinstance(action, dict) and isinstance(action.get("response"), str):
            return {"response": action["response"]}
        return {"plan": _steps(action)}

    def _ask(self, node: str, prompt: str, system: str = "", schema: dict[str, Any] | None = None) -> str:
        """One call; under a schema as LangChain's `with_structured_output` asks for it."""
        if time.monotonic() >= self._end:
            raise OutOfTime
        messages = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": prompt})
        wanted = {"type": "json_schema", "json_schema": {"name": node, "strict": True, "schema": schema}}
        answer = self._chat(messages, **({"response_format": wanted} if schema else {}))
        if "choices" not in answer:
            raise Unusable(f"{node}: {answer}")
        choice, usage = answer["choices"][0], answer.get("usage", {})
        text: str = choice["message"].get("content") or ""
        self.replies.append(f"{node}: {text}")
        self.faults += [f"{node}: {fault}" for fault in traces.faults_of(text, choice.get("finish_reason"))]
        self.count["tokens_in"] += usage.get("prompt_tokens", 0)
        self.count["tokens_out"] += usage.get("completion_tokens", 0)
        self.count["steps"] += node == "agent"
        return text


def outcome(chat: Chat, task: str, end: float) -> dict[str, Any] | None:
    """What the recipe makes of a task; `None` if the time is up before it has ended."""
    from langgraph.errors import GraphRecursionError
    from langgraph.graph import END, START, StateGraph

    nodes, begun = Nodes(chat, end), time.perf_counter()
    builder = StateGraph(State)
    builder.add_sequence([nodes.planner, nodes.agent, nodes.replan])
    builder.add_edge(START, "planner")
    builder.add_conditional_edges("replan", lambda state: END if state.get("response") else "agent", ["agent", END])
    found: dict[str, Any] = {"status": "failed", "result": ""}
    try:
        state = builder.compile().invoke({"input": task}, {"recursion_limit": RECURSION_LIMIT})
        found = {"status": "finished", "result": state["response"]}
    except OutOfTime:
        return None
    except (Unusable, GraphRecursionError) as reason:
        found["error"] = str(reason)[:300]
    found |= {"seconds": time.perf_counter() - begun, "calls": len(nodes.replies)}
    return found | nodes.count | {"replies": nodes.replies, "faults": nodes.faults}


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unusable(f"not a JSON object: {text[:200]!r}")
    return found


def _steps(answer: Any) -> list[str]:
    steps = answer.get("steps") if isinstance(answer, dict) else None
    if not isinstance(steps, list) or not steps or not all(isinstance(step, str) for step in steps):
        raise Unusable(f"no steps: {str(answer)[:200]}")
    return steps
