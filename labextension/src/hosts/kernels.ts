/** Which kernel the side panel speaks to: that of the notebook in front, as it comes, restarts and goes. */

import type { Cell } from "@jupyterlab/cells";
import { type INotebookTracker, type Notebook, NotebookActions } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import type { Catalogue } from "../core/catalogue";
import { StoreComm } from "./storeComm";

/** Code after which there may be other runs or models, and that shows that vnb is or will be loaded. */
const OURS = /^\s*%%?v(?:task|plan|run|rerun|fork|model|open|runs)\b|load_ext\s+vnb\b|\bvnb\.\w/m;
const GONE: readonly Kernel.Status[] = ["restarting", "autorestarting", "dead", "terminating"];
/** Milliseconds after a cell began, when its run is in the store. */
const BEGUN = 1000;
/** Milliseconds between two looks while a run goes on, or one of our cells waits for its turn or runs. */
const LIVE = 2000;
/** The same while only the status bar says that it does. */
const UNSEEN = 5000;

/**
 * Keeps the catalogue with the kernel of the notebook in front. A kernel is only spoken to while somebody looks, or once
 * a cell showed that it has vnb: to others, a comm of ours would be an error in their log.
 */
export class KernelWatch {
  private readonly comms = new WeakMap<Kernel.IKernelConnection, StoreComm>();
  private kernel: Kernel.IKernelConnection | null = null;
  private spoken = false;
  private gone = false;
  private lost = false;
  /** Our cells that were sent to the kernel and are not done. */
  private readonly sent = new Set<Cell>();
  private leave = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param visible Whether somebody looks. */
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly catalogue: Catalogue,
    private readonly visible: () => boolean,
  ) {
    tracker.currentChanged.connect(() => this.attend());
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      if (!this.isOurs(notebook, cell)) return;
      this.sent.add(cell);
      if (this.spoken) this.later(BEGUN);
    });
    NotebookActions.executed.connect((_, { notebook, cell }) => {
      this.sent.delete(cell);
      if (this.isOurs(notebook, cell)) void this.ask();
    });
    catalogue.subscribe(() => {
      if (!catalogue.late && (catalogue.live || this.sent.size > 0)) this.later(this.visible() ? LIVE : UNSEEN);
    });
    this.attend();
  }

  /** Lists anew, and opens the way to the kernel if that was not done. */
  async ask(): Promise<void> {
    if (this.spoken) await this.catalogue.refresh();
    else if (this.kernel) await this.speak(this.kernel, true);
  }

  private isOurs(notebook: Notebook, cell: Cell): boolean {
    return notebook === this.tracker.currentWidget?.content && OURS.test(cell.model.sharedModel.getSource());
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.catalogue.refresh(), milliseconds);
  }

  /** Listens to the session of the notebook in front, and to no other. */
  private attend(): void {
    this.leave.abort();
    this.leave = new AbortController();
    const context = this.tracker.currentWidget?.sessionContext;
    const changed = () => this.meet();
    const status = (_: unknown, status: Kernel.Status) => this.hear(status);
    context?.kernelChanged.connect(changed);
    context?.statusChanged.connect(status);
    this.leave.signal.addEventListener("abort", () => {
      context?.kernelChanged.disconnect(changed);
      context?.statusChanged.disconnect(status);
    });
    this.meet();
  }

  /** A kernel that restarts forgets its comms, and vnb with them; a connection that is lost, what was asked over it. */
  private hear(status: Kernel.Status): void {
    const comm = this.kernel && this.comms.get(this.kernel);
    if (GONE.includes(status)) {
      this.gone = true;
      comm?.drop();
      if (status === "dead") void this.catalogue.connect(null, "noKernel");
    } else if (status === "unknown") {
      this.lost = true;
      comm?.drop();
    } else if (status === "idle") {
      if (this.gone || (this.lost && !this.spoken)) this.meet();
      else if (this.lost) void this.catalogue.refresh();
      this.gone = this.lost = false;
    }
  }

  private meet(): void {
    const panel = this.tracker.currentWidget;
    this.kernel = panel?.sessionContext.session?.kernel ?? null;
    this.spoken = false;
    this.sent.clear();
    if (this.kernel) void this.speak(this.kernel, false);
    else void this.catalogue.connect(null, panel ? "noKernel" : "noNotebook");
  }

  private async speak(kernel: Kernel.IKernelConnection, wanted: boolean): Promise<void> {
    if (this.catalogue.place !== "asking") await this.catalogue.connect(null, "asking");
    const info = await kernel.info.catch(() => null);
    if (kernel !== this.kernel || this.spoken) return;
    if (info && info.language_info.name !== "python") return this.catalogue.connect(null, "otherLanguage");
    const comm = this.comms.get(kernel) ?? new StoreComm(kernel);
    this.comms.set(kernel, comm);
    if (!wanted && !this.visible() && !comm.open) return;
    this.spoken = true;
    await this.catalogue.connect(comm);
  }
}
