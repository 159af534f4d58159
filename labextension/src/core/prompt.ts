/** What an engine was really sent, as far as it was recorded and is kept; see `Sent.written` in vnb/executor/sending.py. */

import type { Span } from "../protocol/types.gen";

export interface SentPrompt {
  /** Which tokens show which context part. */
  spans: readonly Span[];
  /** The tokens; the first ones where `whole` is false, since a bundle keeps no more of a long text. */
  ids: readonly number[];
  whole: boolean;
}

/** Reads a prompt's record, also one that was cut; null where that is not possible, or no token ids were recorded. */
export function readPrompt(record: string): SentPrompt | null {
  const found = whole(record) ?? begun(record);
  return found && (found.ids.length || !found.whole) ? found : null;
}

function whole(record: string): SentPrompt | null {
  try {
    const { spans, token_ids } = JSON.parse(record);
    if (!Array.isArray(token_ids) || !token_ids.every(Number.isInteger)) return null;
    return { spans: areSpans(spans) ? spans : [], ids: token_ids, whole: true };
  } catch {
    return null;
  }
}

/** The names stand in the order of the alphabet: spans, text, token_ids; a text has no bare quotation mark. */
function begun(record: string): SentPrompt | null {
  const spans = /^\{"spans":(\[[^[\]]*\])/.exec(record)?.[1];
  if (!spans) return null;
  try {
    const found = JSON.parse(spans);
    const ids = record.split('"token_ids":[')[1]?.split(",").slice(0, -1).map(Number) ?? [];
    return areSpans(found) && ids.every(Number.isInteger) ? { spans: found, ids, whole: false } : null;
  } catch {
    return null;
  }
}

function areSpans(found: unknown): found is Span[] {
  const isSpan = (span: unknown) =>
    typeof span === "object" &&
    span !== null &&
    ["part", "start", "end"].every((name) => Number.isInteger((span as Record<string, unknown>)[name]));
  return Array.isArray(found) && found.every(isSpan);
}
