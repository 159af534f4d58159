// Generated from vnb/core by labextension/generate_types.py; see CONTRIBUTING.md. Not edited by hand.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** How the JSON of a value is read; `shape` names an entry of SHAPES, `tagged` chooses one by the field `type`. */
export type Kind =
  | "string"
  | "number"
  | "boolean"
  | { enum: readonly string[] }
  | { optional: Kind }
  | { list: Kind }
  | { tuple: readonly Kind[] }
  | { map: Kind }
  | { shape: keyof Shapes }
  | { tagged: readonly (keyof Shapes)[] };

/** A field with its name, its kind and, unless it must be there, the JSON of its default. */
export type Field = readonly [name: string, kind: Kind, fallback?: Json];

export const MIME = "application/vnd.vnb.run+json";
export const VERSION = 1;

export type Role = "understand" | "plan" | "work" | "review" | "integrate";

export type RunStatus = "running" | "paused" | "finished" | "failed" | "stopped" | "interrupted";

export type StepStatus = "waiting" | "queued" | "running" | "finished" | "failed" | "skipped" | "cancelled" | "superseded";

export type AttemptStatus = "queued" | "prefilling" | "decoding" | "finished" | "reused" | "failed" | "cancelled";

export type PartKind = "system" | "brief" | "input" | "doc" | "result" | "note" | "image" | "instruction";

export type StopReason = "stop" | "length" | "repeats";

export type ConstraintKind = "json_schema" | "regex" | "python";

export type StepKind = "write" | "code" | "map" | "check";

export type Strategy = "auto" | "direct" | "plan" | "outline" | "code" | "map" | "vote";

export type ChangeKind = "add" | "drop" | "reword";

export type DemandKind = "sentences" | "words" | "characters" | "paragraphs" | "items" | "lines" | "contains" | "excludes" | "starts" | "ends" | "json" | "language" | "part";

/** What an output must match: a JSON schema (as JSON text), a regular expression that it matches whole, or, of a check alone, a condition in Python about `output`. */
export interface Constraint {
  kind: ConstraintKind;
  text: string;
}

/** How tokens are drawn; `None` means "what the layer below says". */
export interface Sampling {
  temperature: number | null;
  top_p: number | null;
  top_k: number | null;
  min_p: number | null;
  max_tokens: number | null;
  seed: number | null;
  stop: string[] | null;
  logprobs: number | null;
  repeat_penalty: number | null;
  dry: number | null;
  think: string | null;
}

/** A media input of a task: a blob by digest with its MIME type. */
export interface Attachment {
  name: string;
  mime: string;
  digest: string;
}

/** A text that steps may be given passages of. */
export interface Document {
  title: string;
  text: string;
}

/** What a user can say about how a task is carried; the twin of `%%vtask`'s options. */
export interface Options {
  strategy: Strategy;
  samples: number;
  repairs: number;
  judge: string;
  steps: [number, number];
  replan: number;
  retries: number | null;
  parallel: number | null;
  budget: number | null;
  max_tokens_total: number | null;
  integrate: "auto" | "concat" | "write";
  schema: string | null;
  sampling: Sampling;
  seed: number;
  reuse: "use" | "refresh" | "off";
  approve: boolean;
  plan_only: boolean;
  raw: boolean;
}

/** What the user asked for. */
export interface Task {
  id: string;
  text: string;
  template: string;
  inputs: Map<string, string>;
  attached: string[];
  attachments: Attachment[];
  documents: Document[];
  options: Options;
}

/** What the task was understood to be. */
export interface Brief {
  goal: string;
  deliverable: string;
  constraints: string[];
  language: string;
  demands: Demand[];
}

/** One step of a plan, or one of the reserved steps around it. */
export interface Step {
  id: string;
  instruction: string;
  needs: string[];
  title: string;
  role: Role;
  parent: string;
  engine: string;
  sampling: Sampling;
  budget: number | null;
  constraint: Constraint | null;
  check: Constraint | null;
  kind: StepKind;
  over: string;
  item: string;
}

/** A program that a code step wrote, and what came of running it. */
export interface Program {
  source: string;
  result: string;
  printed: string;
  error: string;
  seconds: number;
}

/** An ordered DAG of steps; `vnb.core.dag.validate` says whether it is one. */
export interface Plan {
  steps: Step[];
  deliver: string[];
}

