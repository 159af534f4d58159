/** Every attempt on one axis of time: waiting, prefill, decoding. Long stretches in which nothing ran are cut short. */

import { useState } from "preact/hooks";
import { phases } from "../core/metrics";
import { clock } from "../core/rows";
import type { RunStore } from "../core/store";
import { type BusyClock, clockOf, ratesOf } from "../core/timeline";
import type { AttemptView } from "../protocol/types.gen";
import { count, label, seconds } from "./figures";
import { t, word } from "./messages";
import { RateChart } from "./RateChart";
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
  const attempts = bars.map((bar) => bar.attempt);
  const time = clockOf(attempts, clock(store.view, store.now));
  const axis = new Axis(time);
  return (
    <div class="vnb-timeline">
      <p class="vnb-legend">
        {(["queue", "prefill", "decode"] as const).map((phase) => (
          <span>
            <i class={`vnb-swatch vnb-${phase}`} /> {t(phase)}
          </span>
        ))}
        <span class="vnb-aside">{seconds(time.total)}</span>
        {time.cuts.length > 0 && (
          <span class="vnb-aside">
            <i class="vnb-swatch vnb-gap" />{" "}
            {t("idle", { time: time.cuts.map(({ pause }) => seconds(pause)).join(", ") })}
          </span>
        )}
      </p>
      <RateChart rates={ratesOf(attempts, time)} place={(at) => axis.placeOf(at)} gaps={<Gaps axis={axis} />} />
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

/** From moments to places, 0 to 1. A pause, which takes no time on the clock, is so wide that one sees it. */
class Axis {
  /** Where the pauses are. */
  readonly gaps: { from: number; to: number }[];
  private readonly gap: number;
  private readonly width: number;

  constructor(private readonly clock: BusyClock) {
    this.gap = clock.total * 0.03;
    this.width = clock.total + this.gap * clock.cuts.length || 1;
    this.gaps = clock.cuts.map(({ at }, before) => {
      const from = at + this.gap * before;
      return { from: from / this.width, to: (from + this.gap) / this.width };
    });
  }

  /** The place of a moment, in seconds since the epoch. */
  place(moment: number): number {
    const { time, cuts } = this.clock.at(moment);
    return (time + this.gap * cuts) / this.width;
  }

  /** The place of a time on the clock. */
  placeOf(time: number): number {
    const cuts = this.clock.cuts.filter(({ at }) => at < time).length;
    return (Math.min(time, this.clock.total) + this.gap * cuts) / this.width;
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
        <Gaps axis={axis} />
        <Piece phase="queue" from={queued} to={sent} />
        <Piece phase="prefill" from={sent} to={filled} />
        <Piece phase="decode" from={filled} to={Math.max(ended, filled + 0.3)} />
      </span>
      <span class="vnb-time">{seconds(end - start)}</span>
    </button>
  );
}

function Gaps({ axis }: { axis: Axis }) {
  return (
    <>
      {axis.gaps.map(({ from, to }) => (
        <Piece phase="gap" from={from * 100} to={to * 100} />
      ))}
    </>
  );
}

/** From one place of a track to another, in per cent. */
function Piece({ phase, from, to }: { phase: string; from: number; to: number }) {
  return <i class={`vnb-${phase}`} style={{ left: `${from}%`, width: `${Math.max(0, to - from)}%` }} />;
}
