/** The tokens of an attempt, shaded by their probability, with what else could have been drawn at each place. */

import { useId, useState } from "preact/hooks";
import { entropy } from "../core/metrics";
import type { AttemptView, Token } from "../protocol/types.gen";
import { count, millis, visible } from "./figures";
import { counted, t } from "./messages";
import type { AttemptProps } from "./StepPane";
import { NotKept } from "./Text";
import { pythonFor } from "./words";

/** So many tokens are drawn at first, and so many more on every wish. */
const PAGE = 2_000;

export function TokensTab({ store, step, attempt }: AttemptProps) {
  const [at, setAt] = useState(0);
  const [most, setMost] = useState(PAGE);
  const python = pythonFor(store.view.run_id, step.step.id, attempt.number, "tokens");
  if (attempt.source) return <p class="vnb-aside">{t("reused", { source: attempt.source })}</p>;
  if (store.kept.omitted.has("tokens")) return <NotKept what={t("tokensOmitted")} code={python} />;
  const token = attempt.tokens[at];
  if (!token) return <p class="vnb-aside">{t("noOutput")}</p>;
  const known = attempt.tokens.some((each) => each.logprob !== null);
  const shown = attempt.tokens.slice(0, most);
  return (
    <>
      <p class="vnb-aside">
        {summaryOf(attempt)} · {t("tokensHelp")}
      </p>
      {known ? <Legend /> : <p class="vnb-aside">{t("noLogprobs")}</p>}
      {store.kept.omitted.has("alternatives") && <NotKept what={t("alternativesOmitted")} code={python} />}
      <Details token={token} at={at} of={attempt.tokens.length} thought={attempt.thought} />
      <TokenText tokens={shown} thought={attempt.thought} at={at} onPoint={setAt} />
      {attempt.tokens.length > most && (
        <button type="button" class="vnb-button" onClick={() => setMost(most + PAGE)}>
          {t("showMore", { n: count(Math.min(PAGE, attempt.tokens.length - most)) })}
        </button>
      )}
    </>
  );
}

function summaryOf(attempt: AttemptView): string {
  const logprobs = attempt.tokens
    .map((token) => token.logprob)
    .filter((value) => value !== null && !Number.isNaN(value));
  const said = [counted("tokens", attempt.tokens.length)];
  if (attempt.thought) said.push(counted("reasoningTokens", attempt.thought));
  if (logprobs.length) {
    const mean = (logprobs as number[]).reduce((sum, value) => sum + value, 0) / logprobs.length;
    said.push(t("perplexity", { value: Math.exp(-mean).toFixed(2) }));
  }
  return said.join(" · ");
}

function Legend() {
  return (
    <p class="vnb-legend">
      <span>{t("lessProbable")}</span>
      {[0.02, 0.25, 0.5, 0.75, 1].map((chance) => (
        <i class="vnb-token" style={{ "--vnb-p": chance }} aria-hidden="true">
          {"\u2003"}
        </i>
      ))}
      <span>{t("moreProbable")}</span>
    </p>
  );
}

interface TextProps {
  tokens: readonly Token[];
  /** So many of the first are reasoning. */
  thought: number;
  at: number;
  onPoint: (index: number) => void;
}

function TokenText({ tokens, thought, at, onPoint }: TextProps) {
  const id = useId();
  const point = (event: Event) => {
    const index = (event.target as HTMLElement).dataset.index;
    if (index !== undefined) onPoint(Number(index));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = tokens.length - 1;
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + 10, ArrowUp: at - 10, Home: 0, End: last };
    const to = (steps as Record<string, number>)[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(Math.max(to, 0), last);
    onPoint(next);
    (event.currentTarget as HTMLElement).children[next]?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div
      role="listbox"
      class="vnb-token-text"
      tabIndex={0}
      dir="auto"
      aria-label={t("tokens")}
      aria-activedescendant={`${id}-${at}`}
      onMouseOver={point}
      onClick={point}
      onKeyDown={onKeyDown}
    >
      {tokens.map((token, index) => (
        <span
          key={index}
          role="option"
          id={`${id}-${index}`}
          class={index < thought ? "vnb-token vnb-reasoned" : "vnb-token"}
          data-index={index}
          aria-selected={index === at}
          aria-label={token.text.trim() ? undefined : quoted(token.text)}
          style={{ "--vnb-p": token.logprob === null ? 1 : Math.exp(token.logprob) }}
        >
          {written(token.text)}
        </span>
      ))}
    </div>
  );
}

/** A token as it stands in the text: line ends can be seen and still end the line. */
function written(text: string): string {
  return visible(text).replace(/\n/g, "⏎\n") || "·";
}

/** A token by itself: spaces can be seen. */
function quoted(text: string): string {
  return visible(text).replace(/ /g, "␣").replace(/\n/g, "⏎").replace(/\t/g, "⇥") || "·";
}

function Details({ token, at, of, thought }: { token: Token; at: number; of: number; thought: number }) {
  const bits = entropy(token);
  return (
    <div class="vnb-token-details" aria-live="polite">
      <p>
        <code class="vnb-token-word">{quoted(token.text)}</code>{" "}
        <span class="vnb-aside">
          {t("tokenAt", { n: at + 1, of })}
          {at < thought && ` · ${t("reasoning")}`}
        </span>
        {token.logprob !== null && (
          <span>
            {" "}
            · {t("probability")} {percent(token.logprob)}
          </span>
        )}
        {bits !== null && (
          <span title={t("entropyWhy")}>
            {" "}
            · {t("entropy")} {t("entropyAtLeast", { bits: bits.toFixed(2) })}
          </span>
        )}
        <span> · {t("timeAt", { time: millis(token.dt) })}</span>
      </p>
      <ul aria-label={t("alternatives")}>
        {token.top.map((other) => (
          <li class={other.id === token.id ? "vnb-drawn" : ""}>
            <code>{quoted(other.text)}</code>
            <span class="vnb-chance" aria-hidden="true">
              <i style={{ width: `${Math.exp(other.logprob) * 100}%` }} />
            </span>
            <span>{percent(other.logprob)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function percent(logprob: number): string {
  if (Number.isNaN(logprob)) return "";
  const share = Math.exp(logprob) * 100;
  return share >= 0.1 || share === 0 ? `${share.toFixed(1)}%` : `${share.toExponential(0)}%`;
}
