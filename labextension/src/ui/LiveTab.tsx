/** What the steps under way put out, side by side. A place once taken is kept until another step takes it. */

import { useRef } from "preact/hooks";
import { unfenced } from "../core/programs";
import { figures, isActive, phaseOf, reasonsStill, rows, statusOf } from "../core/rows";
import type { RunStore } from "../core/store";
import type { AttemptView, StepKind, StepView } from "../protocol/types.gen";
import { count, label, rate, visible } from "./figures";
import { counted, t, word } from "./messages";
import type { Selection } from "./RunPanel";
import { Sign } from "./RunTree";
import { StepLink } from "./StepPane";
import { outputOf, textOf } from "./words";

/** At most so many steps stand side by side. */
const MOST = 8;
/** Of each so many characters are shown, the last ones. */
const TAIL = 1_000;
/** The tokens that surely hold so many characters: most hold more than one. */
const TAIL_TOKENS = TAIL;

type Known = Pick<ReadonlySet<string>, "has">;

interface Props {
  store: RunStore;
  onSelect: (selection: Selection) => void;
}

export function LiveTab({ store, onSelect }: Props) {
  const { view } = store;
  const places = useRef<string[]>([]);
  const active = rows(view)
    .map((row) => row.step)
    .filter((step) => isActive(step.attempts.at(-1)));
  places.current = placed(
    places.current,
    active.map((step) => step.step.id),
    view.steps,
  );
  const shown = places.current.flatMap((id) => view.steps.get(id) ?? []);
  const more = active.filter((step) => !shown.includes(step)).length;
  const phase = phaseOf(view, store.now);
  return (
    <>
      {shown.length === 0 && <p class="vnb-aside">{phase ? `${t(phase)} …` : t("liveNone")}</p>}
      <div class="vnb-streams">
        {shown.map((step, place) => (
          <Stream key={place} store={store} step={step} onSelect={onSelect} />
        ))}
      </div>
      {more > 0 && <p class="vnb-aside">{counted("liveMore", more)}</p>}
    </>
  );
}

/** The ids in their places: who runs keeps its own, who has come takes that of one who has ended, or a new one. */
export function placed(before: readonly string[], active: readonly string[], known: Known): string[] {
  const found = before.filter((id) => known.has(id));
  for (const id of active) {
    if (found.includes(id)) continue;
    const free = found.findIndex((other) => !active.includes(other));
    if (free >= 0) found[free] = id;
    else if (found.length < MOST) found.push(id);
  }
  return found;
}

function Stream({ store, step, onSelect }: Props & { step: StepView }) {
  const attempt = step.attempts.at(-1);
  const { tokens, rate: perSecond } = figures(attempt, store.view, store.now);
  const status = statusOf(step);
  const reasons = attempt !== undefined && reasonsStill(attempt);
  const told = [tokens === null ? word(status) : counted("tokens", tokens)];
  if (reasons) told.unshift(t("reasonsStill"));
  if (perSecond !== null) told.push(t("rate", { rate: rate(perSecond) }));
  if (attempt?.status === "prefilling" && attempt.prefill_total) {
    told[0] = t("prefillOf", { done: count(attempt.prefill_done), total: count(attempt.prefill_total) });
  }
  return (
    <section class="vnb-stream" aria-label={label(step.step.id, 40)}>
      <p class="vnb-stream-head">
        <Sign status={status} /> <StepLink id={step.step.id} store={store} onSelect={onSelect} />
        <span class="vnb-aside">{told.join(" · ")}</span>
      </p>
      <div class="vnb-tail">
        <pre class={reasons ? "vnb-text vnb-reasoned" : "vnb-text"} dir="auto">
          {attempt && tailOf(attempt, step.step.kind, (digest) => store.text(digest))}
        </pre>
      </div>
    </section>
  );
}

/** The end of what an attempt has put out so far, or of what it reasons before that. */
function tailOf(attempt: AttemptView, kind: StepKind, text: (digest: string) => string | undefined): string {
  const first = reasonsStill(attempt) ? 0 : attempt.thought;
  const whole = isActive(attempt)
    ? textOf(attempt.tokens.slice(Math.max(first, attempt.tokens.length - TAIL_TOKENS)))
    : (outputOf(attempt, text) ?? "");
  return visible((kind === "code" ? unfenced(whole) : whole).slice(-TAIL).trimEnd());
}
