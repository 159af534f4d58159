/** What a user can ask of a run's kernel, and the magic that asks the same. */

import type { Json } from "../protocol/types.gen";

/** One thing asked of a run; `name` and the other fields are what the kernel gets. */
export type Command =
  | { name: "stop" }
  | { name: "resume" }
  /** Lets a plan that waits for approval run; `plan` is its text where it was edited. */
  | { name: "approve"; plan?: string }
  | { name: "rerun"; steps: readonly string[]; down?: boolean; instruction?: string; settings?: Settings }
  | { name: "choose"; step: string; attempt: number }
  /** A new run of what was up to `at`: a step (just before its first attempt), an event's number, or all there is. */
  | { name: "fork"; at: string | number | null }
  /** Changes nothing: says whether the text is a plan that the run could take. */
  | { name: "check_plan"; plan: string };

/** Fields of `Sampling` in vnb/core/types.py, as text. */
export type Settings = Readonly<Record<string, string>>;

/** What came of a command. A refusal says why, and what to type next. */
export interface Answer {
  ok: boolean;
  error: string;
  hint: string;
  value: Json;
}

/** The kernel that has the run, as long as it is there. */
export interface Kernel {
  /** Whether commands are heard while a cell runs; where not, they wait for the cell's end. */
  readonly prompt: boolean;
  /** Never rejects: a kernel that is gone is an answer that says so. */
  ask(command: Command): Promise<Answer>;
}

/** What one would type for it in a cell; several lines are one cell of lines. Null if nothing is to be typed. */
export function magicOf(command: Command, run: string): string | null {
  switch (command.name) {
    case "stop":
      return `%vstop ${run}`;
    case "resume":
      return `%vrun ${run}`;
    case "approve":
      return command.plan === undefined ? `%vrun ${run}` : `plan = ${python(command.plan)}\n%vrun ${run} --plan plan`;
    case "rerun":
      return rerun(command, run);
    case "choose":
      return `%vchoose ${word(`${command.step}#${command.attempt}`)} --run ${run}`;
    case "fork":
      return `%vfork ${word(run + place(command.at))} fork`;
    case "check_plan":
      return null;
  }
}

function rerun(command: Command & { name: "rerun" }, run: string): string {
  const settings = Object.entries(command.settings ?? {}).map(([name, value]) =>
    name === "seed" ? ` --seed ${word(value)}` : ` --set ${word(`${name}=${value}`)}`,
  );
  const words = command.instruction === undefined ? "" : `words = ${python(command.instruction)}\n`;
  const edit = words ? " --edit words" : "";
  const steps = command.steps.map((step) => `${word(step)} `).join("");
  return `${words}%vrerun ${steps}--run ${run}${command.down ? " --down" : ""}${edit}${settings.join("")}`;
}

function place(at: string | number | null): string {
  if (at === null) return "";
  return typeof at === "number" ? `@${at}` : `:${at}`;
}

/** One word of a magic's line, as a shell would read it. */
function word(text: string): string {
  return /^[\w@%+=:,.#/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** What a cell would not leave as it is within three quotes: control characters, and lines that look like prompts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ALTERED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^\s*(>>>|\.\.\.|In \[)/mu;

/** A Python literal of the text, on as many lines as it has. */
function python(text: string): string {
  if (!text.includes("\n") || ALTERED.test(text)) return oneLine(text);
  const body = text.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"').replace(/"$/, '\\"');
  return `"""${body}"""`;
}

function oneLine(text: string): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029]/g, escaped);
}
