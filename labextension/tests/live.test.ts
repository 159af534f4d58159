import { describe, expect, it } from "vitest";
import { Fold } from "../src/core/fold";
import { phaseOf } from "../src/core/rows";
import { decode } from "../src/protocol/codec";
import { commandOf } from "../src/ui/EditRerun";
import { placed } from "../src/ui/LiveTab";
import { load } from "./fixtures";

describe("what a run is at", () => {
  it("is told from its first event on, until its steps tell it", () => {
    const fold = new Fold();
    const seen: string[] = [];
    for (const event of load("article").events) {
      fold.apply(event);
      const phase = phaseOf(fold.view, event.at);
      if (phase !== seen.at(-1)) seen.push(phase);
    }
    expect(seen.slice(0, 3)).toEqual(["loading", "waitingForModel", "understanding"]);
    expect(seen).toContain("planning");
    expect(seen.at(-1)).toBe("");
  });

  it("is waiting for the model when nothing is under way for long", () => {
    const { view, now } = load("nested"); // between two steps
    const found = decode("RunView", view);
    expect(phaseOf(found, now)).toBe("");
    expect(phaseOf(found, now + 5)).toBe("waitingForModel");
  });
});

describe("steps side by side", () => {
  it("keep their places; who comes takes that of one that has ended", () => {
    const all = new Set(["a", "b", "c", "d"]);
    let places = placed([], ["a", "b"], all);
    expect(places).toEqual(["a", "b"]);
    places = placed(places, ["b"], all);
    expect(places).toEqual(["a", "b"]);
    places = placed(places, ["b", "c"], all);
    expect(places).toEqual(["c", "b"]);
    places = placed(places, ["b", "c", "d"], all);
    expect(places).toEqual(["c", "b", "d"]);
  });

  it("are not more than there is room for", () => {
    const many = Array.from({ length: 20 }, (_, index) => `s${index}`);
    expect(placed([], many, new Set(many))).toHaveLength(8);
  });
});

describe("an edited rerun", () => {
  const step = decode("StepView", { step: { id: "s1", instruction: "Write." } });

  it("sends only what was changed", () => {
    expect(commandOf(step, { instruction: "Write.", settings: { seed: " ", temperature: "" }, down: false })).toEqual({
      name: "rerun",
      steps: ["s1"],
    });
    expect(commandOf(step, { instruction: "Write more.", settings: { temperature: " 1.2 " }, down: true })).toEqual({
      name: "rerun",
      steps: ["s1"],
      down: true,
      instruction: "Write more.",
      settings: { temperature: "1.2" },
    });
  });
});
