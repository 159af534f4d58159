/** Tokens per second of all steps together, on the time axis of the bars below it. */

import type { ComponentChildren } from "preact";
import type { Rates } from "../core/timeline";
import { rate, seconds } from "./figures";
import { t } from "./messages";

interface Props {
  rates: Rates;
  /** From seconds on the run's clock to places, 0 to 1. */
  place: (time: number) => number;
  /** The pauses, which lie over the chart. */
  gaps: ComponentChildren;
}

/** Height in the drawing's own units. */
const HEIGHT = 40;

export function RateChart({ rates: { window, rates }, place, gaps }: Props) {
  const most = Math.max(...rates, 0);
  if (!most) return null;
  const said = t("rateChartSaid", { most: rate(most), window: seconds(window) });
  return (
    <div class="vnb-chart" role="img" aria-label={said} title={said}>
      <span class="vnb-line-name">{t("tokPerSecond")}</span>
      <span class="vnb-track" aria-hidden="true">
        <svg viewBox={`0 0 1 ${HEIGHT}`} preserveAspectRatio="none">
          <path d={outline(rates, window, most, place)} />
        </svg>
        {gaps}
      </span>
      <span class="vnb-time">{t("rateMost", { rate: rate(most) })}</span>
    </div>
  );
}

/** One step for each window, closed along the bottom. */
function outline(rates: readonly number[], window: number, most: number, place: (time: number) => number): string {
  const points = rates.flatMap((value, index) => {
    const height = (HEIGHT * (1 - value / most)).toFixed(2);
    return [index * window, (index + 1) * window].map((time) => `${place(time).toFixed(4)} ${height}`);
  });
  const last = points.at(-1)?.split(" ")[0] ?? "1";
  return `M0 ${HEIGHT}L${points.join("L")}L${last} ${HEIGHT}Z`;
}
