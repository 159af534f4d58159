import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ContextDiff, type ContextSide, diffContexts, sideOf } from "../src/core/context_diff";
import { costOf, difference } from "../src/core/cost_diff";
import { folded } from "../src/core/folded";
import { readPrompt } from "../src/core/prompt";
import { RunStore } from "../src/core/store";
import { diffTexts, type TextDiff } from "../src/core/text_diff";
import { decode } from "../src/protocol/codec";
import type { AttemptView, Json, PartRef } from "../src/protocol/types.gen";
import { alike, costCells, partName, partNotes, partTokens, prefixLines, sizes } from "../src/ui/diff_words";
import { count, LONGEST } from "../src/ui/figures";
import { bundle, load } from "./fixtures";
import { cooked, type Recipe } from "./recipes";

type Pair = [kind: string, text: string];
/** Pairs, or of long ones how many they are and their digest. */
type Written = Pair[] | [number, string];

interface TextCase {
  name: string;
  before: Recipe;
  after: Recipe;
  pieces: Written;
  alike: string;
  folded: Written;
}

type PartTold = [
  change: string,
  name: string,
  places: number[],
  tokens: string[],
  notes: string[],
  pieces: Written | null,
];

interface Told {
  cost: string[][];
  context?: { sizes: string; prefix: string[]; parts: PartTold[] };
}

type AttemptsCase = Told & { fixture: string; attempts: [step: string, number: number][] };
type ContextsCase = Told & { name: string; blobs: Record<string, string>; before: Json; after: Json };

