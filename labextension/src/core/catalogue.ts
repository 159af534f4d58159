/** What the side panel shows: the runs of the store and the models of one kernel, as they were last heard of. */

import type { Json } from "../protocol/types.gen";
import type { Answer } from "./commands";
import { type Models, NOT_LOADED, type Runs, type StoreKernel } from "./storeKernel";

/** Why there is nothing to show, or `ready`. */
export type Place = "noNotebook" | "noKernel" | "otherLanguage" | "notLoaded" | "asking" | "ready";

const NO_RUNS: Runs = { rows: [], more: false };

/** Milliseconds without an answer after which the kernel counts as busy. */
const LATE = 2000;

export class Catalogue {
  place: Place = "noNotebook";
  runs: Runs = NO_RUNS;
  models: Models | null = null;
  search = "";
  /** What was refused last, until the next thing is asked for. */
  refused: Answer | null = null;
  /** Why the runs or the models could not be listed just now. */
  trouble: Answer | null = null;
  /** Whether the kernel lets us wait for an answer. */
  late = false;
  version = 0;

  private kernel: StoreKernel | null = null;
  private limit: number;
  private turn = 0;
  private readonly listeners = new Set<() => void>();

  /** @param page How many runs are listed at first, and how many more at a time. */
  constructor(private page: number) {
    this.limit = page;
  }

  set pageSize(runs: number) {
    this.page = this.limit = runs;
    void this.refresh();
  }

  /** From now on asks this kernel; null if there is none, for the reason that `place` gives. */
  async connect(kernel: StoreKernel | null, place: Place = "asking"): Promise<void> {
    this.kernel = kernel;
    this.turn += 1;
    this.limit = this.page;
    this.late = false;
    Object.assign(this, { place, runs: NO_RUNS, models: null, refused: null, trouble: null });
    this.changed();
    await this.refresh();
  }

  /** Asks for the runs and the models anew. */
  async refresh(): Promise<void> {
    const { kernel } = this;
    if (!kernel) return;
    this.turn += 1;
    const { turn } = this;
    const late = setTimeout(() => this.say(turn, { late: true }), LATE);
    const [runs, models] = await Promise.all([
      kernel.ask("runs", { search: this.search, limit: this.limit }),
      kernel.ask("models", {}),
    ]);
    clearTimeout(late);
    const heard: Partial<Catalogue> = { place: "ready", late: false };
    if (runs === NOT_LOADED) Object.assign(heard, { place: "notLoaded", runs: NO_RUNS, models: null });
    else {
      heard.trouble = [runs, models].find((answer) => !answer.ok) ?? null;
      if (runs.ok) heard.runs = runs.value as unknown as Runs;
      if (models.ok) heard.models = models.value as unknown as Models;
    }
    this.say(turn, heard);
  }

  /** As `refresh`, for a user who wants to start anew: what was refused is forgotten. */
  async reload(): Promise<void> {
    this.refused = null;
    await this.refresh();
  }

  /** Lists the runs that have this in their id, task or model. */
  async look(search: string): Promise<void> {
    if (search === this.search) return;
    this.search = search;
    this.limit = this.page;
    await this.refresh();
  }

  async showMore(): Promise<void> {
    this.limit += this.page;
    await this.refresh();
  }

  /** Asks for something to be done, keeps a refusal to be shown, and lists anew. */
  async ask(name: string, args: Record<string, Json>): Promise<Answer> {
    this.refused = null;
    const answer = (await this.kernel?.ask(name, args)) ?? NOT_LOADED;
    if (!answer.ok && answer !== NOT_LOADED) this.refused = answer;
    this.changed();
    await this.refresh();
    return answer;
  }

  /** Whether a run of the list is being written now. */
  get live(): boolean {
    return this.runs.rows.some((row) => row.live);
  }

  /** Calls `listener` after every change, until the signal if there is one. */
  subscribe(listener: () => void, signal?: AbortSignal): void {
    this.listeners.add(listener);
    signal?.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
  }

  private say(turn: number, heard: Partial<Catalogue>): void {
    if (turn !== this.turn) return; // an answer to an older question
    Object.assign(this, heard);
    this.changed();
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
