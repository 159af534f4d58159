"""From what the user types to a loaded engine. Engines are imported when one is asked for, not before."""

from __future__ import annotations

import asyncio
import difflib
import importlib
from collections.abc import Callable
from pathlib import Path

from ..errors import EngineError
from .base import Engine

Progress = Callable[[str], None]
"""Is told, in a few words, what loading is doing now. It may be called from another thread."""

FORMS = "Give `tiny`, a `.gguf` file, a folder of weights, or `http(s)://…#model`."


async def load_engine(
    spec: str,
    *,
    ctx: int | None = None,
    parallel: int | None = None,
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> Engine:
    """Loads the engine that `spec` names.

    Args:
        spec: `tiny`, a `.gguf` file, a folder of weights, or `http(s)://…#model`.
        ctx: The most tokens of one request; by default what the model was trained for, at most 4096.
        parallel: How many requests decode together.
        threads: Threads to compute with; by default what this process may use.
        on_progress: Is told what loading is doing.

    Raises:
        EngineError: Nothing can be loaded from `spec`; the hint says what to type instead.
    """
    spec = spec.strip()
    for name, value in (("ctx", ctx), ("parallel", parallel), ("threads", threads)):
        if value is not None and value < 1:
            raise EngineError(f"--{name} must be at least 1, not {value}.", f"%vmodel {spec} --{name} 4")
    if spec.startswith(("http://", "https://")):
        raise EngineError(
            f"{spec} is a server, and this build has no `openai` engine.",
            "%vmodel tiny    or, once it is there: pip install 'vnb[openai]'",
        )
    path = await asyncio.to_thread(_tiny) if spec == "tiny" else _find(spec)
    if path.is_dir():
        raise EngineError(
            f"{spec} is a folder of weights, and this build has no `exllamav2` engine to run it.",
            _files_in(path) or "%vmodel tiny    or, once it is there: pip install 'vnb[exllamav2]'",
        )
    from .llamacpp import LlamaCppEngine

    return await LlamaCppEngine.load(
        path, spec=spec, ctx=ctx, parallel=parallel, threads=threads, on_progress=on_progress
    )


def _tiny() -> Path:
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


def _files_in(folder: Path) -> str:
    found = sorted(folder.glob("*.gguf"))
    return f"%vmodel {found[0].as_posix()}" if found else ""
