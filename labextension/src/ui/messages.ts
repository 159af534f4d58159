/** Every word that vnb's front end says to a user, in one table, and the one function that says it. */

const EN = {
  about: "About",
  alternatives: "Alternatives",
  andDown: "and what depends on it",
  approval: "Approval",
  approve: "Approve",
  approveEdited: "Approve as edited",
  approveHint: "Lets the plan run",
  attempt: "Attempt",
  attempts: "Attempts",
  budgetOf: "{tokens} of {budget} tokens",
  cached: "Cached prompt tokens",
  cancel: "Cancel",
  change: "Change",
  changes: "Plan changes",
  checking: "Checking…",
  choose: "Choose",
  chooseAttempt: "Choose #{n}",
  chooseHint: "Makes this attempt the one that counts; what was made from another becomes stale",
  chosen: "chosen",
  coming: "It is on its way …",
  command: "Command",
  commands: "Commands",
  commandAccepted: "accepted",
  commandRejected: "rejected: {reason}",
  constraints: "Constraints",
  context: "Context",
  contextNone: "No context yet: the attempt was not sent to the engine.",
  contextOmitted: "The parts of this context",
  copied: "Copied",
  copy: "Copy",
  copyMagic: "Copy",
  cutAtMax: "cut at max tokens",
  decode: "Decode",
  decodeRate: "Decode, tokens per second",
  deliverable: "Deliverable",
  dismiss: "Dismiss",
  documents: "Documents",
  edited: "edited",
  editKeys: "Ctrl+Enter sends, Escape closes",
  editPlan: "Edit plan",
  editPlanHint: "Opens the plan as text, to be changed before it runs",
  editRerun: "Edit & rerun",
  editRerunHint: "A new attempt with other words or settings",
  energy: "Energy, its part of the device's",
  engine: "Engine",
  entropy: "Entropy",
  entropyAtLeast: "≥ {bits} bits",
  entropyWhy: "Over the recorded alternatives, all others as one: the true entropy is at least this.",
  eventsOf: "{run}, {events} events",
  fork: "Fork",
  forked: "{fork} is a fork of {run}.",
  forkedFrom: "Forked from",
  forkHere: "Fork from here",
  forkHereHint: "A new run that shares all up to just before this step; this one stays as it is",
  forkHint: "A new run that shares all that there is; this one stays as it is",
  formatted: "Formatted",
  goal: "Goal",
  idle: "idle {time}",
  inputs: "Inputs",
  instruction: "Instruction",
  itl: "Between tokens, median and longest",
  key: "Key",
  kvCache: "KV cache",
  kvCacheUse: "{used} of {size} in use ({unit}), {cached} cached; at most {most}",
  language: "Language",
  late: "Heard when the running cell has ended",
  lateRun: "The kernel hears these buttons when the running cell has ended. To stop at once, interrupt the kernel.",
  lessProbable: "less probable",
  live: "Live",
  liveNone: "Nothing is running.",
  loading: "loading the model",
  magic: "The same as a magic",
  moreProbable: "more probable",
  needs: "Needs",
  newer: "This run was saved by a newer vnb. Shown here is its HTML; for the rest: pip install -U vnb",
  newSeed: "a new one",
  noAttempts: "This step has not run.",
  noLogprobs: "The engine gave no log-probabilities.",
  noOutput: "No output.",
  notKept: "{what}: not kept in this notebook, to keep it small. The store has it:",
  ofAttempts: "#{n} of {of}",
  omitted: "omitted",
  options: "Options",
  output: "Output",
  outputTokens: "Output tokens",
  perplexity: "perplexity {value}",
  planForm: "step: instruction <- needed steps",
  planning: "planning",
  planValid: "The plan can run.",
  planWaits: "The plan waits for approval.",
  prefill: "Prefill",
  prefillOf: "prefill {done}/{total}",
  prefillRate: "Prefill, uncached tokens per second",
  prefix: "Prefix",
  prefixHits: "{share} prefix hits",
  price: "Price",
  probability: "Probability",
  promptTokens: "Prompt tokens",
  queue: "Queue",
  rate: "{rate} tok/s",
  rateChartSaid: "Tokens per second over time: at most {most}, in windows of {window}",
  rateMost: "≤ {rate}",
  reason: "Reason",
  refused: "The kernel refused this.",
  rerun: "Rerun",
  rerunDown: "Rerun downstream",
  rerunDownHint: "A new attempt of this step, then of every step that becomes stale by it",
  rerunHint: "A new attempt of this step; steps made from its output may become stale",
  rerunStale: "Rerun all stale ({n})",
  rerunStaleHint: "New attempts of all stale steps, until none is left",
  resume: "Resume",
  resumeHint: "Goes on with what has not finished",
  reused: "No model was called: this is the stored output of {source}.",
  result: "Result",
  run: "Run",
  runActions: "Actions of the run",
  sampling: "Sampling",
  showAll: "Show all {n} characters",
  showMore: "Show {n} more",
  shownFrom: "… {n} characters before this",
  snapshot: "This is how the run stood at {time}. How it went on:",
  soFar: "so far",
  stale: "stale",
  staleWhy: "Stale: {reason}",
  status: "Status",
  step: "Step",
  stepActions: "Actions of the step",
  steps: "Steps",
  stepsOf: "{done}/{planned} steps",
  stop: "Stop",
  stopHint: "Cancels what is under way; what was decoded is kept",
  task: "Task",
  time: "Time",
  timeline: "Timeline",
  timelineNone: "Nothing was sent to an engine yet.",
  timeAt: "at {time}",
  timing: "Timing",
  tokenAt: "token {n} of {of}",
  tokens: "Tokens",
  tokensHelp: "point at a token, or move with the arrow keys",
  tokensInOut: "{input} tokens in, {output} out",
  tokensOmitted: "The tokens of this attempt",
  alternativesOmitted: "The alternatives of these tokens",
  tokPerSecond: "Tok/s",
  total: "Total",
  tpot: "Per output token (TPOT)",
  trimmed: "trimmed from {n}",
  contextTrimmed: "context trimmed",
  ttft: "First token after (TTFT)",
  understanding: "understanding the task",
  unreadable: "This run cannot be read: {why}.",
  unset: "not set",
  version: "vnb",
  waitingForModel: "waiting for the model",
  whole: "The whole text",
  whyBlank: "The instruction is empty.",
  whyGated: "The plan waits for approval.",
  whyInvalidPlan: "This is no plan yet.",
  whyNeeds: "It needs {need}, which is {status}.",
  whyNotRun: "It has not run yet.",
  whyNotWaiting: "The plan does not wait for approval any more.",
  whySuperseded: "This step is no longer part of the plan.",
  whyUnderWay: "An attempt is under way: choose when it has ended.",
  whyWillRun: "It has not run yet; it will.",

  add: "added",
  cancelled: "cancelled",
  decoding: "decoding",
  drop: "dropped",
  failed: "failed",
  finished: "finished",
  interrupted: "interrupted",
  paused: "paused",
  prefilling: "prefilling",
  queued: "queued",
  reuse: "reused",
  reword: "reworded",
  running: "running",
  skipped: "skipped",
  stopped: "stopped",
  superseded: "superseded",
  waiting: "waiting",
} as const;

