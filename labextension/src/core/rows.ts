/** What every view shows of a run: its steps in the order of the tree, and the figures of each; see vnb/views/rows.py. */

import type { AttemptView, RunView, StepView, Verdict } from "../protocol/types.gen";
import { isLongMap, isNotable } from "./items";
import * as metrics from "./metrics";

const ACTIVE: readonly string[] = ["queued", "prefilling", "decoding"];

/** Whether the attempt has not ended. */
export function isActive(attempt: AttemptView | undefined): boolean {
  return attempt !== undefined && ACTIVE.includes(attempt.status);
}

/** The attempt that a step's row is about: the one under way, else the chosen one, else the last. */
export function shown(step: StepView): AttemptView | undefined {
  const last = step.attempts.at(-1);
  return isActive(last) || !step.chosen ? last : step.attempts[step.chosen - 1];
}

/** One step in the tree, `position` of `siblings` under its parent; the run's own row is at level 1. */
export interface Row {
  step: StepView;
  level: number;
  position: number;
  siblings: number;
  /** Its sub-steps. */
  parts: readonly StepView[];
  /** Whether they are listed below it; undefined where there are none. */
  open: boolean | undefined;
}

/** The steps whose parts the user has folded away or unfolded; of the others those of long maps are folded. */
export type Folds = ReadonlyMap<string, boolean>;

/**
 * Every step, parents before their sub-steps, otherwise as announced; `integrate` comes last.
 *
 * @param folds Leaves out what is folded away, and puts what one looks for in a long map first. Without it all is there.
 */
export function rows(view: RunView, folds?: Folds): Row[] {
  const below = new Map<string, StepView[]>();
  for (const step of view.steps.values()) {
    const parent = view.steps.has(step.step.parent) ? step.step.parent : "";
    const siblings = below.get(parent);
    if (siblings) siblings.push(step);
    else below.set(parent, [step]);
  }
  below.get("")?.sort((a, b) => rank(a) - rank(b));
  const found: Row[] = [];
  const todo = level(below, "", 2, folds);
  for (let row = todo.pop(); row; row = todo.pop()) {
    found.push(row);
    if (!row.open) continue;
    if (folds && isLongMap(row.step, row.parts)) below.set(row.step.step.id, notableFirst(row.parts));
    todo.push(...level(below, row.step.step.id, row.level + 1, folds));
  }
  return found;
}

function notableFirst(items: readonly StepView[]): StepView[] {
  return [...items.filter(isNotable), ...items.filter((item) => !isNotable(item))];
}

/** The steps that `id` is a part of, the nearest first. */
export function above(view: RunView, id: string): string[] {
  const found: string[] = [];
  let parent = view.steps.get(id)?.step.parent;
  while (parent && view.steps.has(parent) && !found.includes(parent)) {
    found.push(parent);
    parent = view.steps.get(parent)?.step.parent;
  }
  return found;
}

function rank(step: StepView): number {
  if (step.step.role === "integrate") return 2;
  return step.step.id === "understand" || step.step.id === "plan" ? 0 : 1;
}

/** Rows of siblings, the first one at the end: a stack. Each parent is taken once, so that no circle is endless. */
function level(below: Map<string, StepView[]>, parent: string, at: number, folds: Folds | undefined): Row[] {
  const steps = below.get(parent) ?? [];
  below.delete(parent);
  return steps
    .map((step, index) => {
      const parts = below.get(step.step.id) ?? [];
      const folded = folds && (folds.get(step.step.id) ?? isLongMap(step, parts));
      const open = parts.length ? !folded : undefined;
      return { step, level: at, position: index + 1, siblings: steps.length, parts, open };
    })
    .reverse();
}

/** The sub-steps of a step. */
export function partsOf(view: RunView, id: string): StepView[] {
  return [...view.steps.values()].filter(({ step }) => step.parent === id);
}

/**
 * The step's status, finer where its attempt knows more: `prefilling`, `decoding`, `reused`, `warned`. A map is running
 * while its items, its `parts`, are, though it waits for them.
 */
export function statusOf(step: StepView, parts: readonly StepView[] = []): string {
  if (step.step.kind === "map" && step.status === "waiting" && parts.some(isUnderWay)) return "running";
  const attempt = shown(step);
  return attempt && (step.status === "running" || step.status === "finished") ? outcomeOf(attempt) : step.status;
}

function isUnderWay({ status }: StepView): boolean {
  return status === "queued" || status === "running";
}

/** An attempt's status as it is shown: `warned` where it finished with warnings. */
export function outcomeOf({ status, warnings }: AttemptView): string {
  return warnings.length && (status === "finished" || status === "reused") ? "warned" : status;
}

/** The run's status as it is shown: `warned` where it finished with warnings. */
export function runStatusOf(view: RunView): string {
  return view.status === "finished" && warningsOf(view).length ? "warned" : view.status;
}

/** What is wrong with the outputs that count, each with the id of its step. */
export function warningsOf(view: RunView): [step: string, warning: string][] {
  return counting(view).flatMap(([step, { warnings }]) =>
    warnings.map((warning): [string, string] => [step.step.id, warning]),
  );
}

