/** A run that a kernel has: its events come in as they happen, and what is asked of it goes out. */

import { decodeEvent, readObject } from "../protocol/codec";
import type { Json } from "../protocol/types.gen";
import type { Answer, Command, Kernel } from "./commands";
import type { RunStore } from "./store";

/** A line to a kernel: JSON goes both ways, in order. */
export interface Channel {
  /** Whether the kernel hears while a cell runs. */
  readonly prompt: boolean;
  send(message: { [name: string]: Json }): void;
  /** Says what came, and once that the other end has gone; until the signal. */
  listen(heard: (message: unknown) => void, gone: () => void, signal: AbortSignal): void;
}

/** A page that says nothing for much longer than this is taken for closed; see SILENCE in vnb/notebook/channel.py. */
const SIGN_OF_LIFE = 30_000;

/** How often attempts under way are shown to have lasted longer. */
const TICK = 500;

/** Answers come in the order of the questions: one that was overtaken was dropped on its way, as a server does. */
const LOST: Answer = { ok: false, error: "The kernel's answer was lost on its way.", hint: "", value: null };

/** What everything is answered with that a kernel does not answer any more. */
export const GONE: Answer = { ok: false, error: "The kernel has gone.", hint: "%load_ext vnb", value: null };

/** What is asked in a line with the kernel; every question is answered, also when the line ends first. */
export class Line {
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private readonly ending = new AbortController();
  /** Some channels are shared by several lines, each of which hears the answers to all. */
  private readonly name = Math.random().toString(36).slice(2);
  private asked = 0;

  constructor(
    private readonly channel: Channel,
    heard: (message: Record<string, unknown>) => void,
    gone: () => void,
  ) {
    channel.listen(
      (data) => {
        const message = readObject(data, "message");
        if (message.type === "answer") this.answered(message);
        else heard(message);
      },
      () => {
        this.close();
        gone();
      },
      this.ending.signal,
    );
  }

  get open(): boolean {
    return !this.ending.signal.aborted;
  }

  ask(name: string, said: { [name: string]: Json } = {}): Promise<Answer> {
    if (!this.open) return Promise.resolve(GONE);
    this.asked += 1;
    const id = `${this.name}-${this.asked}`;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.channel.send({ ...said, id, name });
    });
  }

  /** Hears no more; what is still waited for is answered with that. */
  close(): void {
    this.ending.abort();
    for (const resolve of this.waiting.values()) resolve(GONE);
    this.waiting.clear();
  }

  private answered(message: Record<string, unknown>): void {
    const id = String(message.id);
    if (!this.waiting.has(id)) return; // another line's
    for (const [earlier, resolve] of this.waiting) {
      this.waiting.delete(earlier);
      if (earlier !== id) {
        resolve(LOST);
        continue;
      }
      resolve({
        ok: message.ok === true,
        error: String(message.error ?? ""),
        hint: String(message.hint ?? ""),
        value: (message.value ?? null) as Json,
      });
      return;
    }
  }
}

/** How a run stands; see `RunPanel.here` in vnb/notebook/run_panel.py. */
interface Standing {
  carried: boolean;
  seq: number;
}

/** Keeps a store up with a run, and takes its commands. */
export class LiveRun implements Kernel {
  readonly prompt: boolean;
  private readonly line: Line;
  private readonly clocks: ReturnType<typeof setInterval>[] = [];
  /** Seconds by which this page's clock is ahead of the kernel's. */
  private ahead = 0;
  private standing: Standing = { carried: true, seq: 0 };
  private catchingUp = false;

  /**
   * @param gone Called once, when the kernel has gone, or with what is wrong when it says what cannot be understood.
   */
  constructor(
    private readonly store: RunStore,
    channel: Channel,
    private readonly gone: (fault?: unknown) => void,
  ) {
    this.prompt = channel.prompt;
    this.line = new Line(
      channel,
      (message) => this.heard(message),
      () => this.end(),
    );
  }

  /** Whether the kernel has the run; from then on it is followed. */
  async follow(): Promise<boolean> {
    this.clocks.push(setInterval(() => void this.here(), SIGN_OF_LIFE));
    const from = this.store.view.seq;
    let answer = LOST;
    while (answer === LOST) answer = await this.line.ask("hello", { seq: from });
    const standing = answer.ok ? this.stands(answer.value) : null;
    // A run that is ahead of the kernel's is not the one that the kernel has.
    if (!this.line.open || !standing || standing.seq < from) {
      this.close();
      return false;
    }
    this.store.fetch = (digests) => void this.fetch(digests);
    this.clocks.push(setInterval(() => this.tick(), TICK));
    return true;
  }

  ask(command: Command): Promise<Answer> {
    const { name, ...said } = command;
    return this.line.ask(name, said as { [name: string]: Json });
  }

  /** The run in every form that a notebook keeps, by MIME type; null if there is none to be had. */
  async bundle(): Promise<Record<string, unknown> | null> {
    const { ok, value } = await this.line.ask("bundle");
    return ok ? readObject(value, "bundle") : null;
  }

  close(): void {
    this.line.close();
    for (const clock of this.clocks) clearInterval(clock);
    this.store.fetch = null;
  }

  private end(fault?: unknown): void {
    this.close();
    this.gone(fault);
  }

  private heard(message: Record<string, unknown>): void {
    if (message.type === "events") this.push(message.json);
  }

  /** Takes in a batch: a JSON list, as text. One that does not fit ends it: nothing would be right after it. */
  private push(json: unknown): void {
    try {
      const events: unknown[] = JSON.parse(String(json));
      const decoded = events.map(decodeEvent);
      const seq = decoded.at(-1)?.seq ?? 0;
      if (seq > this.standing.seq) this.standing = { carried: true, seq };
      this.store.push(decoded);
    } catch (fault) {
      this.end(fault);
      return;
    }
    this.look();
  }

  private async here(): Promise<void> {
    const { ok, value } = await this.line.ask("here");
    if (ok) this.stands(value);
  }

  /** Takes in how the run stands. */
  private stands(value: Json): Standing {
    const { carried, seq, now } = readObject(value, "standing");
    this.ahead = Date.now() / 1000 - Number(now);
    this.standing = { carried: carried === true, seq: Number(seq) };
    this.look();
    return this.standing;
  }

  /** Asks for what is missing. */
  private look(): void {
    const { carried, seq } = this.standing;
    if (this.store.view.seq < seq) void this.catchUp();
    else this.store.carried(carried);
  }

  /** Asks for what was lost on the way; what comes meanwhile waits in the answer. */
  private async catchUp(): Promise<void> {
    if (this.catchingUp) return;
    this.catchingUp = true;
    const after = this.store.view.seq;
    const { ok, value } = await this.line.ask("events_after", { seq: after });
    this.catchingUp = false;
    if (ok && value !== "[]") this.push(value);
  }

  private async fetch(digests: readonly string[]): Promise<void> {
    const { ok, value } = await this.line.ask("blobs", { digests: [...digests] });
    const found = ok ? readObject(value, "blobs") : {};
    this.store.keep(digests.map((digest) => [digest, found[digest]] as const));
  }

  /** The kernel's clock. */
  private tick(): void {
    if (this.store.view.status === "running") this.store.passed(Date.now() / 1000 - this.ahead);
  }
}
