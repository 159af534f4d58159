/** JSON to the values of types.gen.ts, checked: what comes out has every field and only values of the right kind. */

import { BODIES, type Body, type Kind, POSITIONAL, SHAPES, type Shapes } from "./types.gen";

/** The JSON does not describe such a value; the message says where and why. */
export class CodecError extends Error {}

/** An event: number `seq` (from 1) of run `run_id`, appended `at` (seconds since the epoch). */
export interface Event {
  run_id: string;
  seq: number;
  at: number;
  body: Body;
}

/**
 * The value of the named type that `data` describes. Fields that are not known are left out: a newer vnb may add some.
 *
 * @throws CodecError if a field is missing or of the wrong kind.
 */
export function decode<Name extends keyof Shapes>(name: Name, data: unknown): Shapes[Name] {
  return readShape(name, data, name) as Shapes[Name];
}

/** The event that `vnb.core.codec.encode_event` wrote. */
export function decodeEvent(data: unknown): Event {
  const { run_id, seq, at } = readObject(data, "event");
  return {
    run_id: read("string", run_id, "event.run_id") as string,
    seq: read("number", seq, "event.seq") as number,
    at: read("number", at, "event.at") as number,
    body: readTagged(BODIES, data, "event") as Body,
  };
}

/** An object of the JSON, or an error that says where none was. */
export function readObject(data: unknown, where: string): Record<string, unknown> {
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw wrong("an object", data, where);
  return data as Record<string, unknown>;
}

function read(kind: Kind, data: unknown, where: string): unknown {
  if (kind === "number" && data === null) return Number.NaN; // JSON has no other way to say it
  if (typeof kind === "string") {
    if (typeof data !== kind) throw wrong(`a ${kind}`, data, where);
    return data;
  }
  if ("optional" in kind) return data === null ? null : read(kind.optional, data, where);
  if ("shape" in kind) return readShape(kind.shape, data, where);
  if ("tagged" in kind) return readTagged(kind.tagged, data, where);
  if ("enum" in kind) {
    if (!kind.enum.includes(data as string)) throw wrong(`one of ${kind.enum.join(", ")}`, data, where);
    return data;
  }
  if ("map" in kind) {
    const entries = Object.entries(readObject(data, where));
    return new Map(entries.map(([name, item]) => [name, read(kind.map, item, `${where}.${name}`)]));
  }
  if (!Array.isArray(data)) throw wrong("a list", data, where);
  if ("list" in kind) return data.map((item, index) => read(kind.list, item, `${where}[${index}]`));
  return kind.tuple.map((member, index) => read(member, data[index], `${where}[${index}]`));
}

function readShape(name: keyof Shapes, data: unknown, where: string): unknown {
  const row = POSITIONAL.includes(name) && Array.isArray(data) ? data : null;
  const named = row ? {} : readObject(data, where);
  const found: Record<string, unknown> = {};
  SHAPES[name].forEach(([field, kind, fallback], index) => {
    const given = row ? row[index] : Object.hasOwn(named, field) ? named[field] : undefined;
    if (given === undefined && fallback === undefined) throw new CodecError(`${where} has no ${field}`);
    found[field] = read(kind, given === undefined ? fallback : given, `${where}.${field}`);
  });
  return found;
}

function readTagged(names: readonly (keyof Shapes)[], data: unknown, where: string): unknown {
  const type = readObject(data, where).type as keyof Shapes;
  if (!names.includes(type)) throw wrong(`one of ${names.join(", ")}`, type, `${where}.type`);
  return { type, ...(readShape(type, data, where) as object) };
}

function wrong(expected: string, data: unknown, where: string): CodecError {
  const got = data === undefined ? "nothing" : JSON.stringify(data)?.slice(0, 40);
  return new CodecError(`${where.slice(0, 200)} should be ${expected}, not ${got}`);
}
