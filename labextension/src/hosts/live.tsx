/** Runs in a notebook with a kernel: the saved run at once, the live one as soon as the kernel answers. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { LiveRun } from "../core/live";
import { RunStore } from "../core/store";
import { MIME } from "../protocol/types.gen";
import type { Availability } from "./availability";
import { othersOf } from "./others";
import { RunRenderer } from "./renderer";

/** Milliseconds that the cell gets to save the end of its own run. */
const PATIENCE = 1_000;

export class LiveRenderer extends RunRenderer {
  private readonly disposing = new AbortController();
  private model: IRenderMime.IMimeModel | null = null;
  private live: LiveRun | null = null;
  private following: AbortController | null = null;
  private saving: ReturnType<typeof setTimeout> | undefined;

  constructor(
    options: IRenderMime.IRendererOptions,
    private readonly availability: Availability,
  ) {
    super(options);
    availability.subscribe(() => void this.connect(), this.disposing.signal);
  }

  /** Draws what the notebook holds, unless what is followed is newer: it is ahead of what its cell shows. */
  override async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    if (this.following && this.store && documentOf(model).run_id === this.store.view.run_id) {
      if (seqOf(model) <= this.store.view.seq || this.advanced(model)) return;
    }
    this.disconnect();
    await super.renderModel(model);
    await this.connect();
  }

  /** Goes on to what the notebook holds; whether that can be read. */
  private advanced(model: IRenderMime.IMimeModel): boolean {
    try {
      this.store?.advance(documentOf(model));
      return true;
    } catch {
      return false;
    }
  }

  override dispose(): void {
    this.disconnect();
    this.disposing.abort();
    super.dispose();
  }

  private async connect(): Promise<void> {
    if (!this.store || !this.model?.trusted || this.following) return;
    const following = new AbortController();
    const channel = this.availability.open({ run: this.store.view.run_id }, following.signal);
    if (!channel) return;
    this.following = following;
    // What was left out of a notebook for size comes anew, with everything else.
    const store = this.store.kept.omitted.size > 0 ? new RunStore() : this.store;
    const live = new LiveRun(store, channel, (fault) => this.lost(fault));
    following.signal.addEventListener("abort", () => live.close(), { once: true });
    const follows = await live.follow();
    if (following.signal.aborted) return;
    if (!follows) return this.disconnect();
    this.live = live;
    store.subscribe(() => this.changed(store), following.signal);
    this.changed(store);
    this.draw(live);
    void this.list();
  }

  /** Asks which other runs there are, with which this one can be compared. */
  private async list(): Promise<void> {
    const { live } = this;
    const { store } = this.availability;
    if (!store) return;
    const others = await othersOf(store);
    if (!live || this.live !== live) return;
    this.others = others;
    this.draw(live);
  }

  /** The line has ended from the other side. */
  private async lost(fault: unknown): Promise<void> {
    const followed = this.live !== null;
    this.disconnect();
    if (fault !== undefined) {
      console.warn("vnb: the run is shown as it was saved, since its kernel says what does not fit", fault);
      if (this.model) await super.renderModel(this.model);
      return;
    }
    // A kernel that is still there has let go of a page that was asleep.
    if (followed) await this.connect();
    if (followed && !this.following) this.store?.carried(false);
  }

  /** Something has happened in the run that is followed. */
  private changed(store: RunStore): void {
    if (this.store && this.store !== store) {
      if (store.view.seq < this.store.view.seq) return; // it is still catching up
      this.store = store;
      this.draw(this.live);
    }
    if (store.view.status === "running" || !this.isOld()) return;
    void this.list();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => void this.save(), PATIENCE);
  }

  private isOld(): boolean {
    return this.model !== null && this.store !== null && seqOf(this.model) < this.store.view.seq;
  }

  /** Puts the run as it stands into the notebook, so that it is there when that is opened again. */
  private async save(): Promise<void> {
    if (!this.isOld() || this.store?.view.status === "running") return;
    const bundle = await this.live?.bundle();
    if (bundle && this.isOld() && !this.isDisposed) {
      this.model?.setData({ data: bundle as IRenderMime.IMimeModel["data"] });
    }
  }

  /** Goes back to what is known without a kernel. */
  private disconnect(): void {
    this.live = null;
    this.others = [];
    this.following?.abort();
    this.following = null;
    clearTimeout(this.saving);
    this.draw(null);
  }
}

function documentOf(model: IRenderMime.IMimeModel): Record<string, unknown> {
  return (model.data[MIME] ?? {}) as unknown as Record<string, unknown>;
}

function seqOf(model: IRenderMime.IMimeModel): number {
  const { seq } = documentOf(model);
  return typeof seq === "number" ? seq : 0;
}
