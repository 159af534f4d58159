/** Every attempt on one axis of time: waiting, prefill, decoding. Long stretches in which nothing ran are cut short. */

import { useState } from "preact/hooks";
import { phases } from "../core/metrics";
import { clock } from "../core/rows";
import type { RunStore } from "../core/store";
import type { AttemptView } from "../protocol/types.gen";
import { count, label, seconds } from "./figures";
import { t, word } from "./messages";
import type { Selection } from "./RunPanel";

interface Bar {
  step: string;
  attempt: AttemptView;
  start: number;
  end: number;
}

const PAGE = 100;

export function Timeline({ store, onSelect }: { store: RunStore; onSelect: (selection: Selection) => void }) {
  const [most, setMost] = useState(PAGE);
  const bars = barsOf(store);
  if (!bars.length) return <p class="vnb-aside">{t("timelineNone")}</p>;
  const axis = new Axis(bars);
  return (
    <div class="vnb-timeline">
      <p class="vnb-legend">
        {(["queue", "prefill", "decode"] as const).map((phase) => (
          <span>
            <i class={`vnb-swatch vnb-${phase}`} /> {t(phase)}
          </span>
        ))}
        <span class="vnb-aside">{seconds(axis.busy)}</span>
        {axis.gaps.length > 0 && (
          <span class="vnb-aside">
            <i class="vnb-swatch vnb-gap" />{" "}
            {t("idle", { time: axis.gaps.map((gap) => seconds(gap.end - gap.start)).join(", ") })}
          </span>
        )}
      </p>
      {bars.slice(0, most).map((bar) => (
        <BarRow bar={bar} axis={axis} onSelect={onSelect} />
      ))}
      {bars.length > most && (
        <button type="button" class="vnb-button" onClick={() => setMost(most + PAGE)}>
          {t("showMore", { n: count(Math.min(PAGE, bars.length - most)) })}
        </button>
      )}
    </div>
  );
}

function barsOf(store: RunStore): Bar[] {
  const until = clock(store.view, store.now);
  const found: Bar[] = [];
  for (const [step, { attempts }] of store.view.steps) {
    for (const attempt of attempts) {
      const end = attempt.ended_at || until;
      if (attempt.queued_at && end > attempt.queued_at) found.push({ step, attempt, start: attempt.queued_at, end });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

/** From moments to places, 0 to 1. A stretch in which nothing ran is at most `SHORT` of the busy time. */
class Axis {
  readonly gaps: { start: number; end: number }[] = [];
  busy = 0;
  private readonly short: number;
  private readonly first: number;
  private readonly width: number;

  constructor(bars: readonly Bar[]) {
    this.first = bars[0]?.start ?? 0;
    let reached = this.first;
    const idle: { start: number; end: number }[] = [];
    for (const bar of bars) {
      if (bar.start > reached) idle.push({ start: reached, end: bar.start });
      this.busy += Math.max(0, bar.end - Math.max(bar.start, reached));
      reached = Math.max(reached, bar.end);
    }
    this.short = this.busy * 0.03;
    this.gaps = idle.filter((gap) => gap.end - gap.start > Math.max(1, this.short));
    this.width = this.cut(reached) || 1;
  }

  place(at: number): number {
    return this.cut(at) / this.width;
  }

  /** Seconds from the beginning, without what was cut. */
  private cut(at: number): number {
    const past = this.gaps.filter((gap) => gap.end <= at);
    return past.reduce((time, gap) => time - (gap.end - gap.start) + this.short, at - this.first);
  }
}

function BarRow({ bar, axis, onSelect }: { bar: Bar; axis: Axis; onSelect: (selection: Selection) => void }) {
  const { attempt, step, start, end } = bar;
  const { queue, prefill } = phases(attempt, end);
  const marks = [start, start + queue, Math.min(end, start + queue + prefill), end];
  const places = marks.map((mark) => axis.place(mark) * 100);
  const [queued = 0, sent = 0, filled = 0, ended = 0] = places;
  const decode = Math.max(0, end - start - queue - prefill);
  const name = `${label(step, 40)}#${attempt.number}`;
  const told = [
    ...(attempt.status === "finished" ? [] : [word(attempt.status)]),
    `${t("queue")} ${seconds(queue)}`,
    `${t("prefill")} ${seconds(prefill)}`,
    `${t("decode")} ${seconds(decode)}`,
  ].join(", ");
  const piece = (phase: string, from: number, to: number) => (
    <i class={`vnb-${phase}`} style={{ left: `${from}%`, width: `${Math.max(0, to - from)}%` }} />
  );
  return (
    <button
      type="button"
      class="vnb-line"
      title={`${name}: ${told}`}
      aria-label={`${name}: ${told}`}
      onClick={() => onSelect({ step, attempt: attempt.number })}
    >
      <span class={attempt.status === "failed" ? "vnb-line-name vnb-is-failed" : "vnb-line-name"}>{name}</span>
      <span class="vnb-track">
        {axis.gaps.map((gap) => piece("gap", axis.place(gap.start) * 100, axis.place(gap.end) * 100))}
        {piece("queue", queued, sent)}
        {piece("prefill", sent, filled)}
        {piece("decode", filled, Math.max(ended, filled + 0.3))}
      </span>
      <span class="vnb-time">{seconds(end - start)}</span>
    </button>
  );
}
