"""The events of a run. A run *is* its events; everything that is shown is a fold of them (`vnb.core.fold`).

Begin and end are two events, nothing is changed after it was appended, and an event that cannot be folded is refused.
Every body after planning that is about a step names the step and, where there is one, the attempt (counted from 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Union

from .types import (
    Admission,
    Brief,
    Change,
    Constraint,
    KVCacheUsage,
    Omitted,
    PartKind,
    Program,
    Sampling,
    Step,
    StopReason,
    Strategy,
    Task,
    Token,
    Usage,
    Verdict,
)


@dataclass(frozen=True)
class PartRef:
    """A context part whose text lies in the blob `digest`; `whole` is that of its text before trimming, if it was cut."""

    kind: PartKind
    source: str
    digest: str
    tokens: int
    full_tokens: int
    media: str = ""
    whole: str = ""


@dataclass(frozen=True)
class ContextRef:
    """A context with its texts by digest: `digest` is the whole context's, the parts' are those of their blobs."""

    parts: tuple[PartRef, ...]
    budget: int
    tokens: int
    digest: str
    omitted: tuple[Omitted, ...] = ()


@dataclass(frozen=True)
class RunStarted:
    """A run began: by vnb version `vnb`, on the engine of spec `engine`, along `plan` if one was given by hand.

    Attributes:
        deliver: What that plan delivers (`Plan.deliver`).
    """

    task: Task
    vnb: str
    engine: str = ""
    plan: tuple[Step, ...] = ()
    deliver: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunForked:
    """This run shares its parent's events up to and including `parent_seq`; its own go on from there."""

    parent: str
    parent_seq: int


@dataclass(frozen=True)
class RunResumed:
    reason: str = ""


@dataclass(frozen=True)
class RunPaused:
    reason: str


@dataclass(frozen=True)
class BriefMade:
    brief: Brief


@dataclass(frozen=True)
class StrategyChosen:
    """How the task is done from now on, where the options leave that open, and why."""

    strategy: Strategy
    reason: str


@dataclass(frozen=True)
class StepPlanned:
    """A step was announced: one of the plan, or a reserved one (understand, plan, review.N, integrate)."""

    step: Step


@dataclass(frozen=True)
class PlanFinished:
    """The plan is these steps, in this order; `deliver` names those whose results make the deliverable."""

    steps: tuple[str, ...]
    deliver: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanApproved:
    pass


@dataclass(frozen=True)
class PlanRevised:
    """The plan changed; `deliver` is what it delivers from now on, `None` if that is as it was."""

    reason: str
    changes: tuple[Change, ...]
    deliver: tuple[str, ...] | None = None


@dataclass(frozen=True)
class StepSuperseded:
    """The step is no longer part of the plan; what it did stays visible."""

    step: str
    reason: str


@dataclass(frozen=True)
class StepEdited:
    """The step's words or settings were changed by hand."""

    step: Step


@dataclass(frozen=True)
class StepQueued:
    step: str
    attempt: int


@dataclass(frozen=True)
class StepStarted:
    """The attempt was sent to the engine.

    Attributes:
        prompt: Digest of the blob with the prompt (text, token ids, spans); empty where no model is called.
        engine: Fingerprint of the engine; `spec` is what it was loaded from, as a user would type it.
        key: Digest of (context, engine, sampling, constraint).
    """

    step: str
    attempt: int
    context: ContextRef
    prompt: str
    sampling: Sampling
    constraint: Constraint | None
    engine: str
    key: str
    spec: str = ""


@dataclass(frozen=True)
class StepPrefilling:
    step: str
    attempt: int
    done: int
    total: int


@dataclass(frozen=True)
class StepPrefilled:
    step: str
    attempt: int
    prompt_tokens: int
    cached_tokens: int
    t_queue: float
    t_prefill: float
    admission: Admission | None = None


@dataclass(frozen=True)
class StepDecoded:
    """More tokens. The first `thought` tokens of the attempt are reasoning, as far as is known now; no part of its output."""

    step: str
    attempt: int
    tokens: tuple[Token, ...]
    thought: int = 0


@dataclass(frozen=True)
class StepExecuted:
    """The program that the attempt wrote was run."""

    step: str
    attempt: int
    program: Program


@dataclass(frozen=True)
class StepFinished:
    """The attempt ended well; its text lies in the blob `output`.

    Attributes:
        warnings: What is wrong with the output all the same: it was cut, is empty, or misses a demand of the task.
        verdicts: The demands that were checked.
    """

    step: str
    attempt: int
    output: str
    reason: StopReason
    usage: Usage
    warnings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class StepReused:
    """A stored output of the same key was taken; no model was called. `source` is `run_id:step#attempt`."""

    step: str
    attempt: int
    context: ContextRef
    prompt: str
    sampling: Sampling
    constraint: Constraint | None
    engine: str
    key: str
    output: str
    source: str
    spec: str = ""
    reason: StopReason = "stop"
    warnings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class StepFailed:
    """The attempt failed, or its output decoded but did not validate (then `output` holds it).

    Attributes:
        reason: Why decoding ended, where that is why it failed: `repeats`.
    """

    step: str
    attempt: int
    error: str
    hint: str = ""
    output: str = ""
    usage: Usage = Usage()
    reason: StopReason | None = None


@dataclass(frozen=True)
class StepSkipped:
    step: str
    reason: str


@dataclass(frozen=True)
class StepCancelled:
    """The attempt was cut short; at `until`, if that was before the event itself: then nobody was there to say so."""

    step: str
    attempt: int
    reason: str = ""
    usage: Usage = Usage()
    until: float = 0.0


@dataclass(frozen=True)
class AttemptChosen:
    step: str
    attempt: int


@dataclass(frozen=True)
class StaleSet:
    """Exactly these steps are stale now, each with its reason."""

    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CommandAccepted:
    command_id: str
    name: str
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CommandRejected:
    command_id: str
    name: str
    reason: str
    hint: str = ""


@dataclass(frozen=True)
class KVCacheSampled:
    usage: KVCacheUsage


@dataclass(frozen=True)
class RunFinished:
    """The end of an episode, not of the stream. `output` is the digest of the result's blob.

    Attributes:
        warnings: How many `RunView.warnings` there were: a list of runs shows it without reading their events.
    """

    status: Literal["finished", "failed", "stopped"]
    output: str = ""
    error: str = ""
    hint: str = ""
    warnings: int = 0


Body = Union[
    RunStarted,
    RunForked,
    RunResumed,
    RunPaused,
    BriefMade,
    StrategyChosen,
    StepPlanned,
    PlanFinished,
    PlanApproved,
    PlanRevised,
    StepSuperseded,
    StepEdited,
    StepQueued,
    StepStarted,
    StepPrefilling,
    StepPrefilled,
    StepDecoded,
    StepExecuted,
    StepFinished,
    StepReused,
    StepFailed,
    StepSkipped,
    StepCancelled,
    AttemptChosen,
    StaleSet,
    CommandAccepted,
    CommandRejected,
    KVCacheSampled,
    RunFinished,
]


@dataclass(frozen=True)
class Event:
    """One event: number `seq` (from 1) of run `run_id`, appended `at` (seconds since the epoch)."""

    run_id: str
    seq: int
    at: float
    body: Body
