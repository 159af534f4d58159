/** What two attempts cost; the twin of vnb/core/cost_diff.py for one attempt on either side. */

import type { AttemptView } from "../protocol/types.gen";
import * as metrics from "./metrics";

/** The figures that are compared, in the order in which they are shown. */
export const MEASURES = [
  "prompt_tokens",
  "cached_tokens",
  "new_tokens",
  "prefix_hit",
  "seconds",
  "rate",
  "joules",
  "price",
] as const;

/** What an attempt cost; null where nothing can be said. `rate` is decoded tokens per second while it decoded. */
export type Cost = Readonly<Record<(typeof MEASURES)[number], number | null>>;

export function costOf(attempt: AttemptView): Cost {
  const { usage, prompt, status, tokens } = attempt;
  const fresh = Math.max(usage.new_tokens, tokens.length);
  const known = usage.prompt_tokens > 0 || !prompt || status === "reused"; // of no model: it cost nothing
  const fromModel = usage.prompt_tokens > 0 || usage.new_tokens > 0;
  const gaps = metrics.itl(attempt);
  const decoding = gaps.reduce((sum, gap) => sum + gap, 0);
  return {
    prompt_tokens: known ? usage.prompt_tokens : null,
    cached_tokens: known ? usage.cached_tokens : null,
    new_tokens: known || fresh ? fresh : null,
    prefix_hit: metrics.prefixHit(usage),
    seconds: (status !== "reused" && metrics.seconds(attempt)) || null,
    rate: decoding ? gaps.length / decoding : null,
    joules: fromModel ? usage.joules : null,
    price: fromModel ? usage.price : null,
  };
}

/** How much more `after` is; null where one of the two is. */
export function difference(before: Cost, after: Cost): Cost {
  const minus = (name: (typeof MEASURES)[number]) => {
    const [one, other] = [before[name], after[name]];
    return one === null || other === null ? null : other - one;
  };
  return Object.fromEntries(MEASURES.map((name) => [name, minus(name)])) as Cost;
}
