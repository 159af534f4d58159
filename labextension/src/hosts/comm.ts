/** A line to a kernel in JupyterLab: a comm that the page opens, in a shell of the kernel that no cell holds up. */

import { type Kernel, KernelMessage } from "@jupyterlab/services";
import type { Channel } from "../core/live";
import type { Json } from "../protocol/types.gen";

/** The target that vnb/notebook/comm.py registers. */
const TARGET = "vnb";

const GONE: readonly Kernel.Status[] = ["restarting", "autorestarting", "terminating", "dead"];

/** Whether nobody is there to hear anything. */
export function isGone(kernel: Kernel.IKernelConnection): boolean {
  return kernel.isDisposed || GONE.includes(kernel.status);
}

/** How many lines this page has opened. */
let lines = 0;

type Content = Record<string, unknown>;

/** The shells of a kernel by what they are for, and those that are still asked for. */
class Subshells {
  private readonly known = new Map<string, Promise<string | null>>();
  private readonly coming = new Set<string>();

  constructor(private readonly kernel: Kernel.IKernelConnection) {
    kernel.statusChanged.connect((_, status) => {
      if (GONE.includes(status)) this.known.clear();
      // Without a connection an answer may be lost, and the question with it.
      else if (status === "unknown") for (const purpose of this.coming) this.known.delete(purpose);
    });
  }

  get(purpose: string): Promise<string | null> {
    const found = this.known.get(purpose) ?? this.open(purpose);
    this.known.set(purpose, found);
    return found;
  }

  private open(purpose: string): Promise<string | null> {
    this.coming.add(purpose);
    const found = openSubshell(this.kernel, purpose);
    const settle = () => this.coming.delete(purpose);
    found.then(settle, () => {
      settle();
      if (this.known.get(purpose) === found) this.known.delete(purpose);
    });
    return found;
  }
}

const subshells = new WeakMap<Kernel.IKernelConnection, Subshells>();

/**
 * A shell of the kernel that hears beside the cells; null if the kernel has none to give (ipykernel before 7).
 *
 * JupyterLab makes some for comms, but only once the kernel has told of itself, which a kernel does between cells: too
 * late for a page that was reloaded while a cell runs. So both is asked on the control channel, which is always heard.
 *
 * @param purpose What it is for: what takes long in one does not hold up another.
 * @throws If the kernel went meanwhile.
 */
export function subshellOf(kernel: Kernel.IKernelConnection, purpose: "runs" | "store"): Promise<string | null> {
  const known = subshells.get(kernel) ?? new Subshells(kernel);
  subshells.set(kernel, known);
  return known.get(purpose);
}

/** Each is a thread of the kernel with its sockets, which nobody ends: a page that is reloaded takes the one it had. */
async function openSubshell(kernel: Kernel.IKernelConnection, purpose: string): Promise<string | null> {
  await connected(kernel);
  const { supported_features: features } = await askControl(kernel, "kernel_info_request");
  if (!Array.isArray(features) || !features.includes("kernel subshells")) return null;
  const name = `vnb:${purpose}:${kernel.id}`;
  const before = sessionStorage.getItem(name);
  if (before !== null) {
    const { subshell_id: ids } = await askControl(kernel, "list_subshell_request");
    if (Array.isArray(ids) && ids.includes(before)) return before;
  }
  const { subshell_id: id } = await askControl(kernel, "create_subshell_request");
  if (typeof id !== "string") return null;
  sessionStorage.setItem(name, id);
  return id;
}

/** A question to a kernel that is not connected yet is refused, not kept. */
function connected(kernel: Kernel.IKernelConnection): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (kernel.connectionStatus !== "connected") return;
      kernel.connectionStatusChanged.disconnect(look);
      resolve();
    };
    kernel.connectionStatusChanged.connect(look);
    look();
  });
}

async function askControl(kernel: Kernel.IKernelConnection, msgType: string): Promise<Content> {
  const message = KernelMessage.createMessage({
    msgType: msgType as "kernel_info_request",
    channel: "control",
    session: kernel.clientId,
    username: kernel.username,
    content: {},
  } as unknown as KernelMessage.IOptions<KernelMessage.IDebugRequestMsg>);
  const reply = await kernel.sendControlMessage(message, true).done;
  return (reply?.content ?? {}) as unknown as Content;
}

/**
 * Opens a line about a run, or about the store without one.
 *
 * @param subshell See `subshellOf`.
 * @param about What the kernel is told of it.
 * @param signal Ends the line.
 * @returns The line; if vnb is not loaded there, it says at once that the other end has gone.
 */
export function openComm(
  kernel: Kernel.IKernelConnection,
  subshell: string | null,
  about: { [name: string]: Json },
  signal: AbortSignal,
): Channel {
  // Not by `createComm`: JupyterLab would make the kernel another shell for it, at every load of the page.
  lines += 1;
  const id = `vnb-${kernel.clientId}-${lines}`;
  const send = (msgType: "comm_open" | "comm_msg" | "comm_close", data: { [name: string]: Json }) => {
    if (isGone(kernel)) return;
    const content = { comm_id: id, data, ...(msgType === "comm_open" ? { target_name: TARGET } : {}) };
    const message = KernelMessage.createMessage({
      msgType,
      channel: "shell",
      session: kernel.clientId,
      username: kernel.username,
      content,
      ...(subshell === null ? {} : { subshellId: subshell }),
    } as unknown as KernelMessage.IOptions<KernelMessage.ICommMsgMsg<"shell">>);
    kernel.sendShellMessage(message, false, true);
  };
  return {
    prompt: subshell !== null,
    send: (message) => send("comm_msg", message),
    listen: (heard, gone, until) => {
      const lost = () => {
        if (GONE.includes(kernel.status)) gone();
      };
      const said = (_: unknown, message: KernelMessage.IIOPubMessage) => {
        if (KernelMessage.isCommMsgMsg(message) && message.content.comm_id === id) heard(message.content.data);
        else if (KernelMessage.isCommCloseMsg(message) && message.content.comm_id === id) gone();
      };
      let ended = false;
      const end = () => {
        if (ended) return;
        ended = true;
        kernel.iopubMessage.disconnect(said);
        kernel.statusChanged.disconnect(lost);
        kernel.disposed.disconnect(gone);
        send("comm_close", {});
      };
      kernel.iopubMessage.connect(said);
      kernel.statusChanged.connect(lost);
      kernel.disposed.connect(gone);
      for (const one of [until, signal]) one.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
      else send("comm_open", about);
    },
  };
}
