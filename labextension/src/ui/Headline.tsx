/** What the run is about, how it stands, what it cost, and what went wrong. */

import { planOf } from "../core/fold";
import { awaitsApproval } from "../core/offers";
import { phaseOf, runStatusOf, type Summary, warningsOf } from "../core/rows";
import type { RunStore } from "../core/store";
import { useAsking } from "./asking";
import { count, label, moment, rate, seconds, share, visible } from "./figures";
import { counted, t, word } from "./messages";
import { RunActions } from "./RunActions";
import { Sign } from "./RunTree";
import { Typed } from "./Text";
import { told } from "./told";
import { wayOf } from "./words";

export function Headline({ store, total }: { store: RunStore; total: Summary }) {
  const asking = useAsking();
  const { view } = store;
  const status = runStatusOf(view);
  const said: string[] = [];
  const phase = phaseOf(view, store.now);
  if (phase) said.push(t(phase));
  if (total.planned) said.push(t("stepsOf", { done: total.done, planned: total.planned }));
  if (total.new_tokens || total.prompt_tokens) {
    said.push(t("tokensInOut", { input: count(total.prompt_tokens), output: count(total.new_tokens) }));
  }
  if (total.rate !== null) said.push(t("rate", { rate: rate(total.rate) }));
  if (total.hit !== null) said.push(t("prefixHits", { share: share(total.hit) }));
  if (total.seconds !== null) said.push(seconds(total.seconds));
  const first = planOf(view)[0] ?? view.given[0];
  const title = label(view.task.text) || label(first?.instruction ?? "") || view.run_id;
  return (
    <header class="vnb-head">
      <p class="vnb-title" title={label(view.task.text, 1000)}>
        <Sign status={status} /> {title}
      </p>
      <p class="vnb-figures">
        <b class={`vnb-is-${status}`}>{word(status)}</b>
        {said.map((part) => ` · ${part}`)} · <code>{label(view.run_id, 40)}</code>
      </p>
      {view.why && <p class="vnb-aside">{wayOf(view)}</p>}
      {view.status === "paused" && !(asking && awaitsApproval(view)) && (
        <p class="vnb-aside">{label(told(view.reason), 300)}</p>
      )}
      {view.status === "running" && !asking && (
        <p class="vnb-aside">
          {t("snapshot", { time: moment(store.now) })} <Typed code={`%vopen ${label(view.run_id, 40)}`} />
        </p>
      )}
      {view.status === "interrupted" && !asking && (
        <p class="vnb-aside">
          {t("leftOff")} <Typed code="%load_ext vnb" /> <Typed code={`%vrun ${label(view.run_id, 40)}`} />
        </p>
      )}
      {status === "warned" && (
        <Warnings said={warningsOf(view).map(([step, said]) => `${label(step, 40)}: ${label(told(said), 300)}`)} />
      )}
      {view.error && <Failure error={view.error} hint={view.hint} />}
      <RunActions store={store} />
    </header>
  );
}

/** At most so many warnings are listed in a place. */
const MOST_WARNINGS = 5;

/** What is wrong with what finished, a line each. */
export function Warnings({ said }: { said: readonly string[] }) {
  if (!said.length) return null;
  const more = said.length - MOST_WARNINGS;
  return (
    <ul class="vnb-warnings">
      {said.slice(0, MOST_WARNINGS).map((warning) => (
        <li>
          <Sign status="warned" /> {warning}
        </li>
      ))}
      {more > 0 && <li>{counted("moreWarnings", more)}</li>}
    </ul>
  );
}

/** An error that cannot be overlooked, and what to do about it. */
export function Failure({ error, hint }: { error: string; hint: string }) {
  const lines = visible(told(hint))
    .split(/\n| {3,}/)
    .slice(0, 10)
    .filter((line) => line.trim());
  return (
    <div class="vnb-failure">
      <p>
        <Sign status="failed" /> {label(told(error), 1000)}
      </p>
      {lines.map((line) => (
        <Hint line={line} />
      ))}
    </div>
  );
}

/** What can be typed is set apart, so that it can be copied. */
function Hint({ line }: { line: string }) {
  const [, said = "", code] = /^(.*(?:: |：))?((?:[%!]|pip ).*)$/.exec(line) ?? [];
  if (code === undefined) return <p>{line}</p>;
  return (
    <p>
      {said}
      <Typed code={code} />
    </p>
  );
}
