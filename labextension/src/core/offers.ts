/**
 * What may be asked of a run as it stands. The twin of `check` in vnb/executor/commands.py, as far as a view tells; the
 * kernel has the last word.
 */

import type { AttemptView, RunView, StepView } from "../protocol/types.gen";
import type { Command } from "./commands";
import { descendants, edges } from "./dag";
import { planOf } from "./fold";
import { isActive } from "./rows";

export type Action =
  | "stop"
  | "resume"
  | "rerunStale"
  | "fork"
  | "rerun"
  | "rerunDown"
  | "editRerun"
  | "forkHere"
  | "choose";

/** Why something cannot be asked now. */
export type Why =
  | { because: "notRun" | "willRun" | "gated" | "underWay" }
  | { because: "needs"; need: string; status: string };

/** Something to ask for; with `why`, it has its place but not its time. */
export interface Offer {
  action: Action;
  command: Command;
  why: Why | null;
}

/** Whether nothing of the plan may run yet: it waits for approval. */
export function isGated(view: RunView): boolean {
  const { plan_only, approve } = view.task.options;
  return (plan_only || approve) && !view.approved;
}

/** Whether there is a plan that only waits for approval. */
export function awaitsApproval(view: RunView): boolean {
  return isGated(view) && view.planned && view.status !== "running";
}

/** What can be asked of the run itself. */
export function runOffers(view: RunView): Offer[] {
  if (!view.seq) return [];
  const found: Offer[] = [];
  const offer = (action: Action, command: Command) => found.push({ action, command, why: null });
  if (view.status === "running") offer("stop", { name: "stop" });
  else if (view.status !== "finished" && !awaitsApproval(view)) offer("resume", { name: "resume" });
  if (staleOf(view).length) offer("rerunStale", { name: "rerun", steps: [], down: true });
  offer("fork", { name: "fork", at: null });
  return found;
}

/** The steps whose results were made from others than there are now. */
export function staleOf(view: RunView): string[] {
  return [...view.steps.values()].filter((step) => step.stale).map((step) => step.step.id);
}

/** What can be asked of a step. */
export function stepOffers(view: RunView, step: StepView): Offer[] {
  const { id, instruction } = step.step;
  const found: Offer[] = [];
  if (step.status !== "superseded") {
    const why = whyNoRerun(view, step);
    const offer = (action: Action, command: Command) => found.push({ action, command, why });
    offer("rerun", { name: "rerun", steps: [id] });
    if (isNeeded(view, step)) offer("rerunDown", { name: "rerun", steps: [id], down: true });
    if (!isJoined(view, step)) offer("editRerun", { name: "rerun", steps: [id], instruction });
  }
  if (step.attempts.length) found.push({ action: "forkHere", command: { name: "fork", at: id }, why: null });
  return found;
}

/** To make another attempt the one that counts; null where there is nothing to choose. */
export function choiceOf(view: RunView, step: StepView, attempt: AttemptView): Offer | null {
  const good = attempt.status === "finished" || attempt.status === "reused";
  if (!good || attempt.number === step.chosen || step.status === "superseded" || step.step.role === "review")
    return null;
  const busy = view.status === "running" && isActive(step.attempts.at(-1));
  const command: Command = { name: "choose", step: step.step.id, attempt: attempt.number };
  return { action: "choose", command, why: busy ? { because: "underWay" } : null };
}

function whyNoRerun(view: RunView, step: StepView): Why | null {
  const { id, role } = step.step;
  if (role !== "work" && role !== "integrate") return step.attempts.length ? null : { because: "notRun" };
  if (isGated(view)) return { because: "gated" };
  if (isComing(view, step) && !step.attempts.length) return { because: "willRun" };
  const plan = planOf(view);
  const needs = role === "integrate" ? plan.map((one) => one.id) : (edges(plan).get(id) ?? []);
  for (const need of needs) {
    const needed = view.steps.get(need);
    if (!needed?.chosen && !isComing(view, needed)) {
      return { because: "needs", need, status: needed?.status ?? "waiting" };
    }
  }
  return null;
}

/** Whether the step will run anyway, as far as one can see: a run under way does all that it can. */
function isComing(view: RunView, step: StepView | undefined): boolean {
  return view.status === "running" && ["waiting", "queued", "running"].includes(step?.status ?? "");
}

/** Whether anything is made from what the step puts out. */
function isNeeded(view: RunView, step: StepView): boolean {
  if (step.step.role === "integrate" || step.step.role === "review") return false;
  if (step.step.role !== "work" || view.steps.has("integrate")) return true;
  return descendants(edges(planOf(view)), [step.step.id]).size > 0;
}

/** What attempts name as their engine where results were joined; `ENGINE` in vnb/executor/joining.py. */
const JOINED = "concat";

/** Whether its output is that of others put together, without a model: it has no words of its own to be changed. */
function isJoined(view: RunView, step: StepView): boolean {
  const { integrate, schema } = view.task.options;
  if (integrate === "write") return false;
  if (integrate === "auto") return step.attempts.at(-1)?.engine === JOINED; // it was chosen when it was due
  if (step.step.role === "integrate") return !schema;
  return planOf(view).some((one) => one.parent === step.step.id);
}
