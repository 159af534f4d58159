import { describe, expect, it } from "vitest";
import { Fold } from "../src/core/fold";
import { awaitsApproval, choiceOf, type Offer, runOffers, stepOffers } from "../src/core/offers";
import { decode } from "../src/protocol/codec";
import type { RunView } from "../src/protocol/types.gen";
import { admissionOf } from "../src/ui/admission";
import { load, NAMES } from "./fixtures";

const viewOf = (name: string) => decode("RunView", load(name).view);
const asked = (offers: readonly Offer[]) => offers.filter((offer) => !offer.why).map((offer) => offer.action);
const ofStep = (view: RunView, id: string) => {
  const step = view.steps.get(id);
  return step ? stepOffers(view, step) : [];
};

describe.each(NAMES)("%s", (name) => {
  const view = viewOf(name);
  const { offers } = load(name);

  it("offers the reruns that the executor takes", () => {
    const found = [...view.steps.keys()].filter((id) => asked(ofStep(view, id)).includes("rerun"));
    expect(found).toEqual(offers.rerun);
  });

  it("says as Python does why requests went when they did", () => {
    const told = [...view.steps].flatMap(([id, { attempts }]) =>
      attempts.map((attempt) => [id, attempt.number, admissionOf(view, attempt)]),
    );
    expect(told.filter(([, , words]) => words)).toEqual(load(name).admissions);
  });

  it("offers the choices that the executor takes", () => {
    const found = [...view.steps.values()].flatMap((step) =>
      step.attempts
        .filter((attempt) => choiceOf(view, step, attempt)?.why === null)
        .map((attempt) => [step.step.id, attempt.number]),
    );
    expect(found).toEqual(offers.choose);
  });
});

describe("the run", () => {
  it("offers nothing before it is there", () => {
    expect(runOffers(new Fold().view)).toEqual([]);
  });

  it.each([
    ["running", ["stop", "fork"]],
    ["article", ["fork"]],
    ["failed", ["resume", "fork"]],
    ["stopped", ["resume", "fork"]],
    ["paused", ["fork"]],
    ["rerun", ["rerunStale", "fork"]],
  ])("%s offers %j", (name, actions) => {
    expect(asked(runOffers(viewOf(name)))).toEqual(actions);
  });

  it("waits for approval once it is planned and until it is approved", () => {
    const moments = load("approved").events.map((event, index, all) => {
      const fold = new Fold();
      for (const earlier of all.slice(0, index + 1)) fold.apply(earlier);
      return [event.body.type, awaitsApproval(fold.view)] as const;
    });
    const waiting = moments.filter(([, waits]) => waits).map(([type]) => type);
    expect(waiting).toEqual(["RunPaused", "CommandAccepted"]);
  });
});

describe("a step", () => {
  const why = (name: string, id: string) => ofStep(viewOf(name), id).map(({ action, why }) => [action, why]);

  it("that is no longer in the plan can only be gone back to", () => {
    expect(asked(ofStep(viewOf("failed"), "s1"))).toEqual(["forkHere"]);
  });

  it("whose needs have no result says which", () => {
    expect(why("failed", "s3")).toContainEqual(["rerun", { because: "needs", need: "s5", status: "failed" }]);
  });

  it("that will run is not asked for twice", () => {
    expect(why("running", "s5")).toContainEqual(["rerun", { because: "willRun" }]);
    expect(asked(ofStep(viewOf("running"), "s2"))).toContain("rerun");
  });

  it("behind the gate waits for approval", () => {
    expect(why("paused", "s1")).toContainEqual(["rerun", { because: "gated" }]);
    expect(asked(ofStep(viewOf("paused"), "plan"))).toContain("rerun");
  });

  it("that nothing is made from has no downstream", () => {
    expect(asked(ofStep(viewOf("diamond"), "bottom"))).toEqual(["rerun", "editRerun", "forkHere"]);
    expect(asked(ofStep(viewOf("diamond"), "top"))).toContain("rerunDown");
    expect(asked(ofStep(viewOf("article"), "integrate"))).not.toContain("rerunDown");
  });

  it("that is joined from others without a model has no words to edit", () => {
    const view = viewOf("article");
    view.task.options.integrate = "concat";
    expect(asked(ofStep(view, "integrate"))).toEqual(["rerun", "forkHere"]);
    view.task.options.integrate = "write";
    expect(asked(ofStep(view, "integrate"))).toContain("editRerun");
  });

  it("that was joined since that was best has no words to edit either", () => {
    const view = viewOf("article");
    const integrate = view.steps.get("integrate");
    expect(asked(ofStep(view, "integrate"))).toContain("editRerun");
    for (const attempt of integrate?.attempts ?? []) attempt.engine = "concat";
    expect(asked(ofStep(view, "integrate"))).toEqual(["rerun", "forkHere"]);
  });
});
