/** The MIME renderer: a run in a saved notebook, trusted or not, without a kernel. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import { render, type VNode } from "preact";
import type { Kernel } from "../core/commands";
import { NewerVersionError, RunStore } from "../core/store";
import { CodecError } from "../protocol/codec";
import { MIME } from "../protocol/types.gen";
import { Fallback } from "../ui/Fallback";
import { t } from "../ui/messages";
import { RunPanel } from "../ui/RunPanel";
import type { OtherRun } from "../ui/sides";
import { speakAs } from "./language";

/** Shows the run of a bundle as it was when the bundle was made. */
export class RunRenderer extends Widget implements IRenderMime.IRenderer {
  /** What is shown; null if the bundle cannot be read. */
  protected store: RunStore | null = null;
  /** Runs that it can be compared with. */
  protected others: readonly OtherRun[] = [];

  private readonly spoken: Promise<void>;

  constructor(options: IRenderMime.IRendererOptions) {
    super();
    this.spoken = speakAs(options.translator).catch(() => undefined); // then some of it is in English
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    await this.spoken;
    const html = model.data["text/html"];
    this.store = null;
    try {
      this.store = RunStore.of(model.data[MIME]);
      this.draw(null);
    } catch (error) {
      render(fallback(error, typeof html === "string" ? html : ""), this.node);
    }
  }

  override dispose(): void {
    if (!this.isDisposed) render(null, this.node);
    super.dispose();
  }

  /** Draws the run, with the kernel that has it, if there is one. */
  protected draw(kernel: Kernel | null): void {
    if (this.store && !this.isDisposed)
      render(<RunPanel store={this.store} kernel={kernel} others={this.others} />, this.node);
  }
}

function fallback(error: unknown, html: string): VNode {
  if (error instanceof NewerVersionError) return <Fallback why={t("newer")} html={html} />;
  if (error instanceof CodecError) return <Fallback why={t("unreadable", { why: error.message })} html={html} />;
  throw error;
}

const extension: IRenderMime.IExtension = {
  id: "vnb-labextension:renderer",
  description: "Shows vnb's runs.",
  rendererFactory: {
    safe: true, // all that comes from a notebook is shown as text
    mimeTypes: [MIME],
    createRenderer: (options) => new RunRenderer(options),
  },
  rank: 10, // before text/html (50), after live widgets (-10)
  dataType: "json",
};

export default extension;
