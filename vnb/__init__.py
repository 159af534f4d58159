"""vnb: hand a complex task to a local language model, and see and control how it is carried."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .errors import VnbError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from .api.bench import Bench
    from .api.evaluation import Evaluation
    from .api.findings import Report
    from .api.plan import WrittenPlan
    from .api.quantized import Quantized
    from .api.questions import Check, Judge, Question
    from .api.run import Run
    from .api.task import TaskDraft
    from .api.ways import Ways
    from .engines.base import Engine
    from .notebook.display import Progress

__version__ = "0.1.0"
__all__ = [
    "VnbError",
    "bench",
    "delete",
    "doctor",
    "evaluate",
    "load",
    "open",
    "plan",
    "prices",
    "quantize",
    "runs",
    "task",
]

prices: dict[str, Sequence[float]] = {}
"""What a million tokens cost, by the engine's spec: prompt, new, and cached prompt tokens if they have a price of their own,
as in `vnb.prices["http://host:8000#model"] = (0.15, 0.60)`. Runs that begin afterwards record what each attempt cost."""


def load(
    spec: str = "tiny",
    *,
    ctx: int | None = None,
    parallel: int | None = None,
    threads: int | None = None,
    max_batch: int | None = None,
    timeout: float | None = None,
    kv: str | None = None,
    gpu_split: str | Sequence[float] | None = None,
    tp: bool | None = None,
    draft: str | None = None,
    lora: str | Sequence[str] | None = None,
    reserve: float | None = None,
) -> Engine:
    """Loads a model and makes it the default. What is not given is the engine's choice.

    Args:
        spec: `tiny`, a `.gguf` file, a folder of weights, or `http(s)://…#model`.
        ctx: The most tokens of one request, prompt and output.
        parallel: How many requests decode together; on a GPU, how many of full length the KV cache holds.
        threads: Threads to compute with, on a CPU.
        max_batch: The most requests at once: to a server, or on a GPU, where their pages fit.
        timeout: Seconds that a server may stay silent. All that follow are for folders of weights, on a GPU.
        kv: Type of the KV cache: `fp16`, `q8`, `q6` or `q4`.
        gpu_split: `auto`, or GB of weights for each GPU.
        tp: Tensor-parallel over all GPUs; needs flash-attn.
        draft: A folder with a small model of the same vocabulary, or `ngram`: tokens are drafted ahead.
        lora: Folders of LoRAs.
        reserve: GB of each GPU that stay free.

    Raises:
        VnbError: It cannot be loaded; `error.hint` says what to do.
    """
    from .api.runtime import runtime

    gpu: dict[str, Any] = {
        "kv": kv,
        "gpu_split": gpu_split,
        "tp": tp,
        "draft": draft,
        "lora": lora,
    }
    served: dict[str, Any] = {"max_batch": max_batch, "timeout": timeout}
    return runtime().load(spec, ctx=ctx, parallel=parallel, threads=threads, reserve=reserve, **served, **gpu)


def quantize(
    source: str, out: str, *, bpw: float = 4.0, head_bits: int = 6, on_progress: Callable[[str], None] | None = None
) -> Quantized:
    """Makes EXL2 weights of a 16-bit checkpoint, on a GPU: minutes to hours. The same call goes on where one ended.

    Args:
        source: A folder of 16-bit safetensors.
        out: The folder to make.
        bpw: Bits per weight on average, from 2 to 8.
        head_bits: Bits per weight of the last layer.
        on_progress: Is told what is being done.

    Returns:
        Where the weights lie; its `plot()` shows how many bits each layer was given.

    Raises:
        VnbError: It cannot be done here, or the converter failed; `error.hint` says what to do.
    """
    from .api.quantized import quantize as convert

    return convert(source, out, bpw=bpw, head_bits=head_bits, on_progress=on_progress)


def bench(spec: str = "", *, prompt: int = 256, new: int = 64, rounds: int = 3) -> Bench:
    """Measures a model: tokens per second at 1, 4 and 8 requests at once, time to the first token, load time, memory.

    The prompts are random words that no cache has seen; the answers are drawn at random, so that they have their full
    length. Batch sizes for which the model has too few slots are left out.

    Args:
        spec: The model, as for `load`; by default the one that was loaded last.
        prompt: Tokens of a prompt.
        new: Tokens of an answer.
        rounds: How often everything is measured; the result has the medians.

    Raises:
        VnbError: It cannot be loaded, or a run is under way, which would be measured too.
    """
    from .api.bench import bench as measured
    from .api.runtime import runtime

    return measured(runtime(), spec, prompt=prompt, new=new, rounds=rounds)


def doctor() -> Report:
    """Looks at Python, Jupyter, the engines, the store, memory and disk; the result prints, and says what mends what.

    Nothing is changed, loaded or asked for elsewhere. The same in a terminal: `vnb doctor`.
    """
    from .api.doctor import doctor as looked

    return looked()


def evaluate(
    tasks: str | Path | Iterable[Mapping[str, Any] | Question],
    *,
    ways: Ways = ("planned", "direct", "self-consistency"),
    check: Check | Judge | None = None,
    samples: int = 5,
    model: str = "",
    at_once: int = 1,
    on_progress: Callable[[str], None] | None = None,
    **options: Any,
) -> Evaluation:
    """Compares ways of answering on tasks with known answers: accuracy, and what a solved task takes.

    Every answer is a run in the store. An evaluation that was stopped or killed goes on where it was when it is called
    again, and what was answered before is not asked again; with other options or another `seed` it is.

    Args:
        tasks: A JSONL file, or objects, with `task` and `answer` each; further fields are those of
            `vnb.api.questions.Question`: `id`, `check`, `group`, `inputs`.
        ways: `planned` (as `vnb.task` does it), `direct` (one call for the whole task), `self-consistency` (the vote of
            several such calls), and the strategies `auto`, `plan`, `outline`, `code`, `map`, `vote`; or options by a name of
            your own, among them `strategy` and `model`, and `calls` for the number of calls:
            `{"planned": {}, "code by a small one": {"strategy": "code", "model": "./small.gguf"}, "direct": {"calls": 1}}`.
        check: How answers are compared, for all tasks: `exact`, `text`, `number`, `regex`; or a function that is given
            the answer and the question, and says whether it is right.
        samples: The calls of `self-consistency`, and the answers of `vote`.
        model: The spec of the model of all ways that name none; by default the one that was loaded last.
        at_once: Runs under way at once. With more than one, the seconds are those of an engine that is shared.
        on_progress: Is told how far it is; in notebooks a line is shown unless it is given.
        options: Those of `vnb.task`, for all ways.

    Raises:
        VnbError: A task or an option makes no sense (no model was called), or the engine answers nothing any more.
        KeyboardInterrupt: It was stopped; what was answered is kept.
    """
    from .api.evaluate import evaluate as evaluated
    from .api.runtime import runtime

    progress = None if on_progress is not None else _progress()
    found = evaluated(
        runtime(),
        tasks,
        ways=ways,
        check=check,
        samples=samples,
        model=model,
        at_once=at_once,
        on_progress=progress.say if progress is not None else on_progress,
        **options,
    )
    if progress is not None:
        progress.end(f"{len(found.answers)} answers")
    return found


def _progress() -> Progress | None:
    """A line of the cell that is being executed, where IPython runs."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    from .notebook.display import Progress

    return Progress(shell)


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
    from .api.opening import runs as stored
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
    from .api.opening import open_run
    from .api.runtime import runtime

    return open_run(runtime(), run)


def delete(run: str) -> None:
    """Deletes a run from the store, for good, with the texts that no other run names.

    Args:
        run: The run's id or the beginning of it.

    Raises:
        StoreError: No run has that id, or several do; or it is under way, or has forks, which share its events.
    """
    from .api.opening import stored_run
    from .api.runtime import runtime

    stored_run(runtime(), run).delete()


def load_ipython_extension(ip: InteractiveShell) -> None:
    """`%load_ext vnb`: registers the magics and their completions."""
    from .notebook.extension import load

    load(ip)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """`%unload_ext vnb`: takes them away again. Runs that are under way go on."""
    from .notebook.extension import unload

    unload(ip)
