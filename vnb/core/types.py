"""The values that vnb is made of. Frozen: fields may grow, meanings may not.

Times are seconds, token counts are counts of the engine's own tokens, digests are hex strings from `vnb.core.digest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal, Union

Json = Union[None, bool, int, float, str, list["Json"], dict[str, "Json"]]

Role = Literal["understand", "plan", "work", "review", "integrate"]
RunStatus = Literal["running", "paused", "finished", "failed", "stopped", "interrupted"]
StepStatus = Literal["waiting", "queued", "running", "finished", "failed", "skipped", "cancelled", "superseded"]
AttemptStatus = Literal["queued", "prefilling", "decoding", "finished", "reused", "failed", "cancelled"]
PartKind = Literal["system", "brief", "input", "doc", "result", "note", "image", "instruction"]
StopReason = Literal["stop", "length", "repeats"]
ConstraintKind = Literal["json_schema", "regex", "python"]
StepKind = Literal["write", "code", "map", "check"]
Strategy = Literal["auto", "direct", "plan", "outline", "code", "map", "vote"]
ChangeKind = Literal["add", "drop", "reword"]

RESERVED_IDS = ("understand", "plan", "integrate")
"""Ids of the steps that no plan may contain; reviews are `review.1`, `review.2`, …"""


@dataclass(frozen=True)
class Constraint:
    """What an output must match: a JSON schema (as JSON text), a regular expression that it matches whole, or, of a check
    alone, a condition in Python about `output`.
    """

    kind: ConstraintKind
    text: str


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; `None` means "what the layer below says".

    Attributes:
        temperature: 0 is greedy.
        top_p, top_k, min_p: The usual truncations of the distribution.
        max_tokens: The most tokens that are decoded.
        seed: Seed of the draw. The same seed repeats an output only for the same engine and cache contents.
        stop: Strings that end the output; they are not part of it.
        logprobs: How many alternatives are recorded for each token; 0 records the token's own logprob only.
        repeat_penalty: Divides the logits of recent tokens (Keskar et al., 2019); 1 changes nothing.
        dry: Multiplier of the "don't repeat yourself" penalty on what would continue a repeated sequence; 0 is off.
        think: Whether a thinking model reasons before it answers: `on`, `off`, or the most tokens of reasoning.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] | None = None
    logprobs: int | None = None
    repeat_penalty: float | None = None
    dry: float | None = None
    think: str | None = None

    def over(self, base: Sampling) -> Sampling:
        """This sampling where it says something, `base` elsewhere."""
        said = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}
        return replace(base, **said)


@dataclass(frozen=True)
class Attachment:
    """A media input of a task: a blob by digest with its MIME type."""

    name: str
    mime: str
    digest: str


@dataclass(frozen=True)
class Document:
    """A text that steps may be given passages of."""

    title: str
    text: str


@dataclass(frozen=True)
class Options:
    """What a user can say about how a task is carried; the twin of `%%vtask`'s options.

    Attributes:
        steps: The least and the most steps of a plan.
        replan: The most plan changes that reviews may make.
        retries: How often a step is asked again, at most, when its answer fails; `None` is the profile's.
        parallel: The most steps at once; `None` is the engine's slots.
        budget: The most prompt tokens of one step; `None` is what the engine's context leaves.
        max_tokens_total: The most tokens (prompt and output) of the whole run; `None` is no limit.
        strategy: How the task is done: `plan` lets a planner split it into steps, `direct` is one call in the model's own
            chat, `code` a program that is run, `outline` writes headings and then the parts together, `map` goes over
            the parts of a long input, `vote` takes the most frequent of several answers, `auto` decides by the task.
        samples: How many answers `vote` asks for.
        repairs: How often the program of a code step that failed is asked for again, at most.
        judge: Spec of the model that judges, in check steps and votes; empty is the run's own.
        integrate: `concat` joins the results without a model call, `write` makes one; `auto` decides by the task.
        schema: JSON schema text that the integrated result must match; implies `write`.
        sampling: Overrides for every work and integrate step.
        seed: The run's seed, from which first attempts draw theirs.
        reuse: `use` takes a stored output of the same key, `refresh` makes and stores a new one, `off` does neither.
        approve: Stop after planning until the plan is approved.
        plan_only: End after planning.
        raw: Take the task's text as it is; no `{{name}}` is looked up.
    """

    strategy: Strategy = "auto"
    samples: int = 5
    repairs: int = 2
    judge: str = ""
    steps: tuple[int, int] = (1, 8)
    replan: int = 0
    retries: int | None = None
    parallel: int | None = None
    budget: int | None = None
    max_tokens_total: int | None = None
    integrate: Literal["auto", "concat", "write"] = "auto"
    schema: str | None = None
    sampling: Sampling = Sampling()
    seed: int = 0
    reuse: Literal["use", "refresh", "off"] = "use"
    approve: bool = False
    plan_only: bool = False
    raw: bool = False


@dataclass(frozen=True)
class Task:
    """What the user asked for.

    Attributes:
        text: The task as it is sent: short inputs are already in their places, long ones are named.
        template: The task as it was written, with its `{{name}}`s.
        inputs: The named values, by the name that was written.
        attached: Names of the inputs that are too long to stand in the text; steps see them as parts of their own.
    """

    id: str
    text: str
    template: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    documents: tuple[Document, ...] = ()
    options: Options = Options()


@dataclass(frozen=True)
class Brief:
    """What the task was understood to be.

    Attributes:
        constraints: Spans of the task's own words.
        language: Of the deliverable, by its English name.
        demands: What can be checked of the deliverable without a model.
    """

    goal: str
    deliverable: str = ""
    constraints: tuple[str, ...] = ()
    language: str = ""
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of a plan, or one of the reserved steps around it.

    Attributes:
        needs: Ids of the steps whose results this one is shown.
        parent: Id of the step that this one is a part of.
        engine: Spec of the engine to use; empty is the run's engine.
        budget: The most prompt tokens; `None` is the run's.
        constraint: What the engine is made to decode.
        check: What the output must match afterwards; a mismatch fails the attempt.
        kind: `write` answers in words. `code` answers with a Python program, whose result is the step's. `map` is done
            once for each item of a list: its sub-steps are made when the list is there. `check` judges the results that it
            needs, which are asked for once more where it finds a fault.
        over: Of a map, what it goes over: an input, `docs`, or a step that it needs.
        item: Of a map's sub-step, the item that it is about; it is shown instead of what the map goes over.
    """

    id: str
    instruction: str
    needs: tuple[str, ...] = ()
    title: str = ""
    role: Role = "work"
    parent: str = ""
    engine: str = ""
    sampling: Sampling = Sampling()
    budget: int | None = None
    constraint: Constraint | None = None
    check: Constraint | None = None
    kind: StepKind = "write"
    over: str = ""
    item: str = ""


