/** What two lists of numbers have in common, as Python's `difflib.SequenceMatcher` finds it (without junk). */

import { bisect } from "./align";

/** `[0]:[1]` of the list before were replaced by `[2]:[3]` of the list after. */
export type Edit = readonly [start: number, end: number, newStart: number, newEnd: number];

type Match = readonly [start: number, newStart: number, size: number];

/** What lies between the stretches that both lists have. */
export function edits(a: ArrayLike<number>, b: ArrayLike<number>): Edit[] {
  const found: Edit[] = [];
  let i = 0;
  let j = 0;
  for (const [start, newStart, size] of [...matches(a, b), [a.length, b.length, 0] as const]) {
    if (i < start || j < newStart) found.push([i, start, j, newStart]);
    i = start + size;
    j = newStart + size;
  }
  return found;
}

/** The longest stretch that both have, then the longest to the left of it and to the right of it, and so on; in order. */
function matches(a: ArrayLike<number>, b: ArrayLike<number>): Match[] {
  const places = new Map<number, number[]>();
  for (let j = 0; j < b.length; j++) {
    const word = b[j] as number;
    const there = places.get(word);
    if (there) there.push(j);
    else places.set(word, [j]);
  }
  const longest = finder(a, b.length, places);
  const found: Match[] = [];
  const todo: Edit[] = [[0, a.length, 0, b.length]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [start, end, newStart, newEnd] = next;
    const [i, j, size] = longest(next);
    if (!size) continue;
    found.push([i, j, size]);
    if (start < i && newStart < j) todo.push([start, i, newStart, j]);
    if (i + size < end && j + size < newEnd) todo.push([i + size, end, j + size, newEnd]);
  }
  return found.sort((one, other) => one[0] - other[0]);
}

/** Finds the longest stretch that two lists have within bounds; of several the one that starts first before, then after. */
function finder(
  a: ArrayLike<number>,
  size: number,
  places: ReadonlyMap<number, readonly number[]>,
): (within: Edit) => Match {
  // How long the stretch is that ends at a place after, one further on; of the word before and of this word.
  let lengths = new Int32Array(size + 1);
  let next = new Int32Array(size + 1);
  const clear = (row: Int32Array, word: number | undefined) => {
    for (const j of word === undefined ? [] : (places.get(word) ?? [])) row[j + 1] = 0;
  };
  return ([start, end, newStart, newEnd]) => {
    let best: Match = [start, newStart, 0];
    for (let i = start; i < end; i++) {
      const there = places.get(a[i] as number) ?? [];
      for (let at = newStart ? bisect(there, newStart) : 0; at < there.length; at++) {
        const j = there[at] as number;
        if (j >= newEnd) break;
        const length = (lengths[j] as number) + 1;
        next[j + 1] = length;
        if (length > best[2]) best = [i - length + 1, j - length + 1, length];
      }
      clear(lengths, i > start ? a[i - 1] : undefined);
      [lengths, next] = [next, lengths];
    }
    clear(lengths, end > start ? a[end - 1] : undefined);
    return best;
  };
}
