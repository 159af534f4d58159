"""What a front end asks of the store and of the models in this kernel. Each question is also something to type."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from ..api.opening import stored_run
from ..api.runtime import runtime
from ..core.codec import decode
from ..core.types import Json
from ..errors import EngineError, UsageError, listed
from ..views.bundle import document
from . import listing

MOST = 1000
"""The most runs of one answer."""


class _Question(Protocol):
    def answer(self) -> Json: ...


@dataclass(frozen=True)
class Runs:
    """`%vruns SEARCH -n LIMIT`: the newest runs as `vnb.store.listing.RunRow`s, and whether there are more."""

    search: str = ""
    limit: int = 50

    def answer(self) -> Json:
        limit = min(max(self.limit, 1), MOST)
        rows: list[Json] = [asdict(row) for row in runtime().store.runs(limit + 1, self.search)]
        return {"rows": rows[:limit], "more": len(rows) > limit}


@dataclass(frozen=True)
class Open:
    """`%vopen RUN`: the run as `vnb.views.bundle.document` has it."""

    run: str

    def answer(self) -> Json:
        run = stored_run(runtime(), self.run)
        return document(run.shown(), run.blob, time.time())


@dataclass(frozen=True)
class Export:
    """`%vexport RUN PATH`: the path of the file that was written."""

    run: str
    path: str
    force: bool = False

    def answer(self) -> Json:
        return str(stored_run(runtime(), self.run).export(self.path, force=self.force))


@dataclass(frozen=True)
class Delete:
    """`%vruns --delete RUN`: the id of the run that is gone."""

    run: str

    def answer(self) -> Json:
        run = stored_run(runtime(), self.run)
        run.delete()
        return run.id


@dataclass(frozen=True)
class Models:
    """`%vmodel`: the loaded models with their KV caches, the specs of those known beside, and this process's memory."""

    def answer(self) -> Json:
        found = runtime()

        async def loaded() -> list[Json]:  # on the loop: the engines are spoken to nowhere else
            return [_model(spec) for spec in [*found.engines]]

        models = found.loop.call(loaded()) if found.engines else []
        known: list[Json] = [spec for spec in listing.known_specs(Path.cwd()) if spec not in found.engines]
        return {"loaded": models, "known": known, "memory": _memory(), "gpus": _gpus()}


@dataclass(frozen=True)
class Unload:
    """`%vmodel unload SPEC`: the specs that were unloaded. Refused while a run is under way, which may need it."""

    spec: str

    def answer(self) -> Json:
        if runtime().busy:
            raise EngineError(
                "A run is under way.", f"Wait for its end, or unload it all the same: %vmodel unload {self.spec}"
            )
        return [*runtime().unload(self.spec)]


QUESTIONS: Mapping[str, type[_Question]] = {
    "runs": Runs,
    "open": Open,
    "export": Export,
    "delete": Delete,
    "models": Models,
    "unload": Unload,
}


def answer(name: str, args: Mapping[str, Json]) -> Json:
    """Answers one question, from any thread but vnb's own loop.

    Args:
        name: A name of `QUESTIONS`.
        args: The fields of that question.

    Raises:
        VnbError: There is no such question, or it is refused; `error.hint` says what to do.
    """
    kind = QUESTIONS.get(name)
    if kind is None:
        raise UsageError(f"There is no command {name!r}.", f"There are {listed(QUESTIONS)}; else: pip install -U vnb")
    return cast("_Question", decode(cast("type[Any]", kind), dict(args))).answer()


def _model(spec: str) -> Json:
    found = runtime()
    info, usage = found.engines[spec].info, found.engines[spec].kv_usage()
    return {
        "spec": spec,
        "name": info.name,
        "default": spec == found.default,
        "context": info.context_length,
        "slots": info.slots,
        "details": [[*detail] for detail in info.details],
        "kv": asdict(usage) if usage is not None else None,
    }


def _memory() -> int:
    """Bytes that this process has in memory, the embedded engine's weights and caches among them."""
    import psutil  # type: ignore[import-untyped]  # which ipykernel brings

    return int(psutil.Process().memory_info().rss)


def _gpus() -> list[Json]:
    """What this process holds of each GPU's memory, in bytes; nothing where no engine brought torch."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return []
    return [
        {
            "name": torch.cuda.get_device_name(number),
            "used": torch.cuda.memory_reserved(number),
            "total": torch.cuda.get_device_properties(number).total_memory,
        }
        for number in range(torch.cuda.device_count())
    ]


class StorePanel:
    """The side panel: questions and answers, and nothing that comes by itself."""

    def answer(self, name: str, said: dict[str, Any]) -> Json:
        """See `answer`."""
        return answer(name, said)

    def here(self) -> Json:
        """Nothing: what there is to know is asked for."""
        return None

    def close(self) -> None:
        """Nothing is held."""