/** One change of a plan: a step added or reworded (`after` is the step as it is now), or dropped. */
export interface Change {
  kind: ChangeKind;
  step: string;
  after: Step | null;
}

/** One piece of a context. */
export interface Part {
  kind: PartKind;
  source: string;
  text: string;
  tokens: number;
  full_tokens: number;
  digest: string;
  media: string;
  whole: string;
}

/** A part that did not fit at all, listed so that nothing is dropped silently. */
export interface Omitted {
  kind: PartKind;
  source: string;
  tokens: number;
}

/** What a step is shown: parts in order, stable ones first. */
export interface Context {
  parts: Part[];
  budget: number;
  tokens: number;
  digest: string;
  omitted: Omitted[];
}

/** A stretch of a message; `part` is the index of the context part that it shows, -1 for words around it. */
export interface Segment {
  text: string;
  part: number;
  media: string;
}

/** One chat message, in segments so that each part's place can be traced into the tokens. */
export interface Message {
  role: "system" | "user" | "assistant";
  segments: Segment[];
}

/** Tokens `[start, end)` of a prompt that show context part `part`. */
export interface Span {
  part: number;
  start: number;
  end: number;
}

/** What an engine was really sent. */
export interface Prompt {
  messages: Message[];
  text: string;
  token_ids: number[];
  spans: Span[];
}

/** A token that could have been drawn, with its log-probability. */
export interface Alternative {
  id: number;
  text: string;
  logprob: number;
}

/** One decoded token. */
export interface Token {
  id: number;
  text: string;
  dt: number;
  logprob: number | null;
  top: Alternative[];
  bytes: string;
}

/** What one attempt cost. */
export interface Usage {
  prompt_tokens: number;
  cached_tokens: number;
  new_tokens: number;
  t_queue: number;
  t_prefill: number;
  t_decode: number;
  timing_source: "engine" | "arrival";
  cached_pages: number | null;
  draft_accepted: number | null;
  draft_rejected: number | null;
  joules: number | null;
  price: number | null;
  estimated: boolean;
  ignored: string[];
}

/** How an engine with a paged KV cache let a request in, so that the order of requests can be explained. */
export interface Admission {
  request: number;
  pages: number;
  shared: number;
  sharing: number[];
  passed: number[];
  waited: "" | "slot" | "pages";
}

/** How full the KV cache is, in its own units of `tokens_per_unit` tokens. */
export interface KVCacheUsage {
  used: number;
  cached: number;
  free: number;
  unit: "page" | "cell";
  tokens_per_unit: number;
}

/** A demand of the task on the deliverable that can be checked without a model. */
export interface Demand {
  text: string;
  kind: DemandKind;
  low: number | null;
  high: number | null;
  value: string;
  each: boolean;
}

/** Whether a demand was met; `found` says what there was instead, as in `5 sentences`. */
export interface Verdict {
  demand: Demand;
  met: boolean;
  found: string;
}

/** A context part whose text lies in the blob `digest`; `whole` is that of its text before trimming, if it was cut. */
export interface PartRef {
  kind: PartKind;
  source: string;
  digest: string;
  tokens: number;
  full_tokens: number;
  media: string;
  whole: string;
}

/** A context with its texts by digest: `digest` is the whole context's, the parts' are those of their blobs. */
export interface ContextRef {
  parts: PartRef[];
  budget: number;
  tokens: number;
  digest: string;
  omitted: Omitted[];
}

/** A run began: by vnb version `vnb`, on the engine of spec `engine`, along `plan` if one was given by hand. */
export interface RunStarted {
  task: Task;
  vnb: string;
  engine: string;
  plan: Step[];
  deliver: string[];
}

/** This run shares its parent's events up to and including `parent_seq`; its own go on from there. */
export interface RunForked {
  parent: string;
  parent_seq: number;
}

export interface RunResumed {
  reason: string;
}

export interface RunPaused {
  reason: string;
}

export interface BriefMade {
  brief: Brief;
}

/** How the task is done from now on, where the options leave that open, and why. */
export interface StrategyChosen {
  strategy: Strategy;
  reason: string;
}

/** A step was announced: one of the plan, or a reserved one (understand, plan, review.N, integrate). */
export interface StepPlanned {
  step: Step;
}

