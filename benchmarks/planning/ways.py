"""The ways of doing a task: the strategies of vnb, and two that ask the same file without vnb.

These are raw, one chat message, and langgraph, LangGraph's plan-and-execute recipe.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Literal, get_args

import vnb
from vnb.api.run import Run
from vnb.engines.llamacpp.server import import_xllamacpp, usable_threads

from . import plan_and_execute, traces
from .items import Item

Way = Literal["auto", "plan", "direct", "outline", "code", "vote", "raw", "langgraph"]
WAYS: tuple[Way, ...] = get_args(Way)
USUAL: tuple[Way, ...] = ("auto", "plan", "direct", "raw")
WITHOUT_VNB: tuple[Way, ...] = ("raw", "langgraph")
CONTEXT = 4096
SLOTS = 4

Outcome = dict[str, Any]
"""What one way made of one task: `result`, `seconds`, `tokens_in`, `tokens_out`, …"""


class Model:
    """One model file, loaded when a way first needs it: by vnb, and by a server of the bench's own.

    Args:
        max_tokens: The most that one call decodes.
        at_once: Tasks under way at once.
    """

    def __init__(self, path: Path, max_tokens: int = 1024, at_once: int = SLOTS) -> None:
        self.path, self.max_tokens, self.at_once = path, max_tokens, at_once
        self._server: Any = None
        self._loaded = False

    def outcomes(self, way: Way, items: Sequence[Item], end: float = math.inf) -> Iterator[tuple[Item, Outcome]]:
        """What a way makes of some tasks, each as it ends; nothing of those that have not ended at `end`.

        Args:
            end: A moment of `time.monotonic`. Runs of vnb are stopped then; calls of the other ways that have begun
                go on, and langgraph makes no further ones.
        """
        if way in WITHOUT_VNB:
            self._serve()
        else:
            self._load()

        def answer(item: Item) -> Outcome | None:
            if time.monotonic() >= end:
                return None
            if way == "raw":
                return self._raw(item)
            if way == "langgraph":
                return plan_and_execute.outcome(self._chat, item.text, end)
            return self._by_vnb(way, item, end)

        with ThreadPoolExecutor(self.at_once) as threads:
            under_way = {threads.submit(answer, item): item for item in items}
            for done in as_completed(under_way):
                outcome = done.result()
                if outcome is not None:
                    yield under_way[done], outcome

    def close(self) -> None:
        self._server = None
        if self._loaded:
            from vnb.api.runtime import runtime

            runtime().unload(str(self.path))
            self._loaded = False

    # ---------------------------------------------------------------- by vnb

    def _load(self) -> None:
        if not self._loaded:
            vnb.load(str(self.path), parallel=SLOTS)
            self._loaded = True

    def _by_vnb(self, way: Way, item: Item, end: float) -> Outcome | None:
        options: dict[str, Any] = {"temperature": 0.0, "max_tokens": self.max_tokens, "reuse": "off", "raw": True}
        begun = time.perf_counter()
        run: Run = vnb.task(item.text, strategy=way, **options, model=str(self.path)).start()
        if not run.settle(min(end - time.monotonic(), threading.TIMEOUT_MAX)):
            run.stop()
            return None
        return {"seconds": time.perf_counter() - begun, **traces.of_run(run)}

    # ---------------------------------------------------------------- without vnb

    def _serve(self) -> None:
        if self._server is not None:
            return
        xlc = import_xllamacpp()
        params = xlc.CommonParams()
        params.model.path, params.n_ctx, params.n_parallel = str(self.path), SLOTS * CONTEXT, SLOTS
        params.kv_unified = True
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = usable_threads()
        params.cache_ram_mib, params.cache_idle_slots, params.fit_params = 0, False, False
        params.port, params.ui, params.verbosity = 0, False, 0
        self._server = xlc.Server(params)
        self._server.handle_completions({"prompt": [0], "max_tokens": 1})  # a server is never dropped before this

    def _chat(self, messages: list[dict[str, str]], **more: Any) -> dict[str, Any]:
        body = {"messages": messages, "temperature": 0.0, "max_tokens": self.max_tokens, **more}
        answer: dict[str, Any] = self._server.handle_chat_completions(body)
        return answer

    def _raw(self, item: Item) -> Outcome:
        begun = time.perf_counter()
        answer = self._chat([{"role": "user", "content": item.text}])
        seconds = time.perf_counter() - begun
        if "choices" not in answer:
            return {"seconds": seconds, "result": "", "status": "failed", "error": str(answer)[:300]}
        said, usage = answer["choices"][0], answer.get("usage", {})
        result = said["message"].get("content") or ""
        return {
            "seconds": seconds,
            "result": result,
            "status": "finished",
            "tokens_in": usage.get("prompt_tokens", 0),
            "tokens_out": usage.get("completion_tokens", 0),
            "faults": traces.faults_of(result, said.get("finish_reason")),
        }


def code() -> str:
    """A digest of vnb's own code, so that results of two states of it are not taken for one."""
    root = Path(vnb.__file__).parent
    found = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        found.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return found.hexdigest()[:12]
