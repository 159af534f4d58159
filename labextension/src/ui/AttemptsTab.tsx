/** All attempts of a step: what each cost, which one counts, why others failed. */

import { choiceOf } from "../core/offers";
import { figures, outcomeOf } from "../core/rows";
import { ActionBar, buttonOf } from "./ActionBar";
import { useAsking } from "./asking";
import { count, label, rate, seconds } from "./figures";
import { Failure, Warnings } from "./Headline";
import { t, word } from "./messages";
import { Sign } from "./RunTree";
import type { AttemptProps } from "./StepPane";
import { told } from "./told";
import { warningsOf } from "./words";

export function AttemptsTab({ store, step, attempt: current, onSelect }: AttemptProps) {
  const offers = useAsking() ? step.attempts.flatMap((attempt) => choiceOf(store.view, step, attempt) ?? []) : [];
  const buttons = offers.map((offer) => {
    const number = offer.command.name === "choose" ? offer.command.attempt : 0;
    return buttonOf(offer, { key: `choose-${number}`, title: t("chooseAttempt", { n: number }) });
  });
  return (
    <>
      <table class="vnb-table">
        <thead>
          <tr>
            {[t("attempt"), t("status"), t("tokens"), t("tokPerSecond"), t("time"), t("sampling")].map((head) => (
              <th scope="col">{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {step.attempts.map((attempt) => (
            <AttemptRow
              key={attempt.number}
              store={store}
              step={step}
              attempt={attempt}
              current={current}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
      <ActionBar place={`choose:${step.step.id}`} label={t("choose")} buttons={buttons} />
    </>
  );
}

function AttemptRow({ store, step, attempt, current, onSelect }: AttemptProps & { current: AttemptProps["attempt"] }) {
  const { tokens, rate: perSecond, seconds: time } = figures(attempt, store.view, store.now);
  const { seed, temperature } = attempt.sampling;
  const said = [...(temperature === null ? [] : [`T ${temperature}`]), ...(seed === null ? [] : [`seed ${seed}`])];
  return (
    <>
      <tr class={attempt === current ? "vnb-current" : ""}>
        <td>
          <button
            type="button"
            class="vnb-link"
            aria-pressed={attempt === current}
            onClick={() => onSelect({ step: step.step.id, attempt: attempt.number })}
          >
            #{attempt.number}
          </button>
        </td>
        <td>
          <Sign status={outcomeOf(attempt)} /> {word(attempt.status)}
          {attempt.number === step.chosen && <b> · {t("chosen")}</b>}
        </td>
        <td>{tokens === null ? "" : count(tokens)}</td>
        <td>{rate(perSecond)}</td>
        <td>{seconds(time)}</td>
        <td>{said.join(", ")}</td>
      </tr>
      {attempt.program && !attempt.program.error && (
        <tr>
          <td />
          <td colSpan={5}>→ {label(attempt.program.result, 300)}</td>
        </tr>
      )}
      {(attempt.error || attempt.warnings.length > 0) && (
        <tr>
          <td />
          <td colSpan={5}>
            <Warnings said={warningsOf(attempt)} />
            {attempt.status === "failed" ? (
              <Failure error={attempt.error} hint={attempt.hint} />
            ) : (
              attempt.error && <p class="vnb-aside">{label(told(attempt.error), 300)}</p>
            )}
          </td>
        </tr>
      )}
    </>
  );
}