/** The plan is these steps, in this order; `deliver` names those whose results make the deliverable. */
export interface PlanFinished {
  steps: string[];
  deliver: string[];
}

export type PlanApproved = Record<never, never>;

/** The plan changed; `deliver` is what it delivers from now on, `None` if that is as it was. */
export interface PlanRevised {
  reason: string;
  changes: Change[];
  deliver: string[] | null;
}

/** The step is no longer part of the plan; what it did stays visible. */
export interface StepSuperseded {
  step: string;
  reason: string;
}

/** The step's words or settings were changed by hand. */
export interface StepEdited {
  step: Step;
}

export interface StepQueued {
  step: string;
  attempt: number;
}

/** The attempt was sent to the engine. */
export interface StepStarted {
  step: string;
  attempt: number;
  context: ContextRef;
  prompt: string;
  sampling: Sampling;
  constraint: Constraint | null;
  engine: string;
  key: string;
  spec: string;
}

export interface StepPrefilling {
  step: string;
  attempt: number;
  done: number;
  total: number;
}

export interface StepPrefilled {
  step: string;
  attempt: number;
  prompt_tokens: number;
  cached_tokens: number;
  t_queue: number;
  t_prefill: number;
  admission: Admission | null;
}

/** More tokens. The first `thought` tokens of the attempt are reasoning, as far as is known now; no part of its output. */
export interface StepDecoded {
  step: string;
  attempt: number;
  tokens: Token[];
  thought: number;
}

/** The program that the attempt wrote was run. */
export interface StepExecuted {
  step: string;
  attempt: number;
  program: Program;
}

/** The attempt ended well; its text lies in the blob `output`. */
export interface StepFinished {
  step: string;
  attempt: number;
  output: string;
  reason: StopReason;
  usage: Usage;
  warnings: string[];
  verdicts: Verdict[];
}

/** A stored output of the same key was taken; no model was called. `source` is `run_id:step#attempt`. */
export interface StepReused {
  step: string;
  attempt: number;
  context: ContextRef;
  prompt: string;
  sampling: Sampling;
  constraint: Constraint | null;
  engine: string;
  key: string;
  output: string;
  source: string;
  spec: string;
  reason: StopReason;
  warnings: string[];
  verdicts: Verdict[];
}

/** The attempt failed, or its output decoded but did not validate (then `output` holds it). */
export interface StepFailed {
  step: string;
  attempt: number;
  error: string;
  hint: string;
  output: string;
  usage: Usage;
  reason: StopReason | null;
}

export interface StepSkipped {
  step: string;
  reason: string;
}

/** The attempt was cut short; at `until`, if that was before the event itself: then nobody was there to say so. */
export interface StepCancelled {
  step: string;
  attempt: number;
  reason: string;
  usage: Usage;
  until: number;
}

export interface AttemptChosen {
  step: string;
  attempt: number;
}

/** Exactly these steps are stale now, each with its reason. */
export interface StaleSet {
  steps: Map<string, string>;
}

export interface CommandAccepted {
  command_id: string;
  name: string;
  args: Map<string, string>;
}

export interface CommandRejected {
  command_id: string;
  name: string;
  reason: string;
  hint: string;
}

export interface KVCacheSampled {
  usage: KVCacheUsage;
}

/** The end of an episode, not of the stream. `output` is the digest of the result's blob. */
export interface RunFinished {
  status: "finished" | "failed" | "stopped";
  output: string;
  error: string;
  hint: string;
  warnings: number;
}

/** One attempt of one step. Times are seconds since the epoch, 0 where the moment has not come. */
export interface AttemptView {
  number: number;
  status: AttemptStatus;
  context: ContextRef | null;
  prompt: string;
  sampling: Sampling;
  constraint: Constraint | null;
  engine: string;
  spec: string;
  key: string;
  prefill_done: number;
  prefill_total: number;
  admission: Admission | null;
  tokens: Token[];
  thought: number;
  usage: Usage;
  output: string;
  reason: StopReason | null;
  warnings: string[];
  verdicts: Verdict[];
  program: Program | null;
  error: string;
  hint: string;
  source: string;
  queued_at: number;
  started_at: number;
  prefilled_at: number;
  ended_at: number;
}

