/** Two lists as one, when it is known which of their items belong together; the twin of vnb/core/align.py. */

/** An item in the list before and in the list after; null where it is not in it. */
export interface Aligned<Item> {
  before: Item | null;
  after: Item | null;
  /** It stands in another order than most of the items that both lists have. */
  moved: boolean;
}

/**
 * All items in the order of the list after; what is only before follows what it followed there.
 *
 * @param partners For places after, the places before of the items that belong to them, each at most once.
 */
export function align<Item>(
  before: readonly Item[],
  after: readonly Item[],
  partners: ReadonlyMap<number, number>,
): Aligned<Item>[] {
  const inOrder = [...partners.keys()].sort((a, b) => a - b);
  const rise = rising(inOrder.map((place) => partners.get(place) as number));
  const staying = new Set(rise.map((place) => inOrder[place] as number));
  const fixed = new Set([...staying].map((place) => partners.get(place) as number));
  const matched = new Set(partners.values());
  const found: Aligned<Item>[] = [];
  let reached = 0;
  const passDropped = () => {
    for (; reached < before.length && !fixed.has(reached); reached++) {
      if (!matched.has(reached)) found.push({ before: before[reached] as Item, after: null, moved: false });
    }
  };
  passDropped();
  after.forEach((item, place) => {
    const partner = partners.get(place);
    const moved = partner !== undefined && !staying.has(place);
    found.push({ before: partner === undefined ? null : (before[partner] as Item), after: item, moved });
    if (partner === undefined || moved) return;
    reached = partner + 1;
    passDropped();
  });
  return found;
}

/** The places, in order, of a longest rising subsequence (patience sorting). */
export function rising(values: readonly number[]): number[] {
  const ends: number[] = [];
  const last: number[] = [];
  const previous: number[] = [];
  values.forEach((value, place) => {
    const length = bisect(ends, value);
    previous.push(length ? (last[length - 1] as number) : -1);
    ends[length] = value;
    last[length] = place;
  });
  const found: number[] = [];
  for (let place = last.at(-1) ?? -1; place >= 0; place = previous[place] as number) found.push(place);
  return found.reverse();
}

/** Where the first number of a rising list stands that is not below `value`. */
export function bisect(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
