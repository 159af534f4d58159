/**
 * What differs between two texts, word by word; in scripts without spaces character by character, in code token by
 * token. The twin of vnb/core/text_diff.py, with the same bounds: long texts are first taken apart at runs of words that
 * occur once in both, and what is still too much then counts as replaced.
 */

import { rising } from "./align";
import { points } from "./code_points";
import { type Edit, edits } from "./matching";

export type PieceKind = "kept" | "dropped" | "added";

/** A stretch of text that both have, that only the text before has, or that only the text after has. */
export interface Piece {
  kind: PieceKind;
  text: string;
}

/** Two texts as pieces in order; at one place what was dropped comes before what was added. */
export type TextDiff = readonly Piece[];

/** What is a space to Python: JavaScript's own class has U+FEFF and lacks the separators of ASCII and Latin-1. */
const SPACES = "\\t\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ALONE = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const SIGNS =
  "!-\\/:-@\\[-\\^`\\{-~\\u00a1-\\u00bf\\u2010-\\u2027\\u2030-\\u205e\\u3000-\\u303f\\uff00-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff65";

/** A word with the space before it; a line end; spaces that are more than one. */
const WORD = new RegExp(`\\n| ?(?:[${ALONE}]|[^\\n${SPACES}${SIGNS}${ALONE}]+|[^\\n${SPACES}])|[${SPACES}]+`, "gu");
const BLANK = new RegExp(`^[\\n${SPACES}]*$`, "u");

/** The most pairs of equal words that one comparison may look at, and all comparisons of two texts together. */
const [PAIRS, ALL_PAIRS] = [100_000, 400_000];

/** The most words before times words after of one comparison. */
const AREA = 25_000_000;

/** Words of the runs by which long texts are taken apart; of a third of them where that is not enough, and so on. */
const RUN = 12;

/** What was kept, dropped and added from `before` to `after`. */
export function diffTexts(before: string, after: string): TextDiff {
  if (before === after) return before ? [{ kind: "kept", text: before }] : [];
  const numbers = new Map<string, number>([["\n", 0]]);
  const [words, newWords] = [new Words(before, numbers), new Words(after, numbers)];
  const pieces: Piece[] = [];
  let done = 0;
  for (const [i, end, j, newEnd] of readable(new Comparison(words.ids, newWords.ids).edits(), words, newWords)) {
    let [dropped, added] = [words.text(i, end), newWords.text(j, newEnd)];
    let kept = before.slice(done, words.starts[i]);
    if (dropped.startsWith(" ") && added.startsWith(" ")) {
      kept += " ";
      dropped = dropped.slice(1);
      added = added.slice(1);
    }
    pieces.push({ kind: "kept", text: kept }, { kind: "dropped", text: dropped }, { kind: "added", text: added });
    done = words.starts[end] as number;
  }
  pieces.push({ kind: "kept", text: before.slice(done) });
  return pieces.filter((piece) => piece.text);
}

export function isSame(text: TextDiff): boolean {
  return text.every((piece) => piece.kind === "kept");
}

/** How many characters the texts have before and after, and which share of both was kept (1 for two empty texts). */
export function extent(text: TextDiff): { before: number; after: number; similarity: number } {
  const sizes = { kept: 0, dropped: 0, added: 0 };
  for (const piece of text) sizes[piece.kind] += points(piece.text);
  const [before, after] = [sizes.kept + sizes.dropped, sizes.kept + sizes.added];
  return { before, after, similarity: before + after ? (2 * sizes.kept) / (before + after) : 1 };
}

/** Whether there is nothing but spaces and line ends in a text. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** How many numbers two lists have in common at their start. */
export function shared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let found = 0;
  while (found < a.length && found < b.length && a[found] === b[found]) found++;
  return found;
}

/** A text as words, each by a number that equal words share; 0 is a line end. */
class Words {
  readonly ids: Int32Array;
  /** Where each word starts, and the text's end: in the string, and in code points. */
  readonly starts: Int32Array;
  private readonly points: Int32Array;

  constructor(
    private readonly whole: string,
    numbers: Map<string, number>,
  ) {
    const words = whole.match(WORD) ?? [];
    this.ids = new Int32Array(words.length);
    this.starts = new Int32Array(words.length + 1);
    this.points = new Int32Array(words.length + 1);
    words.forEach((word, place) => {
      const known = numbers.get(word) ?? numbers.size;
      if (known === numbers.size) numbers.set(word, known);
      this.ids[place] = known;
      this.starts[place + 1] = (this.starts[place] as number) + word.length;
      this.points[place + 1] = (this.points[place] as number) + points(word);
    });
  }

