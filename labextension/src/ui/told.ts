/**
 * What runs and kernels say in English (errors, hints, reasons), in the user's language.
 * The twin of vnb/locale/catalogue.py, with the same templates.
 */

/** Translations by English template: `{}` stands there for whatever a message was filled with. */
export type Templates = Readonly<Record<string, string>>;

/** A template with holes, and its translation. Where few letters tell it apart, no sentence fits it. */
interface Form {
  said: string;
  literal: number;
  first: string;
  last: string;
  pattern: RegExp;
}

/** Letters with which a template that begins with a hole is told from other sentences. */
const TELLING = 8;

/** A hole of a translation: the next one or that of a number; with `:say`, what fills it is translated too. */
const HOLE = /\{(\d*)(:say)?\}/g;

let whole: ReadonlyMap<string, string> = new Map();
let forms: readonly Form[] = [];

/** From now on messages are told by these templates; without any, as they are. */
export function learn(templates: Templates): void {
  const all = Object.entries(templates);
  whole = new Map(all.filter(([english]) => !english.includes("{}")));
  forms = all
    .filter(([english]) => english.includes("{}"))
    .map(([english, said]) => formOf(english, said))
    .sort((a, b) => b.literal - a.literal);
}

/** A message in the user's language; as it is where there is no translation. */
export function told(english: string): string {
  const found = whole.get(english);
  if (found !== undefined) return found;
  for (const { first, last, pattern, said } of forms) {
    const values = english.startsWith(first) && english.endsWith(last) && pattern.exec(english);
    if (values) return filled(said, values.slice(1));
  }
  return english.includes("\n") ? english.split("\n").map(told).join("\n") : english;
}

function formOf(english: string, said: string): Form {
  const pieces = english.split("{}");
  const [first = "", last = ""] = [pieces[0], pieces.at(-1)];
  const literal = pieces.reduce((sum, piece) => sum + [...piece].length, 0);
  const hole = !first && literal < TELLING ? "(\\S*?)" : "(.*?)";
  const escaped = pieces.map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return { said, literal, first, last, pattern: new RegExp(`^${escaped.join(hole)}$`, "s") };
}

function filled(said: string, values: readonly string[]): string {
  let next = 0;
  return said.replace(HOLE, (_, number: string, again: string | undefined) => {
    const value = values[number ? Number(number) : next++] ?? "";
    return again ? told(value) : value;
  });
}
