/** What a code step put out: what came of its attempts, the program as it streams and as it ran, what it printed. */

import type { ComponentChildren } from "preact";
import { sourceIn } from "../core/programs";
import { isActive } from "../core/rows";
import type { AttemptView, StepView } from "../protocol/types.gen";
import { label } from "./figures";
import { t, word } from "./messages";
import { Sign } from "./RunTree";
import type { AttemptProps } from "./StepPane";
import { Copy, NotKept, Text } from "./Text";
import { told } from "./told";
import { outputOf, pythonFor, ran } from "./words";

/** The most attempts that are told of, the last ones. */
const MOST = 8;

interface Props extends AttemptProps {
  /** What stands below it: its result. */
  children: ComponentChildren;
}

/** The attempts so far, then the program of this one; its result only if it ran through. */
export function ProgramOutput({ store, step, attempt, onSelect, children }: Props) {
  const { program } = attempt;
  const answer = program?.source ?? outputOf(attempt, (digest) => store.text(digest));
  const python = pythonFor(store.view.run_id, step.step.id, attempt.number, "output");
  if (answer === undefined) {
    return <NotKept what={t("program")} code={python} coming={store.awaits(attempt.output)} />;
  }
  const source = program ? answer : sourceIn(answer);
  const growing = isActive(attempt) && !program;
  return (
    <>
      <Trail step={step} attempt={attempt} onSelect={onSelect} />
      {!source && <p class="vnb-aside">{t("noOutput")}</p>}
      {source && (
        <div class="vnb-program">
          <div class="vnb-bar">
            <span class="vnb-aside">{[t("program"), program ? ran(program) : growing && t("soFar")].join(" · ")}</span>
            <Copy text={source} />
          </div>
          <Text text={source} growing={growing} />
        </div>
      )}
      {program?.printed && (
        <div class="vnb-program">
          <span class="vnb-aside">{t("printed")}</span>
          <Text text={program.printed} />
        </div>
      )}
      {program && !program.error && children}
    </>
  );
}

/** What came of each attempt, a line each: `✗ #1 failed: NameError: …`, `✓ #2 → 42`. */
function Trail({ step, attempt, onSelect }: { step: StepView } & Pick<Props, "attempt" | "onSelect">) {
  if (step.attempts.length < 2) return null;
  return (
    <ul class="vnb-trail">
      {step.attempts.slice(-MOST).map((one) => (
        <li key={one.number}>
          <Sign status={one.status} />{" "}
          <button
            type="button"
            class="vnb-link"
            aria-pressed={one === attempt}
            onClick={() => onSelect({ step: step.step.id, attempt: one.number })}
          >
            {t("attempt")} {one.number}
          </button>{" "}
          {outcomeOf(one)}
        </li>
      ))}
    </ul>
  );
}

function outcomeOf({ status, error, program }: AttemptView): string {
  if (program && !program.error && status !== "failed") return `→ ${label(program.result, 120)}`;
  return error ? `${word(status)}: ${label(told(error), 300)}` : word(status);
}
