/** What differs from another attempt, another step or another run to this attempt: its context, its output, its cost. */

import { useEffect, useId, useState } from "preact/hooks";
import { costOf, difference, MEASURES } from "../core/cost_diff";
import { isActive } from "../core/rows";
import type { RunStore } from "../core/store";
import { DiffContext } from "./DiffContext";
import { DiffWords } from "./DiffWords";
import { costCells, HEADS } from "./diff_words";
import { label } from "./figures";
import { t } from "./messages";
import type { AttemptProps } from "./StepPane";
import { type Choice, choicesFor, nameOfSide, type OtherRun, openRun, type Side, sideIn, typedFor } from "./sides";
import { NotKept, Typed } from "./Text";
import { told } from "./told";
import { outputOf } from "./words";

const NONE: readonly OtherRun[] = [];

export function DiffTab({ store, step, attempt, others = NONE }: AttemptProps) {
  const [picked, setPicked] = useState("");
  const [what, setWhat] = useState<"context" | "output">("context");
  const after: Side = { store, step, attempt };
  const { attempts, steps, runs, first } = choicesFor(after, others);
  const value = [...attempts, ...steps, ...runs].some((choice) => choice.value === picked) ? picked : first;
  const other = others.find((run) => `@${run.id}` === value);
  const opened = useOpened(other);
  if (!value) return <p class="vnb-aside">{t("diffEmpty")}</p>;
  const run = !other ? store : opened instanceof Error ? null : opened;
  const before = run && sideIn(run, step, other ? `:${step.step.id}` : value);
  return (
    <>
      <div class="vnb-bar">
        <label class="vnb-choice vnb-diff-choice">
          {t("compareWith")}{" "}
          <select value={value} onChange={(event) => setPicked(event.currentTarget.value)}>
            <Group title={t("attemptsOfStep")} choices={attempts} chosen={value} />
            <Group title={t("otherSteps")} choices={steps} chosen={value} />
            <Group title={t("otherRuns")} choices={runs} chosen={value} />
          </select>
        </label>
        <div role="group" class="vnb-bar" aria-label={t("diffWhat")}>
          {(["context", "output"] as const).map((one) => (
            <button key={one} type="button" class="vnb-button" aria-pressed={what === one} onClick={() => setWhat(one)}>
              {t(one)}
            </button>
          ))}
        </div>
      </div>
      {before ? (
        <Comparison key={value} before={before} after={after} what={what} />
      ) : (
        <p class="vnb-aside" role="status">
          {whyNot(other, opened, step.step.id)}
        </p>
      )}
    </>
  );
}

function whyNot(other: OtherRun | undefined, opened: RunStore | Error | null, step: string): string {
  if (!other) return t("diffEmpty");
  const run = label(other.title, 120) || other.id;
  if (opened instanceof Error) return t("diffUnreadable", { run, why: label(told(opened.message), 300) });
  return opened ? t("diffNoStep", { run, step: label(step, 80) }) : t("diffLoading", { run });
}

/** Another run once it is open, or why it is not; null until then. */
function useOpened(other: OtherRun | undefined): RunStore | Error | null {
  const [found, setFound] = useState<{ id: string; run: RunStore | Error } | null>(null);
  const id = other?.id;
  useEffect(() => {
    if (!other) return;
    const ending = new AbortController();
    openRun(other).then((run) => !ending.signal.aborted && setFound({ id: other.id, run }));
    return () => ending.abort();
  }, [id]);
  return found && found.id === id ? found.run : null;
}

function Group({ title, choices, chosen }: { title: string; choices: readonly Choice[]; chosen: string }) {
  if (!choices.length) return null;
  return (
    <optgroup label={title}>
      {choices.map(({ value, name }) => (
        <option key={value} value={value} selected={value === chosen}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}

/** What is compared, and what each side is. */
export interface Sides {
  before: Side;
  after: Side;
}

function Comparison({ before, after, what }: Sides & { what: "context" | "output" }) {
  return (
    <>
      <p class="vnb-diff-names">
        {nameOfSide(before, after.store)} → {nameOfSide(after)}
      </p>
      {what === "context" ? <DiffContext before={before} after={after} /> : <Outputs before={before} after={after} />}
      <CostTable before={before} after={after} />
      <p class="vnb-aside">
        {t("diffInCell")} <Typed code={typedFor(before, after)} />
      </p>
    </>
  );
}

function Outputs({ before, after }: Sides) {
  const code = typedFor(before, after);
  if (isActive(before.attempt) || isActive(after.attempt)) return <p class="vnb-aside">{t("diffRunning")}</p>;
  const [text, newText] = [before, after].map(({ store, attempt }) =>
    outputOf(attempt, (digest) => store.text(digest)),
  );
  if (text === undefined || newText === undefined) return <NotKept what={t("output")} code={code} />;
  if (!text && !newText) return <p class="vnb-aside">{t("noOutput")}</p>;
  const cut = [before, after].some(({ store, attempt }) => store.kept.cut.has(attempt.output));
  return <DiffWords before={text} after={newText} cut={cut} code={code} />;
}

function CostTable({ before, after }: Sides) {
  const id = useId();
  const costs = [costOf(before.attempt), costOf(after.attempt)] as const;
  const columns = [costCells(costs[0]), costCells(costs[1]), costCells(difference(...costs), true)];
  const heads = [nameOfSide(before, after.store), nameOfSide(after), t("diffDifference")];
  const measures = [...MEASURES.keys()].filter((row) => columns.some((cells) => cells[row]));
  if (!measures.length) return null;
  return (
    <table class="vnb-table vnb-diff-cost" aria-labelledby={id}>
      <thead>
        <tr>
          <th scope="col" id={id}>
            {t("cost")}
          </th>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {measures.map((row) => (
          <tr key={row}>
            <th scope="row">{t(HEADS[MEASURES[row] as (typeof MEASURES)[number]])}</th>
            {columns.map((cells, column) => (
              <td key={heads[column]}>{cells[row]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
