/** What an attempt put out. */

import { useState } from "preact/hooks";
import { isActive } from "../core/rows";
import { counted, t, word } from "./messages";
import type { AttemptProps } from "./StepPane";
import { Copy, NotKept, Text } from "./Text";
import { outputOf, pythonFor } from "./words";

export function OutputTab({ store, step, attempt }: AttemptProps) {
  const [formatted, setFormatted] = useState(true);
  const text = outputOf(attempt, (digest) => store.text(digest));
  const python = pythonFor(store.view.run_id, step.step.id, attempt.number, "output");
  if (text === undefined) return <NotKept what={t("output")} code={python} />;
  if (!text) return <p class="vnb-aside">{t("noOutput")}</p>;
  const full = store.kept.cut.get(attempt.output);
  const notes = [counted("characters", full ?? text.length)];
  if (isActive(attempt)) notes.push(t("soFar"));
  if (attempt.status === "failed" || attempt.status === "cancelled") notes.push(word(attempt.status));
  if (attempt.reason === "length") notes.push(t("cutAtMax"));
  return (
    <>
      <div class="vnb-bar">
        <span class="vnb-aside">{notes.join(" · ")}</span>
        <button type="button" class="vnb-button" aria-pressed={formatted} onClick={() => setFormatted(!formatted)}>
          {t("formatted")}
        </button>
        <Copy text={text} />
      </div>
      {attempt.source && <p class="vnb-aside">{t("reused", { source: attempt.source })}</p>}
      <Text text={text} full={full} formatted={formatted} />
      {full !== undefined && <NotKept what={t("whole")} code={python} />}
    </>
  );
}
