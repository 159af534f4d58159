"""Ways of answering compared on tasks with known answers: by vnb's strategies, one direct call, the vote of several calls.

Each task answered in one way is a run in the store, and the run's id is the digest of all that decides it: an evaluation
that was stopped or killed goes on where it was, and what has been answered once is never asked again.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from ..core import metrics
from ..core.codec import encode
from ..core.digest import digest
from ..core.scores import Answered
from ..core.types import Plan, Step
from ..engines.base import EngineInfo
from ..errors import RunError, UsageError
from ..planner import prompts
from .evaluation import Evaluation
from .live import LiveRun
from .loop import POLL
from .questions import Check, Judge, Question, is_right, read, voted
from .run import Run
from .runtime import Runtime
from .task import TaskDraft, draft
from .ways import DEFAULT, Ways, read_ways

BARE: Mapping[str, Any] = {"retries": 0, "integrate": "concat"}
"""Options of the runs whose calls answer the whole task: there are no more calls than that, unless a way says so."""

BROKEN = 3
"""So many runs of one model in a row without a single token mean that the engine is at fault, not the answers."""

INTERVAL = 1.0
"""Seconds between two reports of how far it is, at least."""


@dataclass(frozen=True)
class Cell:
    """One task to be answered in one way, the id of the run that does it, and the name of its model."""

    question: Question
    way: str
    draft: TaskDraft
    run_id: str
    model: str


def evaluate(
    runtime: Runtime,
    tasks: str | Path | Iterable[Mapping[str, Any] | Question],
    *,
    ways: Ways = tuple(DEFAULT),
    check: Check | Judge | None = None,
    samples: int = 5,
    model: str = "",
    at_once: int = 1,
    on_progress: Callable[[str], None] | None = None,
    **options: Any,
) -> Evaluation:
    """Answers every task in every way; `vnb.evaluate` says how.

    Raises:
        UsageError: A task, a way or an option makes no sense; no model was called.
        EngineError: The model cannot be loaded.
        RunError: The engine answers nothing any more; `error.run` is the last run.
        StoreError: The store failed, or another process carries one of the runs.
        KeyboardInterrupt: It was stopped; what was answered is kept.
    """
    if at_once < 1:
        raise UsageError(f"at_once must be at least 1, not {at_once}.", "at_once=1")
    if isinstance(check, str) and check not in get_args(Check):
        raise UsageError(f"check must be one of {', '.join(get_args(Check))}, or a function.", 'check="number"')
    questions = read(tasks)
    if isinstance(check, str):
        questions = read(replace(question, check=check) for question in questions)
    told = read_ways(ways, samples, options)
    infos = {way: _info(runtime, str(said.get("model") or model)) for way, said in told.items()}
    names = _model_names(infos.values())
    cells = []
    for place, question in enumerate(questions):
        turn = place % len(told)  # who comes second finds the task in the KV cache: each way is first as often
        for way in [*told, *told][turn : turn + len(told)]:
            made = _draft(runtime, question, told[way], prompts.PROFILES[infos[way].profile], model)
            fingerprint = infos[way].fingerprint
            cells.append(Cell(question, way, made, _run_id(made, fingerprint), names[fingerprint]))
    answers = _Carrying(runtime, cells, check if callable(check) else is_right, at_once, on_progress).run()
    order = {cell: place for place, cell in enumerate((one.id, way) for one in questions for way in told)}
    found = sorted(answers, key=lambda one: order[one.task, one.way])
    return Evaluation(runtime, ", ".join(names.values()), questions, tuple(told), tuple(found))


def _info(runtime: Runtime, spec: str) -> EngineInfo:
    return runtime.loop.call(runtime.engine(spec)).info


def _model_names(infos: Iterable[EngineInfo]) -> dict[str, str]:
    """What each model is called, by its fingerprint; those with the same name, such as two quantizations, with their spec."""
    models = {info.fingerprint: info for info in infos}
    counted = Counter(info.name for info in models.values())
    return {
        fingerprint: info.name if counted[info.name] == 1 else f"{info.name} ({info.spec})"
        for fingerprint, info in models.items()
    }


def _draft(
    runtime: Runtime, question: Question, said: Mapping[str, Any], profile: prompts.Profile, model: str
) -> TaskDraft:
    """The task with its options, as a run of its own; calls that answer it whole ask it as its user would."""
    options = {key: value for key, value in said.items() if key not in ("calls", "model")}
    if said.get("calls"):
        options = {**BARE, **options}
    made = draft(
        runtime,
        question.task,
        inputs=question.inputs,
        raw=not question.inputs,
        model=said.get("model") or model,
        reuse="refresh",  # an answer that was stored before would cost nothing
        **options,
    )
    if said.get("calls"):
        whole = profile.instruction("work") if profile.name == "compact" else made.task.text
        made.given = Plan(tuple(Step(f"s{number}", whole) for number in range(1, said["calls"] + 1)))
    return made


def _run_id(made: TaskDraft, fingerprint: str) -> str:
    steps = encode(made.given.steps) if made.given is not None else None
    return digest(["evaluation", encode(made.task), steps, fingerprint, prompts.VERSION])[:16]


class _Carrying:
    """Carries the runs that are missing, and judges all."""

    def __init__(
        self,
        runtime: Runtime,
        cells: Sequence[Cell],
        judge: Judge,
        at_once: int,
        on_progress: Callable[[str], None] | None,
    ) -> None:
        self._runtime, self._judge, self._at_once = runtime, judge, at_once
        self._runs: dict[str, list[Cell]] = {}  # ways with the same options share their runs
        for cell in cells:
            self._runs.setdefault(cell.run_id, []).append(cell)
        self._count = len(cells)
        self._tell = on_progress or (lambda words: None)
        self._answers: list[Answered] = []
        self._silent: Counter[str] = Counter()
        self._told_at = -INTERVAL

    def run(self) -> list[Answered]:
        waiting = deque(self._runs)
        running: dict[Future[None], LiveRun] = {}
        with self._stopping(running):
            while waiting or running:
                while waiting and len(running) < self._at_once:
                    run_id = waiting.popleft()
                    live = self._start(self._runs[run_id][0])
                    if live is None:
                        self._take(run_id)
                    else:
                        running[live.future] = live
                ended = wait(running, POLL, FIRST_COMPLETED).done if running else ()
                for future in ended:
                    future.result()
                    run_id = running.pop(future).log.run_id
                    self._refuse_silence(run_id)
                    self._take(run_id)
        return self._answers

    def _start(self, cell: Cell) -> LiveRun | None:
        """Starts the cell's run, or takes it up where it stands; `None` if it has ended."""
        store = self._runtime.store
        if not store.has_run(cell.run_id):
            return self._runtime.start(cell.draft.task, cell.draft.given, cell.draft.model, run_id=cell.run_id)
        run = Run(self._runtime, cell.run_id)
        if run.status == "finished" or (run.status == "failed" and _new_tokens(run)):
            return None
        return run.taken_up()

    def _refuse_silence(self, run_id: str) -> None:
        run, model = Run(self._runtime, run_id), self._runs[run_id][0].model
        self._silent[model] = self._silent[model] + 1 if run.status == "failed" and not _new_tokens(run) else 0
        if self._silent[model] == BROKEN:
            raise RunError(f"{BROKEN} runs in a row got no answer: {run.view.error}", run.view.hint, run=run)

    def _take(self, run_id: str) -> None:
        """Judges what a run answered."""
        for cell in self._runs[run_id]:
            self._answers.append(self._answered(cell))
            self._say_how_far()

    def _answered(self, cell: Cell) -> Answered:
        run = Run(self._runtime, cell.run_id)
        if cell.draft.given is None:
            given = run.result or ""
        else:
            outputs = [step.output or "" for step in run if step.step.role == "work" and step.status == "finished"]
            given = voted(outputs, cell.question.check)
        attempts = [attempt.view for step in run for attempt in step.attempts]
        used = metrics.summed(attempt.usage for attempt in attempts)
        return Answered(
            cell.question.id,
            cell.question.group,
            cell.way,
            cell.run_id,
            given,
            bool(self._judge(given, cell.question)),
            failed=run.status != "finished",
            prompt_tokens=used.prompt_tokens,
            cached_tokens=used.cached_tokens,
            new_tokens=used.new_tokens,
            seconds=metrics.busy(attempts),
            joules=used.joules,
            price=used.price,
            model=cell.model,
        )

    def _say_how_far(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= INTERVAL or len(self._answers) == self._count:
            self._told_at = now
            said = []
            for way in dict.fromkeys(one.way for one in self._answers):
                own = [one.right for one in self._answers if one.way == way]
                said.append(f"{way} {sum(own)} of {len(own)}")
            self._tell(f"{len(self._answers)} of {self._count} answers; right: {', '.join(said)}")

    @contextlib.contextmanager
    def _stopping(self, running: Mapping[Future[None], LiveRun]) -> Iterator[None]:
        """Stops what is under way if anything goes wrong; an interrupt says how to go on."""
        try:
            yield
        except BaseException as error:
            for live in running.values():
                live.stop()
            for live in running.values():
                live.settle(1.0)
            if not isinstance(error, KeyboardInterrupt):
                raise
            said = f"The evaluation was stopped after {len(self._answers)} of {self._count} answers."
            raise _interrupted(said, "They are kept: the same call goes on from there.") from None


def _interrupted(said: str, hint: str) -> KeyboardInterrupt:
    """What ends the cell, and Run All with it, in two lines instead of a traceback."""
    error = KeyboardInterrupt(f"{said} {hint}")
    error._render_traceback_ = lambda: [f"KeyboardInterrupt: {said}", hint]  # type: ignore[attr-defined]
    return error


def _new_tokens(run: Run) -> int:
    return sum(len(attempt.view.tokens) for step in run for attempt in step.attempts)
