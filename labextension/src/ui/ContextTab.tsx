/** What an attempt was shown: the parts of its context with their sizes, and what did not fit. */

import { useId, useState } from "preact/hooks";
import type { ContextRef, PartRef } from "../protocol/types.gen";
import { count, label } from "./figures";
import { counted, partKind, t } from "./messages";
import { type AttemptProps, StepLink } from "./StepPane";
import { Copy, NotKept, Text } from "./Text";
import { pythonFor } from "./words";

export function ContextTab({ store, step, attempt, onSelect }: AttemptProps) {
  const { context } = attempt;
  if (!context) return <p class="vnb-aside">{t("contextNone")}</p>;
  const python = pythonFor(store.view.run_id, step.step.id, attempt.number, "context");
  const largest = Math.max(1, ...context.parts.map((part) => part.full_tokens));
  return (
    <>
      <p class="vnb-aside">{summaryOf(context)}</p>
      {store.kept.omitted.has("contexts") && <NotKept what={t("contextOmitted")} code={python} />}
      <ul class="vnb-parts">
        {context.parts.map((part, index) => (
          <Part
            key={index}
            part={part}
            largest={largest}
            text={store.text(part.digest)}
            coming={store.awaits(part.digest)}
            full={store.kept.cut.get(part.digest)}
            code={`${python}.parts[${index}].text`}
          >
            {part.kind === "result" ? (
              <StepLink id={part.source} store={store} onSelect={onSelect} />
            ) : (
              part.source !== part.kind && label(part.source, 80)
            )}
          </Part>
        ))}
        {context.omitted.map((part) => (
          <li class="vnb-part vnb-part-omitted">
            <span class="vnb-part-kind">{partKind(part.kind)}</span>
            <span class="vnb-part-source">{label(part.source, 80)}</span>
            <span class="vnb-part-mark">{t("omitted")}</span>
            <span class="vnb-part-tokens">{count(part.tokens)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function summaryOf(context: ContextRef): string {
  const trimmed = context.parts.filter((part) => part.full_tokens > part.tokens).length;
  const said = [
    t("budgetOf", { tokens: count(context.tokens), budget: count(context.budget) }),
    counted("parts", context.parts.length),
  ];
  if (trimmed) said.push(counted("trimmedParts", trimmed));
  if (context.omitted.length) said.push(counted("omittedParts", context.omitted.length));
  return said.join(" · ");
}

interface PartProps {
  part: PartRef;
  largest: number;
  text: string | undefined;
  coming: boolean;
  full: number | undefined;
  code: string;
  children: preact.ComponentChildren;
}

function Part({ part, largest, text, coming, full, code, children }: PartProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const trimmed = part.full_tokens > part.tokens;
  return (
    <li>
      <div class="vnb-part">
        <button
          type="button"
          class="vnb-part-kind"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          {open ? "▾" : "▸"} {partKind(part.kind)}
        </button>
        <span class="vnb-part-source">{children}</span>
        <span class="vnb-part-mark">{trimmed ? t("trimmed", { n: count(part.full_tokens) }) : ""}</span>
        <span class="vnb-part-tokens">{count(part.tokens)}</span>
        <span class="vnb-part-bar" aria-hidden="true">
          <i class="vnb-part-full" style={{ width: `${(part.full_tokens / largest) * 100}%` }} />
          <i class="vnb-part-kept" style={{ width: `${(part.tokens / largest) * 100}%` }} />
        </span>
      </div>
      <div id={id} class="vnb-part-text" hidden={!open}>
        {open && text === undefined && <NotKept what={partKind(part.kind)} code={code} coming={coming} />}
        {open && text !== undefined && (
          <>
            <div class="vnb-bar">
              <Copy text={text} />
            </div>
            <Text text={text} full={full} />
          </>
        )}
      </div>
    </li>
  );
}
