/** What a run did when; the twin of vnb/core/timeline.py and of the clock in vnb/views/plot_data.py. Times are seconds. */

import type { AttemptView } from "../protocol/types.gen";

/** Seconds in which anything was under way: waiting for approval, a resume or the next rerun takes no time on it. */
export class BusyClock {
  /** The places of the pauses on this clock, and the seconds that were left out there. */
  readonly cuts: { at: number; pause: number }[] = [];
  /** From the first start to the last end. */
  readonly total: number;
  private readonly spans: { start: number; gone: number }[] = [];

  /**
   * @param spans Start and end of everything that was under way, in seconds since the epoch.
   * @param shortest A pause of fewer seconds is none.
   */
  constructor(spans: readonly (readonly [number, number])[], shortest: number) {
    let reached = 0;
    let gone = 0;
    for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
      const first = !this.spans.length;
      if (first || start - reached >= shortest) {
        const pause = first ? start : start - reached;
        if (!first) this.cuts.push({ at: reached - gone, pause });
        gone += pause;
        this.spans.push({ start, gone });
        reached = Math.max(reached, start);
      }
      reached = Math.max(reached, end);
    }
    this.total = this.spans.length ? reached - gone : 0;
  }

  /** A moment on this clock, and how many pauses were before it; one in a pause is that at which the pause began. */
  at(time: number): { time: number; cuts: number } {
    let [low, high] = [0, this.spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.spans[middle]?.start ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    const span = this.spans[low - 1];
    if (!span) return { time: 0, cuts: 0 };
    return { time: Math.min(time - span.gone, this.cuts[low - 1]?.at ?? this.total), cuts: low - 1 };
  }
}

/** The clock of a run: a pause of more than a tenth of the time takes none. `until` ends what is under way. */
export function clockOf(attempts: readonly AttemptView[], until: number): BusyClock {
  const spans = attempts.map(({ queued_at, ended_at }) => [queued_at, Math.max(queued_at, ended_at || until)] as const);
  return new BusyClock(spans, Math.max(0.5, new BusyClock(spans, 0).total / 10));
}

/** Tokens per second of all attempts together, in windows of `window` seconds from 0 on. */
export interface Rates {
  window: number;
  rates: number[];
}

/** The rates on a clock; none where nothing was decoded. */
export function ratesOf(attempts: readonly AttemptView[], clock: BusyClock): Rates {
  const times = attempts.map(({ started_at, tokens }) => tokens.map((token) => clock.at(started_at + token.dt).time));
  const spans = times.flatMap((of) => (of.length ? [[of[0] as number, of.at(-1) as number] as const] : []));
  const count = times.reduce((sum, of) => sum + of.length, 0);
  if (!attempts.length) return { window: 0, rates: [] };
  const window = windowFor(clock.total, new BusyClock(spans, 0).total, count);
  const counts = new Array<number>(Math.max(1, Math.ceil(clock.total / window - 1e-9))).fill(0);
  for (const time of times.flat()) {
    const place = Math.min(Math.max(Math.trunc(time / window), 0), counts.length - 1);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return { window, rates: counts.map((tokens) => tokens / window) };
}

/** Seconds of one window: 1, 2 or 5 times a power of ten, of which at most about 60 cover `total`. */
function windowFor(total: number, decoding: number, tokens: number): number {
  const wanted = Math.max(total / 60, (4 * decoding) / Math.max(tokens, 1)) || 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5, 10].find((factor) => factor * power >= wanted * 0.999) ?? 10) * power;
}
