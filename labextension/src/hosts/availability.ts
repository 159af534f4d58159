/** Whether the kernel of a notebook answers to vnb: kernels come, go, restart, and load vnb when somebody types so. */

import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";
import { Line } from "../core/live";
import { openComm } from "./comm";

export class Availability {
  private readonly listeners = new Set<() => void>();
  private asking: AbortController | null = null;
  /** The kernel that answered; null while none has. */
  kernel: Kernel.IKernelConnection | null = null;

  constructor(private readonly context: ISessionContext) {
    context.kernelChanged.connect(() => this.forget());
    context.statusChanged.connect((_, status) => {
      if (status === "restarting" || status === "autorestarting" || status === "dead") this.forget();
      else if (status === "idle") void this.ask(); // a cell has ended, which may have loaded vnb
    });
  }

  /** Calls `listener` whenever a kernel has begun to answer, or has gone, until the signal. */
  subscribe(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
    void this.ask();
  }

  /** Asks the kernel, if that is worth it; what it answers is told to the listeners. */
  async ask(): Promise<void> {
    const kernel = this.context.session?.kernel;
    if (!kernel || this.kernel || this.asking || this.listeners.size === 0) return;
    const asking = new AbortController();
    this.asking = asking;
    const line = new Line(await openComm(kernel, {}, asking.signal), nothing, nothing);
    const { ok } = await line.ask("here");
    line.close();
    if (this.asking !== asking) return; // another kernel has come meanwhile
    this.asking = null;
    if (ok) this.tell(kernel);
  }

  private forget(): void {
    this.asking?.abort();
    this.asking = null;
    this.tell(null);
    void this.ask();
  }

  private tell(kernel: Kernel.IKernelConnection | null): void {
    if (kernel === this.kernel) return;
    this.kernel = kernel;
    for (const listener of [...this.listeners]) listener();
  }
}

function nothing(): void {
  // a question with one answer
}
