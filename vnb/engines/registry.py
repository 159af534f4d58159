"""From what the user types to a loaded engine. Engines are imported when one is asked for, not before."""

from __future__ import annotations

import asyncio
import difflib
import functools
import importlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ..errors import EngineError, UsageError
from .base import Engine

Progress = Callable[[str], None]
"""Is told, in a few words, what loading is doing now. It may be called from another thread."""

FORMS = "Give `tiny`, a `.gguf` file, a folder of weights, or `http(s)://…#model`."


# What each engine's own `--options` are called, as keywords.
LLAMACPP = ("ctx", "parallel", "threads")
OPENAI = ("ctx", "max_batch", "timeout")
EXLLAMAV2 = ("ctx", "parallel", "max_batch", "kv", "gpu_split", "tp", "draft", "lora", "reserve")


async def load_engine(spec: str, *, on_progress: Progress | None = None, **options: Any) -> Engine:
    """Loads the engine that `spec` names: `choose_engine`, then its loader.

    Args:
        on_progress: Is told what loading is doing.
    """
    return await (await choose_engine(spec, **options))(on_progress=on_progress)


async def choose_engine(spec: str, **options: Any) -> Callable[..., Awaitable[Engine]]:
    """What loads the engine that `spec` names, once all that can be known before has been checked.

    Args:
        spec: `tiny`, a `.gguf` file, a folder of weights, or `http(s)://…#model`.
        options: `ctx`, `parallel` and the engine's own ones; `None` is the engine's choice. See `vnb.load`.

    Raises:
        UsageError: The engine has no such option, or the value makes no sense.
        EngineError: Nothing can be loaded from `spec`; the hint says what to type instead.
    """
    spec = spec.strip()
    said = {name: value for name, value in options.items() if value is not None}
    address = None
    if spec.startswith(("http://", "https://")):
        from .openai import OpenAIEngine, read_address

        address = read_address(spec)  # first of all: other errors repeat the spec
    for name in ("ctx", "parallel", "threads", "max_batch", "timeout"):
        if said.get(name, 1) < 1:
            raise EngineError(
                f"{_typed(name)} must be at least 1, not {said[name]}.", f"%vmodel {spec} {_typed(name)} 4"
            )
    if address is not None:
        _check(spec, "a server", said, OPENAI)
        return functools.partial(OpenAIEngine.load, address, **said)
    path = await asyncio.to_thread(tiny_file) if spec == "tiny" else _find(spec)
    if path.is_dir():
        from . import exllamav2

        _check(spec, "ExLlamaV2", said, EXLLAMAV2)
        chosen = exllamav2.Options.of(**said)
        return functools.partial(exllamav2.ExLlamaV2Engine.load, path, chosen, spec=spec)
    from .llamacpp import LlamaCppEngine

    _check(spec, "llama.cpp", said, LLAMACPP)
    return functools.partial(LlamaCppEngine.load, path, spec=spec, **said)


def _check(spec: str, engine: str, said: Iterable[str], known: Sequence[str]) -> None:
    for name in said:
        if name not in known:
            raise UsageError(
                f"{spec} runs on {engine}, which has no {_typed(name)}.", f"It has {', '.join(map(_typed, known))}."
            )


def _typed(name: str) -> str:
    return "--" + name.replace("_", "-")


def tiny_file() -> Path:
    """The file of vnb-tiny.

    Raises:
        EngineError: It is missing or damaged.
    """
    from .weights import file_digest

    models = importlib.import_module("vnb.models")
    path = Path(models.TINY)
    if not path.is_file():
        raise EngineError(
            f"The model that comes with vnb is missing: {path}",
            "pip install --force-reinstall vnb    or use your own: %vmodel ./model.gguf",
        )
    if models.TINY_DIGEST and file_digest(path) != models.TINY_DIGEST:
        raise EngineError(f"The model that comes with vnb is damaged: {path}", "pip install --force-reinstall vnb")
    return path


def _find(spec: str) -> Path:
    if not spec:
        raise EngineError("No model was named.", FORMS)
    path = Path(spec).expanduser()
    if path.exists():
        return path
    folder = path.parent
    if not folder.is_dir():
        raise EngineError(f"There is no folder {folder}, so no model {spec}.", FORMS)
    names = sorted(p.name for p in folder.iterdir() if p.is_dir() or p.suffix == ".gguf")
    close = difflib.get_close_matches(path.name, [*names, *(["tiny"] if len(path.parts) == 1 else [])], n=3, cutoff=0.5)
    if not close:
        raise EngineError(f"There is no model {spec}.", FORMS)
    where = "" if len(path.parts) == 1 else f"{folder}/"
    first = close[0] if close[0] == "tiny" and close[0] not in names else f"{where or './'}{close[0]}"
    raise EngineError(f"There is no model {spec}; close to it: {', '.join(close)}.", f"%vmodel {first}")
