/** How steps are called, and what is out of the ordinary about them, in words. */

import { reasoningSeconds } from "../core/metrics";
import type { AttemptView, PlanRevised, Step, StepView, Token } from "../protocol/types.gen";
import { label, seconds } from "./figures";
import { counted, t } from "./messages";
import { told } from "./told";

/** A step's id and title in a line. */
export function nameOf(step: Step): string {
  const id = label(step.id, 40);
  const title = label((step.role === "work" ? step.title : told(step.title)) || step.instruction, 120);
  return title && title.toLowerCase() !== step.id.toLowerCase() ? `${id} ${title}` : id;
}

/** What is wrong with what an attempt put out, though it finished. */
export function warningsOf({ warnings, reason }: AttemptView): string[] {
  if (warnings.length) return warnings.map((warning) => label(told(warning), 300));
  return reason === "length" ? [t("cutAtMax")] : [];
}

/** How long a model reasoned before it answered: `812 tokens · 12.3 s`. */
export function reasoned(attempt: AttemptView): string {
  return [counted("tokens", attempt.thought), seconds(reasoningSeconds(attempt))].filter(Boolean).join(" · ");
}

/** What else is out of the ordinary about a step and this attempt of it, beside its status. */
export function marks(step: StepView, attempt: AttemptView | undefined): string[] {
  const said: string[] = [];
  if (step.stale) said.push(t("stale"));
  if (step.edited) said.push(t("edited"));
  const context = attempt?.context;
  if (context && (context.omitted.length > 0 || context.parts.some((part) => part.full_tokens > part.tokens))) {
    said.push(t("contextTrimmed"));
  }
  return said;
}

const REPAIRED = "repaired: ";

/** Why the plan was changed. */
export function whyOf({ reason }: PlanRevised): string {
  return reason.startsWith(REPAIRED) ? `${t("repaired")}: ${told(reason.slice(REPAIRED.length))}` : told(reason);
}

/** What an attempt put out: its stored output if it is kept, else what was streamed of it; undefined if neither is here. */
export function outputOf(attempt: AttemptView, text: (digest: string) => string | undefined): string | undefined {
  const stored = attempt.output ? text(attempt.output) : undefined;
  if (stored !== undefined) return stored;
  if (attempt.output && attempt.tokens.length === 0) return undefined;
  return textOf(attempt.tokens.slice(attempt.thought));
}

/** The text of these tokens. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join("");
}

/** Python that gives something of an attempt, to be typed into a cell. */
export function pythonFor(run: string, step: string, attempt: number, what: string): string {
  return `import vnb; vnb.open(${quoted(run)})[${quoted(step)}].attempts[${attempt - 1}].${what}`;
}

function quoted(text: string): string {
  return JSON.stringify(text); // a JSON string is a Python string
}
