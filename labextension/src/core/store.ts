/** One run as the page holds it: its view, the texts that the view names, and who wants to know of changes. */

import { decode, type Event, readObject } from "../protocol/codec";
import { type RunView, VERSION } from "../protocol/types.gen";
import { Fold } from "./fold";

/** What a bundle left out for size; see `document` in vnb/views/bundle.py. */
export interface Kept {
  /** What is missing in the view: `alternatives`, `tokens`, `contexts`. */
  omitted: ReadonlySet<string>;
  /** Full length in characters of the texts that are not whole. */
  cut: Map<string, number>;
}

/** The bundle was written by a newer vnb. */
export class NewerVersionError extends Error {}

export class RunStore {
  private fold: Fold;
  private readonly listeners = new Set<() => void>();
  /** Texts that were asked for: whether they are still to come. */
  private readonly asked = new Map<string, boolean>();
  private wanted: string[] = [];
  /** The version at which each step last changed; under the empty name, that at which any of them may have. */
  private readonly touched = new Map<string, number>();
  /** Grows with every change; what was drawn for another number is old. */
  version = 0;
  /** Asks for texts that are not here; `keep` is called with what came of it. Null where nobody can be asked. */
  fetch: ((digests: readonly string[]) => void) | null = null;

  /**
   * @param now Seconds since the epoch, until which running attempts last.
   */
  constructor(
    view?: RunView,
    private readonly texts: Map<string, string> = new Map(),
    public kept: Kept = { omitted: new Set(), cut: new Map() },
    public now = 0,
  ) {
    this.fold = new Fold(view);
  }

  /**
   * The run of a bundle's JSON.
   *
   * @throws NewerVersionError if this vnb is too old for it.
   * @throws CodecError if it is not such JSON.
   */
  static of(data: unknown): RunStore {
    const found = readObject(data, "run");
    if (typeof found.version === "number" && found.version > VERSION) throw new NewerVersionError();
    const view = decode("RunView", found.view);
    view.steps = inOrder(view.steps, listOf(found.order));
    const texts = Object.entries(readObject(found.blobs ?? {}, "run.blobs"));
    const cut = Object.entries(readObject(found.cut ?? {}, "run.cut"));
    return new RunStore(
      view,
      new Map(texts.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
      {
        omitted: new Set(listOf(found.omitted)),
        cut: new Map(cut.filter((entry): entry is [string, number] => typeof entry[1] === "number")),
      },
      typeof found.at === "number" ? found.at : 0,
    );
  }

  /** Goes on to the run of another bundle's JSON, unless that is not newer. */
  advance(data: unknown): void {
    const newer = RunStore.of(data);
    if (newer.view.seq <= this.view.seq) return;
    this.fold = newer.fold;
    this.kept = newer.kept;
    for (const [digest, text] of newer.texts) this.texts.set(digest, text);
    this.now = newer.now;
    this.changedAll();
  }

  get view(): RunView {
    return this.fold.view;
  }

  /** The text behind a digest; undefined if it is not kept here. If a kernel has it, it is asked for, and comes later. */
  text(digest: string): string | undefined {
    const found = this.texts.get(digest);
    const whole = found !== undefined && !this.kept.cut.has(digest);
    if (!whole && digest && this.fetch && !this.asked.has(digest)) this.want(digest);
    return found;
  }

  /** Whether the text was asked for and is still to come. */
  awaits(digest: string): boolean {
    return this.asked.get(digest) === true;
  }

  private want(digest: string): void {
    this.asked.set(digest, true);
    this.wanted.push(digest);
    if (this.wanted.length > 1) return;
    queueMicrotask(() => {
      const digests = this.wanted;
      this.wanted = [];
      this.fetch?.(digests);
    });
  }

  /** Takes texts in that were asked for; those that there are not are known to be missing from then on. */
  keep(texts: Iterable<readonly [string, unknown]>): void {
    for (const [digest, text] of texts) {
      this.asked.set(digest, false);
      if (typeof text !== "string") continue;
      this.texts.set(digest, text);
      this.kept.cut.delete(digest);
    }
    this.changedAll();
  }

  /** Says whether anybody carries the run: if not, it is under way no longer, though its events do not say so. */
  carried(is: boolean): void {
    if (this.view.status !== (is ? "interrupted" : "running")) return;
    this.view.status = is ? "running" : "interrupted";
    this.changedAll();
  }

  /** Says that it is so late now; see `now`. */
  passed(now: number): void {
    this.now = Math.max(this.now, now);
    this.changed();
  }

  /**
   * Applies a batch of events in order: those that follow on what is here. Others were seen before, or come later.
   */
  push(events: readonly Event[]): void {
    for (const event of events) {
      if (event.seq <= this.view.seq) continue;
      if (event.seq > this.view.seq + 1) break;
      this.touched.set(this.fold.apply(event), this.version + 1);
      this.now = Math.max(this.now, event.at);
    }
    this.changed();
  }

  /** The version at which a step last changed, so that who has drawn it since need not draw it again. */
  versionOf(step: string): number {
    return Math.max(this.touched.get(step) ?? 0, this.touched.get("") ?? 0);
  }

  /** Calls `listener` after every change, until the signal. */
  subscribe(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
  }

  private changedAll(): void {
    this.touched.set("", this.version + 1);
    this.changed();
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}

function listOf(data: unknown): string[] {
  return Array.isArray(data) ? data.filter((item): item is string => typeof item === "string") : [];
}

/** The steps as they were announced: saved notebooks have their keys sorted. */
function inOrder<Value>(steps: Map<string, Value>, order: readonly string[]): Map<string, Value> {
  const listed = new Set([...order.filter((id) => steps.has(id)), ...steps.keys()]);
  return new Map([...listed].map((id) => [id, steps.get(id) as Value]));
}
