/** A plan as the text that people write and read; the twin of `print_plan` in vnb/planner/parse.py. */

import type { ConstraintKind, Plan, Sampling, Step } from "../protocol/types.gen";

/** The numbers of `Sampling` in the order in which they are written, and whether they may have a fraction. */
const NUMBERS: readonly (readonly [Exclude<keyof Sampling, "stop" | "think">, boolean])[] = [
  ["temperature", true],
  ["top_p", true],
  ["top_k", false],
  ["min_p", true],
  ["max_tokens", false],
  ["seed", false],
  ["repeat_penalty", true],
  ["dry", true],
  ["logprobs", false],
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python takes them for white space
const PLAIN = /^[^"\]\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/** `id [options]: instruction <- needs`, a step a line; longer instructions go on in indented lines; last `-> delivered`. */
export function printPlan({ steps, deliver }: Plan): string {
  const ids = new Set(steps.map((step) => step.id));
  const lines = steps.map((step) => printStep(step, ids));
  if (deliver.length) lines.push(`-> ${deliver.join(", ")}`);
  return lines.join("\n");
}

function printStep(step: Step, ids: ReadonlySet<string>): string {
  const options = optionsOf(step, ids).map(([name, value]) => `${name}=${quoted(value)}`);
  const said = options.length ? ` [${options.join(" ")}]` : "";
  const body = step.instruction.replace(/(\\*)<-/g, "$1$1\\<-").replaceAll("\n", "\n    ");
  const needs = step.needs.length ? ` <- ${step.needs.join(", ")}` : "";
  return `${step.id}${said}: ${body}${needs}`;
}

const CHECKS: Record<ConstraintKind, string> = { regex: "check", json_schema: "check_schema", python: "check_code" };

function optionsOf(step: Step, ids: ReadonlySet<string>): [string, string][] {
  const found: [string, string][] = [];
  if (step.kind !== "write") found.push(["kind", step.kind]);
  if (step.over) found.push(["over", step.over]);
  if (step.title) found.push(["title", step.title]);
  if (step.item) found.push(["item", step.item]);
  if (step.engine) found.push(["model", step.engine]);
  for (const [name, fraction] of NUMBERS) {
    const value = step.sampling[name];
    if (value !== null) found.push([name, fraction ? float(value) : String(value)]);
  }
  const { think, stop } = step.sampling;
  if (think !== null) found.push(["think", think]);
  if (stop) for (const word of stop.length ? stop : [""]) found.push(["stop", word]);
  if (step.budget !== null) found.push(["budget", String(step.budget)]);
  const { constraint, check } = step;
  if (constraint) found.push([constraint.kind === "json_schema" ? "schema" : "regex", constraint.text]);
  if (check) found.push([CHECKS[check.kind], check.text]);
  if (step.parent !== impliedParent(step.id, ids)) found.push(["parent", step.parent]);
  return found;
}

/** The step whose id is this one's without its last part, where there is one. */
function impliedParent(id: string, ids: ReadonlySet<string>): string {
  const above = id.slice(0, Math.max(0, id.lastIndexOf(".")));
  return ids.has(above) ? above : "";
}

function quoted(value: string): string {
  if (PLAIN.test(value)) return value;
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

/** A number as Python writes a float. */
function float(value: number): string {
  if (Number.isInteger(value)) return `${value}.0`;
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}
