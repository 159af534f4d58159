/** A kernel is asked about its store over a line that is opened when it is first needed. */

import type { Kernel } from "@jupyterlab/services";
import type { Answer } from "../core/commands";
import { Line } from "../core/live";
import { NOT_LOADED, type StoreKernel } from "../core/storeKernel";
import type { Json } from "../protocol/types.gen";
import { openComm, subshellOf } from "./comm";

export class StoreComm implements StoreKernel {
  private line: Promise<Line> | null = null;
  private answered = false;

  constructor(private readonly kernel: Kernel.IKernelConnection) {}

  /** Whether vnb has answered here. */
  get open(): boolean {
    return this.line !== null && this.answered;
  }

  async ask(name: string, args: Record<string, Json>): Promise<Answer> {
    this.line ??= this.opened();
    const line = await this.line.catch(() => null);
    const answer = await line?.ask(name, args);
    if (!answer || !line?.open) {
      this.drop(); // the connection is gone, or there is no vnb at its other end
      return NOT_LOADED;
    }
    this.answered = true;
    return answer;
  }

  /** The kernel restarted: it knows nothing of this line any more. The next question opens another. */
  drop(): void {
    void this.line?.then((line) => line.close()).catch(() => undefined);
    this.line = null;
    this.answered = false;
  }

  private async opened(): Promise<Line> {
    const subshell = await subshellOf(this.kernel, "store");
    const channel = openComm(this.kernel, subshell, {}, new AbortController().signal);
    return new Line(channel, nothing, nothing);
  }
}

function nothing(): void {
  // only questions are answered here
}
