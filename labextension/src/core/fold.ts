/** The fold: events in, view out; the twin of vnb/core/fold.py, which has refused already whatever does not fit. */

import { decode, type Event } from "../protocol/codec";
import type { AttemptView, Body, Plan, PlanRevised, RunView, Step, StepView } from "../protocol/types.gen";
import { descendants, edges } from "./dag";

/** The event does not follow on the view, or is about a step or an attempt that it does not have. */
export class FoldError extends Error {}

type BodyOf<Type extends Body["type"]> = Extract<Body, { type: Type }>;

/** Owns the view of one run; `apply` is the only thing that changes it. */
export class Fold {
  constructor(readonly view: RunView = decode("RunView", {})) {}

  /** Applies the next event and returns the id of the step that it changed; empty: the run itself. */
  apply(event: Event): string {
    if (event.seq !== this.view.seq + 1) {
      throw new FoldError(`Event ${event.seq} does not follow on ${this.view.seq}.`);
    }
    apply(this.view, event, event.body);
    this.view.seq = event.seq;
    if (!("step" in event.body)) return "";
    return typeof event.body.step === "string" ? event.body.step : event.body.step.id;
  }
}

/** The steps of the plan as it is now: no reserved ones, none that were superseded. */
export function planOf(view: RunView): Step[] {
  const steps = [...view.steps.values()];
  return steps.filter((step) => step.step.role === "work" && step.status !== "superseded").map((step) => step.step);
}

/** The plan as it is now, with what it delivers. */
export function wholePlanOf(view: RunView): Plan {
  return { steps: planOf(view), deliver: view.deliver };
}

function apply(view: RunView, event: Event, body: Body): void {
  switch (body.type) {
    case "RunStarted":
      view.run_id = event.run_id;
      view.task = body.task;
      view.vnb = body.vnb;
      view.engine = body.engine;
      view.given = body.plan;
      view.deliver = body.deliver;
      view.strategy = body.task.options.strategy === "auto" ? null : body.task.options.strategy;
      view.started_at = event.at;
      break;
    case "RunForked":
      view.run_id = event.run_id;
      view.parent = body.parent;
      view.parent_seq = body.parent_seq;
      break;
    case "RunResumed":
      Object.assign(view, { status: "running", reason: body.reason, error: "", hint: "", ended_at: 0 });
      break;
    case "RunPaused":
      view.status = "paused";
      view.reason = body.reason;
      break;
    case "RunFinished":
      Object.assign(view, { status: body.status, error: body.error, hint: body.hint, ended_at: event.at });
      view.output = body.output || view.output;
      break;
    case "BriefMade":
      view.brief = body.brief;
      break;
    case "StrategyChosen":
      Object.assign(view, { strategy: body.strategy, why: body.reason });
      break;
    case "PlanFinished":
      view.planned = true;
      view.deliver = body.deliver;
      view.steps = reordered(view.steps, body.steps);
      break;
    case "PlanApproved":
      view.approved = true;
      break;
    case "PlanRevised":
      revise(view, body);
      break;
    case "CommandAccepted":
    case "CommandRejected":
      view.commands.push(body);
      break;
    case "KVCacheSampled":
      view.kv.push([event.at, body.usage]);
      break;
    case "StaleSet":
      for (const [id, step] of view.steps) step.stale = body.steps.get(id) ?? "";
      break;
    case "StepPlanned":
      view.steps.set(body.step.id, waiting(body.step));
      break;
    case "StepEdited":
      edit(stepOf(view, body.step.id), body.step);
      break;
    case "StepSuperseded":
      supersede(view, stepOf(view, body.step), body.reason);
      break;
    case "StepSkipped":
      Object.assign(stepOf(view, body.step), { status: "skipped", note: body.reason });
      break;
    case "AttemptChosen":
      choose(view, stepOf(view, body.step), body.attempt);
      break;
    case "StepQueued":
      queue(stepOf(view, body.step), event.at, body);
      break;
    default:
      applyToAttempt(view, stepOf(view, body.step), attemptOf(view, body), event.at, body);
  }
}

type AttemptBody = BodyOf<
  | "StepStarted"
  | "StepPrefilling"
  | "StepPrefilled"
  | "StepDecoded"
  | "StepFinished"
  | "StepReused"
  | "StepFailed"
  | "StepCancelled"
  | "StepExecuted"
>;

function applyToAttempt(view: RunView, step: StepView, attempt: AttemptView, at: number, body: AttemptBody): void {
  switch (body.type) {
    case "StepStarted":
      sent(attempt, body);
      attempt.status = "prefilling";
      attempt.started_at = at;
      step.status = "running";
      break;
    case "StepPrefilling":
      Object.assign(attempt, { prefill_done: body.done, prefill_total: body.total });
      break;
    case "StepPrefilled": {
      const { prompt_tokens, cached_tokens, t_queue, t_prefill } = body;
      attempt.status = "decoding";
      attempt.prefilled_at = at;
      attempt.prefill_done = prompt_tokens;
      attempt.prefill_total = prompt_tokens;
      attempt.admission = body.admission;
      attempt.usage = { ...attempt.usage, prompt_tokens, cached_tokens, t_queue, t_prefill };
      break;
    }
    case "StepDecoded":
      for (const token of body.tokens) attempt.tokens.push(token);
      attempt.thought = body.thought;
      break;
    case "StepExecuted":
      attempt.program = body.program;
      break;
    case "StepFinished":
      ended(view, step, attempt, at, "finished");
      answered(attempt, body);
      attempt.usage = body.usage;
      break;
    case "StepReused":
      ended(view, step, attempt, at, "reused");
      sent(attempt, body);
      answered(attempt, body);
      attempt.source = body.source;
      break;
    case "StepFailed":
      ended(view, step, attempt, at, "failed");
      Object.assign(attempt, { error: body.error, hint: body.hint, output: body.output });
      attempt.usage = body.usage;
      attempt.reason = body.reason;
      break;
    case "StepCancelled":
      ended(view, step, attempt, body.until || at, "cancelled");
      attempt.usage = body.usage;
      attempt.error = body.reason;
      break;
    default:
      throw new FoldError(`Unknown event ${(body satisfies never as Body).type}.`);
  }
}