/** Messages with a number, for one and for many. */
const COUNTED = {
  characters: ["{n} character", "{n} characters"],
  liveMore: ["{n} more step is running.", "{n} more steps are running."],
  omittedParts: ["{n} omitted", "{n} omitted"],
  parts: ["{n} part", "{n} parts"],
  stepsPlanned: ["{n} step", "{n} steps"],
  tokens: ["{n} token", "{n} tokens"],
  trimmedParts: ["{n} trimmed", "{n} trimmed"],
} as const;

export type Message = keyof typeof EN;

/** The part of JupyterLab's translation bundles that is used here. */
export interface Translation {
  __(english: string): string;
  _n(one: string, many: string, n: number): string;
}

const ENGLISH: Translation = { __: (english) => english, _n: (one, many, n) => (n === 1 ? one : many) };
let translation = ENGLISH;

/** From now on messages come in the language of this bundle. */
export function translateBy(bundle: Translation | undefined): void {
  translation = bundle ?? ENGLISH;
}

type Values = Readonly<Record<string, string | number>>;

/** The message in the user's language, its `{names}` replaced. */
export function t(message: Message, values: Values = {}): string {
  return filled(translation.__(EN[message]), values);
}

/** The message for this many, which stand in it as `{n}`. */
export function counted(message: keyof typeof COUNTED, n: number): string {
  const [one, many] = COUNTED[message];
  return filled(translation._n(one, many, n), { n: n.toLocaleString("en-US") });
}

/** The word for a status, a role or a kind of change; the thing's own name where there is none. */
export function word(name: string): string {
  const key = name === "reused" ? "reuse" : name;
  return key in EN ? t(key as Message) : name;
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
