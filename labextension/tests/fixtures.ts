/** The made-up runs that pytest and vitest share, and the digest of a view that both can make. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeEvent, type Event } from "../src/protocol/codec";
import { type Field, type Json, type Kind, POSITIONAL, type RunView, SHAPES } from "../src/protocol/types.gen";

const FOLDER = join(import.meta.dirname, "../../tests/fixtures");

export const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

export interface Fixture {
  events: Event[];
  trail: [seal: string, status: string, ...rest: Json[]][];
  figures: {
    summary: Json[];
    rows: [id: string, depth: number, status: string, ...figures: (number | null)[]][];
    rates: [total: number, window: number, rates: number[]];
    items: Record<string, string>;
  };
  plan: string;
  outcome: { status: string; warnings: [step: string, warning: string][]; verdicts: Json[]; delivered: string[] };
  admissions: [step: string, attempt: number, words: string][];
  offers: { rerun: string[]; choose: [step: string, attempt: number][] };
  view: Json;
  blobs: Record<string, string>;
  now: number;
}

export function load(name: string): Fixture {
  const found = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf-8"));
  return { ...found, events: found.events.map(decodeEvent) };
}

/** A fixture's events as a kernel sends them. */
export function encoded(name: string): Json[] {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf-8")).events;
}

/** A file of `written`, which both languages check. */
export function written<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(FOLDER, "written", name), "utf-8"));
}

/** A run as a bundle's JSON. */
export function bundle(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { view, blobs, now } = load(name);
  return { version: 1, run_id: name, view, blobs, at: now, omitted: [], cut: {}, omitted_blobs: [], ...more };
}

/** Digest of a view: ASCII JSON with sorted names, as `seal` in tests/fixtures/make.py. */
export function seal(view: RunView): string {
  const told = sorted([[...view.steps.keys()], encode({ shape: "RunView" }, view)]);
  const ascii = told.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return createHash("sha256").update(ascii).digest("hex").slice(0, 12);
}

/** The JSON of a value as vnb/core/codec.py writes it: without the fields that have their default. */
export function encode(kind: Kind, value: unknown): Json {
  if (value === null || typeof kind === "string") return value as Json;
  if ("optional" in kind) return encode(kind.optional, value);
  if ("enum" in kind) return value as Json;
  if ("list" in kind) return (value as unknown[]).map((item) => encode(kind.list, item));
  if ("tuple" in kind) return kind.tuple.map((member, index) => encode(member, (value as unknown[])[index]));
  if ("map" in kind) {
    const entries = [...(value as Map<string, unknown>)];
    return Object.fromEntries(entries.map(([name, item]) => [name, encode(kind.map, item)]));
  }
  if ("tagged" in kind) {
    const type = (value as { type: keyof typeof SHAPES }).type;
    return { type, ...(encode({ shape: type }, value) as object) };
  }
  const said = SHAPES[kind.shape].map(
    (field) => [field, encode(field[1], (value as Record<string, unknown>)[field[0]])] as const,
  );
  if (POSITIONAL.includes(kind.shape)) {
    while (isDefault(...(said.at(-1) as (typeof said)[0]))) said.pop();
    return said.map(([, item]) => item);
  }
  return Object.fromEntries(said.filter((pair) => !isDefault(...pair)).map(([field, item]) => [field[0], item]));
}

function isDefault(field: Field, item: Json): boolean {
  return field.length === 3 && sorted(item) === sorted(field[2] as Json);
}

function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.keys(value).sort();
  return `{${pairs.map((name) => `${JSON.stringify(name)}:${sorted(value[name] as Json)}`).join(",")}}`;
}
