import { describe, expect, it, vi } from "vitest";
import { Catalogue } from "../src/core/catalogue";
import type { Answer } from "../src/core/commands";
import { magics, NOT_LOADED, type StoreKernel } from "../src/core/storeKernel";
import type { Json } from "../src/protocol/types.gen";

type Asked = { name: string; args: Record<string, Json>; answer: (answer: Answer) => void };

/** A kernel that answers when the test says so. */
class Kernel implements StoreKernel {
  asked: Asked[] = [];

  ask(name: string, args: Record<string, Json>): Promise<Answer> {
    return new Promise((answer) => this.asked.push({ name, args, answer }));
  }

  /** Answers what was asked for by that name first. */
  async answer(name: string, answer: Answer): Promise<void> {
    const at = this.asked.findIndex((one) => one.name === name);
    this.asked.splice(at, 1)[0]?.answer(answer);
    await new Promise((done) => setTimeout(done, 0));
  }

  async list(...runs: string[]): Promise<void> {
    await this.answer("runs", ok({ rows: runs.map((run_id) => ({ run_id, live: run_id === "live" })), more: false }));
    await this.answer("models", ok({ loaded: [], known: [], memory: 0, gpus: [] }));
  }
}

const ok = (value: Json): Answer => ({ ok: true, error: "", hint: "", value });
const no = (error: string): Answer => ({ ok: false, error, hint: "", value: null });
const ids = (catalogue: Catalogue) => catalogue.runs.rows.map((row) => row.run_id);

async function connected(...runs: string[]): Promise<[Catalogue, Kernel]> {
  const catalogue = new Catalogue(10);
  const kernel = new Kernel();
  void catalogue.connect(kernel);
  await kernel.list(...runs);
  return [catalogue, kernel];
}

describe("the catalogue", () => {
  it("lists the runs of a kernel, and nothing of it once there is another", async () => {
    const [catalogue, kernel] = await connected("a", "live");
    expect([catalogue.place, ids(catalogue), catalogue.live]).toEqual(["ready", ["a", "live"], true]);
    void catalogue.refresh();
    void catalogue.connect(null, "noKernel");
    await kernel.list("late");
    expect([catalogue.place, ids(catalogue), catalogue.models]).toEqual(["noKernel", [], null]);
  });

  it("takes the answer to the last question, in whatever order they come", async () => {
    const [catalogue, kernel] = await connected();
    void catalogue.look("ti");
    void catalogue.look("tides");
    expect(kernel.asked.filter((one) => one.name === "runs").map((one) => one.args.search)).toEqual(["ti", "tides"]);
    kernel.asked.reverse();
    await kernel.list("tides");
    await kernel.list("ti");
    expect(ids(catalogue)).toEqual(["tides"]);
  });

  it("tells a kernel without vnb from one that refuses", async () => {
    const [catalogue, kernel] = await connected("a");
    void catalogue.refresh();
    await kernel.answer("runs", no("The store is locked."));
    await kernel.answer("models", ok({ loaded: [], known: ["tiny"], memory: 0, gpus: [] }));
    expect([catalogue.place, ids(catalogue), catalogue.trouble?.error]).toEqual([
      "ready",
      ["a"],
      "The store is locked.",
    ]);
    expect(catalogue.models?.known).toEqual(["tiny"]);
    void catalogue.refresh();
    await kernel.list("b");
    expect(catalogue.trouble).toBeNull();
    void catalogue.refresh();
    await kernel.answer("runs", NOT_LOADED);
    await kernel.answer("models", NOT_LOADED);
    expect([catalogue.place, ids(catalogue), catalogue.trouble]).toEqual(["notLoaded", [], null]);
  });

  it("keeps a refusal while it lists anew, until something else is asked for", async () => {
    const [catalogue, kernel] = await connected("a");
    const deleted = catalogue.ask("delete", { run: "a" });
    await kernel.answer("delete", no("It has forks."));
    await kernel.list("a");
    expect((await deleted).ok).toBe(false);
    expect(catalogue.refused?.error).toBe("It has forks.");
    void catalogue.reload();
    await kernel.list("a");
    expect(catalogue.refused).toBeNull();
  });

  it("asks for more, and for a page again after a search", async () => {
    const [catalogue, kernel] = await connected("a");
    void catalogue.showMore();
    expect(kernel.asked[0]?.args.limit).toBe(20);
    await kernel.list("a");
    void catalogue.look("a");
    expect(kernel.asked[0]?.args).toEqual({ search: "a", limit: 10 });
  });

  it("says when the kernel lets one wait", async () => {
    vi.useFakeTimers();
    const catalogue = new Catalogue(10);
    const kernel = new Kernel();
    void catalogue.connect(kernel);
    vi.advanceTimersByTime(5000);
    expect(catalogue.late).toBe(true);
    vi.useRealTimers();
    await kernel.list("a");
    expect([catalogue.late, catalogue.place]).toEqual([false, "ready"]);
  });
});

describe("what can be typed", () => {
  it("is in quotes where it must be", () => {
    expect(magics.export("abc", "my run.html")).toBe('%vexport abc "my run.html"');
    expect(magics.model('/models/"q"')).toBe("%vmodel '/models/\"q\"'");
    expect(magics.unload("tiny")).toBe("%vmodel unload tiny");
  });
});
