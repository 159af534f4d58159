/**
 * What a step was shown in two attempts, part by part, and how far the KV prefix reached; the twin of
 * vnb/context/diff.py. Parts are compared by the digests of their texts, so that texts need not be here.
 */

import type { AttemptView, ContextRef, PartRef } from "../protocol/types.gen";
import { type Aligned, align } from "./align";
import { readPrompt, type SentPrompt } from "./prompt";
import type { RunStore } from "./store";
import { shared } from "./text_diff";

/** `compacted` if both show the same text and one shows less of it; `changed` if the text is another one. */
export type PartChange = "kept" | "changed" | "compacted" | "added" | "dropped";

/** A part in two contexts; null where the context does not show it. */
export interface PartDiff {
  change: PartChange;
  before: PartRef | null;
  after: PartRef | null;
  /** It stands in another order. */
  moved: boolean;
  /** The context that does not show it lists it as not fitting. */
  omitted: boolean;
  /** Its tokens before and after; null where it is not shown, or was not counted. */
  tokens: readonly [before: number | null, after: number | null];
}

/** Where the first `tokens` of a prompt of `total` tokens end: `offset` tokens into `part`, null behind the last one. */
export interface Place {
  tokens: number;
  total: number;
  part: PartRef | null;
  offset: number;
}

/** The tokens that two prompts have in common at their start, by their recorded ids; `cause` is the part that ended it. */
export interface SharedPrefix {
  tokens: number;
  before: Place;
  after: Place;
  cause: PartDiff | null;
}

export interface ContextDiff {
  /** All parts, in the order of the context after; what it lacks stands where it stood before. */
  parts: PartDiff[];
  beforeTokens: number;
  afterTokens: number;
  /** Null where a prompt was not recorded, or too little of it is kept here. */
  prefix: SharedPrefix | null;
  /** What the engine really had in its KV cache; null where unknown. */
  beforeCached: Place | null;
  afterCached: Place | null;
}

/** One of the two contexts. */
export interface ContextSide {
  context: ContextRef;
  prompt: SentPrompt | null;
  /** How many of the prompt's tokens there were, and how many of them in the KV cache; null where it was not said. */
  usage: { total: number; cached: number } | null;
  /** A part's text as far as it is kept here, and how many characters it has in truth. */
  text: (part: PartRef) => { text: string; length: number } | undefined;
}

/** What an attempt was shown; null if it was not sent. */
export function sideOf(store: RunStore, { context, prompt, usage }: AttemptView): ContextSide | null {
  if (!context) return null;
  const record = prompt ? store.text(prompt) : undefined;
  return {
    context,
    prompt: record === undefined ? null : readPrompt(record),
    usage: usage.prompt_tokens ? { total: usage.prompt_tokens, cached: usage.cached_tokens } : null,
    text: ({ digest }) => {
      const text = store.text(digest);
      return text === undefined ? undefined : { text, length: store.kept.cut.get(digest) ?? text.length };
    },
  };
}

export function diffContexts(before: ContextSide, after: ContextSide): ContextDiff {
  const [parts, newParts] = [before.context.parts, after.context.parts];
  const rows = align(parts, newParts, partners(parts, newParts)).map((row) => partDiff(row, before, after));
  return {
    parts: rows,
    beforeTokens: before.context.tokens,
    afterTokens: after.context.tokens,
    prefix: prefixOf(before, after, rows),
    beforeCached: before.usage && placeOf(before, before.usage.cached),
    afterCached: after.usage && placeOf(after, after.usage.cached),
  };
}

// ---------------------------------------------------------------- parts

/** Parts that belong together wherever they come from: a context has one of each. */
const ONE_OF_A_KIND: readonly string[] = ["system", "brief", "instruction"];

/** Which parts belong together: the same text of the same source; else the same source; else the same text. */
function partners(before: readonly PartRef[], after: readonly PartRef[]): Map<number, number> {
  const found = new Map<number, number>();
  const keys: ((part: PartRef) => readonly string[] | null)[] = [
    (part) => [part.kind, part.source, part.digest, part.media],
    (part) => [part.kind, part.source],
    (part) => [part.kind, part.digest, part.media],
    (part) => (ONE_OF_A_KIND.includes(part.kind) ? [part.kind] : null),
  ];
  for (const keyOf of keys) {
    const free = new Map<string, number[]>();
    const taken = new Set(found.values());
    before.forEach((part, place) => {
      const key = keyOf(part);
      if (taken.has(place) || !key) return;
      const name = JSON.stringify(key);
      const places = free.get(name);
      if (places) places.push(place);
      else free.set(name, [place]);
    });
    after.forEach((part, place) => {
      const key = found.has(place) ? null : keyOf(part);
      const partner = key && free.get(JSON.stringify(key))?.shift();
      if (partner !== null && partner !== undefined) found.set(place, partner);
    });
  }
  return found;
}

