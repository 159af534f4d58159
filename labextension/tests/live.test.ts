import { afterEach, describe, expect, it, vi } from "vitest";
import { type Channel, Line, LiveRun } from "../src/core/live";
import { RunStore } from "../src/core/store";
import type { Json } from "../src/protocol/types.gen";
import { encoded } from "./fixtures";

/** A kernel that says what it is told to say. */
class FakeKernel implements Channel {
  readonly prompt = true;
  readonly sent: { [name: string]: Json }[] = [];
  private heard: (message: unknown) => void = () => {};
  gone: () => void = () => {};
  closed = false;

  send(message: { [name: string]: Json }): void {
    this.sent.push(message);
  }

  listen(heard: (message: unknown) => void, gone: () => void, signal: AbortSignal): void {
    this.heard = heard;
    this.gone = gone;
    signal.addEventListener("abort", () => {
      this.closed = true;
    });
  }

  get last() {
    return this.sent.at(-1) as { [name: string]: Json };
  }

  async answer(value: Json, asked = this.last): Promise<void> {
    this.heard({ type: "answer", id: asked.id, ok: true, value });
    await Promise.resolve();
  }

  refuse(error: string, hint: string): void {
    this.heard({ type: "answer", id: this.last.id, ok: false, error, hint });
  }

  events(events: readonly Json[]): void {
    this.heard({ type: "events", json: JSON.stringify(events) });
  }
}

const events = encoded("article");

async function following(seq = 0) {
  const store = new RunStore();
  const kernel = new FakeKernel();
  const gone = vi.fn();
  const live = new LiveRun(store, kernel, gone);
  const follows = live.follow();
  await kernel.answer({ carried: true, seq: 0, now: Date.now() / 1000 });
  expect(await follows).toBe(true);
  if (seq) kernel.events(events.slice(0, seq));
  return { store, kernel, live, gone };
}

afterEach(() => vi.useRealTimers());

describe("a line", () => {
  it("gives each question its own answer, and knows one that was overtaken for lost", async () => {
    const kernel = new FakeKernel();
    const line = new Line(kernel, vi.fn(), vi.fn());
    const asked = ["one", "two", "three"].map((name) => line.ask(name));
    const [first, , third] = kernel.sent;
    await kernel.answer("1", first);
    await kernel.answer("3", third);
    const [one, two, three] = await Promise.all(asked);
    expect([one?.value, three?.value]).toEqual(["1", "3"]);
    expect(two).toMatchObject({ ok: false, error: expect.stringContaining("lost") });
  });

  it("is not confused by the answers to another line", async () => {
    const kernel = new FakeKernel();
    const line = new Line(kernel, vi.fn(), vi.fn());
    const asked = line.ask("bundle");
    await kernel.answer("mine", { id: "other-1" });
    await kernel.answer("yours");
    expect((await asked).value).toBe("yours");
  });

  it("answers everything when the kernel goes, also what is asked later", async () => {
    const kernel = new FakeKernel();
    const gone = vi.fn();
    const line = new Line(kernel, vi.fn(), gone);
    const asked = line.ask("bundle");
    kernel.gone();
    expect((await asked).ok).toBe(false);
    expect((await line.ask("bundle")).error).toContain("gone");
    expect(gone).toHaveBeenCalledOnce();
  });
});

