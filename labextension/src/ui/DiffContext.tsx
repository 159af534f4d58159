/** Two contexts, part by part: what became of each, how many tokens it has, and where the KV prefix ended. */

import type { ComponentChildren } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { type ContextDiff, diffContexts, type PartDiff, type Place, sideOf } from "../core/context_diff";
import type { PartRef } from "../protocol/types.gen";
import type { Sides } from "./DiffTab";
import { DiffWords } from "./DiffWords";
import { partName, partNotes, partTokens, prefixLines, SIGNS, sizes, within } from "./diff_words";
import { count } from "./figures";
import { t, word } from "./messages";
import { nameOfSide, type Side, typedFor } from "./sides";
import { NotKept } from "./Text";

export function DiffContext({ before, after }: Sides) {
  const code = typedFor(before, after);
  // The attempts change in place; that they did is said by the versions.
  const found = useMemo(() => {
    const sides = [sideOf(before.store, before.attempt), sideOf(after.store, after.attempt)] as const;
    return sides[0] && sides[1] ? diffContexts(sides[0], sides[1]) : null;
  }, [before.attempt, after.attempt, before.store.version, after.store.version]);
  const unsent = [before, after].find(({ attempt }) => !attempt.context);
  if (unsent || !found) {
    return <p class="vnb-aside">{t("diffNoContext", { attempt: nameOfSide(unsent ?? after, after.store) })}</p>;
  }
  if ([before, after].some(({ store }) => store.kept.omitted.has("contexts"))) {
    return <NotKept what={t("contextOmitted")} code={code} />;
  }
  return (
    <>
      <p class="vnb-aside">{sizes(found)}</p>
      <ul class="vnb-diff">{rowsOf(found, before, after, code)}</ul>
      {prefixLines(found).map((line) => (
        <p key={line} class="vnb-aside">
          {line}
        </p>
      ))}
      {!found.prefix && hasPrompts(before, after) && <NotKept what={t("diffUnknown")} code={code} />}
    </>
  );
}

/** Whether both engines were sent a prompt whose record is not, or not wholly, in this notebook. */
function hasPrompts(...sides: Side[]): boolean {
  const isShort = ({ store, attempt }: Side) =>
    store.text(attempt.prompt) === undefined || store.kept.cut.has(attempt.prompt);
  return sides.every(({ attempt }) => attempt.prompt) && sides.some(isShort);
}

/** The parts, and between them the line where the KV prefix of the attempt after ended. */
function rowsOf(found: ContextDiff, before: Side, after: Side, code: string): ComponentChildren[] {
  const place = found.afterCached;
  const rows: ComponentChildren[] = found.parts.map((part, index) => (
    <Part key={index} part={part} context={found} before={before} after={after} code={code} />
  ));
  if (!place) return rows;
  const at = found.parts.findIndex((part) => part.after && part.after === place.part);
  const line = <Rule key="rule" place={place} />;
  if (at >= 0) rows.splice(place.offset ? at + 1 : at, 0, line);
  else rows.push(line);
  return rows;
}

function Rule({ place }: { place: Place }) {
  return (
    <li class="vnb-diff-rule">
      {t("prefixRule", { n: count(place.tokens), of: count(place.total), where: within(place) })}
    </li>
  );
}

interface PartProps extends Sides {
  part: PartDiff;
  context: ContextDiff;
  code: string;
}

function Part({ part, context, before, after, code }: PartProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { kind, source, media } = (part.after ?? part.before) as PartRef;
  const [tokens, newTokens, more] = partTokens(part);
  const isOtherMedia = part.change !== "kept" && part.before?.digest === part.after?.digest;
  const notes = [...partNotes(part, context), ...(isOtherMedia && media ? [t("diffOtherMedia")] : [])];
  const name = partName(kind, source);
  const mark = (
    <span class="vnb-diff-mark">
      <span aria-hidden="true">{SIGNS[part.change]}</span> {word(part.change)}
    </span>
  );
  const hasText = part.change !== "kept" && !isOtherMedia;
  return (
    <li class={`vnb-diff-part vnb-diff-${part.change}`}>
      <div class="vnb-diff-row">
        {mark}
        <span class="vnb-diff-name">
          {hasText ? (
            <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
              <span class="vnb-diff-twist">{open ? "▾" : "▸"}</span>
              {name}
            </button>
          ) : (
            name
          )}
          {notes.length > 0 && <span class="vnb-aside"> · {notes.join("; ")}</span>}
        </span>
        <span class="vnb-diff-tokens">
          {part.before && part.after ? `${tokens}${tokens && newTokens && " → "}${newTokens}` : tokens || newTokens}
          {more && <b> {more}</b>}
        </span>
      </div>
      {hasText && (
        <div id={id} class="vnb-part-text" hidden={!open}>
          {open && <PartText part={part} before={before} after={after} code={code} />}
        </div>
      )}
    </li>
  );
}

function PartText({ part, before, after, code }: Sides & { part: PartDiff; code: string }) {
  const { kind, source } = (part.after ?? part.before) as PartRef;
  const textOf = ({ store }: Side, one: PartRef | null) => (one ? store.text(one.digest) : "");
  const isCut = ({ store }: Side, one: PartRef | null) => one !== null && store.kept.cut.has(one.digest);
  const [text, newText] = [textOf(before, part.before), textOf(after, part.after)];
  if (text === undefined || newText === undefined) return <NotKept what={partName(kind, source)} code={code} />;
  const cut = isCut(before, part.before) || isCut(after, part.after);
  return <DiffWords before={text} after={newText} cut={cut} code={code} />;
}