  text(start: number, end: number): string {
    return this.whole.slice(this.starts[start], this.starts[end]);
  }

  size(start: number, end: number): number {
    return (this.points[end] as number) - (this.points[start] as number);
  }

  hasLineEnd(start: number, end: number): boolean {
    for (let place = start; place < end; place++) if (this.ids[place] === 0) return true;
    return false;
  }
}

/** Two lists of words; `left` is how many pairs may still be looked at. */
class Comparison {
  private left = ALL_PAIRS;

  constructor(
    private readonly before: Int32Array,
    private readonly after: Int32Array,
  ) {}

  /** What was replaced by what, in words. */
  edits(): Iterable<Edit> {
    return this.within(0, this.before.length, 0, this.after.length, RUN);
  }

  /** Edits of a stretch; if it is too much, of what lies between runs of `run` words that stand out in both. */
  private *within(start: number, stop: number, newStart: number, newStop: number, run: number): Iterable<Edit> {
    let [i, end, j, newEnd] = [start, stop, newStart, newStop];
    for (; i < end && j < newEnd && this.before[i] === this.after[j]; i++) j++;
    for (; i < end && j < newEnd && this.before[end - 1] === this.after[newEnd - 1]; end--) newEnd--;
    const [a, b] = [this.before.subarray(i, end), this.after.subarray(j, newEnd)];
    if (this.holds(a, b)) {
      for (const [i1, i2, j1, j2] of edits(a, b)) yield [i + i1, i + i2, j + j1, j + j2];
    } else if (run) {
      for (const [i1, i2, j1, j2] of between(anchors(a, b, run), a.length, b.length, run)) {
        yield* this.within(i + i1, i + i2, j + j1, j + j2, Math.floor(run / 3));
      }
    } else {
      yield [i, end, j, newEnd];
    }
  }

  /** Whether comparing each word with each is little enough; if so, it is counted. */
  private holds(a: Int32Array, b: Int32Array): boolean {
    const there = new Map<number, number>();
    for (const word of b) there.set(word, (there.get(word) ?? 0) + 1);
    let pairs = 0;
    for (const word of a) pairs += there.get(word) ?? 0;
    if (pairs > Math.min(PAIRS, this.left) || a.length * b.length > AREA) return false;
    this.left -= pairs;
    return true;
  }
}

type Anchor = readonly [place: number, newPlace: number];

/** Where runs of words start that occur just once in each list, as far as their order is the same in both. */
function anchors(a: Int32Array, b: Int32Array, run: number): Anchor[] {
  const there = once(b, run);
  const places: Anchor[] = [];
  for (const [words, place] of once(a, run)) {
    const newPlace = there.get(words);
    if (newPlace !== undefined) places.push([place, newPlace]);
  }
  return rising(places.map((anchor) => anchor[1])).map((place) => places[place] as Anchor);
}

/** Where each run of words that occurs once starts, in order. */
function once(words: Int32Array, run: number): Map<string | number, number> {
  const found = new Map<string | number, number>();
  const twice: (string | number)[] = [];
  for (let place = 0; place + run <= words.length; place++) {
    const name = run === 1 ? (words[place] as number) : words.subarray(place, place + run).join();
    if (found.has(name)) twice.push(name);
    else found.set(name, place);
  }
  for (const name of twice) found.delete(name);
  return found;
}

/** The stretches that no anchor covers. */
function* between(places: Iterable<Anchor>, end: number, newEnd: number, run: number): Iterable<Edit> {
  let [i, j] = [0, 0];
  for (const [place, newPlace] of places) {
    if (place >= i && newPlace >= j) yield [i, place, j, newPlace];
    else if (place - i !== newPlace - j) continue; // it overlaps the one before, shifted
    i = place + run;
    j = newPlace + run;
  }
  yield [i, end, j, newEnd];
}

/**
 * Edits without the crumbs between them: what is kept inside a line counts only if it is longer than an edit beside it,
 * the rule of diff-match-patch's semantic clean-up.
 */
function readable(found: Iterable<Edit>, words: Words, newWords: Words): Edit[] {
  const size = ([i, end, j, newEnd]: Edit) => Math.max(words.size(i, end), newWords.size(j, newEnd));
  const kept: Edit[] = [];
  for (const edit of found) {
    let last = edit;
    for (let first = kept.at(-1); first; first = kept.at(-1)) {
      const gap = words.size(first[1], last[0]);
      if (gap > Math.min(size(first), size(last)) || words.hasLineEnd(first[1], last[0])) break;
      last = [first[0], last[1], first[2], last[3]];
      kept.pop();
    }
    kept.push(last);
  }
  return kept;
}
