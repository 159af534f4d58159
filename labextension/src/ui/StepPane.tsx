/** What a step's row is about: how it stands, and one of its attempts in full. */

import type { RefObject } from "preact";
import { partsOf, reasonsStill, shown, statusOf } from "../core/rows";
import type { RunStore } from "../core/store";
import type { AttemptView, StepView } from "../protocol/types.gen";
import { AttemptsTab } from "./AttemptsTab";
import { ContextTab } from "./ContextTab";
import { DiffTab } from "./DiffTab";
import { label } from "./figures";
import { Failure, Warnings } from "./Headline";
import { counted, t, word } from "./messages";
import { OutputTab } from "./OutputTab";
import type { Selection } from "./RunPanel";
import { Sign } from "./RunTree";
import { StepActions } from "./StepActions";
import type { OtherRun } from "./sides";
import { Tabs } from "./Tabs";
import { Text } from "./Text";
import { TimingTab } from "./TimingTab";
import { TokensTab } from "./TokensTab";
import { told } from "./told";
import { marks, nameOf, tallied, warningsOf } from "./words";

interface Props {
  store: RunStore;
  step: StepView;
  number: number;
  tab: string;
  onTab: (name: string) => void;
  onSelect: (selection: Selection) => void;
  button: RefObject<HTMLButtonElement | null>;
  others?: readonly OtherRun[] | undefined;
}

/** What each tab of an attempt is given. */
export interface AttemptProps {
  store: RunStore;
  step: StepView;
  attempt: AttemptView;
  onSelect: (selection: Selection) => void;
  /** Runs that this one can be compared with. */
  others?: readonly OtherRun[] | undefined;
}

export function StepPane({ store, step, number, tab, onTab, onSelect, button, others }: Props) {
  const attempt = step.attempts[number - 1] ?? shown(step);
  const given = (Tab: (props: AttemptProps) => preact.ComponentChild) => () =>
    attempt ? (
      <Tab key={attempt.number} store={store} step={step} attempt={attempt} onSelect={onSelect} others={others} />
    ) : (
      <p class="vnb-aside">{t(step.step.kind === "map" ? "itemsFirst" : "noAttempts")}</p>
    );
  const tabs = [
    { name: "output", title: t("output"), body: given(OutputTab) },
    { name: "context", title: t("context"), body: given(ContextTab) },
    { name: "diff", title: t("diff"), body: given(DiffTab) },
    { name: "tokens", title: t("tokens"), body: given(TokensTab) },
    { name: "timing", title: t("timing"), body: given(TimingTab) },
    { name: "attempts", title: t("attempts"), body: given(AttemptsTab) },
  ];
  return (
    <>
      <StepHead step={step} attempt={attempt} store={store} onSelect={onSelect} />
      <Tabs tabs={tabs} chosen={tab} onChoose={onTab} button={button} label={nameOf(step.step)} />
    </>
  );
}

interface HeadProps extends Pick<Props, "store" | "step" | "onSelect"> {
  attempt: AttemptView | undefined;
}

function StepHead({ store, step, attempt, onSelect }: HeadProps) {
  const { id, needs, instruction, title, kind, item } = step.step;
  const items = kind === "map" ? partsOf(store.view, id) : [];
  const status = statusOf(step, items);
  const reasons = attempt !== undefined && reasonsStill(attempt);
  const said = [reasons ? t("reasonsStill") : word(status), ...marks(step, attempt)];
  if (kind !== "write") said.unshift(word(kind));
  return (
    <div class="vnb-step-head">
      <p class="vnb-title">
        <Sign status={status} /> {nameOf(step.step)}
      </p>
      <p class="vnb-figures">
        {said.join(" · ")}
        {needs.length > 0 && (
          <span>
            {" "}
            · {t("needs")}:{" "}
            {needs.map((need) => (
              <StepLink key={need} id={need} store={store} onSelect={onSelect} />
            ))}
          </span>
        )}
        {step.attempts.length > 1 && attempt && (
          <AttemptChoice step={step} attempt={attempt} onChoose={(number) => onSelect({ step: id, attempt: number })} />
        )}
      </p>
      {instruction !== title && <Told name={t("instruction")} text={instruction} />}
      {item && <Told name={t("item")} text={item} />}
      {items.length > 0 && <Items items={items} store={store} onSelect={onSelect} />}
      {step.note && <p class="vnb-aside">{label(told(step.note), 500)}</p>}
      {step.stale && <p class="vnb-aside">{t("staleWhy", { reason: label(told(step.stale), 500) })}</p>}
      {attempt && <Warnings said={warningsOf(attempt)} />}
      {attempt?.status === "failed" && <Failure error={attempt.error || word("failed")} hint={attempt.hint} />}
      <StepActions store={store} step={step} />
    </div>
  );
}

/** What the step is told: in a line where it is one, else to be unfolded. */
function Told({ name, text }: { name: string; text: string }) {
  const line = label(text, 160);
  if (line === text) {
    return (
      <p class="vnb-aside">
        {name}: {text}
      </p>
    );
  }
  return (
    <details class="vnb-instruction">
      <summary>
        {name}: {line}
      </summary>
      <Text text={text} />
    </details>
  );
}

/** At most so many items of a map are named. */
const MOST_NAMED = 20;

/** How far a map is, and which of its items one looks for. */
function Items({ items, store, onSelect }: Pick<Props, "store" | "onSelect"> & { items: readonly StepView[] }) {
  const listed = [
    [word("failed"), items.filter((item) => item.status === "failed")],
    [t("stale"), items.filter((item) => item.stale)],
  ] as const;
  return (
    <>
      <p>{tallied(items)}</p>
      {listed.map(
        ([name, found]) =>
          found.length > 0 && (
            <p class="vnb-aside">
              {name}:{" "}
              {found.slice(0, MOST_NAMED).map(({ step }) => (
                <StepLink key={step.id} id={step.id} store={store} onSelect={onSelect} />
              ))}
              {found.length > MOST_NAMED && counted("moreItems", found.length - MOST_NAMED)}
            </p>
          ),
      )}
    </>
  );
}

interface LinkProps {
  id: string;
  store: RunStore;
  onSelect: (selection: Selection) => void;
}

/** The name of a step that leads to it, where there is one of that name. */
export function StepLink({ id, store, onSelect }: LinkProps) {
  if (!store.view.steps.has(id)) return <span>{label(id, 80)}</span>;
  return (
    <button type="button" class="vnb-link" onClick={() => onSelect({ step: id, attempt: 0 })}>
      {label(id, 80)}
    </button>
  );
}

interface ChoiceProps {
  step: StepView;
  attempt: AttemptView;
  onChoose: (number: number) => void;
}

function AttemptChoice({ step, attempt, onChoose }: ChoiceProps) {
  return (
    <label class="vnb-choice">
      {t("attempt")}{" "}
      <select value={attempt.number} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {step.attempts.map(({ number, status }) => (
          <option key={number} value={number} selected={number === attempt.number}>
            #{number} {word(status)}
            {number === step.chosen ? `, ${t("chosen")}` : ""}
          </option>
        ))}
      </select>
    </label>
  );
}