/** One step with its attempts; `chosen` is the number of the attempt that counts, 0 if none does. */
export interface StepView {
  step: Step;
  status: StepStatus;
  attempts: AttemptView[];
  chosen: number;
  stale: string;
  note: string;
  edited: boolean;
}

/** A run after its first `seq` events. */
export interface RunView {
  run_id: string;
  seq: number;
  status: RunStatus;
  task: Task;
  engine: string;
  vnb: string;
  brief: Brief | null;
  strategy: Strategy | null;
  why: string;
  steps: Map<string, StepView>;
  given: Step[];
  deliver: string[];
  planned: boolean;
  approved: boolean;
  revisions: PlanRevised[];
  commands: ((CommandAccepted & { type: "CommandAccepted" }) | (CommandRejected & { type: "CommandRejected" }))[];
  kv: [number, KVCacheUsage][];
  output: string;
  reason: string;
  error: string;
  hint: string;
  parent: string;
  parent_seq: number;
  started_at: number;
  ended_at: number;
}

/** Any event's body, told apart by `type`. */
export type Body =
  | (RunStarted & { type: "RunStarted" })
  | (RunForked & { type: "RunForked" })
  | (RunResumed & { type: "RunResumed" })
  | (RunPaused & { type: "RunPaused" })
  | (BriefMade & { type: "BriefMade" })
  | (StrategyChosen & { type: "StrategyChosen" })
  | (StepPlanned & { type: "StepPlanned" })
  | (PlanFinished & { type: "PlanFinished" })
  | (PlanApproved & { type: "PlanApproved" })
  | (PlanRevised & { type: "PlanRevised" })
  | (StepSuperseded & { type: "StepSuperseded" })
  | (StepEdited & { type: "StepEdited" })
  | (StepQueued & { type: "StepQueued" })
  | (StepStarted & { type: "StepStarted" })
  | (StepPrefilling & { type: "StepPrefilling" })
  | (StepPrefilled & { type: "StepPrefilled" })
  | (StepDecoded & { type: "StepDecoded" })
  | (StepExecuted & { type: "StepExecuted" })
  | (StepFinished & { type: "StepFinished" })
  | (StepReused & { type: "StepReused" })
  | (StepFailed & { type: "StepFailed" })
  | (StepSkipped & { type: "StepSkipped" })
  | (StepCancelled & { type: "StepCancelled" })
  | (AttemptChosen & { type: "AttemptChosen" })
  | (StaleSet & { type: "StaleSet" })
  | (CommandAccepted & { type: "CommandAccepted" })
  | (CommandRejected & { type: "CommandRejected" })
  | (KVCacheSampled & { type: "KVCacheSampled" })
  | (RunFinished & { type: "RunFinished" });

export const BODIES = ["RunStarted", "RunForked", "RunResumed", "RunPaused", "BriefMade", "StrategyChosen", "StepPlanned", "PlanFinished", "PlanApproved", "PlanRevised", "StepSuperseded", "StepEdited", "StepQueued", "StepStarted", "StepPrefilling", "StepPrefilled", "StepDecoded", "StepExecuted", "StepFinished", "StepReused", "StepFailed", "StepSkipped", "StepCancelled", "AttemptChosen", "StaleSet", "CommandAccepted", "CommandRejected", "KVCacheSampled", "RunFinished"] as const;

/** Every type by its name. */
export interface Shapes {
  Constraint: Constraint;
  Sampling: Sampling;
  Attachment: Attachment;
  Document: Document;
  Options: Options;
  Task: Task;
  Brief: Brief;
  Step: Step;
  Program: Program;
  Plan: Plan;
  Change: Change;
  Part: Part;
  Omitted: Omitted;
  Context: Context;
  Segment: Segment;
  Message: Message;
  Span: Span;
  Prompt: Prompt;
  Alternative: Alternative;
  Token: Token;
  Usage: Usage;
  Admission: Admission;
  KVCacheUsage: KVCacheUsage;
  Demand: Demand;
  Verdict: Verdict;
  PartRef: PartRef;
  ContextRef: ContextRef;
  RunStarted: RunStarted;
  RunForked: RunForked;
  RunResumed: RunResumed;
  RunPaused: RunPaused;
  BriefMade: BriefMade;
  StrategyChosen: StrategyChosen;
  StepPlanned: StepPlanned;
  PlanFinished: PlanFinished;
  PlanApproved: PlanApproved;
  PlanRevised: PlanRevised;
  StepSuperseded: StepSuperseded;
  StepEdited: StepEdited;
  StepQueued: StepQueued;
  StepStarted: StepStarted;
  StepPrefilling: StepPrefilling;
  StepPrefilled: StepPrefilled;
  StepDecoded: StepDecoded;
  StepExecuted: StepExecuted;
  StepFinished: StepFinished;
  StepReused: StepReused;
  StepFailed: StepFailed;
  StepSkipped: StepSkipped;
  StepCancelled: StepCancelled;
  AttemptChosen: AttemptChosen;
  StaleSet: StaleSet;
  CommandAccepted: CommandAccepted;
  CommandRejected: CommandRejected;
  KVCacheSampled: KVCacheSampled;
  RunFinished: RunFinished;
  AttemptView: AttemptView;
  StepView: StepView;
  RunView: RunView;
}

