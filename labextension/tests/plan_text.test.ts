import { describe, expect, it } from "vitest";
import { planOf } from "../src/core/fold";
import { printPlan } from "../src/core/plan_text";
import { decode } from "../src/protocol/codec";
import type { Json } from "../src/protocol/types.gen";
import { load, NAMES, written } from "./fixtures";

describe("the text of a plan is Python's", () => {
  it.each(NAMES)("of the run %s", (name) => {
    const { view, plan } = load(name);
    expect(printPlan(planOf(decode("RunView", view)))).toBe(plan);
  });

  it.each(written<{ steps: Json[]; text: string }[]>("plans.json"))("however awkward: $text", ({ steps, text }) => {
    expect(printPlan(steps.map((step) => decode("Step", step)))).toBe(text);
  });
});
