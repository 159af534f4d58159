"""vnb: hand a complex task to a local language model, and see and control how it is carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import VnbError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from .api.plan import WrittenPlan
    from .api.run import Run
    from .api.task import TaskDraft
    from .engines.base import Engine

__version__ = "0.1.0"
__all__ = ["VnbError", "load", "open", "plan", "runs", "task"]


def load(
    spec: str = "tiny", *, ctx: int | None = None, parallel: int | None = None, threads: int | None = None
) -> Engine:
    """Loads a model and makes it the default.

    Args:
        spec: `tiny`, a `.gguf` file, a folder of weights, or `http(s)://…#model`.
        ctx: The most tokens of one request, prompt and output.
        parallel: How many requests decode together.
        threads: Threads to compute with.

    Raises:
        VnbError: It cannot be loaded; `error.hint` says what to do.
    """
    from .api.runtime import runtime

    return runtime().load(spec, ctx=ctx, parallel=parallel, threads=threads)


def task(text: str, **named: Any) -> TaskDraft:
    """A task in plain words, to be run: `vnb.task("Write about {{topic}}", topic="tides").run()`.

    Args:
        text: The task, with `{{name}}` for inputs.
        named: Options (`steps`, `replan`, `parallel`, `budget`, `integrate`, `schema`, `seed`, `temperature`, `model`,
            `plan`, `docs`, …; see `vnb.core.types.Options` and `Sampling`); every other name is an input.

    Raises:
        VnbError: A name in the text is unknown, or an option makes no sense. No model was called.
    """
    from .api.runtime import runtime
    from .api.task import draft

    return draft(runtime(), text, **named)


def plan(text: str) -> WrittenPlan:
    """A plan from its text, a line a step: `s2: Write the history <- s1`.

    Raises:
        PlanError: It is no plan; the error names the line, the unknown need or the cycle.
    """
    from .api.plan import WrittenPlan
    from .api.runtime import runtime
    from .planner.parse import parse_plan

    return WrittenPlan(runtime(), parse_plan(text))


def runs(limit: int = 50, search: str = "") -> Sequence[Run]:
    """The newest runs of the store; with `search`, those whose id, task or model contains it."""
    from .api.run import runs as stored
    from .api.runtime import runtime

    return stored(runtime(), limit, search)


def open(run: str | Path) -> Run:
    """A stored run, or a run from a file: `vnb.open("tides.jsonl")`.

    Args:
        run: The run's id or the beginning of it; or a `.jsonl` file that `run.export` wrote. The file is checked and its
            run stored under its own id. If the store has that run already, it is completed where the file goes on, and
            left as it is where the file does not.

    Raises:
        StoreError: No run has that id, or several do; or the file is damaged or was changed (the first bad event is
            named), is of a newer format, or holds another run of the same id.
        UsageError: The file is an export that holds no events.
    """
    from .api.run import open_run
    from .api.runtime import runtime

    return open_run(runtime(), run)


def load_ipython_extension(ip: InteractiveShell) -> None:
    """`%load_ext vnb`: registers the magics and their completions."""
    from .notebook.extension import load

    load(ip)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """`%unload_ext vnb`: takes them away again. Runs that are under way go on."""
    from .notebook.extension import unload

    unload(ip)
