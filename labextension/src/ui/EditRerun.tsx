/** A rerun with other words or settings. Only what was changed is sent. */

import { useRef } from "preact/hooks";
import type { Command } from "../core/commands";
import { shown } from "../core/rows";
import type { StepView } from "../protocol/types.gen";
import { ActionBar } from "./ActionBar";
import { useAsking } from "./asking";
import { useEditing } from "./editing";
import { t } from "./messages";

/** What is being written. A setting that is empty stays as it is. */
export interface Edit {
  instruction: string;
  settings: Readonly<Record<string, string>>;
  down: boolean;
}

/** What can be set here; the rest has `--set`. */
const SETTINGS = ["temperature", "seed", "max_tokens"] as const;

interface Props {
  place: string;
  step: StepView;
  draft: Edit;
  why: string;
}

export function EditRerun({ place, step, draft, why }: Props) {
  const asking = useAsking();
  const form = useRef<HTMLDivElement>(null);
  const command = commandOf(step, draft);
  const blank = !draft.instruction.trim();
  const close = () => {
    const opener = form.current?.parentElement?.querySelector<HTMLElement>("[data-key=editRerun]");
    opener?.focus();
    asking?.write(place, null);
  };
  const send = why || blank ? null : { key: "rerun", command };
  const { field, onKeyDown, onDone } = useEditing(asking, place, draft, send, close);
  if (!asking) return null;
  const write = (change: Partial<Edit>) => asking.write(place, { ...draft, ...change });
  const used = shown(step)?.sampling;
  return (
    <div class="vnb-form" ref={form} data-lm-suppress-shortcuts="true" onKeyDown={onKeyDown}>
      <label class="vnb-field">
        {t("instruction")}
        <textarea
          ref={field}
          rows={Math.min(10, Math.max(3, draft.instruction.split("\n").length + 1))}
          value={draft.instruction}
          aria-invalid={blank}
          onInput={(event) => write({ instruction: event.currentTarget.value })}
        />
      </label>
      <div class="vnb-settings">
        {SETTINGS.map((name) => (
          <label key={name} class="vnb-field">
            {name}
            <input
              inputMode="decimal"
              autocomplete="off"
              value={draft.settings[name] ?? ""}
              placeholder={name === "seed" ? t("newSeed") : String(used?.[name] ?? t("unset"))}
              onInput={(event) => write({ settings: { ...draft.settings, [name]: event.currentTarget.value } })}
            />
          </label>
        ))}
        <label class="vnb-check">
          <input
            type="checkbox"
            checked={draft.down}
            onChange={(event) => write({ down: event.currentTarget.checked })}
          />{" "}
          {t("andDown")}
        </label>
      </div>
      <ActionBar
        place={place}
        label={t("editRerun")}
        whole={true}
        buttons={[
          {
            key: "rerun",
            title: t("rerun"),
            hint: t("editKeys"),
            command,
            why: why || (blank ? t("whyBlank") : ""),
            primary: true,
          },
        ]}
        onDone={onDone}
      >
        <button type="button" class="vnb-button" onClick={close}>
          {t("cancel")}
        </button>
      </ActionBar>
    </div>
  );
}

/** The command of a draft; words and settings that are as they were are left out. */
export function commandOf(step: StepView, draft: Edit): Command {
  const settings = Object.entries(draft.settings)
    .map(([name, value]) => [name, value.trim()] as const)
    .filter(([, value]) => value);
  return {
    name: "rerun",
    steps: [step.step.id],
    ...(draft.down ? { down: true } : {}),
    ...(draft.instruction === step.step.instruction ? {} : { instruction: draft.instruction }),
    ...(settings.length ? { settings: Object.fromEntries(settings) } : {}),
  };
}
