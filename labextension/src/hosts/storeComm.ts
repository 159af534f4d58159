/** A kernel is asked about its store over a comm, which is opened when it is first needed. */

import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { Answer } from "../core/commands";
import { NOT_LOADED, type StoreKernel } from "../core/storeKernel";
import type { Json } from "../protocol/types.gen";

export class StoreComm implements StoreKernel {
  private comm: Promise<Kernel.IComm> | null = null;
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private asked = 0;
  private answered = false;

  constructor(private readonly kernel: Kernel.IKernelConnection) {}

  async ask(name: string, args: Record<string, Json>): Promise<Answer> {
    try {
      this.comm ??= this.opened();
      const comm = await this.comm;
      this.asked += 1;
      const id = String(this.asked);
      return await new Promise((resolve) => {
        this.waiting.set(id, resolve);
        comm.send({ ...args, id, name } as never);
      });
    } catch {
      this.drop(); // the connection is gone
      return NOT_LOADED;
    }
  }

  /** Whether vnb has answered here. */
  get open(): boolean {
    return this.comm !== null && this.answered;
  }

  /** Nothing will be answered any more: the kernel restarted, or it has no vnb. The next question opens a comm anew. */
  drop(): void {
    this.comm = null;
    this.answered = false;
    for (const resolve of this.waiting.values()) resolve(NOT_LOADED);
    this.waiting.clear();
  }

  private async opened(): Promise<Kernel.IComm> {
    await this.kernel.info;
    const comm = this.kernel.createComm("vnb");
    // On a thread of its own the kernel answers while a cell runs; its start must be waited for.
    if (this.kernel.supportsSubshells) await (comm as { subshellStarted?: Promise<void> }).subshellStarted;
    comm.onClose = () => this.drop();
    comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
      this.answered = true;
      const { id, ...answer } = message.content.data as unknown as Answer & { id: string };
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    };
    comm.open({});
    return comm;
  }
}
