/** What an attempt put out. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isActive } from "../core/rows";
import { counted, t, word } from "./messages";
import type { AttemptProps } from "./StepPane";
import { Copy, NotKept, Text } from "./Text";
import { outputOf, pythonFor } from "./words";

/** Pixels from the end within which one is at the end. */
const NEAR_END = 12;

export function OutputTab({ store, step, attempt }: AttemptProps) {
  const [formatted, setFormatted] = useState(true);
  const growing = isActive(attempt);
  const end = useEndKept(growing);
  const text = outputOf(attempt, (digest) => store.text(digest));
  const python = pythonFor(store.view.run_id, step.step.id, attempt.number, "output");
  if (text === undefined) {
    return <NotKept what={t("output")} code={python} coming={store.awaits(attempt.output)} />;
  }
  if (!text) return <p class="vnb-aside">{t("noOutput")}</p>;
  const full = store.kept.cut.get(attempt.output);
  const notes = [counted("characters", full ?? text.length)];
  if (growing) notes.push(t("soFar"));
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
      <Text text={text} full={full} formatted={formatted} growing={growing} />
      <span ref={end} />
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
