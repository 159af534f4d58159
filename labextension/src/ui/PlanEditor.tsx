/** The plan as text, to be changed before it is approved; checked by the kernel while it is written. */

import { useEffect, useState } from "preact/hooks";
import type { Answer, Command } from "../core/commands";
import { ActionBar } from "./ActionBar";
import { useAsking } from "./asking";
import { useEditing } from "./editing";
import { Failure } from "./Headline";
import { t } from "./messages";

/** Milliseconds without a key after which the text is checked. */
const PAUSE = 250;

interface Props {
  place: string;
  text: string;
  /** The run's plan as it is. */
  plan: string;
  /** Whether the run still waits for approval: another panel may have given it. */
  waits: boolean;
}

export function PlanEditor({ place, text, plan, waits }: Props) {
  const asking = useAsking();
  const checked = useChecked(text);
  const close = () => asking?.write(place, null);
  const invalid = checked !== null && !checked.ok;
  const edited = text !== plan;
  const unchecked = checked === null ? t("checking") : invalid ? t("whyInvalidPlan") : "";
  const why = waits ? (edited ? unchecked : "") : t("whyNotWaiting");
  const command: Command = edited ? { name: "approve", plan: text } : { name: "approve" };
  const send = why ? null : { key: "approve", command };
  const { field, onKeyDown, onDone } = useEditing(asking, place, text, send, close);
  if (!asking) return null;
  const title = t(edited ? "approveEdited" : "approve");
  return (
    <div class="vnb-approval" data-lm-suppress-shortcuts="true" onKeyDown={onKeyDown}>
      <label class="vnb-field">
        <b>{t("editPlan")}</b> <span class="vnb-aside">{t("planForm")}</span>
        <textarea
          ref={field}
          class="vnb-code"
          rows={Math.min(16, Math.max(5, plan.split("\n").length + 2))}
          spellcheck={false}
          aria-invalid={invalid}
          value={text}
          onInput={(event) => asking.write(place, event.currentTarget.value)}
        />
      </label>
      <div class="vnb-checked" aria-live="polite">
        {invalid ? (
          <Failure error={checked.error} hint={checked.hint} />
        ) : (
          <p class="vnb-aside">{t(checked ? "planValid" : "checking")}</p>
        )}
      </div>
      <ActionBar
        place={place}
        label={t("approval")}
        whole={true}
        buttons={[{ key: "approve", title, hint: t("editKeys"), command, why, primary: true }]}
        onDone={onDone}
      >
        <button type="button" class="vnb-button" onClick={close}>
          {t("cancel")}
        </button>
      </ActionBar>
    </div>
  );
}

/** What the kernel says of the text; null while it is not known. Only the answer to the newest text counts. */
function useChecked(text: string): Answer | null {
  const kernel = useAsking()?.kernel;
  const [checked, setChecked] = useState<{ text: string; answer: Answer } | null>(null);
  useEffect(() => {
    let newest = true;
    const timer = setTimeout(async () => {
      const answer = await kernel?.ask({ name: "check_plan", plan: text });
      if (newest && answer) setChecked({ text, answer });
    }, PAUSE);
    return () => {
      newest = false;
      clearTimeout(timer);
    };
  }, [kernel, text]);
  return checked?.text === text ? checked.answer : null;
}
