import { describe, expect, it } from "vitest";
import { RunStore } from "../src/core/store";
import { choicesFor, nameOfSide, type OtherRun, openRun, type Side, sideIn, typedFor } from "../src/ui/sides";
import { bundle } from "./fixtures";

function side(fixture: string, step: string, number: number): Side {
  const store = RunStore.of(bundle(fixture, { order: [] }));
  return sideIn(store, store.view.steps.get(step) as Side["step"], `#${number}`) as Side;
}

describe("what an attempt is compared with unless something else is chosen", () => {
  it.each([
    ["the chosen one, if this is not it", "rerun", "s1", 1, "#2"],
    ["the one before it, if it is", "rerun", "s1", 2, "#1"],
    ["the chosen one, also from one that failed", "rerun", "s1", 3, "#2"],
    ["the step before it, where there is no other attempt", "article", "s2", 1, ":s1"],
    ["the step behind it, if it is the first", "article", "s1", 1, ":s2"],
    ["among its own kind", "article", "plan", 1, ":understand"],
    ["among its siblings", "nested", "s1.2.2", 1, ":s1.2.1"],
    ["nothing, where nothing else has run", "trimmed", "s1", 1, ""],
  ])("%s", (_, fixture, step, number, first) => {
    expect(choicesFor(side(fixture, step, number), []).first).toBe(first);
  });
});

describe("what can be chosen", () => {
  const here = side("rerun", "s1", 2);

  it("are the other attempts, the steps that have run, and other runs where a host has any", () => {
    const found = choicesFor(here, []);
    expect(found.attempts.map((choice) => choice.name)).toEqual(["#1 finished", "#3 failed"]);
    expect(found.steps.map((choice) => choice.value)).toEqual([":understand", ":plan", ":s2", ":s3", ":integrate"]);
    expect(found.runs).toEqual([]);
    const other: OtherRun = { id: "a1", title: "", open: () => Promise.reject("gone") };
    const itself: OtherRun = { ...other, id: "rerun" };
    expect(choicesFor(here, [other, itself]).runs).toEqual([{ value: "@a1", name: "a1" }]);
    expect(choicesFor(side("trimmed", "s1", 1), [other]).first).toBe("@a1");
  });

  it("a run that a host cannot open says why", async () => {
    const run = (open: OtherRun["open"]): OtherRun => ({ id: "a1", title: "", open });
    expect(await openRun(run(() => Promise.resolve(here.store)))).toBe(here.store);
    expect(await openRun(run(() => Promise.reject(new Error("It was deleted."))))).toEqual(
      new Error("It was deleted."),
    );
    expect(await openRun(run(() => Promise.reject("gone")))).toEqual(new Error("gone"));
  });

  it("leads to an attempt: of a step the one that its row is about", () => {
    const found = (value: string) => sideIn(here.store, here.step, value);
    expect([found("#1"), found(":s3"), found(":s9"), found("#9")].map((one) => one && nameOfSide(one))).toEqual([
      "s1#1",
      "s3#1",
      null,
      null,
    ]);
    expect(nameOfSide(here, RunStore.of(bundle("article")))).toBe("rerun:s1#2");
  });

  it("can be typed: as the magic, or in Python where the names do not fit in a line", () => {
    expect(typedFor(side("rerun", "s1", 1), here)).toBe("%vdiff rerun:s1#1 rerun:s1#2");
    expect(typedFor(side("hostile", "<img src=x onerror=alert(1)>", 1), here)).toBe(
      'import vnb; vnb.open("hostile")["<img src=x onerror=alert(1)>"].attempts[0].diff(' +
        'vnb.open("rerun")["s1"].attempts[1])',
    );
  });
});