describe("a live run", () => {
  it("says what it knows, and has what the kernel has", async () => {
    const { store, kernel } = await following();
    expect(kernel.sent[0]).toMatchObject({ name: "hello", seq: 0 });
    for (let from = 0; from < events.length; from += 7) kernel.events(events.slice(from, from + 7));
    const whole = new RunStore();
    kernel.events(events); // again: each counts once
    const other = new FakeKernel();
    new LiveRun(whole, other, vi.fn());
    other.events(events);
    expect(store.view).toEqual(whole.view);
  });

  it("asks once for what was lost, and goes on", async () => {
    const { store, kernel } = await following(10);
    kernel.events(events.slice(14, 20));
    kernel.events(events.slice(20, 24));
    expect(kernel.sent.filter(({ name }) => name === "events_after")).toEqual([expect.objectContaining({ seq: 10 })]);
    await kernel.answer(JSON.stringify(events.slice(10, 24)));
    expect(store.view.seq).toBe(24);
  });

  it("asks for texts that are missing, all at once and each once", async () => {
    const { store, kernel } = await following();
    expect(store.text("a")).toBeUndefined();
    expect(store.text("b")).toBeUndefined();
    store.text("a");
    await Promise.resolve();
    expect(kernel.last).toMatchObject({ name: "blobs", digests: ["a", "b"] });
    expect(store.awaits("b")).toBe(true);
    await kernel.answer({ a: "alpha" });
    await Promise.resolve();
    expect([store.text("a"), store.text("b"), store.awaits("b")]).toEqual(["alpha", undefined, false]);
  });

  it("hands commands on as they are, and refusals back", async () => {
    const { kernel, live } = await following();
    const asked = live.ask({ name: "rerun", steps: ["s1"], down: true });
    expect(kernel.last).toMatchObject({ name: "rerun", steps: ["s1"], down: true });
    kernel.refuse("s1 has not run yet.", "%vrun");
    expect(await asked).toEqual({ ok: false, error: "s1 has not run yet.", hint: "%vrun", value: null });
  });

  it("knows a run that nobody carries any more for interrupted", async () => {
    const store = new RunStore();
    const kernel = new FakeKernel();
    const follows = new LiveRun(store, kernel, vi.fn()).follow();
    kernel.events(events.slice(0, 12));
    await kernel.answer({ carried: false, seq: 12, now: 0 });
    expect(await follows).toBe(true);
    expect(store.view.status).toBe("interrupted");
    kernel.events(events.slice(12, 14)); // somebody has taken it up
    expect(store.view.status).toBe("running");
  });

  it("finds out by itself that the last message was lost, and who died", async () => {
    vi.useFakeTimers();
    const { store, kernel } = await following(10);
    const standing = { carried: false, seq: 14, now: Date.now() / 1000 };
    vi.advanceTimersByTime(30_000);
    await kernel.answer(
      standing,
      kernel.sent.find(({ name }) => name === "here"),
    );
    expect(kernel.last).toMatchObject({ name: "events_after", seq: 10 });
    expect(store.view.status).toBe("running");
    await kernel.answer(JSON.stringify(events.slice(10, 13)));
    expect(kernel.last).toMatchObject({ name: "events_after", seq: 13 });
    await kernel.answer(JSON.stringify(events.slice(13, 14)));
    expect([store.view.seq, store.view.status]).toEqual([14, "interrupted"]);
  });

  it("asks again when the answer to its greeting was lost", async () => {
    vi.useFakeTimers();
    const kernel = new FakeKernel();
    const follows = new LiveRun(new RunStore(), kernel, vi.fn()).follow();
    vi.advanceTimersByTime(30_000);
    await kernel.answer({ carried: true, seq: 0, now: 0 });
    expect(kernel.sent.map(({ name }) => name)).toEqual(["hello", "here", "hello"]);
    await kernel.answer({ carried: true, seq: 0, now: 0 });
    expect(await follows).toBe(true);
  });

  it.each([
    ["of another run", [{ ...(events[20] as object), seq: 1 }]],
    ["that it does not know", [{ ...(events[0] as object), type: "StepTaught" }]],
    ["that are none", ["{"]],
  ])("ends when it is told events %s", async (_, told) => {
    const { kernel, gone, live } = await following();
    kernel.events(told as Json[]);
    expect(gone).toHaveBeenCalledExactlyOnceWith(expect.any(Error));
    expect(kernel.closed).toBe(true);
    expect((await live.ask({ name: "stop" })).ok).toBe(false);
  });

  it("does not follow a run that is ahead of what the kernel has: it is another", async () => {
    const store = new RunStore();
    store.advance({ version: 1, view: { seq: 50, run_id: "x" } });
    const kernel = new FakeKernel();
    const follows = new LiveRun(store, kernel, vi.fn()).follow();
    await kernel.answer({ carried: false, seq: 49, now: 0 });
    expect(await follows).toBe(false);
    expect(kernel.closed).toBe(true);
  });

  it("knows how long it has been silent before this page came, whatever this page's clock says", async () => {
    vi.useFakeTimers({ now: 5_000_000 });
    const { store, kernel } = await following(12);
    const last = store.now;
    const { at } = events[11] as { at: number };
    vi.advanceTimersByTime(30_000);
    await kernel.answer({ carried: true, seq: 12, now: at + 600 });
    vi.advanceTimersByTime(500);
    expect(store.now - last).toBeCloseTo(600.5, 1);
  });

  it("stays a saved run where the kernel does not have it", async () => {
    const store = new RunStore();
    const kernel = new FakeKernel();
    const follows = new LiveRun(store, kernel, vi.fn()).follow();
    kernel.refuse("The store has no run x.", "");
    expect(await follows).toBe(false);
    expect(kernel.closed).toBe(true);
    expect(store.fetch).toBeNull();
  });

  it("lets time pass while it runs, says that it is there, and is silent after its end", async () => {
    vi.useFakeTimers({ now: (events[11] as { at: number }).at * 1000 });
    const { store, kernel, live, gone } = await following(12);
    const before = store.now;
    vi.advanceTimersByTime(31_000);
    expect(store.now).toBeGreaterThan(before + 25);
    expect(kernel.sent.filter(({ name }) => name === "here")).toHaveLength(1);
    kernel.gone();
    expect(gone).toHaveBeenCalledOnce();
    const { now } = store;
    vi.advanceTimersByTime(60_000);
    expect(store.now).toBe(now);
    expect((await live.ask({ name: "stop" })).ok).toBe(false);
  });
});

describe("a store", () => {
  it("goes on to a newer bundle only", () => {
    const store = new RunStore();
    store.advance({ version: 1, view: { seq: 5, run_id: "x" }, blobs: { d: "text" }, at: 3 });
    expect([store.view.seq, store.text("d"), store.now]).toEqual([5, "text", 3]);
    store.advance({ version: 1, view: { seq: 4, run_id: "x" } });
    expect(store.view.seq).toBe(5);
  });
});
