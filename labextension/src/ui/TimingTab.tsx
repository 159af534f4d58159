/** What an attempt cost in time and tokens, and what it was run with. */

import * as metrics from "../core/metrics";
import { clock } from "../core/rows";
import { SHAPES } from "../protocol/types.gen";
import { Facts, settings } from "./AboutTab";
import { admissionOf } from "./admission";
import { count, joules, label, millis, moment, price, rate, seconds, share } from "./figures";
import { t } from "./messages";
import type { AttemptProps } from "./StepPane";

export function TimingTab({ store, attempt }: AttemptProps) {
  const { usage } = attempt;
  const end = attempt.ended_at || clock(store.view, store.now);
  const { queue, prefill, decode } = metrics.phases(attempt, end);
  const gaps = metrics.itl(attempt).sort((a, b) => a - b);
  const whole = queue + prefill + decode || 1;
  const tokens = Math.max(usage.new_tokens, attempt.tokens.length);
  const parts = [
    ["queue", queue],
    ["prefill", prefill],
    ["decode", decode],
  ] as const;
  return (
    <>
      {attempt.source ? (
        <p class="vnb-aside">{t("reused", { source: attempt.source })}</p>
      ) : (
        <p class="vnb-split" aria-hidden="true">
          {parts.map(([phase, time]) => (
            <i class={`vnb-${phase}`} style={{ width: `${(time / whole) * 100}%` }} />
          ))}
        </p>
      )}
      {!attempt.source && (
        <Facts
          facts={[
            ...parts.map(([phase, time]) => [<Swatched phase={phase} />, seconds(time)] as const),
            [t("total"), seconds(metrics.seconds(attempt, end))],
            [t("ttft"), seconds(metrics.ttft(attempt))],
            [t("tpot"), millis(metrics.tpot(attempt))],
            [t("itl"), gaps.length ? `${millis(gaps[gaps.length >> 1])}, ${millis(gaps.at(-1))}` : ""],
            [t("decodeRate"), rate(metrics.decodeRate(attempt))],
            [t("prefillRate"), rate(metrics.prefillRate(usage))],
            [t("promptTokens"), usage.prompt_tokens ? count(usage.prompt_tokens) : ""],
            [t("cached"), usage.prompt_tokens ? cached(usage.cached_tokens, metrics.prefixHit(usage)) : ""],
            [t("outputTokens"), tokens ? count(tokens) : ""],
            [t("admission"), admissionOf(store.view, attempt)],
            [t("energy"), joules(usage.joules)],
            [t("price"), price(usage.price)],
            [t("tokensEstimated"), usage.estimated ? t("tokensEstimatedWhy") : ""],
            [t("notTaken"), label(usage.ignored.join(", "), 80)],
          ]}
        />
      )}
      <Facts
        facts={[
          [t("sampling"), settings(SHAPES.Sampling, attempt.sampling).join(", ")],
          [t("engine"), label([attempt.spec, attempt.engine].filter(Boolean).join(", "), 200)],
          [t("key"), attempt.key && <code>{label(attempt.key, 40)}</code>],
          [t("time"), [attempt.queued_at, attempt.ended_at].map(moment).filter(Boolean).join(" – ")],
        ]}
      />
    </>
  );
}

function Swatched({ phase }: { phase: "queue" | "prefill" | "decode" }) {
  return (
    <>
      <i class={`vnb-swatch vnb-${phase}`} /> {t(phase)}
    </>
  );
}

function cached(tokens: number, hit: number | null): string {
  return `${count(tokens)} (${share(hit)})`;
}
