/** A line to a kernel in JupyterLab: a comm that the page opens, so that a cell that runs does not hold it up. */

import type { Kernel } from "@jupyterlab/services";
import type { Channel } from "../core/live";
import type { Json } from "../protocol/types.gen";

/** The target that vnb/notebook/comm.py registers. */
const TARGET = "vnb";

const GONE: readonly Kernel.Status[] = ["restarting", "autorestarting", "terminating", "dead"];

/** What JupyterLab's comms have besides their interface, from 4.4 on. */
interface Subshell {
  readonly commsOverSubshells?: string;
  readonly subshellStarted?: Promise<void>;
}

/**
 * Opens a line about a run, or about the store without one.
 *
 * @param about What the kernel is told of it.
 * @param signal Ends the line.
 * @returns The line; if vnb is not loaded there, it says at once that the other end has gone.
 */
export async function openComm(
  kernel: Kernel.IKernelConnection,
  about: { [name: string]: Json },
  signal: AbortSignal,
): Promise<Channel> {
  await kernel.info;
  const comm = kernel.createComm(TARGET);
  const { commsOverSubshells, subshellStarted } = comm as Subshell;
  const prompt =
    kernel.supportsSubshells === true && commsOverSubshells !== "disabled" && subshellStarted !== undefined;
  if (prompt) await subshellStarted; // what is sent before that waits for the cell
  return {
    prompt,
    send: (message) => {
      if (!comm.isDisposed) comm.send(message);
    },
    listen: (heard, gone, until) => {
      const lost = () => {
        if (GONE.includes(kernel.status)) gone();
      };
      const end = () => {
        kernel.statusChanged.disconnect(lost);
        kernel.disposed.disconnect(gone);
        if (!comm.isDisposed) comm.close();
      };
      comm.onMsg = (message) => heard(message.content.data);
      comm.onClose = gone;
      kernel.statusChanged.connect(lost);
      kernel.disposed.connect(gone);
      for (const one of [until, signal]) one.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
      else comm.open(about);
    },
  };
}
