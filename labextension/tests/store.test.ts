import { describe, expect, it } from "vitest";
import { NewerVersionError, RunStore } from "../src/core/store";
import { CodecError, type Event } from "../src/protocol/codec";
import { bundle, load, seal } from "./fixtures";

describe("a bundle", () => {
  it("gives the run with its texts and what was left out", () => {
    const store = RunStore.of(bundle("article", { omitted: ["tokens"], cut: { abc: 30_000 } }));
    expect(store.view.run_id).toBe("article");
    expect(store.text(store.view.output)).toContain("人工智能");
    expect(store.kept.omitted.has("tokens")).toBe(true);
    expect(store.kept.cut.get("abc")).toBe(30_000);
  });

  it("of a newer version is told apart from one that cannot be read", () => {
    expect(() => RunStore.of({ version: 2, view: "other" })).toThrow(NewerVersionError);
    for (const broken of [null, [], "run", {}, bundle("article", { view: { steps: [] } })]) {
      expect(() => RunStore.of(broken)).toThrow(CodecError);
    }
  });

  it("keeps the order of steps whose names are numbers, and names that objects have", () => {
    const step = (id: string) => ({ step: { id, instruction: "x" } });
    const view = JSON.parse(
      JSON.stringify({ steps: { 10: step("10"), 2: step("2") } }).replace('"10":', '"__proto__":'),
    );
    const store = RunStore.of({ version: 1, view, order: ["__proto__", "2"] });
    expect([...store.view.steps.keys()]).toEqual(["__proto__", "2"]);
  });
});

describe("events that come in batches", () => {
  it("are taken once, in order, and a gap is told", () => {
    const { events, trail } = load("article");
    const store = new RunStore();
    store.push(events.slice(0, 20));
    store.push(events.slice(10, 30));
    store.push(events.slice(40));
    expect(store.view.seq).toBe(30);
    store.push(events.slice(30));
    expect(seal(store.view)).toBe(trail.at(-1)?.[0]);
  });

  it("say which steps they changed", () => {
    const { events } = load("running");
    const store = new RunStore();
    store.push(events);
    const before = store.version;
    const decoded = {
      ...(events.find((event) => event.body.type === "StepDecoded") as Event),
      seq: store.view.seq + 1,
    };
    store.push([{ ...decoded, body: { type: "StepDecoded", step: "s2", attempt: 1, tokens: [], thought: 0 } }]);
    expect(store.versionOf("s2")).toBe(store.version);
    expect(store.versionOf("s1")).toBeLessThanOrEqual(before);
    store.push([{ ...decoded, seq: decoded.seq + 1, body: { type: "StaleSet", steps: new Map([["s1", "why"]]) } }]);
    expect(store.versionOf("s1")).toBe(store.version);
  });

  it("are told to whoever listens, until the signal", () => {
    const ending = new AbortController();
    const seen: number[] = [];
    const store = new RunStore();
    store.subscribe(() => seen.push(store.view.seq), ending.signal);
    store.push(load("article").events.slice(0, 3));
    ending.abort();
    store.push(load("article").events.slice(3, 5));
    expect(seen).toEqual([3]);
  });
});