@dataclass(frozen=True)
class Program:
    """A program that a code step wrote, and what came of running it.

    Attributes:
        result: Its result as text; empty if it failed.
        printed: What it printed, up to a limit.
        error: Why it failed, in a line; empty if it did not.
        seconds: How long it ran.
    """

    source: str
    result: str = ""
    printed: str = ""
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """An ordered DAG of steps; `vnb.core.dag.validate` says whether it is one.

    Attributes:
        deliver: Ids of the steps whose results make the deliverable, in its order; empty: those that no other step
            needs. A sub-step named here is a part of what its parent delivers.
    """

    steps: tuple[Step, ...]
    deliver: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One change of a plan: a step added or reworded (`after` is the step as it is now), or dropped."""

    kind: ChangeKind
    step: str
    after: Step | None = None


@dataclass(frozen=True)
class Part:
    """One piece of a context.

    Attributes:
        source: Where it comes from: a step id, an input's name, a passage's title.
        text: What the model is shown of it.
        tokens: Tokens of `text`.
        full_tokens: Tokens before trimming; more than `tokens` means trimmed.
        digest: Digest of kind, text and media; not of ids or counts.
        media: Digest of the media blob of an `image` part.
        whole: Digest of the blob with the text before trimming; empty if it was not trimmed.
    """

    kind: PartKind
    source: str
    text: str
    tokens: int
    full_tokens: int
    digest: str
    media: str = ""
    whole: str = ""


@dataclass(frozen=True)
class Omitted:
    """A part that did not fit at all, listed so that nothing is dropped silently."""

    kind: PartKind
    source: str
    tokens: int


@dataclass(frozen=True)
class Context:
    """What a step is shown: parts in order, stable ones first."""

    parts: tuple[Part, ...]
    budget: int
    tokens: int
    digest: str
    omitted: tuple[Omitted, ...] = ()


@dataclass(frozen=True)
class Segment:
    """A stretch of a message; `part` is the index of the context part that it shows, -1 for words around it.

    `media` is the digest of an image that follows on the text.
    """

    text: str
    part: int = -1
    media: str = ""


@dataclass(frozen=True)
class Message:
    """One chat message, in segments so that each part's place can be traced into the tokens."""

    role: Literal["system", "user", "assistant"]
    segments: tuple[Segment, ...]

    @property
    def content(self) -> str:
        return "".join(s.text for s in self.segments)


