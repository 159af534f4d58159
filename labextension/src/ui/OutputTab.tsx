/** What an attempt put out: the answer, behind what was reasoned before it, and what it was checked for. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isActive, reasonsStill } from "../core/rows";
import type { AttemptView } from "../protocol/types.gen";
import { Demands } from "./Demands";
import { counted, t, word } from "./messages";
import { ProgramOutput } from "./ProgramOutput";
import type { AttemptProps } from "./StepPane";
import { Copy, NotKept, Text } from "./Text";
import { outputOf, pythonFor, reasoned, textOf } from "./words";

const ANSWERED: readonly string[] = ["finished", "reused"];

/** Pixels from the end within which one is at the end. */
const NEAR_END = 12;

export function OutputTab(props: AttemptProps) {
  const { attempt, step } = props;
  const end = useEndKept(isActive(attempt));
  // Of a stored output that was reused there is no program.
  const coded = attempt.program !== null || (step.step.kind === "code" && !ANSWERED.includes(attempt.status));
  return (
    <>
      {attempt.thought > 0 && <Reasoning attempt={attempt} />}
      {reasonsStill(attempt) ? null : coded ? (
        <ProgramOutput {...props}>
          <Answer {...props} result={true} />
        </ProgramOutput>
      ) : (
        <Answer {...props} />
      )}
      <span ref={end} />
      <Demands verdicts={attempt.verdicts} />
    </>
  );
}

/** Folded away, unless it is all that there is yet. */
function Reasoning({ attempt }: { attempt: AttemptView }) {
  const still = reasonsStill(attempt);
  const text = textOf(attempt.tokens.slice(0, attempt.thought));
  return (
    <details class="vnb-reasoning" open={still}>
      <summary>
        {t(still ? "reasonsStill" : "reasoning")} · {reasoned(attempt)}
      </summary>
      {text ? <Text text={text} growing={still} /> : <p class="vnb-aside">{t("reasoningNotKept")}</p>}
    </details>
  );
}

/** @param result Whether a program computed it: then it is shown as it is, until one wants it formatted. */
function Answer({ store, step, attempt, result = false }: AttemptProps & { result?: boolean }) {
  const [formatted, setFormatted] = useState(!result);
  const growing = isActive(attempt);
  const text = outputOf(attempt, (digest) => store.text(digest));
  const python = pythonFor(store.view.run_id, step.step.id, attempt.number, "output");
  if (text === undefined) {
    return <NotKept what={t("output")} code={python} coming={store.awaits(attempt.output)} />;
  }
  if (!text) return <p class="vnb-aside">{t(result ? "noResult" : "noOutput")}</p>;
  const full = store.kept.cut.get(attempt.output);
  const notes = [...(result ? [t("result")] : []), counted("characters", full ?? text.length)];
  if (growing) notes.push(t("soFar"));
  if (attempt.status === "failed" || attempt.status === "cancelled") notes.push(word(attempt.status));
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
      <Text text={text} full={full} formatted={formatted} growing={growing} />
      {full !== undefined && <NotKept what={t("whole")} code={python} />}
    </>
  );
}

/** Keeps the end of a growing text in sight as long as the user is there. Returns what marks the end. */
function useEndKept(growing: boolean) {
  const end = useRef<HTMLSpanElement>(null);
  const follows = useRef(growing);
  const grew = useRef(growing);
  useLayoutEffect(() => {
    const box = end.current?.closest<HTMLElement>("[role=tabpanel]");
    if (box && follows.current && (growing || grew.current)) box.scrollTop = box.scrollHeight;
    grew.current = growing;
    if (!box || !growing) return;
    const listening = new AbortController();
    const look = () => {
      follows.current = box.scrollTop + box.clientHeight >= box.scrollHeight - NEAR_END;
    };
    box.addEventListener("scroll", look, { passive: true, signal: listening.signal });
    return () => listening.abort();
  });
  return end;
}