/** What the run's result was checked for: where it was integrated, or else the results of the steps. */
export function verdictsOf(view: RunView): Verdict[] {
  const steps = counting(view);
  const last = steps.filter(([step]) => step.step.role === "integrate");
  return (last.length ? last : steps).flatMap(([, { verdicts }]) => verdicts);
}

/** The steps that have an output which counts, with the attempt that made it. */
function counting(view: RunView): [StepView, AttemptView][] {
  return [...view.steps.values()].flatMap((step): [StepView, AttemptView][] => {
    const attempt = step.status === "superseded" ? undefined : step.attempts[step.chosen - 1];
    return attempt ? [[step, attempt]] : [];
  });
}

/** Whether a model reasons, and has not begun to answer. */
export function reasonsStill({ status, tokens, thought }: AttemptView): boolean {
  return status === "decoding" && tokens.length > 0 && tokens.length <= thought;
}

/** What a run that is under way is at, beside its steps; empty where they say it themselves. */
export type Phase = "loading" | "understanding" | "planning" | "waitingForModel" | "";

/** Seconds without any attempt under way after which a run waits for its model: it is being loaded. */
const PATIENCE = 1;

export function phaseOf(view: RunView, now: number): Phase {
  if (view.status !== "running") return "";
  const active = [...view.steps.values()].filter((step) => isActive(step.attempts.at(-1)));
  if (active.some((step) => step.step.id === "understand")) return "understanding";
  if (active.some((step) => step.step.role === "plan")) return "planning";
  if (active.length) return "";
  const ended = [...view.steps.values()].flatMap((step) => step.attempts.map((attempt) => attempt.ended_at));
  if (!ended.length) return view.steps.size ? "waitingForModel" : "loading";
  return now - Math.max(...ended) > PATIENCE ? "waitingForModel" : "";
}

/** A sign for every status; the word always stands beside it or is its name. */
export const SYMBOLS: Readonly<Record<string, string>> = {
  waiting: "○",
  queued: "◔",
  prefilling: "◑",
  decoding: "▶",
  running: "▶",
  paused: "‖",
  finished: "✓",
  warned: "⚠",
  reused: "↺",
  failed: "✗",
  interrupted: "✗",
  skipped: "⊘",
  cancelled: "■",
  stopped: "■",
  superseded: "~",
};

/** What one attempt measured; `null` where nothing can be said. */
export interface Figures {
  tokens: number | null;
  rate: number | null;
  hit: number | null;
  seconds: number | null;
}

export function figures(attempt: AttemptView | undefined, view: RunView, now: number): Figures {
  if (!attempt) return { tokens: null, rate: null, hit: null, seconds: null };
  const tokens = Math.max(attempt.usage.new_tokens, attempt.tokens.length);
  return {
    tokens: tokens || attempt.status === "finished" ? tokens : null,
    rate: metrics.decodeRate(attempt),
    hit: metrics.prefixHit(attempt.usage),
    seconds: attempt.status === "reused" ? null : metrics.seconds(attempt, clock(view, now)),
  };
}

/** The moment until which active attempts of this run last: 0 (unknown) once nothing runs any more. */
export function clock(view: RunView, now: number): number {
  return view.status === "running" || view.status === "paused" ? now : 0;
}

/** The run in one line: `done` of `planned` steps of the plan, `seconds` in which any attempt was under way. */
export interface Summary {
  done: number;
  planned: number;
  prompt_tokens: number;
  new_tokens: number;
  hit: number | null;
  rate: number | null;
  seconds: number | null;
}

export function summary(view: RunView, now: number): Summary {
  const steps = [...view.steps.values()];
  const attempts = steps.flatMap((step) => step.attempts);
  const plan = steps.filter((step) => step.step.role === "work" && step.status !== "superseded");
  const prompt = sum(attempts, (attempt) => attempt.usage.prompt_tokens);
  const fresh = sum(attempts, (attempt) => Math.max(attempt.usage.new_tokens, attempt.tokens.length));
  const busy = busySeconds(attempts, clock(view, now));
  return {
    done: plan.filter((step) => step.status === "finished").length,
    planned: plan.length,
    prompt_tokens: prompt,
    new_tokens: fresh,
    hit: prompt ? sum(attempts, (attempt) => attempt.usage.cached_tokens) / prompt : null,
    rate: fresh && busy ? fresh / busy : null,
    seconds: busy || null,
  };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Seconds in which at least one attempt was under way: waiting for approval or a resume does not count. */
function busySeconds(attempts: readonly AttemptView[], now: number): number {
  const spans = attempts
    .filter((attempt) => attempt.queued_at)
    .map((attempt) => [attempt.queued_at, attempt.ended_at || now] as const)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let total = 0;
  let reached = 0;
  for (const [start, end] of spans) {
    if (end <= Math.max(start, reached)) continue;
    total += end - Math.max(start, reached);
    reached = end;
  }
  return total;
}