@dataclass(frozen=True)
class Span:
    """Tokens `[start, end)` of a prompt that show context part `part`."""

    part: int
    start: int
    end: int


@dataclass(frozen=True)
class Prompt:
    """What an engine was really sent.

    Ids below -1 stand for pieces of text: they estimate tokens that a server does not tell (`engines.openai.estimate`).
    """

    messages: tuple[Message, ...]
    text: str
    token_ids: tuple[int, ...]
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)  # a run has more of these than of anything else
class Alternative:
    """A token that could have been drawn, with its log-probability."""

    id: int
    text: str
    logprob: float


@dataclass(frozen=True, slots=True)  # a run has more of these than of anything else
class Token:
    """One decoded token.

    Attributes:
        text: Its text; empty while a character is incomplete. Texts joined are the output.
        dt: Seconds since the attempt was sent to the engine.
        logprob: Natural log-probability before any constraint and temperature; `None` where the engine has none.
        top: The most probable tokens at this place, best first.
        bytes: Hex of the raw bytes where `text` does not carry them.
    """

    id: int
    text: str
    dt: float
    logprob: float | None = None
    top: tuple[Alternative, ...] = ()
    bytes: str = ""


@dataclass(frozen=True)
class Usage:
    """What one attempt cost.

    Attributes:
        prompt_tokens: All tokens of the prompt; `cached_tokens` of them were already in the KV cache.
        new_tokens: Decoded tokens.
        t_queue: Seconds between sending and the start of prefill; `t_prefill` from there to the prompt's end.
        t_decode: Seconds from the first token to the last: `new_tokens - 1` gaps.
        timing_source: `engine` if the engine timed itself, `arrival` if the times are those of the tokens' arrival.
        joules: Its part of the energy of the device that computed it (`vnb.engines.energy` says how that is shared out).
        price: What it cost by the user's table of prices, in the table's currency.
        estimated: The token counts are estimates: the engine's server tells none.
        ignored: Fields of the sampling that the engine's server did not take.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    new_tokens: int = 0
    t_queue: float = 0.0
    t_prefill: float = 0.0
    t_decode: float = 0.0
    timing_source: Literal["engine", "arrival"] = "arrival"
    cached_pages: int | None = None
    draft_accepted: int | None = None
    draft_rejected: int | None = None
    joules: float | None = None
    price: float | None = None
    estimated: bool = False
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Admission:
    """How an engine with a paged KV cache let a request in, so that the order of requests can be explained.

    Attributes:
        request: The engine's number of the request.
        pages: Pages that were set aside for it, those included that others hold too.
        shared: Pages of these that requests under way held already.
        sharing: The numbers of those requests.
        passed: The numbers of requests that had come earlier and still waited.
        waited: What it waited for: a free slot, free pages, or nothing.
    """

    request: int
    pages: int
    shared: int = 0
    sharing: tuple[int, ...] = ()
    passed: tuple[int, ...] = ()
    waited: Literal["", "slot", "pages"] = ""


@dataclass(frozen=True)
class KVCacheUsage:
    """How full the KV cache is, in its own units of `tokens_per_unit` tokens."""

    used: int
    cached: int
    free: int
    unit: Literal["page", "cell"]
    tokens_per_unit: int = 1


DemandKind = Literal[
    "sentences",
    "words",
    "characters",
    "paragraphs",
    "items",
    "lines",
    "contains",
    "excludes",
    "starts",
    "ends",
    "json",
    "language",
    "part",
]


@dataclass(frozen=True)
class Demand:
    """A demand of the task on the deliverable that can be checked without a model.

    Attributes:
        text: The words of the task that make it.
        low, high: Bounds of a count, inclusive.
        value: The text that must or must not occur, a language's name, the keys of a JSON object, a part's name.
        each: Whether it is about each of the parts that the task names, not about the whole.
    """

    text: str
    kind: DemandKind
    low: int | None = None
    high: int | None = None
    value: str = ""
    each: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a demand was met; `found` says what there was instead, as in `5 sentences`."""

    demand: Demand
    met: bool
    found: str = ""
