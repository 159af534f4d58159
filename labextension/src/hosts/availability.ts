/** Whether the kernel of a notebook answers to vnb: kernels come, go, restart, and load vnb when somebody types so. */

import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";
import { type Channel, Line } from "../core/live";
import type { StoreKernel } from "../core/storeKernel";
import type { Json } from "../protocol/types.gen";
import { isGone, openComm, subshellOf } from "./comm";
import { StoreComm } from "./storeComm";

/** A kernel that has vnb loaded, and its shell for what is asked of vnb. */
interface Found {
  kernel: Kernel.IKernelConnection;
  subshell: string | null;
  store: StoreKernel;
}

export class Availability {
  private readonly listeners = new Set<() => void>();
  private asking: AbortController | null = null;
  private found: Found | null = null;

  constructor(private readonly context: ISessionContext) {
    context.kernelChanged.connect(() => {
      this.forget();
      void this.ask();
    });
    context.statusChanged.connect((_, status) => {
      if (status === "restarting" || status === "autorestarting" || status === "dead") this.forget();
      else if (status === "unknown")
        this.drop(); // the connection is lost, and with it what was asked
      else if (status === "idle") void this.ask(); // a cell has ended, which may have loaded vnb
    });
  }

  /** Whether there is a kernel that answers. */
  get answers(): boolean {
    return this.found !== null;
  }

  /** Who answers for the store; null if nobody does. */
  get store(): StoreKernel | null {
    return this.found && this.found.store;
  }

  /** Calls `listener` whenever a kernel has begun to answer, or has gone, until the signal. */
  subscribe(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
    void this.ask();
  }

  /** A line to the kernel, until the signal; null if none answers. See `openComm`. */
  open(about: { [name: string]: Json }, signal: AbortSignal): Channel | null {
    if (!this.found || isGone(this.found.kernel)) return null;
    return openComm(this.found.kernel, this.found.subshell, about, signal);
  }

  /** Asks the kernel, if that is worth it; what it answers is told to the listeners. */
  private async ask(): Promise<void> {
    const kernel = this.context.session?.kernel;
    if (!kernel || this.found || this.asking || this.listeners.size === 0) return;
    const asking = new AbortController();
    this.asking = asking;
    const subshell = await subshellOf(kernel, "runs").catch(() => undefined);
    if (asking.signal.aborted) return; // another kernel has come meanwhile
    if (subshell === undefined) {
      this.asking = null; // it was lost on the way; there will be another occasion
      return;
    }
    const line = new Line(openComm(kernel, subshell, {}, asking.signal), nothing, nothing);
    const { ok } = await line.ask("here");
    line.close();
    if (asking.signal.aborted) return;
    this.asking = null;
    if (ok) this.tell({ kernel, subshell, store: new StoreComm(kernel) });
  }

  private forget(): void {
    this.drop();
    if (this.found) this.tell(null);
  }

  private drop(): void {
    this.asking?.abort();
    this.asking = null;
  }

  private tell(found: Found | null): void {
    this.found = found;
    for (const listener of [...this.listeners]) listener();
  }
}

function nothing(): void {
  // a question with one answer
}