function stepOf(view: RunView, id: string): StepView {
  return stepIn(view.steps, id);
}

function stepIn(steps: RunView["steps"], id: string): StepView {
  const found = steps.get(id);
  if (!found) throw new FoldError(`There is no step ${id}.`);
  return found;
}

function attemptOf(view: RunView, body: AttemptBody): AttemptView {
  const found = stepOf(view, body.step).attempts[body.attempt - 1];
  if (!found) throw new FoldError(`${body.step} has no attempt ${body.attempt}.`);
  return found;
}

function waiting(step: Step): StepView {
  return { step, status: "waiting", attempts: [], chosen: 0, stale: "", note: "", edited: false };
}

function queue(step: StepView, at: number, body: BodyOf<"StepQueued">): void {
  step.attempts.push({ ...decode("AttemptView", { number: body.attempt }), queued_at: at });
  step.status = "queued";
  step.note = "";
}

/** The attempt counts from now on. What a planner wrote is the run's plan only once PlanFinished says so. */
function choose(view: RunView, step: StepView, attempt: number): void {
  step.chosen = attempt;
  step.status = "finished";
  if (step.step.role === "plan") view.planned = false;
}

/** Other needs alone are no edit: the step's own words and settings are as they were. */
function edit(step: StepView, to: Step): void {
  step.edited ||= !same({ ...to, needs: [] }, { ...step.step, needs: [] });
  step.step = to;
}

function sent(attempt: AttemptView, body: BodyOf<"StepStarted" | "StepReused">): void {
  const { context, prompt, sampling, constraint, engine, key, spec } = body;
  Object.assign(attempt, { context, prompt, sampling, constraint, engine, key, spec });
}

function answered(attempt: AttemptView, body: BodyOf<"StepFinished" | "StepReused">): void {
  const { output, reason, warnings, verdicts } = body;
  Object.assign(attempt, { output, reason, warnings, verdicts });
}

type Ended = "finished" | "reused" | "failed" | "cancelled";

function ended(view: RunView, step: StepView, attempt: AttemptView, at: number, status: Ended): void {
  attempt.status = status;
  attempt.ended_at = at;
  if (status === "finished" || status === "reused") {
    choose(view, step, attempt.number);
    step.stale = "";
  } else if (step.chosen) {
    step.status = "finished";
  } else {
    step.status = status;
  }
}

/** The steps of a plan in its order, which change places among themselves; all others stay where they are. */
function reordered(steps: RunView["steps"], plan: readonly string[]): RunView["steps"] {
  const order = [...new Set(plan)].filter((id) => steps.has(id)).reverse();
  const named = new Set(order);
  const ids = [...steps.keys()].map((id) => (named.has(id) ? order.pop() : id) ?? id);
  return new Map(ids.map((id) => [id, stepIn(steps, id)]));
}

function revise(view: RunView, body: PlanRevised): void {
  view.revisions.push({ reason: body.reason, changes: body.changes, deliver: body.deliver });
  if (body.deliver && body.deliver.join() !== view.deliver.join()) {
    view.deliver = body.deliver;
    const joined = view.steps.get("integrate");
    if (joined) waitAgain(joined);
  }
  const touched = new Set<string>();
  const before = edges(planOf(view));
  for (const { kind, step: id, after } of body.changes) {
    let found = view.steps.get(id);
    if (kind === "drop" && found) {
      supersede(view, found, body.reason);
      touched.add(id);
    } else if (after && (found?.status !== "waiting" || !same(found.step, after))) {
      found ??= waiting(after);
      view.steps.set(id, found);
      Object.assign(found, { step: after, status: "waiting", edited: false });
      touched.add(id);
    }
  }
  if (!touched.size) return;
  for (const id of descendants(before, touched)) touched.add(id);
  for (const id of [...touched, ...descendants(edges(planOf(view)), touched)]) waitAgain(stepOf(view, id));
  const integrate = view.steps.get("integrate");
  if (integrate) waitAgain(integrate);
}

/** The step is no longer part of the plan, nor of what it delivers. */
function supersede(view: RunView, step: StepView, reason: string): void {
  Object.assign(step, { status: "superseded", note: reason, stale: "" });
  view.deliver = view.deliver.filter((id) => id !== step.step.id);
}

/** A step whose words or needs have changed has no answer any more; its attempts stay visible. */
function waitAgain(step: StepView): void {
  if (step.status === "superseded") return;
  Object.assign(step, { status: "waiting", chosen: 0, note: "", stale: "" });
}

function same(a: Step, b: Step): boolean {
  return JSON.stringify(a) === JSON.stringify(b); // both were decoded, so their fields have one order
}
