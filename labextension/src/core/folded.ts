/** A comparison of texts as it is shown: long unchanged stretches folded, in all no more than one can look at. */

import { first, last, points } from "./code_points";
import type { Piece, PieceKind, TextDiff } from "./text_diff";

/** Characters of unchanged text that are shown beside a change. */
const EDGE = 120;

/** How far from there the end of a word is looked for. */
const WORD_END = 24;

/** A text; or how much unchanged text of piece `index` is folded; or how much more there is behind what is shown. */
export type Shown =
  | { kind: PieceKind; text: string }
  | { kind: "folded"; index: number; hidden: number }
  | { kind: "more"; hidden: number };

/**
 * The pieces with long unchanged ones folded, at most about `most` characters; see `folded` in vnb/views/diff_rows.py.
 *
 * @param opened Pieces that are not to be folded.
 */
export function folded(pieces: TextDiff, most: number, opened: ReadonlySet<number> = new Set()): Shown[] {
  const found: Shown[] = [];
  let left = most;
  for (const [index, piece] of pieces.entries()) {
    if (left <= 0) {
      const rest = pieces.slice(index).reduce((sum, other) => sum + points(other.text), 0);
      return [...found, { kind: "more", hidden: rest }];
    }
    const size = points(piece.text);
    if (piece.kind === "kept" && !opened.has(index)) {
      const parts = inPart(pieces, index, piece, size);
      found.push(...parts);
      left -= parts.reduce((sum, part) => sum + ("text" in part ? points(part.text) : 0), 0);
      continue;
    }
    found.push({ kind: piece.kind, text: first(piece.text, left) });
    if (size > left) found.push({ kind: "more", hidden: size - left });
    left -= size;
  }
  return found;
}

/** An unchanged piece: what stands beside the changes before and after it, or all of it where that is not much more. */
function inPart(pieces: TextDiff, index: number, { text }: Piece, size: number): Shown[] {
  const head = index ? headOf(text) : "";
  const tail = index + 1 < pieces.length ? tailOf(text) : "";
  const hidden = size - points(head) - points(tail);
  if (hidden <= EDGE) return [{ kind: "kept", text }];
  return [
    { kind: "kept", text: head },
    { kind: "folded", index, hidden },
    { kind: "kept", text: tail },
  ];
}

function headOf(text: string): string {
  const edge = [...first(text, EDGE)];
  return edge.slice(0, wordEnd(edge)).join("");
}

function tailOf(text: string): string {
  const edge = [...last(text, EDGE)].reverse();
  return edge.slice(0, wordEnd(edge)).reverse().join("");
}

/** Behind the last space near the end; all where there is none. */
function wordEnd(edge: readonly string[]): number {
  for (let place = edge.length - 1; place >= EDGE - WORD_END; place--) {
    if (edge[place] === " " || edge[place] === "\n") return place + 1;
  }
  return EDGE;
}
