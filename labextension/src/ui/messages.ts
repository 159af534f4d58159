/** Every word that vnb's front end says to a user, in one table, and the one function that says it. */

const EN = {
  about: "About",
  alternatives: "Alternatives",
  asking: "Asking the kernel …",
  attempt: "Attempt",
  attempts: "Attempts",
  beside: "Open beside",
  budgetOf: "{tokens} of {budget} tokens",
  cached: "Cached prompt tokens",
  cells: "cells",
  change: "Change",
  changes: "Plan changes",
  chooseKernel: "Choose a kernel",
  chosen: "chosen",
  command: "Command",
  commands: "Commands",
  commandAccepted: "accepted",
  commandRejected: "rejected: {reason}",
  constraints: "Constraints",
  context: "Context",
  contextNone: "No context yet: the attempt was not sent to the engine.",
  contextOf: "context {tokens}",
  contextOmitted: "The parts of this context",
  copied: "Copied",
  copy: "Copy",
  cutAtMax: "cut at max tokens",
  decode: "Decode",
  decodeRate: "Decode, tokens per second",
  default: "default",
  delete: "Delete …",
  deleteFor: "Delete this run for good?",
  deleteNow: "Delete",
  deliverable: "Deliverable",
  details: "Details",
  documents: "Documents",
  edited: "edited",
  engine: "Engine",
  entropy: "Entropy",
  entropyAtLeast: "≥ {bits} bits",
  entropyWhy: "Over the recorded alternatives, all others as one: the true entropy is at least this.",
  eventsOf: "{run}, {events} events",
  export: "Export …",
  exportAs: "A file name; its end decides what it becomes: .html, .md, .ipynb or .jsonl",
  exported: "Written: {path}",
  exportNow: "Export",
  forkedFrom: "Forked from",
  forkOf: "fork of {run}",
  formatted: "Formatted",
  goal: "Goal",
  idle: "idle {time}",
  inputs: "Inputs",
  instruction: "Instruction",
  itl: "Between tokens, median and longest",
  kernelBusy: "The kernel is busy: it answers when its cell has ended.",
  kernelMemory: "This kernel has {size} in memory",
  key: "Key",
  knownModels: "Could be loaded: {n}",
  kvCache: "KV cache",
  kvCacheNow: "{used} used, {cached} cached of {size} {unit}",
  kvCacheUse: "{used} of {size} in use ({unit}), {cached} cached; at most {most}",
  language: "Language",
  lessProbable: "less probable",
  load: "Load",
  loadModel: "Load {model}",
  loadVnb: "Load vnb",
  memoryOf: "{used} of {total}",
  models: "Models",
  moreProbable: "more probable",
  moreRuns: "Show more runs",
  needs: "Needs",
  newer: "This run was saved by a newer vnb. Shown here is its HTML; for the rest: pip install -U vnb",
  newTask: "New task cell",
  noAttempts: "This step has not run.",
  noKernel: "This notebook has no kernel, so there is nobody to ask.",
  noLogprobs: "The engine gave no log-probabilities.",
  noModel: "No model is loaded. A task loads the one it needs.",
  noNotebook: "Open a notebook: its kernel tells of runs and models.",
  noOutput: "No output.",
  noRuns: "The store holds no runs yet. Write {magic} into a cell, and below it what is to be done.",
  nothingFound: "No run has that in its id, task or model.",
  notKept: "{what}: not kept in this notebook, to keep it small. The store has it:",
  ofAttempts: "#{n} of {of}",
  omitted: "omitted",
  openHere: "Open here",
  options: "Options",
  otherLanguage: "This notebook's kernel does not run Python, and vnb is a part of Python kernels.",
  output: "Output",
  outputTokens: "Output tokens",
  pages: "pages",
  perplexity: "perplexity {value}",
  planning: "planning",
  prefill: "Prefill",
  prefillRate: "Prefill, uncached tokens per second",
  prefix: "Prefix",
  prefixHits: "{share} prefix hits",
  probability: "Probability",
  promptTokens: "Prompt tokens",
  queue: "Queue",
  rate: "{rate} tok/s",
  reason: "Reason",
  refresh: "Refresh",
  refreshPanel: "Refresh runs and models",
  replaceFile: "Replace a file of that name",
  reused: "No model was called: this is the stored output of {source}.",
  result: "Result",
  run: "Run",
  runs: "Runs",
  runsUnderWay: "{n} running",
  sampling: "Sampling",
  searchRuns: "Search runs",
  showAll: "Show all {n} characters",
  showMore: "Show {n} more",
  showPanel: "Show runs and models",
  sidePanel: "Runs and models",
  slots: "{n} at once",
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
  unload: "Unload",
  unreadable: "This run cannot be read: {why}.",
  version: "vnb",
  vnbNotLoaded: "vnb is not loaded in this notebook's kernel:",
  whole: "The whole text",

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
