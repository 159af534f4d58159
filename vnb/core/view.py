"""What a run looks like at one moment: the fold of its events. Mutated by `vnb.core.fold.Fold` alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from .events import CommandAccepted, CommandRejected, ContextRef, PlanRevised
from .types import (
    Admission,
    AttemptStatus,
    Brief,
    Constraint,
    KVCacheUsage,
    Plan,
    Program,
    RunStatus,
    Sampling,
    Step,
    StepStatus,
    StopReason,
    Strategy,
    Task,
    Token,
    Usage,
    Verdict,
)

ACTIVE: frozenset[AttemptStatus] = frozenset({"queued", "prefilling", "decoding"})
"""Attempts that have not ended."""


@dataclass
class AttemptView:
    """One attempt of one step. Times are seconds since the epoch, 0 where the moment has not come.

    Attributes:
        thought: So many of the first tokens are reasoning.
        warnings: What is wrong with its output though it finished.
        verdicts: The demands of the task that its output was checked for.
        program: What a code step wrote and what came of it: its result is the output, not the text that was decoded.
    """

    number: int
    status: AttemptStatus = "queued"
    context: ContextRef | None = None
    prompt: str = ""
    sampling: Sampling = Sampling()
    constraint: Constraint | None = None
    engine: str = ""
    spec: str = ""
    key: str = ""
    prefill_done: int = 0
    prefill_total: int = 0
    admission: Admission | None = None
    tokens: list[Token] = field(default_factory=list)
    thought: int = 0
    usage: Usage = Usage()
    output: str = ""
    reason: StopReason | None = None
    warnings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    program: Program | None = None
    error: str = ""
    hint: str = ""
    source: str = ""
    queued_at: float = 0.0
    started_at: float = 0.0
    prefilled_at: float = 0.0
    ended_at: float = 0.0

    @property
    def text(self) -> str:
        """The answer as far as it was decoded. A reused attempt decoded nothing: its text lies in the blob `output`."""
        return "".join(token.text for token in self.tokens[self.thought :])

    @property
    def reasoning(self) -> str:
        """What the model reasoned before it answered."""
        return "".join(token.text for token in self.tokens[: self.thought])

    @property
    def last_heard(self) -> float:
        """When the last that is known of it happened."""
        decoded = self.started_at + self.tokens[-1].dt if self.tokens else 0.0
        return max(self.queued_at, self.started_at, self.prefilled_at, decoded)

    @property
    def active(self) -> bool:
        return self.status in ACTIVE


@dataclass
class StepView:
    """One step with its attempts; `chosen` is the number of the attempt that counts, 0 if none does.

    `note` says why the step was skipped, cancelled or superseded; `stale` says why it is stale, empty if it is not.
    """

    step: Step
    status: StepStatus = "waiting"
    attempts: list[AttemptView] = field(default_factory=list)
    chosen: int = 0
    stale: str = ""
    note: str = ""
    edited: bool = False

    @property
    def attempt(self) -> AttemptView | None:
        """The chosen attempt, or else the last one."""
        if self.chosen:
            return self.attempts[self.chosen - 1]
        return self.attempts[-1] if self.attempts else None

    @property
    def output(self) -> str:
        """Digest of the chosen attempt's output; empty if none was chosen."""
        return self.attempts[self.chosen - 1].output if self.chosen else ""


@dataclass
class RunView:
    """A run after its first `seq` events.

    `steps` keeps the order in which they were announced, and those of the plan its order; `given` is the plan that was
    written by hand, if one was; `deliver` names the steps whose results make the deliverable (`Plan.deliver`).
    `strategy` is how the task is done, once that is known, and `why` it was chosen, if vnb chose it.
    """

    run_id: str = ""
    seq: int = 0
    status: RunStatus = "running"
    task: Task = Task("", "")
    engine: str = ""
    vnb: str = ""
    brief: Brief | None = None
    strategy: Strategy | None = None
    why: str = ""
    steps: dict[str, StepView] = field(default_factory=dict)
    given: tuple[Step, ...] = ()
    deliver: tuple[str, ...] = ()
    planned: bool = False
    approved: bool = False
    revisions: list[PlanRevised] = field(default_factory=list)
    commands: list[CommandAccepted | CommandRejected] = field(default_factory=list)
    kv: list[tuple[float, KVCacheUsage]] = field(default_factory=list)
    output: str = ""
    reason: str = ""
    error: str = ""
    hint: str = ""
    parent: str = ""
    parent_seq: int = 0
    started_at: float = 0.0
    ended_at: float = 0.0

    @property
    def plan(self) -> tuple[Step, ...]:
        """The steps of the plan as it is now: no reserved ones, none that were superseded."""
        return tuple(
            view.step for view in list(self.steps.values()) if view.step.role == "work" and view.status != "superseded"
        )

    @property
    def whole_plan(self) -> Plan:
        """The plan as it is now, with what it delivers."""
        return Plan(self.plan, self.deliver)

    @property
    def warnings(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the outputs that count, as (step, warning): a run with any is not plainly finished."""
        return tuple(
            (step.step.id, warning)
            for step in list(self.steps.values())
            if step.chosen and step.status != "superseded"
            for warning in step.attempts[step.chosen - 1].warnings
        )
