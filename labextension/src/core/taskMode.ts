/** How `%%vtask` and `%%vplan` cells are read for colouring: the magic's line, `{{names}}`, the lines of a plan. */

import type { StreamParser, StringStream } from "@codemirror/language";

/** What a cell begins with that is not Python. As IPython sees it: nothing but empty lines before, no `?` behind. */
export const MAGIC = /^(?:[ \t]*\r?\n)*%%(vtask|vplan)(?![\w?])/;

const NAME = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
const INDEX = String.raw`\[(?:-?\d+|'[^']*'|"[^"]*")\]`;
const REFERENCE = new RegExp(String.raw`^\{\{\s*${NAME}(?:\.${NAME}|${INDEX})*\s*\}\}`, "u");
const ESCAPED = /^(?:\\\\)*\\\{\{/;
const STEP = String.raw`\p{L}[\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)*`;
const HEAD = new RegExp(String.raw`^${STEP}(?=\s*(?:\[(?:"(?:\\.|[^"\\])*"|[^\]"])*\])?\s*:(?:\s|$))`, "u");
const DELIVERS = "->";
const NEED = new RegExp(`^${STEP}`, "u");

interface Place {
  /** Which cell it is; empty before its first line. */
  cell: "" | "vtask" | "vplan";
  /** What is read now: the magic's line, or a part of a plan. */
  part: "magic" | "head" | "options" | "text" | "needs";
  /** Whether braces are left as they are. */
  raw: boolean;
}

export const taskMode: StreamParser<Place> = {
  name: "vnb",
  startState: () => ({ cell: "", part: "magic", raw: false }),
  token(stream, place) {
    if (!place.cell) return begin(stream, place);
    if (stream.sol()) place.part = place.cell === "vplan" && !/^\s/.test(stream.string) ? "head" : "text";
    if (place.part === "magic") return ofMagic(stream);
    return place.cell === "vtask" ? ofTask(stream, place) : ofPlan(stream, place);
  },
};

function begin(stream: StringStream, place: Place): string | null {
  const found = stream.match(/^%%(vtask|vplan)(?![\w?])/) as RegExpMatchArray | null;
  if (!found) {
    stream.skipToEnd();
    return null;
  }
  place.cell = found[1] as "vtask" | "vplan";
  place.raw = /\s--raw(?=\s|$)/.test(stream.string);
  return "keyword";
}

function ofMagic(stream: StringStream): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^--?[A-Za-z][\w-]*=?/)) return "attributeName";
  if (stream.match(/^"[^"]*"?|^'[^']*'?/)) return "string";
  if (stream.match(/^-?\d+(?:\.\d+)?(?:\.\.\d+)?(?=\s|$)/)) return "number";
  stream.match(/^\S+/);
  return "variableName.definition";
}

function ofTask(stream: StringStream, place: Place): string | null {
  if (!place.raw) {
    if (stream.match(ESCAPED)) return null;
    if (stream.match(REFERENCE)) return "variableName.special";
  }
  stream.next();
  stream.eatWhile(/[^{\\]/);
  return null;
}

function ofPlan(stream: StringStream, place: Place): string | null {
  if (place.part === "head") {
    if (stream.sol() && stream.match(/^#.*/)) return "comment";
    if (stream.sol() && stream.match(DELIVERS)) {
      place.part = "needs";
      return "operator";
    }
    if (stream.sol() && stream.match(HEAD)) return "variableName.definition";
    if (stream.match(/^\[/)) {
      place.part = "options";
      return "bracket";
    }
    if (stream.match(/^:/)) {
      place.part = "text";
      return "punctuation";
    }
    if (stream.eatSpace()) return null;
    stream.skipToEnd(); // no step: said when it is run
    return null;
  }
  if (place.part === "options") return ofOptions(stream, place);
  if (place.part === "needs") {
    if (stream.match(NEED)) return "variableName.special";
    stream.next();
    return null;
  }
  if (stream.match(/^(?:\\\\)*\\<-/)) return null; // a literal arrow
  if (stream.match("<-")) {
    place.part = "needs";
    return "operator";
  }
  stream.next();
  stream.eatWhile(/[^<\\]/);
  return null;
}

function ofOptions(stream: StringStream, place: Place): string | null {
  if (stream.match(/^\]/)) {
    place.part = "head";
    return "bracket";
  }
  if (stream.eatSpace()) return null;
  if (stream.match(/^[A-Za-z_]+(?==)/)) return "propertyName";
  if (stream.match(/^=/)) return "operator";
  if (stream.match(/^"(?:\\.|[^"\\])*"?/)) return "string";
  if (stream.match(/^-?\d+(?:\.\d+)?(?=[\s\]])/)) return "number";
  if (!stream.match(/^[^\s\]="]+/)) stream.next();
  return "string";
}
