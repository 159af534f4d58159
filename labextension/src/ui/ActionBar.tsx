/** Buttons that ask something of the kernel, the magic that each of them equals, and what came of the last click. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Command, magicOf } from "../core/commands";
import { GONE } from "../core/live";
import type { Offer } from "../core/offers";
import { type Asked, type Asking, useAsking } from "./asking";
import { label } from "./figures";
import { Failure } from "./Headline";
import { t, word } from "./messages";
import { Copy, Typed } from "./Text";

/** One button; with `why` it says that instead of doing anything. */
export interface Button {
  key: string;
  title: string;
  /** What it does, beside the magic. */
  hint: string;
  command: Command;
  why: string;
  /** Does something else than to ask for `command`. */
  onPress?: () => void;
  /** Whether what it opens is open. */
  open?: boolean;
  primary?: boolean;
}

interface Props {
  place: string;
  label: string;
  buttons: readonly Button[];
  /** Whether the magic stands in full, on as many lines as it has. */
  whole?: boolean;
  /** Called when what was asked was done. */
  onDone?: () => void;
  /** Further buttons, which ask nothing. */
  children?: ComponentChildren;
}

export function ActionBar({ place, label: name, buttons, whole = false, onDone, children }: Props) {
  const asking = useAsking();
  const [pointed, setPointed] = useState("");
  if (!asking || !buttons.length) return null;
  const asked = asking.asked(place);
  const press = async (button: Button) => {
    setPointed(button.key);
    if (button.why) return;
    if (button.onPress) button.onPress();
    else if (await asking.ask(place, button.key, button.command)) onDone?.();
  };
  const about = buttons.find((button) => button.key === pointed) ?? (buttons[0] as Button);
  return (
    <div class="vnb-actions" role="group" aria-label={name}>
      <div class="vnb-buttons">
        {buttons.map((button) => (
          <ActionButton
            key={button.key}
            button={button}
            magic={magicOf(button.command, asking.run) ?? ""}
            asked={asked?.answer === null ? asked : undefined}
            late={asking.late}
            onPoint={() => setPointed(button.key)}
            onPress={() => press(button)}
          />
        ))}
        {children}
      </div>
      <Magic text={magicOf(about.command, asking.run) ?? ""} why={about.why} whole={whole} />
      <Outcome asked={asked} run={asking.run} onDismiss={() => asking.dismiss(place)} />
    </div>
  );
}

interface ButtonProps {
  button: Button;
  magic: string;
  /** What this place still waits for. */
  asked: Asked | undefined;
  late: boolean;
  onPoint: () => void;
  onPress: () => void;
}

function ActionButton({ button, magic, asked, late, onPoint, onPress }: ButtonProps) {
  const { key, title, hint, why, open, primary } = button;
  const said = [why || hint, ...(late && !why ? [t("late")] : []), magic];
  return (
    <button
      type="button"
      class={primary ? "vnb-button vnb-primary" : "vnb-button"}
      data-key={key}
      title={said.filter(Boolean).join("\n")}
      aria-disabled={Boolean(why) || asked !== undefined}
      aria-busy={asked?.key === key}
      aria-expanded={open}
      onMouseEnter={onPoint}
      onFocus={onPoint}
      onClick={onPress}
    >
      {title}
    </button>
  );
}

/** What one would type instead, in one line that never moves what stands around it; or why not. */
function Magic({ text, why, whole }: { text: string; why: string; whole: boolean }) {
  if (why) return <p class="vnb-magic vnb-aside">{why}</p>;
  if (whole && text.includes("\n")) {
    return (
      <div class="vnb-magic vnb-magic-whole">
        <pre tabIndex={0} aria-label={t("magic")}>
          {text}
        </pre>
        <Copy text={text} what="copyMagic" />
      </div>
    );
  }
  return (
    <p class="vnb-magic">
      <code title={text}>{text.replaceAll("\n", " ⏎ ")}</code>
      <Copy text={text} what="copyMagic" />
    </p>
  );
}

/** A refusal, until it is dismissed or something else is asked; a fork's name and how to open it. */
function Outcome({ asked, run, onDismiss }: { asked: Asked | undefined; run: string; onDismiss: () => void }) {
  const { answer, command } = asked ?? {};
  const fork = answer?.ok && command?.name === "fork" ? forkOf(answer.value) : "";
  return (
    <div class="vnb-outcome" aria-live="polite">
      {answer && !answer.ok && (
        <div class="vnb-notice">
          <Failure error={answer === GONE ? t("kernelGone") : answer.error || t("refused")} hint={answer.hint} />
          <Dismiss onDismiss={onDismiss} />
        </div>
      )}
      {fork && (
        <div class="vnb-notice">
          <p>
            {t("forked", { fork: label(fork, 40), run: label(run, 40) })} <Typed code={`%vopen ${label(fork, 40)}`} />
          </p>
          <Dismiss onDismiss={onDismiss} />
        </div>
      )}
    </div>
  );
}

function Dismiss({ onDismiss }: { onDismiss: () => void }) {
  return (
    <button type="button" class="vnb-dismiss" aria-label={t("dismiss")} title={t("dismiss")} onClick={onDismiss}>
      ✕
    </button>
  );
}

/** The new run's id, by itself or as `run`. */
function forkOf(value: unknown): string {
  const found = typeof value === "object" && value !== null ? (value as { run?: unknown }).run : value;
  return typeof found === "string" ? found : "";
}

/** The words of an offer's button. */
export function buttonOf(offer: Offer, more: Partial<Button> = {}): Button {
  const { action, command, why } = offer;
  return { key: action, title: t(action), hint: t(`${action}Hint`), command, why: whyOf(why), ...more };
}

const WHY = { gated: "whyGated", notRun: "whyNotRun", underWay: "whyUnderWay", willRun: "whyWillRun" } as const;

function whyOf(why: Offer["why"]): string {
  if (!why) return "";
  if (why.because !== "needs") return t(WHY[why.because]);
  return t("whyNeeds", { need: label(why.need, 40), status: word(why.status) });
}

/** Whether anything is awaited at a place. */
export function isBusy(asking: Asking | null, place: string): boolean {
  return asking?.asked(place)?.answer === null;
}
