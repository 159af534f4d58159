/** What a user sees of programs, of maps, and of how a task was done. */

import { describe, expect, it } from "vitest";
import { Fold } from "../src/core/fold";
import { isNotable, MOST_ITEMS } from "../src/core/items";
import { sourceIn, unfenced } from "../src/core/programs";
import { rows } from "../src/core/rows";
import { RunStore } from "../src/core/store";
import { decode } from "../src/protocol/codec";
import type { Json, RunView } from "../src/protocol/types.gen";
import { RunPanel } from "../src/ui/RunPanel";
import { tallied } from "../src/ui/words";
import { bundle, load, NAMES, written } from "./fixtures";
import { type Drawn, page } from "./page";

/** A fixture as it was once its event of this kind had come; at its end without one. */
function storeOf(name: string, until?: (view: RunView) => boolean): RunStore {
  const store = RunStore.of(bundle(name));
  if (!until) return store;
  const { events, blobs, now } = load(name);
  const fold = new Fold();
  for (const event of events) {
    fold.apply(event);
    if (until(fold.view)) break;
  }
  return new RunStore(fold.view, new Map(Object.entries(blobs)), undefined, now);
}

async function chosen(store: RunStore, step: string): Promise<Drawn> {
  const shown = await page(<RunPanel store={store} />);
  await rowOf(shown, step).press();
  return shown;
}

function rowOf(shown: Drawn, name: string): Drawn {
  const found = shown.all("[role=treeitem]").filter((row) => row.attributes.get("aria-label")?.startsWith(`${name} `));
  expect(found.length, name).toBe(1);
  return found[0] as Drawn;
}

describe("how a task was done", () => {
  it("stands with its reason where vnb chose it, and what does it another way", async () => {
    const shown = await page(<RunPanel store={storeOf("computed")} />);
    const said = "code: the answer has to be computed · --strategy plan does it another way";
    expect(shown.one("header").textContent).toContain(said);
    await shown.one("[role=tab]", "About").press();
    expect(shown.one("[role=tabpanel]").textContent).toContain(`Strategy${said}`);
  });

  it("is a fact among others where the user chose it, and nothing is said where nobody did", async () => {
    const asked = storeOf("reasoning");
    const shown = await page(<RunPanel store={asked} />);
    expect(shown.one("header").textContent).not.toContain("direct");
    await shown.one("[role=tab]", "About").press();
    expect(shown.one("[role=tabpanel]").textContent).toContain("Strategydirect");
    const old = await page(<RunPanel store={storeOf("article")} />);
    await old.one("[role=tab]", "About").press();
    expect(old.textContent).not.toContain("Strategy");
  });
});