function cases<Case>(name: string): Case[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../tests/fixtures/diffs/${name}.json`), "utf-8"));
}

/** Pairs as they stand in the files of the cases. */
function written(pairs: Pair[]): Written {
  if (pairs.reduce((sum, [, text]) => sum + [...text].length, 0) <= 6_000) return pairs;
  const told = pairs.map((pair) => pair.join(" ")).join("\n");
  return [pairs.length, createHash("sha256").update(told).digest("hex").slice(0, 16)];
}

const pairsOf = (pieces: TextDiff) => pieces.map(({ kind, text }): Pair => [kind, text]);

/** What Python's `folded` gives: notes are texts there. */
function foldedPairs(pieces: TextDiff): Pair[] {
  return [LONGEST, 300].flatMap((most) =>
    folded(pieces, most).map((shown): Pair => {
      if ("text" in shown) return [shown.kind, shown.text];
      const n = count(shown.hidden);
      return ["note", shown.kind === "folded" ? `… ${n} characters unchanged …` : `… ${n} more characters`];
    }),
  );
}

describe("texts are compared as in Python", () => {
  it.each(cases<TextCase>("texts").map((one) => [one.name, one] as const))("%s", (_, found) => {
    const pieces = diffTexts(cooked(found.before), cooked(found.after));
    expect(alike(pieces)).toBe(found.alike);
    expect(written(pairsOf(pieces))).toEqual(found.pieces);
    expect(written(foldedPairs(pieces))).toEqual(found.folded);
  });

  it("what is opened is not folded, and is still no more than is asked for", () => {
    const same = Array.from({ length: 250 }, (_, number) => number + 100).join(" ");
    const pieces = diffTexts(`a ${same} b`, `c ${same} d`);
    const place = pieces.findIndex((piece) => piece.kind === "kept");
    const shown = folded(pieces, 600, new Set([place]));
    expect(shown.map(({ kind }) => kind)).toEqual(["dropped", "added", "kept", "more", "more"]);
    expect(shown.reduce((sum, one) => sum + ("text" in one ? one.text.length : one.hidden), 0)).toBe(1005);
  });
});

/** What is said of two attempts, as it stands in the files of the cases. */
function told(before: AttemptView, after: AttemptView, store: RunStore): Told {
  const costs = [costOf(before), costOf(after)] as const;
  const cost = [costCells(costs[0]), costCells(costs[1]), costCells(difference(...costs), true)];
  const sides = [sideOf(store, before), sideOf(store, after)];
  const found: Told = { cost: cost.filter((cells) => cells.some(Boolean)) };
  if (sides[0] && sides[1]) found.context = contextTold(sides[0], sides[1], store);
  return JSON.parse(JSON.stringify(found).replace(/\\ud[89a-f]../g, "\\ufffd"));
}

function contextTold(before: ContextSide, after: ContextSide, store: RunStore): Told["context"] {
  const found = diffContexts(before, after);
  return { sizes: sizes(found), prefix: prefixLines(found), parts: partsTold(found, before, after, store) };
}

function partsTold(found: ContextDiff, before: ContextSide, after: ContextSide, store: RunStore): PartTold[] {
  const place = (side: ContextSide, part: PartRef | null) => (part ? side.context.parts.indexOf(part) : -1);
  return found.parts.map((part) => {
    const { kind, source } = (part.after ?? part.before) as PartRef;
    const has = part.change === "changed" || part.change === "compacted";
    const texts = [part.before, part.after].map((one) => store.text(one?.digest ?? "") as string);
    return [
      part.change,
      partName(kind, source),
      [place(before, part.before), place(after, part.after)],
      partTokens(part),
      partNotes(part, found),
      has ? written(pairsOf(diffTexts(texts[0] as string, texts[1] as string))) : null,
    ];
  });
}

describe("attempts of the fixtures are compared as in Python", () => {
  it.each(cases<AttemptsCase>("attempts").map((one) => [`${one.fixture} ${one.attempts.join(" → ")}`, one] as const))(
    "%s",
    (_, { fixture, attempts, ...expected }) => {
      const store = RunStore.of(bundle(fixture, { order: [] }));
      const [before, after] = attempts.map(([step, number]) => store.view.steps.get(step)?.attempts[number - 1]);
      expect(told(before as AttemptView, after as AttemptView, store)).toEqual(expected);
    },
  );
});

describe("contexts are compared as in Python", () => {
  it.each(cases<ContextsCase>("contexts").map((one) => [one.name, one] as const))(
    "%s",
    (_, { name, blobs, before, after, ...expected }) => {
      const store = RunStore.of({ version: 1, view: {}, blobs });
      expect(told(decode("AttemptView", before), decode("AttemptView", after), store)).toEqual(expected);
    },
  );
});

describe("texts that are not kept here", () => {
  const { view, blobs } = load("compared");
  const attempts = (texts: Record<string, string>, cut: Record<string, number> = {}) => {
    const store = RunStore.of(bundle("compared", { view, blobs: texts, cut }));
    return (store.view.steps.get("s1") as { attempts: AttemptView[] }).attempts.map((one) => sideOf(store, one));
  };
  const [first, second] = attempts(blobs) as ContextSide[];
  const whole = diffContexts(first as ContextSide, second as ContextSide);

  it("parts are told apart by their digests; only that one was compacted cannot be seen", () => {
    const [before, after] = attempts({}) as [ContextSide, ContextSide];
    const found = diffContexts(before, after);
    expect(found.parts.map((part) => part.change)).toEqual(
      whole.parts.map(({ change }) => (change === "compacted" ? "changed" : change)),
    );
    expect([found.prefix, found.beforeCached, found.afterCached]).toEqual([null, null, null]);
  });

  it("a part that was compacted is still seen where both texts were cut", () => {
    const short = Object.fromEntries(Object.entries(blobs).map(([name, text]) => [name, text.slice(0, 60)]));
    const cut = Object.fromEntries(Object.entries(blobs).map(([name, text]) => [name, text.length]));
    const [before, after] = attempts(short, cut) as [ContextSide, ContextSide];
    expect(diffContexts(before, after).parts.map((part) => part.change)).toEqual(
      whole.parts.map((part) => part.change),
    );
  });

  it("of a prompt that was cut the spans and the first tokens are read", () => {
    const record = Object.values(blobs).find((text) => text.startsWith('{"spans":')) as string;
    const known = readPrompt(record);
    const at = record.indexOf('"token_ids":[');
    expect(readPrompt(record.slice(0, at + 40))).toEqual({
      spans: known?.spans,
      ids: known?.ids.slice(0, record.slice(at + 13, at + 40).split(",").length - 1),
      whole: false,
    });
    expect(readPrompt(record.slice(0, at))).toEqual({ spans: known?.spans, ids: [], whole: false });
    expect(readPrompt(record.slice(0, 20))).toBeNull();
    for (const other of ["", "null", "[]", '{"token_ids":["x"]}', '{"spans":[1]}', '{"text":"","token_ids":[]}']) {
      expect(readPrompt(other)).toBeNull();
    }
  });

  it("where the prefix ended is told from a prompt that was cut, unless it ended behind what is kept", () => {
    const upTo = (more: number) =>
      Object.fromEntries(
        Object.entries(blobs).map(([name, text]) => [name, text.slice(0, text.indexOf('"token_ids":[') + more)]),
      );
    const [before, after] = attempts(upTo(5_000)) as [ContextSide, ContextSide];
    const told = prefixLines(diffContexts(before, after));
    expect(told).toEqual(prefixLines(whole));
    const [one, other] = attempts(upTo(30)) as [ContextSide, ContextSide];
    expect(prefixLines(diffContexts(one, other))).toEqual([told[1]]);
  });
});
