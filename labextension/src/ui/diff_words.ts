/** What is said of a comparison: figures and sentences, the same as in vnb/views/diff_rows.py. */

import { type ContextDiff, isTrimmed, type PartChange, type PartDiff, type Place } from "../core/context_diff";
import { type Cost, MEASURES } from "../core/cost_diff";
import { extent, isBlank, isSame, type TextDiff } from "../core/text_diff";
import { count, joules, label, price, rate, rounded, seconds, share } from "./figures";
import { type Message, partKind, t, word } from "./messages";

/** A sign for what became of a part; the word always stands beside it. */
export const SIGNS: Readonly<Record<PartChange, string>> = {
  kept: "=",
  changed: "~",
  compacted: "≈",
  added: "+",
  dropped: "−",
};

// ---------------------------------------------------------------- texts

/** Spaces and line ends that were dropped or added, made visible; other text is left as it is. */
export function blank(text: string): string {
  return isBlank(text) ? text.replaceAll(" ", "·").replaceAll("\t", "→").replaceAll("\n", "↵\n") : text;
}

/** `the same 1,204 characters`, or how much of both texts is the same. */
export function alike(text: TextDiff): string {
  const { before, after, similarity } = extent(text);
  if (isSame(text)) return t("diffSame", { n: count(after) });
  return t("diffAlike", { before: count(before), after: count(after), share: Math.floor(similarity * 100) });
}

// ---------------------------------------------------------------- contexts

/** The part's tokens before, after, and the difference; empty where there is nothing to say. */
export function partTokens({ tokens: [before, after] }: PartDiff): [before: string, after: string, more: string] {
  const more = before !== null && after !== null && before !== after ? difference(after - before) : "";
  return [before === null ? "" : count(before), after === null ? "" : count(after), more];
}

/** `812 → 640 tokens · 3 kept, 1 changed`; no tokens where none were counted, since results were only joined. */
export function sizes(context: ContextDiff): string {
  const { parts, beforeTokens, afterTokens } = context;
  const said = Object.keys(SIGNS).map(
    (change) => [parts.filter((part) => part.change === change).length, change] as const,
  );
  const counts = [...said, [parts.filter((part) => part.moved).length, "moved"] as const].filter(([n]) => n);
  const changes = counts.map(([n, change]) => t("diffChanges", { n, change: word(change) })).join(", ");
  if (!beforeTokens && !afterTokens) return changes;
  return `${t("diffTokens", { before: count(beforeTokens), after: count(afterTokens) })} · ${changes}`;
}

/** What is out of the ordinary about a part, in words. */
export function partNotes(part: PartDiff, context: ContextDiff): string[] {
  const { before, after } = part;
  const said = part.moved ? [word("moved")] : [];
  if (part.omitted) said.push(t("diffDidNotFit"));
  if (before && after && before.source !== after.source && after.kind !== "instruction") {
    said.push(t("diffWas", { source: label(before.source, 80) }));
  }
  for (const [side, one] of [["before", before] as const, ["after", after] as const]) {
    if (one && isTrimmed(one)) said.push(t("diffPartTrimmed", { side: word(side), n: count(one.full_tokens) }));
  }
  if (context.prefix?.cause === part) said.push(t("diffPrefixHere"));
  return said;
}

/** How far both prompts are the same, and what the KV cache really held. */
export function prefixLines(context: ContextDiff): string[] {
  const { prefix, beforeCached, afterCached } = context;
  const said: string[] = [];
  if (prefix) {
    const { tokens, before, after } = prefix;
    if (tokens === before.total && tokens === after.total) {
      said.push(t("prefixSame", { n: count(tokens) }));
    } else {
      const [one, other] = [count(before.total), count(after.total)];
      said.push(t("prefixShared", { n: count(tokens), before: one, after: other, ending: ending(context) }));
    }
  }
  const known: string[] = [];
  if (beforeCached) known.push(t("cachedBefore", { found: cached(beforeCached) }));
  if (afterCached) known.push(t("cachedAfter", { found: cached(afterCached) }));
  return known.length ? [...said, t("cachedFound", { found: known.join("; ") })] : said;
}

function ending({ prefix }: ContextDiff): string {
  if (!prefix?.cause) return t("prefixEndsBehind");
  const { cause, before, after } = prefix;
  const place = cause.after && after.part === cause.after ? after : before;
  return t("prefixEnds", { where: within(place), change: word(cause.moved ? "moved" : cause.change) });
}

function cached(place: Place): string {
  const found = t("cachedOf", { n: count(place.tokens), of: count(place.total) });
  return place.tokens && place.part ? t("cachedUntil", { found, where: within(place) }) : found;
}

/** Where a prefix ends: `3 tokens into result s1`, `where result s1 begins`, `behind the last part`. */
export function within({ part, offset }: Place): string {
  if (!part) return t("prefixBehind");
  const name = partName(part.kind, part.source);
  return offset ? t("prefixWithin", { n: count(offset), part: name }) : t("prefixBegins", { part: name });
}

/** `result s1`; the kind alone where the source says no more. */
export function partName(kind: string, source: string): string {
  const said = label(source, 80);
  const alone = said === kind || kind === "system" || kind === "brief";
  return alone ? partKind(kind) : `${partKind(kind)} ${said}`;
}

// ---------------------------------------------------------------- costs

/** What each measure is called. */
export const HEADS: Readonly<Record<(typeof MEASURES)[number], Message>> = {
  prompt_tokens: "promptTokens",
  cached_tokens: "cached",
  new_tokens: "outputTokens",
  prefix_hit: "prefixHitShare",
  seconds: "time",
  rate: "tokPerSecond",
  joules: "energy",
  price: "price",
};

/** A cost's figures in the order of `MEASURES`; those of a difference with their sign. */
export function costCells(cost: Cost, signed = false): string[] {
  return MEASURES.map((measure) => {
    const figure = cost[measure];
    if (figure === null) return "";
    const said = figureOf(measure, signed ? Math.abs(figure) : figure, signed);
    return signed ? withSign(figure, said) : said;
  });
}

function figureOf(measure: (typeof MEASURES)[number], figure: number, signed: boolean): string {
  if (measure === "prefix_hit") return signed ? `${rounded(figure * 100)} pp` : share(figure);
  if (measure === "seconds") return seconds(figure);
  if (measure === "joules") return joules(figure);
  if (measure === "price") return price(figure);
  return measure === "rate" ? rate(figure) : count(figure);
}

/** `+12`, `−3`, `0`. */
export function difference(number: number): string {
  return withSign(number, count(Math.abs(number)));
}

function withSign(number: number, said: string): string {
  return /[1-9]/.test(said) ? `${number > 0 ? "+" : "−"}${said}` : said;
}
