/** How steps are called, and what is out of the ordinary about them, in words. */

import { tallyOf } from "../core/items";
import { reasoningSeconds } from "../core/metrics";
import type { AttemptView, PlanRevised, Program, RunView, Step, StepView, Token } from "../protocol/types.gen";
import { count, label, seconds } from "./figures";
import { counted, t, word } from "./messages";
import { told } from "./told";

/** A step's id and title in a line. */
export function nameOf(step: Step): string {
  const id = label(step.id, 40);
  const title = label((step.role === "work" ? step.title || step.item : told(step.title)) || step.instruction, 120);
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

/** How far a map is: `48 of 50 done, 1 failed, 1 running`; empty while there are no items. */
export function tallied(items: readonly StepView[]): string {
  const { of, done, ...others } = tallyOf(items);
  if (!of) return "";
  const said = Object.entries(others).flatMap(([name, n]) => (n ? [`${count(n)} ${word(name)}`] : []));
  return [t("doneOf", { done: count(done), of: count(of) }), ...said].join(", ");
}

/** How the task is done; where vnb chose that, also why, and what does it another way. Empty while it is not known. */
export function wayOf({ strategy, why }: RunView): string {
  if (!strategy || !why) return word(strategy ?? "");
  const other = t("anotherWay", { option: `--strategy ${strategy === "plan" ? "direct" : "plan"}` });
  return `${word(strategy)}: ${label(told(why))} · ${other}`;
}

/** How long a program ran: `4.2 ms`. */
export function ran({ seconds: time }: Program): string {
  return t("ran", { time: time < 1 ? `${Number((time * 1000).toPrecision(3))} ms` : seconds(time) });
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
