import { describe, expect, it } from "vitest";
import { delivered } from "../src/core/dag";
import { Fold, FoldError, planOf, wholePlanOf } from "../src/core/fold";
import {
  clock,
  figures,
  reasonsStill,
  rows,
  runStatusOf,
  shown,
  statusOf,
  summary,
  verdictsOf,
  warningsOf,
} from "../src/core/rows";
import { clockOf, ratesOf } from "../src/core/timeline";
import { CodecError, decode, decodeEvent } from "../src/protocol/codec";
import type { AttemptView } from "../src/protocol/types.gen";
import { outputOf, reasoned } from "../src/ui/words";
import { encode, load, NAMES, seal } from "./fixtures";

describe.each(NAMES)("%s", (name) => {
  const { events, trail, view, figures: told, outcome, now } = load(name);

  it("folds as in Python, event by event", () => {
    const fold = new Fold();
    const seals = events.map((event) => {
      fold.apply(event);
      return [seal(fold.view), fold.view.status];
    });
    expect(seals).toEqual(trail.map((moment) => moment.slice(0, 2)));
    expect(encode({ shape: "RunView" }, fold.view)).toEqual(view);
  }, 60_000);

  it("comes back from the JSON of its view", () => {
    expect(encode({ shape: "RunView" }, decode("RunView", view))).toEqual(view);
  });

  it("ends as Python shows it", () => {
    const found = decode("RunView", view);
    expect(runStatusOf(found)).toBe(outcome.status);
    expect(warningsOf(found)).toEqual(outcome.warnings);
    expect(verdictsOf(found).map((verdict) => encode({ shape: "Verdict" }, verdict))).toEqual(outcome.verdicts);
    expect(delivered(planOf(found), found.deliver)).toEqual(outcome.delivered);
  });

  it("has the figures that Python shows", () => {
    const found = decode("RunView", view);
    const { done, planned, prompt_tokens, new_tokens, hit, rate, seconds } = summary(found, now);
    near([done, planned, prompt_tokens, new_tokens, hit, rate, seconds], told.summary as (number | null)[]);
    const listed = rows(found);
    expect(listed.map((row) => [row.step.step.id, row.level - 2, statusOf(row.step, row.parts)])).toEqual(
      told.rows.map((row) => row.slice(0, 3)),
    );
    listed.forEach((row, index) => {
      const { tokens, rate, hit, seconds } = figures(shown(row.step), found, now);
      near([tokens, rate, hit, seconds], (told.rows[index] ?? []).slice(3) as (number | null)[]);
    });
    const attempts = [...found.steps.values()].flatMap((step) => step.attempts);
    const time = clockOf(attempts, clock(found, now));
    const { window, rates } = ratesOf(attempts, time);
    near([time.total, window, ...rates], [told.rates[0], told.rates[1], ...told.rates[2]]);
  });
});

it("some fixture's engine times itself", () => {
  const sources = NAMES.map((name) => JSON.stringify(load(name).view));
  expect(sources.some((text) => text.includes('"timing_source":"engine"'))).toBe(true);
});

function near(found: readonly (number | null)[], expected: readonly (number | null)[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, index) => {
    const wanted = expected[index] as number | null;
    if (value === null || wanted === null) expect(value).toBe(wanted);
    else expect(value).toBeCloseTo(wanted, 4);
  });
}

describe("what is reasoned before an answer", () => {
  const { view } = load("reasoning");
  const attemptOf = (id: string) => decode("RunView", view).steps.get(id)?.attempts.at(-1) as AttemptView;

  it("is no part of the output", () => {
    expect(outputOf(attemptOf("s2"), () => undefined)).toBe("There are six");
    expect(outputOf(attemptOf("s1"), () => undefined)).toBe("");
  });

  it("is under way until the answer begins, and counted", () => {
    expect(["s1", "s2", "s3"].map((id) => reasonsStill(attemptOf(id)))).toEqual([true, false, false]);
    expect(reasoned(attemptOf("s2"))).toBe("9 tokens · 0.51 s");
  });
});

it("another deliverable is made anew, the same one is not", () => {
  const fold = new Fold();
  for (const event of load("article").events) fold.apply(event);
  const revised = (deliver: string[]) => {
    const body = { type: "PlanRevised", reason: "", changes: [], deliver };
    fold.apply(decodeEvent({ run_id: "article", seq: fold.view.seq + 1, at: 1, ...body }));
    return fold.view.steps.get("integrate")?.status;
  };
  expect(revised([])).toBe("finished");
  expect(revised(["s1", "s3"])).toBe("waiting");
  expect(wholePlanOf(fold.view).deliver).toEqual(["s1", "s3"]);
});

describe("what does not fit", () => {
  const started = { run_id: "r", seq: 1, at: 1, type: "RunStarted", task: { id: "t", text: "x" }, vnb: "0" };

  it("a gap is refused", () => {
    expect(() => new Fold().apply(decodeEvent({ ...started, seq: 2 }))).toThrow(FoldError);
  });

  it("an unknown step is refused and the view stays where it was", () => {
    const fold = new Fold();
    fold.apply(decodeEvent(started));
    const event = decodeEvent({ run_id: "r", seq: 2, at: 2, type: "StepQueued", step: "s9", attempt: 1 });
    expect(() => fold.apply(event)).toThrow("no step s9");
    expect(fold.view.seq).toBe(1);
  });

  it.each([
    [{ ...started, type: "RunSung" }, "event.type should be one of"],
    [{ ...started, task: { id: "t" } }, "event.task has no text"],
    [{ ...started, vnb: 3 }, "event.vnb should be a string, not 3"],
    [[], "event should be an object"],
  ])("%j", (data, message) => {
    expect(() => decodeEvent(data)).toThrow(CodecError);
    expect(() => decodeEvent(data)).toThrow(message);
  });
});
