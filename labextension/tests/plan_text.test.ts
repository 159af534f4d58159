import { describe, expect, it } from "vitest";
import { wholePlanOf } from "../src/core/fold";
import { printPlan } from "../src/core/plan_text";
import { decode } from "../src/protocol/codec";
import type { Json } from "../src/protocol/types.gen";
import { load, NAMES, written } from "./fixtures";

describe("the text of a plan is Python's", () => {
  it.each(NAMES)("of the run %s", (name) => {
    const { view, plan } = load(name);
    expect(printPlan(wholePlanOf(decode("RunView", view)))).toBe(plan);
  });

  it.each(written<{ plan: Json; text: string }[]>("plans.json"))("however awkward: $text", ({ plan, text }) => {
    expect(printPlan(decode("Plan", plan))).toBe(text);
  });
});
