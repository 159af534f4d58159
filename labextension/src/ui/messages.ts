/** Every word that vnb's front end says to a user, in one table, and the one function that says it. */

const EN = {
  about: "About",
  alternatives: "Alternatives",
  attempt: "Attempt",
  attempts: "Attempts",
  attemptsOfStep: "Attempts of this step",
  budgetOf: "{tokens} of {budget} tokens",
  cached: "Cached prompt tokens",
  cachedAfter: "after {found}",
  cachedBefore: "before {found}",
  cachedFound: "Found in the KV cache: {found}.",
  cachedOf: "{n} of {of} tokens",
  cachedUntil: "{found}, ending {where}",
  change: "Change",
  changes: "Plan changes",
  chosen: "chosen",
  command: "Command",
  commands: "Commands",
  commandAccepted: "accepted",
  commandRejected: "rejected: {reason}",
  compareWith: "Compare with",
  constraints: "Constraints",
  context: "Context",
  contextNone: "No context yet: the attempt was not sent to the engine.",
  contextOmitted: "The parts of this context",
  copied: "Copied",
  copy: "Copy",
  cost: "Cost",
  cutAtMax: "cut at max tokens",
  decode: "Decode",
  decodeRate: "Decode, tokens per second",
  deliverable: "Deliverable",
  diff: "Diff",
  diffAlike: "{before} → {after} characters, {share}% alike",
  diffChanges: "{n} {change}",
  diffCut: "Compared are the first {n} characters. The whole texts:",
  diffDidNotFit: "did not fit",
  diffDifference: "Difference",
  diffEmpty: "There is nothing to compare with: no other attempt of this run was made yet.",
  diffInCell: "In a cell:",
  diffLoading: "Reading {run}…",
  diffMore: "… {n} more characters",
  diffNoContext: "{attempt} was never sent, so it has no context.",
  diffNoStep: "{run} has no attempt of {step}.",
  diffOtherMedia: "another image",
  diffPartTrimmed: "{side}: trimmed from {n}",
  diffPrefixHere: "the shared prefix ends here",
  diffRunning: "Outputs are compared when both attempts have ended.",
  diffSame: "the same {n} characters",
  diffTokens: "{before} → {after} tokens",
  diffUnchanged: "… {n} characters unchanged …",
  diffUnknown: "Which tokens both prompts share",
  diffUnreadable: "{run} cannot be read: {why}",
  diffWas: "was {source}",
  diffWhat: "What is compared",
  documents: "Documents",
  edited: "edited",
  engine: "Engine",
  entropy: "Entropy",
  entropyAtLeast: "≥ {bits} bits",
  entropyWhy: "Over the recorded alternatives, all others as one: the true entropy is at least this.",
  eventsOf: "{run}, {events} events",
  forkedFrom: "Forked from",
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
  lessProbable: "less probable",
  moreProbable: "more probable",
  needs: "Needs",
  newer: "This run was saved by a newer vnb. Shown here is its HTML; for the rest: pip install -U vnb",
  noAttempts: "This step has not run.",
  noLogprobs: "The engine gave no log-probabilities.",
  noOutput: "No output.",
  notKept: "{what}: not kept in this notebook, to keep it small. The store has it:",
  ofAttempts: "#{n} of {of}",
  omitted: "omitted",
  options: "Options",
  otherRuns: "The same step of other runs",
  otherSteps: "Other steps",
  output: "Output",
  outputTokens: "Output tokens",
  perplexity: "perplexity {value}",
  planning: "planning",
  prefill: "Prefill",
  prefillRate: "Prefill, uncached tokens per second",
  prefix: "Prefix",
  prefixBegins: "where {part} begins",
  prefixBehind: "behind the last part",
  prefixEnds: "It ends {where}, which was {change}.",
  prefixEndsBehind: "It ends behind the last part.",
  prefixHitShare: "Prefix hit",
  prefixHits: "{share} prefix hits",
  prefixRule: "KV prefix ended here, {where}: prefix hit {n} of {of} tokens",
  prefixSame: "Both prompts are the same {n} tokens.",
  prefixShared: "Shared prefix: the first {n} tokens of {before} and {after}. {ending}",
  prefixWithin: "{n} tokens into {part}",
  probability: "Probability",
  promptTokens: "Prompt tokens",
  queue: "Queue",
  rate: "{rate} tok/s",
  reason: "Reason",
  reused: "No model was called: this is the stored output of {source}.",
  result: "Result",
  run: "Run",
  sampling: "Sampling",
  showAll: "Show all {n} characters",
  showMore: "Show {n} more",
  snapshot: "This is how the run stood at {time}. How it went on:",
  soFar: "so far",
  stale: "stale",
  staleWhy: "Stale: {reason}",
  status: "Status",
  step: "Step",
  steps: "Steps",
  stepsOf: "{done}/{planned} steps",
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
  unreadable: "This run cannot be read: {why}.",
  version: "vnb",
  whole: "The whole text",

  add: "added",
  added: "added",
  after: "after",
  before: "before",
  cancelled: "cancelled",
  changed: "changed",
  compacted: "compacted",
  decoding: "decoding",
  drop: "dropped",
  dropped: "dropped",
  failed: "failed",
  finished: "finished",
  interrupted: "interrupted",
  kept: "kept",
  moved: "moved",
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
  omittedParts: ["{n} omitted", "{n} omitted"],
  parts: ["{n} part", "{n} parts"],
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
