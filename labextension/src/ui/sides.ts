/** The two sides of a comparison: what an attempt can be compared with, and how both are called. */

import { rows, shown } from "../core/rows";
import type { RunStore } from "../core/store";
import type { AttemptView, StepView } from "../protocol/types.gen";
import { label } from "./figures";
import { t, word } from "./messages";
import { nameOf } from "./words";

/** Another run that a host can open. The list may be made anew at any time; a run is known by its id. */
export interface OtherRun {
  id: string;
  /** How it is called in the list. */
  title: string;
  /** Rejects with what to tell the user. The host keeps it if it is dear: it is asked again whenever the run is chosen. */
  open(): Promise<RunStore>;
}

export interface Side {
  store: RunStore;
  step: StepView;
  attempt: AttemptView;
}

/** `value` is `#N` for an attempt of the same step, `:ID` for another step, `@ID` for another run. */
export interface Choice {
  value: string;
  name: string;
}

export interface Choices {
  attempts: Choice[];
  steps: Choice[];
  runs: Choice[];
  /** The one to begin with; empty if there is none. */
  first: string;
}

export function choicesFor({ store, step, attempt }: Side, others: readonly OtherRun[]): Choices {
  const beside = rows(store.view)
    .map((row) => row.step)
    .filter((other) => other === step || other.attempts.length > 0);
  const attempts = step.attempts.filter((other) => other !== attempt);
  const runs = others
    .filter(({ id }) => id !== store.view.run_id)
    .map(({ id, title }) => ({ value: `@${id}`, name: label(title, 120) || id }));
  return {
    attempts: attempts.map(({ number, status }) => ({
      value: `#${number}`,
      name: `#${number} ${word(status)}${number === step.chosen ? `, ${t("chosen")}` : ""}`,
    })),
    steps: beside
      .filter((other) => other !== step)
      .map((other) => ({ value: `:${other.step.id}`, name: nameOf(other.step) })),
    runs,
    first: firstChoice(step, attempt, attempts, beside) || (runs[0]?.value ?? ""),
  };
}

/** The chosen attempt if this one is not, else the one before that was sent, else another one, else a step beside it. */
function firstChoice(
  step: StepView,
  attempt: AttemptView,
  attempts: readonly AttemptView[],
  beside: readonly StepView[],
): string {
  if (step.chosen && step.chosen !== attempt.number) return `#${step.chosen}`;
  const sent = attempts.filter((other) => other.context);
  const other = sent.findLast((one) => one.number < attempt.number) ?? sent.at(-1) ?? attempts.at(-1);
  if (other) return `#${other.number}`;
  const { role, parent } = step.step;
  const siblings = beside.filter((one) => one.step.role === role && one.step.parent === parent);
  const near = siblings.length > 1 ? siblings : beside;
  const at = near.indexOf(step);
  const sibling = near[at - 1] ?? near[at + 1];
  return sibling ? `:${sibling.step.id}` : "";
}

/** Another run, or why it cannot be opened. */
export function openRun(other: OtherRun): Promise<RunStore | Error> {
  return other.open().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

/** What was chosen in the run itself; null if it is not there. */
export function sideIn(store: RunStore, step: StepView, value: string): Side | null {
  const other = value.startsWith(":") ? store.view.steps.get(value.slice(1)) : step;
  const attempt = value.startsWith("#") ? step.attempts[Number(value.slice(1)) - 1] : other && shown(other);
  return other && attempt ? { store, step: other, attempt } : null;
}

/** `s1#2`; with its run's id where that is not the one that is looked at. */
export function nameOfSide({ store, step, attempt }: Side, run = store): string {
  const name = `${label(step.step.id, 40)}#${attempt.number}`;
  return store === run ? name : `${label(store.view.run_id, 40)}:${name}`;
}

/** What one would type to compare both: the magic, or Python where names are not fit for a line. */
export function typedFor(before: Side, after: Side): string {
  const name = ({ store, step, attempt }: Side) => `${store.view.run_id}:${step.step.id}#${attempt.number}`;
  const names = [name(before), name(after)];
  if (names.every((one) => /^[\w.-]+:[\w.-]+#\d+$/.test(one))) return `%vdiff ${names.join(" ")}`;
  const python = ({ store, step, attempt }: Side) =>
    `vnb.open(${JSON.stringify(store.view.run_id)})[${JSON.stringify(step.step.id)}].attempts[${attempt.number - 1}]`;
  return `import vnb; ${python(before)}.diff(${python(after)})`;
}