export const SHAPES: Readonly<Record<keyof Shapes, readonly Field[]>> = {
  Constraint: [
    ["kind", {"enum": ["json_schema", "regex", "python"]}],
    ["text", "string"],
  ],
  Sampling: [
    ["temperature", {"optional": "number"}, null],
    ["top_p", {"optional": "number"}, null],
    ["top_k", {"optional": "number"}, null],
    ["min_p", {"optional": "number"}, null],
    ["max_tokens", {"optional": "number"}, null],
    ["seed", {"optional": "number"}, null],
    ["stop", {"optional": {"list": "string"}}, null],
    ["logprobs", {"optional": "number"}, null],
    ["repeat_penalty", {"optional": "number"}, null],
    ["dry", {"optional": "number"}, null],
    ["think", {"optional": "string"}, null],
  ],
  Attachment: [
    ["name", "string"],
    ["mime", "string"],
    ["digest", "string"],
  ],
  Document: [
    ["title", "string"],
    ["text", "string"],
  ],
  Options: [
    ["strategy", {"enum": ["auto", "direct", "plan", "outline", "code", "map", "vote"]}, "auto"],
    ["samples", "number", 5],
    ["repairs", "number", 2],
    ["judge", "string", ""],
    ["steps", {"tuple": ["number", "number"]}, [1, 8]],
    ["replan", "number", 0],
    ["retries", {"optional": "number"}, null],
    ["parallel", {"optional": "number"}, null],
    ["budget", {"optional": "number"}, null],
    ["max_tokens_total", {"optional": "number"}, null],
    ["integrate", {"enum": ["auto", "concat", "write"]}, "auto"],
    ["schema", {"optional": "string"}, null],
    ["sampling", {"shape": "Sampling"}, {}],
    ["seed", "number", 0],
    ["reuse", {"enum": ["use", "refresh", "off"]}, "use"],
    ["approve", "boolean", false],
    ["plan_only", "boolean", false],
    ["raw", "boolean", false],
  ],
  Task: [
    ["id", "string"],
    ["text", "string"],
    ["template", "string", ""],
    ["inputs", {"map": "string"}, {}],
    ["attached", {"list": "string"}, []],
    ["attachments", {"list": {"shape": "Attachment"}}, []],
    ["documents", {"list": {"shape": "Document"}}, []],
    ["options", {"shape": "Options"}, {}],
  ],
  Brief: [
    ["goal", "string"],
    ["deliverable", "string", ""],
    ["constraints", {"list": "string"}, []],
    ["language", "string", ""],
    ["demands", {"list": {"shape": "Demand"}}, []],
  ],
  Step: [
    ["id", "string"],
    ["instruction", "string"],
    ["needs", {"list": "string"}, []],
    ["title", "string", ""],
    ["role", {"enum": ["understand", "plan", "work", "review", "integrate"]}, "work"],
    ["parent", "string", ""],
    ["engine", "string", ""],
    ["sampling", {"shape": "Sampling"}, {}],
    ["budget", {"optional": "number"}, null],
    ["constraint", {"optional": {"shape": "Constraint"}}, null],
    ["check", {"optional": {"shape": "Constraint"}}, null],
    ["kind", {"enum": ["write", "code", "map", "check"]}, "write"],
    ["over", "string", ""],
    ["item", "string", ""],
  ],
  Program: [
    ["source", "string"],
    ["result", "string", ""],
    ["printed", "string", ""],
    ["error", "string", ""],
    ["seconds", "number", 0.0],
  ],
  Plan: [
    ["steps", {"list": {"shape": "Step"}}],
    ["deliver", {"list": "string"}, []],
  ],
  Change: [
    ["kind", {"enum": ["add", "drop", "reword"]}],
    ["step", "string"],
    ["after", {"optional": {"shape": "Step"}}, null],
  ],
  Part: [
    ["kind", {"enum": ["system", "brief", "input", "doc", "result", "note", "image", "instruction"]}],
    ["source", "string"],
    ["text", "string"],
    ["tokens", "number"],
    ["full_tokens", "number"],
    ["digest", "string"],
    ["media", "string", ""],
    ["whole", "string", ""],
  ],
  Omitted: [
    ["kind", {"enum": ["system", "brief", "input", "doc", "result", "note", "image", "instruction"]}],
    ["source", "string"],
    ["tokens", "number"],
  ],
  Context: [
    ["parts", {"list": {"shape": "Part"}}],
    ["budget", "number"],
    ["tokens", "number"],
    ["digest", "string"],
    ["omitted", {"list": {"shape": "Omitted"}}, []],
  ],
  Segment: [
    ["text", "string"],
    ["part", "number", -1],
    ["media", "string", ""],
  ],
  Message: [
    ["role", {"enum": ["system", "user", "assistant"]}],
    ["segments", {"list": {"shape": "Segment"}}],
  ],
  Span: [
    ["part", "number"],
    ["start", "number"],
    ["end", "number"],
  ],
  Prompt: [
    ["messages", {"list": {"shape": "Message"}}],
    ["text", "string"],
    ["token_ids", {"list": "number"}],
    ["spans", {"list": {"shape": "Span"}}, []],
  ],
  Alternative: [
    ["id", "number"],
    ["text", "string"],
    ["logprob", "number"],
  ],
  Token: [
    ["id", "number"],
    ["text", "string"],
    ["dt", "number"],
    ["logprob", {"optional": "number"}, null],
    ["top", {"list": {"shape": "Alternative"}}, []],
    ["bytes", "string", ""],
  ],
  Usage: [
    ["prompt_tokens", "number", 0],
    ["cached_tokens", "number", 0],
    ["new_tokens", "number", 0],
    ["t_queue", "number", 0.0],
    ["t_prefill", "number", 0.0],
    ["t_decode", "number", 0.0],
    ["timing_source", {"enum": ["engine", "arrival"]}, "arrival"],
    ["cached_pages", {"optional": "number"}, null],
    ["draft_accepted", {"optional": "number"}, null],
    ["draft_rejected", {"optional": "number"}, null],
    ["joules", {"optional": "number"}, null],
    ["price", {"optional": "number"}, null],
    ["estimated", "boolean", false],
    ["ignored", {"list": "string"}, []],
  ],
  Admission: [
    ["request", "number"],
    ["pages", "number"],
    ["shared", "number", 0],
    ["sharing", {"list": "number"}, []],
    ["passed", {"list": "number"}, []],
    ["waited", {"enum": ["", "slot", "pages"]}, ""],
  ],
  KVCacheUsage: [
    ["used", "number"],
    ["cached", "number"],
    ["free", "number"],
    ["unit", {"enum": ["page", "cell"]}],
    ["tokens_per_unit", "number", 1],
  ],
  Demand: [
    ["text", "string"],
    ["kind", {"enum": ["sentences", "words", "characters", "paragraphs", "items", "lines", "contains", "excludes", "starts", "ends", "json", "language", "part"]}],
    ["low", {"optional": "number"}, null],
    ["high", {"optional": "number"}, null],
    ["value", "string", ""],
    ["each", "boolean", false],
  ],
  Verdict: [
    ["demand", {"shape": "Demand"}],
    ["met", "boolean"],
    ["found", "string", ""],
  ],
  PartRef: [
    ["kind", {"enum": ["system", "brief", "input", "doc", "result", "note", "image", "instruction"]}],
    ["source", "string"],
    ["digest", "string"],
    ["tokens", "number"],
    ["full_tokens", "number"],
    ["media", "string", ""],
    ["whole", "string", ""],
  ],
  ContextRef: [
    ["parts", {"list": {"shape": "PartRef"}}],
    ["budget", "number"],
    ["tokens", "number"],
    ["digest", "string"],
    ["omitted", {"list": {"shape": "Omitted"}}, []],
  ],
  RunStarted: [
    ["task", {"shape": "Task"}],
    ["vnb", "string"],
    ["engine", "string", ""],
    ["plan", {"list": {"shape": "Step"}}, []],
    ["deliver", {"list": "string"}, []],
  ],
  RunForked: [
    ["parent", "string"],
    ["parent_seq", "number"],
  ],
  RunResumed: [
    ["reason", "string", ""],
  ],
  RunPaused: [
    ["reason", "string"],
  ],
  BriefMade: [
    ["brief", {"shape": "Brief"}],
  ],
  StrategyChosen: [
    ["strategy", {"enum": ["auto", "direct", "plan", "outline", "code", "map", "vote"]}],
    ["reason", "string"],
  ],
  StepPlanned: [
    ["step", {"shape": "Step"}],
  ],
  PlanFinished: [
    ["steps", {"list": "string"}],
    ["deliver", {"list": "string"}, []],
  ],
  PlanApproved: [],
  PlanRevised: [
    ["reason", "string"],
    ["changes", {"list": {"shape": "Change"}}],
    ["deliver", {"optional": {"list": "string"}}, null],
  ],
  StepSuperseded: [
    ["step", "string"],
    ["reason", "string"],
  ],
  StepEdited: [
    ["step", {"shape": "Step"}],
  ],
  StepQueued: [
    ["step", "string"],
    ["attempt", "number"],
  ],
  StepStarted: [
    ["step", "string"],
    ["attempt", "number"],
    ["context", {"shape": "ContextRef"}],
    ["prompt", "string"],
    ["sampling", {"shape": "Sampling"}],
    ["constraint", {"optional": {"shape": "Constraint"}}],
    ["engine", "string"],
    ["key", "string"],
    ["spec", "string", ""],
  ],
  StepPrefilling: [
    ["step", "string"],
    ["attempt", "number"],
    ["done", "number"],
    ["total", "number"],
  ],
  StepPrefilled: [
    ["step", "string"],
    ["attempt", "number"],
    ["prompt_tokens", "number"],
    ["cached_tokens", "number"],
    ["t_queue", "number"],
    ["t_prefill", "number"],
    ["admission", {"optional": {"shape": "Admission"}}, null],
  ],
  StepDecoded: [
    ["step", "string"],
    ["attempt", "number"],
    ["tokens", {"list": {"shape": "Token"}}],
    ["thought", "number", 0],
  ],
  StepExecuted: [
    ["step", "string"],
    ["attempt", "number"],
    ["program", {"shape": "Program"}],
  ],
  StepFinished: [
    ["step", "string"],
    ["attempt", "number"],
    ["output", "string"],
    ["reason", {"enum": ["stop", "length", "repeats"]}],
    ["usage", {"shape": "Usage"}],
    ["warnings", {"list": "string"}, []],
    ["verdicts", {"list": {"shape": "Verdict"}}, []],
  ],
  StepReused: [
    ["step", "string"],
    ["attempt", "number"],
    ["context", {"shape": "ContextRef"}],
    ["prompt", "string"],
    ["sampling", {"shape": "Sampling"}],
    ["constraint", {"optional": {"shape": "Constraint"}}],
    ["engine", "string"],
    ["key", "string"],
    ["output", "string"],
    ["source", "string"],
    ["spec", "string", ""],
    ["reason", {"enum": ["stop", "length", "repeats"]}, "stop"],
    ["warnings", {"list": "string"}, []],
    ["verdicts", {"list": {"shape": "Verdict"}}, []],
  ],
  StepFailed: [
    ["step", "string"],
    ["attempt", "number"],
    ["error", "string"],
    ["hint", "string", ""],
    ["output", "string", ""],
    ["usage", {"shape": "Usage"}, {}],
    ["reason", {"optional": {"enum": ["stop", "length", "repeats"]}}, null],
  ],
  StepSkipped: [
    ["step", "string"],
    ["reason", "string"],
  ],
  StepCancelled: [
    ["step", "string"],
    ["attempt", "number"],
    ["reason", "string", ""],
    ["usage", {"shape": "Usage"}, {}],
    ["until", "number", 0.0],
  ],
  AttemptChosen: [
    ["step", "string"],
    ["attempt", "number"],
  ],
  StaleSet: [
    ["steps", {"map": "string"}, {}],
  ],
  CommandAccepted: [
    ["command_id", "string"],
    ["name", "string"],
    ["args", {"map": "string"}, {}],
  ],
  CommandRejected: [
    ["command_id", "string"],
    ["name", "string"],
    ["reason", "string"],
    ["hint", "string", ""],
  ],
  KVCacheSampled: [
    ["usage", {"shape": "KVCacheUsage"}],
  ],
  RunFinished: [
    ["status", {"enum": ["finished", "failed", "stopped"]}],
    ["output", "string", ""],
    ["error", "string", ""],
    ["hint", "string", ""],
    ["warnings", "number", 0],
  ],
  AttemptView: [
    ["number", "number"],
    ["status", {"enum": ["queued", "prefilling", "decoding", "finished", "reused", "failed", "cancelled"]}, "queued"],
    ["context", {"optional": {"shape": "ContextRef"}}, null],
    ["prompt", "string", ""],
    ["sampling", {"shape": "Sampling"}, {}],
    ["constraint", {"optional": {"shape": "Constraint"}}, null],
    ["engine", "string", ""],
    ["spec", "string", ""],
    ["key", "string", ""],
    ["prefill_done", "number", 0],
    ["prefill_total", "number", 0],
    ["admission", {"optional": {"shape": "Admission"}}, null],
    ["tokens", {"list": {"shape": "Token"}}, []],
    ["thought", "number", 0],
    ["usage", {"shape": "Usage"}, {}],
    ["output", "string", ""],
    ["reason", {"optional": {"enum": ["stop", "length", "repeats"]}}, null],
    ["warnings", {"list": "string"}, []],
    ["verdicts", {"list": {"shape": "Verdict"}}, []],
    ["program", {"optional": {"shape": "Program"}}, null],
    ["error", "string", ""],
    ["hint", "string", ""],
    ["source", "string", ""],
    ["queued_at", "number", 0.0],
    ["started_at", "number", 0.0],
    ["prefilled_at", "number", 0.0],
    ["ended_at", "number", 0.0],
  ],
  StepView: [
    ["step", {"shape": "Step"}],
    ["status", {"enum": ["waiting", "queued", "running", "finished", "failed", "skipped", "cancelled", "superseded"]}, "waiting"],
    ["attempts", {"list": {"shape": "AttemptView"}}, []],
    ["chosen", "number", 0],
    ["stale", "string", ""],
    ["note", "string", ""],
    ["edited", "boolean", false],
  ],
  RunView: [
    ["run_id", "string", ""],
    ["seq", "number", 0],
    ["status", {"enum": ["running", "paused", "finished", "failed", "stopped", "interrupted"]}, "running"],
    ["task", {"shape": "Task"}, {"id": "", "text": ""}],
    ["engine", "string", ""],
    ["vnb", "string", ""],
    ["brief", {"optional": {"shape": "Brief"}}, null],
    ["strategy", {"optional": {"enum": ["auto", "direct", "plan", "outline", "code", "map", "vote"]}}, null],
    ["why", "string", ""],
    ["steps", {"map": {"shape": "StepView"}}, {}],
    ["given", {"list": {"shape": "Step"}}, []],
    ["deliver", {"list": "string"}, []],
    ["planned", "boolean", false],
    ["approved", "boolean", false],
    ["revisions", {"list": {"shape": "PlanRevised"}}, []],
    ["commands", {"list": {"tagged": ["CommandAccepted", "CommandRejected"]}}, []],
    ["kv", {"list": {"tuple": ["number", {"shape": "KVCacheUsage"}]}}, []],
    ["output", "string", ""],
    ["reason", "string", ""],
    ["error", "string", ""],
    ["hint", "string", ""],
    ["parent", "string", ""],
    ["parent_seq", "number", 0],
    ["started_at", "number", 0.0],
    ["ended_at", "number", 0.0],
  ],
};

/** Types that are written as arrays. */
export const POSITIONAL: readonly string[] = ["Alternative", "Token"];