describe("a code step", () => {
  it("shows what came of its attempts, the program, what it printed and its result", async () => {
    const shown = await chosen(storeOf("computed"), "s1");
    expect(rowOf(shown, "s1").one(".vnb-kind").textContent).toBe("code");
    const panel = shown.one("[role=tabpanel]");
    expect(panel.one(".vnb-trail").textContent).toMatch(
      /Attempt 1 failed: NameError: name 'totals' is not defined.*Attempt 2 → \{"Ada": 15.5/,
    );
    const [program, printed] = panel.all(".vnb-program");
    expect(program?.textContent).toContain("Program · ran 4.2 ms");
    expect(program?.one("pre").textContent).toMatch(/^hours = \{\}\nfor [\s\S]*<b>not markup<\/b>\nhours$/);
    expect(printed?.textContent).toContain("Ada 15.5\nBen 15.25");
    expect(panel.textContent).toContain("Result · 40 characters");
    expect(panel.all("button").filter((button) => button.textContent === "Copy").length).toBe(2);
  });

  it("shows the program that failed, with its error and without a result", async () => {
    const shown = await chosen(storeOf("computed"), "s1");
    await shown.one(".vnb-trail").one("button", "1").press();
    expect(shown.one(".vnb-failure").textContent).toContain("NameError: name 'totals' is not defined");
    const panel = shown.one("[role=tabpanel]");
    expect(panel.one("pre").textContent).toMatch(/totals$/);
    expect(panel.textContent).not.toContain("Result");
  });

  it("streams the program in the same place, without its fence", async () => {
    const far = (view: RunView) => (view.steps.get("s1")?.attempts[1]?.tokens.length ?? 0) > 20;
    const shown = await chosen(storeOf("computed", far), "s1");
    const program = shown.one("[role=tabpanel]").one(".vnb-program");
    expect(program.textContent).toContain("Program · so far");
    expect(program.one("pre").textContent).toMatch(/^hours = \{\}\nfor line/);
  });

  it.each(written<[string, string][]>("sources.json"))("is read from %j", (text, source) => {
    expect(sourceIn(text)).toBe(source);
  });

  it("has no fences in what is shown live", () => {
    expect(unfenced("So:\n```python\nx = 1\n```")).toBe("So:\nx = 1\n");
  });
});

describe("a map", () => {
  it("is one row that says how far it is, until one unfolds it", async () => {
    const almost = (view: RunView) =>
      view.steps.get("m.50")?.status === "running" && view.steps.get("m.49")?.chosen === 1;
    const shown = await page(<RunPanel store={storeOf("mapped", almost)} />);
    const map = rowOf(shown, "m");
    expect(map.textContent).toContain("48 of 50 done, 1 failed, 1 running");
    expect(map.one(".vnb-sign").textContent).toBe("▶");
    expect(shown.all("[role=treeitem]").length).toBe(3);
    await map.one(".vnb-twist").press();
    const ids = shown.all("[role=treeitem]").map((row) => row.one("b").textContent);
    expect(ids.slice(0, 5)).toEqual(["Run", "m", "m.17", "m.1", "m.2"]);
    await map.press();
    await map.press("ArrowLeft");
    expect(shown.all("[role=treeitem]").length).toBe(3);
  });

  it("leads to what failed, and what is selected is never folded away", async () => {
    const shown = await chosen(storeOf("mapped"), "m");
    expect(shown.one(".vnb-step-head").textContent).toContain("49 of 50 done, 1 failed");
    await shown.one(".vnb-link", "m.17").press();
    expect(rowOf(shown, "m.17").attributes.get("aria-selected")).toBe("true");
    expect(shown.one(".vnb-step-head").textContent).toMatch(
      /m.17 Note 17: the lamp.*Item: Note 17: the lamp went dark/,
    );
    await rowOf(shown, "m").one(".vnb-twist").press();
    expect(rowOf(shown, "m").attributes.get("aria-selected")).toBe("true");
  });

  it("of a thousand items is no more rows than one sees", async () => {
    const many = thousand();
    const shown = await page(<RunPanel store={new RunStore(many)} />);
    expect(shown.all("[role=treeitem]").length).toBe(2);
    await rowOf(shown, "m").one(".vnb-twist").press();
    const drawn = shown.all("[role=treeitem]");
    expect(drawn.length).toBeLessThan(60);
    expect(drawn[2]?.textContent).toContain("m.700");
    expect(rows(many, new Map([["m", false]])).length).toBe(1001);
  });

  it("with few items is not folded", () => {
    const few = thousand(MOST_ITEMS);
    expect(rows(few, new Map()).length).toBe(1 + MOST_ITEMS);
  });

  it.each(NAMES)("is told as in Python: %s", (name) => {
    const { view, figures } = load(name);
    const found = rows(decode("RunView", view)).filter((row) => row.step.step.kind === "map");
    expect(Object.fromEntries(found.map((row) => [row.step.step.id, tallied(row.parts)]))).toEqual(figures.items);
  });
});

function thousand(items = 1000): RunView {
  const steps: Record<string, Json> = { m: { step: { id: "m", instruction: "Each.", kind: "map" } } };
  for (let n = 1; n <= items; n += 1) {
    const step = { id: `m.${n}`, instruction: "Each.", item: `Item ${n}`, parent: "m" };
    steps[`m.${n}`] = { step, status: n === 700 ? "failed" : "finished" };
  }
  const view = decode("RunView", { run_id: "r", steps });
  expect([...view.steps.values()].filter(isNotable).length).toBe(items >= 700 ? 1 : 0);
  return view;
}