function partDiff(row: Aligned<PartRef>, before: ContextSide, after: ContextSide): PartDiff {
  return {
    ...row,
    change: changeOf(row, before, after),
    omitted: isOmitted(row, before.context, after.context),
    tokens: [tokensOf(row.before, before), tokensOf(row.after, after)],
  };
}

function tokensOf(part: PartRef | null, side: ContextSide): number | null {
  if (!part) return null;
  return part.tokens || side.text(part)?.text === "" ? part.tokens : null;
}

function changeOf({ before, after }: Aligned<PartRef>, side: ContextSide, newSide: ContextSide): PartChange {
  if (!before || !after) return before ? "dropped" : "added";
  if (before.digest === after.digest && before.media === after.media) return "kept";
  return isCompacted(before, after, side, newSide) ? "compacted" : "changed";
}

/** What stands at the end of a text that was trimmed: `MARK` of vnb/context/budget.py. */
const MARK = " […]";

export function isTrimmed(part: PartRef): boolean {
  return part.full_tokens > part.tokens;
}

/** Whether one is the beginning of the other, since it was trimmed; of texts that were cut, as far as they are here. */
function isCompacted(before: PartRef, after: PartRef, side: ContextSide, newSide: ContextSide): boolean {
  const [one, other] = [untrimmed(before, side), untrimmed(after, newSide)];
  if (!one || !other) return false;
  const swap = one.length > other.length || (one.length === other.length && !one.trimmed && other.trimmed);
  const [short, long] = swap ? [other, one] : [one, other];
  return short.trimmed && long.text.startsWith(short.text.slice(0, long.text.length));
}

/** The text without the mark of where it was trimmed. */
function untrimmed(part: PartRef, side: ContextSide): { text: string; length: number; trimmed: boolean } | null {
  const found = side.text(part);
  if (!found) return null;
  const trimmed = isTrimmed(part);
  if (!trimmed) return { ...found, trimmed };
  if (found.text.length < found.length) return { ...found, length: found.length - MARK.length, trimmed };
  const text = found.text.endsWith(MARK) ? found.text.slice(0, -MARK.length) : found.text;
  return { text, length: text.length, trimmed };
}

/** Whether a part is missing on one side because it did not fit there. */
function isOmitted({ before, after }: Aligned<PartRef>, context: ContextRef, newContext: ContextRef): boolean {
  if (before && after) return false;
  const [part, lacking] = after ? [after, context] : [before, newContext];
  return lacking.omitted.some((left) => left.kind === part?.kind && left.source === part.source);
}

// ---------------------------------------------------------------- tokens

function placeOf({ prompt, usage, context }: ContextSide, tokens: number): Place | null {
  const total = prompt?.whole ? prompt.ids.length : usage?.total;
  if (!prompt || !total) return null;
  for (const span of [...prompt.spans].sort((a, b) => a.start - b.start)) {
    if (tokens >= span.end || tokens >= total) continue;
    return { tokens, total, part: context.parts[span.part] ?? null, offset: Math.max(0, tokens - span.start) };
  }
  return { tokens, total, part: null, offset: 0 };
}

function prefixOf(before: ContextSide, after: ContextSide, rows: readonly PartDiff[]): SharedPrefix | null {
  if (!before.prompt || !after.prompt) return null;
  const tokens = shared(before.prompt.ids, after.prompt.ids);
  const isUnknown = ({ whole, ids }: SentPrompt) => !whole && tokens === ids.length;
  if (isUnknown(before.prompt) || isUnknown(after.prompt)) return null;
  const [place, newPlace] = [placeOf(before, tokens), placeOf(after, tokens)];
  if (!place || !newPlace) return null;
  const here = [...rowsOf(newPlace.part, rows), ...rowsOf(place.part, rows)];
  const cause = here.find((row) => row.change !== "kept" || row.moved) ?? here[0] ?? null;
  return { tokens, before: place, after: newPlace, cause };
}

function rowsOf(part: PartRef | null, rows: readonly PartDiff[]): PartDiff[] {
  return part ? rows.filter((row) => row.before === part || row.after === part) : [];
}
